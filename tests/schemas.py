"""Write specs/schemas: one JSON Schema for each event type, made from the models, and the index of them all.

The examples and who signs come from specs/events.md, the rules that may refuse a type from the code that refuses.
"""

import json
from pathlib import Path

from ledger.events.catalogue import EVENTS
from ledger.events.schemas import schemas
from ledger.rules.catalogue import Rule
from tests.support.examples import EXAMPLES, PAGE
from tests.support.refusals import refusals, refusals_of_all

FOLDER = Path(__file__).parents[1] / "specs" / "schemas"


def build() -> dict[str, bytes]:
    """Every file of specs/schemas: its name -> its bytes."""
    files = {"README.md": index().encode()}
    for name, schema in schemas():
        document = schema | {"examples": [EXAMPLES[name]]}
        files[f"{name}.json"] = (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
    return files


def index() -> str:
    signed_by = {
        cells[1].strip(" `"): cells[3].strip()
        for cells in (line.split("|") for line in PAGE.splitlines())
        if len(cells) == 8 and cells[1].strip(" `") in EVENTS
    }
    rows = [
        f"| [`{name}`]({name}.json) | {model.nature.value} | {signed_by[name]} | {model.subject.value} | "
        f"{references(name)} | {numbers(refusals(name))} |"
        for name, model in EVENTS.items()
    ]
    return INTRODUCTION.format(common=numbers(refusals_of_all())) + "\n".join(rows) + "\n"


INTRODUCTION = """\
# Schemas of the events, version 1

One JSON Schema (2020-12) for each type. What the members mean is in each schema's descriptions and in
[events.md](../events.md), which also says what no schema can; what a rule says is in [rules.md](../rules.md).

A role of `refs` in parentheses may be left out. \\* marks what another may sign for the party, under a delegation.
*Refused by* names the rules that may refuse a statement of the type, besides {common}, which hold for all.

These files are generated (`make vectors`).

| type | nature | signed by | `sub` | `refs` | refused by |
|---|---|---|---|---|---|
"""


def references(name: str) -> str:
    fields = EVENTS[name].model_fields["refs"].annotation.model_fields
    roles = [f"`{role}`" if field.is_required() else f"(`{role}`)" for role, field in fields.items()]
    return ", ".join(roles) or "none"


def numbers(rules: set[Rule]) -> str:
    return " ".join(sorted(rule.label.split()[0] for rule in rules)) or "none"


def main() -> None:
    files = build()
    FOLDER.mkdir(exist_ok=True)
    for stale in FOLDER.iterdir():
        if stale.name not in files:
            stale.unlink()
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)


if __name__ == "__main__":
    main()
