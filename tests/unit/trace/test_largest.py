"""Of very many promises the largest are shown one by one; what comes from the rest is shown with the rest."""

from __future__ import annotations

from decimal import Decimal

from ledger.trace.flow import Edge, Node
from ledger.trace.largest import REST_OF, largest


def node(key: str, stage: str, quantity: int, count: int = 1) -> Node:
    return Node(key, stage, key, Decimal(quantity), count)


def edge(source: str, target: str, quantity: int) -> Edge:
    return Edge(source, target, Decimal(quantity))


HUBS = [node(f"h{at}", "hub", 10 * at) for at in range(1, 6)]
LOTS = [node(f"l{at}", "lot", 10 * at, count=3) for at in range(1, 6)]
SHARED = node("d", "delivery", 30)
NODES = [node("contract", "contract", 150), *HUBS, *LOTS, SHARED]
EDGES = [
    *(edge("contract", f"h{at}", 10 * at) for at in range(1, 6)),
    *(edge(f"h{at}", f"l{at}", 10 * at) for at in range(1, 6)),
    edge("l1", "d", 10),
    edge("l5", "d", 20),
]


def test_the_largest_stay_and_the_rest_becomes_one_with_what_comes_from_it() -> None:
    nodes, edges = largest(NODES, EDGES, 3)
    kept = {one.key: (one.quantity, one.count) for one in nodes}
    assert kept == {
        "contract": (150, 1),
        "h5": (50, 1),
        "h4": (40, 1),
        f"{REST_OF}hub": (60, 3),
        "l5": (50, 3),
        "l4": (40, 3),
        f"{REST_OF}lot": (60, 9),
        "d": (30, 1),
    }
    flows = {(one.source, one.target): one.quantity for one in edges}
    assert flows["contract", f"{REST_OF}hub"] == flows[f"{REST_OF}hub", f"{REST_OF}lot"] == 60
    assert flows[f"{REST_OF}lot", "d"] == 10
    assert sum(quantity for (source, _), quantity in flows.items() if source == "contract") == 150


def test_what_fits_stays_as_it_is() -> None:
    nodes, edges = largest(NODES, EDGES, 5)
    assert {one.key for one in nodes} == {one.key for one in NODES}
    assert {(one.source, one.target, one.quantity) for one in edges} == {
        (one.source, one.target, one.quantity) for one in EDGES
    }
