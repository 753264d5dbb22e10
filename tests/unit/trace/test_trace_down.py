"""From a contract down: figures per line and per maker, which add up, and the tree of what was promised."""

from decimal import Decimal

import pytest

from ledger.limits import DIVISION_DEPTH
from ledger.trace.down import trace_down
from tests.support.world import World, party

SUMMED = ("allotted", "signed_off", "dispatched", "received", "damaged")


def figures(totals):
    return {name: getattr(totals, name) for name in ("ordered", *SUMMED, "unattributed", "open")}


def of(trace, name, line="1"):
    (found,) = [one for one in trace.makers if one.party == party(name) and one.line == line]
    return found


def assert_adds_up(trace):
    """Over its makers a line adds up to what the line says, goods without a maker aside."""
    for line in trace.lines:
        makers = [one.totals for one in trace.makers if one.line == line.line]
        for name in SUMMED:
            own = line.totals.unattributed if name == "received" else 0
            assert sum(getattr(one, name) for one in makers) == getattr(line.totals, name) - own, name
        assert all(one.unit == line.totals.unit for one in makers)
        assert line.totals.open == line.totals.ordered - line.totals.received


@pytest.fixture
def world():
    """1,000 ordered; the hub gets 600, passes 400 on to Asha and 100 to Bo; Bo has 300 of the prime as well."""
    world = World()
    world.framework(ceiling=2000)
    world.order = world.accepted(world.calloff(1000))
    world.hub = world.accepted(world.allot(world.order, "Hub", 600))
    world.asha = world.accepted(world.allot(world.hub, "Asha", 400))
    world.bo_of_hub = world.accepted(world.allot(world.hub, "Bo", 100))
    world.bo = world.accepted(world.allot(world.order, "Bo", 300))
    return world


def test_before_anything_is_made(world):
    trace = trace_down(world.at())
    assert_adds_up(trace)
    (line,) = trace.lines
    assert (line.line, line.ceiling) == ("1", 2000)
    assert (line.totals.ordered, line.totals.allotted, line.totals.open) == (1000, 900, 1000)
    assert [(one.party, one.totals.allotted) for one in trace.makers] == [
        *sorted([(party("Asha"), 400), (party("Bo"), 400)]),  # the largest share first
        (party("Hub"), 100),  # what it kept
    ]


def test_a_maker_of_two_holders_has_one_row_and_both_are_named(world):
    bo = of(trace_down(world.at()), "Bo")
    assert bo.totals.allotted == 400
    assert set(bo.via) == {party("Hub"), party("Prime")}


def test_who_passed_everything_on_is_no_maker(world):
    world.allot(world.hub, "Cy", 100)
    trace = trace_down(world.at())
    assert party("Hub") not in {one.party for one in trace.makers}
    assert_adds_up(trace)


def test_from_release_to_receipt(world):
    a1 = world.sign_off(world.asha, "A1", 300)
    h1 = world.sign_off(world.hub, "H1", 80)
    b1 = world.sign_off(world.bo, "B1", 50)
    b2 = world.sign_off(world.bo_of_hub, "B2", 60)
    # Asha's goods go by the hub: the first leg is not counted, the last one is.
    world.receive("Hub", {a1: 300}, world.dispatch("Asha", "Hub", {a1: 300}))
    sent = world.dispatch("Hub", "Store", {a1: 250, h1: 80})
    world.receive("Store", {a1: (240, 4, 6, 0), h1: (85, 0, 0, 5)}, sent)
    world.dispatch("Bo", "Store", {b1: 50})
    trace = trace_down(world.at())
    assert_adds_up(trace)
    assert figures(trace.lines[0].totals) == {
        "ordered": 1000,
        "allotted": 900,
        "signed_off": 490,
        "dispatched": 380,
        "received": 325,
        "damaged": 4,
        "unattributed": 0,
        "open": 675,
    }
    asha = of(trace, "Asha")
    assert (asha.totals.signed_off, asha.totals.dispatched, asha.totals.received) == (300, 250, 240)
    assert asha.totals.open == 160
    assert asha.lots == (a1,)
    assert of(trace, "Bo").lots == (b1, b2)
    assert of(trace, "Hub").totals.open == 15


