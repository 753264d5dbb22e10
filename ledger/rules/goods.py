"""Rules of goods: a sign-off is a promise and stays within its allocation; deliveries are facts.

A dispatch or a receipt is refused only when it says nothing about this contract: an unknown lot, another
unit, a signer who is no party to it. How much was sent and what arrived is recorded as told, and summed up on
the lot; `ledger.rules.findings` says what does not add up.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from decimal import Decimal
from typing import Any

import msgspec

from ledger.events.base import Recorded
from ledger.events.goods import (
    BatchSignedOff,
    DeliveryDispatched,
    DeliveryReceived,
    DispatchedLot,
    ReceivedLot,
    UnattributedGoods,
)
from ledger.rules.catalogue import Rule
from ledger.rules.contract import add_member, in_force, no_line, same_unit
from ledger.rules.records import (
    Allocation,
    Calloff,
    Counted,
    CountedGoods,
    Dispatch,
    Goods,
    Key,
    Kind,
    Lot,
    LotName,
    Member,
    Receipt,
    Record,
    Sent,
    Share,
)
from ledger.rules.refusal import contract_of, only, referred, refuse, short_id, who
from ledger.rules.state import Changes, Lookup, find
from ledger.units import EXACT, PartyId, Quantity, StatementId

_ZERO = Decimal(0)


def batch_signed_off(view: Lookup, recorded: Recorded[BatchSignedOff]) -> Changes:
    """R10, R12, R14, R15, R18, R19, R20: the maker of an accepted allocation releases what it made."""
    framework = contract_of(view, recorded)
    body = recorded.event.body
    allocation = referred(view, recorded, recorded.event.refs.allocation, (Kind.ALLOCATION, Allocation))
    only(view, recorded, allocation.holder, "the maker named in the allocation", allocation.id)
    in_force(allocation.accepted, "allocation", allocation.id)
    share = allocation.line(body.line)
    if share is None:
        raise no_line(body.line, tuple(line.line for line in allocation.lines), allocation.id)
    for quantity in (body.made, body.rejected, body.released):
        same_unit(quantity, share.unit, body.line, allocation.id)
    if body.released > body.made - body.rejected:
        raise refuse(
            Rule.RELEASED_MADE,
            f"lot {body.lot} releases more than was made and not rejected",
            limit=f"{body.made} made less {body.rejected} rejected",
            asked=f"{body.released} released",
            hint="count again; release what passed",
        )
    _within_allocation(share, body.released, framework.tolerance, allocation.id, body.lot)
    name = Key("", Kind.LOT_NAME, f"{recorded.iss} {body.lot}")
    used = view.get(name)
    if isinstance(used, LotName):
        raise refuse(
            Rule.LOT_ONCE,
            f"{who(view, recorded.iss)} has already used the lot id {body.lot}",
            limit="a lot id not used before by this maker",
            rests_on=(used.lot,),
            hint="give the lot a new id; if this is the same lot, it is signed off already",
        )
    calloff = find(view, recorded.sub, Kind.CALLOFF, allocation.calloff, Calloff)
    assert calloff is not None, "an allocation's call-off is registered before it"
    lot = Lot(
        id=recorded.id,
        name=body.lot,
        maker=recorded.iss,
        allocation=allocation.id,
        calloff=calloff.id,
        consignee=calloff.consignee,
        line=body.line,
        unit=share.unit,
        made=body.made.value,
        rejected=body.rejected.value,
        released=body.released.value,
        signed_off=recorded.event.occurred_at.date(),
        due=allocation.due,
        checks=len(body.checks),
        sent=(),
        counted=(),
    )
    released = EXACT.add(share.released, body.released.value)
    drawn = msgspec.structs.replace(share, released=released)
    lines = tuple(drawn if line is share else line for line in allocation.lines)
    return {
        Key(recorded.sub, Kind.ALLOCATION, allocation.id): msgspec.structs.replace(allocation, lines=lines),
        Key(recorded.sub, Kind.LOT, recorded.id): lot,
        name: LotName(recorded.id),
    }


def delivery_dispatched(view: Lookup, recorded: Recorded[DeliveryDispatched]) -> Changes:
    """The references and R21; the quantities are a fact."""
    contract_of(view, recorded)
    refs, body = recorded.event.refs, recorded.event.body
    changes: dict[Key, Record] = {}
    goods: list[Goods] = []
    for item in body.items:
        lot = _lot(view, recorded, item)
        same_unit(item.quantity, lot.unit, lot.line, lot.id)
        goods.append(Goods(lot.id, lot.line, item.quantity.value, lot.unit))
        changes[Key(recorded.sub, Kind.LOT, lot.id)] = _sent(lot, recorded.iss, body.to, item.quantity)
    goods.extend(_unattributed(view, recorded, refs.calloff, body.unattributed))
    _party_to_contract(view, recorded)
    changes[Key(recorded.sub, Kind.DISPATCH, recorded.id)] = Dispatch(
        id=recorded.id,
        waybill=body.waybill,
        dispatcher=recorded.iss,
        to=body.to,
        at=recorded.event.occurred_at.astimezone(UTC),
        calloff=refs.calloff,
        goods=tuple(goods),
        receipts=(),
    )
    add_member(view, changes, recorded, body.to, "receiver")
    return changes


def delivery_received(view: Lookup, recorded: Recorded[DeliveryReceived]) -> Changes:
    """The references and R21; the quantities are a fact."""
    contract_of(view, recorded)
    refs, body = recorded.event.refs, recorded.event.body
    changes: dict[Key, Record] = {}
    if refs.dispatch is not None:
        dispatch = referred(view, recorded, refs.dispatch, (Kind.DISPATCH, Dispatch))
        changes[Key(recorded.sub, Kind.DISPATCH, dispatch.id)] = msgspec.structs.replace(
            dispatch, receipts=(*dispatch.receipts, recorded.id)
        )
    goods: list[CountedGoods] = []
    for item in body.items:
        lot = _lot(view, recorded, item)
        same_unit(item.good, lot.unit, lot.line, lot.id)
        amounts = (item.good.value, item.damaged.value, item.short.value, item.excess.value)
        goods.append(CountedGoods(lot.id, lot.line, lot.unit, *amounts))
        changes[Key(recorded.sub, Kind.LOT, lot.id)] = _counted(lot, recorded.iss, amounts)
    goods.extend(
        CountedGoods(None, one.line, one.unit, one.quantity, _ZERO, _ZERO, _ZERO)
        for one in _unattributed(view, recorded, refs.calloff, body.unattributed)
    )
    _party_to_contract(view, recorded)
    changes[Key(recorded.sub, Kind.RECEIPT, recorded.id)] = Receipt(
        id=recorded.id,
        waybill=body.waybill,
        receiver=recorded.iss,
        dispatch=refs.dispatch,
        received=recorded.event.occurred_at.date(),
        calloff=refs.calloff,
        goods=tuple(goods),
    )
    return changes


def _within_allocation(
    share: Share, released: Quantity, tolerance: Decimal, allocation: StatementId, lot: str
) -> None:
    most = share.own.with_tolerance(tolerance)
    already = Quantity(share.released, share.unit)
    if already + released > most:
        raise refuse(
            Rule.SIGN_OFF_LEFT,
            f"lot {lot} would be signed off beyond the allocation",
            limit=f"{most} in all, {already} already signed off",
            asked=str(released),
            rests_on=(allocation,),
            hint=f"release at most {most - already}, or ask for a further allocation",
        )


def _party_to_contract(view: Lookup, recorded: Recorded[Any]) -> None:
    if find(view, recorded.sub, Kind.MEMBER, recorded.iss, Member) is None:
        raise refuse(
            Rule.PARTY_TO_CONTRACT,
            f"{who(view, recorded.iss)} is no party to contract {short_id(recorded.sub)}",
            limit="its buyer, prime, makers, consignees, and those goods were dispatched to",
            rests_on=(recorded.sub,),
            hint="submit what makes it a party first (an allocation, a call-off, a dispatch to it), or all together",
            retriable=True,
        )


def _lot(view: Lookup, recorded: Recorded[Any], item: DispatchedLot | ReceivedLot) -> Lot:
    return referred(view, recorded, item.lot, (Kind.LOT, Lot))


def _sent(lot: Lot, dispatcher: PartyId, to: PartyId, quantity: Quantity) -> Lot:
    """The lot with one more dispatch summed up under its dispatcher."""
    others = tuple(sent for sent in lot.sent if sent.party != dispatcher)
    before = next((sent for sent in lot.sent if sent.party == dispatcher), Sent(dispatcher, _ZERO, _ZERO))
    arrives = quantity.value if to == lot.consignee else _ZERO
    now = Sent(
        dispatcher,
        EXACT.add(before.quantity, quantity.value),
        EXACT.add(before.to_consignee, arrives),
    )
    return msgspec.structs.replace(lot, sent=(*others, now))


def _counted(lot: Lot, receiver: PartyId, amounts: tuple[Decimal, Decimal, Decimal, Decimal]) -> Lot:
    """The lot with one more count summed up under its receiver."""
    others = tuple(counted for counted in lot.counted if counted.party != receiver)
    before = lot.counted_by(receiver)
    sums = (
        EXACT.add(one, more)
        for one, more in zip((before.good, before.damaged, before.short, before.excess), amounts, strict=True)
    )
    return msgspec.structs.replace(lot, counted=(*others, Counted(receiver, *sums)))


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
