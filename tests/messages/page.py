"""docs/messages.md, made by refusing and finding everything once. `make vectors` writes it."""

from __future__ import annotations

import re
from pathlib import Path

from ledger.rules.catalogue import Odd, Rule
from tests.messages import findings, refusals

PAGE = Path(__file__).parents[2] / "docs" / "messages.md"

_HEAD = """# What the log refuses, and what it finds

Every rule by its number, with one example as a person sees it. The page is made by a program that breaks each rule
once; what exactly is compared with what is in [specs/rules.md](../specs/rules.md).

## Refusals

A refused statement is not in the log, and nothing has changed. One that may come again (*retriable*) waits for
something that is not registered yet: submit that first, or both together.
"""
_FOUND = """
## Findings

A finding is about statements that are in the log: it names them, the figures, and what would close it. Findings are
read off the statements, so anybody with the same statements finds the same; they open and close as the log grows.
"""


def render() -> str:
    """The whole page."""
    parts = [_HEAD, *map(_refusal, Rule), _FOUND, *map(_finding, Odd)]
    return "".join(parts)


def _refusal(rule: Rule) -> str:
    refused = refusals.refusal(rule)
    retriable = " Retriable." if refused.retriable else ""
    lines = _text(refusals.ACTS[rule].__doc__, _shortened(refused.diagnostics()))
    return f"\n### {rule.label}\n\n{_sentence(rule.says)}{retriable}\n\n{lines}"


def _finding(odd: Odd) -> str:
    found = findings.finding(odd)
    shown = "\n".join(
        [
            f"{odd.severity.upper()} {odd.label}: {found.message}",
            *([", ".join(f"{name} {figure}" for name, figure in found.figures)] if found.figures else []),
            "shown by " + ", ".join(found.statements[:4]),
            f"to close: {found.closes}",
        ]
    )
    lines = _text(findings.ACTS[odd].__doc__, _shortened(shown))
    return f"\n### {odd.label}\n\n{_sentence(odd.says)} Severity: {odd.severity}.\n\n{lines}"


def _text(told: str | None, shown: str) -> str:
    assert told, "every act says what is done"
    return f"{told.strip()}\n\n```text\n{shown}\n```\n"


def _shortened(shown: str) -> str:
    """Ids as far as a person reads them."""
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1…", shown)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


if __name__ == "__main__":
    PAGE.write_text(render())
