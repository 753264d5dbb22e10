"""How contracts, paths, findings and verdicts look: tables for people, plain objects for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from cli.output import say, table
from ledger.audit.verify import Verified
from ledger.rules.findings import Finding
from ledger.rules.situation import Situation
from ledger.trace.down import Branch, ContractTrace, Totals, trace_down
from ledger.trace.up import PathStep
from ledger.units import UNITS, PartyId, format_decimal

_COLUMNS = ["signed off", "dispatched", "received", "damaged", "open"]


def show_contract(at: Situation, *, makers: bool = True) -> None:
    """The overview a procurement officer opens first."""
    framework, traced = at.framework, trace_down(at)
    state = "accepted" if framework.accepted else "not accepted yet"
    say()
    say(f"{framework.reference}  {framework.title}  [{framework.id[:12]}]")
    say(
        f"{at.who(framework.buyer)} with {at.who(framework.prime)}, {state}; "
        f"{framework.first_day} to {framework.last_day}"
    )
    for calloff in at.calloffs.values():
        say(f"call-off {calloff.reference} for {at.who(calloff.consignee)}, due {calloff.due}")
    rows = [
        [
            line.line,
            line.description,
            UNITS.get(line.totals.unit, line.totals.unit),
            _number(line.ceiling) if line.ceiling is not None else "none",
            _number(line.totals.ordered),
            _number(line.totals.allotted),
            *_progress(line.totals),
        ]
        for line in traced.lines
    ]
    table(
        "By line",
        ["line", "what", "unit", "ceiling", "ordered", "allotted", *_COLUMNS],
        rows,
        numbers=range(3, 11),
    )
    if makers:
        _show_makers(at, traced)


def _show_makers(at: Situation, traced: ContractTrace) -> None:
    short = _short_names(at, {party for maker in traced.makers for party in (maker.party, *maker.via)})
    rows = [
        [
            short[maker.party],
            ", ".join(short[via] for via in maker.via),
            maker.line,
            str(len(maker.lots)),
            _number(maker.totals.allotted),
            *_progress(maker.totals),
        ]
        for maker in sorted(traced.makers, key=lambda one: (-one.totals.ordered, short[one.party], one.line))
    ]
    if rows:
        columns = ["maker", "allotted by", "line", "lots", "allotted", *_COLUMNS]
        table("By maker", columns, rows, numbers=range(3, 10))


def _short_names(at: Situation, parties: Iterable[PartyId]) -> dict[PartyId, str]:
    """Names for a table: without the end of the id wherever the name alone tells the party apart."""
    full = {party: at.who(party) for party in parties}
    bare = {party: name.rsplit(" (", 1)[0] for party, name in full.items()}
    times = Counter(bare.values())
    return {party: bare[party] if times[bare[party]] == 1 else full[party] for party in full}


def show_path(path: Sequence[PathStep]) -> None:
    """The way from the contract to a statement, step by step."""
    for number, step in enumerate(path, 1):
        accepted = f", accepted by {step.accepted[:12]}" if step.accepted else ""
        say(f"{number:3}. {step.says}")
        say(f"     statement {step.statement[:12]}{accepted}")


def show_findings(findings: Sequence[Finding]) -> None:
    """Findings, worst first, with what shows them and what would close them."""
    if not findings:
        say("Findings: none.")
        return
    say(f"Findings: {len(findings)}")
    for finding in findings:
        say(f"  {finding.odd.severity.upper():8} {finding.odd.label}: {finding.message}")
        if finding.figures:
            say("           " + ", ".join(f"{name} {figure}" for name, figure in finding.figures))
        shown = ", ".join(statement[:12] for statement in finding.statements[:4])
        more = f" and {len(finding.statements) - 4} more" if len(finding.statements) > 4 else ""
        say(f"           shown by {shown}{more}")
        say(f"           to close: {finding.closes}")


def show_verified(verified: Verified) -> None:
    """The verdict on a bundle, in plain words."""
    say(f"VERIFIED: {verified.claim_type} {verified.claim[:16]}…, entry {verified.claim_index}")
    say("Proved:")
    for said in verified.proved():
        say(f"  + {said}")
    say("Not proved:")
    for said in verified.not_proved():
        say(f"  - {said}")
    at = verified.situation
    if at is not None:
        if verified.scope == "contract":
            show_contract(at)
        else:
            say("The path:")
            show_path(verified.path)
        show_findings(verified.findings)


def contract_as_json(at: Situation) -> dict[str, Any]:
    """A contract traced down, for machines: quantities are decimal strings in the line's unit."""
    framework, traced = at.framework, trace_down(at)
    return {
        "id": framework.id,
        "reference": framework.reference,
        "title": framework.title,
        "buyer": framework.buyer,
        "prime": framework.prime,
        "accepted": framework.accepted,
        "lines": [
            {
                "line": line.line,
                "description": line.description,
                "ceiling": format_decimal(line.ceiling) if line.ceiling is not None else None,
                **_totals(line.totals),
            }
            for line in traced.lines
        ],
        "makers": [
            {
                "party": maker.party,
                "name": at.who(maker.party),
                "via": list(maker.via),
                "line": maker.line,
                "lots": list(maker.lots),
                **_totals(maker.totals),
            }
            for maker in traced.makers
        ],
        "calloffs": [_branch(branch) for branch in traced.calloffs],
        "deliveries": [
            {
                "id": dispatch.id,
                "waybill": dispatch.waybill,
                "from": dispatch.dispatcher,
                "to": dispatch.to,
                "receipts": [receipt.id for receipt in at.receipts_of.get(dispatch.id, [])],
            }
            for dispatch in at.dispatches.values()
        ],
    }


