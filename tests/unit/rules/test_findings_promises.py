"""Findings on time, duties, checks and tolerance (F11 to F13, F15, F18, F19), and how findings are listed."""

import pytest

from ledger.errors import NotFound
from ledger.rules.catalogue import Odd, Severity
from ledger.rules.findings import contract_findings
from ledger.units import StatementId
from tests.support.world import World

DUE = "2026-06-01"


@pytest.fixture
def world():
    """A call-off of 1,000 due on 1 June, 400 of it Asha's, due on 20 May."""
    world = World()
    world.framework(ceiling=1000, keep_apart=["ordering and receiving"])
    world.order = world.accepted(world.calloff(1000, due=DUE))
    world.part = world.accepted(world.allot(world.order, "Asha", 400, due="2026-05-20"))
    return world


def only(world, odd, **how):
    (finding,) = world.findings(odd, **how)
    return finding


# F11, F12


def test_f11_on_the_day_it_is_due_a_lot_is_not_late(world):
    world.sign_off(world.part, "A1", 10, at="2026-05-20T23:59:59+05:30")
    assert not world.findings(Odd.LATE_SIGN_OFF)
    lot = world.sign_off(world.part, "A2", 10, at="2026-05-21T00:00:00+05:30")
    finding = only(world, Odd.LATE_SIGN_OFF)
    assert finding.statements == (lot, world.part)
    assert "1 day late" in finding.message
    assert dict(finding.figures) == {"due": "2026-05-20", "signed off": "2026-05-21", "days late": "1"}


def test_f12_goods_that_arrive_after_the_call_off_was_due(world):
    lot = world.sign_off(world.part, "A1", 100)
    sent = world.dispatch("Asha", "Store", {lot: 100})
    world.receive("Store", {lot: 50}, sent, at="2026-06-01T23:00:00+05:30")
    assert not world.findings(Odd.LATE_DELIVERY)
    late = world.receive("Store", {lot: 50}, sent, at="2026-06-03T01:00:00+05:30")
    finding = only(world, Odd.LATE_DELIVERY)
    assert finding.statements == (late, world.order)
    assert dict(finding.figures) == {"due": DUE, "arrived": "2026-06-03", "days late": "2"}


def test_f12_is_about_the_consignee_not_the_hub(world):
    lot = world.sign_off(world.part, "A1", 100)
    sent = world.dispatch("Asha", "Hub", {lot: 100})
    world.receive("Hub", {lot: 100}, sent, at="2026-06-10T09:00:00Z")
    assert not world.findings(Odd.LATE_DELIVERY)


def test_f12_once_for_each_call_off_on_a_waybill(world):
    world.framework(ceiling=20, reference="LTA-8")
    orders = [world.accepted(world.calloff(10, due=due)) for due in (DUE, "2026-06-02")]
    parts = [world.accepted(world.allot(order, "Bo", 10)) for order in orders]
    lots = [world.sign_off(part, f"B{n}", 5) for n, part in enumerate(parts * 2)]
    sent = world.dispatch("Bo", "Store", dict.fromkeys(lots, 5))
    receipt = world.receive("Store", dict.fromkeys(lots, 5), sent, at="2026-06-03T09:00:00Z")
    found = [finding.statements for finding in world.findings(Odd.LATE_DELIVERY)]
    assert sorted(found) == sorted((receipt, order) for order in orders)


def test_f12_goods_without_a_maker_can_be_late_as_well(world):
    late = world.receive("Store", unknown={"1": 5}, calloff=world.order, at="2026-06-02T09:00:00Z")
    assert only(world, Odd.LATE_DELIVERY).statements == (late, world.order)


# F13


def test_f13_opens_the_day_after_and_closes_when_all_has_arrived(world):
    lot = world.sign_off(world.part, "A1", 400)
    sent = world.dispatch("Asha", "Store", {lot: 400})
    world.receive("Store", {lot: (390, 10, 0, 0)}, sent)
    assert not world.findings(Odd.OVERDUE)
    assert not world.findings(Odd.OVERDUE, as_of="2026-06-01T23:59:59Z")
    finding = only(world, Odd.OVERDUE, as_of="2026-06-02T00:00:00Z")
    assert dict(finding.figures) == {
        "ordered": "1,000 pieces",
        "open": "610 pieces",
    }  # damaged is not arrived
    rest = world.sign_off(world.accepted(world.allot(world.order, "Bo", 600)), "B1", 600)
    world.receive("Store", {rest: 600}, world.dispatch("Bo", "Store", {rest: 600}))
    assert dict(only(world, Odd.OVERDUE, as_of="2026-06-02T00:00:00Z").figures)["open"] == "10 pieces"
    world.receive("Store", unknown={"1": 10}, calloff=world.order)
    assert not world.findings(Odd.OVERDUE, as_of="2026-06-02T00:00:00Z")


def test_f13_counts_what_the_consignee_counted(world):
    lot = world.sign_off(world.part, "A1", 400)
    world.receive("Hub", {lot: 400}, world.dispatch("Asha", "Hub", {lot: 400}))
    assert dict(only(world, Odd.OVERDUE, as_of="2026-06-02T00:00:00Z").figures)["open"] == "1,000 pieces"


# F15


