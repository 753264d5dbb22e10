"""Rules of signing for another (R24, R25, R21): a delegate keeps to what was delegated, and never approves itself."""

import pytest

from ledger.events.delegation import ALL_DELEGABLE
from ledger.rules.catalogue import Rule
from ledger.rules.records import Delegation, Key, Kind, Member, Proxy
from ledger.rules.refusal import short_id
from ledger.rules.state import memory_digest
from tests.support.world import World, party, refused

NOWHERE = "ab" * 32


@pytest.fixture
def world():
    """Asha has no device: 400 of an order of 1,000 are offered to her."""
    world = World()
    world.framework(ceiling=1000)
    world.order = world.accepted(world.calloff(1000))
    world.part = world.allot(world.order, "Asha", 400)
    return world


@pytest.fixture
def lent(world):
    """She lets the hub sign all that can be delegated."""
    return world.delegate("Asha", "Hub")


def of(world, delegation):
    record = world.state.get(Key(world.contract, Kind.DELEGATION, delegation))
    assert isinstance(record, Delegation)
    return record


def proxy(world, statement):
    record = world.state.get(Key(world.contract, Kind.PROXY, statement))
    assert record is None or isinstance(record, Proxy)
    return record


# Signing for another


def test_what_a_delegate_signs_is_the_act_of_the_party_it_signs_for(world, lent):
    world.accepted(world.part, by="Hub", delegation=lent)
    lot = world.sign_off(world.part, "A1", 300, by="Hub", delegation=lent)
    sent = world.dispatch("Hub", "Store", {lot: 300}, delegation=lent)
    (kept,) = world.state.scan(world.contract, Kind.LOT)
    assert kept.maker == party("Asha")
    assert world.state.get(Key(world.contract, Kind.DISPATCH, sent)).dispatcher == party("Asha")
    assert proxy(world, lot) == Proxy(lot, "batch.signed_off", party("Asha"), party("Hub"), lent, None)
    world.sign_off(world.part, "A2", 100)  # she is still free to sign herself
    assert proxy(world, world.log[-1].id) is None


def test_every_type_that_can_be_delegated_is_signed_under_a_delegation(world):
    lent = world.delegate("Store", "Hub")
    makers = world.delegate("Asha", "Hub")
    world.accepted(world.part, by="Hub", delegation=makers)
    lot = world.sign_off(world.part, "A1", 300, by="Hub", delegation=makers)
    sent = world.dispatch("Hub", "Store", {lot: 300}, delegation=makers)
    receipt = world.receive("Hub", {lot: 300}, sent, delegation=lent)
    told = world.acknowledge("Hub", world.recall([lot]), {lot: 300}, delegation=lent)
    assert world.state.get(Key(world.contract, Kind.RECEIPT, receipt)).receiver == party("Store")
    assert world.state.get(Key(world.contract, Kind.ACKNOWLEDGEMENT, told)).by == party("Store")
    assert {one.type for one in world.state.scan(world.contract, Kind.PROXY)} == set(ALL_DELEGABLE)


def test_a_delegate_signs_with_its_own_key_and_not_with_the_one_it_signs_for(world, lent):
    refs = {"allocation": world.part, "delegation": lent}
    with refused(Rule.KEY_VALID, retriable=True):
        world.say("Hub", "allocation.accepted", refs=refs, device="Asha")
    world.revoke_key("Hub", "Hub")
    with refused(Rule.KEY_VALID):
        world.say("Hub", "allocation.accepted", refs=refs)


def test_a_delegate_has_no_more_right_than_the_party_it_signs_for(world, lent):
    bo = world.allot(world.order, "Bo", 100)
    with refused(Rule.SIGNER) as caught:
        world.accepted(bo, by="Hub", delegation=lent)
    assert caught.value.limit.startswith("the maker named in the allocation: Bo (…")
    own = world.accepted(world.allot(world.order, "Hub", 100))
    with refused(Rule.SIGNER):  # nor does it sign off its own lots in her name
        world.sign_off(own, "H1", 10, by="Hub", delegation=lent)


