"""What every record is, and where it is kept."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec


class Kind(StrEnum):
    """The kinds of record, as they are named in keys and in the store."""

    POLICY = "policy"
    PARTY = "party"
    SPECIFICATION = "specification"
    REVISION = "revision"
    FRAMEWORK = "framework"
    CHANGE = "change"
    MEMBER = "member"
    CALLOFF = "calloff"
    ALLOCATION = "allocation"
    DELEGATION = "delegation"
    PROXY = "proxy"
    LOT = "lot"
    LOT_NAME = "lot-name"
    INSPECTION = "inspection"
    HOLD = "hold"
    DISPATCH = "dispatch"
    RECEIPT = "receipt"
    DECISION = "decision"
    PAYMENT = "payment"
    RECALL = "recall"
    ACKNOWLEDGEMENT = "acknowledgement"
    DISPUTE = "dispute"
    CORRECTION = "correction"
    ERASURE = "erasure"


class Key(NamedTuple):
    """Where a record is kept: under its contract ("" for what belongs to no contract), by kind and name."""

    contract: str
    kind: Kind
    name: str


class Record(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Base of all records."""
