"""A flow of very many promises with only its largest ones shown one by one, the rest of each stage as one node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from ledger.trace.flow import STAGES, Edge, Node

REST_OF: Final = "rest of "
"""Begins the key of a node that stands for the smaller ones of its stage, or of one promise."""

_PROMISES: Final = ("call-off", "hub", "maker")


def largest(nodes: Sequence[Node], edges: Sequence[Edge], most: int) -> tuple[list[Node], list[Edge]]:
    """Of each stage of promises keep the largest, at most `most` nodes in all; what comes from the rest alone joins the
    rest of its own stage. O(n log n)."""
    sources: defaultdict[str, list[str]] = defaultdict(list)
    for edge in edges:
        sources[edge.target].append(edge.source)
    kept: list[Node] = []
    becomes: dict[str, str] = {}
    for stage in STAGES:
        column = [node for node in nodes if node.stage == stage]
        rest = [
            node for node in column if sources[node.key] and all(one in becomes for one in sources[node.key])
        ]
        apart = {node.key for node in rest}
        shown = sorted(
            (node for node in column if node.key not in apart), key=lambda node: (-node.quantity, node.key)
        )
        room = most - 1 if rest or len(shown) > most else most
        if stage in _PROMISES and len(shown) > room:
            shown, rest = shown[:room], [*rest, *shown[room:]]
        kept += shown
        if rest:
            kept.append(_together(f"{REST_OF}{stage}", stage, rest))
            becomes |= {node.key: f"{REST_OF}{stage}" for node in rest}
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for edge in edges:
        sums[becomes.get(edge.source, edge.source), becomes.get(edge.target, edge.target)] += edge.quantity
    return kept, [Edge(source, target, quantity) for (source, target), quantity in sums.items()]


def _together(key: str, stage: str, nodes: Iterable[Node]) -> Node:
    nodes = list(nodes)
    total = sum((node.quantity for node in nodes), Decimal(0))
    return Node(key, stage, "", total, sum(node.count for node in nodes))
