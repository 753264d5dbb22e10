"""Goods in a story: lots planned, signed off, collected by their hub, and loaded onto trucks.

The figures of a lot follow from its size alone, so that sums can be checked by hand:

    released                  3,000    2,500    1,700    1,670    pieces
    rejected                     18       15       11       11    6 in a thousand, rounded up
    kept back as samples          5        5        5        5
    made                      3,023    2,520    1,716    1,686

A truck takes at most `TRUCK` pieces. Lots are loaded in the order given, and what no longer fits of a lot goes
on the next truck: such a lot stands on two waybills.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from ledger.scenario.cast import IST, Actor, statement_id
from ledger.scenario.people import LARGE, MEDIUM, SMALL, Hub, Maker
from ledger.units import StatementId

LINE: Final = "1"
UNIT: Final = "H87"
PACK: Final = 10
"""Pieces in a pack."""
TRUCK: Final = 10_000
"""Pieces a truck takes: 1,000 packs."""
SAMPLES: Final = 5
"""Pieces of every lot that its maker keeps back."""
CARRIER: Final = "Blue Ox Road Lines"

_LOT_PIECES: Final[Mapping[int, int]] = {LARGE: 3_000, MEDIUM: 2_500, SMALL: 1_700}
_LOT_DAYS: Final[Mapping[int, tuple[date, ...]]] = {
    LARGE: (date(2026, 3, 14), date(2026, 3, 21), date(2026, 3, 28), date(2026, 4, 4)),
    MEDIUM: (date(2026, 3, 24), date(2026, 4, 3)),
    SMALL: (date(2026, 4, 1),),
}
"""By the pieces its maker is to make: how large each lot is, and when each is ready."""


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot as it is planned."""

    hub: Hub
    maker: Maker
    number: int
    """1, 2, ... of its maker."""
    released: int
    """Pieces."""
    signed_at: datetime

    @property
    def name(self) -> str:
        return f"{self.maker.code}-{self.number:02}"

    @property
    def rejected(self) -> int:
        return -(-6 * self.released // 1000)

    @property
    def made(self) -> int:
        return self.released + self.rejected + SAMPLES


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


@dataclass(frozen=True, slots=True)
class Truck:
    """One waybill from a hub to the consignee."""

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


def quantity(pieces: int) -> dict[str, str]:
    """A quantity as events write it."""
    return {"value": str(pieces), "unit": UNIT}


def plan_lots(everywhere: Iterable[Hub]) -> list[Lot]:
    """The lots that make up what every maker is to make.

    Makers work a day and some minutes apart, so that no two of them sign at the same moment.
    """
    lots = []
    makers = [(hub, maker) for hub in everywhere for maker in hub.makers]
    for place, (hub, maker) in enumerate(makers):
        for number, day in enumerate(_LOT_DAYS[maker.pieces], 1):
            ready = datetime.combine(day, time(13), IST) + timedelta(days=place % 2, minutes=3 * place)
            lots.append(Lot(hub, maker, number, _LOT_PIECES[maker.pieces], ready))
    return lots


def sign_off_body(lot: Lot) -> dict[str, Any]:
    """The body of a lot's `batch.signed_off`: a week's work, and how it was checked."""
    sample = 125 if lot.released > SMALL else 80
    checks = (
        ("visor clarity", "read a printed line at one metre through the visor", sample, lot.number % 2),
        ("visor scratches and burrs", "look and feel along all edges", sample, 1),
        ("headband strength", "pull to 30 N on a spring balance for 10 seconds", 20, 0),
        ("pieces in a pack", f"count out packs of {PACK}", 8, 0),
    )
    last = lot.signed_at.date()
    return {
        "line": LINE,
        "lot": lot.name,
        "made": quantity(lot.made),
        "rejected": quantity(lot.rejected),
        "released": quantity(lot.released),
        "made_between": {"first": (last - timedelta(days=6)).isoformat(), "last": last.isoformat()},
        "place": lot.maker.actor.place(),
        "checks": [
            {"characteristic": what, "method": how, "sample": size, "failed": failed}
            for what, how, size, failed in checks
        ],
        "remarks": f"{SAMPLES} pieces kept back as samples",
    }


def collect(contract: StatementId, lot: Lot, lot_id: StatementId) -> tuple[bytes, bytes]:
    """The whole lot from its maker to the hub, the day after it was signed off: dispatched, received."""
    maker, hub = lot.maker.actor, lot.hub.actor
    note = f"{lot.name}/A"
    left_at = lot.signed_at + timedelta(hours=19)
    dispatched = maker.sign(
        "delivery.dispatched",
        sub=contract,
        refs={"lots": [lot_id]},
        body={
            "waybill": note,
            "to": hub.party,
            "origin": maker.place(),
            "destination": hub.place(),
            "packs": lot.released // PACK,
            "items": [{"lot": lot_id, "quantity": quantity(lot.released)}],
        },
        occurred_at=left_at,
    )
    received = hub.sign(
        "delivery.received",
        sub=contract,
        refs={"dispatch": statement_id(dispatched), "lots": [lot_id]},
        body={
            "waybill": note,
            "place": hub.place(),
            "items": [_counted(Load(lot_id, lot.released))],
        },
        occurred_at=left_at + timedelta(hours=6),
    )
    return dispatched, received


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


def dispatch(
    contract: StatementId, calloff: StatementId, hub: Actor, consignee: Actor, truck: Truck
) -> bytes:
    """The hub's `delivery.dispatched`."""
    return hub.sign(
        "delivery.dispatched",
        sub=contract,
        refs=_refs(truck, calloff),
        body={
            "waybill": truck.waybill,
            "to": consignee.party,
            "origin": hub.place(),
            "destination": consignee.place(),
            "carrier": CARRIER,
            "packs": truck.pieces // PACK,
            "items": [{"lot": load.lot, "quantity": quantity(load.pieces)} for load in truck.loads],
            **_unattributed(truck),
        },
        occurred_at=truck.left_at,
    )


def receive(
    contract: StatementId,
    calloff: StatementId,
    consignee: Actor,
    truck: Truck,
    dispatched: StatementId,
) -> bytes:
    """The consignee's `delivery.received`, two days after the truck left."""
    return consignee.sign(
        "delivery.received",
        sub=contract,
        refs={"dispatch": dispatched, **_refs(truck, calloff)},
        body={
            "waybill": truck.waybill,
            "place": consignee.place(),
            "items": [_counted(load) for load in truck.loads],
            **_unattributed(truck),
            **({"remarks": truck.remarks} if truck.remarks else {}),
        },
        occurred_at=truck.left_at + timedelta(days=2),
    )


def _counted(load: Load) -> dict[str, Any]:
    found = load.found
    good = load.pieces - found.damaged - found.short + found.excess
    return {
        "lot": load.lot,
        "good": quantity(good),
        "damaged": quantity(found.damaged),
        "short": quantity(found.short),
        "excess": quantity(found.excess),
    }


def _refs(truck: Truck, calloff: StatementId) -> dict[str, Any]:
    refs: dict[str, Any] = {"lots": [load.lot for load in truck.loads]}
    return {**refs, "calloff": calloff} if truck.unattributed else refs


def _unattributed(truck: Truck) -> dict[str, Any]:
    if not truck.unattributed:
        return {}
    return {"unattributed": [{"line": LINE, "quantity": quantity(truck.unattributed)}]}
