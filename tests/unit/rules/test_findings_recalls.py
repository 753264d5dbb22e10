"""Findings on recalled goods (F31 to F34): which goods, where they are, who answered, what was found."""

import pytest

from ledger.rules.catalogue import Odd
from tests.support.world import World, party

NINE, TEN, ELEVEN, NOON = (f"2026-05-05T{hour:02}:00:00Z" for hour in (9, 10, 11, 12))
SHEET = {"urn:sheet": "P-77"}


@pytest.fixture
def world():
    """Asha and Bo each released 300 of a sheet, and 100 of another; Asha's design is the same as Bo's."""
    world = World()
    world.design = world.specification()
    world.framework(ceiling=10_000, made_to=world.design, roles={"inspectors": ["Ines"]})
    world.order = world.accepted(world.calloff(2000))
    world.asha, world.bo = (world.accepted(world.allot(world.order, name, 800)) for name in ("Asha", "Bo"))
    how = {"specification": world.design}
    world.a1 = world.sign_off(world.asha, "A1", 300, materials=SHEET, **how)
    world.a2 = world.sign_off(world.asha, "A2", 100, materials={"urn:sheet": "P-78"}, **how)
    world.b1 = world.sign_off(world.bo, "B1", 300, materials=SHEET, **how)
    return world


def only(world, odd, **how):
    (finding,) = world.findings(odd, **how)
    return finding


def figures(finding):
    return dict(finding.figures)


def affected(world):
    """The lots of the one open recall."""
    return set(only(world, Odd.RECALL_OPEN).statements[1:])


# F31: scope


def test_f31_opens_with_the_recall_and_closes_with_its_closing(world):
    assert not world.findings(Odd.RECALL_OPEN)
    recall = world.recall([world.a1])
    finding = only(world, Odd.RECALL_OPEN)
    assert finding.statements == (recall, world.a1)
    assert "calls back lot A1 of Asha (…" in finding.message
    assert "(danger to health; quarantine): The sheet gives off fumes." in finding.message
    world.close_recall(recall)
    assert not world.findings(Odd.RECALL_OPEN)


def test_f31_closes_when_the_recall_is_taken_back(world):
    world.correct("Agency", world.recall([world.a1]))
    assert not world.findings(Odd.RECALL_OPEN) + world.findings(Odd.RECALL_UNANSWERED)


def test_a_material_finds_every_lot_it_went_into(world):
    world.recall(materials=SHEET, by="Prime")
    assert affected(world) == {world.a1, world.b1}


def test_a_material_is_its_item_and_its_lot(world):
    world.recall(materials={"urn:other": "P-77"}, by="Prime")
    assert affected(world) == set()
    assert "goods no lot here is made of so far" in only(world, Odd.RECALL_OPEN).message


def test_a_design_finds_every_lot_made_to_it(world):
    world.recall(made_to=world.design)
    assert affected(world) == {world.a1, world.a2, world.b1}


def test_what_was_made_from_a_lot_is_found_however_far_down(world):
    how = {"specification": world.design}
    half = world.sign_off(world.bo, "B2", 10, inputs=[world.a1], **how)
    whole = world.sign_off(world.asha, "A3", 10, inputs=[half, world.a2], **how)
    world.recall([world.a1])
    assert affected(world) == {world.a1, half, whole}


def test_a_recall_under_another_contract_shows_where_goods_were_made_from_its_lots(world):
    first = world.contract
    recall = world.recall([world.a2])
    world.framework(ceiling=100, reference="LTA-8")
    part = world.accepted(world.allot(world.accepted(world.calloff(100)), "Bo", 100))
    assert not world.findings()
    made = world.sign_off(part, "B8", 50, inputs=[world.a2])
    world.sign_off(part, "B9", 50, inputs=[world.b1])
    finding = only(world, Odd.RECALL_OPEN)
    assert finding.statements == (recall, made)
    assert (
        f"what lot B8 of Bo (…{party('Bo')[-8:]}) was made from, under contract {first[:12]}"
        in finding.message
    )
    assert "open a recall here" in finding.closes
    assert not world.findings(Odd.RECALL_UNANSWERED)  # it is answered where it was opened
    world.contract = first
    world.close_recall(recall)
    assert not world.findings(Odd.RECALL_OPEN)


def test_f31_says_where_the_goods_are(world):
    sent = world.dispatch("Asha", "Store", {world.a1: 200}, at=NINE)
    world.receive("Store", {world.a1: (180, 5, 15, 0)}, sent)
    to_hub = world.dispatch("Bo", "Hub", {world.b1: 100}, at=NINE)
    world.receive("Hub", {world.b1: 60}, to_hub)
    recall = world.recall(materials=SHEET, at=TEN)
    world.acknowledge("Asha", recall, {world.a1: (100, 90)})
    assert figures(only(world, Odd.RECALL_OPEN)) == {
        "lots": "2",
        "released": "600 pieces",
        "with their makers": "300 pieces",
        "with consignees": "185 pieces",
        "with others": "60 pieces",
        "on the way": "40 pieces",
        "short": "15 pieces",
        "located": "100 pieces",
        "quarantined": "90 pieces",
    }


