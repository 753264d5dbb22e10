"""`tally audit`: a whole log re-checked, what is odd in it, and the report of a contract for people."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.common import LOG_FOLDER, JsonOption, LogOption
from cli.output import print_json, progress, say
from cli.render.contract import contract_as_json, show_contract
from cli.render.evidence import finding_as_json, show_findings
from cli.report import check_report, write_report
from ledger.audit.whole import Audit, audit_log
from ledger.events.fields import read_time
from ledger.log.folder import LogFolder
from ledger.log.reader import LogReader


def audit(
    *,
    as_of: Annotated[
        str | None, typer.Option(help="Judge what is late as of this time (RFC 3339). [default: now]")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write a report of one contract: FILE.html, FILE.pdf or FILE.json."
        ),
    ] = None,
    contract: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The contract to report on. [default: the only one there is]"),
    ] = None,
    log: LogOption = LOG_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Re-check a whole log, every hash, signature and rule, and list what is odd in the facts.

    A report is one file that needs nothing else: what was promised, made, delivered and paid, the findings, charts.
    """
    if report is not None:
        check_report(report)
    elif contract is not None:
        raise typer.BadParameter("--contract says which contract a report is of: give --report FILE as well")
    with LogReader.open(log) as reader:
        with progress("auditing", reader.size) as tick:
            day = read_time(as_of) if as_of else datetime.now(UTC)
            found = audit_log(reader, LogFolder(log).mark, as_of=day, progress=tick)
        if report is not None:
            write_report(reader, found, contract, report)
    if as_json:
        print_json(_as_json(found) | ({"report": str(report)} if report else {}))
        return
    _show(found)
    if report is not None:
        say(f"report written to {report}")


def _show(found: Audit) -> None:
    for one in found.contracts:
        show_contract(one.situation, makers=False)
    show_findings(found.findings)
    say(
        f"sound: {found.checked.size} entries of {found.keys} keys re-hashed, their signatures verified, every rule "
        f"run again; {found.checked.checkpoints} checkpoints. What the log answers is what its entries say."
    )


def _as_json(found: Audit) -> dict[str, Any]:
    return {
        "size": found.checked.size,
        "root": found.checked.root.hex(),
        "checkpoints": found.checked.checkpoints,
        "state": found.state,
        "keys": found.keys,
        "types": found.types,
        "contracts": [contract_as_json(one.situation) for one in found.contracts],
        "findings": [finding_as_json(one) for one in found.findings],
    }
