"""What the facts on a lot come to: sums by who sent and who counted, exact; and who holds it by the papers."""

from decimal import Decimal

import pytest

from ledger.rules.sums import Counts, amounts, holdings, total
from tests.support.world import World, party


@pytest.fixture
def world():
    """300 pieces of Asha's, released for the store."""
    world = World()
    world.framework(ceiling=2000)
    world.order = world.accepted(world.calloff(1000))
    world.part = world.accepted(world.allot(world.order, "Asha", 400))
    world.lot = world.sign_off(world.part, "A1", 300)
    return world


def facts(world):
    return world.at().facts[world.lot]


def held(world, found=None):
    """Who holds how much, what is on the way to whom, and how much is short."""
    now = holdings(facts(world), {party(name): Decimal(n) for name, n in (found or {}).items()})
    return (
        {world.name(who): int(quantity) for who, quantity in now.held.items()},
        [(world.name(dispatch.to), int(quantity)) for dispatch, quantity in now.on_the_way],
        int(now.short),
    )


# Sums


def test_sums_are_exact_beyond_the_digits_of_a_default_context():
    assert total([Decimal("999999999999999.999999")] * 3 + [Decimal(10**30)]) == Decimal(
        "1000000000000002999999999999999.999997"
    )


def test_both_legs_are_kept_apart(world):
    world.dispatch("Asha", "Hub", {world.lot: 200})
    world.dispatch("Asha", "Store", {world.lot: 100})
    world.dispatch("Hub", "Store", {world.lot: 150})
    assert facts(world).sent_by == {party("Asha"): 300, party("Hub"): 150}
    assert facts(world).sent_to == {party("Hub"): 200, party("Store"): 250}
    assert facts(world).dispatched == 250


def test_counts_add_up_by_who_counted(world):
    world.receive("Store", {world.lot: (10, 1, 2, 0)})
    world.receive("Store", {world.lot: (20, 0, 0, 5)})
    world.receive("Agency", {world.lot: 7})
    assert facts(world).counts == {
        party("Store"): Counts(*map(Decimal, (30, 1, 2, 5))),
        party("Agency"): Counts(good=Decimal(7)),
    }
    assert facts(world).delivered.good == 30


def test_decisions_add_up(world):
    receipt = world.receive("Store", {world.lot: 30})
    world.decide(receipt, {world.lot: (20, 3)})
    world.decide(receipt, {world.lot: (5, 2)})
    assert (facts(world).accepted, facts(world).rejected) == (25, 5)


def test_what_was_told_of_a_lot_stands_in_the_order_of_the_log(world):
    sent = [world.dispatch("Asha", "Store", {world.lot: n}, waybill=f"W-{n}") for n in range(1, 9)]
    assert list(facts(world).dispatches) == sent


def test_a_fact_that_was_taken_back_does_not_count(world):
    sent = world.dispatch("Asha", "Store", {world.lot: 300})
    world.receive("Store", {world.lot: 300}, sent)
    world.correct("Asha", sent)
    at = world.at()
    assert (facts(world).sent, sent in at.dispatches, sent in at.taken_back) == ((), False, True)
    assert at.record(sent) is at.taken_back[sent]
    assert facts(world).delivered.good == 300


def test_amounts_of_several_units_stand_side_by_side(world):
    lot = world.at().lots[world.lot]
    assert amounts([]) == "none"
    assert amounts([(lot, Decimal(2)), (lot, Decimal(1))]) == "3 pieces"


# Holdings


def test_a_maker_holds_what_it_released_and_did_not_send(world):
    assert held(world) == ({"Asha": 300}, [], 0)
    sent = world.dispatch("Asha", "Hub", {world.lot: 120})
    assert held(world) == ({"Asha": 180}, [("Hub", 120)], 0)
    world.receive("Hub", {world.lot: (100, 5, 15, 0)}, sent)
    assert held(world) == ({"Asha": 180, "Hub": 105}, [], 15)


def test_what_a_receipt_is_silent_about_is_still_on_the_way(world):
    sent = world.dispatch("Asha", "Hub", {world.lot: 120})
    world.receive("Hub", {world.lot: 100}, sent)
    assert held(world) == ({"Asha": 180, "Hub": 100}, [("Hub", 20)], 0)


def test_who_sent_goods_on_has_evidently_received_them(world):
    world.dispatch("Asha", "Hub", {world.lot: 300})
    last = world.dispatch("Hub", "Store", {world.lot: 200})
    world.receive("Store", {world.lot: 200}, last)
    assert held(world) == ({"Store": 200}, [("Hub", 100)], 0)


def test_goods_received_on_no_dispatch_are_those_on_the_way(world):
    world.dispatch("Asha", "Store", {world.lot: 300})
    world.receive("Store", {world.lot: 290})
    assert held(world) == ({"Store": 290}, [("Store", 10)], 0)


def test_goods_found_beyond_the_papers_are_those_on_the_way(world):
    world.dispatch("Asha", "Store", {world.lot: 300})
    assert held(world, {"Store": 250}) == ({}, [("Store", 50)], 0)
    assert held(world, {"Hub": 250}) == ({}, [("Store", 300)], 0)


def test_a_shortage_that_was_made_up_is_not_short(world):
    first, second = (
        world.dispatch("Asha", "Store", {world.lot: 150}, waybill=name) for name in ("W-1", "W-2")
    )
    world.receive("Store", {world.lot: (110, 0, 40, 0)}, first)
    world.receive("Store", {world.lot: (180, 0, 0, 30)}, second)
    assert held(world) == ({"Store": 290}, [], 10)


# Worth


def priced(world, *prices):
    """Line 1 at each price from its first day on; None is a commitment."""
    was = None
    for effective, amount in prices:
        now = {"amount": amount, "currency": "INR"} if amount else {"commitment": "c" * 64}
        world.amend(effective=effective, lines=[{"line": "1", "price": {"was": was, "now": now}}])
        was = now


def test_an_order_is_worth_what_was_agreed_on_the_day_it_was_issued(world):
    priced(world, ("2026-01-01", "55"), ("2026-05-05", "60.5"))
    later = world.accepted(world.calloff(10, at="2026-05-05T09:00:00Z"))
    worth = world.at().worth([((world.order, "1"), Decimal(1000)), ((later, "1"), Decimal(10))])
    assert [str(money) for money in worth] == ["INR 55,605"]


def test_without_a_price_in_the_clear_nothing_is_known_of_the_worth(world):
    some = [((world.order, "1"), Decimal(1))]
    assert world.at().worth(some) is None
    assert world.at().worth([]) == ()
    assert world.at().worth([((world.order, "1"), Decimal(0))]) == ()
    priced(world, ("2026-01-01", "55"), ("2026-01-02", None))
    assert world.at().worth(some) is None
