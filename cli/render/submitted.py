"""What became of submitted statements: a table of those that are in, the reason for each that is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import typer

from cli.output import errors, print_json, table
from ledger.errors import TallyError, error_as_json, status_of
from ledger.units import LeafIndex, StatementId


@dataclass(frozen=True, slots=True)
class Submitted:
    """A statement that is in the log: its place, one more word of it for a person, and the same for a machine."""

    id: StatementId
    index: LeafIndex
    said: str
    told: Mapping[str, Any]


def report_submitted(
    names: Sequence[str], outcomes: Sequence[Submitted | TallyError], *, as_json: bool, what: str = "file"
) -> None:
    """Tell what became of each; the exit status is the worst one's. `what` the names are of."""
    told = list(zip(names, outcomes, strict=True))
    refused = [(name, outcome) for name, outcome in told if isinstance(outcome, TallyError)]
    if as_json:
        print_json([_as_json(what, name, outcome) for name, outcome in told])
    else:
        rows = [
            [name, str(outcome.index), outcome.id[:12], outcome.said]
            for name, outcome in told
            if isinstance(outcome, Submitted)
        ]
        if rows:
            table("", [what, "index", "id", "outcome"], rows, numbers=[1])
        for error, of in _by_error(refused):
            errors().print(f"{of}\n{error.diagnostics()}\n", markup=False, soft_wrap=True)
    if refused:
        raise typer.Exit(max(status_of(error).exit for _, error in refused))


def _as_json(what: str, name: str, outcome: Submitted | TallyError) -> dict[str, Any]:
    if isinstance(outcome, Submitted):
        return {what: name, "id": outcome.id, "index": outcome.index, **outcome.told}
    return {what: name, "error": error_as_json(outcome)}


def _by_error(refused: Sequence[tuple[str, TallyError]]) -> Iterator[tuple[TallyError, str]]:
    """Each error once, with whose it is: what ends a submission early is the outcome of all that were left."""
    names: dict[TallyError, list[str]] = {}
    for name, error in refused:
        names.setdefault(error, []).append(name)
    for error, those in names.items():
        yield error, those[0] if len(those) == 1 else f"{those[0]} and {len(those) - 1} more"
