"""Rules of the first sample (R29, and R10, R12, R14 of the decision on it): volume waits for the inspector."""

import pytest

from ledger.rules.catalogue import Rule
from ledger.rules.records import Allocation, Key, Kind
from ledger.rules.refusal import short_id
from tests.support.world import World, party, refused

LATER = "2026-05-05T09:00:00+05:30"


@pytest.fixture
def world():
    """A contract that asks for first samples; two lines, both allotted to Asha."""
    world = World()
    world.framework(lines={"1": 100, "2": 100}, first_sample=True, roles={"inspectors": ["Ines", "Hub"]})
    world.order = world.accepted(world.calloff({"1": 100, "2": 100}))
    world.part = world.accepted(world.allot(world.order, "Asha", {"1": 50, "2": 50}))
    return world


def samples(world):
    record = world.state.get(Key(world.contract, Kind.ALLOCATION, world.part))
    assert isinstance(record, Allocation)
    return {one.line: (one.decision, one.inspector, one.conditions) for one in record.samples}


def test_no_volume_before_a_first_sample_is_decided_on(world):
    with refused(Rule.FIRST_SAMPLE, retriable=True) as caught:
        world.sign_off(world.part, "A1", 10)
    assert caught.value.found.startswith("the first sample of Asha (…")
    assert caught.value.found.endswith("for line 1 has not been decided on")
    assert caught.value.limit == "a sample.decided that passes it"
    assert caught.value.rests_on == (world.contract, world.part)
    world.sample(world.part)
    world.sign_off(world.part, "A1", 10)


def test_no_volume_after_it_failed_until_one_passes(world):
    """The same sign-off may be admitted later, when a pass that was decided before it has arrived as well."""
    failed = world.sample(world.part, "fail")
    with refused(Rule.FIRST_SAMPLE, retriable=True) as caught:
        world.sign_off(world.part, "A1", 10)
    assert caught.value.found.endswith(f"for line 1 failed, by {short_id(failed)}")
    assert caught.value.rests_on == (world.contract, world.part, failed)
    world.sample(world.part, by="Hub")
    world.sign_off(world.part, "A1", 10)


def test_a_pass_under_conditions_is_a_pass(world):
    world.sample(world.part, "conditional")
    world.sign_off(world.part, "A1", 10)
    assert samples(world) == {"1": ("conditional", party("Ines"), "Round the corners.")}


def test_the_latest_decision_counts(world):
    world.sample(world.part)
    world.sign_off(world.part, "A1", 10)
    world.sample(world.part, "fail", by="Hub")
    with refused(Rule.FIRST_SAMPLE, retriable=True):
        world.sign_off(world.part, "A2", 10)
    world.sample(world.part, at=LATER)
    world.sign_off(world.part, "A2", 10)


def test_every_line_has_a_first_sample_of_its_own(world):
    world.sample(world.part, line="2")
    with refused(Rule.FIRST_SAMPLE, retriable=True):
        world.sign_off(world.part, "A1", 10)
    world.sample(world.part, "fail")
    world.sign_off(world.part, "A2", 10, line="2")
    assert {line: said[0] for line, said in samples(world).items()} == {"1": "fail", "2": "pass"}


def test_every_allocation_has_a_first_sample_of_its_own(world):
    world.sample(world.part)
    other = world.accepted(world.allot(world.order, "Asha", 10))
    with refused(Rule.FIRST_SAMPLE, retriable=True):
        world.sign_off(other, "A1", 10)


def test_the_pass_of_a_hub_is_none_of_its_makers(world):
    hub = world.accepted(world.allot(world.order, "Hub", 50))
    world.sample(hub)
    bo = world.accepted(world.allot(hub, "Bo", 40))
    with refused(Rule.FIRST_SAMPLE, retriable=True):
        world.sign_off(bo, "B1", 10)
    world.sample(bo)
    world.sign_off(bo, "B1", 10)


def test_where_the_contract_asks_for_none_a_failed_one_stops_nothing():
    world = World()
    world.framework(ceiling=100, roles={"inspectors": ["Ines"]})
    part = world.accepted(world.allot(world.accepted(world.calloff(100)), "Asha", 100))
    world.sample(part, "fail")
    world.sign_off(part, "A1", 10)


@pytest.mark.parametrize("signer", ["Asha", "Prime", "Agency"])
def test_only_an_inspector_the_contract_names_decides(world, signer):
    with refused(Rule.SIGNER) as caught:
        world.sample(world.part, by=signer)
    assert caught.value.limit.startswith("an inspector the contract names: Ines (…")
    assert ", Hub (…" in caught.value.limit
    assert caught.value.rests_on == (world.contract,)


def test_where_no_inspector_is_named_nobody_decides():
    world = World()
    world.framework(ceiling=100)
    part = world.accepted(world.allot(world.accepted(world.calloff(100)), "Asha", 100))
    with refused(Rule.SIGNER) as caught:
        world.sample(part)
    assert caught.value.limit == "an inspector the contract names: nobody is named"


def test_a_first_sample_is_of_an_accepted_allocation_and_its_line(world):
    part = world.allot(world.order, "Bo", {"1": 10})
    with refused(Rule.IN_FORCE, retriable=True) as caught:
        world.sample(part)
    assert caught.value.found == f"the allocation {short_id(part)} has not been accepted"
    assert caught.value.rests_on == (part,)
    world.accepted(part)
    with refused(Rule.LINE) as caught:
        world.sample(part, line="2")
    assert (caught.value.limit, caught.value.rests_on) == ("one of 1", (part,))
    with refused(Rule.REF_FITS):
        world.sample(world.order)
