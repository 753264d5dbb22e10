"""Contents of entries: one statement as its bytes or decoded, a bundle, and many statements registered at once."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Path, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.access.contents import check_may_read, check_may_take
from api.access.who import Known
from api.problems import documented, problem
from api.routes.entries import COSE
from api.service import Service, service_of
from ledger.audit.gather import make_bundle
from ledger.errors import (
    AccessDenied,
    ContentsErased,
    LogBusy,
    Malformed,
    NotFound,
    RequesterUnproved,
    TallyError,
    TooLarge,
    UnsupportedMedia,
)
from ledger.limits import BULK_BYTES, BULK_STATEMENTS, COSE_BYTES
from ledger.log.writer import Outcome
from ledger.statement import cbor
from ledger.statement.envelope import read_statement

router = APIRouter(tags=["statements"])
At = Annotated[Service, Depends(service_of)]
Id = Annotated[str, Path(description="A statement's id, or the beginning of it.", examples=["3f9a01c2"])]

SEQUENCE: Final = "application/cbor-seq"
FORM: Final = "multipart/form-data"
LINES: Final = "application/x-ndjson"
BUNDLE: Final = "application/vnd.tallystick.bundle+cbor"
_LINES: Final = 64
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}


class StatementOut(BaseModel):
    """A registered statement, decoded. What its signature covers are the bytes, not this."""

    id: str = Field(description="Lower-case hexadecimal SHA-256 of the statement's bytes.")
    index: int = Field(description="Its place in the log, from 0.")
    registered_at: datetime = Field(description="When the log registered it, by the log's own clock (UTC).")
    contract: str | None = Field(
        description="The contract it stands under; its own id for the contract itself."
    )
    signer: str = Field(description="The party that signed it, by its did:key.")
    kid: str = Field(description="The thumbprint of the key that signed (RFC 9679), in hexadecimal.")
    issued_at: datetime = Field(description="When it was signed, as the signer says (UTC).")
    event: dict[str, Any] = Field(description="The event: type, version, occurred_at, prev, refs, body.")


@router.get(
    "/statements/{id}",
    response_class=Response,
    summary="A statement",
    responses={
        200: {
            "description": "The statement's bytes (COSE_Sign1), or decoded where JSON is asked for.",
            "content": {
                COSE: _BINARY,
                "application/json": {"schema": {"$ref": "#/components/schemas/StatementOut"}},
            },
        },
        **documented(NotFound, ContentsErased, RequesterUnproved),
    },
)
def statement(
    service: At, who: Known, id: Id, accept: Annotated[str, Header(description="COSE or JSON.")] = COSE
) -> Response:
    """The bytes of a registered statement; with `Accept: application/json`, what they say."""
    with service.reader() as reader:
        name = reader.resolve(id)
        check_may_read(service, reader, who, name)
        known = reader.store.known(name)
        assert known is not None, "resolve found it"
        data, row = reader.statement(known.index), reader.row(known.index)
    if "json" not in accept:
        return Response(data, media_type=COSE)
    read = read_statement(data)
    told = StatementOut(
        id=name,
        index=known.index,
        registered_at=datetime.fromtimestamp(row.registered_at, UTC),
        contract=known.contract or None,
        signer=read.iss,
        kid=read.kid.hex(),
        issued_at=datetime.fromtimestamp(read.iat, UTC),
        event=read.payload,
    )
    return Response(told.model_dump_json(), media_type="application/json")


@router.get(
    "/bundles/{id}",
    response_class=Response,
    summary="The evidence for a statement",
    responses=documented(NotFound, ContentsErased, RequesterUnproved, AccessDenied, answers=(BUNDLE,)),
)
def bundle(service: At, who: Known, id: Id) -> Response:
    """One file: every statement that this one rests on, one proof of all, the checkpoint. It verifies offline."""
    with service.reader() as reader:
        name = reader.resolve(id)
        check_may_read(service, reader, who, name)
        data = make_bundle(reader, name)
        check_may_take(service, reader, who, data)
    file = f'attachment; filename="{name[:12]}.bundle"'
    return Response(data, media_type=BUNDLE, headers={"content-disposition": file})


@router.post(
    "/statements",
    response_class=StreamingResponse,
    summary="Register many statements",
    responses={
        200: {
            "description": "One JSON line for each statement, in order: `id`, `index`, `new` and the receipt "
            "(base64), or a problem.",
            "content": {LINES: {"schema": {"type": "string"}}},
        },
        **documented(Malformed, TooLarge, UnsupportedMedia, LogBusy),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                SEQUENCE: _BINARY,
                FORM: {
                    "schema": {
                        "type": "object",
                        "properties": {"file": {"type": "array", "items": _BINARY["schema"]}},
                    }
                },
            },
        }
    },
)
async def register_many(service: At, request: Request) -> StreamingResponse:
    """Statements as a CBOR sequence (RFC 8742) or as files of a form, in any order; twice without harm."""
    log = service.log
    with service.one_bulk():
        submitted = await _submitted(request)
        outcomes = await run_in_threadpool(log.append, submitted)
    return StreamingResponse(_lines(service, outcomes), media_type=LINES)


async def _submitted(request: Request) -> list[bytes]:
    """The statements of a request. Raises `Malformed`, `TooLarge`, `UnsupportedMedia`."""
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media == SEQUENCE:
        found = cbor.split_sequence(await _bounded(request))
    elif media == FORM:
        async with request.form(max_files=BULK_STATEMENTS, max_fields=0, max_part_size=COSE_BYTES) as form:
            found = [await one.read() for _, one in form.multi_items() if isinstance(one, UploadFile)]
    else:
        raise UnsupportedMedia(f"the request's type is {media[:80]!r}", expected=f"{SEQUENCE} or {FORM}")
    if len(found) > BULK_STATEMENTS:
        raise TooLarge(f"{len(found)} statements in one request", expected=f"at most {BULK_STATEMENTS}")
    return found


async def _bounded(request: Request) -> bytes:
    parts, total = [], 0
    async for part in request.stream():
        total += len(part)
        if total > BULK_BYTES:
            raise TooLarge(f"more than {BULK_BYTES} bytes in one request", hint="send them in several")
        parts.append(part)
    return b"".join(parts)


def _lines(service: Service, outcomes: Sequence[Outcome]) -> Iterator[bytes]:
    for start in range(
        0, len(outcomes), _LINES
    ):  # each piece is a thread's turn, and costs as much as some lines
        part = outcomes[start : start + _LINES]
        yield b"".join(json.dumps(_told(service, outcome)).encode() + b"\n" for outcome in part)


def _told(service: Service, outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, TallyError):
        return problem(outcome)
    return {
        "id": outcome.id,
        "index": outcome.index,
        "new": outcome.new,
        "receipt": b64encode(service.log.receipt(outcome.index)).decode(),
    }
