"""How the goods of a line flow, from the contract to the consignee: the provenance graph, not yet drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from ledger.rules.records import Allocation, Calloff
from ledger.rules.situation import Situation
from ledger.rules.sums import ZERO, LotFacts
from ledger.units import EXACT, StatementId

STAGES: Final = ("contract", "call-off", "hub", "maker", "lot", "delivery")
"""Columns, left to right; those without nodes are left out."""


@dataclass(frozen=True, slots=True)
class Node:
    """One thing on the way. `stage` is one of `STAGES`; `count` how many things a folded node stands for."""

    key: str
    stage: str
    label: str
    quantity: Decimal
    count: int = 1


@dataclass(frozen=True, slots=True)
class Edge:
    """So much goes from one node to another, of a later stage."""

    source: str
    target: str
    quantity: Decimal


def flow_of(at: Situation, line: str, facts: Iterable[LotFacts]) -> tuple[list[Node], list[Edge]]:
    """Nodes and edges of one line's flow: what was ordered, allotted, signed off, and sent on the last leg. O(n)."""
    nodes, edges = [], []
    calloffs = [(one, share) for one in at.calloffs.values() if (share := one.line(line)) and share.quantity]
    if not calloffs:
        return [], []
    nodes.append(
        Node("contract", "contract", at.framework.reference, sum((s.quantity for _, s in calloffs), ZERO))
    )
    for calloff, share in calloffs:
        nodes.append(Node(calloff.id, "call-off", calloff.reference, share.quantity))
        edges.append(Edge("contract", calloff.id, share.quantity))
    divided = {allocation.parent for allocation in at.allocations.values()}
    for allocation in at.allocations.values():
        part = allocation.line(line)
        if part is not None and part.quantity:
            stage = "hub" if allocation.id in divided else "maker"
            nodes.append(Node(allocation.id, stage, _bare(at, allocation), part.quantity))
            edges.append(Edge(allocation.parent, allocation.id, part.quantity))
    sent: dict[StatementId, Decimal] = defaultdict(lambda: ZERO)
    for one in facts:
        nodes.append(Node(one.lot.id, "lot", one.lot.name, one.lot.released))
        edges.append(Edge(one.lot.allocation, one.lot.id, one.lot.released))
        for dispatch, quantity in one.sent:
            if dispatch.to == one.lot.consignee:
                sent[dispatch.id] = EXACT.add(sent[dispatch.id], quantity)
                edges.append(Edge(one.lot.id, dispatch.id, quantity))
    nodes += [Node(id, "delivery", at.dispatches[id].waybill, quantity) for id, quantity in sent.items()]
    known = {node.key for node in nodes}
    return nodes, [edge for edge in edges if edge.source in known and edge.target in known]


def _bare(at: Situation, promise: Calloff | Allocation) -> str:
    """A holder's name for a drawing, without the end of its id."""
    return at.who(promise.holder).rsplit(" (", 1)[0]


def folded(nodes: Sequence[Node], edges: Sequence[Edge], most: int) -> tuple[list[Node], list[Edge]]:
    """Put the nodes of a column of more than `most` together, by the node they come from. O(n log n)."""
    parents = {edge.target: edge.source for edge in edges}
    becomes: dict[str, str] = {}
    kept: list[Node] = []
    for stage in STAGES:
        column = sorted(
            (node for node in nodes if node.stage == stage), key=lambda node: (-node.quantity, node.key)
        )
        if len(column) <= most:
            kept += column
            continue
        groups: dict[str, list[Node]] = defaultdict(list)
        for node in column:
            parent = parents.get(node.key, "")
            groups[becomes.get(parent, parent)].append(node)
        if len(groups) > most:  # not even one for each parent: all in one
            groups = {"": column}
        for parent, group in groups.items():
            one = replace(
                group[0],
                key=f"{stage} of {parent}",
                label=f"{len(group):,} {stage}s".replace("deliverys", "deliveries"),
                quantity=sum((node.quantity for node in group), Decimal(0)),
                count=len(group),
            )
            kept.append(one)
            becomes |= {node.key: one.key for node in group}
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for edge in edges:
        sums[becomes.get(edge.source, edge.source), becomes.get(edge.target, edge.target)] += edge.quantity
    return kept, [Edge(source, target, quantity) for (source, target), quantity in sums.items()]
