"""Whose goods a payment is for: told only where payments leave no choice."""

from decimal import Decimal

from ledger.report.paid import paid_of_lots
from tests.support.world import World, drawn, party


def delivered() -> tuple[World, list[str], list[str]]:
    """Two lots of 100 and 50, each on a receipt and a decision of its own, all accepted."""
    world = World()
    world.framework(1000)
    order = world.accepted(world.calloff(200))
    share = world.accepted(world.allot(order, "Asha", 200))
    lots = {world.sign_off(share, "A1", 100): 100, world.sign_off(share, "A2", 50): 50}
    decisions = []
    for lot, quantity in lots.items():
        sent = world.dispatch("Asha", "Store", {lot: quantity})
        receipt = world.receive("Store", {lot: quantity}, sent)
        decisions.append(world.decide(receipt, {lot: (quantity, 0)}))
    return world, list(lots), decisions


def paid(world: World) -> list[Decimal | None]:
    at = world.at()
    return [paid_of_lots(at)[lot.id] for lot in sorted(at.lots.values(), key=lambda lot: lot.name)]


def test_nothing_is_paid_before_anybody_pays():
    world, *_ = delivered()
    assert paid(world) == [0, 0]


def test_a_decision_paid_in_full_pays_for_its_lots_and_for_no_others():
    world, _, [first, _] = delivered()
    world.pay(first, 100, "5500 INR")
    assert paid(world) == [100, 0]


def test_a_decision_paid_in_two_parts_is_paid():
    world, _, [first, _] = delivered()
    world.pay(first, 60, "3300 INR")
    assert paid(world) == [None, 0]
    world.pay(first, 40, "2200 INR")
    assert paid(world) == [100, 0]


def test_part_of_what_two_decisions_accepted_is_nobodys_for_certain():
    world, _, [first, second] = delivered()
    body = {
        "payee": party("Prime"),
        "amount": {"amount": "5500", "currency": "INR"},
        "lines": drawn(100),
        "reference": "P-1",
    }
    world.say("Agency", "payment.recorded", body, {"decisions": [first, second]})
    assert paid(world) == [None, None]
    world.pay(second, 50, "2750 INR")
    assert paid(world) == [100, 50]
