"""One contract, gathered: its records by id, what was told of each lot, and the sums that follow from it.

A situation is the whole contract (`ledger.rules.gathering.situation`) or the part of it that some statements stand
in (`situation_of`); findings and traces read both in the same way. A fact that was taken back is kept apart, under
`taken_back`: it is shown, and does not count. Every sum is made once, in O(records), when it is first asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from ledger.rules.records import (
    Acknowledgement,
    Allocation,
    Calloff,
    Change,
    Correction,
    Decision,
    Delegation,
    Dispatch,
    Dispute,
    Erasure,
    Framework,
    Hold,
    Inspection,
    Kind,
    Lot,
    Payment,
    Price,
    Proxy,
    Recall,
    Receipt,
    Record,
    Specification,
)
from ledger.rules.refusal import who
from ledger.rules.scope import Scope, Upstream, scopes
from ledger.rules.state import View, find
from ledger.rules.sums import Answer, Counted, Decided, LotFacts, Sent, lot_facts, totals
from ledger.rules.terms import latest_terms, terms_on
from ledger.units import EXACT, Money, PartyId, StatementId

T = TypeVar("T")

_ByLot = defaultdict[StatementId | None, list[T]]

LineOf = tuple[StatementId, str]
"""A line of a call-off."""


@dataclass(frozen=True)
class Situation:
    """One contract as findings and traces see it. `as_of` is the day they judge by, or None."""

    view: View
    framework: Framework
    as_of: datetime | None
    receipt_due_days: int
    whole: bool
    """Whether every record of the contract is here; in a part, sums over the contract are not to be had."""
    changes: dict[StatementId, Change] = field(default_factory=dict)
    calloffs: dict[StatementId, Calloff] = field(default_factory=dict)
    allocations: dict[StatementId, Allocation] = field(default_factory=dict)
    delegations: dict[StatementId, Delegation] = field(default_factory=dict)
    proxies: dict[StatementId, Proxy] = field(default_factory=dict)
    """By the statement that was signed for another."""
    lots: dict[StatementId, Lot] = field(default_factory=dict)
    inspections: dict[StatementId, Inspection] = field(default_factory=dict)
    holds: dict[StatementId, Hold] = field(default_factory=dict)
    dispatches: dict[StatementId, Dispatch] = field(default_factory=dict)
    receipts: dict[StatementId, Receipt] = field(default_factory=dict)
    decisions: dict[StatementId, Decision] = field(default_factory=dict)
    payments: dict[StatementId, Payment] = field(default_factory=dict)
    recalls: dict[StatementId, Recall] = field(default_factory=dict)
    acknowledgements: dict[StatementId, Acknowledgement] = field(default_factory=dict)
    disputes: dict[StatementId, Dispute] = field(default_factory=dict)
    corrections: dict[StatementId, Correction] = field(default_factory=dict)
    """By the fact that was taken back."""
    erasures: dict[StatementId, Erasure] = field(default_factory=dict)
    """By the statement of which something was erased."""
    taken_back: dict[StatementId, Record] = field(default_factory=dict)
    """The facts that were taken back, as they were told."""
    upstream: dict[StatementId, Upstream] = field(default_factory=dict)
    """By contract: lots that went into these and are not among them, under this contract or another."""
    _names: dict[PartyId, str] = field(default_factory=dict, repr=False)
    _terms: dict[date, Framework] = field(default_factory=dict, repr=False)
    _prices: dict[LineOf, Price | None] = field(default_factory=dict, repr=False)
    _specifications: dict[StatementId, Specification] = field(default_factory=dict, repr=False)

    # Looking up, each thing once

    def who(self, party: PartyId) -> str:
        """A party as a person knows it."""
        if party not in self._names:
            self._names[party] = who(self.view, party)
        return self._names[party]

    def terms(self, day: date) -> Framework:
        """The contract as its amendments have it on a day."""
        if day not in self._terms:
            self._terms[day] = terms_on(self.framework, day)
        return self._terms[day]

    @cached_property
    def latest_terms(self) -> Framework:
        """The contract with every accepted amendment, whenever it is effective."""
        return latest_terms(self.framework)

    def specification(self, id: StatementId) -> Specification:
        if id not in self._specifications:
            found = find(self.view, "", Kind.SPECIFICATION, id, Specification)
            assert found is not None, "a specification is registered before what names it"
            self._specifications[id] = found
        return self._specifications[id]

    def price(self, calloff: StatementId, line: str) -> Price | None:
        """Of one unit, by the terms on the day the call-off was issued; None where no price was agreed."""
        if (calloff, line) not in self._prices:
            found = self.terms(self.calloffs[calloff].issued).line(line)
            self._prices[calloff, line] = found.price if found else None
        return self._prices[calloff, line]

    def record(self, statement: StatementId) -> Record | None:
        """What is kept under a statement's own id, taken back or not."""
        return self.records.get(statement)

    # Links

    def counted_for(self, decision: Decision) -> StatementId | None:
        """The call-off that goods without a maker are counted for, by the receipt a decision is on."""
        receipt = self.record(decision.receipt)
        return receipt.calloff if isinstance(receipt, Receipt) else None

    @cached_property
    def records(self) -> Mapping[StatementId, Record]:
        """Everything kept under a statement's own id, the contract first; what was taken back included."""
        shelves: tuple[Mapping[StatementId, Record], ...] = (
            {self.framework.id: self.framework}, self.changes, self.calloffs, self.allocations, self.delegations,
            self.lots, self.inspections, self.holds, self.dispatches, self.receipts, self.decisions, self.payments,
            self.recalls, self.acknowledgements, self.disputes, self.taken_back,
        )  # fmt: skip
        return {id: record for shelf in shelves for id, record in shelf.items()}

    @cached_property
    def receipts_of(self) -> Mapping[StatementId, list[Receipt]]:
        """The receipts of each dispatch that has some."""
        found: defaultdict[StatementId, list[Receipt]] = defaultdict(list)
        for receipt in self.receipts.values():
            if receipt.dispatch is not None:
                found[receipt.dispatch].append(receipt)
        return dict(found)

    @cached_property
    def lots_under(self) -> Mapping[StatementId, list[Lot]]:
        """The lots signed off directly under each allocation that has some."""
        found: defaultdict[StatementId, list[Lot]] = defaultdict(list)
        for lot in self.lots.values():
            found[lot.allocation].append(lot)
        return dict(found)

    @cached_property
    def facts(self) -> Mapping[StatementId, LotFacts]:
        """Of each lot, what was told of it and still stands."""
        told = _Told()
        for dispatch in self.dispatches.values():
            for sent in dispatch.goods:
                told.sent[sent.lot].append((dispatch, sent.quantity))
        for receipt in self.receipts.values():
            for counted in receipt.goods:
                told.counted[counted.lot].append((receipt, counted))
        for decision in self.decisions.values():
            for decided in decision.goods:
                told.decided[decided.lot].append((decision, decided))
        for answer in self.acknowledgements.values():
            for located in answer.lots:
                told.answers[located.lot].append((answer, located))
        return {lot.id: told.of(self, lot) for lot in self.lots.values()}

    @cached_property
    def scopes(self) -> tuple[Scope, ...]:
        """Each recall with the lots at hand that it is about; among them those of other contracts, by what went in."""
        return scopes(self.framework.id, self.recalls, self.lots, self.upstream)

    # Sums over the contract

    @cached_property
    def unattributed(self) -> Mapping[LineOf, Decimal]:
        """Per line of a call-off: goods without a known maker that its consignee counted."""
        return totals(
            ((receipt.calloff, goods.line), goods.good)
            for receipt in self.receipts.values()
            if receipt.calloff and receipt.receiver == self.calloffs[receipt.calloff].consignee
            for goods in receipt.goods
            if goods.lot is None
        )

    @cached_property
    def arrived(self) -> Mapping[LineOf, Decimal]:
        """Per line of a call-off: what its consignee counted as good, goods without a maker included."""
        of_lots = (((one.lot.calloff, one.lot.line), one.delivered.good) for one in self.facts.values())
        return totals([*of_lots, *self.unattributed.items()])

    @cached_property
    def accepted_unattributed(self) -> Mapping[LineOf, Decimal]:
        """Per line of a call-off: what was accepted of goods without a known maker."""
        return totals(
            ((calloff, goods.line), goods.accepted)
            for decision in self.decisions.values()
            if (calloff := self.counted_for(decision)) is not None
            for goods in decision.goods
            if goods.lot is None
        )

    @cached_property
    def accepted(self) -> Mapping[LineOf, Decimal]:
        """Per line of a call-off: what was accepted."""
        of_lots = (((one.lot.calloff, one.lot.line), one.accepted) for one in self.facts.values())
        return totals([*of_lots, *self.accepted_unattributed.items()])

    @cached_property
    def rejected(self) -> Mapping[str, Decimal]:
        """Per line of the contract."""
        decided = (goods for decision in self.decisions.values() for goods in decision.goods)
        return totals((goods.line, goods.rejected) for goods in decided)

    @cached_property
    def paid(self) -> Mapping[str, Decimal]:
        """Per line of the contract: the quantity that payments say they are for."""
        return totals((paid.line, paid.quantity) for one in self.payments.values() for paid in one.lines)

    def worth(self, quantities: Iterable[tuple[LineOf, Decimal]]) -> tuple[Money, ...] | None:
        """What quantities of lines of call-offs are worth, by currency; None where a price is not known here."""
        amounts = []
        for (calloff, line), quantity in quantities:
            price = self.price(calloff, line) if quantity else None
            if quantity and (price is None or price.money is None):
                return None
            if price is not None and price.money is not None:
                money = price.money
                amounts.append((money.currency, EXACT.multiply(money.amount, quantity)))
        return tuple(Money(amount, currency) for currency, amount in sorted(totals(amounts).items()))


def by_line(sums: Mapping[LineOf, Decimal]) -> Mapping[str, Decimal]:
    """Sums per line of a call-off, as sums per line of the contract."""
    return totals((line, quantity) for (_, line), quantity in sums.items())


class _Told:
    """What was told, by lot; None for goods of no lot."""

    def __init__(self) -> None:
        self.sent: _ByLot[Sent] = defaultdict(list)
        self.counted: _ByLot[Counted] = defaultdict(list)
        self.decided: _ByLot[Decided] = defaultdict(list)
        self.answers: _ByLot[Answer] = defaultdict(list)

    def of(self, at: Situation, lot: Lot) -> LotFacts:
        return lot_facts(
            lot,
            sent=self.sent.get(lot.id, ()),
            counted=self.counted.get(lot.id, ()),
            decided=self.decided.get(lot.id, ()),
            inspections=_those_of(lot, at.inspections),
            holds=_those_of(lot, at.holds),
            answers=self.answers.get(lot.id, ()),
        )


def _those_of(lot: Lot, records: Mapping[StatementId, T]) -> Sequence[T]:
    """In the order of the log."""
    return [records[one] for one in lot.told if one in records] if records else ()
