"""`tally bundle`, `verify`: evidence in one file, and what it proves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.common import LOG_FOLDER, JsonOption, LogOption, read_file, read_vkey, resolve_id, write_new
from cli.output import print_json, say
from cli.render.evidence import (
    show_verified,
    verified_as_json,
)
from ledger.audit.gather import make_bundle
from ledger.audit.verify import verify_bundle
from ledger.errors import TallyError
from ledger.limits import BUNDLE_BYTES
from ledger.log.reader import LogReader

IdArgument = Annotated[str, typer.Argument(help="A statement's id, the beginning of it, or @FILE.")]


def bundle(
    which: IdArgument,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write. [default: ID.bundle]")
    ] = None,
    log: LogOption = LOG_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Put the evidence for a statement, or for a whole contract, into one file that verifies offline."""
    with LogReader.open(log) as reader:
        statement = resolve_id(reader, which)
        data = make_bundle(reader, statement)
    path = out or Path(f"{statement[:12]}.bundle")
    write_new(path, data)
    if as_json:
        print_json({"file": str(path), "claim": statement, "bytes": len(data)})
    else:
        say(
            f"written to {path} ({len(data):,} bytes); anyone verifies it with: tally verify {path} --log-key VKEY"
        )


def verify(
    file: Annotated[Path, typer.Argument(help="A bundle, made by `tally bundle`.")],
    *,
    log_key: Annotated[
        str, typer.Option("--log-key", help="The log's verifier key, or a file that holds it.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Verify a bundle offline: no network, no log, nothing but the log's public key."""
    data, key = read_file(file, BUNDLE_BYTES), read_vkey(log_key)
    try:
        verified = verify_bundle(data, key)
    except TallyError as error:
        error.found = f"NOT VERIFIED: {error.found}"
        raise
    if as_json:
        print_json(verified_as_json(verified))
    else:
        show_verified(verified)
