"""What a log orders erased: entries whose contents are destroyed, or still there until a purge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ledger.errors import LogInconsistent
from ledger.events.opened import reopen
from ledger.log.erased import ErasedEntry, orders
from ledger.log.reader import LogReader
from ledger.log.recover import RUN_FSCK
from ledger.rules.records import Erasure, Kind
from ledger.rules.state import View, each
from ledger.units import LeafIndex, StatementId


class Ordered(NamedTuple):
    """An entry and the first entry that orders its contents destroyed."""

    index: LeafIndex  # type: ignore[assignment]  # tuple.index is not used on these
    order: LeafIndex


def ordered(reader: LogReader, view: View, contracts: Iterable[StatementId]) -> Iterator[Ordered]:
    """Every entry that a state of the log has as ordered erased. Raises `LogInconsistent` where nothing orders it."""
    for contract in ["", *contracts]:
        for erasure in each(view, contract, Kind.ERASURE, Erasure):
            if erasure.contents:
                yield Ordered(_index(reader, erasure.target), _order(reader, erasure))


def waiting(reader: LogReader, view: View, contracts: Iterable[StatementId]) -> list[ErasedEntry]:
    """Those of them whose contents are still there, in the order of the log."""
    rows = [
        (reader.row(one.index), reader.row(one.order)) for one in sorted(ordered(reader, view, contracts))
    ]
    return [ErasedEntry.of(row, order) for row, order in rows if row.erased_by is None]


def _order(reader: LogReader, erasure: Erasure) -> LeafIndex:
    for statement in erasure.statements:
        index = _index(reader, statement)
        if orders(reopen(reader.statement(index)).event, erasure.target):
            return index
    raise LogInconsistent(
        f"the state says that {erasure.target} is erased",
        expected="an erasure.recorded with contents",
        hint="run `tally audit`",
    )


def _index(reader: LogReader, statement: StatementId) -> LeafIndex:
    index = reader.store.index_of(statement)
    if index is None:
        raise LogInconsistent(f"the state names {statement}, which is not registered", hint=RUN_FSCK)
    return index
