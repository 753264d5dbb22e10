"""Findings and recalls."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.routes.seeing import FAILS, ContractOnly, Id, Page, Pages, PartyOnly, See, Words
from ledger.views.answers import Finding, Recall

router = APIRouter(tags=["findings"])


@router.get("/findings", summary="Findings", responses=FAILS)
def findings(
    see: See,
    pages: Pages,
    *,
    contract: ContractOnly = None,
    severity: Annotated[
        Literal["critical", "warning", "note"] | None, Query(description="As bad as this.")
    ] = None,
    label: Annotated[str | None, Query(description="Its number and name.", examples=["F05 short"])] = None,
    statement: Annotated[str | None, Query(description="That this statement shows: its whole id.")] = None,
    text: Words = None,
) -> Page[Finding]:
    """What the rules found wrong or open in recorded facts, the worst first."""
    return see.page(
        Finding, pages, contract=contract, severity=severity, label=label, statement=statement, text=text
    )


@router.get("/findings/{id}", summary="A finding", responses=FAILS)
def finding(see: See, id: Id) -> Finding:
    """One finding, with the statements and figures that show it and what would close it."""
    return see.one(Finding, id)


@router.get("/recalls", summary="Recalls", responses=FAILS)
def recalls(
    see: See,
    pages: Pages,
    *,
    contract: ContractOnly = None,
    party: PartyOnly = None,
    lot: Annotated[str | None, Query(description="That are about this lot: its whole id.")] = None,
    state: Annotated[Literal["open", "closed"] | None, Query(description="In this state.")] = None,
    text: Words = None,
) -> Page[Recall]:
    """Goods called back, and what their holders found."""
    return see.page(Recall, pages, contract=contract, party=party, lot=lot, state=state, text=text)


@router.get("/recalls/{id}", summary="A recall", responses=FAILS)
def recall(see: See, id: Id) -> Recall:
    """One recall."""
    return see.one(Recall, id)
