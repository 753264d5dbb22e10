"""Records of what is promised under a contract: call-offs, allocations, and who may sign for whom."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ledger.rules.records.base import Record
from ledger.units import PartyId, Quantity, StatementId


class Share(Record, frozen=True):
    """One line of a call-off or an allocation: how much, and how much of it is promised on or made."""

    line: str
    unit: str
    quantity: Decimal
    """What is promised here now: what was offered, less what was taken back."""
    allotted: Decimal
    """Offered further down from here."""
    released: Decimal
    """Signed off directly under this allocation (always 0 on a call-off)."""
    below: Decimal
    """Signed off under what was allotted from here."""

    @property
    def left(self) -> Quantity:
        """What may still be allotted from here; never more than what is neither promised on nor made."""
        return max(self.own - Quantity(self.released, self.unit), Quantity.zero(self.unit))

    @property
    def own(self) -> Quantity:
        """What the holder keeps to make; below zero where more was promised on than is left after a
        cancellation."""
        return Quantity(self.quantity, self.unit) - Quantity(self.allotted, self.unit)

    @property
    def signed_off(self) -> Quantity:
        """All that was signed off here and below: what cannot be taken back any more."""
        return Quantity(self.released, self.unit) + Quantity(self.below, self.unit)

    @property
    def not_made(self) -> Quantity:
        """What may still be taken back."""
        return max(Quantity(self.quantity, self.unit) - self.signed_off, Quantity.zero(self.unit))


def share_of(lines: tuple[Share, ...], name: str) -> Share | None:
    """One line of several. A loop, as it is asked for at every level of every sign-off."""
    for share in lines:
        if share.line == name:
            return share
    return None


class Calloff(Record, frozen=True):
    id: StatementId
    reference: str
    accepted: StatementId | None
    cancelled: tuple[StatementId, ...]
    """The cancellations of some or all of it, in the order of the log."""
    holder: PartyId
    """The prime, who divides it."""
    consignee: PartyId
    issued: date
    due: date
    lines: tuple[Share, ...]

    def line(self, name: str) -> Share | None:
        return share_of(self.lines, name)


class SampleDecision(Record, frozen=True):
    """A decision on a maker's first sample of a line."""

    line: str
    statement: StatementId
    inspector: PartyId
    decision: str
    conditions: str | None


class Allocation(Record, frozen=True):
    id: StatementId
    parent: StatementId
    calloff: StatementId
    depth: int
    """1 for an allocation of the call-off itself."""
    offered_by: PartyId
    holder: PartyId
    """The named maker, who makes it or divides it."""
    accepted: StatementId | None
    withdrawn: tuple[StatementId, ...]
    """The withdrawals of some or all of it, in the order of the log."""
    due: date
    lines: tuple[Share, ...]
    samples: tuple[SampleDecision, ...]
    """All that were decided, in the order of the log."""

    def line(self, name: str) -> Share | None:
        return share_of(self.lines, name)

    def sample(self, line: str) -> SampleDecision | None:
        """The latest decision on the first sample of a line."""
        return next((sample for sample in reversed(self.samples) if sample.line == line), None)


class Delegation(Record, frozen=True):
    """What a party lets another sign for it, and how much of it is used up."""

    id: StatementId
    by: PartyId
    to: PartyId
    types: tuple[str, ...]
    most: Decimal | None
    unit: str | None
    used: Decimal
    until: date
    revoked: StatementId | None


class Proxy(Record, frozen=True):
    """A statement that one party signed for another."""

    statement: StatementId
    type: str
    principal: PartyId
    delegate: PartyId
    delegation: StatementId
    confirmed: StatementId | None
