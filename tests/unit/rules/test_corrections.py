"""Rules of corrections (R08, R10, R25): whoever signed a fact takes it back, once; nothing in the log is changed."""

import pytest

from ledger.rules.after import CORRECTABLE
from ledger.rules.catalogue import Rule
from ledger.rules.records import Correction, Dispatch, Key, Kind
from ledger.rules.refusal import short_id
from tests.support.world import World, party, refused

NOWHERE = "ab" * 32


@pytest.fixture
def world():
    """A lot of Asha's, sent to the store; the hub may sign for her."""
    world = World()
    world.framework(ceiling=100, roles={"inspectors": ["Ines"], "payers": ["Ines"]})
    world.order = world.accepted(world.calloff(100))
    world.part = world.accepted(world.allot(world.order, "Asha", 50))
    world.lot = world.sign_off(world.part, "A1", 30)
    world.sent = world.dispatch("Asha", "Store", {world.lot: 30})
    world.lent = world.delegate("Asha", "Hub")
    return world


def of(world, target):
    record = world.state.get(Key(world.contract, Kind.CORRECTION, target))
    assert record is None or isinstance(record, Correction)
    return record


def facts(world):
    """One of each kind that can be corrected, and who signed it."""
    receipt = world.receive("Store", {world.lot: 30}, world.sent)
    decision = world.decide(receipt, {world.lot: 30})
    recall = world.recall([world.lot], by="Prime")
    return {
        world.inspect(world.lot): "Ines",
        world.sent: "Asha",
        receipt: "Store",
        decision: "Agency",
        world.pay(decision, 30, by="Ines"): "Ines",
        recall: "Prime",
        world.acknowledge("Store", recall, {world.lot: 30}): "Store",
        world.dispute("Asha", decision): "Asha",
    }


def test_whoever_signed_a_fact_takes_it_back(world):
    told = facts(world)
    assert {world.state.known(fact).type for fact in told} == set(CORRECTABLE)
    for fact, signer in told.items():
        word = world.correct(signer, fact)
        kind = world.state.known(fact).type
        assert of(world, fact) == Correction(word, fact, kind, party(signer), "did not occur", None)


def test_nobody_takes_back_what_another_signed(world):
    for fact, signer in facts(world).items():
        for other in {"Agency", "Prime", "Asha", "Store", "Ines"} - {signer}:
            with refused(Rule.SIGNER) as caught:
                world.correct(other, fact)
            assert caught.value.limit.startswith(f"who signed what is corrected: {signer} (…")
            assert caught.value.rests_on == (fact,)
        assert of(world, fact) is None


def test_what_is_corrected_stays_as_it_was(world):
    world.correct("Asha", world.sent)
    kept = world.state.get(Key(world.contract, Kind.DISPATCH, world.sent))
    assert isinstance(kept, Dispatch)
    assert kept.goods[0].quantity == 30


def test_promises_are_not_corrected(world):
    hold = world.hold(world.lot)
    correction = world.correct("Asha", world.sent)
    enrolled = world.lent
    for target in (world.contract, world.order, world.part, world.lot, hold, enrolled, correction):
        with refused(Rule.REF_FITS) as caught:
            world.correct("Asha", target)
        name = world.state.known(target).type
        assert caught.value.found in {f"{short_id(target)} is a {name}", f"{short_id(target)} is an {name}"}
        assert caught.value.limit.startswith("one of inspection.recorded, delivery.dispatched, ")
        assert caught.value.rests_on == (target,)


def test_what_was_corrected_stays_corrected(world):
    """There is no correction of a correction: the fact is told again."""
    correction = world.correct("Asha", world.sent)
    with refused(Rule.SETTLED_ONCE) as caught:
        world.correct("Asha", world.sent, reason="incorrect data")
    assert caught.value.found == (
        f"the correction of {short_id(world.sent)} has been settled already, by {short_id(correction)}"
    )
    assert caught.value.rests_on == (world.sent, correction)
    with refused(Rule.REF_FITS):
        world.correct("Asha", correction)


