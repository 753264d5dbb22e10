"""Call-offs and allocations."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.routes.seeing import (
    FAILS,
    ContractOnly,
    Id,
    LateOnly,
    LineOnly,
    Page,
    Pages,
    PartyOnly,
    See,
    Words,
)
from ledger.views.answers import Allocation, Calloff

router = APIRouter(tags=["orders"])


@router.get("/calloffs", summary="Call-offs", responses=FAILS)
def calloffs(
    see: See,
    pages: Pages,
    *,
    contract: ContractOnly = None,
    party: PartyOnly = None,
    line: LineOnly = None,
    state: Annotated[
        Literal["offered", "accepted", "cancelled"] | None, Query(description="In this state.")
    ] = None,
    late: LateOnly = None,
    text: Words = None,
) -> Page[Calloff]:
    """What was ordered under contracts, and how much of it has arrived."""
    return see.page(
        Calloff, pages, contract=contract, party=party, line=line, state=state, late=late, text=text
    )


@router.get("/calloffs/{id}", summary="A call-off", responses=FAILS)
def calloff(see: See, id: Id) -> Calloff:
    """One order."""
    return see.one(Calloff, id)


@router.get("/allocations", summary="Allocations", responses=FAILS)
def allocations(
    see: See,
    pages: Pages,
    *,
    contract: ContractOnly = None,
    party: PartyOnly = None,
    line: LineOnly = None,
    state: Annotated[
        Literal["offered", "accepted", "withdrawn"] | None, Query(description="In this state.")
    ] = None,
    late: LateOnly = None,
    parent: Annotated[
        str | None, Query(description="Allotted from this call-off or allocation: its whole id.")
    ] = None,
    text: Words = None,
) -> Page[Allocation]:
    """Who was promised which part of an order."""
    return see.page(
        Allocation, pages, contract=contract, party=party, line=line, state=state, late=late, parent=parent, text=text
    )  # fmt: skip


@router.get("/allocations/{id}", summary="An allocation", responses=FAILS)
def allocation(see: See, id: Id) -> Allocation:
    """One allocation, with what was said of the first sample."""
    return see.one(Allocation, id)
