"""Requests as a server hands them to an application, piece by piece: also those that no client library would send."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    read: int
    """How many pieces of the body were taken."""


async def ask(
    app: ASGIApp,
    method: str = "GET",
    target: str = "/",
    headers: Headers = (),
    pieces: Sequence[bytes] = (b"",),
    *,
    pause_s: float = 0.0,
    address: str = "192.0.2.1",
) -> Answer:
    """What an application answers; before each piece after the first it has to wait for `pause_s`."""
    path, _, query = target.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": list(headers),
        "client": (address, 50_000) if address else None,
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "root_path": "",
        "http_version": "1.1",
    }
    coming, sent = list(pieces), []

    async def receive() -> Message:
        if not coming:
            await asyncio.sleep(3_600)  # nobody hangs up
        if len(coming) < len(pieces):
            await asyncio.sleep(pause_s)
        return {"type": "http.request", "body": coming.pop(0), "more_body": bool(coming)}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *bodies = sent
    fields = {name.decode(): value.decode() for name, value in start["headers"]}
    assert len(fields) == len(start["headers"]), "no field is sent twice"
    body = b"".join(one.get("body", b"") for one in bodies)
    return Answer(start["status"], fields, body, len(pieces) - len(coming))
