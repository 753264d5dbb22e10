"""Records of goods: lots, their inspections and holds, what was sent, counted and decided."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from ledger.rules.records.base import Record
from ledger.units import PartyId, Quantity, StatementId


class CheckDone(Record, frozen=True):
    """One check of a sign-off."""

    characteristic: str
    sample: int


class Input(Record, frozen=True):
    """Bought-in material by its item and its supplier's lot."""

    item: str
    lot: str


class Lot(Record, frozen=True):
    id: StatementId
    name: str
    maker: PartyId
    allocation: StatementId
    calloff: StatementId
    consignee: PartyId
    line: str
    unit: str
    made: Decimal
    rejected: Decimal
    released: Decimal
    signed_off: date
    """By the signer's own calendar: the day in the offset it was signed with."""
    due: date
    specification: StatementId | None
    checks: tuple[CheckDone, ...]
    inputs: tuple[StatementId, ...]
    materials: tuple[Input, ...]
    told: tuple[StatementId, ...]
    """The facts and promises that name this lot, in the order of the log."""

    def quantity(self, value: Decimal) -> Quantity:
        return Quantity(value, self.unit)


class LotName(Record, frozen=True):
    """A lot id is used once by a maker, under whatever contract."""

    lot: StatementId


class Inspection(Record, frozen=True):
    id: StatementId
    lot: StatementId
    inspector: PartyId
    at: datetime
    """In UTC, as every time in a record: the encoding keeps the instant, not the offset."""
    sample: int
    critical: int
    major: int
    minor: int
    passed: bool


class Hold(Record, frozen=True):
    id: StatementId
    lot: StatementId
    by: PartyId
    at: datetime
    reason: str
    cleared: StatementId | None
    cleared_at: datetime | None


class Goods(Record, frozen=True):
    """A quantity of one lot, or (lot None) of one line whose maker is not known."""

    lot: StatementId | None
    line: str
    quantity: Decimal
    unit: str


class Dispatch(Record, frozen=True):
    id: StatementId
    waybill: str
    dispatcher: PartyId
    to: PartyId
    at: datetime
    calloff: StatementId | None
    """Which call-off unattributed goods are counted for."""
    goods: tuple[Goods, ...]


class CountedGoods(Record, frozen=True):
    """One line of a receipt; for unattributed goods only `good` is counted."""

    lot: StatementId | None
    line: str
    unit: str
    good: Decimal
    damaged: Decimal
    short: Decimal
    excess: Decimal


class Receipt(Record, frozen=True):
    id: StatementId
    waybill: str
    receiver: PartyId
    dispatch: StatementId | None
    at: datetime
    received: date
    """By the receiver's own calendar."""
    calloff: StatementId | None
    goods: tuple[CountedGoods, ...]


class DecidedGoods(Record, frozen=True):
    """One line of a decision on a receipt."""

    lot: StatementId | None
    line: str
    unit: str
    accepted: Decimal
    rejected: Decimal


class Decision(Record, frozen=True):
    id: StatementId
    receipt: StatementId
    by: PartyId
    at: datetime
    reason: str | None
    goods: tuple[DecidedGoods, ...]
