"""Rules of every statement (R01 to R08): its place, its size, its signer, its subject, what it rests on."""

import pytest
from msgspec.structs import replace

from ledger.events.base import Subject
from ledger.events.catalogue import EVENTS
from ledger.rules.catalogue import Rule
from ledger.rules.records import Key, Kind, Party
from ledger.rules.refusal import short_id
from ledger.rules.state import MemoryState, memory_digest
from ledger.units import LeafIndex, StatementId
from tests.support.everything import everything
from tests.support.world import CAST, World, framework_body, party, payload_of, policy_body, refused

NOWHERE = StatementId("ab" * 32)


def empty_world():
    world = World.__new__(World)
    world.state, world.log, world.written = MemoryState(), [], {}
    return world


@pytest.fixture
def world():
    return World()


def test_entry_0_is_the_policy_and_nothing_else():
    with refused(Rule.POLICY_PLACE) as caught:
        empty_world().enrol("Asha")
    assert "party.enrolled at index 0" in caught.value.found
    assert caught.value.limit == "log.policy at index 0 and nowhere else"


def test_no_later_entry_is_a_policy(world):
    with refused(Rule.POLICY_PLACE) as caught:
        world.say("Operator", "log.policy", policy_body())
    assert f"index {len(CAST) + 1}" in caught.value.found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"origin": "log.example/other"}, "log.example/world"),
        ({"vkey": "log.example/world"}, "cannot be read"),
        # A key of small order is no key at all, and is refused by another reader than the rest of the line.
        (
            {"vkey": "log.example/world+6a34d8f8+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
            "cannot be read",
        ),
    ],
)
def test_the_policy_names_its_own_checkpoint_key(change, words):
    with refused(Rule.POLICY_KEY) as caught:
        empty_world().say("Operator", "log.policy", policy_body() | change)
    assert words in caught.value.found


def test_the_policy_is_signed_with_the_checkpoint_key():
    with refused(Rule.POLICY_KEY) as caught:
        empty_world().say("Eve", "log.policy", policy_body())
    assert party("Eve")[-8:] in caught.value.limit


def test_a_statement_keeps_to_the_policys_size_to_the_byte():
    world = World(statement_bytes=2_000)
    world.say(
        "Cy", "party.enrolled", {"kind": "maker", "country": "IN", "name": "Cy"}, size=2_000
    )  # exactly at the limit
    with refused(Rule.POLICY_LIMITS) as caught:
        world.say("Dee", "party.enrolled", {"kind": "maker", "country": "IN", "name": "Dee"}, size=2_001)
    assert (caught.value.limit, caught.value.asked) == ("2000 bytes", "2001 bytes")
    assert caught.value.rests_on == (world.log[0].id,)


def test_who_signs_has_enrolled_and_may_come_back_when_it_has(world):
    world.framework(ceiling=10)
    order = world.accepted(world.calloff(10))
    part = world.allot(order, "Cy", 10)
    with refused(Rule.ENROLLED, retriable=True) as caught:
        world.accepted(part)
    assert party("Cy")[-8:] in caught.value.found
    assert caught.value.limit == "a party.enrolled statement of the signer, registered before"
    assert caught.value.hint == "sign and submit party.enrolled first, or both together"
    world.enrol("Cy")
    world.accepted(part)


def test_a_party_enrols_once(world):
    first = world.state.get(Key("", Kind.PARTY, party("Asha")))
    assert isinstance(first, Party)
    with refused(Rule.ENROLS_ONCE) as caught:
        world.enrol("Asha", name="Asha again")
    assert caught.value.rests_on == (first.statement,)
    assert short_id(first.statement) in caught.value.found
    assert caught.value.hint == "nothing to do"


def test_a_committed_name_is_not_kept(world):
    world.enrol("Cy", name={"commitment": "cd" * 32})
    record = world.state.get(Key("", Kind.PARTY, party("Cy")))
    assert isinstance(record, Party)
    assert record.name is None


@pytest.mark.parametrize(
    ("type_name", "body"),
    [
        ("party.enrolled", {"kind": "maker", "country": "IN", "name": "Cy"}),
        ("framework.signed", framework_body({"1": "H87"})),
    ],
)
def test_a_statement_outside_contracts_is_about_its_signer(world, type_name, body):
    with refused(Rule.SUBJECT) as caught:
        world.say("Agency", type_name, body, sub=party("Bo"))
    assert caught.value.limit == "the signer itself"
    assert caught.value.hint == "sign it again with the signer's own party id as its subject"


