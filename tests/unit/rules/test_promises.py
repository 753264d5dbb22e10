"""Rules of the contract and its division (R09 to R17, R33): who may promise what, and how much of it."""

import pytest

from ledger.limits import DIVISION_DEPTH
from ledger.rules.catalogue import Rule
from ledger.rules.records import Kind
from ledger.rules.refusal import short_id
from tests.support.world import World, party, refused


@pytest.fixture
def world():
    return World()


@pytest.fixture
def order(world):
    """An accepted call-off of 1,000 pieces of line 1."""
    world.framework(ceiling=1000)
    return world.accepted(world.calloff(1000))


def share(world, offer, line="1"):
    found = world.offer(offer, Kind.CALLOFF) or world.offer(offer, Kind.ALLOCATION)
    return found.line(line)


# Who may say it


def test_only_an_agency_of_the_policy_opens_contracts(world):
    with refused(Rule.AGENCY) as caught:
        world.framework(signer="Prime")
    assert "Prime (…" in caught.value.found
    assert caught.value.limit.startswith("one of Agency (…")
    assert caught.value.rests_on == (world.log[0].id,)


@pytest.mark.parametrize("signer", ["Agency", "Hub", "Store"])
def test_only_the_prime_accepts_the_contract(world, signer):
    contract = world.framework(accept=False)
    with refused(Rule.SIGNER) as caught:
        world.say(signer, "framework.accepted", refs={"framework": contract})
    assert f"{signer} (…" in caught.value.found
    assert caught.value.limit.startswith("the prime named in the contract: Prime (…")
    assert caught.value.rests_on == (contract,)


def test_only_the_buyer_calls_off_even_among_agencies():
    world = World({"Agency": "agency", "Prime": "prime", "Bo": "agency"})
    world.framework(ceiling=10)
    with refused(Rule.SIGNER):
        world.calloff(1, signer="Bo")


def test_only_the_prime_accepts_the_call_off(world):
    world.framework(ceiling=10)
    order = world.calloff(1)
    with refused(Rule.SIGNER):
        world.accepted(order, by="Store")


def test_only_the_holder_of_the_parent_allots(world, order):
    with refused(Rule.SIGNER) as caught:
        world.allot(order, "Asha", 1, by="Agency")
    assert "the holder of the parent: Prime (…" in caught.value.limit
    hub = world.accepted(world.allot(order, "Hub", 100))
    with refused(Rule.SIGNER):
        world.allot(hub, "Asha", 1, by="Prime")  # it has passed this part on


def test_only_the_named_maker_accepts(world, order):
    part = world.allot(order, "Asha", 1)
    for signer in ("Bo", "Prime", "Hub"):
        with refused(Rule.SIGNER) as caught:
            world.accepted(part, by=signer)
        assert "the maker named in the allocation: Asha (…" in caught.value.limit


# Offers and acceptance


def test_each_offer_is_accepted_once(world):
    contract = world.framework(ceiling=10)
    order = world.accepted(world.calloff(5))
    part = world.accepted(world.allot(order, "Asha", 5))
    for offer, again in (
        (contract, lambda: world.say("Prime", "framework.accepted", refs={"framework": contract}, at=LATER)),
        (order, lambda: world.accepted(order, at=LATER)),
        (part, lambda: world.accepted(part, at=LATER)),
    ):
        with refused(Rule.ACCEPTED_ONCE) as caught:
            again()
        assert caught.value.rests_on[0] == offer
        assert short_id(caught.value.rests_on[1]) in caught.value.found


LATER = "2026-05-05T09:00:00+05:30"


def test_a_call_off_waits_for_the_contracts_acceptance(world):
    contract = world.framework(ceiling=10, accept=False)
    with refused(Rule.IN_FORCE, retriable=True) as caught:
        world.calloff(1)
    assert f"the contract {short_id(contract)} has not been accepted" in caught.value.found
    assert caught.value.limit == "an accepted contract"


def test_an_allocation_waits_for_its_parents_acceptance(world):
    world.framework(ceiling=10)
    order = world.calloff(5)
    with refused(Rule.IN_FORCE, retriable=True) as caught:
        world.allot(order, "Hub", 5)
    assert caught.value.rests_on == (order,)
    world.accepted(order)
    hub = world.allot(order, "Hub", 5)
    with refused(Rule.IN_FORCE, retriable=True):
        world.allot(hub, "Asha", 5)
    world.accepted(hub)
    world.allot(hub, "Asha", 5)


