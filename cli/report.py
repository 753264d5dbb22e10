"""`tally audit --report FILE`: the audit of one contract as a file for people, by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cli.common import refuse_existing, write_new
from cli.contracts import choose_contract
from ledger.audit.whole import Audit, ContractAudit
from ledger.errors import Malformed
from ledger.log.reader import LogReader
from ledger.proof.note import format_vkey
from ledger.report.build import build_report
from ledger.report.document import render_json
from ledger.report.erased import erased_rows
from ledger.report.html import render_html
from ledger.report.model import Evidence, Report
from ledger.report.pdf import load_typst, render_pdf
from ledger.rules.findings import Finding
from ledger.units import LeafIndex

RENDERINGS: Final[Mapping[str, Callable[[Report], bytes]]] = {
    ".html": render_html,
    ".pdf": render_pdf,
    ".json": render_json,
}


def check_report(path: Path) -> None:
    """Stop before a long audit whose report could not be written. Raises `Malformed`, `TallyError`."""
    if path.suffix not in RENDERINGS:
        raise Malformed(f"{path} is no kind of report", expected="a name ending in " + ", ".join(RENDERINGS))
    if path.suffix == ".pdf":
        load_typst()
    refuse_existing(path)


def write_report(reader: LogReader, found: Audit, which: str | None, path: Path) -> None:
    """Write the report of one contract: the one named, or the only one there is."""
    contract = choose_contract(
        reader, [one.situation.framework for one in found.contracts], which, "--contract"
    )
    audited = next(one for one in found.contracts if one.situation.framework.id == contract)
    at = audited.situation
    covering = reader.store.checkpoint_covering(LeafIndex(found.moment.size - 1))
    note = covering.note if covering and found.moment.published else b""
    evidence = Evidence(
        origin=reader.policy.origin,
        vkey=format_vkey(reader.vkey),
        size=found.checked.size,
        root=found.checked.root.hex(),
        registered_at=found.moment.registered_at,
        note=note.decode(),
        entries=found.checked.size,
        of_contract=len(
            [one for one in reader.store.contract_indices(at.framework.id) if one < found.checked.size]
        ),
    )
    erased = erased_rows(at, found.checked.erased, found.waiting)
    report = build_report(at, _findings(found, audited), evidence, erased)
    write_new(path, RENDERINGS[path.suffix](report))


def _findings(found: Audit, audited: ContractAudit) -> list[Finding]:
    """On the contract, and on the signatures of statements under it; worst first."""
    at = audited.situation
    mine = at.framework.id
    under = {
        finding
        for finding in found.log_findings
        if any((known := at.view.known(one)) and known.contract == mine for one in finding.statements)
    }
    return sorted((*audited.findings, *under), key=lambda finding: finding.order)