def test_f15_who_ordered_received(world):
    lot = world.sign_off(world.part, "A1", 10)
    receipt = world.receive("Agency", {lot: 10}, world.dispatch("Asha", "Agency", {lot: 10}))
    finding = only(world, Odd.NOT_APART)
    assert finding.statements == (receipt, world.contract)
    assert finding.odd.severity is Severity.CRITICAL


def test_f15_only_where_the_contract_keeps_the_duties_apart(world):
    world.framework(ceiling=10, reference="LTA-8")
    order = world.accepted(world.calloff(10))
    world.receive("Agency", unknown={"1": 5}, calloff=order)
    assert not world.findings(Odd.NOT_APART)


# F18, F19


def test_f18_a_lot_without_checks(world):
    world.sign_off(world.part, "A1", 10)
    assert not world.findings(Odd.NO_CHECKS)
    lot = world.sign_off(world.part, "A2", 10, checks=[])
    finding = only(world, Odd.NO_CHECKS)
    assert (finding.statements, finding.odd.severity) == ((lot,), Severity.NOTE)


def test_f19_more_than_allotted_within_the_tolerance():
    world = World()
    world.framework(ceiling="10 KGM", tolerance="2.5")
    order = world.accepted(world.calloff("10 KGM"))
    part = world.accepted(world.allot(order, "Asha", "10 KGM"))
    world.sign_off(part, "A1", "10 KGM")
    assert not world.findings(Odd.WITHIN_TOLERANCE)
    world.sign_off(part, "A2", "0.25 KGM")
    finding = only(world, Odd.WITHIN_TOLERANCE)
    assert finding.statements == (part,)
    assert dict(finding.figures) == {"allotted": "10 kilograms", "signed off": "10.25 kilograms"}


def test_f19_a_hubs_own_share_is_what_it_kept():
    world = World()
    world.framework(ceiling=100, tolerance="10")
    order = world.accepted(world.calloff(100))
    hub = world.accepted(world.allot(order, "Hub", 100))
    world.allot(hub, "Asha", 50)
    world.sign_off(hub, "H1", 55)
    assert dict(only(world, Odd.WITHIN_TOLERANCE).figures)["allotted"] == "50 pieces"


# F30


def test_f30_a_cancelled_call_off_of_which_more_is_allotted_than_is_left(world):
    first = world.cancel(world.order, 600)
    assert not world.findings(Odd.OVERPROMISED)  # 400 are left, and 400 are allotted
    cancelled = world.cancel(world.order, 100)
    finding = only(world, Odd.OVERPROMISED)
    assert finding.statements == (world.order, first, cancelled)
    assert finding.message.startswith("call-off CO-1 is of 300 pieces of line 1 now, and 100 pieces more")
    assert dict(finding.figures) == {
        "left": "300 pieces",
        "promised on": "400 pieces",
        "signed off": "0 pieces",
        "over": "100 pieces",
    }
    world.withdraw(world.part, 100)
    assert not world.findings(Odd.OVERPROMISED)


def test_f30_a_withdrawn_allocation_of_which_more_is_passed_on_and_made_than_is_left(world):
    hub = world.accepted(world.allot(world.order, "Hub", 500))
    below = world.accepted(world.allot(hub, "Bo", 300))
    world.sign_off(hub, "H1", 150)
    first = world.withdraw(hub, 50)
    assert not world.findings(Odd.OVERPROMISED)
    withdrawn = world.withdraw(hub, 10)
    finding = only(world, Odd.OVERPROMISED)
    assert finding.statements == (hub, first, withdrawn)
    assert "the allocation to Hub (…" in finding.message
    assert dict(finding.figures)["over"] == "10 pieces"
    assert not world.findings(Odd.WITHIN_TOLERANCE)
    world.withdraw(below, 10)
    assert not world.findings(Odd.OVERPROMISED)


def test_f30_what_any_tolerance_of_the_contract_allowed_is_not_overpromised():
    world = World()
    world.framework(ceiling=200, tolerance="10")
    order = world.accepted(world.calloff(100))
    part = world.accepted(world.allot(order, "Asha", 100))
    world.sign_off(part, "A1", 110)
    world.amend(effective="2026-06-01", tolerance_percent={"was": "10", "now": "0"})
    assert not world.findings(Odd.OVERPROMISED)
    assert world.findings(Odd.WITHIN_TOLERANCE)


# How findings are listed


def test_worst_first_then_by_number_then_by_statement(world):
    for name in ("A1", "A2"):
        lot = world.sign_off(world.part, name, 10, checks=[])
        world.dispatch("Asha", "Store", {lot: 11})
        world.receive("Agency", {lot: (1, 1, 0, 0)})
    found = world.findings(as_of="2026-08-01T00:00:00Z")
    rank = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.NOTE: 2}
    keys = [(rank[one.odd.severity], one.odd.label, one.statements) for one in found]
    assert keys == sorted(keys)
    assert {key[0] for key in keys} == {0, 1, 2}
    assert all(one.message and one.closes and one.statements for one in found)


def test_findings_of_one_contract_are_not_anothers(world):
    world.receive("Store", unknown={"1": 5}, calloff=world.order)
    assert world.findings()
    world.framework(ceiling=10, reference="LTA-8")
    assert not world.findings()


def test_there_must_be_such_a_contract(world):
    with pytest.raises(NotFound, match="is not registered"):
        contract_findings(world.state, StatementId("ab" * 32))
    with pytest.raises(NotFound, match=r"is a calloff\.issued"):
        contract_findings(world.state, world.order)
