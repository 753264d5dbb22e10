"""What changed about one contract between two sizes of the log: figures, terms, who and what is new, findings.

Pure values; how they look is somebody else's. Findings that depend on the day differ by the day as well: judge both
situations by the same one to see what the statements changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, fields

from ledger.rules.findings import Finding, findings_in
from ledger.rules.records import Framework, FrameworkLine, Price
from ledger.rules.refusal import short_id
from ledger.rules.situation import Situation
from ledger.trace.down import LineTrace, trace_down
from ledger.units import PartyId, Quantity, StatementId, format_decimal


@dataclass(frozen=True, slots=True)
class LineDiff:
    """One line and its figures; `before` is None for a line that was added."""

    before: LineTrace | None
    after: LineTrace


@dataclass(frozen=True, slots=True)
class TermDiff:
    """One term of the contract, as a person reads it."""

    term: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class ContractDiff:
    """What is different; lines whose figures are the same are left out. Statements are in the order of the log."""

    lines: tuple[LineDiff, ...]
    terms: tuple[TermDiff, ...]
    makers: tuple[PartyId, ...]
    """Who holds a share or made a lot, and did not before."""
    calloffs: tuple[StatementId, ...]
    lots: tuple[StatementId, ...]
    dispatches: tuple[StatementId, ...]
    receipts: tuple[StatementId, ...]
    decisions: tuple[StatementId, ...]
    payments: tuple[StatementId, ...]
    taken_back: tuple[StatementId, ...]
    """Facts that no longer count."""
    opened: tuple[Finding, ...]
    closed: tuple[Finding, ...]
    changed: tuple[tuple[Finding, Finding], ...]
    """The same finding on the same statement, before and after: other figures, or more statements that show it."""

    @property
    def nothing(self) -> bool:
        """Whether nothing is different."""
        return not any(getattr(self, field.name) for field in fields(self))


def compare(before: Situation, after: Situation) -> ContractDiff:
    """What changed from one situation of a contract to a later one. O(their records)."""
    assert before.framework.id == after.framework.id, "two situations of one contract"
    was, now = trace_down(before), trace_down(after)
    lines = {line.line: line for line in was.lines}
    makers = {maker.party for maker in was.makers}
    opened, closed, changed = _findings(findings_in(before), findings_in(after))
    return ContractDiff(
        lines=tuple(
            LineDiff(earlier, line)
            for line in now.lines
            if (earlier := lines.get(line.line)) is None
            or (line.totals, line.paid) != (earlier.totals, earlier.paid)
        ),
        terms=tuple(_terms(before, after)),
        makers=tuple(dict.fromkeys(maker.party for maker in now.makers if maker.party not in makers)),
        calloffs=_new(after, before.calloffs, after.calloffs),
        lots=_new(after, before.lots, after.lots),
        dispatches=_new(after, before.dispatches, after.dispatches),
        receipts=_new(after, before.receipts, after.receipts),
        decisions=_new(after, before.decisions, after.decisions),
        payments=_new(after, before.payments, after.payments),
        taken_back=_new(after, before.taken_back, after.taken_back),
        opened=opened,
        closed=closed,
        changed=changed,
    )


def _new(
    at: Situation, before: Container[StatementId], after: Iterable[StatementId]
) -> tuple[StatementId, ...]:
    """Those that were not there before, in the order of the log."""
    new = {one: known.index for one in after if one not in before and (known := at.view.known(one))}
    return tuple(sorted(new, key=lambda one: new[one]))


def _terms(before: Situation, after: Situation) -> Iterator[TermDiff]:
    was, now = before.latest_terms, after.latest_terms
    pairs = list(zip(_told(was), _told(now), strict=True))
    for line in now.lines:
        earlier = was.line(line.line)
        pairs += zip(_told_of_line(earlier, line), _told_of_line(line, line), strict=True)
    for (term, old), (_, new) in pairs:
        if old != new:
            yield TermDiff(term, old, new)


def _told(terms: Framework) -> Iterator[tuple[str, str]]:
    yield "accepted", "yes" if terms.accepted else "no"
    yield "closed to further call-offs", "yes" if terms.closed else "no"
    yield "last day", str(terms.last_day)
    yield "tolerance", f"{format_decimal(terms.tolerance)} %"


def _told_of_line(line: FrameworkLine | None, named: FrameworkLine) -> Iterator[tuple[str, str]]:
    """The terms of a line, none of which hold while there is no such line."""
    name = f"line {named.line}"
    yield name, "is there" if line else "is not there"
    yield f"{name}, ceiling", str(Quantity(line.ceiling, line.unit)) if line and line.ceiling else "none"
    yield f"{name}, price", _price(line.price) if line and line.price else "none"
    revision = line.specifications[-1:] if line else ()
    yield f"{name}, specification", short_id(revision[0]) if revision else "none"


def _price(price: Price) -> str:
    return str(price.money) if price.money else f"confidential ({(price.commitment or '')[:12]})"


_Sorted = tuple[tuple[Finding, ...], tuple[Finding, ...], tuple[tuple[Finding, Finding], ...]]


def _findings(before: list[Finding], after: list[Finding]) -> _Sorted:
    """Opened, closed, changed. Findings match by their number and by what they are about, whatever their figures."""
    same = set(before) & set(after)
    waiting: defaultdict[tuple[str, StatementId], list[Finding]] = defaultdict(list)
    for finding in before:
        if finding not in same:
            waiting[finding.odd.label, finding.statements[0]].append(finding)
    opened, changed = [], []
    for finding in after:
        if finding in same:
            continue
        earlier = waiting[finding.odd.label, finding.statements[0]]
        if earlier:
            changed.append((earlier.pop(0), finding))
        else:
            opened.append(finding)
    closed = [finding for left in waiting.values() for finding in left]
    return tuple(opened), tuple(sorted(closed, key=lambda one: one.order)), tuple(changed)
