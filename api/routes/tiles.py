"""The log itself, as static files: C2SP tlog-tiles, and the log's keys as SCRAPI lists them.

Digests only, so open to everybody and to every origin. A full tile never changes and may be kept for ever; a partial
one neither, but a wider one takes its place. What is not there is 404, never an empty file.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from fastapi.responses import PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool

from api.problems import documented
from api.service import Service, service_of
from ledger.errors import MalformedProof, NotFound
from ledger.proof.tiles import Tile, parse_entries_path, parse_tile_path
from ledger.statement import cbor

router = APIRouter(tags=["log"])
At = Annotated[Service, Depends(service_of)]

FOR_EVER: Final = "public, max-age=31536000, immutable"


@router.get(
    "/checkpoint",
    response_class=PlainTextResponse,
    summary="The newest checkpoint",
    responses=documented(),
)
def checkpoint(service: At) -> Response:
    """The log's newest signed size and root (C2SP tlog-checkpoint)."""
    with service.reader() as reader:
        note = reader.checkpoint_note()
    return Response(note, media_type="text/plain; charset=utf-8", headers={"cache-control": "no-cache"})


@router.get(
    "/tile/entries/{path:path}",
    response_class=Response,
    summary="Entries beside a tile",
    responses=documented(NotFound, answers=("application/octet-stream",)),
)
def entries(service: At, path: Annotated[str, Path(description="`<N>[.p/<W>]`, as x001/234.")]) -> Response:
    """Up to 256 entries, each with its length (C2SP tlog-tiles)."""
    tile = _read(parse_entries_path, f"tile/entries/{path}")
    with service.reader() as reader:
        return _tile(reader.entry_bundle(tile))


@router.get(
    "/tile/{path:path}",
    response_class=Response,
    summary="A tile of the tree",
    responses=documented(NotFound, answers=("application/octet-stream",)),
)
async def tile(
    service: At, path: Annotated[str, Path(description="`<L>/<N>[.p/<W>]`, as 0/x001/234.")]
) -> Response:
    """Up to 256 hashes of 32 bytes (C2SP tlog-tiles)."""
    wanted = _read(parse_tile_path, f"tile/{path}")
    full = service.full_tile(wanted) if wanted.is_full else None
    return _tile(full if full is not None else await run_in_threadpool(_computed, service, wanted))


@router.get(
    "/.well-known/scitt-keys",
    response_class=Response,
    summary="The log's keys",
    responses=documented(answers=("application/cbor",)),
    tags=["SCITT"],
)
def keys(service: At) -> Response:
    """Every key that receipts are signed with, as a COSE Key Set."""
    return Response(cbor.encode([cbor.decode(service.vkey.key.cose_key())]), media_type="application/cbor")


@router.get(
    "/.well-known/scitt-keys/{kid}",
    response_class=Response,
    summary="One of the log's keys",
    responses=documented(NotFound, answers=("application/cbor",)),
    tags=["SCITT"],
)
def key(
    service: At, kid: Annotated[str, Path(description="The key's id, base64url without padding.")]
) -> Response:
    """One COSE_Key by its key id."""
    found = service.vkey.key
    if kid != urlsafe_b64encode(found.kid).rstrip(b"=").decode():
        raise NotFound(f"this log has no key {kid[:80]!r}", hint="/.well-known/scitt-keys lists what it has")
    return Response(found.cose_key(), media_type="application/cbor")


def _read(parse: Callable[[str], Tile], path: str) -> Tile:
    """A path that cannot be is one that is not there (C2SP tlog-tiles: 404)."""
    try:
        return parse(path)
    except MalformedProof as error:
        raise NotFound(error.found, expected=error.expected) from error


def _computed(service: Service, wanted: Tile) -> bytes:
    """A tile that is not kept as it is: a partial one. Raises `NotFound`."""
    with service.reader() as reader:
        return reader.tile(wanted)


def _tile(data: bytes) -> Response:
    return Response(data, media_type="application/octet-stream", headers={"cache-control": FOR_EVER})
