"""`tally serve`: one log over HTTP, until it is told to stop."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from api.app import build_app
from api.settings import Settings
from cli.common import JsonOption, KeysOption, PassphraseOption, key_store, unlock_log_key
from cli.output import errors, print_json
from ledger.errors import Malformed
from ledger.log.reader import LogReader
from ledger.statement.signer import Ed25519Signer


def serve(
    *,
    host: Annotated[str | None, typer.Option(help="The address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="The port; 0 takes a free one. [default: 8000]")] = None,
    reading: Annotated[
        str | None,
        typer.Option(
            metavar="public|parties",
            help="Who may read contents. [default: public on a loopback address, parties elsewhere]",
        ),
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Serve without the log's key: register nothing.")
    ] = False,
    log: Annotated[
        Path | None,
        typer.Option("--log", help="The log's folder. [default: tally-log]", rich_help_panel="Where"),
    ] = None,
    keys: KeysOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve a log over HTTP: registration, tiles, proofs, the contract's world, and pages for people.

    Settings also come from TALLY_... variables and from a TOML file named by TALLY_SETTINGS. Ctrl-C, or SIGTERM, stops
    it when what was sent is answered.
    """
    given = {"host": host, "port": port, "reading": reading, "log": log}
    settings = _settings({name: value for name, value in given.items() if value is not None})
    signer = None if read_only else _signer(settings, keys, passphrase_file)
    _log_lines()
    app = build_app(settings, signer)
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
    server = _Announced(config, app, settings, as_json=as_json)
    server.run()
    if not server.started:
        raise typer.Exit(5)


class _Announced(uvicorn.Server):
    """A server that says where it is once it listens: to a person, or as one JSON document on stdout."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, settings: Settings, *, as_json: bool) -> None:
        super().__init__(config)
        self._app = app
        self._settings = settings
        self._as_json = as_json

    async def shutdown(self, sockets: Any = None) -> None:
        self._app.state.service.streams.end()  # or they would be waited for
        await super().shutdown(sockets)

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        if self._as_json:
            print_json({"url": url, "log": str(self._settings.log), "reading": self._settings.reads})
            sys.stdout.flush()
        else:
            errors().print(f"serving on {url} (Ctrl-C stops)", markup=False, soft_wrap=True)


def _settings(given: dict[str, Any]) -> Settings:
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise Malformed(
            f"the settings cannot be used: {wrong}", hint="docs/operations.md lists them"
        ) from error


def _signer(settings: Settings, keys: Path | None, passphrase_file: Path | None) -> Ed25519Signer:
    with LogReader.open(settings.log) as reader:
        return unlock_log_key(key_store(keys), reader, passphrase_file)


def _log_lines() -> None:
    """One JSON object a line on stderr."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
