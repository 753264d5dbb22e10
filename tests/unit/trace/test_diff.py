"""What changed about a contract between two situations of it."""

import pytest

from ledger.trace.diff import TermDiff, compare
from tests.support.world import World, party

JULY = "2026-07-01T00:00:00Z"


@pytest.fixture
def world():
    """1,000 ordered, 400 of them allotted to Asha."""
    world = World()
    world.framework(ceiling=2000)
    world.order = world.accepted(world.calloff(1000))
    world.asha = world.accepted(world.allot(world.order, "Asha", 400))
    return world


def since(world, say):
    """What changes by what is said, judged in July before and after."""
    state = world.state
    world.state = state.copy()
    before = world.at(JULY)
    world.state = state
    said = say()
    return said, compare(before, world.at(JULY))


def labels(findings):
    return [finding.odd.label[:3] for finding in findings]


def test_nothing_changes_by_nothing(world):
    _, diff = since(world, lambda: None)
    assert diff.nothing


def test_a_lot_that_arrives_moves_the_figures_and_closes_what_was_open(world):
    def deliver():
        lot = world.sign_off(world.asha, "A1", 400)
        sent = world.dispatch("Asha", "Store", {lot: 400})
        return lot, sent, world.receive("Store", {lot: 400}, sent)

    (lot, sent, receipt), diff = since(world, deliver)
    assert not diff.nothing
    assert (diff.lots, diff.dispatches, diff.receipts) == ((lot,), (sent,), (receipt,))
    assert diff.makers == diff.calloffs == diff.terms == diff.taken_back == ()
    [line] = diff.lines
    assert line.before is not None
    assert (line.before.totals.received, line.after.totals.received) == (0, 400)
    [(was, now)] = diff.changed
    assert labels([was, now]) == ["F13", "F13"]
    assert "1,000 pieces have not arrived" in was.message
    assert "600 pieces have not arrived" in now.message
    assert diff.opened == ()


def test_who_gets_a_share_is_new_once(world):
    _, diff = since(world, lambda: world.accepted(world.allot(world.order, "Bo", 100)))
    assert diff.makers == (party("Bo"),)
    _, diff = since(world, lambda: world.accepted(world.allot(world.order, "Bo", 50)))
    assert diff.makers == ()


def test_a_call_off_is_new(world):
    order, diff = since(world, lambda: world.accepted(world.calloff(500)))
    assert diff.calloffs == (order,)
    assert labels(diff.opened) == ["F13"], "due in June, judged in July"


def test_terms_are_told_as_they_were_and_are(world):
    _, diff = since(world, lambda: world.amend(last_day={"was": "2026-12-31", "now": "2027-06-30"}))
    assert diff.terms == (TermDiff("last day", "2026-12-31", "2027-06-30"),)
    assert diff.lines == ()


def test_a_fact_taken_back_no_longer_counts(world):
    lot = world.sign_off(world.asha, "A1", 400)
    sent = world.dispatch("Asha", "Store", {lot: 400})
    receipt = world.receive("Store", {lot: 400}, sent)
    _, diff = since(world, lambda: world.correct("Store", receipt))
    assert (diff.taken_back, diff.receipts) == ((receipt,), ())
    assert diff.lines[0].after.totals.received == 0
    assert "F38" in labels(diff.opened)


def test_a_payment_is_new_and_is_counted_though_no_total_moves(world):
    lot = world.sign_off(world.asha, "A1", 400)
    receipt = world.receive("Store", {lot: 400}, world.dispatch("Asha", "Store", {lot: 400}))
    decision, diff = since(world, lambda: world.decide(receipt, {lot: 400}))
    assert diff.decisions == (decision,)
    payment, diff = since(world, lambda: world.pay(decision, 400))
    assert diff.payments == (payment,)
    [line] = diff.lines
    assert line.before is not None
    assert line.before.totals == line.after.totals
    assert (line.before.paid, line.after.paid) == (0, 400)


def test_what_is_put_right_is_closed(world):
    bo = world.accepted(world.allot(world.order, "Bo", 600))

    def deliver_all():
        lots = {world.sign_off(world.asha, "A1", 400): 400, world.sign_off(bo, "B1", 600): 600}
        for (lot, quantity), maker in zip(lots.items(), ("Asha", "Bo"), strict=True):
            world.receive("Store", {lot: quantity}, world.dispatch(maker, "Store", {lot: quantity}))

    _, diff = since(world, deliver_all)
    assert labels(diff.closed) == ["F13"]
    assert diff.opened == diff.changed == ()


def test_statements_are_in_the_order_of_the_log(world):
    def make():
        return tuple(world.sign_off(world.asha, f"A{number}", 40) for number in range(9))

    lots, diff = since(world, make)
    assert diff.lots == lots
