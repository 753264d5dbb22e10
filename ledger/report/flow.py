"""How the goods of a line flow, from the contract to the consignee: the provenance graph of a report, not yet drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from ledger.report.graph import Edge, Node
from ledger.rules.records import Allocation, Calloff
from ledger.rules.situation import Situation
from ledger.rules.sums import ZERO, LotFacts
from ledger.units import EXACT, StatementId


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
