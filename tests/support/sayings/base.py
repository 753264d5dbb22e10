"""Saying an event: it is read, ruled and folded where it is said."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from ledger.events.base import Event, Recorded, Subject
from ledger.events.catalogue import EVENTS, read_event
from ledger.rules.admit import fold
from ledger.rules.records import Allocation, Calloff, Key, Kind, Party
from ledger.rules.state import MemoryState
from ledger.units import LeafIndex, StatementId
from tests.support.words import MORNING, key_of, names, party, payload_of


class Saying:
    """The fold and the log behind it. `contract` is the one opened last."""

    state: MemoryState
    log: list[Recorded[Event]]
    written: dict[StatementId, Mapping[str, Any]]
    contract: StatementId

    def recorded(
        self, signer: str, payload: Mapping[str, Any], sub: str, size: int = 1_000, device: str | None = None
    ) -> Recorded[Event]:
        """`device` names the key that signs, where it is not the signer's first."""
        said = json.dumps([signer, sub, payload, *([device] if device else [])], sort_keys=True)
        id = StatementId(sha256(said.encode()).hexdigest())
        self.written[id] = payload
        return Recorded(
            id=id,
            index=LeafIndex(len(self.log)),
            iss=party(signer),
            kid=key_of(device or signer).kid,
            sub=sub,
            bytes=size,
            event=read_event(payload),
        )

    def fold(self, recorded: Recorded[Event]) -> StatementId:
        fold(self.state, recorded)
        self.log.append(recorded)
        return recorded.id

    def say(
        self,
        signer: str,
        type_name: str,
        body: Mapping[str, Any] | None = None,
        refs: Mapping[str, Any] | None = None,
        *,
        sub: str | None = None,
        at: str = MORNING,
        size: int = 1_000,
        device: str | None = None,
    ) -> StatementId:
        """Said about the contract opened last, where nothing else is given; the parties' own events about them."""
        own = EVENTS[type_name].subject in {Subject.SIGNER, Subject.PARTY}
        about = sub if sub is not None else party(signer) if own else self.contract
        payload = payload_of(type_name, body or {}, refs or {}, at)
        return self.fold(self.recorded(signer, payload, about, size, device))

    # Looking

    def enrolment(self, who: str) -> StatementId:
        found = self.state.get(Key("", Kind.PARTY, party(who)))
        return found.statement if isinstance(found, Party) else StatementId("f" * 64)

    def name(self, did: str) -> str:
        return next(name for name in names() if party(name) == did)

    def offer(self, offer: StatementId, kind: Kind) -> Calloff | Allocation | None:
        found = self.state.get(Key(self.contract, kind, offer))
        assert found is None or isinstance(found, (Calloff, Allocation))
        return found

    def holder(self, offer: StatementId) -> str:
        """Who may accept, divide or make it, by name."""
        found = self.offer(offer, Kind.CALLOFF) or self.offer(offer, Kind.ALLOCATION)
        assert found, "no such offer under this contract"
        return self.name(found.holder)