@pytest.fixture(scope="module")
def said():
    """Everything that can be said; every statement once more about something else is refused, and changes nothing."""
    return everything()


def again(world, one, sub):
    """The same event, signed again by the same party with another subject."""
    name = next(name for name in CAST if party(name) == one.iss)
    return world.recorded(name, world.written[one.id], sub)


@pytest.mark.parametrize(
    "type_name", [name for name, one in EVENTS.items() if one.subject is Subject.CONTRACT]
)
def test_a_statement_under_a_contract_is_about_a_contract(said, type_name):
    """Whatever else may be wrong with it: this is looked at first."""
    one = next(one for one in said.log if one.event.type == type_name)
    order = next(one.id for one in said.log if one.event.type == "calloff.issued")
    for sub in (one.iss, order):
        with refused(Rule.SUBJECT) as caught:
            said.fold(again(said, one, sub))
        assert caught.value.found == f"its subject {sub[:24]} is not a contract"
        assert caught.value.limit == "sub is the id of a framework.signed statement"
    with refused(Rule.REF_REGISTERED, retriable=True) as caught:
        said.fold(again(said, one, NOWHERE))
    assert caught.value.found == f"its contract {short_id(NOWHERE)} is not registered"
    assert caught.value.rests_on == (NOWHERE,)


def test_a_reference_may_still_come(world):
    world.framework()
    with refused(Rule.REF_REGISTERED, retriable=True) as caught:
        world.say("Prime", "calloff.accepted", refs={"calloff": NOWHERE})
    assert "call-off ababababab" in caught.value.found
    assert caught.value.rests_on == (NOWHERE,)


def test_a_reference_of_the_wrong_type_never_fits(world):
    contract = world.framework()
    enrolled = world.log[1].id
    for ref, found in (
        (contract, "framework.signed of this contract"),
        (enrolled, "party.enrolled under no contract"),
    ):
        with refused(Rule.REF_FITS) as caught:
            world.say("Prime", "calloff.accepted", refs={"calloff": ref})
        assert found in caught.value.found
        assert caught.value.limit == f"a call-off of contract {short_id(contract)}"


def test_an_allocation_rests_on_a_call_off_or_an_allocation(world):
    contract = world.framework()
    with refused(Rule.REF_FITS) as caught:
        world.allot(contract, "Asha", 1, by="Prime")
    assert caught.value.limit.startswith("a call-off or allocation of contract")


RESTS_ON_NOTHING = {"framework.signed", "delegation.granted"}
"""They refer to no statement: said elsewhere they are another contract, another grant."""


def test_nothing_said_under_one_contract_can_be_replayed_under_another():
    world = everything()
    told = [one for one in world.log if one.contract == world.contract]
    types = {name for name, model in EVENTS.items() if model.subject in {Subject.CONTRACT, Subject.EITHER}}
    assert {one.event.type for one in told} == types | {"framework.signed"}
    second = world.framework(reference="LTA-2", accept=False)
    for one in told:
        if one.event.type not in RESTS_ON_NOTHING:
            with refused(Rule.REF_FITS) as caught:
                world.fold(again(world, one, second))
            assert "of another contract" in caught.value.found


def test_each_contract_keeps_its_own_sums(world):
    first = world.framework(ceiling=100)
    world.calloff(100)
    world.framework(ceiling=100, reference="LTA-8")
    world.calloff(100)
    world.contract = first
    with refused(Rule.CEILING):
        world.calloff(1)


def test_a_refused_statement_changes_nothing(world):
    world.framework(ceiling=100)
    before = memory_digest(world.state), len(world.state)
    with refused(Rule.CEILING):
        world.calloff(101)
    assert (memory_digest(world.state), len(world.state)) == before


def test_contracts_are_listed_in_the_order_of_the_log(world):
    opened = [world.framework(reference=f"LTA-{n}") for n in range(8)]
    assert world.state.contracts() == opened


def test_index_is_no_part_of_what_a_later_statement_says(world):
    """A verifier folds only some of the statements, with gaps between their places."""
    later = world.recorded(
        "Cy", payload_of("party.enrolled", {"kind": "maker", "country": "IN", "name": "Cy"}, {}), party("Cy")
    )
    world.fold(replace(later, index=LeafIndex(1_000_000)))
    assert world.state.get(Key("", Kind.PARTY, party("Cy")))
