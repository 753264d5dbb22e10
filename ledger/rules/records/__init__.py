"""What the fold knows: one frozen record per party, contract, call-off, allocation, lot, delivery, and so on.

Records are values. A rule never changes one; it returns the new record, and the store or the verifier puts it
in the old one's place. Every record encodes to one byte string (`encode_record`), so two states can be
compared byte for byte. Decimals carry no unit of their own here: the unit stands once, on the line.

What a promise draws on is summed up in the records, because admission must not sweep. Facts are kept as told and
summed up by `ledger.rules.situation`, so that a corrected one simply no longer counts.
"""

from __future__ import annotations

from typing import Final

import msgspec

from ledger.rules.records.after import (
    Acknowledgement,
    Correction,
    Dispute,
    Erasure,
    Located,
    PaidLine,
    Payment,
    Recall,
)
from ledger.rules.records.base import (
    Key,
    Kind,
    Record,
)
from ledger.rules.records.framework import (
    CeilingTerm,
    Change,
    Framework,
    FrameworkLine,
    LineTerms,
    Member,
    Price,
    PriceTerm,
    Terms,
)
from ledger.rules.records.goods import (
    CheckDone,
    CountedGoods,
    DecidedGoods,
    Decision,
    Dispatch,
    Goods,
    Hold,
    Input,
    Inspection,
    Lot,
    LotName,
    Receipt,
)
from ledger.rules.records.orders import (
    Allocation,
    Calloff,
    Delegation,
    Proxy,
    SampleDecision,
    Share,
)
from ledger.rules.records.parties import (
    Approval,
    Party,
    PartyKey,
    PlannedCheck,
    Policy,
    Revision,
    Specification,
)

__all__ = [
    "TYPES",
    "Acknowledgement",
    "Allocation",
    "Approval",
    "Calloff",
    "CeilingTerm",
    "Change",
    "CheckDone",
    "Correction",
    "CountedGoods",
    "DecidedGoods",
    "Decision",
    "Delegation",
    "Dispatch",
    "Dispute",
    "Erasure",
    "Framework",
    "FrameworkLine",
    "Goods",
    "Hold",
    "Input",
    "Inspection",
    "Key",
    "Kind",
    "LineTerms",
    "Located",
    "Lot",
    "LotName",
    "Member",
    "PaidLine",
    "Party",
    "PartyKey",
    "Payment",
    "PlannedCheck",
    "Policy",
    "Price",
    "PriceTerm",
    "Proxy",
    "Recall",
    "Receipt",
    "Record",
    "Revision",
    "SampleDecision",
    "Share",
    "Specification",
    "Terms",
    "decode_record",
    "encode_record",
]

TYPES: Final[dict[Kind, type[Record]]] = {
    Kind.POLICY: Policy,
    Kind.PARTY: Party,
    Kind.SPECIFICATION: Specification,
    Kind.REVISION: Revision,
    Kind.FRAMEWORK: Framework,
    Kind.CHANGE: Change,
    Kind.MEMBER: Member,
    Kind.CALLOFF: Calloff,
    Kind.ALLOCATION: Allocation,
    Kind.DELEGATION: Delegation,
    Kind.PROXY: Proxy,
    Kind.LOT: Lot,
    Kind.LOT_NAME: LotName,
    Kind.INSPECTION: Inspection,
    Kind.HOLD: Hold,
    Kind.DISPATCH: Dispatch,
    Kind.RECEIPT: Receipt,
    Kind.DECISION: Decision,
    Kind.PAYMENT: Payment,
    Kind.RECALL: Recall,
    Kind.ACKNOWLEDGEMENT: Acknowledgement,
    Kind.DISPUTE: Dispute,
    Kind.CORRECTION: Correction,
    Kind.ERASURE: Erasure,
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
