"""Rules of deliveries: facts, refused only when they say nothing about this contract.

An unknown lot, another unit, a signer who is no party to it: refused. How much was sent, what arrived and what was
accepted is recorded as told; `ledger.rules.situation` sums it up and `ledger.rules.findings` says what does not add
up.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from decimal import Decimal
from typing import Any

from ledger.events.base import Recorded
from ledger.events.delivery import (
    DeliveryDecided,
    DeliveryDispatched,
    DeliveryReceived,
    UnattributedGoods,
)
from ledger.rules.catalogue import Rule
from ledger.rules.framework import no_line, same_unit
from ledger.rules.holding import told
from ledger.rules.membership import add_member
from ledger.rules.records import (
    Calloff,
    CountedGoods,
    DecidedGoods,
    Decision,
    Dispatch,
    Goods,
    Key,
    Kind,
    Lot,
    Receipt,
    Record,
)
from ledger.rules.refusal import contract_of, one_of, party_to_contract, referred, refuse
from ledger.rules.state import Changes, Lookup
from ledger.units import StatementId

_ZERO = Decimal(0)


def delivery_dispatched(view: Lookup, recorded: Recorded[DeliveryDispatched]) -> Changes:
    """The references and R21; the quantities are a fact."""
    contract_of(view, recorded)
    refs, body = recorded.event.refs, recorded.event.body
    lots = _lots(view, recorded, refs.lots)
    goods = []
    for lot, item in zip(lots, body.items, strict=True):
        same_unit(item.quantity, lot.unit, lot.line, lot.id)
        goods.append(Goods(lot.id, lot.line, item.quantity.value, lot.unit))
    goods.extend(_unattributed(view, recorded, refs.calloff, body.unattributed))
    party_to_contract(view, recorded)
    dispatch = Dispatch(
        id=recorded.id,
        waybill=body.waybill,
        dispatcher=recorded.iss,
        to=body.to,
        at=recorded.event.occurred_at.astimezone(UTC),
        calloff=refs.calloff,
        goods=tuple(goods),
    )
    changes: dict[Key, Record] = {
        Key(recorded.sub, Kind.DISPATCH, recorded.id): dispatch,
        **told(recorded, *lots),
    }
    add_member(view, changes, recorded, body.to, "receiver")
    return changes


def delivery_received(view: Lookup, recorded: Recorded[DeliveryReceived]) -> Changes:
    """The references and R21; the quantities are a fact."""
    contract_of(view, recorded)
    refs, body = recorded.event.refs, recorded.event.body
    if refs.dispatch is not None:
        referred(view, recorded, refs.dispatch, (Kind.DISPATCH, Dispatch))
    lots = _lots(view, recorded, refs.lots)
    goods = []
    for lot, item in zip(lots, body.items, strict=True):
        same_unit(item.good, lot.unit, lot.line, lot.id)
        amounts = (item.good.value, item.damaged.value, item.short.value, item.excess.value)
        goods.append(CountedGoods(lot.id, lot.line, lot.unit, *amounts))
    goods.extend(
        CountedGoods(None, one.line, one.unit, one.quantity, _ZERO, _ZERO, _ZERO)
        for one in _unattributed(view, recorded, refs.calloff, body.unattributed)
    )
    party_to_contract(view, recorded)
    receipt = Receipt(
        id=recorded.id,
        waybill=body.waybill,
        receiver=recorded.iss,
        dispatch=refs.dispatch,
        at=recorded.event.occurred_at.astimezone(UTC),
        received=recorded.event.occurred_at.date(),
        calloff=refs.calloff,
        goods=tuple(goods),
    )
    return {Key(recorded.sub, Kind.RECEIPT, recorded.id): receipt, **told(recorded, *lots)}


def delivery_decided(view: Lookup, recorded: Recorded[DeliveryDecided]) -> Changes:
    """The references, R10 and R08: the buyer or its quality decides, on goods that the receipt counts."""
    framework = contract_of(view, recorded)
    refs, body = recorded.event.refs, recorded.event.body
    receipt = referred(view, recorded, refs.receipt, (Kind.RECEIPT, Receipt))
    deciders = framework.quality or (framework.buyer,)
    one_of(view, recorded, deciders, "who decides on quality for the buyer", framework.id)
    lots = _lots(view, recorded, refs.lots)
    goods = []
    for lot, item in zip(lots, body.items, strict=True):
        _on_receipt(receipt, lot, lot.line)
        same_unit(item.accepted, lot.unit, lot.line, lot.id)
        goods.append(DecidedGoods(lot.id, lot.line, lot.unit, item.accepted.value, item.rejected.value))
    for one in body.unattributed:
        counted = _on_receipt(receipt, None, one.line)
        same_unit(one.accepted, counted.unit, one.line, receipt.id)
        goods.append(DecidedGoods(None, one.line, counted.unit, one.accepted.value, one.rejected.value))
    decision = Decision(
        id=recorded.id,
        receipt=receipt.id,
        by=recorded.iss,
        at=recorded.event.occurred_at.astimezone(UTC),
        reason=body.reason,
        goods=tuple(goods),
    )
    return {Key(recorded.sub, Kind.DECISION, recorded.id): decision, **told(recorded, *lots)}


def _lots(view: Lookup, recorded: Recorded[Any], refs: Iterable[StatementId]) -> list[Lot]:
    return [referred(view, recorded, ref, (Kind.LOT, Lot)) for ref in refs]


def _on_receipt(receipt: Receipt, lot: Lot | None, line: str) -> CountedGoods:
    """What a receipt says of a lot (else R08), or of a line's goods without a maker (else R14)."""
    wanted = (lot.id, lot.line) if lot else (None, line)
    found = next((one for one in receipt.goods if (one.lot, one.line) == wanted), None)
    if found is not None:
        return found
    if lot is None:
        raise no_line(line, tuple(one.line for one in receipt.goods if one.lot is None), receipt.id)
    raise refuse(
        Rule.REF_FITS,
        f"lot {lot.name} is not on the receipt of waybill {receipt.waybill}",
        limit="a lot that the receipt counts",
        rests_on=(receipt.id, lot.id),
        hint="decide on the receipt that counts this lot, or leave it out",
    )


def _unattributed(
    view: Lookup, recorded: Recorded[Any], ref: StatementId | None, items: Iterable[UnattributedGoods]
) -> list[Goods]:
    """Goods without a maker, checked against the lines of the call-off they are counted for."""
    if ref is None:
        return []
    calloff = referred(view, recorded, ref, (Kind.CALLOFF, Calloff))
    goods = []
    for item in items:
        share = calloff.line(item.line)
        if share is None:
            raise no_line(item.line, tuple(line.line for line in calloff.lines), calloff.id)
        same_unit(item.quantity, share.unit, item.line, calloff.id)
        goods.append(Goods(None, item.line, item.quantity.value, share.unit))
    return goods
