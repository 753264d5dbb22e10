"""A client and a log's server with a network between that a test can spoil, and a clock that waits for nobody.

net = Net(TestClient(build_app(...)))
net.faults.append(once("POST /entries", lost_answer))
client = Client.connect(URL, memory, key=KEY, transport=net.transport, patience=Hours().patience())
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from starlette.testclient import TestClient

from api.app import build_app
from api.settings import Settings
from ledger.client.wire import Patience
from ledger.proof.note import VerifierKey
from tests.support.served import served as served_app
from tests.support.spine import LOG_SIGNER, ORIGIN

URL = "https://log.example"
KEY = VerifierKey(ORIGIN, LOG_SIGNER.public)

Pass = Callable[[httpx2.Request], httpx2.Response]
Fault = Callable[[httpx2.Request, Pass], "httpx2.Response | None"]
"""What becomes of a request: an answer, an exception, or None, which leaves it to the next."""


class Net:
    """Passes requests on to an application, but for the faults put in the way; remembers what was asked."""

    def __init__(self, server: TestClient) -> None:
        self.server = server
        self.faults: list[Fault] = []
        self.asked: list[str] = []
        self.stream: httpx2.SyncByteStream | None = None  # in place of every answer's body

    @property
    def transport(self) -> httpx2.MockTransport:
        return httpx2.MockTransport(self._carry)

    def pass_on(self, request: httpx2.Request) -> httpx2.Response:
        answer = self.server.request(
            request.method, request.url.raw_path.decode(), content=request.content, headers=request.headers
        )
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def _carry(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        self.asked.append(f"{request.method} {request.url.path}")
        given = (fault(request, self.pass_on) for fault in self.faults)
        answer = next((one for one in given if one is not None), None) or self.pass_on(request)
        stream = self.stream or httpx2.ByteStream(answer.content)  # as from a socket: not read yet
        return httpx2.Response(answer.status_code, headers=answer.headers, stream=stream)


def on(route: str, fault: Fault, times: int = 1_000_000) -> Fault:
    """A fault of the requests whose method and path start so, so many times."""
    left = [times]

    def spoil(request: httpx2.Request, pass_on: Pass) -> httpx2.Response | None:
        if not f"{request.method} {request.url.path}".startswith(route) or not left[0]:
            return None
        left[0] -= 1
        return fault(request, pass_on)

    return spoil


def answers(status: int, content: bytes = b"", **headers: str) -> Fault:
    """Answer so, whatever is asked; underscores in header names are hyphens."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request, _pass: httpx2.Response(status, headers=fields, content=content)


def lost_answer(request: httpx2.Request, pass_on: Pass) -> httpx2.Response:
    """The server does what it is asked, and nobody hears of it."""
    pass_on(request)
    raise httpx2.ReadError("connection reset", request=request)


def refused(request: httpx2.Request, _pass: Pass) -> httpx2.Response:
    raise httpx2.ConnectError("connection refused", request=request)


class Hours:
    """Time that passes as it is slept through; `pauses` are the sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        time.sleep(0.02)  # lets the server's own threads go on

    def patience(self, total_s: float = 60) -> Patience:
        return Patience(
            total_s=total_s, now=lambda: self.now, sleep=self.sleep, chance=lambda _least, most: most
        )


@contextmanager
def served(folder: Path, *, signed: bool = True) -> Iterator[TestClient]:
    """The application over a log, without a socket."""
    with TestClient(build_app(Settings(log=folder), LOG_SIGNER if signed else None)) as server:
        yield server


@contextmanager
def listening(folder: Path, **settings: Any) -> Iterator[str]:
    """A real server over a log, on a free port of this machine; its URL."""
    with served_app(build_app(Settings(log=folder, **settings), LOG_SIGNER)) as url:
        yield url
