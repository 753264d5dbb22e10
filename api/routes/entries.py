"""SCRAPI's `POST /entries` and `GET /entries/{id}` (draft-ietf-scitt-scrapi-11): the hot route, as plain ASGI.

A statement comes as `application/cose` and is answered 201 with its receipt, durable by then; the same statement
again has the same answer. 202 where the client asks for it (`Prefer: respond-async`, RFC 7240) or many wait already;
the `Location` then answers 204 until the receipt is there. Errors are concise problem details (RFC 9290).

Nothing is parsed here but the request: no framework's model, no thread is between the bytes and the writer.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import PROBLEM_CBOR, RETRY_S, cbor_problem_bytes, problem_headers
from api.service import Service, service_of
from ledger.errors import NotFound, TallyError, TooLarge, UnsupportedMedia, status_of
from ledger.limits import COSE_BYTES
from ledger.log.writer import Registered
from ledger.units import StatementId

COSE: Final = "application/cose"
_ID: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Entries:
    """`/entries`: register a statement."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        service = service_of(Request(scope))
        try:
            status, headers, receipt = await _register(
                service, await _body(scope, receive), Headers(scope=scope)
            )
        except TallyError as error:
            await _refuse(send, error)
            return
        await _answer(send, status, headers, receipt)


class Entry:
    """`/entries/{id}`: the receipt of a registered statement."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's shape
        service, name = service_of(Request(scope)), scope["path_params"]["id"]
        try:
            if not _ID.fullmatch(name):
                raise NotFound(
                    f"{name[:80]!r} is not an entry's id", expected="64 lower-case hexadecimal digits"
                )
            index = service.index_of(StatementId(name))
            if index is not None:
                await _answer(send, 200, {}, service.log.receipt(index))
            elif service.late.is_running(StatementId(name)):
                await _answer(send, 204, {"retry-after": str(RETRY_S)}, b"")
            else:
                raise NotFound(f"no statement {name} is registered here")
        except TallyError as error:
            await _refuse(send, error)


_REGISTER: Final = Route("/entries", Entries(), methods=["POST"], name="register")
_RECEIPT_OF: Final = Route("/entries/{id}", Entry(), methods=["GET"], name="receipt")
ROUTES: Final = (_REGISTER, _RECEIPT_OF)


class Straight:
    """These routes past the framework, whose layers cost more than all else that one request does in this process.

    Any other request, or another method, is the framework's, which knows the routes too.
    """

    def __init__(
        self, framework: ASGIApp, failed: Callable[[Request, Exception], Awaitable[Response]]
    ) -> None:
        """`failed` answers where a route fails with an error that nobody declared."""
        self._framework = framework
        self._straight = ServerErrorMiddleware(self._route, failed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path: str = scope["path"]
            if path == "/entries" and scope["method"] == "POST":
                scope["route"], scope["path_params"] = _REGISTER, {}
                return await self._straight(scope, receive, send)
            if path.startswith("/entries/") and scope["method"] == "GET":
                scope["route"], scope["path_params"] = _RECEIPT_OF, {"id": path.removeprefix("/entries/")}
                return await self._straight(scope, receive, send)
        return await self._framework(scope, receive, send)

    @staticmethod
    async def _route(scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].app(scope, receive, send)


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The statement as it was sent. Raises `UnsupportedMedia`, `TooLarge`."""
    media = Headers(scope=scope).get("content-type", "").split(";")[0].strip().lower()
    if media != COSE:
        raise UnsupportedMedia(f"the request's type is {media[:80]!r}", expected=COSE)
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > COSE_BYTES:
            raise TooLarge(f"more than {COSE_BYTES} bytes came", expected="one statement")
        if not message.get("more_body", False):
            return bytes(body)


async def _register(service: Service, data: bytes, headers: Headers) -> tuple[int, Mapping[str, str], bytes]:
    """Hand a statement to the writer and wait for it, or not. Raises what refuses it."""
    log = service.log
    if _prefers_async(headers) or service.waiting >= service.settings.long_queue:
        opened = log.open_statement(data)
        service.late.await_(opened.id, log.put([opened]))
        told = {"retry-after": str(RETRY_S), "preference-applied": "respond-async"}
        return 202, _location(opened.id) | told, b""
    outcome = await service.desk.register(data)
    if not isinstance(outcome, Registered):
        raise outcome
    return 201, _location(outcome.id), log.receipt(outcome.index)


def _location(statement: StatementId) -> dict[str, str]:
    return {"location": f"/entries/{statement}"}


def _prefers_async(headers: Headers) -> bool:
    return any(
        preference.split(";")[0].strip().lower() == "respond-async"
        for preference in headers.get("prefer", "").split(",")
    )


async def _refuse(send: Send, error: TallyError) -> None:
    await _answer(
        send, status_of(error).http, problem_headers(error), cbor_problem_bytes(error), PROBLEM_CBOR
    )


async def _answer(
    send: Send, status: int, headers: Mapping[str, str], body: bytes, media: str = COSE
) -> None:
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    if body:
        sent.append((b"content-type", media.encode()))
    sent.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body})


_RECEIPT: Final = {COSE: {"schema": {"type": "string", "format": "binary"}}}
_PROBLEM: Final = {PROBLEM_CBOR: {"schema": {"type": "string", "format": "binary"}}}


def _answers(**described: tuple[str, Any]) -> dict[str, Any]:
    return {
        status.removeprefix("s"): {"description": text} | ({"content": content} if content else {})
        for status, (text, content) in described.items()
    }


PATHS: Final[dict[str, Any]] = {
    "/entries": {
        "post": {
            "tags": ["SCITT"],
            "operationId": "register",
            "summary": "Register a statement",
            "description": "Register one signed statement (COSE_Sign1). The same statement again has the same answer.",
            "parameters": [
                {
                    "name": "Prefer",
                    "in": "header",
                    "required": False,
                    "description": "`respond-async` asks for 202 at once (RFC 7240).",
                    "schema": {"type": "string"},
                }
            ],
            "requestBody": {"required": True, "content": _RECEIPT},
            "responses": _answers(
                s201=("Registered and durable; the receipt (RFC 9942)", _RECEIPT),
                s202=("Taken; ask at Location", None),
                s400=("The statement cannot be read", _PROBLEM),
                s403=("A key that may not be used here", _PROBLEM),
                s409=("A rule refuses the statement", _PROBLEM),
                s413=("Larger than a statement may be", _PROBLEM),
                s415=("Not application/cose", _PROBLEM),
                s422=("The signature is not true, or its key is not known", _PROBLEM),
                s429=("Too many: send the same bytes again", _PROBLEM),
                s503=("Nothing is registered at present; the text says why", _PROBLEM),
            ),
        }
    },
    "/entries/{id}": {
        "get": {
            "tags": ["SCITT"],
            "operationId": "receipt",
            "summary": "The receipt of a statement",
            "description": "The receipt of a registered statement, the same bytes each time.",
            "parameters": [
                {
                    "name": "id",
                    "in": "path",
                    "required": True,
                    "description": "The statement's id: the SHA-256 of its bytes, in lower-case hexadecimal.",
                    "schema": {"type": "string"},
                }
            ],
            "responses": _answers(
                s200=("The receipt (RFC 9942)", _RECEIPT),
                s204=("Taken, and not yet registered", None),
                s404=("No such statement", _PROBLEM),
                s409=("It was taken with 202, and then a rule refused it", _PROBLEM),
                s429=("Too many requests", _PROBLEM),
                s503=("This server cannot sign receipts at present", _PROBLEM),
            ),
        }
    },
}
"""What OpenAPI says of these routes, which no framework reads off them."""
