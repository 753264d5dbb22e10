"""What the fold knows: one frozen record per party, contract, call-off, allocation, lot and delivery.

Records are values. A rule never changes one; it returns the new record, and the store or the verifier puts it
in the old one's place. Every record encodes to one byte string (`encode_record`), so two states can be
compared byte for byte. Decimals carry no unit of their own here: the unit stands once, on the line.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from ledger.units import PartyId, Quantity, StatementId


class Kind(StrEnum):
    """The kinds of record, as they are named in keys and in the store."""

    POLICY = "policy"
    PARTY = "party"
    FRAMEWORK = "framework"
    MEMBER = "member"
    CALLOFF = "calloff"
    ALLOCATION = "allocation"
    LOT = "lot"
    LOT_NAME = "lot-name"
    DISPATCH = "dispatch"
    RECEIPT = "receipt"


class Key(NamedTuple):
    """Where a record is kept: under its contract ("" for what belongs to no contract), by kind and name."""

    contract: str
    kind: Kind
    name: str


class Record(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Base of all records."""


class Policy(Record, frozen=True):
    id: StatementId
    operator: PartyId
    origin: str
    agencies: tuple[PartyId, ...]
    statement_bytes: int
    receipt_due_days: int


class Party(Record, frozen=True):
    id: PartyId
    statement: StatementId
    kind: str
    country: str
    name: str | None
    """None when the name is a commitment."""


class FrameworkLine(Record, frozen=True):
    line: str
    item: str
    description: str
    unit: str
    ceiling: Decimal | None
    called: Decimal
    """Sum of the call-offs issued."""


class Framework(Record, frozen=True):
    id: StatementId
    reference: str
    title: str
    buyer: PartyId
    prime: PartyId
    accepted: StatementId | None
    first_day: date
    last_day: date
    tolerance: Decimal
    keep_apart: tuple[str, ...]
    lines: tuple[FrameworkLine, ...]

    def line(self, name: str) -> FrameworkLine | None:
        return next((line for line in self.lines if line.line == name), None)


class Member(Record, frozen=True):
    """A party to a contract, and as what: only they may record facts under it."""

    party: PartyId
    roles: tuple[str, ...]
    since: StatementId
    """What first made it one: the contract, a call-off, an allocation, a dispatch to it."""


class Share(Record, frozen=True):
    """One line of a call-off or an allocation: how much, and how much of it is promised on or made."""

    line: str
    unit: str
    quantity: Decimal
    allotted: Decimal
    """Offered further down from here."""
    released: Decimal
    """Signed off directly under this allocation (always 0 on a call-off)."""

    @property
    def left(self) -> Quantity:
        """What may still be allotted from here; never more than what is neither promised on nor made."""
        return max(self.own - Quantity(self.released, self.unit), Quantity.zero(self.unit))

    @property
    def own(self) -> Quantity:
        """What the holder keeps to make."""
        return Quantity(self.quantity, self.unit) - Quantity(self.allotted, self.unit)


class Calloff(Record, frozen=True):
    id: StatementId
    reference: str
    accepted: StatementId | None
    holder: PartyId
    """The prime, who divides it."""
    consignee: PartyId
    due: date
    lines: tuple[Share, ...]

    def line(self, name: str) -> Share | None:
        return next((line for line in self.lines if line.line == name), None)


class Allocation(Record, frozen=True):
    id: StatementId
    parent: StatementId
    calloff: StatementId
    offered_by: PartyId
    holder: PartyId
    """The named maker, who makes it or divides it."""
    accepted: StatementId | None
    due: date
    lines: tuple[Share, ...]

    def line(self, name: str) -> Share | None:
        return next((line for line in self.lines if line.line == name), None)


class Sent(Record, frozen=True):
    """All that one party dispatched of a lot."""

    party: PartyId
    quantity: Decimal
    to_consignee: Decimal


class Counted(Record, frozen=True):
    """All that one party counted of a lot on arrival."""

    party: PartyId
    good: Decimal
    damaged: Decimal
    short: Decimal
    excess: Decimal


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
    checks: int
    sent: tuple[Sent, ...]
    counted: tuple[Counted, ...]

    def quantity(self, value: Decimal) -> Quantity:
        return Quantity(value, self.unit)

    @property
    def sent_to_consignee(self) -> Decimal:
        return sum((sent.to_consignee for sent in self.sent), Decimal(0))

    def counted_by(self, party: PartyId) -> Counted:
        """What that party counted; all zero when it counted nothing."""
        nothing = Counted(party, *[Decimal(0)] * 4)
        return next((counted for counted in self.counted if counted.party == party), nothing)


class LotName(Record, frozen=True):
    """A lot id is used once by a maker, under whatever contract."""

    lot: StatementId


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
    """In UTC: the encoding keeps the instant, not the offset."""
    calloff: StatementId | None
    """Which call-off unattributed goods are counted for."""
    goods: tuple[Goods, ...]
    receipts: tuple[StatementId, ...]


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
    received: date
    """By the receiver's own calendar."""
    calloff: StatementId | None
    goods: tuple[CountedGoods, ...]


TYPES: Final[dict[Kind, type[Record]]] = {
    Kind.POLICY: Policy,
    Kind.PARTY: Party,
    Kind.FRAMEWORK: Framework,
    Kind.MEMBER: Member,
    Kind.CALLOFF: Calloff,
    Kind.ALLOCATION: Allocation,
    Kind.LOT: Lot,
    Kind.LOT_NAME: LotName,
    Kind.DISPATCH: Dispatch,
    Kind.RECEIPT: Receipt,
}

_ENCODER: Final = msgspec.msgpack.Encoder(decimal_format="string", order="deterministic")
_DECODERS: Final = {kind: msgspec.msgpack.Decoder(cls) for kind, cls in TYPES.items()}


def encode_record(record: Record) -> bytes:
    """The one byte string of a record (MessagePack array, decimals as text)."""
    return _ENCODER.encode(record)


def decode_record(kind: Kind, data: bytes) -> Record:
    """The record of a byte string made by `encode_record`; msgspec's own error on anything else, which a
    store turns into `LogInconsistent`."""
    return _DECODERS[kind].decode(data)
