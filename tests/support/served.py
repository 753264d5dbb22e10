"""A log served for real: uvicorn in a thread, on a free port of the loopback address."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import uvicorn

from api.app import build_app
from api.settings import Settings
from ledger.statement.signer import Ed25519Signer


@contextmanager
def serving(settings: Settings, signer: Ed25519Signer | None = None) -> Iterator[str]:
    """The address of a server, once its read models are told; with `signer` it registers statements."""
    config = uvicorn.Config(
        build_app(settings, signer), host="127.0.0.1", port=0, log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="served")
    thread.start()
    try:
        _until(lambda: server.started, 30)
        url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        size = httpx2.get(f"{url}/log").json()["size"]
        _until(lambda: httpx2.get(f"{url}/contracts").json().get("size") == size, 120)
        yield url
    finally:
        server.should_exit = True
        thread.join()


def _until(holds: object, seconds: float) -> None:
    assert callable(holds)
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "the server does not get that far"
        time.sleep(0.05)
