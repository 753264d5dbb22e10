"""Rules of looking at a lot and holding it back, and what every statement about lots leaves on them.

An inspection is a fact. Holding back and clearing are promises: only who answers for a lot may do so (its maker, an
inspector, whoever allotted it, the buyer), and nobody lifts another's hold but the buyer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

import msgspec

from ledger.events.base import Recorded
from ledger.events.production import BatchCleared, BatchHeld, InspectionRecorded
from ledger.rules.orders import parent_of
from ledger.rules.records import Allocation, Calloff, Framework, Hold, Inspection, Key, Kind, Lot, Record
from ledger.rules.refusal import contract_of, once, one_of, party_to_contract, referred
from ledger.rules.state import Changes, Lookup
from ledger.units import PartyId, StatementId


def inspection_recorded(view: Lookup, recorded: Recorded[InspectionRecorded]) -> Changes:
    """The reference and R21; the verdict is a fact."""
    contract_of(view, recorded)
    body = recorded.event.body
    lot = referred(view, recorded, recorded.event.refs.lot, (Kind.LOT, Lot))
    party_to_contract(view, recorded)
    inspection = Inspection(
        id=recorded.id,
        lot=lot.id,
        inspector=recorded.iss,
        at=recorded.event.occurred_at.astimezone(UTC),
        sample=body.sample,
        critical=body.defects.critical,
        major=body.defects.major,
        minor=body.defects.minor,
        passed=body.verdict == "pass",
    )
    return {Key(recorded.sub, Kind.INSPECTION, recorded.id): inspection, **told(recorded, lot)}


def batch_held(view: Lookup, recorded: Recorded[BatchHeld]) -> Changes:
    """R10: by who answers for the lot."""
    framework = contract_of(view, recorded)
    lot = referred(view, recorded, recorded.event.refs.lot, (Kind.LOT, Lot))
    one_of(view, recorded, tuple(answerable(view, framework, lot)), "who answers for the lot", lot.id)
    hold = Hold(
        id=recorded.id,
        lot=lot.id,
        by=recorded.iss,
        at=recorded.event.occurred_at.astimezone(UTC),
        reason=recorded.event.body.reason,
        cleared=None,
        cleared_at=None,
    )
    return {Key(recorded.sub, Kind.HOLD, recorded.id): hold, **told(recorded, lot)}


def batch_cleared(view: Lookup, recorded: Recorded[BatchCleared]) -> Changes:
    """R10, R25: by who held it, or the buyer, once."""
    framework = contract_of(view, recorded)
    hold = referred(view, recorded, recorded.event.refs.hold, (Kind.HOLD, Hold))
    one_of(view, recorded, (hold.by, framework.buyer), "who held the lot, or the buyer", hold.id)
    once(hold.cleared, "hold", hold.id)
    lot = referred(view, recorded, hold.lot, (Kind.LOT, Lot))
    cleared = msgspec.structs.replace(
        hold, cleared=recorded.id, cleared_at=recorded.event.occurred_at.astimezone(UTC)
    )
    return {Key(recorded.sub, Kind.HOLD, hold.id): cleared, **told(recorded, lot)}


def answerable(view: Lookup, framework: Framework, lot: Lot) -> Iterator[PartyId]:
    """Who answers for a lot: its maker, everyone above it up to the prime, the buyer, the inspectors."""
    yield lot.maker
    promise: Calloff | Allocation | None = _allocation(view, framework, lot)
    while isinstance(promise, Allocation):
        yield promise.offered_by
        promise = parent_of(view, framework.id, promise)
    yield framework.buyer
    yield from framework.inspectors


def told(recorded: Recorded[Any], *lots: Lot) -> dict[Key, Record]:
    """The lots with one more statement that names them."""
    return {
        Key(recorded.sub, Kind.LOT, lot.id): msgspec.structs.replace(lot, told=(*lot.told, recorded.id))
        for lot in lots
    }


def _allocation(view: Lookup, framework: Framework, lot: Lot) -> Allocation:
    allocation = view.get(Key(framework.id, Kind.ALLOCATION, StatementId(lot.allocation)))
    assert isinstance(allocation, Allocation), "a lot's allocation is registered before it"
    return allocation
