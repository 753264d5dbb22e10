"""Findings: what is odd or open in recorded facts. One named function a rule; each is pure.

A finding names the statements and figures that show it and what would close it. Findings are not stored:
they are read off the state, so they open and close as the log grows, and a verifier with the same statements
finds the same. What depends on the day takes `as_of` from the caller; without one it is not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ledger.rules.findings import conduct, deliveries, money, production, promises, recalls
from ledger.rules.findings.finding import Check, Finding
from ledger.rules.findings.signatures import Link, chain_findings, key_findings, time_findings
from ledger.rules.gathering import situation
from ledger.rules.situation import Situation
from ledger.rules.state import View
from ledger.units import StatementId

__all__ = ["CHECKS", "Finding", "contract_findings", "findings_in", "log_findings"]

CHECKS: Final[tuple[Check, ...]] = (
    deliveries.sent_beyond_released,
    deliveries.counted_beyond_sent,
    deliveries.no_dispatch,
    deliveries.no_receipt,
    deliveries.short_and_excess,
    deliveries.damaged,
    deliveries.receipt_sum,
    deliveries.other_receiver,
    promises.late_sign_off,
    promises.late_delivery,
    promises.overdue,
    deliveries.maker_unknown,
    conduct.duties_not_apart,
    production.no_checks,
    promises.within_tolerance,
    production.sent_held,
    production.sent_uninspected,
    production.failed_not_held,
    money.accepted_beyond_received,
    money.rejected,
    production.checks_missing,
    production.earlier_revision,
    production.conditional_sample,
    promises.overpromised,
    recalls.recall_open,
    recalls.recall_unanswered,
    recalls.not_located,
    recalls.sent_recalled,
    conduct.dispute_open,
    money.paid_beyond_accepted,
    conduct.proxy_unconfirmed,
    conduct.corrected,
    conduct.erased,
)
"""In the order of their numbers. F16, F17, F20, F21, F40 and F41 are about signatures: `findings.signatures`."""


def contract_findings(view: View, contract: StatementId, as_of: datetime | None = None) -> list[Finding]:
    """All findings on one contract, worst first. Raises `NotFound`. O(records of the contract)."""
    return findings_in(situation(view, contract, as_of))


def findings_in(at: Situation) -> list[Finding]:
    """All findings in a gathered contract, or in the part of one, worst first."""
    return sorted((one for check in CHECKS for one in check(at)), key=lambda finding: finding.order)


def log_findings(view: View, links: Sequence[Link]) -> list[Finding]:
    """All findings on signatures over a whole log, and on what stands under no contract. O(statements)."""
    found = [*chain_findings(links), *time_findings(links), *key_findings(view, links)]
    return sorted([*found, *conduct.erased_of_parties(view)], key=lambda finding: finding.order)
