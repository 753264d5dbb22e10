"""Rules of taking back (R26, R27, and R10 to R18 after it): what nobody has made may be cancelled and withdrawn."""

import pytest

from ledger.rules.catalogue import Rule
from ledger.rules.records import Framework, Key, Kind
from ledger.rules.refusal import short_id
from tests.support.world import World, refused

NOWHERE = "ab" * 32
LATER = "2026-05-05T09:00:00+05:30"


@pytest.fixture
def world():
    """A ceiling of 1,000, all of it called off and accepted."""
    world = World()
    world.framework(ceiling=1000)
    world.order = world.accepted(world.calloff(1000))
    return world


def share(world, offer, line="1"):
    found = world.offer(offer, Kind.CALLOFF) or world.offer(offer, Kind.ALLOCATION)
    return found.line(line)


def figures(world, *offers):
    """Per offer: what is promised, allotted from there, signed off directly, signed off below."""
    found = [share(world, offer) for offer in offers]
    return [(one.quantity, one.allotted, one.released, one.below) for one in found]


def called(world, line="1"):
    record = world.state.get(Key(world.contract, Kind.FRAMEWORK, world.contract))
    assert isinstance(record, Framework)
    return record.line(line).called


# Who may


@pytest.mark.parametrize("signer", ["Prime", "Store"])
def test_only_the_buyer_cancels(world, signer):
    with refused(Rule.SIGNER) as caught:
        world.cancel(world.order, by=signer)
    assert caught.value.limit.startswith("the buyer of the contract: Agency (…")
    assert caught.value.rests_on == (world.contract,)


def test_only_whoever_offered_an_allocation_withdraws_it(world):
    hub = world.accepted(world.allot(world.order, "Hub", 600))
    part = world.accepted(world.allot(hub, "Asha", 400))
    for signer in ("Asha", "Prime", "Agency"):
        with refused(Rule.SIGNER) as caught:
            world.withdraw(part, by=signer)
        assert caught.value.limit.startswith("whoever offered the allocation: Hub (…")
        assert caught.value.rests_on == (part,)


def test_what_is_taken_back_is_an_offer_of_this_contract(world):
    part = world.allot(world.order, "Asha", 10)
    for act, role, wrong in (
        ("calloff.cancelled", "calloff", part),
        ("allocation.withdrawn", "allocation", world.order),
    ):
        for ref, rule, retriable in (
            (wrong, Rule.REF_FITS, False),
            (NOWHERE, Rule.REF_REGISTERED, True),
        ):
            with refused(rule, retriable=retriable):
                world.say("Agency", act, {"reason": "Not needed."}, {role: ref})


# Offers that nobody has accepted


def test_a_cancelled_order_is_never_accepted(world):
    world.framework(ceiling=10, reference="LTA-8")
    order = world.calloff(10)
    cancelled = world.cancel(order)
    with refused(Rule.WITHDRAWN) as caught:
        world.accepted(order)
    assert caught.value.found == f"the call-off {short_id(order)} was taken back by {short_id(cancelled)}"
    assert (caught.value.limit, caught.value.rests_on) == ("an offer that stands", (order, cancelled))
    assert (called(world), figures(world, order)) == (0, [(0, 0, 0, 0)])


def test_a_withdrawn_offer_is_never_accepted(world):
    part = world.allot(world.order, "Asha", 600)
    withdrawn = world.withdraw(part)
    with refused(Rule.WITHDRAWN) as caught:
        world.accepted(part)
    assert caught.value.found.startswith("the allocation ")
    assert caught.value.rests_on == (part, withdrawn)
    world.allot(world.order, "Bo", 1000)  # all of it is free again


def test_nothing_is_drawn_on_what_was_taken_back_before_it_was_accepted(world):
    """It never will be in force, so it is no use to come back with it."""
    part = world.allot(world.order, "Asha", 600)
    withdrawn = world.withdraw(part)
    for draw in (
        lambda: world.allot(part, "Bo", 1),
        lambda: world.sign_off(part, "A1", 1),
    ):
        with refused(Rule.WITHDRAWN) as caught:
            draw()
        assert caught.value.rests_on == (part, withdrawn)


def test_no_first_sample_of_a_withdrawn_offer():
    world = World()
    world.framework(ceiling=10, roles={"inspectors": ["Ines"]})
    part = world.allot(world.accepted(world.calloff(10)), "Asha", 10)
    world.withdraw(part)
    with refused(Rule.WITHDRAWN):
        world.sample(part)


def test_an_offer_is_taken_back_whole_until_it_is_accepted(world):
    part = world.allot(world.order, "Asha", 600)
    with refused(Rule.IN_FORCE, retriable=True) as caught:
        world.withdraw(part, 100)
    assert caught.value.found == (
        f"{short_id(part)} has not been accepted, so no part of it can be taken back"
    )
    assert caught.value.rests_on == (part,)
    world.accepted(part)
    world.withdraw(part, 100)