def test_what_is_corrected_stands_under_this_contract(world):
    with refused(Rule.REF_REGISTERED, retriable=True):
        world.correct("Asha", NOWHERE)
    with refused(Rule.REF_FITS) as caught:
        world.correct("Asha", world.enrolment("Asha"))
    assert "under no contract" in caught.value.found
    sent = world.sent
    world.framework(reference="LTA-8")
    with refused(Rule.REF_FITS) as caught:
        world.correct("Asha", sent)
    assert "of another contract" in caught.value.found


# What stands in its place


def again(world, quantity=29, **how):
    return world.dispatch("Asha", "Store", {world.lot: quantity}, **how)


def test_another_fact_of_the_same_type_by_the_same_party_stands_in_its_place(world):
    instead = again(world)
    world.correct("Asha", world.sent, instead)
    assert (of(world, world.sent).replacement, of(world, world.sent).reason) == (instead, "incorrect data")
    assert of(world, instead) is None


def test_a_replacement_may_be_wrong_as_well(world):
    second, third = again(world), again(world, 28)
    world.correct("Asha", world.sent, second)
    world.correct("Asha", second, third)
    assert [of(world, one) is None for one in (world.sent, second, third)] == [False, False, True]


def test_what_does_not_stand_in(world):
    by_another = world.dispatch("Prime", "Store", {world.lot: 30})
    of_another_type = world.acknowledge("Asha", world.recall([world.lot], by="Asha"), {world.lot: 0})
    for wrong in (world.sent, by_another, of_another_type, world.lot):
        with refused(Rule.REF_FITS) as caught:
            world.correct("Asha", world.sent, wrong)
        assert caught.value.found == (
            f"the replacement {short_id(wrong)} does not stand in for {short_id(world.sent)}"
        )
        assert (
            caught.value.limit == f"another delivery.dispatched by Asha (…{party('Asha')[-8:]}) that counts"
        )
        assert caught.value.rests_on == (world.sent, wrong)
    with refused(Rule.REF_REGISTERED, retriable=True):
        world.correct("Asha", world.sent, NOWHERE)
    with refused(Rule.REF_FITS) as caught:
        world.correct("Asha", world.sent, world.enrolment("Asha"))
    assert "under no contract" in caught.value.found


def test_what_counts_no_more_stands_in_for_nothing(world):
    """So facts never stand in for each other in a circle."""
    second = again(world)
    correction = world.correct("Asha", world.sent, second)
    with refused(Rule.REF_FITS) as caught:
        world.correct("Asha", second, world.sent)
    assert caught.value.found.endswith(f": it was corrected itself, by {short_id(correction)}")
    assert caught.value.rests_on == (second, world.sent, correction)
    world.correct("Asha", second)


# What was signed for another


def test_who_signed_for_another_takes_its_mistake_back(world):
    """The maker has no device: whoever wrote the wrong waybill in her name puts it right."""
    wrong = world.dispatch("Hub", "Store", {world.lot: 30}, delegation=world.lent, waybill="W-9")
    right = world.dispatch("Hub", "Store", {world.lot: 20}, delegation=world.lent, waybill="W-9")
    world.revoke("Asha", world.lent)
    world.correct("Hub", wrong, right)
    assert of(world, wrong).by == party("Hub")


def test_a_party_takes_back_what_was_signed_for_it(world):
    signed = world.dispatch("Hub", "Store", {world.lot: 30}, delegation=world.lent, waybill="W-9")
    world.correct("Asha", signed, again(world, waybill="W-9"))


def test_what_a_party_has_confirmed_is_its_own_to_take_back(world):
    signed = world.dispatch("Hub", "Store", {world.lot: 30}, delegation=world.lent, waybill="W-9")
    world.confirm("Asha", signed)
    with refused(Rule.SIGNER) as caught:
        world.correct("Hub", signed)
    assert caught.value.limit == f"who signed what is corrected: Asha (…{party('Asha')[-8:]})"
    world.correct("Asha", signed)


def test_what_a_delegate_signs_for_itself_does_not_stand_in(world):
    wrong = world.dispatch("Hub", "Store", {world.lot: 30}, delegation=world.lent, waybill="W-9")
    own = world.dispatch("Hub", "Store", {world.lot: 30}, waybill="W-9")
    with refused(Rule.REF_FITS):
        world.correct("Hub", wrong, own)
