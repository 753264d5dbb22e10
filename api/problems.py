"""Errors on the wire: RFC 9457 problem+json, and on SCRAPI's routes RFC 9290 concise problem details in CBOR.

The status comes from the one table (`ledger.errors.STATUS`); the text is what a person at the command line is told.
"""

from __future__ import annotations

import json
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from ledger.errors import (
    HeadTooLarge,
    LogBusy,
    LogError,
    RequesterUnproved,
    TallyError,
    TooManyRequests,
    ViewsNotReady,
    error_as_json,
    status_of,
    status_of_class,
)
from ledger.statement import cbor

PROBLEM_JSON: Final = "application/problem+json"
PROBLEM_CBOR: Final = "application/concise-problem-details+cbor"
RETRY_S: Final = 1
_TITLE, _DETAIL = -1, -2  # RFC 9290 2; its response code is CoAP's, in one byte, and not sent
_TUNNEL, _TYPE, _STATUS = 7807, 0, 1  # RFC 9290 appendix B


class Problem(BaseModel):
    """What went wrong (RFC 9457), with what was expected and what to do."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "/problems/not-found",
                "title": "no such thing, or an id prefix that fits several",
                "status": 404,
                "detail": "no statement id starts with 3f9a",
                "code": "not-found",
                "found": "no statement id starts with 3f9a",
            }
        }
    )

    type: str = Field(description="A relative reference that names the kind of problem.")
    title: str = Field(description="The kind of problem, in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What was found, what was expected and what to do, for a person.")
    code: str = Field(description="The ledger's stable error code.")
    found: str = Field(description="What was found.")
    expected: str | None = Field(None, description="What should have been there.")
    hint: str | None = Field(None, description="What to do.")
    rule: str | None = Field(None, description="The number and name of the rule that refuses.")
    limit: str | None = Field(None, description="What the rule allows.")
    asked: str | None = Field(None, description="What the statement wants.")
    rests_on: list[str] | None = Field(None, description="The statements that set the limit.")
    retriable: bool | None = Field(None, description="Whether the same bytes may be admitted later.")
    problems: list[str] | None = Field(None, description="Each field that is wrong, and why.")


def problem(error: TallyError) -> dict[str, Any]:
    """The members of a problem (RFC 9457 3.1), the ledger's own behind them."""
    status = status_of(error)
    return {
        "type": f"/problems/{error.code}",
        "title": status.meaning,
        "status": status.http,
        "detail": error.diagnostics(),
        **error_as_json(error),
    }


def problem_headers(error: TallyError) -> dict[str, str]:
    """When to come again, and what to show then, where that helps; nothing of an error is ever cached."""
    headers = {"cache-control": "no-store"}
    if isinstance(error, LogBusy | ViewsNotReady):
        headers["retry-after"] = str(RETRY_S)
    elif isinstance(error, TooManyRequests):
        headers["retry-after"] = str(error.retry_after_s)
    elif isinstance(error, RequesterUnproved):
        headers["www-authenticate"] = "Bearer"
    return headers


def json_problem(error: TallyError) -> Response:
    """An error as problem+json."""
    body = json.dumps(problem(error), ensure_ascii=False).encode()
    return Response(body, status_of(error).http, problem_headers(error), PROBLEM_JSON)


def cbor_problem_bytes(error: TallyError) -> bytes:
    """An error as concise problem details (RFC 9290 2): title and detail, and the rest of `problem` as tunnelled."""
    told = problem(error)
    tunnelled = {_TYPE: told.pop("type"), _STATUS: told.pop("status")}
    title, detail = told.pop("title"), told.pop("detail")
    return cbor.encode({_TITLE: title, _DETAIL: detail, _TUNNEL: tunnelled | told})


def documented(*errors: type[TallyError], answers: tuple[str, ...] = ()) -> dict[int | str, dict[str, Any]]:
    """How a route answers, for OpenAPI: with bytes of the media types `answers`, with these errors and any route's."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    found: dict[int | str, dict[str, Any]] = {}
    if answers:
        found[200] = {"description": "As asked for", "content": dict.fromkeys(answers, binary)}
    for error in (*errors, TooManyRequests, HeadTooLarge, LogError):
        status = status_of_class(error)
        found[status.http] = {
            "description": status.meaning,
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return found