@pytest.mark.parametrize("what", ["call-off", "allocation"])
def test_an_offer_is_taken_back_once(world, what):
    world.framework(ceiling=10, reference="LTA-8")
    order = world.calloff(10)
    take_back, offer = world.cancel, order
    if what == "allocation":
        take_back, offer = world.withdraw, world.allot(world.accepted(order), "Asha", 10)
    first = take_back(offer)
    for lines in (None, 1):
        with refused(Rule.WITHDRAWN) as caught:
            take_back(offer, lines, at=LATER)
        assert caught.value.found == f"{short_id(offer)} was taken back already, by {short_id(first)}"
        assert (caught.value.rests_on, caught.value.hint) == ((offer, first), "nothing to do")


# As far as it is not made


def test_all_that_is_not_made_and_not_one_piece_more(world):
    part = world.accepted(world.allot(world.order, "Asha", 400))
    world.sign_off(part, "A1", 150)
    with refused(Rule.MADE_ALREADY) as caught:
        world.withdraw(part, 251)
    assert caught.value.found == "more of line 1 would be taken back than is not made yet"
    assert caught.value.limit == "250 pieces: 400 pieces promised, 150 pieces signed off"
    assert (caught.value.asked, caught.value.hint) == ("251 pieces", "take back at most 250 pieces")
    assert caught.value.rests_on == (part,)
    world.withdraw(part, 250)
    assert figures(world, world.order, part) == [(1000, 150, 0, 150), (150, 0, 150, 0)]


def test_without_lines_it_is_all_that_is_not_made(world):
    part = world.accepted(world.allot(world.order, "Asha", 400))
    world.sign_off(part, "A1", 150)
    world.withdraw(part)
    world.cancel(world.order)
    assert figures(world, world.order, part) == [(150, 150, 0, 150), (150, 0, 150, 0)]
    assert called(world) == 150


@pytest.mark.parametrize("made", [100, 105, 110])
def test_of_what_is_all_made_nothing_is_taken_back(made):
    """Within the tolerance more is made than was promised, and still nothing is owed back."""
    world = World()
    world.framework(ceiling=100, tolerance="10")
    order = world.accepted(world.calloff(100))
    part = world.accepted(world.allot(order, "Asha", 100))
    world.sign_off(part, "A1", made)
    for take_back, offer in ((world.cancel, order), (world.withdraw, part)):
        with refused(Rule.MADE_ALREADY) as caught:
            take_back(offer)
        assert caught.value.found == f"nothing of {short_id(offer)} is left to take back"
        with refused(Rule.MADE_ALREADY) as caught:
            take_back(offer, 1)
        assert caught.value.limit == f"0 pieces: 100 pieces promised, {made} pieces signed off"
        assert caught.value.hint == "all of it has been made"


def test_taken_back_whole_twice_there_is_nothing_left(world):
    world.cancel(world.order)
    with refused(Rule.MADE_ALREADY) as caught:
        world.cancel(world.order, at=LATER)
    assert caught.value.rests_on == (world.order,)
    assert caught.value.hint.startswith("nothing to do")


def test_several_times_a_part(world):
    part = world.accepted(world.allot(world.order, "Asha", 400))
    for number in range(4):
        world.withdraw(part, 100, at=f"2026-05-0{number + 1}T09:00:00+05:30")
    with refused(Rule.MADE_ALREADY):
        world.withdraw(part, 1)
    assert figures(world, world.order, part) == [(1000, 0, 0, 0), (0, 0, 0, 0)]


def test_lines_are_taken_back_one_by_one():
    world = World()
    world.framework(lines={"1": 10, "2": "10 MTR"})
    order = world.accepted(world.calloff({"1": 10, "2": "10 MTR"}))
    part = world.accepted(world.allot(order, "Asha", {"1": 10}))
    with refused(Rule.LINE) as caught:
        world.withdraw(part, {"2": "1 MTR"})
    assert (caught.value.limit, caught.value.rests_on) == ("one of 1", (part,))
    with refused(Rule.UNIT) as caught:
        world.cancel(order, {"1": 5, "2": 5})
    assert (caught.value.limit, caught.value.rests_on) == ("MTR, the line's unit", (order,))
    world.cancel(order, {"2": "4 MTR"})
    assert [share(world, order, line).quantity for line in "12"] == [10, 6]
    assert [called(world, line) for line in "12"] == [10, 6]
    world.sign_off(part, "A1", 10)
    world.cancel(order)  # of line 1 nothing is left; of line 2 all
    assert [share(world, order, line).quantity for line in "12"] == [10, 0]


# After it


def test_what_was_cancelled_may_be_ordered_again_up_to_the_ceiling(world):
    with refused(Rule.CEILING):
        world.calloff(1)
    world.cancel(world.order, 400)
    with refused(Rule.CEILING) as caught:
        world.calloff(401)
    assert caught.value.limit == "1,000 pieces in all, 600 pieces already called off"
    world.calloff(400)


def test_what_was_made_of_a_cancelled_order_still_counts_against_the_ceiling(world):
    part = world.accepted(world.allot(world.order, "Asha", 400))
    world.sign_off(part, "A1", 300)
    world.cancel(world.order)
    with refused(Rule.CEILING):
        world.calloff(701)
    world.calloff(700)


