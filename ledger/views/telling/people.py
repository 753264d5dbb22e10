"""Parties and statements told."""

from __future__ import annotations

from datetime import UTC, datetime

from ledger.events.opened import Opened
from ledger.log.reader import LogReader
from ledger.log.store.protocol import Row
from ledger.rules.records import Party as PartyRecord
from ledger.rules.refusal import who
from ledger.rules.state import View
from ledger.units import LeafIndex, StatementId, TreeSize
from ledger.views.answers.base import Named
from ledger.views.answers.people import Party, Statement


def tell_party(view: View, record: PartyRecord, size: TreeSize) -> Party:
    known = view.known(record.statement)
    assert known is not None, "a party's enrolment is registered"
    return Party(
        id=record.id,
        index=known.index,
        statement=record.statement,
        name=record.name,
        kind=record.kind,
        country=record.country,
        keys=sum(key.revoked is None for key in record.keys),
        size=size,
    )


def tell_statement(reader: LogReader, row: Row, opened: Opened) -> Statement:
    """A registered statement; of an erased one what is left of it."""
    return Statement(
        id=opened.id,
        index=row.index,
        type=row.type,
        contract=_id_at(reader, row.contract),
        signer=Named(id=opened.statement.iss, name=who(reader.store, opened.statement.iss)),
        occurred_at=str(opened.statement.payload["occurred_at"]),
        registered_at=datetime.fromtimestamp(row.registered_at, UTC),
        erased_by=_id_at(reader, row.erased_by),
    )


def _id_at(reader: LogReader, index: LeafIndex | None) -> StatementId | None:
    if index is None:
        return None
    [entry] = reader.store.entries(index, LeafIndex(index + 1))
    return StatementId(entry.hex())
