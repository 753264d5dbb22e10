"""Where the GS1 Digital Link on a box leads: to the page of the lot, or to those of all lots that it may mean."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from api.pages.rendering import PageRoute, page
from api.routes.seeing import See
from ledger.errors import NotFound
from ledger.limits import PAGE_ANSWERS_UNASKED
from ledger.views.answers import Contract
from ledger.views.labelled import lots_labelled

router = APIRouter(route_class=PageRoute)

_UNKEPT: Final = {"cache-control": "no-store"}
"""Another maker may use the same name tomorrow, and who asks may see more."""


@router.get("/01/{gtin}/10/{lot:path}")
def labelled(
    request: Request,
    see: See,
    gtin: Annotated[str, Path(description="8, 12, 13 or 14 digits.")],
    lot: Annotated[str, Path(description="What is printed on it; a name may have a slash in it.")],
) -> Response:
    """The lot of a label of `tally label --gtin`."""
    with see.world() as world:
        found = lots_labelled(world, gtin, lot, PAGE_ANSWERS_UNASKED + 1)
        if not found:
            raise NotFound(
                f"there is no lot {lot[:40]} of goods with the GTIN {gtin[:20]}",
                hint="ask whoever printed the label whether the contract names the goods by this GTIN",
            )
        if len(found) == 1:
            return RedirectResponse(f"/l/{found[0].id}", 307, _UNKEPT)
        return page(
            request,
            "labelled.html.j2",
            name=lot,
            gtin=gtin,
            lots=[(one, world.one(Contract, one.contract)) for one in found[:PAGE_ANSWERS_UNASKED]],
            more=len(found) > PAGE_ANSWERS_UNASKED,
        )