# F32


def test_f32_every_holder_answers_for_every_lot(world):
    sent = world.dispatch("Asha", "Hub", {world.a1: 100, world.a2: 100}, at=NINE)
    world.receive("Hub", {world.a1: 100, world.a2: 100}, sent)
    recall = world.recall([world.a1, world.a2])
    silent = world.findings(Odd.RECALL_UNANSWERED)
    assert {one.statements for one in silent} == {
        (recall, world.a1),  # Asha has no piece of A2 any more
        (recall, *sorted([world.a1, world.a2])),
    }
    assert {one.figures for one in silent} == {(("holds", "200 pieces"),)}
    world.acknowledge("Hub", recall, {world.a1: 100})
    world.acknowledge("Asha", recall, {world.a1: 200})
    finding = only(world, Odd.RECALL_UNANSWERED)
    assert finding.statements == (recall, world.a2)
    assert "Hub (…" in finding.message
    assert "holds 100 pieces of lot A2 of Asha" in finding.message
    world.acknowledge("Hub", recall, {world.a2: 0})
    assert not world.findings(Odd.RECALL_UNANSWERED)


def test_f32_an_answer_to_another_recall_is_none_to_this_one(world):
    first, second = world.recall([world.a1]), world.recall([world.a1], by="Prime")
    world.acknowledge("Asha", first, {world.a1: 300})
    assert only(world, Odd.RECALL_UNANSWERED).statements[0] == second


def test_f32_an_answer_that_was_taken_back_is_none(world):
    recall = world.recall([world.a1])
    world.correct("Asha", world.acknowledge("Asha", recall, {world.a1: 300}))
    assert world.findings(Odd.RECALL_UNANSWERED)


# F33


def test_f33_what_a_holder_has_by_its_papers_and_has_not_found(world):
    recall = world.recall([world.a1])
    assert not world.findings(Odd.NOT_LOCATED)  # it has not answered: F32
    first = world.acknowledge("Asha", recall, {world.a1: 280})
    finding = only(world, Odd.NOT_LOCATED)
    assert finding.statements == (world.a1, recall, first)
    assert "20 pieces not found by Asha (…" in finding.message
    assert figures(finding) == {"released": "300 pieces", "located": "280 pieces", "missing": "20 pieces"}
    world.acknowledge("Asha", recall, {world.a1: 300})  # the latest word counts
    assert not world.findings(Odd.NOT_LOCATED)


def test_f33_names_goods_on_the_way_until_they_are_found(world):
    sent = world.dispatch("Asha", "Hub", {world.a1: 50}, at=NINE, waybill="W-7")
    recall = world.recall([world.a1])
    world.acknowledge("Asha", recall, {world.a1: 250})
    finding = only(world, Odd.NOT_LOCATED)
    assert finding.statements[-1] == sent
    assert "50 pieces on the way to Hub (…" in finding.message
    assert "waybill W-7" in finding.message
    world.acknowledge("Hub", recall, {world.a1: 30})
    assert figures(only(world, Odd.NOT_LOCATED))["missing"] == "20 pieces"
    world.acknowledge("Hub", recall, {world.a1: 50})
    assert not world.findings(Odd.NOT_LOCATED)


# F34


def test_f34_recalled_goods_that_are_sent_on(world):
    world.dispatch("Asha", "Store", {world.a1: 50}, at=NINE, waybill="W-9")
    recall = world.recall([world.a1, world.a2], at=TEN)
    assert not world.findings(Odd.SENT_RECALLED)
    sent = world.dispatch("Asha", "Store", {world.a1: 50, world.a2: 10}, at=TEN, waybill="W-10")
    finding = only(world, Odd.SENT_RECALLED)
    assert finding.statements == (sent, recall, *sorted([world.a1, world.a2]))
    assert "waybill W-10: Asha (…" in finding.message
    assert figures(finding) == {"quantity": "60 pieces"}
    world.close_recall(recall, at=NOON)
    world.dispatch("Asha", "Store", {world.a1: 50}, at=NOON, waybill="W-12")
    assert only(world, Odd.SENT_RECALLED) == finding  # it was sent on while it was called back
    world.correct("Asha", sent)
    assert not world.findings(Odd.SENT_RECALLED)


def test_f34_goods_may_go_back_to_who_made_or_recalled_them(world):
    world.receive("Hub", {world.a1: 300}, world.dispatch("Asha", "Hub", {world.a1: 300}, at=NINE))
    world.recall([world.a1], by="Prime", at=TEN)
    world.dispatch("Hub", "Asha", {world.a1: 100}, at=ELEVEN)
    world.dispatch("Hub", "Prime", {world.a1: 100}, at=ELEVEN)
    assert not world.findings(Odd.SENT_RECALLED)
    world.dispatch("Hub", "Bo", {world.a1: 100}, at=ELEVEN)
    assert world.findings(Odd.SENT_RECALLED)
