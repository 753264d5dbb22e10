"""A log served by a real server, in a thread of this process, on a free port of 127.0.0.1."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import uvicorn
from starlette.types import ASGIApp

_START_S = 20
_TELL_S = 240


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an application; answers its URL. Stops, and closes what it holds, at the end."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + _START_S
    while not server.started:
        assert thread.is_alive(), "the server ended before it listened"
        assert time.monotonic() < until, "the server does not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_START_S)
        assert not thread.is_alive(), "the server does not stop"


@contextmanager
def told(app: ASGIApp) -> Iterator[str]:
    """Serve an application, its read models brought up to its log."""
    with served(app) as url:
        size = httpx2.get(f"{url}/log").json()["size"]
        until = time.monotonic() + _TELL_S
        while httpx2.get(f"{url}/contracts").json().get("size") != size:
            assert time.monotonic() < until, "the read models do not get that far"
            time.sleep(0.05)
        yield url
