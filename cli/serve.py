"""`tally serve`: one log over HTTP, until it is told to stop."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import JsonOption, KeysOption, PassphraseOption, key_store, unlock_log_key
from cli.output import errors, print_json
from ledger.log.reader import LogReader
from ledger.statement.signer import Ed25519Signer

if TYPE_CHECKING:
    from api.settings import Settings


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
    # Here, so that no other command waits for the web framework to load.
    from api.server import read_settings, run_server  # noqa: PLC0415

    def announce(url: str, settings: Settings) -> None:
        if as_json:
            print_json({"url": url, "log": str(settings.log), "reading": settings.reads})
            sys.stdout.flush()
        else:
            errors().print(f"serving on {url} (Ctrl-C stops)", markup=False, soft_wrap=True)

    given = {"host": host, "port": port, "reading": reading, "log": log}
    settings = read_settings({name: value for name, value in given.items() if value is not None})
    signer = None if read_only else _signer(settings.log, keys, passphrase_file)
    if not run_server(settings, signer, announce):
        raise typer.Exit(5)


def _signer(log: Path, keys: Path | None, passphrase_file: Path | None) -> Ed25519Signer:
    with LogReader.open(log) as reader:
        return unlock_log_key(key_store(keys), reader, passphrase_file)
