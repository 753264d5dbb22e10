"""Findings on making, checking and releasing (F22 to F24, F27 to F29): each opens, does not, closes."""

import pytest

from ledger.rules.catalogue import Odd
from tests.support.words import CHECK
from tests.support.world import World

NINE, TEN, ELEVEN, NOON = (f"2026-05-05T{hour:02}:00:00Z" for hour in (9, 10, 11, 12))
PLAN = [
    {"characteristic": "visor clear", "least": 20},
    {"characteristic": "band holds"},
    {"characteristic": "fumes", "by": "inspector", "least": 5},
]


def only(world, odd, **how):
    (finding,) = world.findings(odd, **how)
    return finding


def figures(finding):
    return dict(finding.figures)


def begun(**terms):
    """Asha has 400 pieces of the order, under a contract with these terms."""
    world = World()
    made_to = terms.pop("made_to", None)
    world.design = world.specification(checks=made_to) if made_to is not None else None
    world.framework(ceiling=1000, made_to=world.design, roles={"inspectors": ["Ines"]}, **terms)
    world.order = world.accepted(world.calloff(1000))
    world.part = world.accepted(world.allot(world.order, "Asha", 400))
    return world


@pytest.fixture
def world():
    world = begun()
    world.lot = world.sign_off(world.part, "A1", 300)
    return world


# F22


def test_f22_what_leaves_between_a_hold_and_its_clearance(world):
    hold = world.hold(world.lot, at=TEN)
    assert not world.findings(Odd.SENT_HELD)
    world.dispatch("Asha", "Store", {world.lot: 10}, at=NINE, waybill="W-9")
    assert not world.findings(Odd.SENT_HELD)  # it left before, by the time it claims
    sent = world.dispatch("Asha", "Store", {world.lot: 20}, at=TEN, waybill="W-10")
    finding = only(world, Odd.SENT_HELD)
    assert finding.statements == (world.lot, hold, sent)
    assert "waybill W-10: 20 pieces of lot A1 of Asha (…" in finding.message
    assert "Visors cloud." in finding.message
    assert figures(finding) == {
        "held": "2026-05-05T10:00Z",
        "dispatched": "2026-05-05T10:00Z",
        "quantity": "20 pieces",
    }
    world.clear(hold, at=ELEVEN)
    world.dispatch("Asha", "Store", {world.lot: 30}, at=ELEVEN, waybill="W-11")
    assert only(world, Odd.SENT_HELD) == finding  # cleared since: what left before that still left held


def test_f22_closes_when_the_dispatch_is_corrected(world):
    world.hold(world.lot, at=TEN)
    sent = world.dispatch("Asha", "Store", {world.lot: 20}, at=NOON)
    assert world.findings(Odd.SENT_HELD)
    world.correct("Asha", sent, world.dispatch("Asha", "Store", {world.lot: 20}, at=NINE))
    assert not world.findings(Odd.SENT_HELD)


def test_f22_each_hold_is_judged_for_itself(world):
    world.clear(world.hold(world.lot, at=NINE), at=TEN)
    second = world.hold(world.lot, by="Agency", at=NINE)
    world.dispatch("Asha", "Store", {world.lot: 20}, at=ELEVEN)
    assert only(world, Odd.SENT_HELD).statements[1] == second


# F23


def test_f23_a_lot_leaves_after_a_named_inspectors_pass_only():
    world = begun(released_by="maker and inspector")
    lot = world.sign_off(world.part, "A1", 300)
    assert not world.findings(Odd.SENT_UNINSPECTED)  # it has not left
    early = world.dispatch("Asha", "Hub", {lot: 100}, at=NINE, waybill="W-1")
    world.inspect(lot, "pass", at=TEN)
    world.dispatch("Asha", "Hub", {lot: 200}, at=ELEVEN, waybill="W-2")
    finding = only(world, Odd.SENT_UNINSPECTED)
    assert finding.statements == (lot, early)
    assert figures(finding) == {"dispatched": "100 pieces"}
    world.inspect(lot, "pass", at=NINE)  # recorded late, made in time
    assert not world.findings(Odd.SENT_UNINSPECTED)


def test_f23_the_latest_verdict_before_it_leaves_counts():
    world = begun(released_by="maker and inspector")
    lot = world.sign_off(world.part, "A1", 300)
    world.inspect(lot, "pass", at=NINE)
    world.inspect(lot, "fail", at=TEN)
    world.dispatch("Asha", "Store", {lot: 300}, at=ELEVEN)
    assert world.findings(Odd.SENT_UNINSPECTED)
    world.inspect(lot, "pass", at=ELEVEN)
    assert not world.findings(Odd.SENT_UNINSPECTED)


def test_f23_a_pass_by_somebody_else_is_none():
    world = begun(released_by="maker and inspector")
    lot = world.sign_off(world.part, "A1", 300)
    world.inspect(lot, "pass", by="Asha", at=NINE)
    world.dispatch("Asha", "Store", {lot: 300}, at=TEN)
    assert world.findings(Odd.SENT_UNINSPECTED)


def test_f23_only_where_the_contract_asks_for_it(world):
    world.dispatch("Asha", "Store", {world.lot: 300})
    assert not world.findings(Odd.SENT_UNINSPECTED)


