"""Findings: what is odd or open in recorded facts. One named function a rule; each is pure.

A finding names the statements and figures that show it and what would close it. Findings are not stored:
they are read off the state, so they open and close as the log grows, and a verifier with the same statements
finds the same. What depends on the day takes `as_of` from the caller; without one it is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from ledger.rules.catalogue import Odd
from ledger.rules.records import CountedGoods, Lot, Receipt
from ledger.rules.situation import Situation, arrived_in_good_order, situation
from ledger.rules.state import View
from ledger.units import Quantity, StatementId

_ZERO = Decimal(0)
_SEVERITIES: Final = {"critical": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about one contract (or, for a key's chain, about one key)."""

    odd: Odd
    message: str
    statements: tuple[StatementId, ...]
    closes: str
    """What would close it."""
    figures: tuple[tuple[str, str], ...] = ()

    @property
    def order(self) -> tuple[int, str, tuple[StatementId, ...]]:
        """Worst first, then by number, then by statement."""
        return _SEVERITIES[self.odd.severity], self.odd.label, self.statements


def contract_findings(view: View, contract: StatementId, as_of: datetime | None = None) -> list[Finding]:
    """All findings on one contract, worst first."""
    at = situation(view, contract, as_of)
    return sorted((one for rule in _RULES for one in rule(at)), key=lambda finding: finding.order)


def sent_beyond_released(at: Situation) -> Iterator[Finding]:
    """F01. One dispatcher sends at most what was released, and so do all of them to the consignee."""
    for lot in at.lots.values():
        most = max([lot.sent_to_consignee, *(sent.quantity for sent in lot.sent)], default=_ZERO)
        if most > lot.released:
            yield Finding(
                Odd.SENT_BEYOND_RELEASED,
                f"lot {lot.name} of {at.who(lot.maker)}: {lot.quantity(most)} dispatched, "
                f"{lot.quantity(lot.released)} released",
                (lot.id, *(dispatch.id for dispatch in at.dispatches_of[lot.id])),
                "find where the other goods come from; correct the waybill that names the wrong lot",
                _figures(lot, released=lot.released, dispatched=most, over=most - lot.released),
            )


def counted_beyond_sent(at: Situation) -> Iterator[Finding]:
    """F02. What is received, less what is declared as excess, was sent to that receiver: a piece counts once."""
    for lot in at.lots.values():
        for counted in lot.counted:
            sent = at.sent_to(lot, counted.party)
            arrived = counted.good + counted.damaged - counted.excess
            if sent > 0 and arrived > sent:
                yield Finding(
                    Odd.COUNTED_BEYOND_SENT,
                    f"lot {lot.name}: {at.who(counted.party)} counted {lot.quantity(arrived)}, "
                    f"{lot.quantity(sent)} were dispatched there",
                    (lot.id, *(receipt.id for receipt in at.receipts_of[lot.id])),
                    "withdraw the receipt that counts the same goods again",
                    _figures(lot, dispatched=sent, received=arrived, over=arrived - sent),
                )


def no_dispatch(at: Situation) -> Iterator[Finding]:
    """F03. A receipt that rests on no dispatch."""
    for receipt in at.receipts.values():
        if receipt.dispatch is None:
            yield Finding(
                Odd.NO_DISPATCH,
                f"waybill {receipt.waybill}: {at.who(receipt.receiver)} received goods nobody dispatched",
                (receipt.id,),
                "have the dispatcher record the dispatch",
            )


def no_receipt(at: Situation) -> Iterator[Finding]:
    """F04. A dispatch without a receipt, when the days of the log's policy are over."""
    if at.as_of is None:
        return
    for dispatch in at.dispatches.values():
        if not dispatch.receipts and at.as_of - dispatch.at > timedelta(days=at.receipt_due_days):
            days = (at.as_of - dispatch.at).days
            yield Finding(
                Odd.NO_RECEIPT,
                f"waybill {dispatch.waybill} to {at.who(dispatch.to)} left {days} days ago and has no receipt",
                (dispatch.id,),
                "have the receiver record what arrived",
                (("days", str(days)), ("allowed", str(at.receipt_due_days))),
            )


def short_and_excess(at: Situation) -> Iterator[Finding]:
    """F05, F06, F07. Excess on one waybill makes up a shortage of the same lot on another."""
    for lot in at.lots.values():
        for counted in lot.counted:
            if not counted.short and not counted.excess:
                continue
            net = counted.short - counted.excess
            odd = Odd.SHORT if net > 0 else Odd.EXCESS if net < 0 else Odd.MADE_UP
            words = {
                Odd.SHORT: f"{lot.quantity(net)} short",
                Odd.EXCESS: f"{lot.quantity(-net)} in excess",
                Odd.MADE_UP: f"{lot.quantity(counted.short)} short on one waybill, made up on another",
            }[odd]
            closes = {
                Odd.SHORT: "deliver the rest of the lot, or settle the shortage",
                Odd.EXCESS: "return the excess, or settle it against another lot",
                Odd.MADE_UP: "nothing: it is settled",
            }[odd]
            yield Finding(
                odd,
                f"lot {lot.name} of {at.who(lot.maker)}: {words}",
                (lot.id, *(receipt.id for receipt in at.receipts_of[lot.id])),
                closes,
                _figures(lot, short=counted.short, excess=counted.excess, net=net),
            )