def test_without_naming_the_delegation_a_delegate_signs_for_itself(world, lent):
    with refused(Rule.SIGNER):
        world.accepted(world.part, by="Hub")


def test_a_lot_id_is_used_once_by_the_maker_whoever_signs_for_it(world, lent):
    world.accepted(world.part)
    world.sign_off(world.part, "A1", 10)
    with refused(Rule.LOT_ONCE) as caught:
        world.sign_off(world.part, "A1", 20, by="Hub", delegation=lent)
    assert "Asha (…" in caught.value.found
    own = world.accepted(world.allot(world.order, "Hub", 100))
    world.sign_off(own, "A1", 10)  # the hub's own A1 is another lot


def test_the_limits_of_the_allocation_hold_for_a_delegate(world, lent):
    world.accepted(world.part)
    with refused(Rule.SIGN_OFF_LEFT):
        world.sign_off(world.part, "A1", 401, by="Hub", delegation=lent)


# What it is kept to


def test_only_types_that_were_granted(world):
    world.accepted(world.part)
    lent = world.delegate("Asha", "Hub", "delivery.dispatched", "recall.acknowledged")
    with refused(Rule.DELEGATION) as caught:
        world.sign_off(world.part, "A1", 1, by="Hub", delegation=lent)
    assert caught.value.found.startswith("Hub (…")
    assert "signed this batch.signed_off of 2026-05-04 for Asha (…" in caught.value.found
    assert caught.value.limit == "the delegation holds for delivery.dispatched, recall.acknowledged"
    assert caught.value.rests_on == (lent,)
    assert caught.value.hint.startswith("have Asha (…")


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        ("2026-05-10T23:59:59+05:30", True),
        ("2026-05-11T00:00:00+05:30", False),  # the 10th in UTC: the day is the signer's own
        ("2026-05-10T23:59:59-05:00", True),
    ],
)
def test_until_its_last_day_by_the_signers_calendar(world, at, holds):
    world.accepted(world.part)
    lent = world.delegate("Asha", "Hub", until="2026-05-10")
    if holds:
        world.sign_off(world.part, "A1", 1, by="Hub", delegation=lent, at=at)
        return
    with refused(Rule.DELEGATION) as caught:
        world.sign_off(world.part, "A1", 1, by="Hub", delegation=lent, at=at)
    assert caught.value.limit == "the delegation holds until 2026-05-10"


def test_only_by_the_party_it_was_granted_to(world, lent):
    for signer in ("Bo", "Prime", "Asha"):  # she herself needs none
        with refused(Rule.DELEGATION) as caught:
            world.accepted(world.part, by=signer, delegation=lent)
        assert caught.value.limit.startswith("the delegation holds to Hub (…")


def test_what_was_lent_is_not_lent_on(world, lent):
    further = world.delegate("Hub", "Bo")
    with refused(Rule.DELEGATION):
        world.accepted(world.part, by="Bo", delegation=lent)
    with refused(Rule.SIGNER):  # it makes Bo sign for the hub, not for Asha
        world.accepted(world.part, by="Bo", delegation=further)


def test_a_delegation_ends_where_its_revocation_is_registered(world, lent):
    world.accepted(world.part, by="Hub", delegation=lent)
    revoked = world.revoke("Asha", lent)
    with refused(Rule.DELEGATION) as caught:
        world.sign_off(world.part, "A1", 1, by="Hub", delegation=lent, at="2026-05-01T09:00:00+05:30")
    assert caught.value.limit == f"the delegation holds until it was revoked by {short_id(revoked)}"
    world.sign_off(
        world.part, "A1", 1, by="Hub", delegation=world.delegate("Asha", "Hub", until="2026-06-30")
    )


