"""Findings on deliveries (F01 to F10, F14): each open where the facts are odd, closed where later facts settle it."""

import pytest

from ledger.rules.catalogue import Odd
from tests.support.world import World

JUNE = "2026-06-03T09:00:00Z"


@pytest.fixture
def world():
    """Asha released 300 pieces of lot A1 for the store; the hub carries."""
    world = World()
    world.framework(ceiling=1000)
    world.order = world.accepted(world.calloff(1000))
    world.part = world.accepted(world.allot(world.order, "Asha", 400))
    world.lot = world.sign_off(world.part, "A1", 300)
    return world


def only(world, odd, **how):
    (finding,) = world.findings(odd, **how)
    return finding


def figures(finding):
    return dict(finding.figures)


def test_a_clean_delivery_has_no_findings(world):
    sent = world.dispatch("Asha", "Store", {world.lot: 300})
    world.receive("Store", {world.lot: 300}, sent)
    assert world.findings() == []


# F01


def test_f01_dispatched_beyond_released(world):
    first = world.dispatch("Asha", "Store", {world.lot: 300})
    assert not world.findings(Odd.SENT_BEYOND_RELEASED)
    second = world.dispatch("Asha", "Store", {world.lot: 1}, waybill="W-2")
    finding = only(world, Odd.SENT_BEYOND_RELEASED)
    assert set(finding.statements) == {world.lot, first, second}
    assert figures(finding) == {"released": "300 pieces", "dispatched": "301 pieces", "over": "1 piece"}
    assert "lot A1 of Asha (…" in finding.message


def test_f01_two_senders_together_beyond_released(world):
    world.dispatch("Asha", "Store", {world.lot: 200})
    world.dispatch("Asha", "Hub", {world.lot: 100})
    world.dispatch("Hub", "Store", {world.lot: 100})
    assert not world.findings(Odd.SENT_BEYOND_RELEASED)  # a second leg is not more goods
    world.dispatch("Hub", "Store", {world.lot: 50}, waybill="W-2")
    assert figures(only(world, Odd.SENT_BEYOND_RELEASED))["dispatched"] == "350 pieces"


def test_f01_beyond_released_on_the_first_leg_only(world):
    world.dispatch("Asha", "Hub", {world.lot: 301})
    assert figures(only(world, Odd.SENT_BEYOND_RELEASED))["over"] == "1 piece"


# F02


def test_f02_the_same_goods_counted_again(world):
    sent = world.dispatch("Asha", "Store", {world.lot: 300})
    first = world.receive("Store", {world.lot: 300}, sent)
    assert not world.findings(Odd.COUNTED_BEYOND_SENT)
    again = world.receive("Store", {world.lot: (1, 0, 0, 0)}, sent, waybill="W-1b")
    finding = only(world, Odd.COUNTED_BEYOND_SENT)
    assert set(finding.statements) == {world.lot, first, again}
    assert figures(finding) == {"dispatched": "300 pieces", "received": "301 pieces", "over": "1 piece"}
    world.dispatch("Asha", "Store", {world.lot: 1}, waybill="W-2")
    assert not world.findings(Odd.COUNTED_BEYOND_SENT)  # there was another dispatch, recorded late


def test_f02_declared_excess_is_excess_and_not_a_second_count(world):
    sent = world.dispatch("Asha", "Store", {world.lot: 300})
    world.receive("Store", {world.lot: (310, 0, 0, 10)}, sent)
    assert not world.findings(Odd.COUNTED_BEYOND_SENT)
    assert world.findings(Odd.EXCESS)


def test_f02_damaged_goods_were_sent_too(world):
    sent = world.dispatch("Asha", "Store", {world.lot: 300})
    world.receive("Store", {world.lot: (300, 1, 0, 0)}, sent)
    assert figures(only(world, Odd.COUNTED_BEYOND_SENT))["received"] == "301 pieces"


def test_f02_what_was_sent_elsewhere_explains_nothing_here(world):
    world.dispatch("Asha", "Hub", {world.lot: 150})
    sent = world.dispatch("Asha", "Store", {world.lot: 100})
    world.receive("Store", {world.lot: 150}, sent)
    assert figures(only(world, Odd.COUNTED_BEYOND_SENT))["dispatched"] == "100 pieces"


def test_f02_is_not_judged_where_nothing_was_sent(world):
    world.receive("Store", {world.lot: 300})
    assert [finding.odd for finding in world.findings()] == [Odd.NO_DISPATCH]