def damaged(at: Situation) -> Iterator[Finding]:
    """F08. Damage is claimed on the receipt or not at all."""
    for lot in at.lots.values():
        for counted in lot.counted:
            if counted.damaged:
                yield Finding(
                    Odd.DAMAGED,
                    f"lot {lot.name} of {at.who(lot.maker)}: {lot.quantity(counted.damaged)} arrived damaged",
                    (lot.id, *(receipt.id for receipt in at.receipts_of[lot.id])),
                    "replace the damaged goods, or settle the claim",
                    _figures(lot, damaged=counted.damaged),
                )


def receipt_sum(at: Situation) -> Iterator[Finding]:
    """F09. Per dispatch and lot: good + damaged + short - excess is what was sent. So too, per line, for goods
    whose maker is not known."""
    for dispatch in at.dispatches.values():
        if not dispatch.receipts:
            continue
        sent: dict[tuple[StatementId | None, str], Quantity] = {}
        for item in dispatch.goods:
            _add(sent, item.lot, item.line, Quantity(item.quantity, item.unit))
        told: dict[tuple[StatementId | None, str], Quantity] = {}
        for receipt in (at.receipts[one] for one in dispatch.receipts if one in at.receipts):
            for goods in receipt.goods:
                _add(told, goods.lot, goods.line, Quantity(_explained(goods), goods.unit))
        for (lot_id, line), some in (sent | told).items():
            nothing = Quantity.zero(some.unit)
            left, came = sent.get((lot_id, line), nothing), told.get((lot_id, line), nothing)
            if left != came:
                what = f"lot {at.lots[lot_id].name}" if lot_id else f"line {line}, maker unknown"
                yield Finding(
                    Odd.RECEIPT_SUM,
                    f"waybill {dispatch.waybill}, {what}: {left} dispatched, the receipt accounts for {came}",
                    (dispatch.id, *dispatch.receipts),
                    "count again and correct the receipt: good + damaged + short - excess = dispatched",
                    (("dispatched", str(left)), ("accounted", str(came))),
                )


def other_receiver(at: Situation) -> Iterator[Finding]:
    """F10. Goods received by another party than the dispatch names."""
    for receipt in at.receipts.values():
        dispatch = at.dispatches.get(receipt.dispatch) if receipt.dispatch else None
        if dispatch is not None and dispatch.to != receipt.receiver:
            yield Finding(
                Odd.OTHER_RECEIVER,
                f"waybill {dispatch.waybill} went to {at.who(dispatch.to)}, received by {at.who(receipt.receiver)}",
                (dispatch.id, receipt.id),
                "have the party on the waybill confirm, or explain the hand-over",
            )


def late_sign_off(at: Situation) -> Iterator[Finding]:
    """F11. A lot signed off after its allocation was due, by the signer's own calendar day."""
    for lot in at.lots.values():
        late = (lot.signed_off - lot.due).days
        if late > 0:
            yield Finding(
                Odd.LATE_SIGN_OFF,
                f"lot {lot.name} of {at.who(lot.maker)} ({lot.quantity(lot.released)}) was signed off "
                f"{late} {_days(late)} late",
                (lot.allocation, lot.id),
                "nothing closes it: it is a fact; the contract says what follows from it",
                (("due", str(lot.due)), ("signed off", str(lot.signed_off)), ("days late", str(late))),
            )


def late_delivery(at: Situation) -> Iterator[Finding]:
    """F12. Goods that reached the call-off's consignee after the call-off was due."""
    for receipt in at.receipts.values():
        ordered = [at.lots[goods.lot].calloff if goods.lot else receipt.calloff for goods in receipt.goods]
        for calloff in (at.calloffs[one] for one in dict.fromkeys(ordered) if one):
            late = (receipt.received - calloff.due).days
            if late > 0 and receipt.receiver == calloff.consignee:
                yield Finding(
                    Odd.LATE_DELIVERY,
                    f"waybill {receipt.waybill} arrived {late} {_days(late)} after call-off "
                    f"{calloff.reference} was due",
                    (calloff.id, receipt.id),
                    "nothing closes it: it is a fact; the contract says what follows from it",
                    (
                        ("due", str(calloff.due)),
                        ("arrived", str(receipt.received)),
                        ("days late", str(late)),
                    ),
                )