def test_of_another_contract_it_is_no_delegation(world, lent):
    world.framework(ceiling=10, reference="LTA-8")
    part = world.allot(world.accepted(world.calloff(10)), "Asha", 10)
    with refused(Rule.REF_FITS) as caught:
        world.accepted(part, by="Hub", delegation=lent)
    assert "delegation.granted of another contract" in caught.value.found
    assert caught.value.limit == f"a delegation of contract {short_id(world.contract)}"


def test_a_delegation_may_still_come_and_is_a_delegation(world):
    with refused(Rule.REF_REGISTERED, retriable=True) as caught:
        world.accepted(world.part, by="Hub", delegation=NOWHERE)
    assert caught.value.rests_on == (NOWHERE,)
    with refused(Rule.REF_FITS):
        world.accepted(world.part, by="Hub", delegation=world.part)
    with refused(Rule.SUBJECT):  # asked before anything else is looked up
        world.say(
            "Hub",
            "allocation.accepted",
            refs={"allocation": world.part, "delegation": NOWHERE},
            sub=party("Hub"),
        )


# How much


def test_the_most_that_may_be_signed_off_and_not_one_piece_more(world):
    world.accepted(world.part)
    lent = world.delegate("Asha", "Hub", most=100)
    world.sign_off(world.part, "A1", 60, by="Hub", delegation=lent)
    with refused(Rule.DELEGATION) as caught:
        world.sign_off(world.part, "A2", 41, by="Hub", delegation=lent)
    assert caught.value.limit == "100 pieces in all, 60 pieces already signed off under it"
    assert (caught.value.asked, caught.value.rests_on) == ("41 pieces", (lent,))
    world.sign_off(world.part, "A2", 40, by="Hub", delegation=lent)
    assert of(world, lent).used == 100
    with refused(Rule.DELEGATION):
        world.sign_off(world.part, "A3", 1, by="Hub", delegation=lent)
    world.sign_off(world.part, "A3", 1)  # her own word needs none of it


def test_the_most_is_for_all_allocations_together_and_for_each_delegation(world):
    world.accepted(world.part)
    other = world.accepted(world.allot(world.order, "Asha", 400))
    first, second = world.delegate("Asha", "Hub", most=100), world.delegate("Asha", "Bo", most=100)
    world.sign_off(world.part, "A1", 60, by="Hub", delegation=first)
    with refused(Rule.DELEGATION):
        world.sign_off(other, "A2", 41, by="Hub", delegation=first)
    world.sign_off(other, "A2", 100, by="Bo", delegation=second)
    assert [of(world, one).used for one in (first, second)] == [60, 100]


def test_the_most_is_of_one_unit(world):
    world.accepted(world.part)
    lent = world.delegate("Asha", "Hub", most="100 KGM")
    with refused(Rule.DELEGATION) as caught:
        world.sign_off(world.part, "A1", 1, by="Hub", delegation=lent)
    assert (caught.value.asked, caught.value.limit[:13]) == ("1 piece", "100 kilograms")


def test_what_is_sent_uses_nothing_up(world):
    world.accepted(world.part)
    lent = world.delegate("Asha", "Hub", most=10)
    lot = world.sign_off(world.part, "A1", 10, by="Hub", delegation=lent)
    world.dispatch("Hub", "Store", {lot: 10}, delegation=lent)
    world.dispatch("Hub", "Store", {lot: 10}, delegation=lent, waybill="W-2")
    assert of(world, lent).used == 10


def test_a_refused_sign_off_uses_nothing_up(world):
    lent = world.delegate("Asha", "Hub", most=100)
    before = memory_digest(world.state)
    with refused(Rule.IN_FORCE, retriable=True):
        world.sign_off(world.part, "A1", 100, by="Hub", delegation=lent)
    assert memory_digest(world.state) == before


# Granting and revoking


def test_nobody_delegates_to_itself(world):
    with refused(Rule.DELEGATION) as caught:
        world.delegate("Asha", "Asha")
    assert caught.value.found.endswith("delegates to itself")
    assert (caught.value.limit, caught.value.rests_on) == ("another party", ())


