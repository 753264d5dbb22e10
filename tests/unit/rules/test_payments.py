"""Rules of payments (R10, R32, and R07, R08, R14, R15 of them): a payer pays for lines of the contract."""

import pytest

from ledger.rules.catalogue import Rule
from ledger.rules.records import Key, Kind, PaidLine, Payment
from tests.support.world import World, party, refused

NOWHERE = "ab" * 32
COMMITTED = {"commitment": "c" * 64}


def world_with(**how):
    """A contract, and a decision on goods of it."""
    world = World()
    world.framework(ceiling=100, **how)
    world.order = world.accepted(world.calloff(100))
    receipt = world.receive("Store", unknown={"1": 20}, calloff=world.order)
    deciders = how.get("roles", {}).get("quality", ["Agency"])
    world.decision = world.decide(receipt, unknown={"1": 20}, by=deciders[0])
    return world


@pytest.fixture
def world():
    return world_with()


def test_the_buyer_pays_where_no_payer_is_named(world):
    told = world.pay(world.decision, 20, at="2026-05-04T01:00:00+05:30")
    kept = world.state.get(Key(world.contract, Kind.PAYMENT, told))
    assert isinstance(kept, Payment)
    assert (kept.by, kept.payee, kept.reference) == (party("Agency"), party("Prime"), "P-1")
    assert (str(kept.amount.money), kept.lines) == ("INR 100", (PaidLine("1", "H87", 20),))
    assert (kept.decisions, kept.at.isoformat()) == ((world.decision,), "2026-05-03T19:30:00+00:00")


@pytest.mark.parametrize("signer", ["Prime", "Store", "Asha"])
def test_nobody_else_pays(world, signer):
    with refused(Rule.SIGNER) as caught:
        world.pay(world.decision, 20, by=signer)
    assert caught.value.limit.startswith("who pays under the contract: Agency (…")
    assert caught.value.rests_on == (world.contract,)


def test_where_payers_are_named_the_buyer_itself_does_not_pay():
    world = world_with(roles={"payers": ["Dee", "Bo"]})
    world.enrol("Dee")
    for signer in ("Dee", "Bo"):
        world.pay(world.decision, 10, by=signer)
    with refused(Rule.SIGNER):
        world.pay(world.decision, 10)


def test_no_quantity_and_no_amount_of_a_payment_is_refused(world):
    world.pay(world.decision, "999999999999999", "999999999999999.99 INR")


def test_a_payment_is_for_lines_of_the_contract_in_their_units(world):
    with refused(Rule.LINE) as caught:
        world.pay(world.decision, {"2": 20})
    assert (caught.value.limit, caught.value.rests_on) == ("one of 1", (world.contract,))
    with refused(Rule.UNIT) as caught:
        world.pay(world.decision, "20 KGM")
    assert caught.value.rests_on == (world.contract,)
    line = {"line": "2", "item": "https://items.example/2", "description": "Strap", "unit": "MTR"}
    world.amend(added=[line])
    world.pay(world.decision, {"2": "1 MTR"})


def test_a_payment_rests_on_decisions_of_this_contract(world):
    for wrong, rule, retriable in (
        (world.order, Rule.REF_FITS, False),
        (NOWHERE, Rule.REF_REGISTERED, True),
    ):
        with refused(rule, retriable=retriable) as caught:
            world.pay(wrong, 20)
        assert caught.value.rests_on == (wrong,)
    first = world.decision
    world.framework(ceiling=100, reference="LTA-8")
    with refused(Rule.REF_FITS):
        world.pay(first, 20)


def test_where_prices_are_confidential_an_amount_is_committed_to():
    world = world_with(confidential=["price"])
    with refused(Rule.CONFIDENTIAL) as caught:
        world.pay(world.decision, 20)
    assert caught.value.found == "the payment writes its amount out"
    assert caught.value.limit == "a commitment, as the contract keeps prices confidential"
    assert caught.value.rests_on == (world.contract,)
    told = world.pay(world.decision, 20, COMMITTED)
    kept = world.state.get(Key(world.contract, Kind.PAYMENT, told)).amount
    assert (kept.money, kept.commitment) == (None, "c" * 64)


def test_an_amount_may_be_committed_to_under_any_contract(world):
    world.pay(world.decision, 20, COMMITTED)
