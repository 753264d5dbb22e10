"""A contract told: its lines, its makers and hubs, its findings and recalls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from ledger.rules.catalogue import Severity
from ledger.rules.records import FrameworkLine
from ledger.rules.sums import ZERO, total, totals
from ledger.trace.down import HubTrace, LineTrace, MakerTrace, Totals
from ledger.units import EXACT
from ledger.views.answers.after import Answered, CalledBack, Finding, Located, Recall, Told
from ledger.views.answers.base import Amount, Figures
from ledger.views.answers.contract import Contract, Line, Maker, Severities
from ledger.views.answers.goods import Material
from ledger.views.telling.teller import Order, Teller, money, price, token


def tell_contract(teller: Teller, makers: list[Maker], deliveries: int, statements: int) -> Contract:
    """The contract itself; the others are counted by whoever told them."""
    at, framework = teller.at, teller.at.latest_terms
    traced = {row.line: row for row in teller.traced.lines}
    lines = tuple(_line(teller, line, traced[line.line]) for line in framework.lines)
    found = Counter(one.odd.severity for one in teller.findings)
    agreed = "accepted" if framework.accepted else "offered"
    assert at.as_of is not None, "what is late is told of a day"
    return Contract(
        id=framework.id,
        index=teller.index(framework.id),
        reference=framework.reference,
        title=framework.title,
        buyer=teller.named(framework.buyer),
        prime=teller.named(framework.prime),
        first_day=framework.first_day,
        last_day=framework.last_day,
        state="closed" if framework.closed else agreed,
        lines=lines,
        calloffs=len(at.calloffs),
        makers=len({one.party.id for one in makers if one.role == "maker"}),
        lots=len(at.lots),
        deliveries=deliveries,
        statements=statements,
        findings=Severities(
            critical=found[Severity.CRITICAL], warning=found[Severity.WARNING], note=found[Severity.NOTE]
        ),
        late=any(line.late for line in lines),
        whole=teller.seen.whole,
        as_of=at.as_of,
        size=teller.size,
    )


def _line(teller: Teller, line: FrameworkLine, traced: LineTrace) -> Line:
    at = teller.at
    orders = [one for one in teller.orders if one.line_of[1] == line.line]
    figures = _figures(traced.totals)
    if not teller.seen.whole:
        ordered = total(one.quantity for one in orders)
        left = EXACT.subtract(ordered, traced.totals.received)
        figures = figures.model_copy(update={"ordered": ordered, "allotted": ordered, "open": left})
    due = _next_due(teller, orders)
    return Line(
        line=line.line,
        description=line.description,
        item=line.item,
        unit=line.unit,
        ceiling=line.ceiling,
        price=price(line.price.money) if line.price and line.price.money else None,
        figures=figures,
        paid=traced.paid if teller.seen.whole else None,
        ordered_worth=money(at.worth((one.line_of, one.quantity) for one in orders)),
        accepted_worth=money(traced.accepted_worth),
        due=due,
        late=due is not None and due < teller.today,
    )


def _next_due(teller: Teller, orders: Sequence[Order]) -> date | None:
    """The first day by which something is due that has not arrived; what arrived fills what was due first."""
    left = {one.line_of: teller.at.arrived.get(one.line_of, ZERO) for one in orders}
    for one in sorted(orders, key=lambda order: order.due):
        left[one.line_of] = EXACT.subtract(left[one.line_of], one.quantity)
        if left[one.line_of] < 0:
            return one.due
    return None


def _figures(traced: Totals) -> Figures:
    return Figures(
        ordered=traced.ordered,
        allotted=traced.allotted,
        signed_off=traced.signed_off,
        dispatched=traced.dispatched,
        received=traced.received,
        damaged=traced.damaged,
        accepted=traced.accepted,
        rejected=traced.rejected,
        unattributed=traced.unattributed,
        open=traced.open,
    )


def tell_makers(teller: Teller) -> Iterator[Maker]:
    """Hubs and makers, of a part of a contract those that hold some of it."""
    traced = teller.traced
    holders = {one.holder for one in teller.at.allocations.values() if teller.owns(one.id)}
    rows: tuple[HubTrace | MakerTrace, ...] = (*traced.hubs, *traced.makers)
    for row in rows:
        if row.party in holders:
            yield _maker(teller, row)


def _maker(teller: Teller, row: HubTrace | MakerTrace) -> Maker:
    contract, hub = teller.at.framework.id, isinstance(row, HubTrace)
    role = "hub" if hub else "maker"
    return Maker(
        id=token(contract, role, row.party, row.line),
        contract=contract,
        party=teller.named(row.party),
        role=role,
        via=teller.all_named(row.via),
        line=row.line,
        unit=row.totals.unit,
        parts=row.parts if isinstance(row, HubTrace) else 0,
        lots=len(row.lots) if isinstance(row, MakerTrace) else 0,
        figures=_figures(row.totals),
        rank=f"{EXACT.subtract(_MOST, row.totals.ordered):024.6f}",
        size=teller.size,
    )


_WORST: Final = tuple(Severity)

_MOST: Final = Decimal(10) ** 16
"""More than is ever ordered."""


def tell_findings(teller: Teller) -> Iterator[Finding]:
    """Worst first."""
    contract = teller.at.framework.id
    place, times = teller.index(contract), Counter[str]()
    for one in teller.findings:
        about = token(contract, one.odd.label, *one.statements)
        times[about] += 1
        yield Finding(
            id=token(about, str(times[about])),
            contract=contract,
            label=one.odd.label,
            severity=one.odd.severity.value,
            message=one.message,
            figures=tuple(Told(name=name, value=value) for name, value in one.figures),
            statements=one.statements,
            closes=one.closes,
            rank=f"{_WORST.index(one.odd.severity)}:{one.odd.label}:{place:012}:{about}:{times[about]:04}",
            size=teller.size,
        )


def tell_recalls(teller: Teller) -> Iterator[Recall]:
    """The recalls that were opened under the contract."""
    at = teller.at
    for recall, contract, lots in at.scopes:
        if contract != at.framework.id:
            continue
        answers = [one for one in at.acknowledgements.values() if one.recall == recall.id]
        found = ((one.lot, one.located) for answer in answers for one in answer.lots)
        yield Recall(
            id=recall.id,
            index=teller.index(recall.id),
            contract=contract,
            by=teller.named(recall.by),
            opened_at=recall.at,
            grade=recall.grade,
            action=recall.action,
            reason=recall.reason,
            state="closed" if recall.closed else "open",
            closed=recall.closed,
            closed_at=recall.closed_at,
            lots=tuple(
                CalledBack(
                    lot=lot.id,
                    name=lot.name,
                    maker=teller.named(lot.maker),
                    released=lot.released,
                    unit=lot.unit,
                )
                for lot in lots
            ),
            materials=tuple(Material(item=one.item, lot=one.lot) for one in recall.materials),
            specification=recall.specification,
            called_back=_by_unit((lot.unit, lot.released) for lot in lots),
            located=_by_unit((at.lots[lot].unit, value) for lot, value in found if lot in at.lots),
            answers=tuple(
                Answered(
                    statement=answer.id,
                    by=teller.named(answer.by),
                    at=answer.at,
                    lots=tuple(
                        Located(lot=one.lot, located=one.located, quarantined=one.quarantined)
                        for one in answer.lots
                    ),
                )
                for answer in answers
            ),
            size=teller.size,
        )


def _by_unit(amounts: Iterable[tuple[str, Decimal]]) -> tuple[Amount, ...]:
    return tuple(Amount(value=value, unit=unit) for unit, value in sorted(totals(amounts).items()))
