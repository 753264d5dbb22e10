"""Rules of recalls (R10, R21, R25, and R07, R08, R15 of them): who may call goods back, and who closes it."""

import pytest

from ledger.rules.catalogue import Rule
from ledger.rules.records import Acknowledgement, Input, Key, Kind, Recall
from ledger.rules.refusal import short_id
from tests.support.world import World, party, refused

NOWHERE = "ab" * 32
SHEET = {"urn:pet-sheet": "P-77"}


@pytest.fixture
def world():
    """Lots of Asha's and Bo's; Asha makes for the hub, all of it to a specification of Dee's."""
    world = World()
    world.enrol("Dee")
    world.design = world.specification(by="Dee")
    world.framework(ceiling=100, made_to=world.design, roles={"inspectors": ["Ines"]})
    world.order = world.accepted(world.calloff(100))
    hub = world.accepted(world.allot(world.order, "Hub", 50))
    asha = world.accepted(world.allot(hub, "Asha", 40))
    bo = world.accepted(world.allot(world.order, "Bo", 40))
    world.lot = world.sign_off(asha, "A1", 30, specification=world.design, materials=SHEET)
    world.other = world.sign_off(bo, "B1", 30, specification=world.design)
    return world


def of(world, recall):
    record = world.state.get(Key(world.contract, Kind.RECALL, recall))
    assert isinstance(record, Recall)
    return record


# Opening


@pytest.mark.parametrize("signer", ["Asha", "Hub", "Prime", "Agency", "Ines"])
def test_who_answers_for_a_lot_calls_it_back(world, signer):
    recall = world.recall([world.lot], by=signer, at="2026-05-04T01:00:00+05:30")
    kept = of(world, recall)
    assert (kept.by, kept.lots, kept.closed) == (party(signer), (world.lot,), None)
    assert (kept.grade, kept.action) == ("danger to health", "quarantine")
    assert kept.at.isoformat() == "2026-05-03T19:30:00+00:00"


@pytest.mark.parametrize("signer", ["Bo", "Store", "Dee"])
def test_nobody_else_calls_a_lot_back(world, signer):
    with refused(Rule.SIGNER) as caught:
        world.recall([world.lot], by=signer)
    assert caught.value.limit.startswith("who answers for the lot: Asha (…")
    assert caught.value.rests_on == (world.lot,)


def test_who_calls_back_several_lots_answers_for_each(world):
    with refused(Rule.SIGNER) as caught:
        world.recall([world.lot, world.other], by="Asha")
    assert caught.value.rests_on == (world.other,)
    world.recall([world.lot, world.other], by="Prime")


@pytest.mark.parametrize("signer", ["Dee", "Agency", "Prime", "Ines"])
def test_who_answers_for_a_design_calls_back_what_was_made_to_it(world, signer):
    assert of(world, world.recall(by=signer, made_to=world.design)).specification == world.design


@pytest.mark.parametrize("signer", ["Asha", "Hub", "Store"])
def test_nobody_else_calls_a_design_back(world, signer):
    with refused(Rule.SIGNER) as caught:
        world.recall(by=signer, made_to=world.design)
    assert caught.value.limit.startswith("who answers for the design: Dee (…")
    assert caught.value.rests_on == (world.design,)


def test_a_stranger_calls_nothing_back_by_a_design_of_its_own(world):
    """Whoever publishes a specification would else put a recall under every contract."""
    world.enrol("Eve")
    own = world.specification(by="Eve")
    with refused(Rule.REF_FITS) as caught:
        world.recall(by="Eve", made_to=own)
    assert caught.value.found == f"nothing under contract LTA-7 is made to the specification {short_id(own)}"
    assert caught.value.limit == "a specification that the contract has, or had, for a line"
    assert caught.value.rests_on == (world.contract, own)
    for wrong, rule, retriable in ((world.lot, Rule.REF_FITS, False), (NOWHERE, Rule.REF_REGISTERED, True)):
        with refused(rule, retriable=retriable):
            world.recall(made_to=wrong)


def test_a_design_that_was_superseded_is_still_called_back(world):
    second = world.specification("B", by="Dee", supersedes=world.design)
    world.amend(lines=[{"line": "1", "specification": {"was": world.design, "now": second}}])
    for design in (world.design, second):
        world.recall(by="Dee", made_to=design)


@pytest.mark.parametrize("signer", ["Asha", "Bo", "Hub", "Prime", "Agency", "Ines"])
def test_who_makes_buys_or_inspects_calls_a_material_back_in_whose_lots_ever_it_is(world, signer):
    assert of(world, world.recall(by=signer, materials=SHEET)).materials == (Input("urn:pet-sheet", "P-77"),)


