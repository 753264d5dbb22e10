"""Where the goods of a contract came from and went to: the graph, and what stands behind each of its nodes.

Without a focus all of a line is drawn, its smaller things put together by what they come from. With one, what lies
above and below it is drawn one by one. Each focus is an address of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.pages.graph import Shown, draw
from api.pages.rendering import PageRoute, page, words_for
from api.pages.statement import PAGES, evidence_of, index_of, steps_to
from api.routes.seeing import Id, See
from ledger.errors import Malformed
from ledger.limits import SEARCH_CHARS
from ledger.log.reader import LogReader
from ledger.trace.flow import Edge, Node, folded
from ledger.trace.largest import REST_OF, largest
from ledger.units import StatementId
from ledger.views.answers import Allocation, Contract, Statement
from ledger.views.answers.base import Hit
from ledger.views.neighbours import CONTRACT_KEY, around
from ledger.views.world import World

router = APIRouter(route_class=PageRoute)

_COLUMN: Final = 48
"""Nodes of a column that are drawn one by one."""
_LISTS: Final = {
    "call-off": "statements?type=calloff.issued",
    "hub": "makers?role=hub",
    "maker": "makers",
    "lot": "lots",
    "delivery": "deliveries",
}
"""Where the rest of a stage is listed."""
_FOUND: Final = 12
_SOUGHT: Final = ("allocations", "lots", "deliveries")


@router.get("/c/{id}/provenance")
def provenance(
    request: Request,
    see: See,
    *,
    id: Id,
    line: str | None = None,
    focus: Annotated[str | None, Query(max_length=80)] = None,
    party: Annotated[str | None, Query(max_length=80)] = None,
    q: Annotated[str, Query(max_length=SEARCH_CHARS)] = "",
) -> Response:
    """The graph of a line of a contract, as a whole or around one thing."""
    words = words_for(request)
    with see.both() as (reader, world):
        contract = world.one(Contract, id)
        chosen = next((one for one in contract.lines if one.line == line), contract.lines[0])
        if party and not focus:
            focus = _held_by(world, contract.id, party)
        nodes, edges = _graph(world, contract, chosen.line, focus)
        here = f"/c/{contract.id}/provenance"

        def shown(node: Node) -> Shown:
            if node.key.startswith(REST_OF):
                return Shown(f"/c/{contract.id}/{_LISTS[node.stage]}", here=False, focused=False)
            target = _target(node)
            asked = {"line": chosen.line} | ({"focus": target} if target else {})
            return Shown(f"{here}?{urlencode(asked)}#node", here=True, focused=node.key == focus)

        return page(
            request,
            "provenance.html.j2",
            contract=contract,
            line=chosen,
            focus=focus,
            drawing=draw(words, nodes, edges, chosen.unit, shown),
            node=_behind(reader, world, StatementId(focus) if focus else contract.id),
            q=q,
            found=_found(world, contract.id, q),
        )


def _graph(
    world: World, contract: Contract, line: str, focus: str | None
) -> tuple[Sequence[Node], Sequence[Edge]]:
    """Raises `NotFound` for a focus that is not in it."""
    if focus:
        about = around(world, contract, line, focus, _COLUMN - 2)
        nodes = list(about.nodes.values())
        edges = [one for one in about.edges.values() if {one.source, one.target} <= about.nodes.keys()]
        return folded(nodes, edges, _COLUMN)
    [flow] = world.flow(contract.id, line)
    shown = largest(
        [Node(one.key, one.stage, one.label, one.quantity, one.count) for one in flow.nodes],
        [Edge(one.source, one.target, one.quantity) for one in flow.edges],
        _COLUMN,
    )
    return folded(*shown, _COLUMN)


def _target(node: Node) -> str | None:
    """What to look at next from a node: itself; of several drawn as one, what they come from; None for the whole."""
    if node.key == CONTRACT_KEY:
        return None
    behind = node.key
    while " of " in behind:
        behind = behind.partition(" of ")[2]
    return None if behind.startswith(REST_OF) else behind or None


def _held_by(world: World, contract: StatementId, party: str) -> str | None:
    """The largest allocation that a party holds under a contract."""
    held = [
        one
        for one in world.page(Allocation, {"contract": contract, "party": party}, most=_COLUMN).items
        if one.holder.id == party
    ]
    return max(held, key=lambda one: sum(share.quantity for share in one.lines)).id if held else None


def _behind(reader: LogReader, world: World, statement: StatementId) -> dict[str, object]:
    """The statement that a node stands for. Raises `NotFound` for one that is not seen."""
    told = world.one(Statement, statement)
    steps = steps_to(reader, world, told.id)
    return {
        "told": told,
        "page": PAGES.get(told.type),
        "says": steps[-1].says if steps else "",
        "steps": steps[:-1],
        "evidence": evidence_of(told, steps),
        "index": index_of(reader, told.id),
    }


def _found(world: World, contract: StatementId, q: str) -> list[Hit]:
    """What of a contract is called so."""
    if not q.strip():
        return []
    try:
        hits = [hit for kind in _SOUGHT for hit in world.search(q, _FOUND * 4, kind)]
    except Malformed:
        return []
    return [hit for hit in hits if hit.contract == contract][:_FOUND]
