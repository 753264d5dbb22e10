"""Rules of a sign-off (R18 to R20, and R10, R12, R14, R15 where it draws on an allocation)."""

import pytest

from ledger.rules.catalogue import Rule
from ledger.rules.records import Key, Kind, LotName
from tests.support.world import World, party, refused


@pytest.fixture
def world():
    return World()


def allocation(world, quantity, *, tolerance="0", maker="Asha", **how):
    world.framework(ceiling=quantity, tolerance=tolerance, **how)
    order = world.accepted(world.calloff(quantity))
    return world.accepted(world.allot(order, maker, quantity))


def test_sign_offs_reach_the_allocation_and_not_one_piece_more(world):
    part = allocation(world, 400)
    world.sign_off(part, "A1", 300)
    with refused(Rule.SIGN_OFF_LEFT) as caught:
        world.sign_off(part, "A2", 101)
    assert caught.value.found == "lot A2 would be signed off beyond its allocation"
    assert caught.value.limit == "400 pieces in all, 300 pieces already signed off"
    assert caught.value.asked == "101 pieces"
    assert caught.value.rests_on == (part,)
    assert caught.value.hint.startswith("release at most 100 pieces")
    world.sign_off(part, "A2", 100)


def test_the_tolerance_is_exact_to_the_gram(world):
    part = allocation(world, "0.3 KGM", tolerance="2.5")
    for lot, released in (("A1", "0.1 KGM"), ("A2", "0.2 KGM"), ("A3", "0.0075 KGM")):
        world.sign_off(part, lot, released)
    with refused(Rule.SIGN_OFF_LEFT) as caught:
        world.sign_off(part, "A4", "0.000001 KGM")
    assert caught.value.limit == "0.3075 kilograms in all, 0.3075 kilograms already signed off"


def test_the_tolerance_of_pieces_is_rounded_down(world):
    part = allocation(world, 50, tolerance="5")  # 52.5
    with refused(Rule.SIGN_OFF_LEFT) as caught:
        world.sign_off(part, "A1", 53)
    assert caught.value.limit.startswith("52 pieces in all")
    world.sign_off(part, "A1", 52)


def test_the_tolerance_is_of_the_holders_own_share_only(world):
    hub = allocation(world, 100, tolerance="10", maker="Hub")
    world.allot(hub, "Asha", 50)
    with refused(Rule.SIGN_OFF_LEFT) as caught:
        world.sign_off(hub, "H1", 56)
    assert caught.value.limit.startswith("55 pieces in all")
    world.sign_off(hub, "H1", 55)


def test_a_hub_that_passed_everything_on_signs_off_nothing(world):
    hub = allocation(world, 100, tolerance="100", maker="Hub")
    world.allot(hub, "Asha", 100)
    with refused(Rule.SIGN_OFF_LEFT):
        world.sign_off(hub, "H1", 1)


def test_a_maker_below_a_hub_answers_to_its_own_allocation(world):
    hub = allocation(world, 100, maker="Hub")
    asha = world.accepted(world.allot(hub, "Asha", 40))
    world.sign_off(asha, "A1", 40)
    with refused(Rule.SIGN_OFF_LEFT) as caught:
        world.sign_off(asha, "A2", 1)
    assert caught.value.rests_on == (asha,)
    world.sign_off(hub, "H1", 60)


def test_lines_have_their_own_limits(world):
    world.framework(lines={"1": 10, "2": 10})
    order = world.accepted(world.calloff({"1": 10, "2": 5}))
    part = world.accepted(world.allot(order, "Asha", {"1": 10, "2": 5}))
    world.sign_off(part, "A1", 10)
    with refused(Rule.SIGN_OFF_LEFT):
        world.sign_off(part, "A2", 6, line="2")
    world.sign_off(part, "A2", 5, line="2")


@pytest.mark.parametrize(("made", "rejected", "released"), [(10, 0, 10), (10, 3, 7), (10, 9, 1), (10, 3, 5)])
def test_what_was_made_and_not_rejected_may_be_released(world, made, rejected, released):
    part = allocation(world, 100)
    world.sign_off(part, "A1", released, made=made, rejected=rejected)


