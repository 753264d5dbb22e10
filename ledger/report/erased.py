"""What was erased by order of that which a report rests on."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.log.erased import ErasedEntry
from ledger.report.model import ErasedRow
from ledger.rules.situation import Situation


def erased_rows(
    at: Situation, gone: Iterable[ErasedEntry], waiting: Iterable[ErasedEntry]
) -> tuple[ErasedRow, ...]:
    """In the order of the log: entries under the contract, and under none, for parties and specifications are there.

    `gone` can be read no more, `waiting` can until a purge.
    """
    rows = [(one, True) for one in gone] + [(one, False) for one in waiting]
    return tuple(
        ErasedRow(
            entry=one.index,
            statement=one.statement,
            type=one.type,
            order=one.order,
            by=at.who(one.by),
            ground=one.ground,
            gone=destroyed,
        )
        for one, destroyed in sorted(rows)
        if (known := at.view.known(one.statement)) and known.contract in ("", at.framework.id)
    )