def test_offered_counts_from_the_offer_not_from_its_acceptance(world, order):
    world.allot(order, "Asha", 1000)
    with refused(Rule.PARENT_LEFT) as caught:
        world.allot(order, "Bo", 1)
    assert caught.value.hint == "nothing is left to allocate"


# Period


@pytest.mark.parametrize(
    ("at", "in_period"),
    [
        ("2025-12-31T23:59:59+05:30", False),
        ("2026-01-01T00:00:00+05:30", True),  # still the year before in UTC: the day is the signer's own
        ("2026-12-31T23:59:59+05:30", True),
        ("2027-01-01T00:00:00+05:30", False),
        ("2026-12-31T20:00:00-05:00", True),  # already the year after in UTC
    ],
)
def test_a_call_off_is_issued_on_a_day_of_the_period(world, at, in_period):
    contract = world.framework(ceiling=10)
    if in_period:
        world.calloff(1, at=at)
        return
    with refused(Rule.PERIOD) as caught:
        world.calloff(1, at=at)
    assert caught.value.found == f"the call-off is of {at[:10]}"
    assert caught.value.limit == "from 2026-01-01 to 2026-12-31"
    assert caught.value.rests_on == (contract,)


# Lines and units


def test_a_line_exists_in_what_is_drawn_on(world):
    contract = world.framework(lines={"shields": 10, "masks": 10})
    with refused(Rule.LINE) as caught:
        world.calloff({"gowns": 1})
    assert (caught.value.limit, caught.value.rests_on) == ("one of shields, masks", (contract,))
    order = world.accepted(world.calloff({"masks": 5}))
    with refused(Rule.LINE) as caught:
        world.allot(order, "Asha", {"shields": 1})  # in the contract, but not ordered
    assert (caught.value.limit, caught.value.rests_on) == ("one of masks", (order,))


def test_nothing_is_converted(world):
    contract = world.framework(ceiling="10 KGM")
    with refused(Rule.UNIT) as caught:
        world.calloff("1000 GRM")
    assert "asked for in GRM" in caught.value.found
    assert (caught.value.limit, caught.value.asked) == ("KGM, the line's unit", "1,000 grams")
    assert caught.value.rests_on == (contract,)
    order = world.accepted(world.calloff("10 KGM"))
    with refused(Rule.UNIT):
        world.allot(order, "Asha", 1)


# Ceiling


def test_call_offs_reach_the_ceiling_and_not_one_piece_more(world):
    contract = world.framework(ceiling=1000)
    world.calloff(600)
    world.calloff(400)
    with refused(Rule.CEILING) as caught:
        world.calloff(1)
    assert caught.value.limit == "1,000 pieces in all, 1,000 pieces already called off"
    assert caught.value.asked == "1 piece"
    assert caught.value.rests_on == (contract,)


def test_one_call_off_beyond_the_ceiling_says_what_may_be_ordered(world):
    world.framework(ceiling=1000)
    world.calloff(600)
    with refused(Rule.CEILING) as caught:
        world.calloff(401)
    assert caught.value.hint == "order at most 400 pieces, or amend the contract"


def test_the_ceilings_tolerance_is_exact(world):
    world.framework(ceiling="0.3 KGM", tolerance="2.5")  # 0.3075
    world.calloff("0.1 KGM")
    world.calloff("0.2 KGM")  # 0.1 + 0.2 is 0.3: no binary fractions here
    world.calloff("0.0075 KGM")
    with refused(Rule.CEILING) as caught:
        world.calloff("0.000001 KGM")
    assert caught.value.limit == "0.3075 kilograms in all, 0.3075 kilograms already called off"


def test_there_is_no_half_piece_of_tolerance(world):
    world.framework(ceiling=100, tolerance="2.5")
    with refused(Rule.CEILING) as caught:
        world.calloff(103)
    assert caught.value.limit == "102 pieces in all, 0 pieces already called off"
    assert "order at most 102 pieces" in caught.value.hint
    world.calloff(102)


def test_without_a_ceiling_any_quantity_may_be_ordered(world):
    world.framework(ceiling="H87")
    world.calloff("999999999999999")
    world.calloff("999999999999999", due="2026-07-01")


def test_each_line_has_its_own_ceiling_and_one_line_beyond_refuses_the_whole(world):
    world.framework(lines={"a": 10, "b": 10})
    with refused(Rule.CEILING) as caught:
        world.calloff({"a": 10, "b": 11})
    assert "line b " in caught.value.found
    world.calloff({"a": 10, "b": 10})  # nothing of the refused one was counted