def test_a_stranger_to_the_contract_delegates_nothing_yet(world):
    with refused(Rule.PARTY_TO_CONTRACT, retriable=True) as caught:
        world.delegate("Bo", "Hub")
    assert caught.value.rests_on == (world.contract,)
    world.allot(world.order, "Bo", 1)
    world.delegate("Bo", "Hub")


def test_a_delegate_becomes_a_party_to_the_contract(world, lent):
    member = world.state.get(Key(world.contract, Kind.MEMBER, party("Hub")))
    assert member == Member(party("Hub"), ("delegate",), (lent,))


@pytest.mark.parametrize("signer", ["Hub", "Agency", "Prime"])
def test_only_who_granted_a_delegation_revokes_it(world, lent, signer):
    with refused(Rule.SIGNER) as caught:
        world.revoke(signer, lent)
    assert caught.value.limit.startswith("who granted it: Asha (…")
    assert caught.value.rests_on == (lent,)


def test_a_delegation_is_revoked_once(world, lent):
    first = world.revoke("Asha", lent)
    with refused(Rule.SETTLED_ONCE) as caught:
        world.revoke("Asha", lent, at="2026-05-05T09:00:00+05:30")
    assert caught.value.found == (
        f"the delegation {short_id(lent)} has been settled already, by {short_id(first)}"
    )
    assert caught.value.rests_on == (lent, first)


def test_a_revocation_is_of_a_delegation(world):
    with refused(Rule.REF_FITS):
        world.revoke("Asha", world.part)
    with refused(Rule.REF_REGISTERED, retriable=True):
        world.revoke("Asha", NOWHERE)


# Confirming


@pytest.fixture
def signed(world, lent):
    """Two statements that the hub signed for Asha."""
    world.accepted(world.part, by="Hub", delegation=lent)
    accepted = world.log[-1].id
    return [accepted, world.sign_off(world.part, "A1", 10, by="Hub", delegation=lent)]


def test_a_party_confirms_what_was_signed_for_it(world, signed):
    word = world.confirm("Asha", *signed)
    assert [proxy(world, one).confirmed for one in signed] == [word, word]


@pytest.mark.parametrize("signer", ["Hub", "Prime", "Agency"])
def test_a_delegate_does_not_approve_itself(world, lent, signed, signer):
    with refused(Rule.SIGNER) as caught:
        world.confirm(signer, signed[0])
    assert caught.value.limit.startswith("the party for which it was signed: Asha (…")
    assert caught.value.rests_on == (lent,)


def test_it_is_confirmed_once(world, signed):
    word = world.confirm("Asha", signed[0])
    with refused(Rule.SETTLED_ONCE) as caught:
        world.confirm("Asha", signed[1], signed[0])
    assert caught.value.rests_on == (signed[0], word)
    assert proxy(world, signed[1]).confirmed is None  # the whole statement was refused
    with refused(Rule.SETTLED_ONCE):
        world.confirm("Asha", signed[1], signed[1])


def test_only_what_was_signed_by_proxy_is_confirmed(world, signed):
    own = world.sign_off(world.part, "A2", 10)
    with refused(Rule.REF_FITS) as caught:
        world.confirm("Asha", own)
    assert caught.value.found == f"{short_id(own)} is a batch.signed_off of this contract"
    assert caught.value.limit.startswith("a statement signed by proxy of contract ")
    with refused(Rule.REF_REGISTERED, retriable=True):
        world.confirm("Asha", NOWHERE)


def test_one_party_does_not_confirm_what_was_signed_for_another(world, signed):
    world.allot(world.order, "Bo", 1)
    with refused(Rule.SIGNER):
        world.confirm("Bo", signed[0])


def test_revoking_leaves_what_was_signed_to_be_confirmed(world, lent, signed):
    world.revoke("Asha", lent)
    assert proxy(world, signed[1]).confirmed is None
    world.confirm("Asha", *signed)