def test_who_only_receives_or_carries_calls_no_material_back(world):
    world.delegate("Asha", "Eve")
    world.enrol("Eve")
    for signer in ("Store", "Eve"):
        with refused(Rule.SIGNER) as caught:
            world.recall(by=signer, materials=SHEET)
        assert caught.value.found.endswith("calls a material back")
        assert caught.value.limit == (
            f"the buyer, the prime, a hub, a maker or an inspector of contract {short_id(world.contract)}"
        )
        assert caught.value.rests_on == (world.contract,)
    with refused(Rule.PARTY_TO_CONTRACT, retriable=True):
        world.recall(by="Dee", materials=SHEET)  # she specifies; she makes nothing under it


def test_what_names_several_grounds_needs_the_right_to_each(world):
    with refused(Rule.SIGNER):
        world.recall([world.lot], by="Dee", made_to=world.design)
    with refused(Rule.PARTY_TO_CONTRACT, retriable=True):
        world.recall(by="Dee", made_to=world.design, materials=SHEET)
    world.recall([world.lot], by="Prime", made_to=world.design, materials=SHEET)


def test_what_is_called_back_is_a_lot_of_this_contract(world):
    for wrong, rule, retriable in ((world.order, Rule.REF_FITS, False), (NOWHERE, Rule.REF_REGISTERED, True)):
        with refused(rule, retriable=retriable):
            world.recall([wrong])
    world.framework(reference="LTA-8")
    with refused(Rule.REF_FITS):
        world.recall([world.lot])


# Acknowledging


def test_any_party_to_the_contract_says_what_it_found(world):
    recall = world.recall([world.lot])
    told = world.acknowledge("Store", recall, {world.lot: (25, 20)})
    kept = world.state.get(Key(world.contract, Kind.ACKNOWLEDGEMENT, told))
    assert isinstance(kept, Acknowledgement)
    assert (kept.recall, kept.by) == (recall, party("Store"))
    assert [(one.lot, one.located, one.quarantined) for one in kept.lots] == [(world.lot, 25, 20)]
    world.acknowledge("Store", recall, {world.lot: "999999999999999", world.other: 0})  # facts, all of it


def test_a_stranger_to_the_contract_found_nothing_yet(world):
    recall = world.recall([world.lot])
    with refused(Rule.PARTY_TO_CONTRACT, retriable=True):
        world.acknowledge("Dee", recall, {world.lot: 1})


def test_what_was_found_is_in_the_unit_of_the_lot(world):
    with refused(Rule.UNIT) as caught:
        world.acknowledge("Store", world.recall([world.lot]), {world.lot: "1 KGM"})
    assert caught.value.rests_on == (world.lot,)


def test_what_is_acknowledged_is_a_recall_of_lots(world):
    recall = world.recall([world.lot])
    for wrong, rule, retriable in ((world.order, Rule.REF_FITS, False), (NOWHERE, Rule.REF_REGISTERED, True)):
        with refused(rule, retriable=retriable):
            world.acknowledge("Store", wrong, {world.lot: 1})
        with refused(rule, retriable=retriable):
            world.acknowledge("Store", recall, {wrong: 1})


# Closing


def test_who_opened_a_recall_closes_it(world):
    recall = world.recall([world.lot], by="Asha")
    word = world.close_recall(recall, by="Asha", at="2026-05-06T01:00:00+05:30")
    assert of(world, recall).closed == word
    assert of(world, recall).closed_at.isoformat() == "2026-05-05T19:30:00+00:00"


def test_the_buyer_closes_any_recall(world):
    world.close_recall(world.recall([world.lot], by="Ines"))


@pytest.mark.parametrize("signer", ["Asha", "Hub", "Prime"])
def test_nobody_closes_the_recall_of_another(world, signer):
    recall = world.recall([world.lot], by="Ines")
    with refused(Rule.SIGNER) as caught:
        world.close_recall(recall, by=signer)
    assert caught.value.limit.startswith("who opened the recall, or the buyer: Ines (…")
    assert caught.value.rests_on == (recall,)


def test_a_recall_is_closed_once_and_may_be_opened_again(world):
    recall = world.recall([world.lot])
    word = world.close_recall(recall)
    with refused(Rule.SETTLED_ONCE) as caught:
        world.close_recall(recall, at="2026-05-06T09:00:00+05:30")
    assert (
        caught.value.found == f"the recall {short_id(recall)} has been settled already, by {short_id(word)}"
    )
    assert caught.value.rests_on == (recall, word)
    world.acknowledge("Store", recall, {world.lot: 1})  # what is found later is still a fact
    world.recall([world.lot], at="2026-05-06T09:00:00+05:30")


def test_what_is_closed_is_a_recall(world):
    with refused(Rule.REF_FITS):
        world.close_recall(world.lot)
    with refused(Rule.REF_REGISTERED, retriable=True):
        world.close_recall(NOWHERE)
