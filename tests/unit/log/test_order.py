"""The order a set submitted together goes in: what a statement rests on first, otherwise as given."""

import itertools
import random

import pytest

from ledger.events.opened import Opened
from ledger.log.order import in_order
from ledger.rules.admit import fold
from tests.support.world import PLACE, World, drawn, framework_body, opened, party, payload_of


class Folder:
    """A folder from a week offline: statements chained by their keys, none registered yet."""

    def __init__(self):
        self.world = World({})
        self.heads = {}
        self.set: list[Opened] = []

    def sign(self, signer, type_name, body=None, refs=None, sub=None):
        payload = payload_of(type_name, body or {}, refs or {}) | {"prev": self.heads.get(signer)}
        recorded = self.world.recorded(signer, payload, sub or party(signer))
        self.heads[signer] = recorded.id
        self.set.append(opened(recorded, payload))
        return recorded.id

    def enrol(self, name):
        return self.sign(name, "party.enrolled", {"kind": "maker", "country": "IN", "name": name})


def story():
    """One contract from enrolment to receipt, told by a world and chained key by key."""
    world = World()
    world.framework(ceiling=100)
    order = world.accepted(world.calloff(100))
    hub = world.accepted(world.allot(order, "Hub", 80))
    part = world.accepted(world.allot(hub, "Asha", 50))
    lots = [world.sign_off(part, f"A{n}", 10) for n in range(3)]
    sent = world.dispatch("Asha", "Hub", dict.fromkeys(lots, 10))
    world.receive("Hub", dict.fromkeys(lots, 10), sent)
    again = world.dispatch("Hub", "Store", dict.fromkeys(lots, 10))
    world.receive("Store", dict.fromkeys(lots, 10), again)
    return [opened(one, world.written[one.id]) for one in world.log[1:]]


def admitted(ordered):
    """Fold in this order into a log that holds its policy only; the types that were admitted."""
    world = World({})
    types = []
    for one in ordered:
        recorded = one.at(len(world.log))
        fold(world.state, recorded)
        world.log.append(recorded)
        types.append(recorded.event.type)
    return types


def arrange(shuffled):
    return [shuffled[position] for position in in_order(shuffled)]


def test_an_order_that_can_be_admitted_is_kept():
    told = story()
    assert in_order(told) == list(range(len(told)))


@pytest.mark.parametrize("seed", range(50))
def test_however_it_is_shuffled_the_whole_folder_goes_in_in_one_go(seed):
    told = story()
    random.Random(seed).shuffle(told)
    assert sorted(in_order(told)) == list(range(len(told)))
    assert len(admitted(arrange(told))) == len(told)


@pytest.mark.parametrize("seed", range(10))
def test_a_change_of_the_contract_and_its_acceptance_go_in_with_the_contract(seed):
    """The acceptance of a change refers to the contract too, which is not what the change waits for."""
    world = World()
    world.framework(ceiling=100)
    world.amend(tolerance_percent={"was": "0", "now": "5"})
    world.accepted(world.calloff(100))
    told = [opened(one, world.written[one.id]) for one in world.log[1:]]
    random.Random(seed).shuffle(told)
    assert len(admitted(arrange(told))) == len(told)


def test_the_reverse_of_the_order_goes_in_as_well():
    told = story()[::-1]
    assert len(admitted(arrange(told))) == len(told)


def test_what_rests_on_nothing_given_keeps_its_place():
    folder = Folder()
    for name in ("Asha", "Bo", "Cy", "Dee"):
        folder.enrol(name)
    for arrangement in itertools.permutations(folder.set):
        assert in_order(arrangement) == [0, 1, 2, 3]


def test_nothing_is_in_order():
    assert in_order([]) == []


def test_the_same_statement_twice_keeps_both_places():
    folder = Folder()
    folder.enrol("Asha")
    assert sorted(in_order(folder.set * 2)) == [0, 1]


def test_a_keys_previous_statement_comes_before():
    folder = Folder()
    folder.enrol("Asha")
    first, second = (
        folder.sign("Asha", "delivery.dispatched", body, {"calloff": "cd" * 32}, "ab" * 32)
        for body in waybills()
    )
    swapped = [folder.set[0], folder.set[2], folder.set[1]]
    assert [one.id for one in arrange(swapped)] == [folder.set[0].id, first, second]


def waybills():
    place = {"country": "IN"}
    for waybill in ("W-1", "W-2"):
        goods = [{"line": "1", "quantity": {"value": "1", "unit": "H87"}}]
        yield {
            "waybill": waybill,
            "to": party("Store"),
            "origin": place,
            "destination": place,
            "unattributed": goods,
        }


def contract_story(folder, first_then):
    """Agency and prime; what the prime signs in which order is up to `first_then`."""
    folder.enrol("Agency")
    contract = folder.sign("Agency", "framework.signed", framework_body({"1": 10}))
    body = {
        "reference": "CO-1",
        "lines": drawn(10),
        "consignee": party("Store"),
        "place": PLACE,
        "due": "2026-06-01",
    }
    order = folder.sign("Agency", "calloff.issued", body, {"framework": contract}, contract)
    acts = {
        "enrol": lambda: folder.enrol("Prime"),
        "framework": lambda: folder.sign(
            "Prime", "framework.accepted", {}, {"framework": contract}, contract
        ),
        "calloff": lambda: folder.sign("Prime", "calloff.accepted", {}, {"calloff": order}, contract),
    }
    for act in first_then:
        acts[act]()


@pytest.mark.parametrize("signed", list(itertools.permutations(["enrol", "framework", "calloff"])))
@pytest.mark.parametrize("seed", range(5))
def test_what_was_signed_in_a_muddled_order_goes_in_all_the_same(signed, seed):
    """Who accepts first and enrols afterwards has an enrolment whose `prev` waits for the enrolment itself."""
    folder = Folder()
    contract_story(folder, signed)
    random.Random(seed).shuffle(folder.set)
    assert len(admitted(arrange(folder.set))) == 6


def test_a_muddle_does_not_disturb_what_has_no_part_in_it():
    folder = Folder()
    contract_story(folder, ["framework", "enrol", "calloff"])
    bystander = Folder()
    bystander.enrol("Bo")
    bystander.sign("Bo", "framework.signed", framework_body({"1": 1}))
    arranged = arrange(bystander.set[::-1] + folder.set[::-1])
    assert [one.id for one in arranged if one.statement.iss == party("Bo")] == [
        one.id for one in bystander.set
    ]
