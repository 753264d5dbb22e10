"""Findings on goods on their way: sent, received, short, damaged (F01 to F10, F14)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ledger.rules.catalogue import Odd
from ledger.rules.findings.finding import Finding, figures, goods_of, lot_of
from ledger.rules.records import Lot, Receipt
from ledger.rules.situation import Situation
from ledger.rules.sums import ZERO, Counts, accounted, totals
from ledger.units import Quantity


def sent_beyond_released(at: Situation) -> Iterator[Finding]:
    """F01. One dispatcher sends at most what was released, and so do all of them to the consignee."""
    for facts in at.facts.values():
        lot = facts.lot
        most = max([facts.dispatched, *facts.sent_by.values()])
        if most > lot.released:
            yield Finding(
                Odd.SENT_BEYOND_RELEASED,
                f"{lot_of(at, lot)}: {lot.quantity(most)} dispatched, {lot.quantity(lot.released)} released",
                (lot.id, *facts.dispatches),
                "find where the other goods come from; correct the waybill that names the wrong lot",
                figures(lot, released=lot.released, dispatched=most, over=most - lot.released),
            )


def counted_beyond_sent(at: Situation) -> Iterator[Finding]:
    """F02. What is received, less what is declared as excess, was sent to that receiver: a piece counts once."""
    for facts in at.facts.values():
        lot = facts.lot
        for receiver, counts in facts.counts.items():
            sent = facts.sent_to.get(receiver, ZERO)
            arrived = counts.arrived - counts.excess
            if sent > 0 and arrived > sent:
                yield Finding(
                    Odd.COUNTED_BEYOND_SENT,
                    f"lot {lot.name}: {at.who(receiver)} counted {lot.quantity(arrived)}, "
                    f"{lot.quantity(sent)} were dispatched there",
                    (lot.id, *facts.receipts),
                    "correct the receipt that counts the same goods again",
                    figures(lot, dispatched=sent, received=arrived, over=arrived - sent),
                )


def no_dispatch(at: Situation) -> Iterator[Finding]:
    """F03. A receipt that rests on no dispatch, or on one that was taken back."""
    for receipt in at.receipts.values():
        if receipt.dispatch not in at.dispatches:
            goods = "goods whose dispatch was taken back" if receipt.dispatch else "goods nobody dispatched"
            yield Finding(
                Odd.NO_DISPATCH,
                f"waybill {receipt.waybill}: {at.who(receipt.receiver)} received {goods}",
                (receipt.id, *((receipt.dispatch,) if receipt.dispatch else ())),
                "have the dispatcher record the dispatch, and the receiver replace the receipt by one that names it",
            )


def no_receipt(at: Situation) -> Iterator[Finding]:
    """F04. A dispatch without a receipt, when the days of the log's policy are over."""
    if at.as_of is None:
        return
    for dispatch in at.dispatches.values():
        if dispatch.id not in at.receipts_of and at.as_of - dispatch.at > timedelta(days=at.receipt_due_days):
            gone = (at.as_of - dispatch.at).days
            yield Finding(
                Odd.NO_RECEIPT,
                f"waybill {dispatch.waybill} to {at.who(dispatch.to)} left {gone} days ago and has no receipt",
                (dispatch.id,),
                "have the receiver record what arrived",
                (("days", str(gone)), ("allowed", str(at.receipt_due_days))),
            )


def short_and_excess(at: Situation) -> Iterator[Finding]:
    """F05, F06, F07. Excess on one waybill makes up a shortage of the same lot on another."""
    for facts in at.facts.values():
        lot = facts.lot
        for counts in facts.counts.values():
            if counts.short or counts.excess:
                odd, words, closes = _net(lot, counts)
                yield Finding(
                    odd,
                    f"{lot_of(at, lot)}: {words}",
                    (lot.id, *facts.receipts),
                    closes,
                    figures(lot, short=counts.short, excess=counts.excess, net=counts.net),
                )


def damaged(at: Situation) -> Iterator[Finding]:
    """F08. Damage is claimed on the receipt or not at all."""
    for facts in at.facts.values():
        for counts in facts.counts.values():
            if counts.damaged:
                lot = facts.lot
                yield Finding(
                    Odd.DAMAGED,
                    f"{lot_of(at, lot)}: {lot.quantity(counts.damaged)} arrived damaged",
                    (lot.id, *facts.receipts),
                    "replace the damaged goods, or settle the claim",
                    figures(lot, damaged=counts.damaged),
                )


def receipt_sum(at: Situation) -> Iterator[Finding]:
    """F09. Per dispatch and lot: good + damaged + short - excess is what was sent. So too, per line, for goods
    whose maker is not known."""
    for dispatch in at.dispatches.values():
        receipts = at.receipts_of.get(dispatch.id, [])
        sent = totals([((goods.lot, goods.line), goods.quantity) for goods in dispatch.goods])
        told = totals(
            [((goods.lot, goods.line), accounted(goods)) for one in receipts for goods in one.goods]
        )
        if not receipts or sent == told:
            continue
        units = {(goods.lot, goods.line): goods.unit for goods in dispatch.goods}
        units |= {(goods.lot, goods.line): goods.unit for one in receipts for goods in one.goods}
        for (lot, line), unit in units.items():
            left = Quantity(sent.get((lot, line), ZERO), unit)
            came = Quantity(told.get((lot, line), ZERO), unit)
            judged = lot in at.lots if lot else at.whole
            if judged and left != came:
                by = [one.id for one in receipts if (lot, line) in {(of.lot, of.line) for of in one.goods}]
                yield Finding(
                    Odd.RECEIPT_SUM,
                    f"waybill {dispatch.waybill}, {goods_of(at, lot, line)}: {left} dispatched, "
                    f"the receipt accounts for {came}",
                    (dispatch.id, *sorted(by or [one.id for one in receipts])),
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


def maker_unknown(at: Situation) -> Iterator[Finding]:
    """F14. Goods that point to no lot, where they are first told of."""
    told = [
        (one.id, one.waybill, Quantity(goods.quantity, goods.unit))
        for one in at.dispatches.values()
        for goods in one.goods
        if goods.lot is None
    ]
    told += [
        (one.id, one.waybill, Quantity(goods.good, goods.unit))
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
            (("quantity", str(quantity)),),
        )


def _net(lot: Lot, counts: Counts) -> tuple[Odd, str, str]:
    """What a shortage and an excess come to, in words, and what closes it."""
    net = counts.net
    if net > 0:
        return Odd.SHORT, f"{lot.quantity(net)} short", "deliver the rest of the lot, or settle the shortage"
    if net < 0:
        return (
            Odd.EXCESS,
            f"{lot.quantity(-net)} in excess",
            "return the excess, or settle it against another lot",
        )
    words = f"{lot.quantity(counts.short)} short on one waybill, made up on another"
    return Odd.MADE_UP, words, "nothing: it is settled"


def _dispatched_unknown(at: Situation, receipt: Receipt, line: str) -> bool:
    """Whether the receipt's dispatch has already told of goods of the line without a known maker."""
    dispatch = at.dispatches.get(receipt.dispatch) if receipt.dispatch else None
    return dispatch is not None and any(goods.lot is None and goods.line == line for goods in dispatch.goods)
