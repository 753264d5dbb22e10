"""What the facts on one lot come to: what was sent, counted and decided of it, and who holds it now.

Facts are kept as told; this is where they are added up, exactly. A fact that was taken back is not among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Final, TypeVar

import msgspec

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
T = TypeVar("T")
F = TypeVar("F", Dispatch, Receipt, Decision, Acknowledgement)


def total(values: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    return reduce(EXACT.add, values, ZERO)


def totals(pairs: Iterable[tuple[K, Decimal]]) -> dict[K, Decimal]:
    """The exact sum by key."""
    sums: dict[K, Decimal] = {}
    for key, value in pairs:
        before = sums.get(key)
        sums[key] = value if before is None else EXACT.add(before, value)
    return sums


def amounts(lots: Iterable[tuple[Lot, Decimal]]) -> str:
    """So much of each of several lots, in all: `300 pieces`, or `300 pieces, 5 kilograms`."""
    by_unit = totals((lot.unit, value) for lot, value in lots)
    return ", ".join(str(Quantity(value, unit)) for unit, value in sorted(by_unit.items())) or "none"


class Value(msgspec.Struct, frozen=True, gc=False):
    """Base of values of which a contract has thousands: quickly made, and free of cycles, so that the collector need
    not visit them."""


class Counts(Value, frozen=True):
    """What one party counted of a lot, on all its receipts."""

    good: Decimal = ZERO
    damaged: Decimal = ZERO
    short: Decimal = ZERO
    excess: Decimal = ZERO

    def plus(self, more: Counts) -> Counts:
        return Counts(
            EXACT.add(self.good, more.good),
            EXACT.add(self.damaged, more.damaged),
            EXACT.add(self.short, more.short),
            EXACT.add(self.excess, more.excess),
        )

    @property
    def arrived(self) -> Decimal:
        """All that is there, in whatever state."""
        return EXACT.add(self.good, self.damaged)

    @property
    def net(self) -> Decimal:
        """Short, less the excess that made it up; negative where more came than was on the waybills."""
        return EXACT.subtract(self.short, self.excess)


_NOTHING: Final = Counts()

Sent = tuple[Dispatch, Decimal]
Counted = tuple[Receipt, CountedGoods]
Decided = tuple[Decision, DecidedGoods]
Answer = tuple[Acknowledgement, Located]


class LotFacts(Value, frozen=True):
    """Everything told of one lot, and what it comes to."""

    lot: Lot
    told_sent: Sequence[Sent]
    told_counted: Sequence[Counted]
    decided: Sequence[Decided]
    inspections: Sequence[Inspection]
    holds: Sequence[Hold]
    answers: Sequence[Answer]
    """What holders of recalled goods found; as all but the first two, in the order of the log."""
    sent_to: Mapping[PartyId, Decimal]
    counts: Mapping[PartyId, Counts]
    """By receiver."""
    accepted: Decimal
    rejected: Decimal

    @property
    def sent(self) -> Sequence[Sent]:
        """In the order of the log; sorted when it is asked for, as most lots have nothing odd to tell of."""
        return in_order(self.lot, self.told_sent)

    @property
    def counted(self) -> Sequence[Counted]:
        """In the order of the log."""
        return in_order(self.lot, self.told_counted)

    @property
    def dispatches(self) -> tuple[StatementId, ...]:
        return tuple(dispatch.id for dispatch, _ in self.sent)

    @property
    def receipts(self) -> tuple[StatementId, ...]:
        return tuple(receipt.id for receipt, _ in self.counted)

    @property
    def sent_by(self) -> Mapping[PartyId, Decimal]:
        return totals((dispatch.dispatcher, quantity) for dispatch, quantity in self.told_sent)

    @property
    def delivered(self) -> Counts:
        """What the consignee counted."""
        return self.counts.get(self.lot.consignee, _NOTHING)

    @property
    def dispatched(self) -> Decimal:
        """What was sent to the consignee."""
        return self.sent_to.get(self.lot.consignee, ZERO)

    def unaccounted(self) -> Iterator[tuple[Dispatch, Decimal]]:
        """What was sent and no receipt of that dispatch says anything of."""
        explained = totals((receipt.dispatch, accounted(goods)) for receipt, goods in self.counted)
        for dispatch, quantity in self.sent:
            left = EXACT.subtract(quantity, explained.get(dispatch.id, ZERO))
            if left > 0:
                yield dispatch, left


def lot_facts(
    lot: Lot,
    *,
    sent: Sequence[Sent] = (),
    counted: Sequence[Counted] = (),
    decided: Sequence[Decided] = (),
    inspections: Sequence[Inspection] = (),
    holds: Sequence[Hold] = (),
    answers: Sequence[Answer] = (),
) -> LotFacts:
    """Add up what was told of a lot, in whatever order."""
    counts: dict[PartyId, Counts] = {}
    for receipt, goods in counted:
        more = Counts(goods.good, goods.damaged, goods.short, goods.excess)
        before = counts.get(receipt.receiver)
        counts[receipt.receiver] = more if before is None else before.plus(more)
    return LotFacts(
        lot=lot,
        told_sent=sent,
        told_counted=counted,
        decided=in_order(lot, decided),
        inspections=inspections,
        holds=holds,
        answers=in_order(lot, answers),
        sent_to=totals([(dispatch.to, quantity) for dispatch, quantity in sent]),
        counts=counts,
        accepted=total([goods.accepted for _, goods in decided]),
        rejected=total([goods.rejected for _, goods in decided]),
    )


def in_order(lot: Lot, told: Sequence[tuple[F, T]]) -> Sequence[tuple[F, T]]:
    """What was told of a lot, in the order of the log."""
    return sorted(told, key=lambda one: lot.told.index(one[0].id)) if len(told) > 1 else told


def accounted(goods: CountedGoods) -> Decimal:
    """How much of a dispatch a line of its receipt explains: good + damaged + short - excess."""
    return EXACT.add(_arrived(goods), EXACT.subtract(goods.short, goods.excess))


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
    known = {dispatch.id for dispatch, _ in facts.sent}
    held = totals(
        [
            (facts.lot.maker, facts.lot.released),
            *((dispatch.dispatcher, -quantity) for dispatch, quantity in facts.sent),
            *((receipt.receiver, _arrived(goods)) for receipt, goods in facts.counted),
        ]
    )
    evident = totals(
        [
            *(found or {}).items(),
            *((one.receiver, _arrived(goods)) for one, goods in facts.counted if one.dispatch not in known),
            *((party, -quantity) for party, quantity in held.items() if quantity < 0),
        ]
    )
    on_the_way = []
    for dispatch, quantity in facts.unaccounted():
        come = min(quantity, evident.get(dispatch.to, ZERO))
        if come:
            evident[dispatch.to] = EXACT.subtract(evident[dispatch.to], come)
        if quantity > come:
            on_the_way.append((dispatch, EXACT.subtract(quantity, come)))
    return Holdings(
        held={party: quantity for party, quantity in held.items() if quantity > 0},
        on_the_way=tuple(on_the_way),
        short=total(max(counts.net, ZERO) for counts in facts.counts.values()),
    )


def _arrived(goods: CountedGoods) -> Decimal:
    return EXACT.add(goods.good, goods.damaged)
