"""Gathering: a whole contract, and a part of one, which costs what was told of its lots and finds the same of them."""

from collections import Counter

import pytest

from ledger.errors import NotFound
from ledger.rules.catalogue import Odd
from ledger.rules.findings import findings_in
from ledger.rules.gathering import situation, situation_of
from ledger.rules.links import KEPT_AS
from ledger.rules.records import Kind
from ledger.units import StatementId
from tests.support.everything import everything
from tests.support.world import World

JULY = "2026-07-20T09:00:00Z"
OF_SUMS = {Odd.OVERDUE, Odd.PAID_BEYOND_ACCEPTED}
OF_RECALLS = {Odd.RECALL_OPEN, Odd.RECALL_UNANSWERED, Odd.SENT_RECALLED}
"""One finding for all affected lots: of a part it names the lots at hand."""


@pytest.fixture
def world():
    """Two makers' lots on one truck, each with something odd about it, and more beside them."""
    world = World()
    design = world.specification(checks=[{"characteristic": "band holds"}])
    roles = {"inspectors": ["Ines", "Asha"]}
    apart = ["ordering and receiving", "making and inspecting", "receiving and paying"]
    world.framework(ceiling=5000, tolerance="5", made_to=design, roles=roles, keep_apart=apart)
    world.order = world.accepted(world.calloff(1000))
    world.asha = world.accepted(world.allot(world.order, "Asha", 300))
    world.bo = world.accepted(world.allot(world.order, "Bo", 300))
    how = {"specification": design, "materials": {"urn:sheet": "P-77"}}
    world.lent = world.delegate("Bo", "Hub")
    world.a1 = world.sign_off(world.asha, "A1", 200, at="2026-05-21T09:00:00Z", **how)
    world.b1 = world.sign_off(world.bo, "B1", 200, by="Hub", delegation=world.lent, **how)
    world.a2 = world.sign_off(world.asha, "A2", 110, inputs=[world.a1], **how)
    world.inspect(world.a1, "fail", by="Asha")
    world.hold(world.b1)
    first = world.dispatch("Asha", "Hub", {world.a1: 200}, waybill="W-1")
    world.receive("Hub", {world.a1: 190}, first, waybill="W-1")
    truck = world.dispatch(
        "Hub", "Store", {world.a1: 200, world.b1: 201}, unknown={"1": 9}, calloff=world.order
    )
    world.receipt = world.receive("Store", {world.a1: (150, 10, 40, 0)}, truck, at="2026-06-03T09:00:00Z")
    decision = world.decide(world.receipt, {world.a1: (151, 9)})
    world.pay(decision, 160, by="Agency")
    wrong = world.dispatch("Bo", "Agency", {world.b1: 1}, waybill="W-2")
    world.correct("Bo", wrong)
    world.receive("Agency", {world.b1: 1}, wrong, waybill="W-2")
    world.called_back = world.recall(materials={"urn:sheet": "P-77"}, by="Prime")
    world.acknowledge("Store", world.called_back, {world.a1: 100})
    world.dispute("Prime", world.receipt)
    world.dispatch("Asha", "Store", {world.a2: 50}, waybill="W-3", at="2026-07-19T09:00:00Z")
    world.dispatch("Asha", "Store", {world.a2: 50}, waybill="W-4")
    return world


def part(world, *statements, as_of=JULY):
    whole = world.at(as_of)
    return situation_of(world.state, world.contract, statements, whole.as_of)


@pytest.mark.parametrize("name", ["a1", "b1", "a2"])
def test_a_part_finds_of_its_lot_exactly_what_the_whole_finds_of_it(world, name):
    lot = getattr(world, name)
    whole = [one for one in world.findings(as_of=JULY) if one.odd not in OF_SUMS]
    found = findings_in(part(world, lot))
    assert {one.odd for one in found} > {Odd.RECALL_OPEN}
    same = [one for one in found if one.odd not in OF_RECALLS]
    assert [one for one in same if one not in whole] == []
    about = [one for one in whole if lot in one.statements and one.odd not in OF_RECALLS]
    assert [one for one in about if one not in same] == []
    assert {one.odd for one in whole if lot in one.statements} <= {one.odd for one in found}


