"""Parties, and the search over everything."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.routes.seeing import FAILS, Id, Page, Pages, See, Words
from ledger.limits import SEARCH_CHARS
from ledger.views.answers import Party, Statement
from ledger.views.answers.base import Hit
from ledger.views.answers.path import Path as Steps
from ledger.views.paths import path_to

router = APIRouter(tags=["parties and search"])


@router.get("/parties", summary="Parties", responses=FAILS)
def parties(
    see: See,
    pages: Pages,
    *,
    contract: Annotated[
        str | None,
        Query(
            description="Who signed something under this contract, or is named in it: its id, or the beginning of it.",
            examples=["4d1f0b6f"],
        ),
    ] = None,
    kind: Annotated[str | None, Query(description="Of this kind.", examples=["maker"])] = None,
    text: Words = None,
) -> Page[Party]:
    """Who enrolled in the log."""
    return see.page(Party, pages, contract=contract, kind=kind, text=text)


@router.get("/parties/{id}", summary="A party", responses=FAILS)
def party(
    see: See, id: Annotated[str, Path(description="Its `did:key`.", examples=["did:key:z6Mk..."])]
) -> Party:
    """One party."""
    return see.one(Party, id)


@router.get("/trace/{id}", summary="Any statement traced up", responses=FAILS)
def path(see: See, id: Id) -> Steps:
    """The statements that one rests on, from the contract down to it, each told in a sentence."""
    with see.both() as (reader, world):
        return path_to(reader, world, world.one(Statement, id).id)


@router.get("/search", summary="Search", responses=FAILS)
def search(
    see: See,
    q: Annotated[
        str,
        Query(
            description="Words, or beginnings of words, or the beginning of an id.", max_length=SEARCH_CHARS
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=50, description="How many at most.")] = 20,
) -> tuple[Hit, ...]:
    """Contracts, call-offs, lots, waybills, recalls, findings and parties that are called so; the best first."""
    with see.world() as world:
        return world.search(q, limit)