def test_f02_each_leg_is_judged_by_its_own_receiver(world):
    world.receive("Hub", {world.lot: 300}, world.dispatch("Asha", "Hub", {world.lot: 300}))
    world.receive("Store", {world.lot: 300}, world.dispatch("Hub", "Store", {world.lot: 300}))
    assert world.findings() == []


# F03, F04


def test_f03_received_without_dispatch(world):
    receipt = world.receive("Store", {world.lot: 300}, waybill="W-9")
    finding = only(world, Odd.NO_DISPATCH)
    assert finding.statements == (receipt,)
    assert "waybill W-9" in finding.message


def test_f04_opens_when_the_days_are_over_and_closes_with_the_receipt():
    world = World(receipt_due_days=10)
    world.framework(ceiling=10)
    order = world.accepted(world.calloff(10))
    lot = world.sign_off(world.accepted(world.allot(order, "Asha", 10)), "A1", 10)
    sent = world.dispatch("Asha", "Store", {lot: 10}, at="2026-05-04T00:00:00Z")
    assert not world.findings(Odd.NO_RECEIPT)  # without a day, nothing is judged by days
    assert not world.findings(Odd.NO_RECEIPT, as_of="2026-05-14T00:00:00Z")
    finding = only(world, Odd.NO_RECEIPT, as_of="2026-05-14T00:00:01Z")
    assert finding.statements == (sent,)
    assert figures(finding) == {"days": "10", "allowed": "10"}
    world.receive("Store", {lot: 10}, sent)
    assert not world.findings(Odd.NO_RECEIPT, as_of="2026-05-15T00:00:00Z")


# F05, F06, F07


def test_f05_f07_a_shortage_is_made_up_by_excess_on_another_waybill(world):
    first = world.dispatch("Asha", "Store", {world.lot: 150})
    second = world.dispatch("Asha", "Store", {world.lot: 150}, waybill="W-2")
    one = world.receive("Store", {world.lot: (110, 0, 40, 0)}, first)
    finding = only(world, Odd.SHORT)
    assert finding.statements == (world.lot, one)
    assert "40 pieces short" in finding.message
    two = world.receive("Store", {world.lot: (180, 0, 0, 30)}, second, waybill="W-2")
    finding = only(world, Odd.SHORT)
    assert figures(finding) == {"short": "40 pieces", "excess": "30 pieces", "net": "10 pieces"}
    third = world.dispatch("Asha", "Store", {world.lot: 1}, waybill="W-3")
    world.receive("Store", {world.lot: (11, 0, 0, 10)}, third, waybill="W-3")
    assert not world.findings(Odd.SHORT)
    finding = only(world, Odd.MADE_UP)
    assert {one, two} < set(finding.statements)
    assert "40 pieces short on one waybill, made up on another" in finding.message


def test_f06_excess_beyond_any_shortage(world):
    first = world.dispatch("Asha", "Store", {world.lot: 100})
    second = world.dispatch("Asha", "Store", {world.lot: 100}, waybill="W-2")
    world.receive("Store", {world.lot: (95, 0, 5, 0)}, first)
    world.receive("Store", {world.lot: (108, 0, 0, 8)}, second, waybill="W-2")
    finding = only(world, Odd.EXCESS)
    assert "3 pieces in excess" in finding.message
    assert not world.findings(Odd.SHORT) + world.findings(Odd.MADE_UP)


def test_excess_of_one_lot_does_not_make_up_a_shortage_of_another(world):
    other = world.sign_off(world.part, "A2", 50)
    sent = world.dispatch("Asha", "Store", {world.lot: 100, other: 50})
    world.receive("Store", {world.lot: (90, 0, 10, 0), other: (60, 0, 0, 10)}, sent)
    assert only(world, Odd.SHORT).statements[0] == world.lot
    assert only(world, Odd.EXCESS).statements[0] == other


def test_excess_counted_by_one_receiver_does_not_make_up_anothers_shortage(world):
    to_hub = world.dispatch("Asha", "Hub", {world.lot: 100})
    to_store = world.dispatch("Asha", "Store", {world.lot: 100})
    world.receive("Hub", {world.lot: (90, 0, 10, 0)}, to_hub)
    world.receive("Store", {world.lot: (110, 0, 0, 10)}, to_store)
    assert world.findings(Odd.SHORT)
    assert world.findings(Odd.EXCESS)


# F08


