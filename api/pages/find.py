"""The first page, and the search."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse, Response

from api.pages.rendering import PageRoute, page
from api.routes.seeing import See
from ledger.errors import Malformed
from ledger.limits import PAGE_ANSWERS_UNASKED, SEARCH_CHARS
from ledger.views.answers import Contract
from ledger.views.answers.base import Hit
from ledger.views.world import World

router = APIRouter(route_class=PageRoute)

_FOUND: Final = 50
_VERIFY: Final = str(files("api.pages").joinpath("verify.html"))
_PAGES: Final = {"contract": "c", "lot": "l", "delivery": "d", "party": "p"}
"""Kinds of things with a page of their own; all others show their statement."""


@router.get("/")
def start(request: Request, see: See) -> Response:
    """The contracts that are seen, and which log this is."""
    with see.world() as world:
        contracts = world.page(Contract, {}, newest=True, most=PAGE_ANSWERS_UNASKED)
        return page(request, "start.html.j2", contracts=contracts.items)


@router.get("/search.html")
def search(request: Request, see: See, q: Annotated[str, Query(max_length=SEARCH_CHARS)] = "") -> Response:
    """What is called so, or has to do with something called so."""
    with see.world() as world:
        hits, wrong = _found(world, q)
        found = [(hit, address_of(hit)) for hit in hits]
        return page(request, "search.html.j2", q=q, found=found, wrong=wrong)


@router.get("/verify")
def verify() -> Response:
    """The page that checks files by itself: the same for everybody, and it asks nothing of this server."""
    return FileResponse(_VERIFY, media_type="text/html; charset=utf-8", headers={"cache-control": "no-cache"})


def address_of(hit: Hit) -> str:
    """The page of something found."""
    if hit.kind == "finding":
        return f"/c/{hit.contract}#findings"
    return f"/{_PAGES.get(hit.kind, 's')}/{hit.id}"


def _found(world: World, q: str) -> tuple[tuple[Hit, ...], str]:
    if not q.strip():
        return (), ""
    try:
        return world.search(q, _FOUND), ""
    except Malformed as error:
        return (), error.diagnostics()
