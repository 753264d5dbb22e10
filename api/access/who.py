"""Who asks, read off a request."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from api.access.requester import ANYONE, NOBODY, Requester
from api.service import service_of


async def requester(connection: HTTPConnection) -> Requester:
    """Who stands behind a request: everybody before a public log, nobody else before the parties' own."""
    return ANYONE if service_of(connection).settings.reads == "public" else NOBODY
