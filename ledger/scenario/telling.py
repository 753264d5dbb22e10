"""A story while it is told: what its people have agreed, made and delivered so far, and what they do next.

`Telling` is the one thing here that changes. Each of its acts signs statements, which moves on the chains of
the keys that sign; so the parts of a story are told in the order of time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from ledger.scenario import goods
from ledger.scenario.cast import Actor, Refs, statement_id
from ledger.scenario.goods import Load, Truck
from ledger.scenario.lots import Lot, sign_off_body
from ledger.scenario.people import Cast, Hub, Maker
from ledger.scenario.promises import HUBS_DUE, MAKERS_DUE, Agreed, agree_allocation
from ledger.scenario.story import Chapter, Expect
from ledger.units import StatementId

_SENT: Final = timedelta(hours=19)
_COUNTED: Final = timedelta(hours=25)
"""After a lot is signed off: when it leaves for its hub, and when the hub has counted it."""


@dataclass(slots=True)
class Arrival:
    """A truck of a hub at the consignee, and the receipt that stands for it."""

    hub: str
    truck: Truck
    dispatch: StatementId
    receipt: StatementId


class Verdict(NamedTuple):
    """The decision that stands on a truck, and how many pieces it accepts."""

    decision: StatementId
    accepted: int


class Telling:
    """Where a story stands: who is in it, what was signed so far, and the chapters told."""

    specification: StatementId
    contract: StatementId
    calloff: StatementId

    def __init__(self, cast: Cast, lots: Iterable[Lot]) -> None:
        self.cast = cast
        self.office = cast.office
        self.lots = tuple(sorted(lots, key=lambda lot: lot.signed_at))
        """In the order they are signed off."""
        self.chapters: list[Chapter] = []
        self.held: dict[str, StatementId] = {}
        """Accepted allocations, by the code of their hub or maker."""
        self.delegated: dict[str, StatementId] = {}
        """Delegations to their hub, by the code of the maker."""
        self.signed_off: dict[str, bytes] = {}
        """Sign-offs, by the name of their lot."""
        self.sent: dict[str, StatementId] = {}
        """Dispatches to the hub, by the name of their lot."""
        self.kept_back: set[str] = set()
        """Lots that are held, by name."""
        self.arrivals: dict[str, Arrival] = {}
        self.verdicts: dict[str, Verdict] = {}
        """Both by waybill."""

    # Chapters

    def chapter(self, title: str, told: str, at: datetime, statements: Sequence[bytes]) -> None:
        """The log takes these."""
        self.chapters.append(Chapter(title, told, at, tuple(statements)))

    def repeated(self, title: str, told: str, at: datetime, statements: Sequence[bytes]) -> None:
        """The log has these already."""
        self.chapters.append(Chapter(title, told, at, tuple(statements), Expect.REPEATED))

    def refused(self, title: str, told: str, at: datetime, statement: bytes, *, answer: str) -> None:
        """The log does not take this, by which rule or error."""
        self.chapters.append(Chapter(title, told, at, (statement,), Expect.REFUSED, answer))

    # Signing

    def sign(
        self, actor: Actor, event: str, at: datetime, refs: Refs, body: Mapping[str, Any] | None = None
    ) -> bytes:
        """A statement under the contract."""
        return actor.sign(event, sub=self.contract, refs=refs, body=body or {}, occurred_at=at)

    def attempt(self, actor: Actor, event: str, at: datetime, refs: Refs, body: Mapping[str, Any]) -> bytes:
        """A statement under the contract that the log will refuse."""
        return actor.attempt(event, sub=self.contract, refs=refs, body=body, occurred_at=at)

    # Promising

    def to_hub(self, hub: Hub, offered_at: datetime) -> Agreed:
        """The prime allocates a hub its part of the call-off."""
        return self._allocate(self.office.prime, self.calloff, hub, HUBS_DUE, offered_at=offered_at)

    def to_maker(self, hub: Hub, maker: Maker, offered_at: datetime) -> Agreed:
        """A hub allocates a maker its part of the hub's."""
        return self._allocate(hub.actor, self.held[hub.code], maker, MAKERS_DUE, offered_at=offered_at)

    # Making

    def lot(self, name: str) -> Lot:
        """A planned lot by its name."""
        return next(lot for lot in self.lots if lot.name == name)

    def lot_id(self, name: str) -> StatementId:
        """The id of a lot that was signed off."""
        return statement_id(self.signed_off[name])

    def due_by(self, at: datetime, *, hub: str = "") -> list[Lot]:
        """What is to be signed off by then, and was not yet: of one hub, or of all but Kolkata."""
        return [
            lot
            for lot in self.lots
            if lot.name not in self.signed_off
            and lot.signed_at < at
            and (lot.hub.code == hub if hub else lot.hub.code != "KOL")
        ]

    def sign_off_refs(self, lot: Lot) -> dict[str, StatementId]:
        """What the sign-off of a lot rests on."""
        return {"allocation": self.held[lot.maker.code], "specification": self.specification}

    def made(self, lots: Sequence[Lot]) -> list[bytes]:
        """Each lot signed off, sent to its hub and counted there; in the order of time, as hubs do much of it."""
        acts = ((timedelta(), self._sign_off), (_SENT, self._send), (_COUNTED, self._count))
        when = sorted(
            (lot.signed_at + after, place, step)
            for place, lot in enumerate(lots)
            for step, (after, _) in enumerate(acts)
        )
        return [acts[step][1](lots[place], at) for at, place, step in when]

    def _sign_off(self, lot: Lot, at: datetime) -> bytes:
        signer, lent = self._acting_for(lot)
        refs = {**self.sign_off_refs(lot), **lent}
        data = self.sign(signer, "batch.signed_off", at, refs, sign_off_body(lot))
        self.signed_off[lot.name] = data
        return data

    def _send(self, lot: Lot, at: datetime) -> bytes:
        signer, lent = self._acting_for(lot)
        lot_id = self.lot_id(lot.name)
        body = goods.collection(lot, lot_id)
        data = self.sign(signer, "delivery.dispatched", at, {"lots": [lot_id], **lent}, body)
        self.sent[lot.name] = statement_id(data)
        return data

    def _count(self, lot: Lot, at: datetime) -> bytes:
        lot_id = self.lot_id(lot.name)
        refs: Refs = {"dispatch": self.sent[lot.name], "lots": [lot_id]}
        return self.sign(lot.hub.actor, "delivery.received", at, refs, goods.collected(lot, lot_id))

    def _acting_for(self, lot: Lot) -> tuple[Actor, dict[str, StatementId]]:
        """Who signs for the maker of a lot, and under which delegation."""
        delegation = self.delegated.get(lot.maker.code)
        return (lot.hub.actor, {"delegation": delegation}) if delegation else (lot.maker.actor, {})

    # Delivering

    def trucks(self, code: str, left_at: datetime, *, unattributed: int = 0) -> list[Truck]:
        """All that a hub has collected and may send, loaded."""
        hub = self.cast.hub(code)
        ready = [
            lot
            for lot in self.lots
            if lot.hub is hub and lot.name in self.signed_off and lot.name not in self.kept_back
        ]
        loads = [Load(self.lot_id(lot.name), lot.released) for lot in ready]
        return goods.load_trucks(hub, loads, left_at, unattributed=unattributed)

    def driven(self, code: str, trucks: Sequence[Truck]) -> list[bytes]:
        """Every truck sent by its hub and received at the store."""
        hub, consignee = self.cast.hub(code).actor, self.office.consignee
        statements: list[bytes] = []
        for truck in trucks:
            sent = goods.dispatch(self.contract, self.calloff, hub, consignee, truck)
            left = statement_id(sent)
            received = goods.receive(self.contract, self.calloff, consignee, truck, left)
            self.arrivals[truck.waybill] = Arrival(code, truck, left, statement_id(received))
            statements += [sent, received]
        return statements

    def _allocate(
        self, holder: Actor, parent: StatementId, to: Hub | Maker, due: date, *, offered_at: datetime
    ) -> Agreed:
        agreed = agree_allocation(
            self.contract,
            parent,
            holder=holder,
            to=to.actor,
            pieces=to.pieces,
            due=due,
            offered_at=offered_at,
        )
        self.held[to.code] = agreed.id
        return agreed
