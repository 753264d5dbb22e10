"""Rules of inspecting, holding back and clearing (R10, R25, R21): who answers for a lot may stop it."""

import pytest

from ledger.rules.catalogue import Rule
from ledger.rules.records import Hold, Inspection, Key, Kind
from ledger.rules.refusal import short_id
from tests.support.world import World, party, refused

NOWHERE = "ab" * 32
LATER = "2026-05-05T09:00:00+05:30"


@pytest.fixture
def world():
    """A lot of Asha's, who makes for the hub, which has it from the prime."""
    world = World()
    world.framework(ceiling=100, roles={"inspectors": ["Ines"], "quality": ["Dee"]})
    world.order = world.accepted(world.calloff(100))
    hub = world.accepted(world.allot(world.order, "Hub", 50))
    world.lot = world.sign_off(world.accepted(world.allot(hub, "Asha", 40)), "A1", 30)
    world.allot(world.order, "Bo", 10)
    return world


def of(world, hold):
    record = world.state.get(Key(world.contract, Kind.HOLD, hold))
    assert isinstance(record, Hold)
    return record


# Holding back


@pytest.mark.parametrize("signer", ["Asha", "Hub", "Prime", "Agency", "Ines"])
def test_who_answers_for_a_lot_holds_it(world, signer):
    hold = world.hold(world.lot, by=signer)
    assert (of(world, hold).by, of(world, hold).lot, of(world, hold).cleared) == (
        party(signer),
        world.lot,
        None,
    )


@pytest.mark.parametrize("signer", ["Bo", "Store", "Dee"])
def test_nobody_else_holds_it(world, signer):
    if signer == "Dee":
        world.enrol("Dee")
    with refused(Rule.SIGNER) as caught:
        world.hold(world.lot, by=signer)
    named = ", ".join(f"{one} (…{party(one)[-8:]})" for one in ("Asha", "Hub", "Prime", "Agency", "Ines"))
    assert caught.value.limit == f"who answers for the lot: {named}"
    assert caught.value.rests_on == (world.lot,)


def test_a_lot_made_by_the_hub_itself_is_no_affair_of_its_makers(world):
    hub = world.accepted(world.allot(world.order, "Hub", 10))
    lot = world.sign_off(hub, "H1", 10)
    with refused(Rule.SIGNER):
        world.hold(lot, by="Asha")


def test_a_lot_may_be_held_several_times(world):
    first, second = world.hold(world.lot), world.hold(world.lot, by="Asha")
    world.clear(first)
    assert of(world, second).cleared is None


def test_what_is_held_is_a_lot_of_this_contract(world):
    for wrong, rule, retriable in ((world.order, Rule.REF_FITS, False), (NOWHERE, Rule.REF_REGISTERED, True)):
        with refused(rule, retriable=retriable):
            world.hold(wrong)
    world.framework(reference="LTA-8", roles={"inspectors": ["Ines"]})
    with refused(Rule.REF_FITS):
        world.hold(world.lot)


# Clearing


def test_who_held_a_lot_clears_it(world):
    hold = world.hold(world.lot)
    word = world.clear(hold, at=LATER)
    assert of(world, hold).cleared == word
    assert of(world, hold).cleared_at.isoformat() == "2026-05-05T03:30:00+00:00"


def test_the_buyer_clears_any_hold(world):
    world.clear(world.hold(world.lot, by="Ines"), by="Agency")


@pytest.mark.parametrize("signer", ["Asha", "Hub", "Prime"])
def test_nobody_lifts_anothers_hold(world, signer):
    hold = world.hold(world.lot, by="Ines")
    with refused(Rule.SIGNER) as caught:
        world.clear(hold, by=signer)
    assert caught.value.limit.startswith("who held the lot, or the buyer: Ines (…")
    assert ", Agency (…" in caught.value.limit
    assert caught.value.rests_on == (hold,)


def test_an_inspector_does_not_lift_what_the_maker_held(world):
    with refused(Rule.SIGNER):
        world.clear(world.hold(world.lot, by="Asha"), by="Ines")


def test_a_hold_is_cleared_once(world):
    hold = world.hold(world.lot)
    word = world.clear(hold)
    with refused(Rule.SETTLED_ONCE) as caught:
        world.clear(hold, by="Agency")
    assert caught.value.found == f"the hold {short_id(hold)} has been settled already, by {short_id(word)}"
    assert caught.value.rests_on == (hold, word)
    world.clear(world.hold(world.lot, at=LATER))  # held again, it is cleared again


def test_what_is_cleared_is_a_hold(world):
    with refused(Rule.REF_FITS) as caught:
        world.clear(world.lot)
    assert caught.value.limit == f"a hold of contract {short_id(world.contract)}"
    with refused(Rule.REF_REGISTERED, retriable=True):
        world.clear(NOWHERE)


# Inspecting


def test_an_inspection_is_a_fact_of_whoever_looked(world):
    told = world.inspect(world.lot, "fail", by="Bo", at="2026-05-04T01:00:00+05:30")
    kept = world.state.get(Key(world.contract, Kind.INSPECTION, told))
    assert isinstance(kept, Inspection)
    assert (kept.inspector, kept.passed, kept.sample, kept.major) == (party("Bo"), False, 50, 9)
    assert kept.at.isoformat() == "2026-05-03T19:30:00+00:00"


def test_a_stranger_to_the_contract_inspects_nothing_yet(world):
    world.enrol("Eve")
    with refused(Rule.PARTY_TO_CONTRACT, retriable=True) as caught:
        world.inspect(world.lot, by="Eve")
    assert caught.value.rests_on == (world.contract,)
    world.dispatch("Asha", "Eve", {world.lot: 1})
    world.inspect(world.lot, by="Eve")


def test_what_is_inspected_is_a_lot_of_this_contract(world):
    for wrong, rule, retriable in ((world.order, Rule.REF_FITS, False), (NOWHERE, Rule.REF_REGISTERED, True)):
        with refused(rule, retriable=retriable):
            world.inspect(wrong)
