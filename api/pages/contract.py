"""A contract on a page, and each of its lists on one of its own."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.pages import drawing
from api.pages.rendering import PageRoute, page, words_for
from api.routes.seeing import Id, See
from ledger.limits import PAGE_ANSWERS_UNASKED, SEARCH_CHARS
from ledger.units import StatementId
from ledger.views.answers import (
    Allocation,
    Answer,
    Calloff,
    Contract,
    Delivery,
    Finding,
    Lot,
    Recall,
    Statement,
)
from ledger.views.ranking import COLUMNS, Ranking, Role, how_many, how_many_makers, ranked, shares
from ledger.views.world import Some, World

router = APIRouter(route_class=PageRoute)

FIRST: Final = 12
"""Things of a kind on the page of a contract; their own page has all."""
_MAKERS: Final = PAGE_ANSWERS_UNASKED

LISTS: Final[dict[str, tuple[type[Answer], dict[str, str | bool | None]]]] = {
    "findings": (Finding, {}),
    "late": (Allocation, {"late": True}),
    "lots": (Lot, {}),
    "deliveries": (Delivery, {}),
    "on-the-way": (Delivery, {"state": "on the way"}),
    "recalls": (Recall, {}),
    "statements": (Statement, {}),
}
"""The lists of a contract that go on by a cursor: what is in them."""


@router.get("/c/{id}")
def contract(request: Request, see: See, id: Id) -> Response:
    """One contract: how each line stands, what is late or open, what was found, who makes it."""
    words = words_for(request)
    with see.world() as world:
        told = world.one(Contract, id)
        made = {line.line: shares(world, told.id, line.line) for line in told.lines}
        ranking = Ranking(told.id, "maker")
        return page(
            request,
            "contract.html.j2",
            contract=told,
            progress={one.line: drawing.progress_chart(words, one) for one in world.progress(told.id)},
            stages=("allotted", "signed_off", "dispatched", "received", "accepted"),
            calloffs=world.page(Calloff, {"contract": told.id, "late": True}, most=FIRST).items,
            late=_first(world, "late", told.id),
            how_many_late=how_many(world, Allocation, {"contract": told.id, "late": True}),
            on_the_way=_first(world, "on-the-way", told.id),
            how_many_on_the_way=how_many(world, Delivery, {"contract": told.id, "state": "on the way"}),
            findings=_first(world, "findings", told.id, FIRST + 8),
            recalls=_first(world, "recalls", told.id),
            shares={line.line: drawing.share_chart(words, made[line.line], line.unit) for line in told.lines},
            concentration={name: _concentration(values) for name, values in made.items()},
            **_makers(world, ranking, 0),
        )


@router.get("/c/{id}/makers")
def makers(
    request: Request,
    see: See,
    *,
    id: Id,
    role: Role = "maker",
    sort: Annotated[str, Query(pattern=f"^({'|'.join(COLUMNS)})$")] = "ordered",
    order: Literal["up", "down"] = "down",
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    q: Annotated[str, Query(max_length=SEARCH_CHARS)] = "",
) -> Response:
    """Makers, or hubs, in the order of any column, fifty at a time."""
    with see.world() as world:
        told = world.one(Contract, id)
        ranking = Ranking(told.id, role, sort, order == "down", q.strip() or None)
        return page(request, "makers.html.j2", contract=told, **_makers(world, ranking, start))


@router.get("/c/{id}/{name}")
def some_of(
    request: Request,
    see: See,
    *,
    id: Id,
    name: Literal["findings", "late", "lots", "deliveries", "on-the-way", "recalls", "statements"],
    cursor: str | None = None,
    party: str | None = None,
    type: str | None = None,
) -> Response:
    """One of the lists of a contract."""
    with see.world() as world:
        told = world.one(Contract, id)
        model, asked = LISTS[name]
        narrowed = {"contract": told.id, **asked, "party": party if model is not Statement else None}
        if model is Statement:
            narrowed["type"] = type
        some = world.page(model, narrowed, after=cursor, most=PAGE_ANSWERS_UNASKED)
        return page(request, "list.html.j2", contract=told, name=name, items=some.items, next=some.next)


def _first(world: World, name: str, contract: StatementId, most: int = FIRST) -> Some[Answer]:
    model, asked = LISTS[name]
    return world.page(model, {"contract": contract, **asked}, most=most)


def _makers(world: World, ranking: Ranking, start: int) -> dict[str, object]:
    """What the table of makers is made of."""
    items = ranked(world, ranking, start, _MAKERS)
    total = how_many_makers(world, ranking)
    behind = start + len(items)
    return {
        "makers": items,
        "ranking": ranking,
        "start": start,
        "how_many_makers": total,
        "next_start": behind if behind < total else None,
    }


def _concentration(made: Sequence[Decimal]) -> dict[str, object]:
    """How much of a line its ten largest makers made."""
    return {"makers": len(made), "ten": sum(made[:10], Decimal(0)), "all": sum(made, Decimal(0))}
