"""Deliveries: trucks to the medical store, what was found when they were unloaded, and what went on from there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from ledger.scenario import goods
from ledger.scenario.cast import enrolments, on, statement_id
from ledger.scenario.chapters.making import LATE_LOT
from ledger.scenario.goods import Load, Truck
from ledger.scenario.telling import Telling

_MISCOUNTED: Final = "MUM-T2"
SENT_ON: Final = ((("PUN-03-02", 600),), (("HYD-04-01", 400),))
"""Which lots the store sends on to each of two hospitals, and how many pieces."""


def on_the_road(t: Telling) -> None:
    statements: list[bytes] = []
    for day, code in enumerate(("PUN", "MUM", "KOL"), 8):
        trucks = [
            goods.misread(truck, 3_000, taken_for=300) if truck.waybill == _MISCOUNTED else truck
            for truck in t.trucks(code, on(4, day, 7))
        ]
        statements += t.driven(code, trucks)
    t.chapter(
        "On the road",
        "Ten trucks leave Pune, Mumbai and Kolkata. At the medical store every lot on every waybill is counted.",
        on(4, 12, 11),
        statements,
    )


def wrong_count(t: Telling) -> None:
    arrival = t.arrivals[_MISCOUNTED]
    truck = replace(
        arrival.truck,
        loads=tuple(replace(load, found=goods.AS_SENT) for load in arrival.truck.loads),
        remarks="Counted again with the driver's copy of the waybill.",
    )
    store = t.office.consignee
    again = on(4, 12, 12) - truck.left_at
    right = goods.receive(t.contract, t.calloff, store, truck, arrival.dispatch, after=again)
    refs = {"target": arrival.receipt, "replacement": statement_id(right)}
    body = {"reason": "incorrect data", "explanation": "A zero was left out: 300 were written for 3,000."}
    arrival.truck, arrival.receipt = truck, statement_id(right)
    t.chapter(
        "A zero left out",
        "A clerk wrote 300 for 3,000. Nothing in the log is changed: the store counts again, signs a second receipt "
        "and declares that it stands in place of the first.",
        on(4, 12, 18),
        [right, t.sign(store, "correction.declared", on(4, 12, 13), refs, body)],
    )


def bag_without_a_name(t: Telling) -> None:
    t.chapter(
        "A bag without a name",
        "Somebody left 30 good pieces in the drop box of the Hyderabad hub. The hub sends them along and says "
        "so: maker unknown. The gap in their provenance is shown, not papered over.",
        on(4, 13, 18),
        t.driven("HYD", t.trucks("HYD", on(4, 11, 7), unattributed=30)),
    )


def rain(t: Telling) -> None:
    t.chapter(
        "Rain on the road",
        "A tarpaulin tears on the way from Chennai, and 12 pieces arrive wet. The store writes it on the "
        "receipt the moment it signs: later it could not be claimed.",
        on(4, 14, 18),
        t.driven("CHE", goods.rained_on(t.trucks("CHE", on(4, 12, 7)), 12)),
    )


def forty_short(t: Telling) -> None:
    t.chapter(
        "Forty short, forty over",
        "A lot from Delhi travels on two trucks. The first arrives 40 pieces short and the next 40 over: four "
        "packs were put on the wrong truck. Both receipts stand as counted; together they add up.",
        on(4, 15, 18),
        t.driven("DEL", goods.misloaded(t.trucks("DEL", on(4, 13, 7)), 40)),
    )


def sent_on(t: Telling) -> None:
    store = t.office.consignee
    statements = enrolments(t.cast.wards, on(4, 19, 8))
    for place, (ward, lots) in enumerate(zip(t.cast.wards, SENT_ON, strict=True)):
        loads = tuple(Load(t.lot_id(name), pieces) for name, pieces in lots)
        truck = Truck(f"SMS7-{place + 1}", loads, 0, on(4, 19, 9) + timedelta(minutes=place))
        sent = goods.dispatch(t.contract, t.calloff, store, ward, truck)
        received = goods.receive(t.contract, t.calloff, ward, truck, statement_id(sent))
        statements += [sent, received]
    t.chapter(
        "Sent on",
        "The store sends 1,000 pieces on to a district hospital and a health post, each on its own waybill. So the "
        "log knows where a lot is even after it was delivered.",
        on(4, 21, 18),
        statements,
    )


def late_lot(t: Telling) -> None:
    late = t.lot(LATE_LOT)
    made = t.made([late])
    load = Load(t.lot_id(LATE_LOT), late.released)
    trucks = goods.load_trucks(late.hub, [load], on(4, 20, 7), number=5)
    t.chapter(
        "A late lot",
        "A press broke in Kurla. The maker signs off its last 2,500 pieces ten days late, and they reach the "
        "store two days after everything was due.",
        on(4, 22, 18),
        [*made, *t.driven("MUM", trucks)],
    )
