"""Rules of disputes (R10, R21, R25, and R07, R08 of them): a party to the contract disputes a statement under it."""

import pytest

from ledger.rules.catalogue import Rule
from ledger.rules.records import Dispute, Key, Kind
from ledger.rules.refusal import short_id
from tests.support.world import World, party, refused

NOWHERE = "ab" * 32


@pytest.fixture
def world():
    world = World()
    world.framework(ceiling=100)
    world.order = world.accepted(world.calloff(100))
    return world


def of(world, dispute):
    record = world.state.get(Key(world.contract, Kind.DISPUTE, dispute))
    assert isinstance(record, Dispute)
    return record


def test_a_party_to_the_contract_disputes_any_statement_under_it(world):
    first = world.dispute("Store", world.order)
    for target in (world.contract, world.log[-1].id, first):
        world.dispute("Prime", target)
    kept = of(world, first)
    assert (kept.target, kept.by, kept.against, kept.resolved) == (world.order, party("Store"), None, None)
    assert (kept.claim, kept.wanted) == ("It was 40 more.", "Count again.")


def test_a_stranger_to_the_contract_disputes_nothing_yet(world):
    with refused(Rule.PARTY_TO_CONTRACT, retriable=True) as caught:
        world.dispute("Asha", world.order)
    assert caught.value.rests_on == (world.contract,)
    world.allot(world.order, "Asha", 1)
    world.dispute("Asha", world.order)


def test_what_is_disputed_stands_under_this_contract(world):
    first = world.order
    with refused(Rule.REF_REGISTERED, retriable=True) as caught:
        world.dispute("Store", NOWHERE)
    assert caught.value.found == f"the statement {NOWHERE[:12]} it rests on is not registered"
    with refused(Rule.REF_FITS) as caught:
        world.dispute("Store", world.enrolment("Store"))
    assert caught.value.found.endswith("is a party.enrolled under no contract")
    world.framework(reference="LTA-8")
    with refused(Rule.REF_FITS) as caught:
        world.dispute("Prime", first)
    assert caught.value.limit == f"a statement of contract {short_id(world.contract)}"


@pytest.mark.parametrize("signer", ["Store", "Agency"])
def test_who_raised_a_dispute_or_the_buyer_says_how_it_ended(world, signer):
    dispute = world.dispute("Store", world.order)
    word = world.resolve(dispute, by=signer)
    assert of(world, dispute).resolved == word


def test_against_whom_it_goes_does_not_end_it(world):
    dispute = world.dispute("Store", world.order, against="Prime")
    assert of(world, dispute).against == party("Prime")
    with refused(Rule.SIGNER) as caught:
        world.resolve(dispute, by="Prime")
    assert caught.value.limit.startswith("who raised the dispute, or the buyer: Store (…")
    assert caught.value.rests_on == (dispute,)


def test_a_dispute_ends_once(world):
    dispute = world.dispute("Store", world.order)
    word = world.resolve(dispute, by="Store")
    with refused(Rule.SETTLED_ONCE) as caught:
        world.resolve(dispute, by="Agency")
    assert (
        caught.value.found == f"the dispute {short_id(dispute)} has been settled already, by {short_id(word)}"
    )
    assert caught.value.rests_on == (dispute, word)


def test_what_ends_is_a_dispute(world):
    with refused(Rule.REF_FITS):
        world.resolve(world.order, by="Agency")
    with refused(Rule.REF_REGISTERED, retriable=True):
        world.resolve(NOWHERE, by="Agency")