def test_call_offs_count_before_they_are_accepted(world):
    world.framework(ceiling=10)
    world.calloff(10)
    with refused(Rule.CEILING):
        world.calloff(1)


# Division


def test_allocations_reach_what_the_parent_has_and_not_one_piece_more(world, order):
    world.allot(order, "Hub", 600)
    with refused(Rule.PARENT_LEFT) as caught:
        world.allot(order, "Asha", 401)
    assert "Asha (…" in caught.value.found
    assert caught.value.limit == "400 pieces left of 1,000 pieces"
    assert (caught.value.asked, caught.value.hint) == ("401 pieces", "offer at most 400 pieces")
    assert caught.value.rests_on == (order,)
    world.allot(order, "Asha", 400)


def test_tolerance_is_not_for_allotting(world):
    world.framework(ceiling=100, tolerance="10")
    order = world.accepted(world.calloff(100))
    with refused(Rule.PARENT_LEFT):
        world.allot(order, "Asha", 101)


def test_three_levels_each_within_the_one_above(world, order):
    hub = world.accepted(world.allot(order, "Hub", 600))
    asha = world.accepted(world.allot(hub, "Asha", 400))
    bo = world.accepted(world.allot(asha, "Bo", 400))
    assert [share(world, one).left.value for one in (order, hub, asha, bo)] == [400, 200, 0, 400]
    with refused(Rule.PARENT_LEFT) as caught:
        world.allot(asha, "Hub", 1)  # Bo has all of Asha's, whatever the hub still has
    assert caught.value.rests_on == (asha,)
    assert world.offer(bo, Kind.ALLOCATION).calloff == order


def test_an_order_is_divided_so_many_times_and_not_once_more(world, order):
    parent = order
    for level in range(DIVISION_DEPTH):
        parent = world.accepted(world.allot(parent, ("Hub", "Asha")[level % 2], 1000 - level))
    assert world.offer(parent, Kind.ALLOCATION).depth == DIVISION_DEPTH
    with refused(Rule.DEPTH) as caught:
        world.allot(parent, "Bo", 1)
    assert caught.value.found.startswith("the allocation to Bo (…")
    assert caught.value.found.endswith(f"would be the {DIVISION_DEPTH + 1}th below its call-off")
    assert (caught.value.limit, caught.value.rests_on) == (f"{DIVISION_DEPTH} levels", (parent,))
    assert caught.value.hint == "have an earlier holder allocate to the maker directly"
    world.sign_off(parent, "A1", 1000 - DIVISION_DEPTH + 1)  # as deep as it may be, it is still made
    assert share(world, order).below == 1000 - DIVISION_DEPTH + 1


def test_what_the_hub_has_made_itself_it_cannot_allot_as_well(world, order):
    hub = world.accepted(world.allot(order, "Hub", 100))
    world.sign_off(hub, "H1", 60)
    with refused(Rule.PARENT_LEFT) as caught:
        world.allot(hub, "Asha", 41)
    assert caught.value.limit == "40 pieces left of 100 pieces"
    world.allot(hub, "Asha", 40)


def test_made_beyond_the_share_leaves_nothing_never_less_than_nothing(world):
    world.framework(ceiling=100, tolerance="10")
    order = world.accepted(world.calloff(100))
    hub = world.accepted(world.allot(order, "Hub", 100))
    world.sign_off(hub, "H1", 110)
    with refused(Rule.PARENT_LEFT) as caught:
        world.allot(hub, "Asha", 1)
    assert caught.value.limit == "0 pieces left of 100 pieces"
    assert caught.value.hint == "nothing is left to allocate"


def test_a_prime_may_make_part_of_it_itself(world, order):
    own = world.accepted(world.allot(order, "Prime", 10))
    world.sign_off(own, "P1", 10)


def test_whoever_is_named_becomes_a_party_to_the_contract(world, order):
    world.allot(order, "Asha", 1)
    world.dispatch("Prime", "Hub", calloff=order, unknown={"1": 1})
    members = {one.party: one.roles for one in world.state.scan(world.contract, Kind.MEMBER)}
    assert members == {
        party("Agency"): ("buyer",),
        party("Prime"): ("prime",),
        party("Store"): ("consignee",),
        party("Asha"): ("maker",),
        party("Hub"): ("receiver",),
    }


def test_one_party_may_have_several_roles(world):
    world.framework(ceiling=10)
    world.calloff(1, to="Agency")
    world.calloff(1, to="Agency", due="2026-06-02")
    members = {one.party: one.roles for one in world.state.scan(world.contract, Kind.MEMBER)}
    assert members[party("Agency")] == ("buyer", "consignee")
