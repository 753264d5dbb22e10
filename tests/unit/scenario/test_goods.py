"""Lots and trucks: no piece is lost or made up between the plan, the waybill and the receipt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ledger.events.catalogue import read_event
from ledger.events.goods import BatchSignedOff, DeliveryDispatched, DeliveryReceived
from ledger.scenario import goods
from ledger.scenario.cast import IST, statement_id
from ledger.scenario.goods import TRUCK, Load, Lot, Truck
from ledger.scenario.people import assemble
from ledger.statement.envelope import open_statement
from ledger.units import StatementId

DAWN = datetime(2026, 4, 8, 7, tzinfo=IST)
CONTRACT = StatementId("c" * 64)
CALLOFF = StatementId("0" * 64)
CAST = assemble()
PUNE = CAST.hub("PUN")


def _loads(*pieces: int) -> list[Load]:
    return [Load(StatementId(f"{n:064x}"), count) for n, count in enumerate(pieces, 1)]


def _shape(trucks: list[Truck]) -> list[list[tuple[int, int]]]:
    return [[(int(load.lot, 16), load.pieces) for load in truck.loads] for truck in trucks]


def _event(data: bytes) -> Any:
    return read_event(open_statement(data).payload)


@pytest.mark.parametrize(
    ("released", "rejected", "made"),
    [(3_000, 18, 3_023), (2_500, 15, 2_520), (1_700, 11, 1_716), (1_670, 11, 1_686)],
)
def test_the_figures_of_a_lot_are_those_of_the_docstring(released: int, rejected: int, made: int) -> None:
    lot = Lot(PUNE, PUNE.makers[0], 1, released, DAWN)
    assert (lot.rejected, lot.made) == (rejected, made)


def test_planned_lots_make_up_what_every_maker_is_to_make_and_have_names_of_their_own() -> None:
    lots = goods.plan_lots(CAST.hubs)
    for hub in CAST.hubs:
        for maker in hub.makers:
            assert sum(lot.released for lot in lots if lot.maker is maker) == maker.pieces
    assert len({lot.name for lot in lots}) == len(lots) == 80
    assert len({lot.signed_at for lot in lots}) == 80


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
    sent = goods.dispatch(CONTRACT, CALLOFF, PUNE.actor, CAST.consignee, truck)
    received = goods.receive(CONTRACT, CALLOFF, CAST.consignee, truck, statement_id(sent))
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


def test_a_lot_is_collected_whole_by_its_hub_the_day_after() -> None:
    lot = Lot(PUNE, PUNE.makers[0], 2, 3_000, datetime(2026, 3, 14, 13, tzinfo=IST))
    sent, received = map(_event, goods.collect(CONTRACT, lot, StatementId("a" * 64)))
    assert (sent.body.to, sent.body.waybill) == (PUNE.actor.party, "PUN-01-02/A")
    assert [int(item.quantity.value) for item in sent.body.items] == [3_000]
    assert _figures(received) == [[3_000, 0, 0, 0]]
    assert sent.occurred_at.date().day == received.occurred_at.date().day == 15


def test_a_sign_off_says_what_was_checked_and_when_it_was_made() -> None:
    lot = Lot(PUNE, PUNE.makers[0], 1, 3_000, datetime(2026, 3, 14, 13, tzinfo=IST))
    data = PUNE.makers[0].actor.attempt(
        "batch.signed_off",
        sub=CONTRACT,
        refs={"allocation": StatementId("a" * 64)},
        body=goods.sign_off_body(lot),
        occurred_at=lot.signed_at,
    )
    event = _event(data)
    assert isinstance(event, BatchSignedOff)
    assert event.body.lot == "PUN-01-01"
    assert [check.sample for check in event.body.checks] == [125, 125, 20, 8]
    assert event.body.made_between.last == lot.signed_at.date()
    assert event.body.made.value - event.body.rejected.value - event.body.released.value == goods.SAMPLES
