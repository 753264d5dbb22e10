"""What the facts on one lot come to: what was sent, counted and decided of it, and who holds it now.

Facts are kept as told; this is where they are added up, exactly. A fact that was taken back is not among them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, reduce
from typing import Final, TypeVar

from ledger.rules.records import (
    Acknowledgement,
    CountedGoods,
    DecidedGoods,
    Decision,
    Dispatch,
    Hold,
    Inspection,
    Located,
    Lot,
    Receipt,
)
from ledger.units import EXACT, PartyId, Quantity, StatementId

ZERO: Final = Decimal(0)

K = TypeVar("K")


def total(values: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    return reduce(EXACT.add, values, ZERO)


def totals(pairs: Iterable[tuple[K, Decimal]]) -> defaultdict[K, Decimal]:
    """The exact sum by key; 0 for a key that has none."""
    sums: defaultdict[K, Decimal] = defaultdict(lambda: ZERO)
    for key, value in pairs:
        sums[key] = EXACT.add(sums[key], value)
    return sums


def amounts(lots: Iterable[tuple[Lot, Decimal]]) -> str:
    """So much of each of several lots, in all: `300 pieces`, or `300 pieces, 5 kilograms`."""
    by_unit = totals((lot.unit, value) for lot, value in lots)
    return ", ".join(str(Quantity(value, unit)) for unit, value in sorted(by_unit.items())) or "none"


@dataclass(frozen=True, slots=True)
class Counts:
    """What one party counted of a lot, on all its receipts."""

    good: Decimal = ZERO
    damaged: Decimal = ZERO
    short: Decimal = ZERO
    excess: Decimal = ZERO

    def plus(self, goods: CountedGoods) -> Counts:
        return Counts(
            EXACT.add(self.good, goods.good),
            EXACT.add(self.damaged, goods.damaged),
            EXACT.add(self.short, goods.short),
            EXACT.add(self.excess, goods.excess),
        )

    @property
    def arrived(self) -> Decimal:
        """All that is there, in whatever state."""
        return EXACT.add(self.good, self.damaged)

    @property
    def net(self) -> Decimal:
        """Short, less the excess that made it up; negative where more came than was on the waybills."""
        return EXACT.subtract(self.short, self.excess)


@dataclass(frozen=True)
class LotFacts:
    """Everything told of one lot, in the order of the log, and what it comes to."""

    lot: Lot
    sent: tuple[tuple[Dispatch, Decimal], ...]
    counted: tuple[tuple[Receipt, CountedGoods], ...]
    decided: tuple[tuple[Decision, DecidedGoods], ...]
    inspections: tuple[Inspection, ...]
    holds: tuple[Hold, ...]
    answers: tuple[tuple[Acknowledgement, Located], ...]

    @property
    def dispatches(self) -> tuple[StatementId, ...]:
        return tuple(dispatch.id for dispatch, _ in self.sent)

    @property
    def receipts(self) -> tuple[StatementId, ...]:
        return tuple(receipt.id for receipt, _ in self.counted)

    @cached_property
    def sent_by(self) -> Mapping[PartyId, Decimal]:
        return totals((dispatch.dispatcher, quantity) for dispatch, quantity in self.sent)

    @cached_property
    def sent_to(self) -> Mapping[PartyId, Decimal]:
        return totals((dispatch.to, quantity) for dispatch, quantity in self.sent)

    @cached_property
    def counts(self) -> Mapping[PartyId, Counts]:
        """By receiver."""
        counts: defaultdict[PartyId, Counts] = defaultdict(Counts)
        for receipt, goods in self.counted:
            counts[receipt.receiver] = counts[receipt.receiver].plus(goods)
        return counts

    @property
    def delivered(self) -> Counts:
        """What the consignee counted."""
        return self.counts.get(self.lot.consignee, Counts())

    @property
    def dispatched(self) -> Decimal:
        """What was sent to the consignee."""
        return self.sent_to.get(self.lot.consignee, ZERO)

    @cached_property
    def accepted(self) -> Decimal:
        return total(goods.accepted for _, goods in self.decided)

    @cached_property
    def rejected(self) -> Decimal:
        return total(goods.rejected for _, goods in self.decided)

    def unaccounted(self) -> Iterator[tuple[Dispatch, Decimal]]:
        """What was sent and no receipt of that dispatch says anything of."""
        explained = totals((receipt.dispatch, accounted(goods)) for receipt, goods in self.counted)
        for dispatch, quantity in self.sent:
            left = EXACT.subtract(quantity, explained[dispatch.id])
            if left > 0:
                yield dispatch, left


def accounted(goods: CountedGoods) -> Decimal:
    """How much of a dispatch a line of its receipt explains: good + damaged + short - excess."""
    arrived = EXACT.add(goods.good, goods.damaged)
    return EXACT.add(arrived, EXACT.subtract(goods.short, goods.excess))


@dataclass(frozen=True, slots=True)
class Holdings:
    """Where the released goods of a lot are."""

    held: Mapping[PartyId, Decimal]
    """By who holds some."""
    on_the_way: tuple[tuple[Dispatch, Decimal], ...]
    short: Decimal
    """Sent, and nowhere since: short, net of excess counted by the same receiver."""


def holdings(facts: LotFacts, found: Mapping[PartyId, Decimal] | None = None) -> Holdings:
    """Who holds a lot by what was told of it. `found` is what parties located beyond their papers.

    A maker holds what it released; a dispatch takes away, a receipt brings what arrived, good or damaged. Goods on
    the way to somebody who counted some on no dispatch, sent them on, or found them, have evidently arrived.
    """
    lot, known = facts.lot, {dispatch.id for dispatch, _ in facts.sent}
    held = totals([(lot.maker, lot.released)])
    evident = totals((found or {}).items())
    for dispatch, quantity in facts.sent:
        held[dispatch.dispatcher] = EXACT.subtract(held[dispatch.dispatcher], quantity)
    for receipt, goods in facts.counted:
        arrived = EXACT.add(goods.good, goods.damaged)
        held[receipt.receiver] = EXACT.add(held[receipt.receiver], arrived)
        if receipt.dispatch not in known:
            evident[receipt.receiver] = EXACT.add(evident[receipt.receiver], arrived)
    for party, quantity in held.items():
        evident[party] = EXACT.add(evident[party], max(-quantity, ZERO))
    on_the_way = []
    for dispatch, quantity in facts.unaccounted():
        come = min(quantity, evident[dispatch.to])
        evident[dispatch.to] = EXACT.subtract(evident[dispatch.to], come)
        if quantity > come:
            on_the_way.append((dispatch, EXACT.subtract(quantity, come)))
    return Holdings(
        held={party: quantity for party, quantity in held.items() if quantity > 0},
        on_the_way=tuple(on_the_way),
        short=total(max(counts.net, ZERO) for counts in facts.counts.values()),
    )
