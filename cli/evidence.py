"""`tally trace`, `bundle`, `verify`, `audit`: who made what, and the evidence for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.common import LOG_FOLDER, JsonOption, LogOption, read_file, read_vkey, resolve_id, write_new
from cli.output import print_json, progress, say, table
from cli.render.contract import contract_as_json, show_contract
from cli.render.evidence import (
    finding_as_json,
    path_as_json,
    show_findings,
    show_path,
    show_verified,
    verified_as_json,
)
from ledger.audit.gather import make_bundle
from ledger.audit.verify import verify_bundle
from ledger.audit.whole import audit_log
from ledger.errors import Malformed, TallyError
from ledger.limits import BUNDLE_BYTES
from ledger.log.folder import LogFolder
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


def audit(
    *,
    as_of: Annotated[
        str | None, typer.Option(help="Judge what is late as of this time (RFC 3339). [default: now]")
    ] = None,
    log: LogOption = LOG_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Re-check a whole log, every hash, signature and rule, and list what is odd in the facts."""
    with LogReader.open(log) as reader, progress("auditing", reader.size) as tick:
        found = audit_log(reader, LogFolder(log).mark, as_of=_time(as_of), progress=tick)
    if as_json:
        told: dict[str, Any] = {
            "size": found.checked.size,
            "root": found.checked.root.hex(),
            "checkpoints": found.checked.checkpoints,
            "state": found.state,
            "keys": found.keys,
            "types": found.types,
            "contracts": [contract_as_json(one.situation) for one in found.contracts],
            "findings": [finding_as_json(one) for one in found.findings],
        }
        print_json(told)
        return
    for one in found.contracts:
        show_contract(one.situation, makers=False)
    show_findings(found.findings)
    say(
        f"sound: {found.checked.size} entries of {found.keys} keys re-hashed, their signatures verified, every rule "
        f"run again; {found.checked.checkpoints} checkpoints. What the log answers is what its entries say."
    )


def _time(given: str | None) -> datetime:
    if given is None:
        return datetime.now(UTC)
    try:
        parsed = datetime.fromisoformat(given)
    except ValueError as error:
        raise Malformed(
            f"{given!r} is not a time", expected="RFC 3339, as 2026-07-01T00:00:00+05:30"
        ) from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
