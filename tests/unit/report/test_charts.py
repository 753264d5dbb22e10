"""Charts at their edges: nothing, one thing, many things."""

import re
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from ledger.report.charts import Bar, lead_time_chart, progress_chart, share_chart
from ledger.report.graph import provenance_graph
from ledger.trace.flow import Edge, Node
from ledger.trace.progress import Series

DAY = date(2026, 3, 2)


def test_nothing_is_drawn_of_nothing():
    assert progress_chart([Series("received", ())], "pieces") is None
    assert share_chart([], "shares") is None
    assert lead_time_chart([], "lead times") is None
    assert provenance_graph([], [], "pieces") is None


@pytest.mark.parametrize("total", ["0.000001", "1", "7", "12.5", "99999", "999999999999999"])
def test_an_axis_has_a_few_round_steps_whatever_the_size(total):
    drawn = progress_chart([Series("received", ((DAY, Decimal(total)),))], "pieces")
    assert drawn is not None
    assert 2 <= drawn.count('class="rule"') <= 8


def test_labels_at_the_end_do_not_lie_on_each_other():
    same = [
        Series(name, ((DAY, Decimal(100)),)) for name in ("ordered", "signed off", "dispatched", "received")
    ]
    drawn = progress_chart(same, "pieces")
    assert drawn is not None
    heights = sorted(float(y) for y in re.findall(r'<text x="606" y="([\d.]+)"', drawn))
    assert len(heights) == 4
    assert all(below - above >= 12 for above, below in pairwise(heights))


def test_every_lot_is_in_one_column_of_the_lead_times():
    days = [-3, 0, 0, 5, 40, 120]
    drawn = lead_time_chart(days, "lead times")
    assert drawn is not None
    assert sum(int(count) for count in re.findall(r"days: (\d+) lots", drawn)) == len(days)


def test_bars_are_as_long_as_their_share():
    drawn = share_chart([Bar("a", Decimal(200), "200"), Bar("b", Decimal(50), "50")], "shares")
    assert drawn is not None
    wide = [float(value) for value in re.findall(r'<rect [^>]*?width="([\d.]+)"', drawn)]
    assert wide[0] == pytest.approx(4 * wide[1], rel=0.01)


def graph(makers: int) -> tuple[list[Node], list[Edge]]:
    nodes = [Node("c", "contract", "C", Decimal(makers * 25))]
    edges = []
    for hub in range(80):
        nodes.append(Node(f"h{hub}", "hub", f"Hub {hub}", Decimal(makers * 25) / 80))
        edges.append(Edge("c", f"h{hub}", Decimal(makers * 25) / 80))
    for maker in range(makers):
        nodes.append(Node(f"m{maker}", "maker", f"Maker {maker}", Decimal(25)))
        edges.append(Edge(f"h{maker % 80}", f"m{maker}", Decimal(25)))
    return nodes, edges


def test_a_graph_of_8000_makers_is_folded_to_what_can_be_read():
    drawn = provenance_graph(*graph(8000), "pieces")
    assert drawn is not None
    assert drawn.count("<g>") < 200
    assert "100 makers" in drawn
    assert len(drawn) < 150_000
