"""Rules of erasures (R06 to R08, R10, R21): who may write down that something confidential was destroyed."""

import pytest

from ledger.rules.catalogue import Rule
from ledger.rules.records import Erasure, Key, Kind
from ledger.rules.refusal import short_id
from tests.support.world import World, party, refused

NOWHERE = "ab" * 32
NAME, PHONE = "c" * 64, "d" * 64


@pytest.fixture
def world():
    """The operator has enrolled as well; a contract with an order."""
    world = World()
    world.enrol("Operator", "verifier")
    world.framework(ceiling=100)
    world.order = world.calloff(100)
    return world


def of(world, target, contract=None):
    record = world.state.get(Key(world.contract if contract is None else contract, Kind.ERASURE, target))
    assert record is None or isinstance(record, Erasure)
    return record


# Under a contract


@pytest.mark.parametrize("signer", ["Agency", "Prime", "Store", "Operator"])
def test_a_party_to_the_contract_or_the_operator_erases_commitments(world, signer):
    told = world.erase(signer, world.order, NAME)
    assert of(world, world.order) == Erasure(world.order, (told,), (NAME,), False, "On request.")


def test_a_stranger_to_the_contract_erases_nothing_yet(world):
    with refused(Rule.PARTY_TO_CONTRACT, retriable=True) as caught:
        world.erase("Asha", world.order, NAME)
    assert caught.value.rests_on == (world.contract,)


def test_what_is_erased_of_a_statement_adds_up(world):
    told = [world.erase("Agency", world.order, NAME)]
    told.append(world.erase("Prime", world.order, PHONE, NAME))
    told.append(world.erase("Agency", world.order, contents=True))
    assert of(world, world.order) == Erasure(world.order, tuple(told), (NAME, PHONE), True, "On request.")
    world.erase("Agency", world.order, "e" * 64)
    assert of(world, world.order).contents


@pytest.mark.parametrize("signer", ["Agency", "Operator"])
def test_whole_contents_are_erased_by_the_buyer_or_the_operator(world, signer):
    world.erase(signer, world.order, contents=True)
    assert of(world, world.order).contents


@pytest.mark.parametrize("signer", ["Prime", "Asha"])
def test_nobody_else_erases_contents(world, signer):
    with refused(Rule.SIGNER) as caught:
        world.erase(signer, world.order, contents=True)
    assert caught.value.limit.startswith("the buyer, or the log's operator: Agency (…")
    assert caught.value.rests_on == (world.contract,)


def test_what_is_erased_stands_under_the_subject(world):
    for signer in ("Agency", "Operator"):
        with refused(Rule.REF_REGISTERED, retriable=True) as caught:
            world.erase(signer, NOWHERE, NAME)
        assert caught.value.found == f"the statement {NOWHERE[:12]} it rests on is not registered"
        with refused(Rule.REF_FITS) as caught:
            world.erase(signer, world.enrolment("Store"), NAME)
        assert caught.value.found.endswith("is a party.enrolled under no contract")
        with refused(Rule.REF_FITS):
            world.erase(signer, world.order, NAME, sub=party(signer))
    first = world.order
    world.framework(reference="LTA-8")
    with refused(Rule.REF_FITS) as caught:
        world.erase("Agency", first, NAME)
    assert caught.value.found == f"{short_id(first)} is a calloff.issued of another contract"


def test_the_contract_itself_may_be_erased_and_still_holds(world):
    world.erase("Agency", world.contract, contents=True)
    world.accepted(world.order)


# Of a party


def test_a_party_erases_commitments_in_its_own_enrolment(world):
    target = world.enrolment("Asha")
    told = world.erase("Asha", target, NAME, sub=party("Asha"))
    assert of(world, target, "") == Erasure(target, (told,), (NAME,), False, "On request.")


def test_the_operator_erases_in_anybodys(world):
    target = world.enrolment("Asha")
    world.erase("Operator", target, NAME, sub=party("Asha"))
    world.erase("Operator", target, contents=True, sub=party("Asha"))
    assert of(world, target, "").contents


def test_nobody_erases_in_the_enrolment_of_another(world):
    """Neither about that party, nor by passing it off as one's own."""
    for sub in ("Bo", "Asha"):
        with refused(Rule.SIGNER) as caught:
            world.erase("Asha", world.enrolment("Bo"), NAME, sub=party(sub))
        assert caught.value.limit == (
            "the party itself, of commitments in its own enrolment; or the log's operator"
        )
        assert caught.value.rests_on == (world.enrolment("Bo"),)
    with refused(Rule.SIGNER):
        world.erase("Asha", world.enrolment("Asha"), NAME, sub=party("Bo"))
    assert of(world, world.enrolment("Bo"), "") is None


def test_a_party_does_not_erase_whole_contents(world):
    with refused(Rule.SIGNER) as caught:
        world.erase("Asha", world.enrolment("Asha"), contents=True, sub=party("Asha"))
    assert caught.value.hint == "have the log's operator record it"


def test_a_party_does_not_erase_in_the_policy(world):
    policy = world.log[0].id
    with refused(Rule.SIGNER):
        world.erase("Asha", policy, NAME, sub=party("Asha"))
    world.erase("Operator", policy, NAME, sub=party("Operator"))


def test_after_an_erasure_all_goes_on(world):
    world.erase("Asha", world.enrolment("Asha"), NAME, sub=party("Asha"))
    world.specification(by="Asha")
    world.erase("Asha", world.enrolment("Asha"), PHONE, sub=party("Asha"))


@pytest.mark.parametrize("signer", ["Agency", "Operator"])
def test_the_contents_of_an_erasure_and_of_the_policy_stay(world, signer):
    """Else nobody could say by whose order something is not there, or what log it is."""
    erasure = world.erase("Agency", world.order, contents=True)
    with refused(Rule.REF_FITS) as caught:
        world.erase(signer, erasure, contents=True)
    assert caught.value.found == f"{short_id(erasure)} is an erasure, whose contents stay"
    policy = world.log[0].id
    with refused(Rule.REF_FITS):
        world.erase("Operator", policy, contents=True, sub=party("Operator"))
    world.erase("Agency", erasure, NAME)
