"""Goods in a story: lots collected by their hub, loaded onto trucks, counted where they arrive.

A truck takes at most `TRUCK` pieces. Lots are loaded in the order given, and what no longer fits of a lot goes
on the next truck: such a lot stands on two waybills.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from ledger.scenario.cast import Actor
from ledger.scenario.lots import Lot
from ledger.scenario.people import Hub
from ledger.scenario.product import LINE, drawn, packs, quantity
from ledger.units import StatementId

TRUCK: Final = 10_000
"""Pieces a truck takes: 1,000 packs."""
CARRIER: Final = "Blue Ox Road Lines"


@dataclass(frozen=True, slots=True)
class Counted:
    """How goods were found on arrival, in pieces; what is neither damaged nor short was good."""

    damaged: int = 0
    short: int = 0
    excess: int = 0


AS_SENT: Final = Counted()


@dataclass(frozen=True, slots=True)
class Load:
    """Some or all pieces of one lot on one truck, and how they arrive."""

    lot: StatementId
    pieces: int
    found: Counted = AS_SENT

    @property
    def good(self) -> int:
        return self.pieces - self.found.damaged - self.found.short + self.found.excess


@dataclass(frozen=True, slots=True)
class Truck:
    """One waybill."""

    waybill: str
    loads: tuple[Load, ...]
    unattributed: int
    """Pieces of unknown makers."""
    left_at: datetime
    remarks: str = ""
    """What the receiver writes on the receipt."""

    @property
    def pieces(self) -> int:
        return sum(load.pieces for load in self.loads) + self.unattributed


def collection(lot: Lot, lot_id: StatementId) -> dict[str, Any]:
    """The body of the `delivery.dispatched` by which a lot goes whole from its maker to the hub."""
    maker, hub = lot.maker.actor, lot.hub.actor
    return {
        "waybill": f"{lot.name}/A",
        "to": hub.party,
        "origin": maker.place(),
        "destination": hub.place(),
        "packs": packs(lot.released),
        "items": [{"lot": lot_id, "quantity": quantity(lot.released)}],
    }


def collected(lot: Lot, lot_id: StatementId) -> dict[str, Any]:
    """The body of the hub's `delivery.received` for it: all there."""
    return {
        "waybill": f"{lot.name}/A",
        "place": lot.hub.actor.place(),
        "items": [_counted(Load(lot_id, lot.released))],
    }


def load_trucks(
    hub: Hub, goods: Iterable[Load], first_left_at: datetime, *, number: int = 1, unattributed: int = 0
) -> list[Truck]:
    """Load goods onto as many trucks as they need, leaving half an hour apart, counted from `number`.

    Goods of unknown makers go on the last one.
    """
    loads: list[list[Load]] = [[]]
    room = TRUCK
    for load in goods:
        left = load.pieces
        while left:
            if not room:
                loads.append([])
                room = TRUCK
            taken = min(left, room)
            loads[-1].append(Load(load.lot, taken))
            left -= taken
            room -= taken
    assert unattributed <= room, "what is dropped off without a name is little"
    return [
        Truck(
            waybill=f"{hub.code}-T{number + place}",
            loads=tuple(loaded),
            unattributed=unattributed if loaded is loads[-1] else 0,
            left_at=first_left_at + timedelta(minutes=30 * place),
        )
        for place, loaded in enumerate(loads)
    ]


def rained_on(trucks: Sequence[Truck], pieces: int) -> list[Truck]:
    """The same trucks; so many pieces of the first load on the first one arrive damaged."""
    first, *others = trucks
    load, *rest = first.loads
    wet = replace(load, found=Counted(damaged=pieces))
    remarks = f"Tarpaulin torn, the top cartons wet: {pieces} visors warped."
    return [replace(first, loads=(wet, *rest), remarks=remarks), *others]


def misloaded(trucks: Sequence[Truck], pieces: int) -> list[Truck]:
    """The same trucks; so many pieces of the lot that is on the first two come on the second, not the first."""
    first, second, *others = trucks
    head, tail = first.loads[-1], second.loads[0]
    assert head.lot == tail.lot, "the last lot of the first truck goes on on the second"
    return [
        replace(first, loads=(*first.loads[:-1], replace(head, found=Counted(short=pieces)))),
        replace(second, loads=(replace(tail, found=Counted(excess=pieces)), *second.loads[1:])),
        *others,
    ]


def misread(truck: Truck, pieces: int, *, taken_for: int) -> Truck:
    """The same truck; its first load of so many pieces is taken for fewer."""
    place = [load.pieces for load in truck.loads].index(pieces)
    loads = list(truck.loads)
    loads[place] = replace(loads[place], found=Counted(short=pieces - taken_for))
    return replace(truck, loads=tuple(loads))


def dispatch(
    contract: StatementId, calloff: StatementId, sender: Actor, receiver: Actor, truck: Truck
) -> bytes:
    """The sender's `delivery.dispatched`."""
    return sender.sign(
        "delivery.dispatched",
        sub=contract,
        refs=_refs(truck, calloff),
        body={
            "waybill": truck.waybill,
            "to": receiver.party,
            "origin": sender.place(),
            "destination": receiver.place(),
            "carrier": CARRIER,
            "packs": packs(truck.pieces),
            "items": [{"lot": load.lot, "quantity": quantity(load.pieces)} for load in truck.loads],
            **_unattributed(truck),
        },
        occurred_at=truck.left_at,
    )


def receive(
    contract: StatementId,
    calloff: StatementId,
    receiver: Actor,
    truck: Truck,
    dispatched: StatementId,
    *,
    after: timedelta = timedelta(days=2),
) -> bytes:
    """The receiver's `delivery.received`, so long after the truck left."""
    return receiver.sign(
        "delivery.received",
        sub=contract,
        refs={"dispatch": dispatched, **_refs(truck, calloff)},
        body={
            "waybill": truck.waybill,
            "place": receiver.place(),
            "items": [_counted(load) for load in truck.loads],
            **_unattributed(truck),
            **({"remarks": truck.remarks} if truck.remarks else {}),
        },
        occurred_at=truck.left_at + after,
    )


def decision(truck: Truck, rejected: Mapping[StatementId, int], reason: str) -> dict[str, Any]:
    """The body of a `delivery.decided`: what arrived damaged is rejected, and so many more pieces of some lots."""
    back = {load.lot: load.found.damaged + rejected.get(load.lot, 0) for load in truck.loads}
    unknown = {"line": LINE, "accepted": quantity(truck.unattributed), "rejected": quantity(0)}
    return {
        "items": [
            {
                "lot": load.lot,
                "accepted": quantity(load.good + load.found.damaged - back[load.lot]),
                "rejected": quantity(back[load.lot]),
            }
            for load in truck.loads
        ],
        **({"unattributed": [unknown]} if truck.unattributed else {}),
        **({"reason": reason} if any(back.values()) else {}),
    }


def _counted(load: Load) -> dict[str, Any]:
    found = load.found
    return {
        "lot": load.lot,
        "good": quantity(load.good),
        "damaged": quantity(found.damaged),
        "short": quantity(found.short),
        "excess": quantity(found.excess),
    }


def _refs(truck: Truck, calloff: StatementId) -> dict[str, Any]:
    refs: dict[str, Any] = {"lots": [load.lot for load in truck.loads]}
    return {**refs, "calloff": calloff} if truck.unattributed else refs


def _unattributed(truck: Truck) -> dict[str, Any]:
    return {"unattributed": drawn(truck.unattributed)} if truck.unattributed else {}
