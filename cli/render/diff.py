"""How a difference looks: what changed about a contract, figure by figure and statement by statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from cli.output import say, table
from cli.render.contract import number, totals_as_json
from cli.render.evidence import finding_as_json
from ledger.rules.findings import Finding
from ledger.rules.refusal import short_id
from ledger.rules.situation import Situation
from ledger.rules.sums import ZERO
from ledger.trace.diff import ContractDiff, LineDiff
from ledger.trace.down import LineTrace
from ledger.trace.names import short_names
from ledger.trace.said import said
from ledger.units import EXACT, UNITS, StatementId, format_decimal

_FIGURES: Final[Mapping[str, str]] = {
    "ordered": "ordered",
    "allotted": "allotted",
    "signed off": "signed_off",
    "dispatched": "dispatched",
    "received": "received",
    "damaged": "damaged",
    "maker unknown": "unattributed",
    "accepted": "accepted",
    "rejected": "rejected",
    "open": "open",
}
"""What each figure of a line is called, and which of its totals it is."""
_MOST: Final = 8
"""Statements of a kind that are told one by one; a machine is told all of them."""


def show_diff(after: Situation, diff: ContractDiff) -> None:
    """What changed, for a person; `after` is the later situation."""
    framework = after.framework
    say(f"{framework.reference}  {framework.title}  [{short_id(framework.id)}]")
    if diff.nothing:
        say("Nothing changed.")
        return
    if diff.terms:
        say("\nTerms")
        for term in diff.terms:
            say(f"  {term.term}: {term.was} before, now {term.now}")
    rows = [row for line in diff.lines for row in _rows(line)]
    if rows:
        say()
        table("By line", ["line", "unit", "figure", "before", "now", "change"], rows, numbers=range(3, 6))
    if diff.makers:
        names = short_names(after, diff.makers)
        say(f"\nNew makers: {len(diff.makers)}")
        _say_first([names[party] for party in diff.makers])
    for what, statements in _new(diff):
        if statements:
            say(f"\n{what}: {len(statements)}")
            _say_first([f"{_said(after, one)}  [{short_id(one)}]" for one in statements])
    _show_findings(diff)


def diff_as_json(after: Situation, diff: ContractDiff) -> dict[str, Any]:
    """What changed, for machines."""
    return {
        "terms": [{"term": one.term, "was": one.was, "now": one.now} for one in diff.terms],
        "lines": [
            {
                "line": one.after.line,
                "was": _line_as_json(one.before) if one.before else None,
                "now": _line_as_json(one.after),
            }
            for one in diff.lines
        ],
        "makers": [{"party": party, "name": after.who(party)} for party in diff.makers],
        "calloffs": list(diff.calloffs),
        "lots": list(diff.lots),
        "dispatches": list(diff.dispatches),
        "receipts": list(diff.receipts),
        "decisions": list(diff.decisions),
        "payments": list(diff.payments),
        "taken_back": list(diff.taken_back),
        "findings": {
            "opened": [finding_as_json(one) for one in diff.opened],
            "closed": [finding_as_json(one) for one in diff.closed],
            "changed": [
                {"was": finding_as_json(was), "now": finding_as_json(now)} for was, now in diff.changed
            ],
        },
    }


def _rows(line: LineDiff) -> Iterator[list[str]]:
    """The figures of a line that differ, each with its change."""
    unit = UNITS.get(line.after.totals.unit, line.after.totals.unit)
    was = _figures(line.before) if line.before else {}
    for name, now in _figures(line.after).items():
        before = was.get(name, ZERO)
        change = EXACT.subtract(now, before)
        if change:
            sign = "+" if change > 0 else ""
            yield [line.after.line, unit, name, number(before), number(now), sign + number(change)]


def _figures(line: LineTrace) -> dict[str, Decimal]:
    figures: dict[str, Decimal] = {name: getattr(line.totals, figure) for name, figure in _FIGURES.items()}
    return figures | {"paid for": line.paid}


def _line_as_json(line: LineTrace) -> dict[str, str]:
    return totals_as_json(line.totals) | {"paid": format_decimal(line.paid)}


def _new(diff: ContractDiff) -> Iterator[tuple[str, Sequence[StatementId]]]:
    yield "New call-offs", diff.calloffs
    yield "New lots", diff.lots
    yield "New dispatches", diff.dispatches
    yield "New receipts", diff.receipts
    yield "New decisions", diff.decisions
    yield "New payments", diff.payments
    yield "Taken back", diff.taken_back


def _said(at: Situation, statement: StatementId) -> str:
    record = at.record(statement)
    assert record is not None, "what is new in a situation is in it"
    return said(at, record)[1]


def _say_first(told: Sequence[str]) -> None:
    for one in told[:_MOST]:
        say(f"  {one}")
    if len(told) > _MOST:
        say(f"  and {len(told) - _MOST} more")


def _show_findings(diff: ContractDiff) -> None:
    for what, findings in (("Findings opened", diff.opened), ("Findings closed", diff.closed)):
        if findings:
            say(f"\n{what}: {len(findings)}")
            for finding in findings:
                say(f"  {_headline(finding)}")
    if diff.changed:
        say(f"\nFindings changed: {len(diff.changed)}")
        for was, now in diff.changed:
            say(f"  {_headline(now)}")
            say(f"           before: {_told(was) if was.message == now.message else was.message}")


def _headline(finding: Finding) -> str:
    return f"{finding.odd.severity.upper():8} {finding.odd.label}: {finding.message}"


def _told(finding: Finding) -> str:
    """What else tells a finding from one of the same words."""
    figures = [f"{name} {figure}" for name, figure in finding.figures]
    return ", ".join([*figures, f"shown by {len(finding.statements)} statements"])
