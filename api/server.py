"""The server process: one application over one log, from listening to a stop that answers what was sent."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from api.app import build_app
from api.settings import Settings
from ledger.errors import Malformed, NotFound
from ledger.statement.signer import Ed25519Signer

Announce = Callable[[str, Settings], None]
"""Told the server's URL once it listens."""


def read_settings(given: dict[str, Any]) -> Settings:
    """The settings, those `given` before all others. Raises `NotFound`, `Malformed`."""
    file = os.environ.get("TALLY_SETTINGS")
    if file and not Path(file).is_file():
        raise NotFound(f"there is no file {file}", hint="TALLY_SETTINGS names the file of settings")
    try:
        return Settings(**given)
    except TOMLDecodeError as error:
        raise Malformed(f"{file} is not TOML: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise Malformed(
            f"the settings cannot be used: {wrong}", hint="docs/operations.md lists them"
        ) from error


def run_server(settings: Settings, signer: Ed25519Signer | None, announce: Announce) -> bool:
    """Serve until a signal; whether it ever listened. Raises what opening the log raises."""
    _log_lines()
    collect_seldom()
    app = build_app(settings, signer, apart=True)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=settings.stop_s,
    )
    server = _Server(config, app, lambda url: announce(url, settings))
    with suppress(SystemExit):  # how it ends when the application does not start; why is told below
        server.run()
    if refused := getattr(app.state, "refused", None):
        raise refused
    return server.started


def collect_seldom() -> None:
    """Look for cycles a hundred times less often than an interpreter does by itself.

    A server keeps hundreds of thousands of values that are in none, and each look at all of them stops every answer for
    a tenth of a second. What is in no cycle is freed at once as ever.
    """
    gc.set_threshold(100_000, 50, 100)


class _Server(uvicorn.Server):
    """Says where it is once it listens, and ends its endless answers before it waits for the others."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, announce: Callable[[str], None]) -> None:
        super().__init__(config)
        self._app = app
        self._announce = announce

    async def shutdown(self, sockets: Any = None) -> None:
        self._app.state.service.streams.end()
        await super().shutdown(sockets)

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._announce(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")


def _log_lines() -> None:
    """One JSON object a line on stderr; what the server itself has to say is said by its exit."""
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL + 1)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
