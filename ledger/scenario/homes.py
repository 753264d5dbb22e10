"""A region of Demo B: some hubs, the home makers around them, and all that they and their inspector sign.

Regions share no key, so each can be told in a process of its own: `Region` goes there, `Told` comes back, and what
they sign is the same bytes wherever they sign it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, Final, NamedTuple

from ledger.scenario.cast import Actor, Refs, actor, enrolments, on, statement_id
from ledger.scenario.goods import Counted, Load, Truck, collected, collection, dispatch
from ledger.scenario.lots import Lot, sign_off_body
from ledger.scenario.people import Hub, Maker, office
from ledger.scenario.product import LINE
from ledger.scenario.promises import MAKERS_DUE, agree_allocation
from ledger.units import StatementId

SEED: Final = b"tallystick demo B: 8,000 by 25"
PIECES: Final = 25
"""What a home maker promises."""
VAN_LOTS: Final = 25
"""Lots on one van; they are cut from one lot of sheet."""
RECALLED_SHEET: Final = "CS-0311"
"""Of the first van of the first hub of every region."""

_STATES: Final = ("IN-MH", "IN-GJ", "IN-KA", "IN-TN", "IN-KL", "IN-WB", "IN-DL", "IN-TS")
_actor = partial(actor, SEED)


class HubPlan(NamedTuple):
    """A hub as it is planned. Numbers run over the whole story, from 0."""

    number: int
    first_maker: int
    makers: int

    @property
    def name(self) -> str:
        return f"{self.number + 1:02}"

    def vans(self) -> list[range]:
        """The makers on each of its vans, by their place at the hub."""
        starts = [*range(0, self.makers, VAN_LOTS), self.makers]
        return [range(start, end) for start, end in pairwise(starts)]

    def released(self, place: int) -> int:
        """One maker in forty falls one piece short."""
        return PIECES - ((self.first_maker + place) % 40 == 7)

    def damaged(self, van: int) -> int:
        """Of one van in eight one piece arrives wet."""
        return int((self.number + van) % 8 == 3)

    def actor(self) -> Actor:
        """With nothing signed yet."""
        state = _STATES[self.number % len(_STATES)]
        return _actor(f"Street Hub {self.name}", "hub", state, f"Ward {self.name}", phone=True)

    def home(self, place: int) -> Actor:
        """One of its makers, with nothing signed yet: a name that is kept confidential."""
        state, number = _STATES[self.number % len(_STATES)], self.first_maker + place + 1
        return _actor(f"Home Maker {number:04}", "maker", state, f"Ward {self.name}", private=True)


class Scale(NamedTuple):
    """How large the story is. It is the same at any size; only the figures differ."""

    makers: int = 8_000
    makers_per_hub: int = 100
    hubs_per_region: int = 10

    @property
    def pieces(self) -> int:
        """Ordered."""
        return self.makers * PIECES

    def regions(self) -> list[tuple[HubPlan, ...]]:
        """The hubs of each region."""
        starts = range(0, self.makers, self.makers_per_hub)
        hubs = [
            HubPlan(number, start, min(self.makers_per_hub, self.makers - start))
            for number, start in enumerate(starts)
        ]
        return [
            tuple(hubs[start : start + self.hubs_per_region])
            for start in range(0, len(hubs), self.hubs_per_region)
        ]


class Region(NamedTuple):
    """What a process must know to tell one region."""

    number: int
    hubs: tuple[HubPlan, ...]
    contract: StatementId
    specification: StatementId
    calloff: StatementId
    parts: tuple[StatementId, ...]
    """What the prime has allotted to each hub."""


class Van(NamedTuple):
    """A van on its way to the store."""

    hub: HubPlan
    number: int
    """Of its hub, from 0."""
    truck: Truck
    dispatch: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """What a region has signed, by chapter."""

    enrolled: list[bytes]
    accepted: list[bytes]
    allotted: list[bytes]
    sampled: list[bytes]
    made: list[bytes]
    vans: list[Van]

    @property
    def count(self) -> int:
        """How many statements."""
        signed = (self.enrolled, self.accepted, self.allotted, self.sampled, self.made, self.vans)
        return sum(len(chapter) for chapter in signed)


def inspector(region: int) -> Actor:
    """The inspector of a region, with nothing signed yet."""
    name = f"Test House {region + 1}"
    return _actor(name, "inspector", _STATES[region % len(_STATES)], f"District {region + 1}")


def tell_region(region: Region) -> Told:
    """Sign everything of one region up to its vans: seven statements a maker, and a few for each hub."""
    one = _Region(region)
    return Told(
        enrolled=one.enrolled(),
        accepted=one.accepted(),
        allotted=one.allotted(),
        sampled=one.sampled(),
        made=one.made(),
        vans=one.vans(),
    )


class _Region:
    """A region while it is told. Its acts are told in the order of time, as each moves on the chains of its keys."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._inspector = inspector(region.number)
        self._consignee = office(SEED).consignee
        self._hubs = [
            Hub(
                plan.actor(),
                plan.name,
                tuple(
                    Maker(plan.home(place), f"{plan.name}-{place + 1:03}", plan.released(place))
                    for place in range(plan.makers)
                ),
            )
            for plan in region.hubs
        ]
        self._held: dict[str, StatementId] = {}
        self._lots = list(self._planned())
        self._signed_off: dict[str, StatementId] = {}

    def enrolled(self) -> list[bytes]:
        hubs = [hub.actor for hub in self._hubs]
        makers = [maker.actor for hub in self._hubs for maker in hub.makers]
        return enrolments([self._inspector, *hubs, *makers], on(2, 2, 0))

    def accepted(self) -> list[bytes]:
        """Every hub its part."""
        return [
            self._sign(hub.actor, "allocation.accepted", on(3, 5, 10), {"allocation": part})
            for hub, part in zip(self._hubs, self._region.parts, strict=True)
        ]

    def allotted(self) -> list[bytes]:
        """Every hub its part to its makers, who accept."""
        statements: list[bytes] = []
        for hub, part in zip(self._hubs, self._region.parts, strict=True):
            for place, maker in enumerate(hub.makers):
                agreed = agree_allocation(
                    self._region.contract,
                    part,
                    holder=hub.actor,
                    to=maker.actor,
                    pieces=PIECES,
                    due=MAKERS_DUE,
                    offered_at=on(3, 6, 10) + timedelta(minutes=place),
                )
                self._held[maker.code] = agreed.id
                statements += agreed
        return statements

    def sampled(self) -> list[bytes]:
        """The first piece of every maker passed."""
        body = {"line": LINE, "decision": "pass"}
        return [
            self._sign(
                self._inspector,
                "sample.decided",
                on(3, 10, 9) + timedelta(seconds=20 * place),
                {"allocation": self._held[lot.maker.code]},
                body,
            )
            for place, lot in enumerate(self._lots)
        ]

    def made(self) -> list[bytes]:
        """Every lot signed off, brought to the hub, and counted there."""
        signed_off = [self._sign_off(lot) for lot in self._lots]
        self._signed_off = {
            lot.name: statement_id(data) for lot, data in zip(self._lots, signed_off, strict=True)
        }
        sent = [self._send(lot) for lot in self._lots]
        counted = [self._count(lot, statement_id(data)) for lot, data in zip(self._lots, sent, strict=True)]
        return [*signed_off, *sent, *counted]

    def vans(self) -> list[Van]:
        """What a hub has collected, on its way to the store."""
        vans = []
        for hub, plan in zip(self._hubs, self._region.hubs, strict=True):
            lots = [lot for lot in self._lots if lot.hub is hub]
            for number, places in enumerate(plan.vans()):
                truck = self._loaded(plan, number, [lots[place] for place in places])
                left = dispatch(
                    self._region.contract, self._region.calloff, hub.actor, self._consignee, truck
                )
                vans.append(Van(plan, number, truck, left))
        return vans

    def _planned(self) -> Iterator[Lot]:
        """One lot of every maker, twenty seconds apart, so that a hub counts them in the order they are made."""
        ready = on(3, 20, 13)
        for hub, plan in zip(self._hubs, self._region.hubs, strict=True):
            for van, places in enumerate(plan.vans()):
                first = plan is self._region.hubs[0] and van == 0
                sheet = RECALLED_SHEET if first else f"CS-{plan.name}-{van + 1}"
                for place in places:
                    yield Lot(hub, hub.makers[place], 1, plan.released(place), ready, sheet)
                    ready += timedelta(seconds=20)

    def _sign_off(self, lot: Lot) -> bytes:
        refs = {"allocation": self._held[lot.maker.code], "specification": self._region.specification}
        return self._sign(lot.maker.actor, "batch.signed_off", lot.signed_at, refs, sign_off_body(lot))

    def _send(self, lot: Lot) -> bytes:
        lot_id = self._signed_off[lot.name]
        refs: Refs = {"lots": [lot_id]}
        at = lot.signed_at + timedelta(hours=19)
        return self._sign(lot.maker.actor, "delivery.dispatched", at, refs, collection(lot, lot_id))

    def _count(self, lot: Lot, sent: StatementId) -> bytes:
        lot_id = self._signed_off[lot.name]
        refs: Refs = {"dispatch": sent, "lots": [lot_id]}
        at = lot.signed_at + timedelta(hours=25)
        return self._sign(lot.hub.actor, "delivery.received", at, refs, collected(lot, lot_id))

    def _loaded(self, plan: HubPlan, number: int, lots: Sequence[Lot]) -> Truck:
        wet, *dry = [Load(self._signed_off[lot.name], lot.released) for lot in lots]
        wet = replace(wet, found=Counted(damaged=plan.damaged(number)))
        left_at = on(4, 8, 7) + timedelta(minutes=plan.number, hours=number)
        return Truck(f"{plan.name}-V{number + 1}", (wet, *dry), 0, left_at)

    def _sign(
        self, who: Actor, event: str, at: datetime, refs: Refs, body: Mapping[str, Any] | None = None
    ) -> bytes:
        """A statement under the contract."""
        return who.sign(event, sub=self._region.contract, refs=refs, body=body or {}, occurred_at=at)