def test_open_is_negative_when_more_arrived_than_was_asked_for(world):
    lot = world.sign_off(world.bo, "B1", 300)
    world.receive("Store", {lot: (450, 0, 0, 150)}, world.dispatch("Bo", "Store", {lot: 300}))
    assert of(trace_down(world.at()), "Bo").totals.open == -50


def test_goods_without_a_maker_count_for_the_line_and_for_nobody(world):
    lot = world.sign_off(world.bo, "B1", 100)
    sent = world.dispatch("Bo", "Store", {lot: 100}, unknown={"1": 20}, calloff=world.order)
    world.receive("Store", {lot: 100}, sent, unknown={"1": 15}, calloff=world.order)
    world.receive("Hub", unknown={"1": 7}, calloff=world.order)  # not yet where it is to go
    trace = trace_down(world.at())
    assert_adds_up(trace)
    assert figures(trace.lines[0].totals)["received"] == 115
    assert figures(trace.lines[0].totals)["unattributed"] == 15


def test_only_the_consignees_count_is_received(world):
    lot = world.sign_off(world.bo, "B1", 100)
    world.receive("Agency", {lot: 100}, world.dispatch("Bo", "Agency", {lot: 100}))
    assert trace_down(world.at()).lines[0].totals.received == 0


def test_lines_and_call_offs_are_kept_apart():
    world = World()
    world.framework(lines={"1": "1 KGM", "2": 50})
    first = world.accepted(world.calloff({"1": "0.1 KGM", "2": 10}))
    second = world.accepted(world.calloff({"1": "0.2 KGM"}, to="Agency"))
    for order, lines in ((first, {"1": "0.1 KGM", "2": 10}), (second, {"1": "0.2 KGM"})):
        part = world.accepted(world.allot(order, "Asha", lines))
        lot = world.sign_off(part, f"A-{order[:6]}", lines["1"])
        to = "Store" if order == first else "Agency"
        world.receive(to, {lot: lines["1"]}, world.dispatch("Asha", to, {lot: lines["1"]}))
    trace = trace_down(world.at())
    assert_adds_up(trace)
    kilograms, pieces = trace.lines
    assert kilograms.totals.ordered == kilograms.totals.received == Decimal("0.3")
    assert (pieces.totals.unit, pieces.totals.ordered, pieces.totals.open) == ("H87", 10, 10)
    assert of(trace, "Asha", "1").totals.open == 0
    assert len(of(trace, "Asha", "1").lots) == 2


def test_a_line_nobody_ordered_is_shown_as_such():
    world = World()
    world.framework(lines={"1": 10, "2": "KGM"})
    trace = trace_down(world.at())
    assert [(line.line, line.ceiling, line.totals.ordered) for line in trace.lines] == [
        ("1", 10, 0),
        ("2", None, 0),
    ]
    assert not trace.makers
    assert not trace.calloffs


# The tree


def shape(branch):
    """A branch as nested tuples: (what it promises, who holds it, its lots, its branches)."""
    return (
        branch.promise.line("1").quantity,
        branch.promise.holder,
        tuple(lot.name for lot in branch.lots),
        tuple(sorted(shape(one) for one in branch.branches)),
    )


def test_the_tree_has_every_promise_where_it_hangs(world):
    world.sign_off(world.asha, "A1", 10)
    world.sign_off(world.hub, "H1", 10)
    (tree,) = trace_down(world.at()).calloffs
    asha = (400, party("Asha"), ("A1",), ())
    bo_of_hub = (100, party("Bo"), (), ())
    hub = (600, party("Hub"), ("H1",), tuple(sorted([asha, bo_of_hub])))
    assert shape(tree) == (1000, party("Prime"), (), tuple(sorted([hub, (300, party("Bo"), (), ())])))


def test_the_deepest_division_is_traced():
    world = World()
    world.framework(ceiling=1)
    parent = world.accepted(world.calloff(1))
    for depth in range(DIVISION_DEPTH):
        parent = world.accepted(world.allot(parent, "Asha" if depth % 2 else "Bo", 1))
    world.sign_off(parent, "A1", 1)
    trace = trace_down(world.at())
    assert_adds_up(trace)
    branch, depth = trace.calloffs[0], 0
    while branch.branches:
        (branch,), depth = branch.branches, depth + 1
    assert depth == DIVISION_DEPTH
    assert [lot.name for lot in branch.lots] == ["A1"]
