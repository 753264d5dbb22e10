"""A statement on a page: who signed what, when, and where it stands in the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.access.contents import check_may_read
from api.access.who import Known
from api.pages.rendering import PageRoute, page
from api.routes.seeing import Id, See
from api.service import Service, service_of
from ledger.errors import NotFound
from ledger.log.past import reopened
from ledger.log.reader import LogReader
from ledger.units import LeafIndex, StatementId
from ledger.views.answers import Contract, Finding, Statement
from ledger.views.answers.path import Step
from ledger.views.paths import path_to
from ledger.views.telling.people import tell_statement
from ledger.views.world import World

router = APIRouter(route_class=PageRoute)
At = Annotated[Service, Depends(service_of)]

PAGES: Final = {"framework.signed": "c", "batch.signed_off": "l", "delivery.dispatched": "d"}
"""Types of statements that have a page of what they are about."""
_FINDINGS: Final = 20


@router.get("/s/{id}")
def statement(request: Request, see: See, who: Known, service: At, id: Id) -> Response:
    """One registered statement; of an erased one what is left of it."""
    with see.both() as (reader, world):
        name = reader.resolve(id)
        check_may_read(service, reader, who, name)
        index = index_of(reader, name)
        row = reader.row(index)
        opened = reopened(reader, row)
        told = tell_statement(reader, row, opened)
        return page(
            request,
            "statement.html.j2",
            told=told,
            about=PAGES.get(told.type),
            payload=opened.statement.payload,
            kid=opened.statement.kid.hex(),
            contract=world.one(Contract, told.contract) if told.contract else None,
            steps=(steps := steps_to(reader, world, name)),
            evidence=evidence_of(told, steps),
            findings=world.page(Finding, {"statement": name}, most=_FINDINGS).items,
        )


def steps_to(reader: LogReader, world: World, statement: StatementId) -> tuple[Step, ...]:
    """The statements that one rests on, each in a sentence; none for one that is on no path."""
    try:
        return path_to(reader, world, statement).steps
    except NotFound:
        return ()


def evidence_of(told: Statement, steps: Sequence[Step]) -> StatementId:
    """The statement whose bundle holds this one: itself, but for a contract, whose own bundle is all of it, what
    accepted it."""
    if told.type == "framework.signed" and steps and steps[-1].accepted:
        return steps[-1].accepted
    return told.id


def index_of(reader: LogReader, statement: StatementId) -> LeafIndex:
    known = reader.store.known(statement)
    assert known is not None, "it was resolved"
    return known.index
