"""Rules of the buyer's decision on a delivery (R10, and R07, R08, R14, R15 of it): on goods that the receipt counts."""

import pytest

from ledger.rules.catalogue import Rule
from ledger.rules.records import Decision, Key, Kind
from ledger.rules.refusal import short_id
from tests.support.world import World, party, refused

NOWHERE = "ab" * 32


@pytest.fixture
def world():
    """Two lots, of which the first was counted, and some goods without a maker."""
    world = World()
    world.framework(lines={"1": 100, "2": 100})
    world.order = world.accepted(world.calloff({"1": 100, "2": 100}))
    part = world.accepted(world.allot(world.order, "Asha", {"1": 50}))
    world.lot, world.other = (world.sign_off(part, name, 20) for name in ("A1", "A2"))
    world.receipt = world.receive("Store", {world.lot: 20}, unknown={"1": 5}, calloff=world.order)
    return world


def of(world, decision):
    record = world.state.get(Key(world.contract, Kind.DECISION, decision))
    assert isinstance(record, Decision)
    return record


def test_the_buyer_decides_where_nobody_is_named_for_it(world):
    told = world.decide(world.receipt, {world.lot: (18, 2)}, unknown={"1": 5}, at="2026-05-04T01:00:00+05:30")
    kept = of(world, told)
    assert (kept.receipt, kept.by, kept.reason) == (world.receipt, party("Agency"), "Scratched.")
    assert kept.at.isoformat() == "2026-05-03T19:30:00+00:00"
    goods = [(one.lot, one.line, one.accepted, one.rejected) for one in kept.goods]
    assert goods == [(world.lot, "1", 18, 2), (None, "1", 5, 0)]


@pytest.mark.parametrize("signer", ["Store", "Prime", "Asha"])
def test_nobody_else_decides_for_the_buyer(world, signer):
    with refused(Rule.SIGNER) as caught:
        world.decide(world.receipt, {world.lot: 20}, by=signer)
    assert caught.value.limit.startswith("who decides on quality for the buyer: Agency (…")
    assert caught.value.rests_on == (world.contract,)


def test_where_the_contract_names_who_decides_the_buyer_itself_does_not(world):
    world.framework(ceiling=100, roles={"quality": ["Ines", "Store"]})
    part = world.accepted(world.allot(world.accepted(world.calloff(100)), "Asha", 50))
    lot = world.sign_off(part, "A3", 20)
    receipt = world.receive("Store", {lot: 20})
    with refused(Rule.SIGNER) as caught:
        world.decide(receipt, {lot: 20})
    assert "Ines (…" in caught.value.limit
    world.decide(receipt, {lot: 10}, by="Ines")
    world.decide(receipt, {lot: 10}, by="Store")


def test_no_quantity_of_a_decision_is_refused(world):
    """More accepted than was received is a finding."""
    much = "999999999999999"
    for said in ((much, 0), (0, much), (much, much)):
        world.decide(world.receipt, {world.lot: said})


def test_a_decision_is_on_lots_that_the_receipt_counts(world):
    with refused(Rule.REF_FITS) as caught:
        world.decide(world.receipt, {world.other: 20})
    assert caught.value.found == "lot A2 is not on the receipt of waybill W-1"
    assert caught.value.limit == "a lot that the receipt counts"
    assert caught.value.rests_on == (world.receipt, world.other)


def test_goods_without_a_maker_are_decided_by_the_line_they_were_counted_for(world):
    with refused(Rule.LINE) as caught:
        world.decide(world.receipt, unknown={"2": 5})
    assert (caught.value.limit, caught.value.rests_on) == ("one of 1", (world.receipt,))
    plain = world.receive("Store", {world.lot: 20}, waybill="W-2")
    with refused(Rule.LINE) as caught:
        world.decide(plain, unknown={"1": 5})
    assert caught.value.limit == "no line: there is none"


def test_a_decision_is_in_the_unit_of_the_goods(world):
    with refused(Rule.UNIT) as caught:
        world.decide(world.receipt, {world.lot: "20 KGM"})
    assert caught.value.rests_on == (world.lot,)
    with refused(Rule.UNIT) as caught:
        world.decide(world.receipt, unknown={"1": "5 KGM"})
    assert caught.value.rests_on == (world.receipt,)


def test_a_decision_rests_on_a_receipt_and_on_lots(world):
    sent = world.dispatch("Asha", "Store", {world.lot: 20})
    for wrong, rule, retriable in ((sent, Rule.REF_FITS, False), (NOWHERE, Rule.REF_REGISTERED, True)):
        with refused(rule, retriable=retriable):
            world.decide(wrong, {world.lot: 20})
        with refused(rule, retriable=retriable):
            world.decide(world.receipt, {wrong: 20})


def test_a_receipt_of_another_contract_is_not_decided_here(world):
    first = world.receipt
    world.framework(reference="LTA-8")
    with refused(Rule.REF_FITS) as caught:
        world.decide(first, unknown={"1": 5})
    assert caught.value.found == f"{short_id(first)} is a delivery.received of another contract"
