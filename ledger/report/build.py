"""Making a report: one contract of an audit that ran to its end, laid out as a reader wants it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from ledger.report.charts import Bar
from ledger.report.model import (
    ErasedRow,
    Evidence,
    Figures,
    FindingRow,
    LineCharts,
    LineRow,
    PartyRow,
    PromiseRow,
    Report,
)
from ledger.report.paid import paid_of_lots
from ledger.rules.findings.finding import Finding
from ledger.rules.records import FrameworkLine
from ledger.rules.situation import Situation
from ledger.rules.sums import LotFacts, total, totals
from ledger.trace.down import ContractTrace, HubTrace, LineTrace, MakerTrace, Totals, trace_down, up_from
from ledger.trace.flow import flow_of
from ledger.trace.names import short_names
from ledger.trace.progress import progress_of
from ledger.units import Money, PartyId, Quantity, format_decimal

_BARS: Final = 24
"""Makers drawn one by one; the others are drawn as one."""


def build_report(
    at: Situation, findings: Iterable[Finding], evidence: Evidence, erased: tuple[ErasedRow, ...] = ()
) -> Report:
    """Lay out a gathered contract. O(its records)."""
    framework, traced, made = at.latest_terms, trace_down(at), _Made(at)
    rows: tuple[HubTrace | MakerTrace, ...] = (*traced.hubs, *traced.makers)
    names = short_names(at, {one for row in rows for one in (row.party, *row.via)})
    state = "accepted" if framework.accepted else "not accepted yet"
    return Report(
        contract=framework.id,
        reference=framework.reference,
        title=framework.title,
        buyer=at.who(framework.buyer),
        prime=at.who(framework.prime),
        first_day=framework.first_day,
        last_day=framework.last_day,
        state="closed" if framework.closed else state,
        as_of=at.as_of,
        worth=tuple(_worth(at, traced)),
        lines=tuple(
            LineRow(
                row.line, row.description, row.ceiling, _price(framework.line(row.line)),
                _figures(row.totals, made.quantity(made.of_line(row.line)), row.paid),
            )
            for row in traced.lines
        ),
        hubs=tuple(_party(row, row.parts, made.below(row), made, names) for row in traced.hubs),
        makers=tuple(_party(row, 0, made.own(row), made, names) for row in traced.makers),
        promises=tuple(_promises(at)),
        findings=tuple(
            FindingRow(
                one.odd.label, one.odd.severity, one.message, one.figures, one.statements, one.closes
            )
            for one in findings
        ),
        erased=erased,
        charts=tuple(_charts(at, traced, row, made.of_line(row.line), names) for row in traced.lines),
        evidence=evidence,
    )  # fmt: skip


class _Made:
    """The lots of a contract, by whose they are, and what is known of them."""

    def __init__(self, at: Situation) -> None:
        self._paid = paid_of_lots(at)
        self._by_line: defaultdict[str, list[LotFacts]] = defaultdict(list)
        self._below: defaultdict[tuple[PartyId, str], list[LotFacts]] = defaultdict(list)
        self._facts = at.facts
        for one in at.facts.values():
            self._by_line[one.lot.line].append(one)
            for holder in {above.holder for above in up_from(at, one.lot.allocation)}:
                self._below[holder, one.lot.line].append(one)

    def of_line(self, line: str) -> Sequence[LotFacts]:
        return self._by_line.get(line, ())

    def below(self, row: HubTrace) -> Sequence[LotFacts]:
        """Made under what a party holds, by itself or further down."""
        return self._below.get((row.party, row.line), ())

    def own(self, row: MakerTrace) -> Sequence[LotFacts]:
        return [self._facts[lot] for lot in row.lots]

    @staticmethod
    def quantity(lots: Iterable[LotFacts]) -> Decimal:
        return total(one.lot.made for one in lots)

    def paid(self, lots: Iterable[LotFacts]) -> Decimal | None:
        """None where payments do not say it of one of them."""
        paid = [self._paid[one.lot.id] for one in lots]
        known = [one for one in paid if one is not None]
        return total(known) if len(known) == len(paid) else None


def _party(
    row: HubTrace | MakerTrace,
    makers: int,
    lots: Sequence[LotFacts],
    made: _Made,
    names: Mapping[PartyId, str],
) -> PartyRow:
    return PartyRow(
        party=row.party,
        name=names[row.party],
        via=", ".join(names[one] for one in row.via),
        line=row.line,
        makers=makers,
        lots=len(lots),
        figures=_figures(row.totals, made.quantity(lots), made.paid(lots)),
    )


def _figures(totals: Totals, made: Decimal, paid: Decimal | None) -> Figures:
    return Figures(
        unit=totals.unit,
        ordered=totals.ordered,
        allotted=totals.allotted,
        made=made,
        signed_off=totals.signed_off,
        dispatched=totals.dispatched,
        received=totals.received,
        damaged=totals.damaged,
        accepted=totals.accepted,
        rejected=totals.rejected,
        paid=paid,
        open=totals.open,
    )


def _price(line: FrameworkLine | None) -> str:
    if line is None or line.price is None:
        return ""
    return str(line.price.money) if line.price.money else "price confidential"


def _worth(at: Situation, traced: ContractTrace) -> Iterator[tuple[str, Money]]:
    """What is ordered, accepted and paid, in each currency of which all is in the clear."""
    for what, worths in (
        ("Ordered", [row.totals.worth for row in traced.lines]),
        ("Accepted", [row.accepted_worth for row in traced.lines]),
    ):
        if all(worth is not None for worth in worths):
            yield from ((what, money) for money in _summed(one for worth in worths for one in worth or ()))
    paid = [payment.amount.money for payment in at.payments.values()]
    if all(money is not None for money in paid):
        yield from (("Paid", money) for money in _summed(money for money in paid if money is not None))


def _summed(amounts: Iterable[Money]) -> Iterator[Money]:
    sums = totals((one.currency, one.amount) for one in amounts)
    yield from (Money(amount, currency) for currency, amount in sorted(sums.items()))


def _promises(at: Situation) -> Iterator[PromiseRow]:
    """Call-offs and accepted changes, by day."""
    rows = []
    for calloff in at.calloffs.values():
        shares = ", ".join(f"{Quantity(one.quantity, one.unit)} of line {one.line}" for one in calloff.lines)
        state = f"{'accepted' if calloff.accepted else 'open'}, due {calloff.due}"
        if calloff.cancelled:
            state += ", partly cancelled" if any(one.quantity for one in calloff.lines) else ", cancelled"
        what = f"call-off {calloff.reference} for {at.who(calloff.consignee)}: {shares}"
        rows.append(PromiseRow(calloff.id, what, calloff.issued, state))
    for change in at.changes.values():
        if change.terms is not None:
            what = f"amendment, effective {change.terms.effective}: {change.reason}"
            day = change.terms.effective
        else:
            what, day = f"closing: {change.reason}", at.framework.last_day
        rows.append(PromiseRow(change.id, what, day, "accepted" if change.accepted else "offered"))
    yield from sorted(rows, key=lambda row: (row.day, row.statement))


def _charts(
    at: Situation,
    traced: ContractTrace,
    row: LineTrace,
    facts: Sequence[LotFacts],
    names: Mapping[PartyId, str],
) -> LineCharts:
    issued = {calloff.id: calloff.issued for calloff in at.calloffs.values()}
    nodes, edges = flow_of(at, row.line, facts)
    return LineCharts(
        line=row.line,
        description=row.description,
        unit=row.totals.unit,
        progress=progress_of(
            (
                (calloff.issued, share.quantity)
                for calloff in at.calloffs.values()
                for share in calloff.lines
                if share.line == row.line
            ),
            facts,
        ),
        due=tuple(
            (calloff.due, f"{calloff.reference} due")
            for calloff in at.calloffs.values()
            if calloff.line(row.line) is not None
        ),
        shares=tuple(_shares(traced, row.line, names)),
        lead_times=tuple(sorted((one.lot.signed_off - issued[one.lot.calloff]).days for one in facts)),
        nodes=tuple(nodes),
        edges=tuple(edges),
    )


def _shares(traced: ContractTrace, line: str, names: Mapping[PartyId, str]) -> Iterator[Bar]:
    makers = [row for row in traced.makers if row.line == line and row.totals.signed_off]
    makers.sort(key=lambda row: (-row.totals.signed_off, names[row.party]))
    whole = total(row.totals.signed_off for row in makers)
    shown, others = makers[:_BARS], makers[_BARS:]
    bars = [(names[row.party], row.totals.signed_off) for row in shown]
    if others:
        bars.append((f"{len(others):,} others together", total(row.totals.signed_off for row in others)))
    for label, value in bars:
        yield Bar(label, value, f"{format_decimal(value, ',')} ({value / whole:.1%})")