def test_what_was_withdrawn_may_be_offered_to_another(world):
    part = world.accepted(world.allot(world.order, "Asha", 1000))
    world.sign_off(part, "A1", 100)
    world.withdraw(part)
    with refused(Rule.PARENT_LEFT):
        world.allot(world.order, "Bo", 901)
    world.allot(world.order, "Bo", 900)


def test_of_a_cancelled_order_nothing_more_is_offered(world):
    world.accepted(world.allot(world.order, "Asha", 600))
    world.cancel(world.order, 500)
    with refused(Rule.PARENT_LEFT) as caught:
        world.allot(world.order, "Bo", 1)
    assert caught.value.limit == "0 pieces left of 500 pieces"  # 600 are promised on already
    assert caught.value.hint == "nothing is left to allocate"


def test_a_cancellation_high_up_stops_sign_offs_at_the_bottom(world):
    """Three levels down nothing was withdrawn; what is left of the order is made by whoever comes first."""
    hub = world.accepted(world.allot(world.order, "Hub", 1000))
    asha = world.accepted(world.allot(hub, "Asha", 1000))
    bo = world.accepted(world.allot(asha, "Bo", 600))
    world.sign_off(bo, "B1", 200)
    cancelled = world.cancel(world.order, 700)
    with refused(Rule.SIGN_OFF_LEFT) as caught:
        world.sign_off(bo, "B2", 101)
    assert caught.value.found == (
        f"lot B2 would be signed off beyond the call-off {short_id(world.order)} above it, "
        f"of which some was taken back by {short_id(cancelled)}"
    )
    assert caught.value.limit == "300 pieces in all, 200 pieces already signed off"
    assert (caught.value.asked, caught.value.rests_on) == ("101 pieces", (world.order, cancelled))
    assert caught.value.hint.startswith("release at most 100 pieces")
    world.sign_off(asha, "A1", 40)
    world.sign_off(bo, "B2", 60)
    with refused(Rule.SIGN_OFF_LEFT):
        world.sign_off(asha, "A2", 1)
    assert figures(world, world.order, hub, asha, bo) == [
        (300, 1000, 0, 300),
        (1000, 1000, 0, 300),
        (1000, 600, 40, 260),
        (600, 0, 260, 0),
    ]


def test_a_withdrawal_in_the_middle_stops_those_below_and_no_others(world):
    hub = world.accepted(world.allot(world.order, "Hub", 600))
    asha = world.accepted(world.allot(hub, "Asha", 600))
    withdrawn = world.withdraw(hub, 500)
    with refused(Rule.SIGN_OFF_LEFT) as caught:
        world.sign_off(asha, "A1", 101)
    assert f"beyond the allocation {short_id(hub)} above it" in caught.value.found
    assert caught.value.rests_on == (hub, withdrawn)
    world.sign_off(asha, "A1", 100)
    bo = world.accepted(world.allot(world.order, "Bo", 900))
    world.sign_off(bo, "B1", 900)


def test_what_was_withdrawn_from_the_maker_itself_it_signs_off_no_more(world):
    part = world.accepted(world.allot(world.order, "Asha", 400))
    withdrawn = world.withdraw(part, 300)
    with refused(Rule.SIGN_OFF_LEFT) as caught:
        world.sign_off(part, "A1", 101)
    assert caught.value.found.startswith("lot A1 would be signed off beyond its allocation, of which some")
    assert caught.value.rests_on == (part, withdrawn)
    world.sign_off(part, "A1", 100)


def test_the_tolerance_is_of_what_is_left_after_a_cancellation():
    world = World()
    world.framework(ceiling=1000, tolerance="10")
    order = world.accepted(world.calloff(1000))
    part = world.accepted(world.allot(order, "Asha", 1000))
    world.sign_off(part, "A1", 500)
    world.cancel(order)
    with refused(Rule.SIGN_OFF_LEFT) as caught:
        world.sign_off(part, "A2", 51)
    assert caught.value.limit == "550 pieces in all, 500 pieces already signed off"
    world.sign_off(part, "A2", 50)


def test_a_hub_whose_part_was_withdrawn_below_what_it_promised_on_makes_nothing_itself(world):
    hub = world.accepted(world.allot(world.order, "Hub", 600))
    world.accepted(world.allot(hub, "Asha", 500))
    world.withdraw(hub, 300)
    assert share(world, hub).own.value == -200
    with refused(Rule.SIGN_OFF_LEFT) as caught:
        world.sign_off(hub, "H1", 1)
    assert caught.value.limit == "0 pieces in all, 0 pieces already signed off"


def test_withdrawn_level_by_level_all_is_as_if_it_had_not_been_promised(world):
    hub = world.accepted(world.allot(world.order, "Hub", 600))
    asha = world.accepted(world.allot(hub, "Asha", 500))
    world.cancel(world.order)
    world.withdraw(hub)
    world.withdraw(asha)
    assert figures(world, world.order, hub, asha) == [(0, 0, 0, 0)] * 3
    assert called(world) == 0
