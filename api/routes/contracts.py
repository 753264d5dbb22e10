"""Contracts, and what hangs on one: its lines, makers, progress, flow and statements."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.routes.seeing import (
    FAILS,
    Id,
    LateOnly,
    LineOnly,
    Page,
    Pages,
    PartyOnly,
    See,
    Words,
)
from ledger.views.answers import Contract, Line, Maker, Statement
from ledger.views.answers.series import Flow, Progress

router = APIRouter(tags=["contracts"])


@router.get("/contracts", summary="Contracts", responses=FAILS)
def contracts(
    see: See,
    pages: Pages,
    *,
    party: PartyOnly = None,
    state: Annotated[
        Literal["offered", "accepted", "closed"] | None, Query(description="In this state.")
    ] = None,
    late: LateOnly = None,
    text: Words = None,
) -> Page[Contract]:
    """The contracts that you may see, each with its lines and how they stand."""
    return see.page(Contract, pages, party=party, state=state, late=late, text=text)


@router.get("/contracts/{id}", summary="A contract", responses=FAILS)
def contract(see: See, id: Id) -> Contract:
    """One contract with its lines, by the latest terms, and what has become of each."""
    return see.one(Contract, id)


@router.get("/contracts/{id}/lines", summary="The lines of a contract", responses=FAILS)
def lines(see: See, id: Id) -> tuple[Line, ...]:
    """Ordered, allotted, signed off, dispatched, received, accepted, paid and open, line by line."""
    return see.one(Contract, id).lines


@router.get("/contracts/{id}/makers", summary="Who makes what of a contract", responses=FAILS)
def makers(
    see: See,
    pages: Pages,
    *,
    id: Id,
    line: LineOnly = None,
    party: PartyOnly = None,
    role: Annotated[
        Literal["maker", "hub"] | None,
        Query(description="Makers make it themselves; a hub's figures are those of all below it."),
    ] = None,
    text: Words = None,
) -> Page[Maker]:
    """Makers and hubs with their figures, the largest share first."""
    return see.page(Maker, pages, contract=id, line=line, party=party, role=role, text=text)


@router.get("/contracts/{id}/progress", summary="A contract over time", responses=FAILS)
def progress(see: See, id: Id, line: LineOnly = None) -> tuple[Progress, ...]:
    """Running totals of each line by day, against what was ordered and when it is due."""
    with see.world() as world:
        return world.progress(world.one(Contract, id).id, line)


@router.get("/contracts/{id}/trace", summary="A contract traced down", responses=FAILS)
def trace(see: See, id: Id, line: LineOnly = None) -> tuple[Flow, ...]:
    """How the goods of each line flow: contract, call-off, hubs, makers, lots, deliveries, with quantities."""
    with see.world() as world:
        return world.flow(world.one(Contract, id).id, line)


@router.get("/contracts/{id}/statements", summary="The statements under a contract", responses=FAILS)
def statements(
    see: See,
    pages: Pages,
    *,
    id: Id,
    type: Annotated[str | None, Query(description="Of this type.", examples=["batch.signed_off"])] = None,
) -> Page[Statement]:
    """What was registered under the contract, in the order of the log."""
    return see.page(Statement, pages, contract=id, type=type)
