"""Records of what follows a delivery: payments, recalls, disputes, corrections, erasures."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ledger.rules.records.base import Record
from ledger.rules.records.framework import Price
from ledger.rules.records.goods import Input
from ledger.units import PartyId, StatementId


class PaidLine(Record, frozen=True):
    line: str
    unit: str
    quantity: Decimal


class Payment(Record, frozen=True):
    id: StatementId
    by: PartyId
    payee: PartyId
    at: datetime
    reference: str
    amount: Price
    lines: tuple[PaidLine, ...]
    decisions: tuple[StatementId, ...]


class Recall(Record, frozen=True):
    id: StatementId
    by: PartyId
    at: datetime
    grade: str
    action: str
    reason: str
    lots: tuple[StatementId, ...]
    materials: tuple[Input, ...]
    specification: StatementId | None
    closed: StatementId | None
    closed_at: datetime | None


class Located(Record, frozen=True):
    lot: StatementId
    located: Decimal
    quarantined: Decimal


class Acknowledgement(Record, frozen=True):
    id: StatementId
    recall: StatementId
    by: PartyId
    at: datetime
    lots: tuple[Located, ...]


class Dispute(Record, frozen=True):
    id: StatementId
    target: StatementId
    by: PartyId
    against: PartyId | None
    claim: str
    wanted: str
    resolved: StatementId | None


class Correction(Record, frozen=True):
    """Kept under the target: a fact that no longer counts."""

    id: StatementId
    target: StatementId
    type: str
    """Of the target."""
    by: PartyId
    reason: str
    replacement: StatementId | None


class Erasure(Record, frozen=True):
    """Kept under the target: all that was recorded as erased of it."""

    target: StatementId
    statements: tuple[StatementId, ...]
    commitments: tuple[str, ...]
    contents: bool
    ground: str
