"""The bounds as a client at the other end of a connection meets them, with the server that `tally serve` runs."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from api.access.bounds import Bounds
from ledger.limits import HTTP_BODY_BYTES
from tests.support.served import served


async def counted(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    """A server whose bodies have half a second."""
    app = Bounds(Starlette(routes=[Route("/", counted, methods=["POST"])]), body_s=0.5)
    with served(app) as url:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        yield parts.hostname, parts.port


def told(address: tuple[str, int], *sent: bytes) -> str:
    """Everything the server says until it hangs up; later pieces are sent as long as it listens."""
    with socket.create_connection(address, timeout=5) as connection:
        for piece in sent:
            try:
                connection.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                break
        answer = b""
        try:
            while more := connection.recv(65_536):
                answer += more
        except ConnectionResetError:  # it closed with some of the request unread
            pass
    return answer.decode("latin-1")


HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
CHUNK = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"


def test_a_body_comes_through_whole_or_in_chunks(address: tuple[str, int]) -> None:
    assert told(address, HEAD + b"Content-Length: 5\r\n\r\nhello").endswith("\r\n\r\n5")
    assert told(address, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK, b"0\r\n\r\n").endswith(
        "\r\n\r\n16384"
    )


def test_a_body_that_says_to_be_too_large_is_refused_before_it_is_sent(address: tuple[str, int]) -> None:
    head = HEAD.replace(b"close", b"keep-alive") + b"Content-Length: %d\r\n\r\n" % (HTTP_BODY_BYTES + 1)
    answer = told(address, head)
    assert answer.startswith("HTTP/1.1 413 ")
    assert "connection: close" in answer


def test_chunks_without_end_are_cut_off(address: tuple[str, int]) -> None:
    head = HEAD.replace(b"close", b"keep-alive") + b"Transfer-Encoding: chunked\r\n\r\n"
    answer = told(address, head, *[CHUNK] * 200)
    assert answer == "" or answer.startswith("HTTP/1.1 413 "), (
        "told, unless the line broke under what was still sent"
    )


def test_a_client_that_stops_sending_is_let_go(address: tuple[str, int]) -> None:
    for rest in (b"Content-Length: 5\r\n\r\nhel", b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel"):
        started = time.monotonic()
        answer = told(address, HEAD.replace(b"close", b"keep-alive") + rest)
        assert answer.startswith("HTTP/1.1 408 ")
        assert 0.4 < time.monotonic() - started < 4


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: +5\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"X : y\r\n",
        b"X: y\x00z\r\n",
    ],
)
def test_a_request_that_two_readers_would_take_apart_differently_is_refused(
    address: tuple[str, int], fields: bytes
) -> None:
    """Request smuggling: what a proxy takes for one request must not be two here."""
    smuggled = b"0\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = told(address, HEAD + fields + b"\r\n" + smuggled)
    assert answer.count("HTTP/1.1 ") <= 1
    assert not answer.startswith("HTTP/1.1 200")
