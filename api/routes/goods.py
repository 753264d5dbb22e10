"""Lots and deliveries, and the way from one up to its contract."""

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
from ledger.views.answers import Delivery, Lot
from ledger.views.answers.path import Path
from ledger.views.paths import path_to

router = APIRouter(tags=["goods"])


@router.get("/lots", summary="Lots", responses=FAILS)
def lots(
    see: See,
    pages: Pages,
    *,
    contract: ContractOnly = None,
    party: PartyOnly = None,
    line: LineOnly = None,
    state: Annotated[
        Literal["released", "held", "recalled"] | None, Query(description="In this state.")
    ] = None,
    late: LateOnly = None,
    text: Words = None,
) -> Page[Lot]:
    """Batches of goods; `party` finds those it made, that were made below it, or that are for it."""
    return see.page(Lot, pages, contract=contract, party=party, line=line, state=state, late=late, text=text)


@router.get("/lots/{id}", summary="A lot", responses=FAILS)
def lot(see: See, id: Id) -> Lot:
    """One lot, and what was told of it."""
    return see.one(Lot, id)


@router.get("/lots/{id}/trace", summary="A lot traced up", responses=FAILS)
def lot_path(see: See, id: Id) -> Path:
    """The statements a lot rests on, from the contract down to its sign-off, each told in a sentence."""
    with see.both() as (reader, world):
        return path_to(reader, world, world.one(Lot, id).id)


@router.get("/deliveries", summary="Deliveries", responses=FAILS)
def deliveries(
    see: See,
    pages: Pages,
    *,
    contract: ContractOnly = None,
    party: PartyOnly = None,
    line: LineOnly = None,
    lot: Annotated[str | None, Query(description="That carried this lot: its whole id.")] = None,
    state: Annotated[
        Literal["on the way", "received", "decided", "taken back"] | None,
        Query(description="In this state."),
    ] = None,
    late: LateOnly = None,
    odd: Annotated[
        bool | None,
        Query(
            description="Where something was damaged, short, in excess, rejected or not sent, or where nothing was."
        ),
    ] = None,
    text: Words = None,
) -> Page[Delivery]:
    """Waybills: what was sent, what was counted, what was decided."""
    return see.page(
        Delivery, pages, contract=contract, party=party, line=line, lot=lot, state=state, late=late, odd=odd, text=text
    )  # fmt: skip


@router.get("/deliveries/{id}", summary="A delivery", responses=FAILS)
def delivery(see: See, id: Id) -> Delivery:
    """One waybill, by the id of its dispatch, or of its receipt where nobody says to have sent it."""
    return see.one(Delivery, id)


@router.get("/deliveries/{id}/trace", summary="A delivery traced up", responses=FAILS)
def delivery_path(see: See, id: Id) -> Path:
    """The statements a delivery rests on, from the contract down to it, each told in a sentence."""
    with see.both() as (reader, world):
        return path_to(reader, world, world.one(Delivery, id).id)
