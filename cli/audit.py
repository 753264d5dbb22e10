"""`tally audit`: a whole log re-checked, what is odd in it, and the report of a contract for people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.common import LOG_FOLDER, JsonOption, LogOption
from cli.erased import erased_as_json, show_erased, show_waiting
from cli.output import print_json, progress, say
from cli.past import AsOfOption, AtOption, past_as_json, read_past, say_past
from cli.render.contract import contract_as_json, show_contract
from cli.render.evidence import finding_as_json, show_findings
from cli.report import check_report, write_report
from ledger.audit.whole import Audit, audit_log
from ledger.log.folder import LogFolder
from ledger.log.past import Asked
from ledger.log.reader import LogReader


def audit(
    *,
    at: AtOption = None,
    as_of: AsOfOption = None,
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

    With --at it audits that beginning of the log as it was then. What the log keeps of today (its state, its high-water
    mark, the database as a whole) is compared with the whole of it only.

    A report is one file that needs nothing else: what was promised, made, delivered and paid, the findings, charts.
    """
    if report is not None:
        check_report(report)
    elif contract is not None:
        raise typer.BadParameter("--contract says which contract a report is of: give --report FILE as well")
    with LogReader.open(log) as reader:
        asked = read_past(reader, at, as_of)
        size = asked.moment.size
        with progress("auditing", size) as tick:
            found = audit_log(
                reader, LogFolder(log).mark_to_check, size=size, as_of=asked.as_of, progress=tick
            )
        if report is not None:
            write_report(reader, found, contract, report)
    if as_json:
        print_json(_as_json(found, asked) | ({"report": str(report)} if report else {}))
        return
    _show(found, asked)
    if report is not None:
        say(f"report written to {report}")


def _show(found: Audit, asked: Asked) -> None:
    for one in found.contracts:
        show_contract(one.situation, makers=False)
    show_findings(found.findings)
    show_erased(found.checked.erased)
    show_waiting(found.waiting)
    if asked.past:
        say_past(asked)
    say(
        f"sound: {found.checked.size} entries of {found.keys} keys re-hashed, their signatures verified, every rule "
        f"run again; {found.checked.checkpoints} checkpoints. "
        + (
            "What the log answers is what its entries say."
            if found.whole
            else "What the log keeps of today was not compared: `tally audit` without --at does that."
        )
    )


def _as_json(found: Audit, asked: Asked) -> dict[str, Any]:
    return past_as_json(asked) | {
        "whole": found.whole,
        "checkpoints": found.checked.checkpoints,
        "state": found.state,
        "keys": found.keys,
        "types": found.types,
        "erased": erased_as_json(found.checked.erased),
        "to_erase": erased_as_json(found.waiting),
        "contracts": [contract_as_json(one.situation) for one in found.contracts],
        "findings": [finding_as_json(one) for one in found.findings],
    }
