"""How evidence looks: the path of a statement, findings, the verdict on a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cli.output import say
from cli.render.contract import show_contract
from ledger.audit.verify import Verified
from ledger.rules.findings import Finding
from ledger.trace.up import PathStep


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
