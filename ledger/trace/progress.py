"""How a line came along: what was ordered, signed off, dispatched, received and accepted, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger.rules.sums import ZERO, LotFacts, totals
from ledger.units import EXACT


@dataclass(frozen=True, slots=True)
class Series:
    """A running total: on which days it rose, and to what."""

    name: str
    points: tuple[tuple[date, Decimal], ...]


def progress_of(ordered: Iterable[tuple[date, Decimal]], facts: Iterable[LotFacts]) -> tuple[Series, ...]:
    """Running totals of what was ordered, and of the lots made for it. What was sent and counted is that of the last
    leg, to the consignee."""
    rises: dict[str, list[tuple[date, Decimal]]] = {
        name: [] for name in ("ordered", "signed off", "dispatched", "received", "accepted")
    }
    rises["ordered"] += ordered
    for one in facts:
        consignee = one.lot.consignee
        rises["signed off"].append((one.lot.signed_off, one.lot.released))
        rises["dispatched"] += [(sent.at.date(), value) for sent, value in one.sent if sent.to == consignee]
        rises["received"] += [
            (receipt.received, goods.good) for receipt, goods in one.counted if receipt.receiver == consignee
        ]
        rises["accepted"] += [(decision.at.date(), goods.accepted) for decision, goods in one.decided]
    return tuple(Series(name, tuple(_running(rise))) for name, rise in rises.items())


def _running(rises: Iterable[tuple[date, Decimal]]) -> Iterator[tuple[date, Decimal]]:
    sofar = ZERO
    for day, more in sorted(totals(rises).items()):
        sofar = EXACT.add(sofar, more)
        yield day, sofar
