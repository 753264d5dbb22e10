"""Trucks: no piece is lost or made up between the waybill, the receipt and the decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ledger.events.catalogue import read_event
from ledger.events.delivery import DeliveryDecided, DeliveryDispatched, DeliveryReceived
from ledger.scenario import goods
from ledger.scenario.cast import IST, statement_id
from ledger.scenario.goods import TRUCK, Load, Truck
from ledger.scenario.people import assemble
from ledger.statement.envelope import open_statement
from ledger.units import StatementId

DAWN = datetime(2026, 4, 8, 7, tzinfo=IST)
CONTRACT = StatementId("c" * 64)
CALLOFF = StatementId("0" * 64)
CAST = assemble()
PUNE = CAST.hub("PUN")
STORE = CAST.office.consignee


def _loads(*pieces: int) -> list[Load]:
    return [Load(StatementId(f"{n:064x}"), count) for n, count in enumerate(pieces, 1)]


def _shape(trucks: list[Truck]) -> list[list[tuple[int, int]]]:
    return [[(int(load.lot, 16), load.pieces) for load in truck.loads] for truck in trucks]


def _event(data: bytes) -> Any:
    return read_event(open_statement(data).payload)


def test_a_lot_that_no_longer_fits_goes_on_on_the_next_truck() -> None:
    trucks = goods.load_trucks(PUNE, _loads(6_000, 7_000, 2_000), DAWN)
    assert _shape(trucks) == [[(1, 6_000), (2, 4_000)], [(2, 3_000), (3, 2_000)]]
    assert [truck.waybill for truck in trucks] == ["PUN-T1", "PUN-T2"]
    assert trucks[0].left_at < trucks[1].left_at


def test_a_full_truck_is_followed_by_none_that_is_empty() -> None:
    assert _shape(goods.load_trucks(PUNE, _loads(TRUCK), DAWN)) == [[(1, TRUCK)]]
    assert _shape(goods.load_trucks(PUNE, _loads(TRUCK, 10), DAWN)) == [[(1, TRUCK)], [(2, 10)]]
    assert _shape(goods.load_trucks(PUNE, _loads(2 * TRUCK + 10), DAWN)) == [
        [(1, TRUCK)],
        [(1, TRUCK)],
        [(1, 10)],
    ]


def test_goods_without_a_maker_go_on_the_last_truck_and_are_said_on_both_papers() -> None:
    first, last = goods.load_trucks(PUNE, _loads(6_000, 7_000), DAWN, unattributed=30)
    assert (first.unattributed, last.unattributed) == (0, 30)
    for truck, unattributed, calloff in ((first, [], None), (last, ["30"], CALLOFF)):
        sent, received = _papers(truck)
        for paper in (sent, received):
            assert [str(one.quantity.value) for one in paper.body.unattributed] == unattributed
            assert paper.refs.calloff == calloff
        assert sent.body.packs == truck.pieces // 10


def _papers(truck: Truck) -> tuple[DeliveryDispatched, DeliveryReceived]:
    sent = goods.dispatch(CONTRACT, CALLOFF, PUNE.actor, STORE, truck)
    received = goods.receive(CONTRACT, CALLOFF, STORE, truck, statement_id(sent))
    first, second = _event(sent), _event(received)
    assert isinstance(first, DeliveryDispatched)
    assert isinstance(second, DeliveryReceived)
    assert second.refs.dispatch == statement_id(sent)
    return first, second


def _figures(received: DeliveryReceived) -> list[list[int]]:
    return [
        [int(item.good.value), int(item.damaged.value), int(item.short.value), int(item.excess.value)]
        for item in received.body.items
    ]


def test_what_rain_damages_is_not_good_and_is_remarked() -> None:
    trucks = goods.load_trucks(PUNE, _loads(6_000, 7_000), DAWN)
    wet, dry = goods.rained_on(trucks, 12)
    sent, received = _papers(wet)
    assert [int(item.quantity.value) for item in sent.body.items] == [6_000, 4_000]
    assert _figures(received) == [[5_988, 12, 0, 0], [4_000, 0, 0, 0]]
    assert received.body.remarks
    assert "12" in received.body.remarks
    assert dry == trucks[1]


def test_what_was_loaded_on_the_wrong_truck_is_short_on_one_receipt_and_in_excess_on_the_next() -> None:
    first, second = goods.misloaded(goods.load_trucks(PUNE, _loads(6_000, 7_000), DAWN), 40)
    sent, received = _papers(first)
    assert [int(item.quantity.value) for item in sent.body.items] == [6_000, 4_000]
    assert _figures(received) == [[6_000, 0, 0, 0], [3_960, 0, 40, 0]]
    sent, received = _papers(second)
    assert [int(item.quantity.value) for item in sent.body.items] == [3_000]
    assert _figures(received) == [[3_040, 0, 0, 40]]


def test_a_misread_load_is_short_by_what_was_not_read_and_the_others_are_as_sent() -> None:
    [truck] = goods.load_trucks(PUNE, _loads(2_500, 3_000, 3_000), DAWN)
    _, received = _papers(goods.misread(truck, 3_000, taken_for=300))
    assert _figures(received) == [[2_500, 0, 0, 0], [300, 0, 2_700, 0], [3_000, 0, 0, 0]]


def _decided(truck: Truck, rejected: dict[StatementId, int]) -> DeliveryDecided:
    payload = {
        "type": "delivery.decided",
        "version": 1,
        "occurred_at": DAWN.isoformat(),
        "prev": None,
        "refs": {"receipt": "a" * 64, "lots": [load.lot for load in truck.loads]},
        "body": goods.decision(truck, rejected, "Glue not cured."),
    }
    event = read_event(payload)
    assert isinstance(event, DeliveryDecided)
    return event


def test_a_decision_accepts_and_rejects_all_that_arrived_and_gives_a_reason_only_where_it_rejects() -> None:
    [truck] = goods.load_trucks(PUNE, _loads(3_000, 2_500), DAWN, unattributed=30)
    [wet] = goods.rained_on([truck], 12)
    for arrived, rejected, told in (
        (truck, {}, [(3_000, 0), (2_500, 0)]),
        (wet, {}, [(2_988, 12), (2_500, 0)]),
        (wet, {truck.loads[1].lot: 20}, [(2_988, 12), (2_480, 20)]),
    ):
        body = _decided(arrived, rejected).body
        assert [(int(one.accepted.value), int(one.rejected.value)) for one in body.items] == told
        assert [int(one.accepted.value) for one in body.unattributed] == [30]
        assert (body.reason is not None) == any(back for _, back in told)


def test_what_is_short_is_neither_accepted_nor_rejected() -> None:
    first, second = goods.misloaded(goods.load_trucks(PUNE, _loads(6_000, 7_000), DAWN), 40)
    accepted = [
        [int(one.accepted.value) for one in _decided(truck, {}).body.items] for truck in (first, second)
    ]
    assert accepted == [[6_000, 3_960], [3_040]]
