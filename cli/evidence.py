"""`tally trace`, `bundle`, `verify`: who made what, and the evidence for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.common import LOG_FOLDER, JsonOption, LogOption, read_file, read_vkey, resolve_id, write_new
from cli.output import print_json, say, table
from cli.render.contract import contract_as_json, show_contract
from cli.render.evidence import (
    path_as_json,
    show_findings,
    show_path,
    show_verified,
    verified_as_json,
)
from ledger.audit.gather import make_bundle
from ledger.audit.verify import verify_bundle
from ledger.errors import TallyError
from ledger.limits import BUNDLE_BYTES
from ledger.log.reader import LogReader
from ledger.rules.findings import contract_findings
from ledger.rules.gathering import situation
from ledger.trace.up import contract_under, trace_up

IdArgument = Annotated[str, typer.Argument(help="A statement's id, the beginning of it, or @FILE.")]


def trace(
    which: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A statement's id, the beginning of it, or @FILE.")
    ] = None,
    *,
    log: LogOption = LOG_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Who made what: a contract down to makers, lots and deliveries; anything else up to its contract.

    Without an ID the contracts of the log are listed.
    """
    with LogReader.open(log) as reader:
        if which is None:
            _list_contracts(reader, as_json=as_json)
            return
        statement = resolve_id(reader, which)
        contract = contract_under(reader.store, statement)
        at = situation(reader.store, contract, datetime.now(UTC))
        if statement == contract:
            if as_json:
                print_json(contract_as_json(at))
            else:
                show_contract(at)
                show_findings(contract_findings(reader.store, contract, at.as_of))
        elif as_json:
            print_json({"contract": contract, "path": path_as_json(trace_up(at, statement))})
        else:
            show_path(trace_up(at, statement))


def _list_contracts(reader: LogReader, *, as_json: bool) -> None:
    contracts = [situation(reader.store, contract) for contract in reader.store.contracts()]
    if as_json:
        print_json(
            [
                {"id": at.framework.id, "reference": at.framework.reference, "title": at.framework.title}
                for at in contracts
            ]
        )
    elif contracts:
        rows = [
            [at.framework.id[:12], at.framework.reference, at.framework.title, at.who(at.framework.buyer)]
            for at in contracts
        ]
        table(f"Contracts in {reader.policy.origin}", ["id", "reference", "title", "buyer"], rows)
    else:
        say(f"There are no contracts in {reader.policy.origin} yet.")


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
