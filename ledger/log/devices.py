"""A party's devices as a log has them: every key it ever had, who added and ended it, whose word is still missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from ledger.errors import NotFound
from ledger.events.party import KeyAdded, KeyRevoked
from ledger.log.past import reopened
from ledger.log.reader import LogReader
from ledger.rules.records import Approval, Kind, Party, PartyKey
from ledger.rules.state import find
from ledger.statement.keys import parse_did_key
from ledger.units import LeafIndex, PartyId, StatementId


class Said(NamedTuple):
    """A statement about a key."""

    statement: StatementId
    entry: LeafIndex
    registered_at: datetime
    """UTC, by the log's own clock."""
    by: PartyId
    with_device: str | None
    """Of the party itself, which of its devices signed; None of a recovery party."""
    agreed: tuple[StatementId, ...]
    """Of recovery parties: what the others of them had said before."""


@dataclass(frozen=True, slots=True)
class Device:
    """One key of a party; it signs from the entry that added it to the one that revoked it."""

    name: str
    """What the party calls the device."""
    key: PartyId
    """As a `did:key`."""
    added: Said
    revoked: Said | None
    reason: str | None
    """Why it was revoked: scheduled, lost, compromised."""
    last_good: StatementId | None
    """Of a compromised key: the last statement that the party itself signed with it."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a recovery party has said of a key, while others still have to say the same."""

    act: str
    """`key.added` or `key.revoked`."""
    key: PartyId
    device: str
    reason: str | None
    said: Said
    have: int
    """How many recovery parties have said the very same."""
    needed: int


@dataclass(frozen=True, slots=True)
class Devices:
    """A party and its devices, first to last added."""

    party: Party
    enrolled: Said
    devices: tuple[Device, ...]
    waiting: tuple[Word, ...]


def devices_of(reader: LogReader, id: PartyId) -> Devices:
    """The devices of a party. O(its keys). Raises `NotFound` where it has not enrolled."""
    party = find(reader.store, "", Kind.PARTY, id, Party)
    if party is None:
        raise NotFound(
            f"{id} has not enrolled in {reader.policy.origin}", hint="`tally party` lists those that have"
        )
    return Devices(
        party=party,
        enrolled=_said(reader, party, party.statement),
        devices=tuple(_device(reader, party, key) for key in party.keys),
        waiting=tuple(_word(reader, party, one) for one in party.approvals),
    )


def _device(reader: LogReader, party: Party, key: PartyKey) -> Device:
    return Device(
        name=key.device,
        key=parse_did_key(key.public).did,
        added=_said(reader, party, key.added, key.added_with),
        revoked=_said(reader, party, key.revoked, key.revoked_with) if key.revoked else None,
        reason=key.reason,
        last_good=key.last_good,
    )


def _word(reader: LogReader, party: Party, word: Approval) -> Word:
    event = reopened(reader, reader.row(_index(reader, word.statement))).event
    assert isinstance(event, (KeyAdded, KeyRevoked)), "nothing else is approved"
    known = party.key(word.kid)
    return Word(
        act=word.act,
        key=event.body.key,
        device=event.body.device if isinstance(event, KeyAdded) else known.device if known else "",
        reason=word.reason,
        said=_said(reader, party, word.statement),
        have=sum(one.agrees_with(word) for one in party.approvals),
        needed=party.recovery_needed,
    )


def _said(reader: LogReader, party: Party, id: StatementId, agreed: tuple[StatementId, ...] = ()) -> Said:
    index = _index(reader, id)
    row = reader.row(index)
    statement = reopened(reader, row).statement
    signed = party.key(statement.kid) if statement.iss == party.id else None
    return Said(
        statement=id,
        entry=index,
        registered_at=datetime.fromtimestamp(row.registered_at, UTC),
        by=statement.iss,
        with_device=signed.device if signed else None,
        agreed=agreed,
    )


def _index(reader: LogReader, statement: StatementId) -> LeafIndex:
    known = reader.store.known(statement)
    assert known is not None, "what a record names is registered"
    return known.index