def overdue(at: Situation) -> Iterator[Finding]:
    """F13. A call-off past its due day of which not all has arrived in good order."""
    if at.as_of is None:
        return
    arrived = arrived_in_good_order(at)
    for calloff in at.calloffs.values():
        if at.as_of.date() <= calloff.due:
            continue
        for share in calloff.lines:
            open_still = share.quantity - arrived[calloff.id, share.line]
            if open_still > 0:
                yield Finding(
                    Odd.OVERDUE,
                    f"call-off {calloff.reference}, line {share.line}: {Quantity(open_still, share.unit)} "
                    f"have not arrived, due {calloff.due}",
                    (calloff.id,),
                    "deliver the rest, or agree another date",
                    (("ordered", str(Quantity(share.quantity, share.unit))),
                     ("open", str(Quantity(open_still, share.unit)))),
                )  # fmt: skip


def maker_unknown(at: Situation) -> Iterator[Finding]:
    """F14. Goods that point to no lot, where they are first told of."""
    told: list[tuple[StatementId, str, str]] = [
        (one.id, one.waybill, str(Quantity(goods.quantity, goods.unit)))
        for one in at.dispatches.values()
        for goods in one.goods
        if goods.lot is None
    ]
    told += [
        (one.id, one.waybill, str(Quantity(goods.good, goods.unit)))
        for one in at.receipts.values()
        for goods in one.goods
        if goods.lot is None and not _dispatched_unknown(at, one, goods.line)
    ]
    for statement, waybill, quantity in told:
        yield Finding(
            Odd.MAKER_UNKNOWN,
            f"waybill {waybill}: {quantity} without a known maker",
            (statement,),
            "find the maker and sign the lot off, or keep these goods apart",
            (("quantity", quantity),),
        )


def duties_not_apart(at: Situation) -> Iterator[Finding]:
    """F15. Whoever ordered does not receive, where the contract says so."""
    if "ordering and receiving" not in at.framework.keep_apart:
        return
    for receipt in at.receipts.values():
        if receipt.receiver == at.framework.buyer:
            yield Finding(
                Odd.NOT_APART,
                f"waybill {receipt.waybill}: {at.who(receipt.receiver)} ordered the goods and received them",
                (at.framework.id, receipt.id),
                "have somebody else count the goods and record it",
            )


def no_checks(at: Situation) -> Iterator[Finding]:
    """F18. A sign-off that does not say what was checked."""
    for lot in at.lots.values():
        if lot.checks == 0:
            yield Finding(
                Odd.NO_CHECKS,
                f"lot {lot.name} of {at.who(lot.maker)} was released without a recorded check",
                (lot.id,),
                "have the lot inspected",
            )


def within_tolerance(at: Situation) -> Iterator[Finding]:
    """F19. More signed off than the maker's own share, within the contract's tolerance."""
    for allocation in at.allocations.values():
        for share in allocation.lines:
            over = share.released - share.own.value
            if over > 0:
                yield Finding(
                    Odd.WITHIN_TOLERANCE,
                    f"{at.who(allocation.holder)} signed off {Quantity(over, share.unit)} more of line "
                    f"{share.line} than allotted",
                    (allocation.id,),
                    "nothing: the tolerance allows it",
                    (("allotted", str(share.own)), ("signed off", str(Quantity(share.released, share.unit)))),
                )


def _dispatched_unknown(at: Situation, receipt: Receipt, line: str) -> bool:
    """Whether the receipt's dispatch has already told of goods of the line without a known maker."""
    dispatch = at.dispatches.get(receipt.dispatch) if receipt.dispatch else None
    return dispatch is not None and any(goods.lot is None and goods.line == line for goods in dispatch.goods)


def _add(
    sums: dict[tuple[StatementId | None, str], Quantity], lot: StatementId | None, line: str, more: Quantity
) -> None:
    sums[lot, line] = sums.get((lot, line), Quantity.zero(more.unit)) + more


def _explained(goods: CountedGoods) -> Decimal:
    return goods.good + goods.damaged + goods.short - goods.excess


def _figures(lot: Lot, **values: Decimal) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(lot.quantity(value))) for name, value in values.items())


def _days(count: int) -> str:
    return "day" if count == 1 else "days"


_RULES: Final[tuple[Callable[[Situation], Iterator[Finding]], ...]] = (
    sent_beyond_released,
    counted_beyond_sent,
    no_dispatch,
    no_receipt,
    short_and_excess,
    damaged,
    receipt_sum,
    other_receiver,
    late_sign_off,
    late_delivery,
    overdue,
    maker_unknown,
    duties_not_apart,
    no_checks,
    within_tolerance,
)
