"""Nothing of a request is read beyond its bounds, and who sends more is told so at once."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.bounds import LARGER, Bounds
from ledger.errors import TallyError
from ledger.limits import (
    HTTP_BODY_BYTES,
    HTTP_BODY_BYTES_PER_S,
    HTTP_FIELDS,
    HTTP_HEAD_BYTES,
)
from tests.support.asgi import Answer, Headers, ask

CHUNKED = [(b"transfer-encoding", b"chunked")]


async def counted(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def app() -> ASGIApp:
    paths = ["/", "/entries", *LARGER]
    return Bounds(Starlette(routes=[Route(path, counted, methods=["POST", "GET"]) for path in paths]))


def asked(app: ASGIApp, headers: Headers = (), pieces: tuple[bytes, ...] = (b"",), **how: object) -> Answer:
    return asyncio.run(ask(app, **{"method": "POST", "headers": headers, "pieces": pieces, **how}))  # type: ignore[arg-type]


def length(count: int) -> Headers:
    return [(b"content-length", str(count).encode())]


@pytest.mark.parametrize("path", ["/", *LARGER])
def test_a_body_up_to_the_limit_of_its_path_comes_through(app: ASGIApp, path: str) -> None:
    limit = LARGER.get(path, HTTP_BODY_BYTES)
    half = b"x" * (limit // 2)
    for headers in (length(limit), CHUNKED):
        answer = asked(app, headers, (half, half), target=path)
        assert (answer.status, answer.body) == (200, str(limit).encode())


@pytest.mark.parametrize("path", ["/", *LARGER])
def test_a_body_that_says_to_be_too_large_is_refused_unread(app: ASGIApp, path: str) -> None:
    limit = LARGER.get(path, HTTP_BODY_BYTES)
    answer = asked(app, length(limit + 1), (b"x",), target=path)
    assert (answer.status, answer.read) == (413, 0)
    assert answer.headers["connection"] == "close"
    assert f"at most {limit} bytes" in answer.body.decode()


def test_a_body_without_a_length_is_refused_as_soon_as_it_is_too_large(app: ASGIApp) -> None:
    pieces = (b"x" * 40_000,) * 10
    answer = asked(app, CHUNKED, pieces)
    assert (answer.status, answer.read) == (413, HTTP_BODY_BYTES // 40_000 + 1)
    assert asked(app, CHUNKED, pieces, target="/entries").headers["content-type"].endswith("cbor")


def test_a_body_longer_than_it_says_is_refused(app: ASGIApp) -> None:
    assert asked(app, length(5), (b"x" * 40_000,) * 3).status == 413


def test_no_route_turns_the_refusal_into_another_answer() -> None:
    """A framework takes an error while a body is read for a body it cannot read."""
    app = FastAPI()

    @app.post("/")
    def told(told: dict[str, str]) -> dict[str, str]:
        return told

    answer = asked(Bounds(app), [*CHUNKED, (b"content-type", b"application/json")], (b"x" * 40_000,) * 3)
    assert answer.status == 413


def test_an_error_of_the_route_itself_stays_one() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise TallyError("something else")

    with pytest.raises(TallyError, match="something else"):
        asked(Bounds(broken), length(1), (b"x",))


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"identity, gzip", b"GZIP"])
def test_a_compressed_body_is_refused_unread(app: ASGIApp, coding: bytes) -> None:
    bomb = gzip.compress(b"\x00" * 10_000_000)
    answer = asked(app, [*length(len(bomb)), (b"content-encoding", coding)], (bomb,))
    assert (answer.status, answer.read) == (415, 0)
    assert asked(app, [*length(1), (b"content-encoding", b"identity")], (b"x",)).status == 200


@pytest.mark.parametrize("text", [b"", b"-1", b"1e3", b"+5", b"0x10", b"5, 5", b"9" * 16, "٣".encode()])
def test_a_length_that_is_no_number_is_refused(app: ASGIApp, text: bytes) -> None:
    assert asked(app, [(b"content-length", text)], (b"x",)).status == 400


@pytest.mark.parametrize(
    ("headers", "target"),
    [
        ([(b"x-%d" % number, b"") for number in range(HTTP_FIELDS + 1)], "/"),
        ([(b"x", b"y" * HTTP_HEAD_BYTES)], "/"),
        ([], "/" + "x" * HTTP_HEAD_BYTES),
        ([], "/?" + "x" * HTTP_HEAD_BYTES),
    ],
    ids=["fields", "field", "path", "query"],
)
def test_a_head_beyond_its_bounds_is_refused(app: ASGIApp, headers: Headers, target: str) -> None:
    answer = asked(app, headers, method="GET", target=target)
    assert answer.status == 431
    assert len(answer.body) < 1_000, "it is not repeated"
    many = [(b"x-%d" % number, b"") for number in range(HTTP_FIELDS)]
    assert asked(app, many, method="GET").status == 200


def test_a_body_that_comes_too_slowly_is_given_up(app: ASGIApp) -> None:
    slow = Bounds(app, body_s=0.05)
    answer = asked(slow, CHUNKED, (b"x",) * 100, pause_s=0.02)
    assert answer.status == 408
    assert answer.read < 10
    assert answer.headers["connection"] == "close"


def test_a_body_that_never_comes_is_given_up(app: ASGIApp) -> None:
    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        async def waiting() -> dict[str, object]:
            await asyncio.sleep(3_600)
            return {}

        await Bounds(app, body_s=0.02)(scope, waiting, send)

    assert asked(never, length(5)).status == 408


def test_a_long_body_over_a_slow_line_has_its_time(app: ASGIApp) -> None:
    """At 40 times the least rate it goes on for longer than the first moment that a body has."""
    piece = b"x" * (HTTP_BODY_BYTES_PER_S // 10)
    answer = asked(Bounds(app, body_s=0.03), CHUNKED, (piece,) * 30, pause_s=0.0025)
    assert (answer.status, answer.body) == (200, str(30 * len(piece)).encode())


def test_an_answer_may_take_as_long_as_it_takes() -> None:
    """The time is for the request: who has sent it may wait, and listen, for hours."""

    async def lasting(_request: Request) -> StreamingResponse:
        async def pieces():  # type: ignore[no-untyped-def]
            for _ in range(5):
                await asyncio.sleep(0.02)
                yield b"x"

        return StreamingResponse(pieces())

    app = Bounds(Starlette(routes=[Route("/", lasting, methods=["POST"])]), body_s=0.01)
    assert asked(app, length(1), (b"x",)).body == b"xxxxx"


def test_an_answer_that_has_begun_is_not_followed_by_another() -> None:
    async def hasty(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await receive()

    answer = asked(Bounds(hasty), CHUNKED, (b"x" * 40_000,) * 3)
    assert (answer.status, answer.body) == (200, b"")
