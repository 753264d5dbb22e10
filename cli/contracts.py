"""Which contract a command is about: the one that is named, or the only one there is."""

from __future__ import annotations

from collections.abc import Sequence

from cli.common import resolve_id
from ledger.errors import NotFound
from ledger.log.reader import LogReader
from ledger.rules.records import Framework
from ledger.rules.refusal import short_id
from ledger.units import StatementId


def choose_contract(
    reader: LogReader, among: Sequence[Framework], which: str | None, how: str
) -> StatementId:
    """One of some contracts, by its id or the beginning of it; `how` says how one is named. Raises `NotFound`."""
    if which is None and len(among) == 1:
        return among[0].id
    listed = ", ".join(f"{one.reference} ({short_id(one.id)})" for one in among)
    if which is None:
        raise NotFound(
            f"there are {len(among)} contracts, and this is about one"
            if among
            else "there is no contract yet",
            expected=f"{how} with one of {listed}" if among else "a log with a contract",
        )
    wanted = resolve_id(reader, which)
    if wanted not in {one.id for one in among}:
        raise NotFound(
            f"{short_id(wanted)} is not a contract that was there",
            expected=f"one of {listed}" if among else "a log with a contract",
        )
    return wanted
