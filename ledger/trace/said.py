"""Each statement told in one sentence: who said what. So an auditor reads it aloud, and a page shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ledger.rules.records import (
    Acknowledgement,
    Allocation,
    Calloff,
    Change,
    CountedGoods,
    DecidedGoods,
    Decision,
    Delegation,
    Dispatch,
    Dispute,
    Framework,
    Hold,
    Inspection,
    Lot,
    Payment,
    Recall,
    Receipt,
    Record,
    Specification,
)
from ledger.rules.refusal import short_id
from ledger.rules.situation import Situation
from ledger.units import PartyId, Quantity, StatementId

Said = tuple[PartyId, str]
"""Who says it (for whom it was signed, where another signed), and the rest of the sentence."""


def said(at: Situation, record: Record) -> Said:
    """Who says what a record stands for, and the whole sentence."""
    party, words = _SAID[type(record)](at, record)
    return party, f"{at.who(party)} {words}"


def _framework(at: Situation, one: Framework) -> Said:
    return one.buyer, f"signed contract {one.reference} with {at.who(one.prime)}: {one.title}"


def _change(at: Situation, one: Change) -> Said:
    what = f"to amend it from {one.terms.effective} on" if one.terms else "to close it to further call-offs"
    return at.framework.buyer, f"offered {what}: {one.reason}"


def _specification(_at: Situation, one: Specification) -> Said:
    return one.specifier, f"published revision {one.revision} of {one.item}"


def _calloff(at: Situation, one: Calloff) -> Said:
    return at.framework.buyer, (
        f"ordered {_shares(one)} for {at.who(one.consignee)}, call-off {one.reference}, due {one.due}"
    )


def _allocation(at: Situation, one: Allocation) -> Said:
    return one.offered_by, f"allotted {_shares(one)} to {at.who(one.holder)}, due {one.due}"


def _delegation(at: Situation, one: Delegation) -> Said:
    return one.by, f"let {at.who(one.to)} sign {', '.join(one.types)} for it until {one.until}"


def _lot(_at: Situation, one: Lot) -> Said:
    return one.maker, f"signed off lot {one.name}: {one.quantity(one.released)} of line {one.line}"


def _inspection(at: Situation, one: Inspection) -> Said:
    verdict = "passed" if one.passed else "failed"
    return one.inspector, f"inspected {one.sample} of {_goods(at, one.lot)}, which {verdict}"


def _hold(at: Situation, one: Hold) -> Said:
    return one.by, f"held back {_goods(at, one.lot)}: {one.reason}"


def _dispatch(at: Situation, one: Dispatch) -> Said:
    goods = ", ".join(
        f"{Quantity(item.quantity, item.unit)} of {_goods(at, item.lot, item.line)}" for item in one.goods
    )
    return one.dispatcher, f"dispatched {goods} to {at.who(one.to)}, waybill {one.waybill}"


def _receipt(at: Situation, one: Receipt) -> Said:
    return (
        one.receiver,
        f"received {'; '.join(_counted(at, item) for item in one.goods)}, waybill {one.waybill}",
    )


def _decision(at: Situation, one: Decision) -> Said:
    reason = f": {one.reason}" if one.reason else ""
    return one.by, f"decided: {'; '.join(_decided(at, item) for item in one.goods)}{reason}"


def _payment(at: Situation, one: Payment) -> Said:
    lines = ", ".join(f"{Quantity(item.quantity, item.unit)} of line {item.line}" for item in one.lines)
    amount = one.amount.money or "a confidential amount"
    return one.by, f"paid {amount} to {at.who(one.payee)} for {lines}, reference {one.reference}"


def _recall(at: Situation, one: Recall) -> Said:
    goods = [_goods(at, lot) for lot in one.lots]
    goods += [f"all that {item.item}, lot {item.lot}, went into" for item in one.materials]
    if one.specification:
        goods.append(f"all that was made to revision {at.specification(one.specification).revision}")
    return one.by, f"called back {', '.join(goods)} ({one.grade}; {one.action}): {one.reason}"


def _acknowledgement(at: Situation, one: Acknowledgement) -> Said:
    found = ", ".join(f"{_amount(at, item.lot, item.located)} of {_goods(at, item.lot)}" for item in one.lots)
    return one.by, f"found {found} of what was called back"


def _dispute(at: Situation, one: Dispute) -> Said:
    against = f" of {at.who(one.against)}" if one.against else ""
    return one.by, f"disputed {short_id(one.target)}{against}: {one.claim}"


_SAID: Final[Mapping[type[Record], Callable[[Situation, Any], Said]]] = {
    Framework: _framework,
    Change: _change,
    Specification: _specification,
    Calloff: _calloff,
    Allocation: _allocation,
    Delegation: _delegation,
    Lot: _lot,
    Inspection: _inspection,
    Hold: _hold,
    Dispatch: _dispatch,
    Receipt: _receipt,
    Decision: _decision,
    Payment: _payment,
    Recall: _recall,
    Acknowledgement: _acknowledgement,
    Dispute: _dispute,
}


def _shares(offer: Calloff | Allocation) -> str:
    return ", ".join(f"{Quantity(share.quantity, share.unit)} of line {share.line}" for share in offer.lines)


def _goods(at: Situation, lot: StatementId | None, line: str = "") -> str:
    """A lot by its name, where it is at hand; (None) goods of a line without a maker."""
    if lot is None:
        return f"line {line}, maker unknown"
    return f"lot {at.lots[lot].name}" if lot in at.lots else f"lot {short_id(lot)}"


def _amount(at: Situation, lot: StatementId, value: Any) -> str:
    return str(at.lots[lot].quantity(value)) if lot in at.lots else "some"


def _counted(at: Situation, goods: CountedGoods) -> str:
    odd = [
        f"{Quantity(value, goods.unit)} {word}"
        for value, word in ((goods.damaged, "damaged"), (goods.short, "short"), (goods.excess, "in excess"))
        if value
    ]
    what = _goods(at, goods.lot, goods.line)
    return ", ".join([f"{Quantity(goods.good, goods.unit)} of {what} in good order", *odd])


def _decided(at: Situation, goods: DecidedGoods) -> str:
    told = [
        f"{Quantity(value, goods.unit)} {word}"
        for value, word in ((goods.accepted, "accepted"), (goods.rejected, "rejected"))
        if value
    ]
    return f"{', '.join(told)} of {_goods(at, goods.lot, goods.line)}"
