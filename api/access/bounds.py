"""What of a request is read at most: its head, its body, and for how long. Before any route, in plain ASGI.

| found | answered |
|---|---|
| path, query and fields beyond `HTTP_HEAD_BYTES` or `HTTP_FIELDS` | 431 |
| a body beyond the path's limit, by its Content-Length at once, without one as soon as so much has come | 413 |
| a compressed body: what it opens to is not known before it is opened | 415 |
| a body that comes slower than `HTTP_BODY_S` and `HTTP_BODY_BYTES_PER_S` allow | 408 |

A head that comes slowly is the server's own to bound, and a proxy's in front of it; no request is there yet.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Generator, Mapping
from functools import partial
from types import coroutine
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.refusal import refuse
from ledger.errors import HeadTooLarge, Malformed, RequestTooSlow, TallyError, TooLarge, UnsupportedMedia
from ledger.limits import (
    BULK_BYTES,
    HTTP_BODY_BYTES,
    HTTP_BODY_BYTES_PER_S,
    HTTP_BODY_S,
    HTTP_FIELDS,
    HTTP_HEAD_BYTES,
)

LARGER: Final[Mapping[str, int]] = {"/statements": BULK_BYTES}
"""Paths that take more than `HTTP_BODY_BYTES`."""

_LENGTH: Final = re.compile(rb"[0-9]{1,15}")


class Bounds:
    """Lets through what is within the bounds; the time for a body runs from where it first has to be waited for."""

    def __init__(self, app: ASGIApp, body_s: float = HTTP_BODY_S) -> None:
        self._app = app
        self._body_s = body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = LARGER.get(scope["path"], HTTP_BODY_BYTES)
        try:
            has_body = _check_head(scope, limit)
        except TallyError as error:
            await refuse(scope, send, error)
            return
        if not has_body:
            await self._app(scope, receive, send)
            return
        body = _Body(scope, receive, send, limit, self._body_s)
        try:
            await self._app(scope, body.receive, body.send)
        except (
            Exception
        ):  # a route may make anything of the refusal that `receive` raised; it is answered below
            if body.refused is None:
                raise
        await body.settle()


class _Body:
    """One request's body on its way in. Once it is refused, that is the answer, whatever the route makes of it."""

    __slots__ = (
        "_began", "_body_s", "_bytes", "_is_answered", "_is_whole", "_limit", "_receive", "_scope", "_send", "refused",
    )  # fmt: skip

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int, body_s: float) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._limit = limit
        self._body_s = body_s
        self._began: float | None = None
        self._bytes = 0
        self._is_whole = False
        self._is_answered = False
        self.refused: TallyError | None = None

    async def receive(self) -> Message:
        """The next piece. Raises `TooLarge`, `RequestTooSlow`."""
        if self._is_whole:
            return await self._receive()  # waits for the other side to hang up, for as long as that takes
        try:
            message = await self._next()
        except TimeoutError:
            raise self._refuse(
                RequestTooSlow(
                    f"{self._bytes} bytes of the body came within {self._body_s:g} s",
                    expected=f"all in {self._body_s:g} s, and a second more for each {HTTP_BODY_BYTES_PER_S} bytes",
                    hint="send it again",
                )
            ) from None
        self._bytes += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._bytes > self._limit:
            raise self._refuse(_too_large(f"more than {self._limit} bytes came", self._limit))
        return message

    async def _next(self) -> Message:
        """What the server has at hand, or will have in time. Raises `TimeoutError`.

        A timer is set only where there is something to wait for: it costs more than everything else here.
        """
        begun = _begin(self._receive)
        try:
            waits_for = begun.send(None)
        except StopIteration as at_hand:
            message: Message = at_hand.value
            return message
        now = asyncio.get_running_loop().time()
        self._began = self._began or now
        async with asyncio.timeout_at(self._began + self._body_s + self._bytes / HTTP_BODY_BYTES_PER_S):
            return await _rest(begun, waits_for)

    async def send(self, message: Message) -> None:
        """Pass the route's answer on, unless the request was refused meanwhile."""
        if self.refused is None:
            self._is_answered = True
            await self._send(message)

    async def settle(self) -> None:
        """Answer a request that was refused, unless its answer had begun before."""
        if self.refused is not None and not self._is_answered:
            await refuse(self._scope, self._send, self.refused)

    def _refuse(self, error: TallyError) -> TallyError:
        self._is_whole = True
        self.refused = error
        return error


async def _begin(receive: Receive) -> Message:
    return await receive()


@coroutine
def _rest(begun: Coroutine[Any, None, Message], waits_for: Any) -> Generator[Any, None, Message]:
    """Go on with a coroutine that was begun by hand and then had to wait: what `await` does from there."""
    while True:
        try:
            yield waits_for
        except BaseException as thrown:  # a cancelled task tells what it waits for
            step = partial(begun.throw, thrown)
        else:
            step = partial(begun.send, None)
        try:
            waits_for = step()
        except StopIteration as ended:
            message: Message = ended.value
            return message


def _check_head(scope: Scope, limit: int) -> bool:
    """Whether a body follows. Raises `HeadTooLarge`, `TooLarge`, `UnsupportedMedia`, `Malformed`."""
    fields = scope["headers"]
    size = len(scope["raw_path"]) + len(scope["query_string"])
    length = coding = chunked = None
    for name, value in fields:
        size += len(name) + len(value)
        if name == b"content-length":
            length = value
        elif name == b"content-encoding":
            coding = value
        elif name == b"transfer-encoding":
            chunked = value
    if size > HTTP_HEAD_BYTES or len(fields) > HTTP_FIELDS:
        raise HeadTooLarge(
            f"a request with {len(fields)} header fields, and {size} bytes of path, query and fields",
            expected=f"at most {HTTP_FIELDS} fields, and {HTTP_HEAD_BYTES} bytes",
        )
    if coding is not None and coding.lower() != b"identity":
        raise UnsupportedMedia(
            f"a body with the Content-Encoding {coding[:40].decode('latin-1')!r}",
            expected="a body as it is: nothing is unpacked here",
        )
    if length is not None:
        if not _LENGTH.fullmatch(length):
            raise Malformed("a Content-Length that is not a number", expected="decimal digits")
        if int(length) > limit:
            raise _too_large(f"a body of {int(length)} bytes", limit)
    return chunked is not None or (length is not None and length != b"0")


def _too_large(found: str, limit: int) -> TooLarge:
    return TooLarge(found, expected=f"at most {limit} bytes at this path", hint="send less at a time")
