"""What a finding is, and the words findings share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ledger.rules.catalogue import Odd, Severity
from ledger.rules.records import Dispatch, Lot, Receipt
from ledger.rules.situation import Situation
from ledger.units import StatementId

_RANKS: Final = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about one contract (or, for a key's chain, about one key)."""

    odd: Odd
    message: str
    statements: tuple[StatementId, ...]
    """Those that show it; what it is about comes first."""
    closes: str
    """What would close it."""
    figures: tuple[tuple[str, str], ...] = ()

    @property
    def order(self) -> tuple[int, str, tuple[StatementId, ...]]:
        """Worst first, then by number, then by statement."""
        return _RANKS[self.odd.severity], self.odd.label, self.statements


Check = Callable[[Situation], Iterator[Finding]]
"""One rule: what it finds in a contract, or in the part of it at hand."""

FACT: Final = "nothing closes it: it is a fact; the contract says what follows from it"
"""How a finding closes that can only be taken note of."""


def lot_of(at: Situation, lot: Lot) -> str:
    return f"lot {lot.name} of {at.who(lot.maker)}"


def goods_of(at: Situation, lot: StatementId | None, line: str) -> str:
    """Goods on a waybill: a lot, or (None) goods of a line without a known maker."""
    return f"lot {at.lots[lot].name}" if lot else f"line {line}, maker unknown"


def at_hand(at: Situation, carrier: Dispatch | Receipt) -> list[Lot]:
    """The lots of a waybill or a receipt that are at hand: all of them, of a whole contract."""
    return [at.lots[goods.lot] for goods in carrier.goods if goods.lot in at.lots]


def figures(lot: Lot, **values: Decimal) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(lot.quantity(value))) for name, value in values.items())


def days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def listed(words: list[str], most: int = 4) -> str:
    """`A1, A2 and 3 more`: what a sentence can hold."""
    more = len(words) - most
    return ", ".join(words[:most]) + (f" and {more} more" if more > 0 else "")
