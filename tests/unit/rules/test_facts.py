"""Facts are recorded (R21 aside): what arrived is never refused for its quantity, its time or its oddness."""

import pytest

from ledger.rules.catalogue import Rule
from ledger.rules.records import Dispatch, Key, Kind, Receipt
from tests.support.world import World, party, refused


@pytest.fixture
def world():
    return World()


@pytest.fixture
def lot(world):
    """300 pieces of Asha's, released under a call-off of 1,000 for the store."""
    world.framework(ceiling=1000)
    world.order = world.accepted(world.calloff(1000))
    return world.sign_off(world.accepted(world.allot(world.order, "Asha", 400)), "A1", 300)


MUCH = "999999999999999"


def of(world, kind, name):
    """The record of one fact."""
    return world.state.get(Key(world.contract, kind, name))


def test_no_quantity_of_a_delivery_is_refused(world, lot):
    sent = world.dispatch("Asha", "Store", {lot: MUCH})
    again = world.dispatch("Asha", "Store", {lot: MUCH}, waybill="W-2")
    for dispatch in (sent, again):
        assert [one.quantity for one in of(world, Kind.DISPATCH, dispatch).goods] == [int(MUCH)]
    for counts in ((MUCH, 0, 0, 0), (0, MUCH, 0, 0), (0, 0, MUCH, 0), (0, 0, 0, MUCH)):
        (kept,) = of(world, Kind.RECEIPT, world.receive("Store", {lot: counts}, sent)).goods
        assert (kept.good, kept.damaged, kept.short, kept.excess) == tuple(map(int, counts))


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00Z", "2199-12-31T23:59:59-12:00"])
def test_no_time_of_a_delivery_is_refused(world, lot, at):
    world.receive("Store", {lot: 1}, world.dispatch("Asha", "Store", {lot: 1}, at=at), at=at)


def test_a_receipt_without_a_dispatch_is_recorded(world, lot):
    receipt = world.receive("Store", {lot: 300})
    kept = world.state.get(Key(world.contract, Kind.RECEIPT, receipt))
    assert isinstance(kept, Receipt)
    assert kept.dispatch is None


def test_any_party_to_the_contract_may_carry_and_count(world, lot):
    for name in ("Agency", "Prime", "Store", "Asha"):
        world.receive(name, {lot: 1}, world.dispatch(name, "Store", {lot: 1}))


def test_a_stranger_to_the_contract_records_nothing_yet(world, lot):
    with refused(Rule.PARTY_TO_CONTRACT, retriable=True) as caught:
        world.dispatch("Bo", "Store", {lot: 1})
    assert "Bo (…" in caught.value.found
    assert caught.value.rests_on == (world.contract,)
    with refused(Rule.PARTY_TO_CONTRACT, retriable=True):
        world.receive("Hub", {lot: 1})
    world.allot(world.order, "Bo", 1)  # what makes it a party may well come after
    world.dispatch("Bo", "Store", {lot: 1})


def test_whom_goods_are_sent_to_becomes_a_party(world, lot):
    sent = world.dispatch("Asha", "Hub", {lot: 300})
    world.receive("Hub", {lot: 300}, sent)
    world.dispatch("Hub", "Store", {lot: 300})


def test_a_dispatch_keeps_from_whom_to_whom_and_what(world, lot):
    sent = world.dispatch("Prime", "Store", {lot: 200}, unknown={"1": 5}, calloff=world.order)
    kept = of(world, Kind.DISPATCH, sent)
    assert isinstance(kept, Dispatch)
    assert (kept.dispatcher, kept.to, kept.calloff) == (party("Prime"), party("Store"), world.order)
    assert [(one.lot, one.quantity) for one in kept.goods] == [(lot, 200), (None, 5)]


def test_a_receipt_keeps_who_counted_what_on_which_day_of_its_own(world, lot):
    told = world.receive("Store", {lot: (20, 1, 2, 0)}, at="2026-05-06T01:00:00+05:30")
    kept = of(world, Kind.RECEIPT, told)
    assert (kept.receiver, kept.received.isoformat()) == (party("Store"), "2026-05-06")
    assert kept.at.isoformat() == "2026-05-05T19:30:00+00:00"
    assert [(one.good, one.damaged, one.short, one.excess) for one in kept.goods] == [(20, 1, 2, 0)]


def test_a_lot_keeps_what_was_told_of_it_in_the_order_of_the_log(world, lot):
    told = [
        world.dispatch("Asha", "Store", {lot: 300}),
        world.receive("Store", {lot: 290}),
        world.inspect(lot, by="Prime"),
        world.hold(lot, by="Agency"),
    ]
    told.append(world.clear(told[-1], by="Agency"))
    told.append(world.decide(told[1], {lot: 290}))
    told.append(world.recall([lot]))
    told.append(world.acknowledge("Store", told[-1], {lot: 290}))
    assert list(of(world, Kind.LOT, lot).told) == told


# What says nothing about this contract is not recorded under it


def test_an_unknown_lot_may_still_come(world, lot):
    with refused(Rule.REF_REGISTERED, retriable=True):
        world.dispatch("Asha", "Store", {"cd" * 32: 1})


def test_a_lot_of_another_contract_is_refused(world, lot):
    world.framework(ceiling=10, reference="LTA-8")
    order = world.accepted(world.calloff(10))
    world.allot(order, "Asha", 1)
    for tell in (lambda: world.dispatch("Asha", "Store", {lot: 1}), lambda: world.receive("Store", {lot: 1})):
        with refused(Rule.REF_FITS) as caught:
            tell()
        assert "batch.signed_off of another contract" in caught.value.found


def test_a_delivery_is_in_the_lots_unit(world, lot):
    for tell in (
        lambda: world.dispatch("Asha", "Store", {lot: "1 KGM"}),
        lambda: world.receive("Store", {lot: "1 KGM"}),
    ):
        with refused(Rule.UNIT) as caught:
            tell()
        assert caught.value.rests_on == (lot,)


def test_a_receipt_rests_on_a_dispatch(world, lot):
    for wrong in (lot, world.order, world.receive("Store", {lot: 1})):
        with refused(Rule.REF_FITS) as caught:
            world.receive("Store", {lot: 1}, wrong)
        assert caught.value.limit.startswith("a dispatch of contract")


def test_unattributed_goods_are_counted_for_a_line_of_a_call_off(world, lot):
    world.dispatch("Prime", "Store", unknown={"1": 5}, calloff=world.order)
    with refused(Rule.LINE) as caught:
        world.dispatch("Prime", "Store", unknown={"2": 5}, calloff=world.order)
    assert caught.value.rests_on == (world.order,)
    with refused(Rule.UNIT):
        world.receive("Store", unknown={"1": "5 KGM"}, calloff=world.order)
    with refused(Rule.REF_FITS):
        world.receive("Store", unknown={"1": 5}, calloff=lot)
