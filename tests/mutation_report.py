"""Read what `make mutation` left in mutants/: per module how many mutants fell, and by what, and each one that lived.

A mutant that differs from the code in nothing but the letters of a message is counted as words: what refusals and
findings say is kept as a whole, in docs/messages.md.
"""

import ast
import json
import sys
import textwrap
from collections import Counter
from dataclasses import dataclass
from difflib import ndiff
from pathlib import Path

MUTANTS = Path(__file__).parents[1] / "mutants"
COLUMNS = ("mutants", "types", "tests", "timeout", "words", "lived", "open")
VERDICTS = {
    37: "types",
    1: "tests",
    3: "tests",
    36: "timeout",
    24: "timeout",
    -24: "timeout",
    34: "open",
    None: "open",
}
"""By the exit code that mutmut keeps of a mutant. 0 is success: it lived; 5 and 33, that no test runs it."""


@dataclass(frozen=True)
class Mutant:
    """One mutant: its name, and the text of its function before and after."""

    name: str
    before: str
    after: str

    @property
    def is_words(self) -> bool:
        """Whether it differs in the letters of a phrase alone."""
        before, after = (ast.parse(textwrap.dedent(text)) for text in (self.before, self.after))
        phrases = _phrases(before), _phrases(after)
        return len(phrases[0]) == len(phrases[1]) != 0 and ast.dump(before) == ast.dump(after)

    @property
    def lines(self) -> str:
        """The lines that differ."""
        return "\n".join(
            line.rstrip()
            for line in ndiff(self.before.splitlines(), self.after.splitlines())
            if line[0] in "-+"
        )


def _phrases(tree: ast.AST) -> list[str]:
    """The strings of more than one word, each of them blanked in the tree."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            found.append(node.value)
            node.value = ""
    return found


def mutant(source: Path, name: str) -> Mutant:
    lines = source.read_text().splitlines()
    spans = json.loads(Path(f"{source}.spans").read_text())["spans"]
    function = name.rpartition(".")[2]
    original = function.rpartition("__mutmut_")[0] + "__mutmut_orig"
    before, after = ("\n".join(lines[spans[one][0] - 1 : spans[one][1]]) for one in (original, function))
    return Mutant(name, before.replace(original, "it"), after.replace(function, "it"))


def report(wanted: str) -> None:
    """Print the table, and the survivors of the modules whose path contains `wanted`."""
    total: Counter[str] = Counter()
    survivors: list[Mutant] = []
    print(f"{'module':36}", *(f"{column:>8}" for column in COLUMNS))
    for meta in sorted(MUTANTS.glob("ledger/**/*.py.meta")):
        source, counts = meta.with_suffix(""), Counter[str]()
        for name, code in json.loads(meta.read_text())["exit_code_by_key"].items():
            verdict = VERDICTS.get(code, "lived")
            if verdict == "lived":
                one = mutant(source, name)
                verdict = "words" if one.is_words else "lived"
                if verdict == "lived" and wanted in str(source):
                    survivors.append(one)
            counts.update(("mutants", verdict))
        total += counts
        print(f"{source.relative_to(MUTANTS)!s:36}", *(f"{counts[column]:8}" for column in COLUMNS))
    print(f"{'':36}", *(f"{total[column]:8}" for column in COLUMNS))
    for one in survivors:
        print(f"\n{one.name}\n{one.lines}")


if __name__ == "__main__":
    report(sys.argv[1] if len(sys.argv) > 1 else "")
