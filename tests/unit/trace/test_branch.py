"""Which statements of a contract each party sees: an expected set for everybody, and nothing for who has no part."""

from __future__ import annotations

import pytest

from ledger.rules.findings import findings_in
from ledger.rules.records import Kind, Member
from ledger.rules.state import each
from ledger.trace.branch import Branch, branch, part_of
from ledger.trace.down import trace_down
from ledger.units import StatementId
from tests.support.everything import everything
from tests.support.world import World, party


class Told(World):
    """Two hubs of one call-off, two makers below the first, one below the second; Eve keeps a warehouse."""

    def __init__(self) -> None:
        super().__init__()
        for name in ("Cy", "Dee", "Eve"):
            self.enrol(name)
        self.framework(ceiling=1000, roles={"inspectors": ["Ines"]})
        self.named: dict[str, StatementId] = {"contract": self.contract}
        self.named["accept contract"] = self.log[-1].id
        self._offer("order", self.calloff(1000))
        self._offer("hub", self.allot(self.named["order"], "Hub", 600))
        self._offer("asha", self.allot(self.named["hub"], "Asha", 300))
        self._offer("bo", self.allot(self.named["hub"], "Bo", 200))
        self._offer("other hub", self.allot(self.named["order"], "Dee", 400))
        self._offer("cy", self.allot(self.named["other hub"], "Cy", 400))
        for lot, name, size in (("A1", "asha", 300), ("B1", "bo", 200), ("C1", "cy", 400)):
            self.named[lot] = self.sign_off(self.named[name], lot, size)
        self.named["look at A1"] = self.inspect(self.named["A1"])
        both = {self.named["A1"]: 300, self.named["B1"]: 200}
        self.named["sent"] = self.dispatch("Hub", "Store", both, waybill="W-1")
        self.named["counted"] = self.receive("Store", both, self.named["sent"], waybill="W-1")
        self.named["decided"] = self.decide(self.named["counted"], both)
        self.named["paid"] = self.pay(self.named["decided"], 500, "27500 INR", to="Hub")
        self.named["sent C1"] = self.dispatch("Cy", "Eve", {self.named["C1"]: 400}, waybill="W-2")

    def _offer(self, name: str, offer: StatementId) -> None:
        self.named[name] = self.accepted(offer)
        self.named[f"accept {name}"] = self.log[-1].id

    def seen_by(self, who: str) -> set[str]:
        """The names of what a party sees."""
        seen = branch(self.at(), party(who))
        names = {id: name for name, id in self.named.items()}
        return {names[one.id] for one in self.log if one.id in names and seen.sees(one.id)}

    def is_all_named(self) -> bool:
        """Whether every statement under the contract has its name here."""
        return {one.id for one in self.log if one.contract == self.contract} == set(self.named.values())


TOP = {"contract", "accept contract", "order", "accept order"}
HUB = {"hub", "accept hub"}
OF_A1_B1 = {"sent", "counted", "decided"}
SEEN = {
    "Hub": TOP
    | HUB
    | {"asha", "accept asha", "bo", "accept bo", "A1", "B1", "look at A1", "paid"}
    | OF_A1_B1,
    "Asha": TOP | HUB | {"asha", "accept asha", "A1", "look at A1"} | OF_A1_B1,
    "Bo": TOP | HUB | {"bo", "accept bo", "B1"} | OF_A1_B1,
    "Dee": TOP | {"other hub", "accept other hub", "cy", "accept cy", "C1", "sent C1"},
    "Cy": TOP | {"other hub", "accept other hub", "cy", "accept cy", "C1", "sent C1"},
    "Store": TOP | HUB | {"asha", "accept asha", "bo", "accept bo", "A1", "B1", "look at A1"} | OF_A1_B1,
    "Eve": {"contract", "accept contract", "sent C1"},
}
NOTHING = {"Operator"}


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


def test_the_expected_sets_are_about_every_statement(told: Told) -> None:
    assert told.is_all_named()


@pytest.mark.parametrize("who", ["Agency", "Prime", "Ines"])
def test_the_buyer_and_whom_the_contract_names_see_all(told: Told, who: str) -> None:
    assert told.seen_by(who) == set(told.named)
    assert branch(told.at(), party(who)).whole


@pytest.mark.parametrize("who", SEEN)
def test_everybody_else_sees_its_own_branch(told: Told, who: str) -> None:
    assert told.seen_by(who) == SEEN[who]


@pytest.mark.parametrize("who", sorted({*NOTHING, "Nobody"}))
def test_who_has_no_part_sees_nothing_not_even_the_contract(told: Told, who: str) -> None:
    seen = branch(told.at(), party(who))
    assert seen.empty
    assert not any(seen.sees(one.id) for one in told.log)


def test_an_offer_nobody_accepted_yet_is_seen_by_whom_it_is_made_to() -> None:
    world = Told()
    offer = world.allot(world.named["hub"], "Eve", 10)
    seen = branch(world.at(), party("Eve"))
    assert seen.own == {offer, world.named["sent C1"]}
    assert seen.above == {world.named[name] for name in TOP | HUB}


