"""Rules of specifications (R30, R31, and R07, R08, R10 of them): what is made, to which revision, from which lots."""

import pytest

from ledger.rules.catalogue import Rule
from ledger.rules.records import Key, Kind, Lot, Revision, Specification
from ledger.rules.refusal import short_id
from tests.support.world import World, party, refused

NOWHERE = "ab" * 32


@pytest.fixture
def world():
    return World()


def part_of(world, **how):
    """An accepted allocation of 100 for Asha under a new contract."""
    world.framework(ceiling=100, **how)
    return world.accepted(world.allot(world.accepted(world.calloff(100)), "Asha", 100))


# Publishing


def test_anybody_enrolled_publishes_a_specification(world):
    first = world.specification(by="Bo", checks=[{"characteristic": "visor clear", "least": 5}])
    kept = world.state.get(Key("", Kind.SPECIFICATION, first))
    assert isinstance(kept, Specification)
    assert (kept.specifier, kept.item, kept.revision) == (party("Bo"), "https://items.example/1", "A")
    assert [(one.characteristic, one.least, one.by) for one in kept.checks] == [("visor clear", 5, "maker")]


def test_a_revision_of_an_item_is_published_once(world):
    first = world.specification("A")
    with refused(Rule.REVISION_ONCE) as caught:
        world.specification("A", checks=[{"characteristic": "visor clear"}])
    assert caught.value.found.endswith("has published revision A of https://items.example/1 already")
    assert caught.value.rests_on == (first,)
    name = Key("", Kind.REVISION, f"{party('Agency')} https://items.example/1 A")  # under no contract
    assert world.state.get(name) == Revision(first)
    assert (caught.value.limit, caught.value.hint) == (
        "a revision not published before by this specifier",
        "give it a new revision",
    )
    world.specification("a")
    world.specification("A", item="https://items.example/2")
    world.specification("A", by="Bo")  # another specifier's A is another revision


def test_a_specification_supersedes_an_earlier_one_of_its_own_item(world):
    first = world.specification("A")
    second = world.specification("B", supersedes=first)
    kept = [world.state.get(Key("", Kind.SPECIFICATION, one)) for one in (first, second)]
    assert [one.supersedes for one in kept] == [None, first]
    with refused(Rule.REF_FITS) as caught:
        world.specification("A", item="https://items.example/2", supersedes=first)
    assert caught.value.found == "the superseded specification is of https://items.example/1"
    assert caught.value.limit == "an earlier revision of https://items.example/2"
    assert caught.value.rests_on == (first,)
    with refused(Rule.REF_REGISTERED, retriable=True):
        world.specification("C", supersedes=NOWHERE)
    with refused(Rule.REF_FITS) as caught:
        world.specification("C", supersedes=world.enrolment("Asha"))
    assert (caught.value.found[13:], caught.value.limit) == ("is a party.enrolled", "a specification")


def test_nobody_supersedes_what_another_published(world):
    first = world.specification("A")
    with refused(Rule.SIGNER) as caught:
        world.specification("B", by="Bo", supersedes=first)
    assert caught.value.limit.startswith("the specifier of the earlier revision: Agency (…")
    assert caught.value.rests_on == (first,)


def test_a_contract_names_specifications_of_its_items(world):
    other = world.specification(item="https://items.example/2")
    with refused(Rule.REF_FITS) as caught:
        world.framework(made_to=other)
    assert caught.value.limit == "one of the line's item, https://items.example/1"
    assert caught.value.rests_on == (other,)
    with refused(Rule.REF_REGISTERED, retriable=True):
        world.framework(made_to=NOWHERE)
    with refused(Rule.REF_FITS):
        world.framework(made_to=world.enrolment("Asha"))


# Making to it


