"""Records of the contract: its terms, what amendments set, who is a party to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ledger.rules.records.base import Record
from ledger.units import Money, PartyId, StatementId


class Price(Record, frozen=True):
    """Money for one unit, or the digest that commits to it."""

    amount: Decimal | None
    currency: str | None
    commitment: str | None

    @property
    def money(self) -> Money | None:
        """None when it is a commitment."""
        if self.amount is None or self.currency is None:
            return None
        return Money(self.amount, self.currency)


class FrameworkLine(Record, frozen=True):
    line: str
    item: str
    description: str
    unit: str
    ceiling: Decimal | None
    price: Price | None
    specifications: tuple[StatementId, ...]
    """All that were ever in force for it; the last one is."""
    since: date | None
    """The first day on which it may be ordered, of a line that was added."""
    called: Decimal
    """Sum of the call-offs issued, less what was cancelled."""


class CeilingTerm(Record, frozen=True):
    """A ceiling (None: none) set by an amendment."""

    value: Decimal | None


class PriceTerm(Record, frozen=True):
    """A price (None: none) set by an amendment."""

    price: Price | None


class LineTerms(Record, frozen=True):
    """What an amendment sets for one line; None leaves it as it is."""

    line: str
    ceiling: CeilingTerm | None
    price: PriceTerm | None
    specification: StatementId | None


class Terms(Record, frozen=True):
    """What an amendment sets from a day on; None leaves it as it is."""

    effective: date
    last_day: date | None
    tolerance: Decimal | None
    lines: tuple[LineTerms, ...]
    added: tuple[FrameworkLine, ...]


class Framework(Record, frozen=True):
    """A contract as it was signed, and the accepted changes in their order: `ledger.rules.terms` reads the two
    together for a day."""

    id: StatementId
    reference: str
    title: str
    buyer: PartyId
    prime: PartyId
    accepted: StatementId | None
    closed: StatementId | None
    """The accepted `framework.closed`."""
    first_day: date
    last_day: date
    tolerance: Decimal
    released_by: str
    first_sample: bool
    keep_apart: tuple[str, ...]
    confidential: tuple[str, ...]
    inspectors: tuple[PartyId, ...]
    quality: tuple[PartyId, ...]
    payers: tuple[PartyId, ...]
    lines: tuple[FrameworkLine, ...]
    changes: tuple[Terms, ...]

    def line(self, name: str) -> FrameworkLine | None:
        return next((line for line in self.lines if line.line == name), None)


class Change(Record, frozen=True):
    """An amendment, or (terms None) a closing, as offered."""

    id: StatementId
    terms: Terms | None
    was: Terms | None
    """What the amendment says is in force: checked again when it is accepted."""
    reason: str
    accepted: StatementId | None


class Member(Record, frozen=True):
    """A party to a contract, and as what: only they may record facts under it."""

    party: PartyId
    roles: tuple[str, ...]
    since: tuple[StatementId, ...]
    """Role by role, what first made it that: the contract, a call-off, an allocation, a dispatch to it."""