# F24


def test_f24_a_lot_that_failed_is_held_or_passes_later(world):
    world.inspect(world.lot, "pass", at=NINE)
    assert not world.findings(Odd.FAILED_NOT_HELD)
    failed = world.inspect(world.lot, "fail", at=TEN)
    finding = only(world, Odd.FAILED_NOT_HELD)
    assert finding.statements == (world.lot, failed)
    assert figures(finding) == {"sample": "50", "critical": "0", "major": "9", "minor": "0"}
    hold = world.hold(world.lot, at=ELEVEN)
    assert not world.findings(Odd.FAILED_NOT_HELD)
    world.clear(hold, at=NOON)
    assert world.findings(Odd.FAILED_NOT_HELD)
    world.inspect(world.lot, "pass", at=NOON)
    assert not world.findings(Odd.FAILED_NOT_HELD)


def test_f24_a_makers_own_pass_does_not_outweigh_a_named_inspectors_fail(world):
    world.inspect(world.lot, "fail", at=NINE)
    world.inspect(world.lot, "pass", by="Asha", at=TEN)
    assert world.findings(Odd.FAILED_NOT_HELD)


def test_f24_anybodys_fail_counts_while_no_named_inspector_has_looked(world):
    world.inspect(world.lot, "fail", by="Prime", at=NINE)
    assert world.findings(Odd.FAILED_NOT_HELD)
    world.inspect(world.lot, "pass", at=NINE)
    assert not world.findings(Odd.FAILED_NOT_HELD)


def test_f24_of_two_verdicts_at_one_time_the_one_registered_later_counts(world):
    world.inspect(world.lot, "pass", at=NINE)
    world.inspect(world.lot, "fail", at=NINE)
    assert world.findings(Odd.FAILED_NOT_HELD)


# F27


def check(characteristic, sample):
    return CHECK | {"characteristic": characteristic, "sample": sample}


@pytest.mark.parametrize(
    ("checks", "missing"),
    [
        ([("visor clear", 20), ("band holds", 1)], None),
        ([("visor clear", 12), ("visor clear", 8), ("band holds", 1)], None),
        ([("visor clear", 20)], "band holds"),
        ([("visor clear", 19), ("band holds", 1)], "visor clear on 19, not on 20"),
        ([("band holds", 50), ("weight", 50)], "visor clear"),
        ([], "visor clear, band holds"),
    ],
)
def test_f27_the_makers_checks_of_the_plan_are_on_the_sign_off(checks, missing):
    world = begun(made_to=PLAN)
    lot = world.sign_off(
        world.part, "A1", 300, specification=world.design, checks=[check(*one) for one in checks]
    )
    found = world.findings(Odd.CHECKS_MISSING)
    assert [one.statements for one in found] == ([(lot, world.design)] if missing else [])
    if missing:
        assert found[0].message.endswith(f"without all checks of revision A: {missing}")


def test_f27_nobody_can_check_more_pieces_than_there_are():
    world = begun(made_to=PLAN[:1])
    how = {"specification": world.design}
    world.sign_off(world.part, "A1", 15, made=16, rejected=1, checks=[check("visor clear", 16)], **how)
    assert not world.findings(Odd.CHECKS_MISSING)
    world.sign_off(world.part, "A2", 15, made=16, checks=[check("visor clear", 15)], **how)
    assert "visor clear on 15, not on 16" in only(world, Odd.CHECKS_MISSING).message


def test_f27_a_lot_made_to_no_specification_has_no_plan(world):
    assert not world.findings(Odd.CHECKS_MISSING)


# F28


def test_f28_a_lot_made_to_an_earlier_revision_than_is_in_force_on_its_day():
    world = begun(made_to=[])
    second = world.specification("B", supersedes=world.design)
    change = {"line": "1", "specification": {"was": world.design, "now": second}}
    world.amend(effective="2026-05-10", lines=[change])
    old = {"specification": world.design}
    world.sign_off(world.part, "A1", 10, at="2026-05-09T23:00:00+05:30", **old)
    world.sign_off(world.part, "A2", 10, at="2026-05-10T01:00:00+05:30", specification=second)
    assert not world.findings(Odd.EARLIER_REVISION)
    lot = world.sign_off(world.part, "A3", 10, at="2026-05-10T01:00:00+05:30", **old)
    finding = only(world, Odd.EARLIER_REVISION)
    assert finding.statements == (lot, world.design, second)
    assert figures(finding) == {"made to": "A", "in force": "B"}


# F29


def test_f29_volume_on_a_conditional_sample_until_it_passes():
    world = begun(first_sample=True)
    sample = world.sample(world.part, "conditional")
    assert not world.findings(Odd.CONDITIONAL_SAMPLE)  # nothing is made on it
    lot = world.sign_off(world.part, "A1", 300)
    finding = only(world, Odd.CONDITIONAL_SAMPLE)
    assert finding.statements == (lot, sample)
    assert finding.message.endswith("passed only if: Round the corners.")
    world.sample(world.part, "pass")
    assert not world.findings(Odd.CONDITIONAL_SAMPLE)