def test_f08_damaged(world):
    sent = world.dispatch("Asha", "Store", {world.lot: 300})
    world.receive("Store", {world.lot: (296, 4, 0, 0)}, sent)
    finding = only(world, Odd.DAMAGED)
    assert figures(finding) == {"damaged": "4 pieces"}


# F09


def test_f09_opens_until_all_of_a_dispatch_is_accounted_for(world):
    sent = world.dispatch("Asha", "Store", {world.lot: 300})
    one = world.receive("Store", {world.lot: (100, 2, 3, 0)}, sent)
    finding = only(world, Odd.RECEIPT_SUM)
    assert finding.statements == (sent, one)
    assert figures(finding) == {"dispatched": "300 pieces", "accounted": "105 pieces"}
    world.receive("Store", {world.lot: (197, 0, 0, 2)}, sent)  # 105 + 195: excess was not on the waybill
    assert not world.findings(Odd.RECEIPT_SUM)


def test_f09_a_lot_that_was_not_on_the_waybill(world):
    other = world.sign_off(world.part, "A2", 50)
    sent = world.dispatch("Asha", "Store", {world.lot: 300})
    world.receive("Store", {world.lot: 300, other: 50}, sent)
    finding = only(world, Odd.RECEIPT_SUM)
    assert "lot A2: 0 pieces dispatched, the receipt accounts for 50 pieces" in finding.message


def test_f09_a_lot_of_the_waybill_that_the_receipt_is_silent_about(world):
    other = world.sign_off(world.part, "A2", 50)
    sent = world.dispatch("Asha", "Store", {world.lot: 300, other: 50})
    world.receive("Store", {world.lot: 300}, sent)
    assert "lot A2: 50 pieces dispatched, the receipt accounts for 0" in only(world, Odd.RECEIPT_SUM).message


def test_f09_goods_without_a_maker_add_up_by_line(world):
    sent = world.dispatch("Prime", "Store", unknown={"1": 80}, calloff=world.order)
    world.receive("Store", dispatch=sent, unknown={"1": 60}, calloff=world.order)
    assert "line 1, maker unknown: 80 pieces dispatched" in only(world, Odd.RECEIPT_SUM).message
    world.receive("Store", dispatch=sent, unknown={"1": 20}, calloff=world.order)
    assert not world.findings(Odd.RECEIPT_SUM)


def test_f09_lots_of_one_waybill_are_told_in_the_order_of_the_waybill(world):
    lots = [world.sign_off(world.part, f"L{n}", 10) for n in range(9)]
    sent = world.dispatch("Asha", "Store", dict.fromkeys(lots, 10))
    world.receive("Store", dict.fromkeys(lots, 9), sent)
    told = [finding.message.split("lot ")[1][:2] for finding in world.findings(Odd.RECEIPT_SUM)]
    assert told == [f"L{n}" for n in range(9)]


# F10


def test_f10_received_by_another(world):
    sent = world.dispatch("Asha", "Hub", {world.lot: 300})
    receipt = world.receive("Store", {world.lot: 300}, sent)
    finding = only(world, Odd.OTHER_RECEIVER)
    assert finding.statements == (sent, receipt)
    assert "went to Hub (…" in finding.message
    assert "received by Store (…" in finding.message


# F14


def test_f14_is_told_where_the_goods_first_appear(world):
    sent = world.dispatch("Prime", "Store", unknown={"1": 80}, calloff=world.order)
    finding = only(world, Odd.MAKER_UNKNOWN)
    assert (finding.statements, figures(finding)) == ((sent,), {"quantity": "80 pieces"})
    world.receive("Store", dispatch=sent, unknown={"1": 80}, calloff=world.order)
    assert only(world, Odd.MAKER_UNKNOWN).statements == (sent,)  # the same goods are not told of twice


def test_f14_on_a_receipt_without_a_dispatch(world):
    receipt = world.receive("Store", unknown={"1": 5}, calloff=world.order)
    assert only(world, Odd.MAKER_UNKNOWN).statements == (receipt,)


def test_f14_goods_that_join_on_the_way_cannot_hide_behind_a_dispatch(world):
    sent = world.dispatch("Asha", "Store", {world.lot: 300})
    receipt = world.receive("Store", {world.lot: 300}, sent, unknown={"1": 40}, calloff=world.order)
    assert only(world, Odd.MAKER_UNKNOWN).statements == (receipt,)
    assert world.findings(Odd.RECEIPT_SUM)