@pytest.mark.parametrize("say", ["inspect", "receive", "dispatch"])
def test_what_a_party_says_of_others_goods_opens_nothing(say: str) -> None:
    world = Told()
    lot = world.named["C1"]
    match say:
        case "inspect":
            said = world.inspect(lot, by="Asha")
        case "receive":
            said = world.receive("Asha", {lot: 1}, waybill="W-9")
        case _:
            said = world.dispatch("Asha", "Bo", {lot: 1}, waybill="W-9")
    for who in ("Asha", "Bo"):
        seen = branch(world.at(), party(who))
        assert {name for name, id in world.named.items() if seen.sees(id)} == SEEN[who]
        part = part_of(world.at(), seen)
        assert lot not in part.lots
        assert said not in part.inspections, "it is about nothing that is there"
        findings_in(part)
        trace_down(part)
    assert branch(world.at(), party("Asha")).sees(said)
    assert branch(world.at(), party("Cy")).sees(said), "it is about Cy's lot"


def test_what_was_said_of_ones_own_later_is_ones_own() -> None:
    world = Told()
    dispute = world.dispute("Store", world.named["A1"], against="Asha")
    resolved = world.resolve(dispute, by="Store")
    wrong = world.inspect(world.named["A1"], "fail")
    correction = world.correct("Ines", wrong)
    hold = world.hold(world.named["A1"])
    clear = world.clear(hold)
    later = {dispute, resolved, wrong, correction, hold, clear}
    assert later <= branch(world.at(), party("Asha")).own
    assert later <= branch(world.at(), party("Hub")).own
    assert not later & branch(world.at(), party("Bo")).own
    assert not later & branch(world.at(), party("Cy")).own


def test_a_recall_is_seen_by_whose_goods_it_is_about() -> None:
    world = Told()
    recall = world.recall([world.named["A1"]])
    answer = world.acknowledge("Store", recall, {world.named["A1"]: 300})
    for who, sees in {"Asha": True, "Hub": True, "Store": True, "Bo": False, "Cy": False}.items():
        seen = branch(world.at(), party(who))
        assert (seen.sees(recall), seen.sees(answer)) == (sees, sees), who


def test_a_recall_of_another_contract_is_seen_under_that_one_alone() -> None:
    world = Told()
    first, lot = world.contract, world.named["A1"]
    recall = world.recall([lot])
    world.framework(ceiling=1000)
    made = world.accepted(world.allot(world.accepted(world.calloff(10)), "Bo", 10))
    world.sign_off(made, "B2", 10, inputs=[lot])
    assert [one.contract for one in world.at().scopes] == [first]
    assert not branch(world.at(), party("Bo")).sees(recall)


def test_nothing_hangs_on_the_promises_above_but_their_acceptance() -> None:
    world = Told()
    withdrawn = world.withdraw(world.named["hub"], 50)
    disputed = world.dispute("Prime", world.named["order"])
    for who in ("Asha", "Bo"):
        seen = branch(world.at(), party(who))
        assert not seen.sees(withdrawn)
        assert not seen.sees(disputed)
    assert branch(world.at(), party("Hub")).sees(withdrawn)


def test_an_accepted_amendment_is_part_of_the_contract_and_an_offered_one_is_not() -> None:
    world = Told()
    world.amend(last_day={"was": "2026-12-31", "now": "2027-06-30"})
    accepted = {one.id for one in world.log[-2:]}
    offered = world.amend(tolerance_percent={"was": "0", "now": "5"}, accept=False)
    seen = branch(world.at(), party("Asha"))
    assert accepted <= seen.above
    assert not seen.sees(offered)


def test_in_a_part_no_sum_over_others_is_told(told: Told) -> None:
    at = told.at()
    part = part_of(at, branch(at, party("Asha")))
    [calloff] = part.calloffs.values()
    assert [(one.quantity, one.allotted, one.released, one.below) for one in calloff.lines] == [
        (1000, 600, 0, 0)
    ]
    [hub] = part.allocations[told.named["hub"]].lines
    assert (hub.quantity, hub.allotted, hub.released, hub.below) == (600, 300, 0, 0)
    [own] = part.allocations[told.named["asha"]].lines
    assert (own.quantity, own.released) == (300, 300)


def test_a_whole_contract_is_its_own_part(told: Told) -> None:
    at = told.at()
    assert part_of(at, branch(at, party("Agency"))) is at


@pytest.mark.parametrize("make", [Told, everything])
def test_every_part_holds_only_what_is_seen_and_can_be_traced(make: type[World]) -> None:
    world = make()
    at = world.at("2026-08-01T12:00:00+05:30")
    parties = [member.party for member in each(world.state, world.contract, Kind.MEMBER, Member)]
    assert len(parties) > 3
    for one in parties:
        seen = branch(at, one)
        part = part_of(at, seen)
        assert not seen.empty
        assert all(map(seen.sees, part.records))
        trace_down(part)
        for finding in findings_in(part):
            named = [statement for statement in finding.statements if statement in at.records]
            assert all(map(seen.sees, named)), finding.message


def test_a_branch_of_nothing_is_empty(told: Told) -> None:
    nothing = Branch(told.contract, party("Nobody"), False, frozenset(), frozenset())
    assert nothing.empty
    assert not nothing.sees(told.contract)
