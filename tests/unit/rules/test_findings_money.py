"""Findings on what is accepted and paid (F25, F26, F36)."""

import pytest

from ledger.rules.catalogue import Odd
from tests.support.world import World


@pytest.fixture
def world():
    """1,000 ordered at INR 55; 300 of Asha's arrived at the store, 290 of them in good order."""
    world = World()
    world.framework(ceiling=5000)
    price(world, "55", "2026-01-01")
    world.order = world.accepted(world.calloff(1000))
    world.lot = world.sign_off(world.accepted(world.allot(world.order, "Asha", 400)), "A1", 300)
    world.sent = world.dispatch("Asha", "Store", {world.lot: 300})
    world.receipt = world.receive("Store", {world.lot: (290, 10, 0, 0)}, world.sent)
    return world


def price(world, amount, effective, was=None):
    now = {"amount": amount, "currency": "INR"} if amount else {"commitment": "c" * 64}
    world.amend(effective=effective, lines=[{"line": "1", "price": {"was": was, "now": now}}])
    return now


def only(world, odd, **how):
    (finding,) = world.findings(odd, **how)
    return finding


def figures(finding):
    return dict(finding.figures)


# F25


def test_f25_no_more_is_accepted_than_came_in_good_order(world):
    first = world.decide(world.receipt, {world.lot: 290})
    assert not world.findings(Odd.ACCEPTED_BEYOND_RECEIVED)
    second = world.decide(world.receipt, {world.lot: 5})
    finding = only(world, Odd.ACCEPTED_BEYOND_RECEIVED)
    assert finding.statements == (world.lot, first, second)
    assert figures(finding) == {"received": "290 pieces", "accepted": "295 pieces", "over": "5 pieces"}
    world.correct("Agency", second)
    assert not world.findings(Odd.ACCEPTED_BEYOND_RECEIVED)


def test_f25_what_is_accepted_on_a_receipt_that_was_taken_back_was_not_received(world):
    world.decide(world.receipt, {world.lot: 290})
    world.correct("Store", world.receipt)
    assert figures(only(world, Odd.ACCEPTED_BEYOND_RECEIVED))["received"] == "0 pieces"


def test_f25_what_a_hub_counted_is_not_received_by_the_consignee(world):
    at_hub = world.receive("Hub", {world.lot: 20}, world.dispatch("Asha", "Hub", {world.lot: 20}))
    world.decide(world.receipt, {world.lot: 290})
    world.decide(at_hub, {world.lot: 20})
    assert figures(only(world, Odd.ACCEPTED_BEYOND_RECEIVED))["over"] == "20 pieces"


def test_f25_of_goods_without_a_maker_by_line(world):
    bag = world.receive("Store", unknown={"1": 30}, calloff=world.order)
    world.decide(bag, unknown={"1": 30})
    assert not world.findings(Odd.ACCEPTED_BEYOND_RECEIVED)
    second = world.decide(bag, unknown={"1": 1})
    finding = only(world, Odd.ACCEPTED_BEYOND_RECEIVED)
    assert finding.statements[0] == world.order
    assert second in finding.statements
    assert "line 1, maker unknown: 31 pieces accepted, 30 pieces received" in finding.message
    assert figures(finding)["over"] == "1 piece"


# F26


def test_f26_what_is_rejected_says_why(world):
    world.decide(world.receipt, {world.lot: 200})
    assert not world.findings(Odd.REJECTED)
    decision = world.decide(world.receipt, {world.lot: (80, 10)})
    finding = only(world, Odd.REJECTED)
    assert finding.statements == (decision, world.receipt, world.lot)
    assert "waybill W-1: Agency (…" in finding.message
    assert finding.message.endswith("rejected 10 pieces of lot A1: Scratched.")
    assert figures(finding) == {"rejected": "10 pieces of lot A1"}
    world.correct("Agency", decision)
    assert not world.findings(Odd.REJECTED)


def test_f26_goods_without_a_maker_are_rejected_by_line(world):
    bag = world.receive("Store", unknown={"1": 30}, calloff=world.order)
    world.decide(bag, unknown={"1": (0, 30)})
    assert "30 pieces of line 1, maker unknown" in only(world, Odd.REJECTED).message


# F36


def test_f36_no_more_is_paid_for_than_was_accepted(world):
    decision = world.decide(world.receipt, {world.lot: 290})
    first = world.pay(decision, 290, "15950 INR")
    assert not world.findings(Odd.PAID_BEYOND_ACCEPTED)
    second = world.pay(decision, 10, "0 INR")
    finding = only(world, Odd.PAID_BEYOND_ACCEPTED)
    assert finding.statements[0] == world.contract
    assert set(finding.statements[1:]) == {first, second}
    assert "line 1: 300 pieces paid for, 290 pieces accepted" in finding.message
    assert figures(finding) == {"accepted": "290 pieces", "paid": "300 pieces", "over": "10 pieces"}
    world.correct("Agency", second)
    assert not world.findings(Odd.PAID_BEYOND_ACCEPTED)


def test_f36_no_more_money_is_paid_than_it_is_worth(world):
    decision = world.decide(world.receipt, {world.lot: 290})
    world.pay(decision, 290, "15950.01 INR")
    finding = only(world, Odd.PAID_BEYOND_ACCEPTED)
    assert "INR 15,950.01 paid; what was accepted is worth INR 15,950" in finding.message
    assert figures(finding)["over"] == "INR 0.01"


def test_f36_each_currency_by_itself(world):
    decision = world.decide(world.receipt, {world.lot: 290})
    world.pay(decision, 290, "1 EUR")
    assert figures(only(world, Odd.PAID_BEYOND_ACCEPTED))["worth"] == "EUR 0"


def test_f36_by_the_price_on_the_day_of_the_order(world):
    price(world, "99", "2026-05-05", was={"amount": "55", "currency": "INR"})
    decision = world.decide(world.receipt, {world.lot: 100})
    world.pay(decision, 100, "5501 INR")
    assert figures(only(world, Odd.PAID_BEYOND_ACCEPTED))["worth"] == "INR 5,500"


def test_f36_confidential_money_is_not_judged_and_quantities_still_are(world):
    decision = world.decide(world.receipt, {world.lot: 290})
    world.pay(decision, 290, {"commitment": "d" * 64})
    world.pay(decision, 1, "999999 INR")
    assert "291 pieces paid for" in only(world, Odd.PAID_BEYOND_ACCEPTED).message


def test_f36_what_is_accepted_by_a_decision_that_was_taken_back_is_not_paid_rightly(world):
    decision = world.decide(world.receipt, {world.lot: 290})
    world.pay(decision, 290, "15950 INR")
    world.correct("Agency", decision)
    words = [one.message for one in world.findings(Odd.PAID_BEYOND_ACCEPTED)]
    assert any("290 pieces paid for, 0 pieces accepted" in one for one in words)
    assert any("worth INR 0" in one for one in words)