def test_a_lot_is_made_to_the_specification_of_its_line(world):
    first, other = world.specification("A"), world.specification("B")
    part = part_of(world, made_to=first)
    for wrong, shown in ((None, "no specification"), (other, short_id(other)), (NOWHERE, NOWHERE[:12])):
        with refused(Rule.SPECIFICATION) as caught:
            world.sign_off(part, "A1", 10, specification=wrong)
        assert caught.value.found == f"lot A1 is made to {shown}"
        assert caught.value.limit == f"one of line 1: {short_id(first)}"
        assert caught.value.rests_on == (world.contract,)
    lot = world.sign_off(part, "A1", 10, specification=first)
    assert world.state.get(Key(world.contract, Kind.LOT, lot)).specification == first


def test_where_the_line_has_none_a_lot_names_none(world):
    part = part_of(world)
    with refused(Rule.SPECIFICATION) as caught:
        world.sign_off(part, "A1", 10, specification=world.specification())
    assert caught.value.limit == "one of line 1: it has none"
    world.sign_off(part, "A1", 10)


def changed(world, was, now, effective):
    world.amend(lines=[{"line": "1", "specification": {"was": was, "now": now}}], effective=effective)


def test_a_lot_may_be_made_to_a_revision_that_was_or_will_be_in_force(world):
    """Stock of an earlier revision is used up; that it is an earlier one is a finding."""
    first, second = world.specification("A"), world.specification("B")
    part = part_of(world, made_to=first)
    changed(world, first, second, "2026-06-01")
    world.sign_off(part, "A1", 10, specification=second)
    world.sign_off(part, "A2", 10, specification=first, at="2026-07-01T09:00:00+05:30")


def test_a_lot_of_a_day_without_a_specification_is_made_to_none(world):
    part = part_of(world)
    first = world.specification("A")
    changed(world, None, first, "2026-06-01")
    world.sign_off(part, "A1", 10, at="2026-05-31T23:59:59+05:30")
    with refused(Rule.SPECIFICATION):
        world.sign_off(part, "A2", 10, at="2026-06-01T00:00:00+05:30")
    world.sign_off(part, "A2", 10, specification=first)


def test_a_line_that_was_added_keeps_to_its_specification_from_the_start(world):
    """A sign-off dated before the line's first day is no way round it."""
    made_to = world.specification(item="https://items.example/2")
    world.framework()
    line = {"line": "2", "item": "https://items.example/2", "description": "Strap", "unit": "H87"}
    world.amend(added=[line | {"specification": made_to}], effective="2026-05-04")
    order = world.accepted(world.calloff({"2": 10}))
    part = world.accepted(world.allot(order, "Asha", {"2": 10}))
    with refused(Rule.SPECIFICATION):
        world.sign_off(part, "A1", 10, line="2", at="2026-05-03T09:00:00+05:30")
    world.sign_off(part, "A1", 10, line="2", specification=made_to, at="2026-05-03T09:00:00+05:30")


# From which lots


def test_a_lot_is_made_from_lots_under_whatever_contract(world):
    sheet = world.sign_off(part_of(world), "SHEET", 100)
    part = part_of(world, reference="LTA-8")
    strap = world.sign_off(part, "STRAP", 10)
    lot = world.sign_off(part, "A1", 10, inputs=[sheet, strap])
    kept = world.state.get(Key(world.contract, Kind.LOT, lot))
    assert isinstance(kept, Lot)
    assert kept.inputs == (sheet, strap)


def test_what_a_lot_is_made_from_is_a_lot(world):
    part = part_of(world)
    with refused(Rule.REF_REGISTERED, retriable=True) as caught:
        world.sign_off(part, "A1", 10, inputs=[NOWHERE])
    assert caught.value.found == f"the lot {NOWHERE[:12]} it rests on is not registered"
    for wrong, found in ((part, "an allocation.offered"), (world.enrolment("Bo"), "a party.enrolled")):
        with refused(Rule.REF_FITS) as caught:
            world.sign_off(part, "A1", 10, inputs=[wrong])
        assert (caught.value.found, caught.value.limit) == (f"{short_id(wrong)} is {found}", "a lot")