def test_the_findings_of_the_parts_are_those_of_the_whole(world):
    """Nothing that can be said of a lot is found only by sweeping."""
    whole = {one.odd for one in world.findings(as_of=JULY)}
    parts = {one.odd for lot in (world.a1, world.b1, world.a2) for one in findings_in(part(world, lot))}
    assert whole - parts == OF_SUMS
    assert len(whole) > 15, "the story is odd enough"


@pytest.mark.parametrize("kind", ["a lot", "everything"])
def test_a_part_of_all_lots_has_the_findings_of_the_whole(world, kind):
    if kind == "everything":
        world = everything()
    whole = [one for one in world.findings(as_of=JULY) if one.odd not in OF_SUMS]
    found = findings_in(part(world, *world.at().lots, as_of=JULY))
    assert [one for one in found if one not in whole] == []
    lots = set(world.at().lots)
    assert [one for one in whole if one not in found and lots & set(one.statements)] == []


def test_a_receipt_that_is_silent_about_a_lot_is_found_by_the_others_on_its_waybill(world):
    found = {one.odd for one in findings_in(part(world, world.b1))}
    assert Odd.RECEIPT_SUM in found
    assert Odd.NO_RECEIPT not in found


class Counting:
    """A view that counts what is asked of it."""

    def __init__(self, state):
        self.state, self.asked = state, Counter()

    def get(self, key):
        self.asked["get"] += 1
        return self.state.get(key)

    def known(self, statement):
        self.asked["known"] += 1
        return self.state.known(statement)

    def scan(self, contract, kind):
        self.asked[f"scan {kind}"] += 1
        return self.state.scan(contract, kind)


def asked(world, *statements):
    view = Counting(world.state)
    at = situation_of(view, world.contract, statements)
    findings_in(at)
    return view.asked


def test_a_part_costs_the_same_whatever_the_size_of_the_contract(world):
    before = asked(world, world.a1)
    for n in range(40):
        lot = world.sign_off(world.bo, f"X{n}", 1, specification=world.at().lots[world.a1].specification)
        world.receive("Store", {lot: 1}, world.dispatch("Bo", "Store", {lot: 1}))
    assert asked(world, world.a1) == before
    assert before["get"] + before["known"] < 150
    swept = {kind for kind in before if kind.startswith("scan")}
    assert swept == {f"scan {Kind.RECALL}", f"scan {Kind.DISPUTE}"}


def test_a_part_holds_the_chain_of_promises_above_its_lots(world):
    at = part(world, world.a1)
    assert not at.whole
    assert set(at.lots) == {world.a1}
    assert set(at.allocations) == {world.asha}
    assert set(at.calloffs) == {world.order}


def test_a_part_of_a_delivery_has_all_its_lots(world):
    assert set(part(world, world.receipt).lots) == {world.a1, world.b1}  # by its dispatch


def test_a_recall_or_dispute_of_other_goods_is_not_in_the_part(world):
    lot = world.sign_off(world.asha, "A9", 1, specification=world.at().lots[world.a1].specification)
    other, dispute = world.recall([lot]), world.dispute("Prime", lot)
    at = part(world, world.a1)
    assert (set(at.recalls), other in at.recalls) == ({world.called_back}, False)
    assert dispute not in at.disputes


def test_what_settles_another_statement_has_no_record_of_its_own(world):
    accepted = world.at().framework.accepted
    for statement in (accepted, StatementId("ab" * 32)):
        with pytest.raises(NotFound, match="no record of its own"):
            part(world, statement)


def test_there_must_be_such_a_contract(world):
    for gather in (situation, lambda view, contract: situation_of(view, contract, [])):
        with pytest.raises(NotFound, match="is not registered"):
            gather(world.state, StatementId("ab" * 32))
        with pytest.raises(NotFound, match=r"is a calloff\.issued"):
            gather(world.state, world.order)


def test_every_statement_that_is_kept_is_kept_where_it_says():
    world = everything()
    for one in world.log:
        kind = KEPT_AS.get(one.event.type)
        if kind is not None:
            found = [key for key, _ in world.state.items() if key.kind is kind and key.name == one.id]
            assert len(found) == 1, one.event.type
