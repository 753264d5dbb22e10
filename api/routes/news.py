"""What is new under a contract, as it is registered: Server-sent events (WHATWG HTML 9.2).

    id: 17
    event: statement
    data: {"statement": {...}, "says": "Asha signed off lot A1: 300 pieces of line 1"}

`id` is the statement's index, so a client that comes again with `Last-Event-ID` misses nothing and gets nothing twice.
A stream ends after a while, and with the server; a client then comes again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from api.routes.seeing import FAILS, Id, See, Seeing
from api.service import Service, service_of
from ledger.errors import TallyError
from ledger.limits import NEWS_AT_ONCE, NEWS_BEAT_S, NEWS_PAUSE_S, NEWS_STREAM_S
from ledger.units import StatementId, TreeSize
from ledger.views.answers import Contract
from ledger.views.answers.path import News
from ledger.views.paths import news_of

router: Final = APIRouter(tags=["contracts"])

EVENTS: Final = "text/event-stream"
_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "One event a statement; its data is a `News` as JSON. Lines that start with a colon keep the "
        "connection open.",
        "content": {EVENTS: {"schema": {"type": "string"}}},
    }
}


@router.get(
    "/contracts/{id}/news",
    summary="What is new under a contract",
    response_class=StreamingResponse,
    responses={**_ANSWER, **FAILS},
)
async def news(
    request: Request,
    see: See,
    id: Id,
    after: Annotated[
        int | None,
        Query(
            ge=-1, description="Behind the statement of this index; left out, what is registered from now on."
        ),
    ] = None,
    last_event_id: Annotated[
        int | None, Header(description="The same, as browsers say it when they come again.")
    ] = None,
) -> StreamingResponse:
    """The statements under a contract that you may see, each told in a sentence as soon as it is registered."""
    service = service_of(request)
    contract, size = await run_in_threadpool(_now, see, id)
    since = last_event_id if last_event_id is not None else after
    service.streams.enter()
    return _Stream(service, _events(service, see, contract, size - 1 if since is None else since))


class _Stream(StreamingResponse):
    """An answer that gives its place back however it ends."""

    def __init__(self, service: Service, events: AsyncIterator[str]) -> None:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(events, media_type=EVENTS, headers=headers)
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._service.streams.leave()


def _now(see: Seeing, id: str) -> tuple[StatementId, TreeSize]:
    """The contract, where it is seen, and how far the log is told. Raises `NotFound`."""
    with see.world() as world:
        return world.one(Contract, id).id, world.size


async def _events(service: Service, see: Seeing, contract: StatementId, last: int) -> AsyncIterator[str]:
    """Events until the time is over, the server stops, or the client is gone (then this is cancelled)."""
    start = beat = monotonic()
    told = TreeSize(0)
    try:
        yield ": news\n\n"
        while not service.streams.ended and monotonic() - start < NEWS_STREAM_S:
            if service.views.size > told:
                told, found = await run_in_threadpool(_since, see, contract, last)
                for one in found:
                    last = one.statement.index
                    yield f"id: {last}\nevent: statement\ndata: {one.model_dump_json()}\n\n"
                if len(found) == NEWS_AT_ONCE:
                    told = TreeSize(0)  # there may be more
                    continue
            if monotonic() - beat > NEWS_BEAT_S:
                beat = monotonic()
                yield ": still here\n\n"
            await asyncio.sleep(NEWS_PAUSE_S)
    except TallyError:
        return  # the client comes again, and is told then


def _since(see: Seeing, contract: StatementId, last: int) -> tuple[TreeSize, tuple[News, ...]]:
    """How far the log is told, and the statements behind an index."""
    with see.both() as (reader, world):
        return world.size, news_of(reader, world, contract, last, NEWS_AT_ONCE)
