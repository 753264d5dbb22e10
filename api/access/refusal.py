"""Refusing a request before the routes see it: the same problems, in the form that its path answers in."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response
from starlette.types import Scope, Send

from api.problems import PROBLEM_CBOR, cbor_problem_bytes, json_problem, problem_headers
from ledger.errors import TallyError, status_of

_SCRAPI: Final = "/entries"


async def refuse(scope: Scope, send: Send, error: TallyError) -> None:
    """Answer with an error, and close the connection: what still comes of the request is not read."""
    answer = _cbor_problem(error) if scope["path"].startswith(_SCRAPI) else json_problem(error)
    answer.headers["connection"] = "close"
    await send({"type": "http.response.start", "status": answer.status_code, "headers": answer.raw_headers})
    await send({"type": "http.response.body", "body": answer.body})


def _cbor_problem(error: TallyError) -> Response:
    return Response(cbor_problem_bytes(error), status_of(error).http, problem_headers(error), PROBLEM_CBOR)
