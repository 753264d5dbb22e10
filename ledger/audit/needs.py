"""What has to stand beside a statement for the rules to admit it again, and what became of it.

A verifier runs the rules over a bundle alone, so a statement in it needs

- what it refers to, and its contract;
- its signer's enrolment, and what added the key it is signed with, recovery parties' words included;
- what made its signer, or whom it is signed for, a party to the contract;
- what became of it: its acceptance, because what draws on it needs that; all that was taken back of it, because what
  was promised anew needs the room; and what else settled or corrected it, so that a part does not look better or
  worse than the whole. Of a contract, all accepted changes: terms are judged by them.

Other statements may be left out: what draws less leaves more, so nothing that was admitted is refused without them,
with one exception (`_made_before`). What names a party brings its enrolment, so that a reader knows its name.

Pure: single look-ups in the fold, but for the changes of a contract and, for that exception, its lots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ledger.events.base import Event, Nature, Recorded
from ledger.events.delegation import DelegationGranted
from ledger.events.opened import Opened
from ledger.events.orders import AllocationWithdrawn, CalloffCancelled
from ledger.events.party import KeyAdded, KeyRevoked, LogPolicy, PartyEnrolled
from ledger.events.production import BatchSignedOff
from ledger.events.recall import RecallOpened
from ledger.rules.links import KEPT_AS, settled_by
from ledger.rules.orders import parent_of
from ledger.rules.records import (
    Allocation,
    Calloff,
    Change,
    Delegation,
    Key,
    Kind,
    Lot,
    Member,
    Party,
    PartyKey,
)
from ledger.rules.state import View, each, find
from ledger.statement.keys import parse_did_key
from ledger.units import KeyId, LeafIndex, PartyId, StatementId


class Needs:
    """Answers for the statements of one log, over its fold."""

    def __init__(self, view: View, event_of: Callable[[StatementId], Event]) -> None:
        """`event_of` reads a registered statement."""
        self._view = view
        self._event_of = event_of

    def of(self, one: Opened, index: LeafIndex) -> Iterator[StatementId]:
        """What a statement needs beside it; some of it perhaps twice."""
        recorded = one.at(index)
        yield from one.statement.referred
        if recorded.contract:
            yield StatementId(recorded.contract)
        yield from self._signer(recorded)
        yield from self._member(recorded)
        yield from self._settled(recorded)
        match recorded.event:
            case KeyAdded() | KeyRevoked() as event:
                yield from self._key(recorded, parse_did_key(event.body.key).kid)
            case BatchSignedOff() as event:
                yield from self._made_before(recorded, event.refs.allocation)
        if not isinstance(recorded.event, (LogPolicy, PartyEnrolled)):
            yield from self.named(one)

    def named(self, one: Opened) -> Iterator[StatementId]:
        """The enrolments of the parties that a statement names anywhere in its body."""
        for did in _parties(one.statement.payload["body"]):
            party = self._party(did)
            if party:
                yield party.statement

    def _signer(self, recorded: Recorded[Event]) -> Iterator[StatementId]:
        party = self._party(recorded.iss)
        key = party.key(recorded.kid) if party else None
        if party and key:
            yield from (party.statement, key.added, *key.added_with)

    def _member(self, recorded: Recorded[Event]) -> Iterator[StatementId]:
        """R21, and of a recall R10, which asks for a role."""
        event = recorded.event
        if event.nature is not Nature.FACT and not isinstance(event, DelegationGranted):
            return
        lent: StatementId | None = getattr(event.refs, "delegation", None)
        delegation = find(self._view, recorded.sub, Kind.DELEGATION, lent, Delegation) if lent else None
        party = delegation.by if delegation else recorded.iss
        member = find(self._view, recorded.sub, Kind.MEMBER, party, Member)
        if member:
            yield from member.since if isinstance(event, RecallOpened) else member.since[:1]

    def _settled(self, recorded: Recorded[Event]) -> Iterator[StatementId]:
        kinds = [Kind.PROXY, Kind.CORRECTION]
        if recorded.event.type in KEPT_AS:
            kinds.append(KEPT_AS[recorded.event.type])
        for kind in kinds:
            record = self._view.get(Key(recorded.contract, kind, recorded.id))
            if record is not None:
                yield from (ref.statement for ref in settled_by(record))
        if recorded.event.type == "framework.signed":
            for change in each(self._view, recorded.id, Kind.CHANGE, Change):
                if change.accepted:
                    yield from (change.id, change.accepted)

    def _key(self, recorded: Recorded[Event], kid: KeyId) -> Iterator[StatementId]:
        """What added the key, to end it; and what else was said in the same act of several recovery parties."""
        party = self._party(PartyId(recorded.sub))
        key = party.key(kid) if party else None
        for act in _acts(key) if key else ():
            if recorded.id in act or isinstance(recorded.event, KeyRevoked):
                yield from act

    def _made_before(self, recorded: Recorded[Event], ref: StatementId) -> Iterator[StatementId]:
        """R18: where all that was not made of a promise was taken back, what is left of it is what was made by then,
        under it and below. A later sign-off (within the tolerance) draws on that."""
        promise: Calloff | Allocation | None = find(
            self._view, recorded.sub, Kind.ALLOCATION, ref, Allocation
        )
        while promise is not None:
            ended = promise.withdrawn if isinstance(promise, Allocation) else promise.cancelled
            for taken_back in ended:
                before = self._index(taken_back)
                if before < recorded.index and self._took_all(taken_back):
                    yield from self._lots_below(recorded.sub, promise, before)
            promise = (
                parent_of(self._view, recorded.sub, promise) if isinstance(promise, Allocation) else None
            )

    def _took_all(self, taken_back: StatementId) -> bool:
        event = self._event_of(taken_back)
        assert isinstance(event, (CalloffCancelled, AllocationWithdrawn))
        return not event.body.lines

    def _lots_below(
        self, contract: str, promise: Calloff | Allocation, before: LeafIndex
    ) -> Iterator[StatementId]:
        for lot in each(self._view, contract, Kind.LOT, Lot):
            below = lot.calloff == promise.id or promise.id in self._above(contract, lot)
            if below and self._index(lot.id) < before:
                yield lot.id

    def _above(self, contract: str, lot: Lot) -> Iterator[StatementId]:
        """The allocations a lot is made under, its own first."""
        allocation = find(self._view, contract, Kind.ALLOCATION, lot.allocation, Allocation)
        while allocation is not None:
            yield allocation.id
            allocation = find(self._view, contract, Kind.ALLOCATION, allocation.parent, Allocation)

    def _index(self, statement: StatementId) -> LeafIndex:
        known = self._view.known(statement)
        assert known is not None, "a record names registered statements"
        return known.index

    def _party(self, did: PartyId) -> Party | None:
        return find(self._view, "", Kind.PARTY, did, Party)


def _acts(key: PartyKey) -> Iterator[tuple[StatementId, ...]]:
    yield (key.added, *key.added_with)
    if key.revoked:
        yield (key.revoked, *key.revoked_with)


def _parties(value: Any) -> Iterator[PartyId]:
    """Every text that could be a party's id, wherever it stands: what is none has not enrolled."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _parties(one)
    elif isinstance(value, list):
        for one in value:
            yield from _parties(one)
    elif isinstance(value, str) and value.startswith("did:key:"):
        yield PartyId(value)
