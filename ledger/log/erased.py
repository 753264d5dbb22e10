"""Entries whose contents were destroyed by order: what is left of them, and by whose order.

The digest, the chain, every tile and every checkpoint stay as they were, so everything proved stays proved. What the
entry did is the log's word from then on: nothing binds a remnant to the digest. That it was ordered is not: the order
is a statement of this log, with its bytes there, that names this very entry.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final, NamedTuple, Self

from ledger.errors import ContentsErased, LogInconsistent, Malformed
from ledger.events.amends import ErasureRecorded
from ledger.events.catalogue import read_event
from ledger.events.opened import Opened
from ledger.events.remnant import open_remnant
from ledger.log.store.protocol import Reader, Row
from ledger.statement.envelope import read_statement
from ledger.units import LeafIndex, PartyId, StatementId

_RESTORE: Final = "restore this log from a backup. See docs/operations.md"


class ErasedEntry(NamedTuple):
    """An entry whose contents are erased by order."""

    index: LeafIndex  # type: ignore[assignment]  # tuple.index is not used on these
    statement: StatementId
    type: str
    order: StatementId
    """The `erasure.recorded` that orders it."""
    by: PartyId
    """Who signed the order."""
    ground: str
    """Why, in the order's words."""

    @classmethod
    def of(cls, row: Row, order: Row) -> Self:
        """An entry and the one that orders it erased, whole."""
        said = read_statement(order.statement)
        ground = said.payload["body"]["ground"]
        return cls(row.index, _id(row), row.type, _id(order), said.iss, ground)


def erased_entry(store: Reader, row: Row) -> ErasedEntry:
    """Name an erased entry and its order. Raises `LogInconsistent` where the order is not there."""
    return ErasedEntry.of(row, _order(store, row))


def open_erased(store: Reader, row: Row) -> Opened:
    """Read what is left of an erased entry. Raises `LogInconsistent` where it was not ordered, or is no remnant."""
    order = _order(store, row)
    try:
        event = read_event(read_statement(order.statement).payload)
        if not orders(event, _id(row)):
            raise _bad(row, "is erased by no order of its own", f"entry {order.index} to order it")
        return open_remnant(row.statement, row.entry)
    except Malformed as error:
        raise _bad(row, "is erased, and what is left of it is damaged", str(error)) from error


def orders(event: object, target: StatementId) -> bool:
    """Whether an event orders that a statement's contents are destroyed."""
    return isinstance(event, ErasureRecorded) and event.body.contents and event.refs.target == target


def contents_erased(store: Reader, row: Row) -> ContentsErased:
    """What whoever asks for the statement of an erased entry is told."""
    order = _id(_order(store, row))
    return ContentsErased(
        f"the contents of entry {row.index} ({row.type}) were erased by order of {order}",
        expected="its digest and its proofs alone",
        hint="a bundle or a copy of the statement made before still verifies: ask who holds one",
    )


def _order(store: Reader, row: Row) -> Row:
    """The entry that orders it, whole: an order is never erased itself (R08)."""
    assert row.erased_by is not None, "of an erased entry"
    order = store.row(row.erased_by)
    if order is None or order.erased_by is not None or sha256(order.statement).digest() != order.entry:
        raise _bad(row, "is erased by an order that is not there", f"entry {row.erased_by}, as registered")
    return order


def _id(row: Row) -> StatementId:
    return StatementId(row.entry.hex())


def _bad(row: Row, what: str, expected: str) -> LogInconsistent:
    return LogInconsistent(f"entry {row.index} {what}", expected=expected, hint=_RESTORE)