@pytest.mark.parametrize(("made", "rejected", "released"), [(10, 0, 11), (10, 3, 8), (10, 10, 1), (5, 10, 1)])
def test_no_more_is_released_than_was_made_and_not_rejected(world, made, rejected, released):
    part = allocation(world, 100)
    with refused(Rule.RELEASED_MADE) as caught:
        world.sign_off(part, "A1", released, made=made, rejected=rejected)
    assert caught.value.limit.split(" less ")[1].endswith("rejected")
    assert caught.value.asked.endswith("released")


def test_only_the_maker_of_the_allocation_signs_off(world):
    part = allocation(world, 100)
    for signer in ("Hub", "Prime", "Agency", "Bo"):
        with refused(Rule.SIGNER) as caught:
            world.sign_off(part, "A1", 1, by=signer)
        assert "the maker named in the allocation: Asha (…" in caught.value.limit


def test_a_sign_off_waits_for_the_allocations_acceptance(world):
    world.framework(ceiling=10)
    order = world.accepted(world.calloff(10))
    part = world.allot(order, "Asha", 10)
    with refused(Rule.IN_FORCE, retriable=True) as caught:
        world.sign_off(part, "A1", 10)
    assert caught.value.limit == "an accepted allocation"
    world.accepted(part)
    world.sign_off(part, "A1", 10)


def test_a_sign_off_rests_on_an_allocation_not_on_the_call_off(world):
    world.framework(ceiling=10)
    order = world.accepted(world.calloff(10))
    with refused(Rule.REF_FITS) as caught:
        world.sign_off(order, "A1", 10)
    assert caught.value.limit.startswith("an allocation of contract ")
    assert "calloff.issued of this contract" in caught.value.found


def test_the_line_stands_in_the_allocation(world):
    world.framework(lines={"1": 10, "2": 10})
    order = world.accepted(world.calloff({"1": 10, "2": 10}))
    part = world.accepted(world.allot(order, "Asha", {"1": 10}))
    with refused(Rule.LINE) as caught:
        world.sign_off(part, "A1", 1, line="2")
    assert (caught.value.limit, caught.value.rests_on) == ("one of 1", (part,))


@pytest.mark.parametrize("field", ["made", "rejected", "released"])
def test_all_three_quantities_are_in_the_lines_unit(world, field):
    part = allocation(world, 100)
    said = {"made": 5, "rejected": 0, "released": 5} | {field: "1 KGM"}
    with refused(Rule.UNIT):
        world.sign_off(part, "A1", said["released"], made=said["made"], rejected=said["rejected"])


def test_a_maker_uses_a_lot_id_once(world):
    part = allocation(world, 100)
    first = world.sign_off(part, "A1", 10)
    with refused(Rule.LOT_ONCE) as caught:
        world.sign_off(part, "A1", 20)
    assert "Asha (…" in caught.value.found
    assert caught.value.rests_on == (first,)
    world.sign_off(part, "a1", 20)  # another id: GS1 lots are told apart by case


def test_a_lot_id_is_used_once_under_whatever_contract(world):
    first = world.sign_off(allocation(world, 100), "A1", 10)
    other = allocation(world, 100, reference="LTA-8")
    with refused(Rule.LOT_ONCE) as caught:
        world.sign_off(other, "A1", 10)
    assert caught.value.rests_on == (first,)
    assert world.state.get(Key("", Kind.LOT_NAME, f"{party('Asha')} A1")) == LotName(first)


def test_two_makers_may_use_the_same_lot_id(world):
    world.framework(ceiling=20)
    order = world.accepted(world.calloff(20))
    for maker in ("Asha", "Bo"):
        world.sign_off(world.accepted(world.allot(order, maker, 10)), "A1", 10)
    assert [lot.name for lot in world.state.scan(world.contract, Kind.LOT)] == ["A1", "A1"]


def test_a_lot_keeps_whose_it_is_and_for_whom(world):
    part = allocation(world, 100)
    lot = world.sign_off(part, "A1", 7, made=10, rejected=2, materials={"urn:pet-sheet": "P-77"})
    (kept,) = world.state.scan(world.contract, Kind.LOT)
    assert (kept.id, kept.maker, kept.consignee) == (lot, party("Asha"), party("Store"))
    assert (kept.made, kept.rejected, kept.released) == (10, 2, 7)
    assert [(one.characteristic, one.sample) for one in kept.checks] == [("visor clear", 20)]
    assert [(one.item, one.lot) for one in kept.materials] == [("urn:pet-sheet", "P-77")]