def path_as_json(path: Sequence[PathStep]) -> list[dict[str, Any]]:
    return [
        {"statement": step.statement, "accepted": step.accepted, "signer": step.signer, "says": step.says}
        for step in path
    ]


def finding_as_json(finding: Finding) -> dict[str, Any]:
    return {
        "finding": finding.odd.label,
        "severity": finding.odd.severity.value,
        "message": finding.message,
        "figures": dict(finding.figures),
        "statements": list(finding.statements),
        "closes": finding.closes,
    }


def verified_as_json(verified: Verified) -> dict[str, Any]:
    return {
        "verified": True,
        "scope": verified.scope,
        "claim": verified.claim,
        "type": verified.claim_type,
        "index": verified.claim_index,
        "signer": verified.signer,
        "contract": verified.contract,
        "statements": len(verified.statements),
        "checkpoint": {
            "origin": verified.checkpoint.origin,
            "size": verified.checkpoint.size,
            "root": verified.checkpoint.root.hex(),
        },
        "proved": list(verified.proved()),
        "not_proved": list(verified.not_proved()),
        "path": path_as_json(verified.path),
        "findings": [finding_as_json(finding) for finding in verified.findings],
    }


def _branch(branch: Branch) -> dict[str, Any]:
    promise = branch.promise
    return {
        "id": promise.id,
        "holder": promise.holder,
        "accepted": promise.accepted,
        "due": promise.due.isoformat(),
        "lines": [
            {
                "line": share.line,
                "unit": share.unit,
                "quantity": format_decimal(share.quantity),
                "allotted": format_decimal(share.allotted),
                "signed_off": format_decimal(share.released),
            }
            for share in promise.lines
        ],
        "allocations": [_branch(one) for one in branch.branches],
        "lots": [
            {"id": lot.id, "lot": lot.name, "maker": lot.maker, "released": format_decimal(lot.released)}
            for lot in branch.lots
        ],
    }


def _totals(totals: Totals) -> dict[str, str]:
    return {
        "unit": totals.unit,
        "ordered": format_decimal(totals.ordered),
        "allotted": format_decimal(totals.allotted),
        "signed_off": format_decimal(totals.signed_off),
        "dispatched": format_decimal(totals.dispatched),
        "received": format_decimal(totals.received),
        "damaged": format_decimal(totals.damaged),
        "unattributed": format_decimal(totals.unattributed),
        "open": format_decimal(totals.open),
    }


def _progress(totals: Totals) -> list[str]:
    return [
        _number(value)
        for value in (totals.signed_off, totals.dispatched, totals.received, totals.damaged, totals.open)
    ]


def _number(value: Decimal) -> str:
    return format_decimal(value, group=",")
