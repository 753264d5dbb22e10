"""The pages behind a label: a lot, and a delivery. What it is, who made it, what was checked, whether it was recalled.

Each carries what the browser needs to check for itself: which statement commits to all of it, and the key that this
server names. The checking is `static/proof.js`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.pages.rendering import PageRoute, page
from api.pages.statement import index_of, steps_to
from api.routes.seeing import Id, See
from ledger.events.production import BatchBody, BatchSignedOff
from ledger.log.past import reopened
from ledger.log.reader import LogReader
from ledger.units import StatementId
from ledger.views.answers import Contract, Delivery, Finding, Lot, Recall
from ledger.views.answers.path import Step
from ledger.views.world import World

router = APIRouter(route_class=PageRoute)

_MOST: Final = 30
"""Things of a kind about one lot or delivery that are shown."""


@router.get("/l/{id}")
def lot(request: Request, see: See, id: Id) -> Response:
    """One lot: the page behind the code on a box."""
    with see.both() as (reader, world):
        told = world.one(Lot, id)
        contract = world.one(Contract, told.contract)
        return page(
            request,
            "lot.html.j2",
            lot=told,
            contract=contract,
            line=next(one for one in contract.lines if one.line == told.line),
            recalls=world.page(Recall, {"lot": told.id}, newest=True, most=_MOST).items,
            made=_made(reader, told.id),
            checks=_told(reader, world, (*told.inspections, *told.holds)),
            deliveries=world.page(Delivery, {"lot": told.id}, most=_MOST).items,
            inputs=[world.one(Lot, one) for one in world.sees(told.inputs)],
            steps=steps_to(reader, world, told.id),
            findings=world.page(Finding, {"statement": told.id}, most=_MOST).items,
        )


@router.get("/d/{id}")
def delivery(request: Request, see: See, id: Id) -> Response:
    """One delivery: what was sent, what arrived, what was decided of it."""
    with see.both() as (reader, world):
        told = world.one(Delivery, id)
        last = (told.id, *told.receipts, *told.decisions)[-1]
        return page(
            request,
            "delivery.html.j2",
            delivery=told,
            contract=world.one(Contract, told.contract),
            recalled=_recalled(world, told),
            last=last,
            steps=steps_to(reader, world, last),
            findings=[
                one
                for name in (told.id, *told.receipts)
                for one in world.page(Finding, {"statement": name}, most=_MOST).items
            ],
        )


def _made(reader: LogReader, lot: StatementId) -> BatchBody | None:
    """What its maker said when it signed a lot off; None where that was erased."""
    event = reopened(reader, reader.row(index_of(reader, lot))).event
    return event.body if isinstance(event, BatchSignedOff) else None


def _told(reader: LogReader, world: World, statements: Iterable[StatementId]) -> list[Step]:
    """What some statements say, each in a sentence."""
    return [steps[-1] for one in statements if (steps := steps_to(reader, world, one))]


def _recalled(world: World, delivery: Delivery) -> list[Recall]:
    """The open recalls of goods on a waybill, each once."""
    found = {
        one.id: one
        for goods in delivery.goods
        if goods.lot
        for one in world.page(Recall, {"lot": goods.lot, "state": "open"}, most=_MOST).items
    }
    return list(found.values())
