"""Findings on what the buyer accepts and pays for (F25, F26, F36)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger.rules.catalogue import Odd
from ledger.rules.findings.finding import Finding, figures, goods_of, listed, lot_of
from ledger.rules.records import Decision, Receipt
from ledger.rules.situation import Situation, by_line
from ledger.rules.sums import ZERO, totals
from ledger.units import Money, Quantity, StatementId

_DECIDE_AGAIN: Final = "have the receiver record what is missing, or take a decision back and decide again"
_PAY_BACK: Final = (
    "accept what was paid for, or have the payer take the rest back and replace the payment by what is so"
)


def accepted_beyond_received(at: Situation) -> Iterator[Finding]:
    """F25. No more of a lot is accepted than its consignee received in good order; so too, per line of a call-off,
    of goods whose maker is not known."""
    for facts in at.facts.values():
        lot, good = facts.lot, facts.delivered.good
        if facts.accepted > good:
            yield Finding(
                Odd.ACCEPTED_BEYOND_RECEIVED,
                f"{lot_of(at, lot)}: {lot.quantity(facts.accepted)} accepted, {lot.quantity(good)} received in "
                "good order",
                (lot.id, *(decision.id for decision, _ in facts.decided)),
                _DECIDE_AGAIN,
                figures(lot, received=good, accepted=facts.accepted, over=facts.accepted - good),
            )
    if at.whole:
        yield from _unattributed_beyond_received(at)


def rejected(at: Situation) -> Iterator[Finding]:
    """F26. A decision that rejects something."""
    for decision in at.decisions.values():
        refused = [goods for goods in decision.goods if goods.rejected]
        if not at.whole:
            refused = [goods for goods in refused if goods.lot in at.lots]
        if refused:
            words = [
                f"{Quantity(goods.rejected, goods.unit)} of {goods_of(at, goods.lot, goods.line)}"
                for goods in refused
            ]
            yield Finding(
                Odd.REJECTED,
                f"waybill {_waybill(at, decision)}: {at.who(decision.by)} rejected {listed(words)}: {decision.reason}",
                (decision.id, decision.receipt, *(goods.lot for goods in refused if goods.lot)),
                "replace the goods, or settle; rejected goods are not paid",
                (("rejected", ", ".join(words)),),
            )


def paid_beyond_accepted(at: Situation) -> Iterator[Finding]:
    """F36. Per line no more is paid for than was accepted, and per currency no more than that is worth.

    Money is judged only where every price and every amount is written out.
    """
    if at.whole:
        yield from _quantities_beyond(at)
        yield from _money_beyond(at)


def _unattributed_beyond_received(at: Situation) -> Iterator[Finding]:
    for (calloff, line), accepted in at.accepted_unattributed.items():
        share = at.calloffs[calloff].line(line)
        assert share is not None, "goods without a maker are of a line of their call-off"
        most, told = (
            Quantity(at.unattributed.get((calloff, line), ZERO), share.unit),
            Quantity(accepted, share.unit),
        )
        if told > most:
            yield Finding(
                Odd.ACCEPTED_BEYOND_RECEIVED,
                f"call-off {at.calloffs[calloff].reference}, line {line}, maker unknown: {told} accepted, {most} "
                "received in good order",
                (calloff, *_deciding(at, calloff, line)),
                _DECIDE_AGAIN,
                (("received", str(most)), ("accepted", str(told)), ("over", str(told - most))),
            )


def _quantities_beyond(at: Situation) -> Iterator[Finding]:
    accepted = by_line(at.accepted)
    for line in at.framework.lines:
        paid = Quantity(at.paid.get(line.line, ZERO), line.unit)
        most = Quantity(accepted.get(line.line, ZERO), line.unit)
        if paid > most:
            payments = (one.id for one in at.payments.values() if line.line in {of.line for of in one.lines})
            yield Finding(
                Odd.PAID_BEYOND_ACCEPTED,
                f"line {line.line}: {paid} paid for, {most} accepted",
                (at.framework.id, *payments),
                _PAY_BACK,
                (("accepted", str(most)), ("paid", str(paid)), ("over", str(paid - most))),
            )


def _money_beyond(at: Situation) -> Iterator[Finding]:
    worth = at.worth(at.accepted.items())
    amounts = {one.id: one.amount.money for one in at.payments.values()}
    if worth is None or None in amounts.values():
        return
    due = {money.currency: money.amount for money in worth}
    spent = totals((money.currency, money.amount) for money in amounts.values() if money)
    for currency, amount in sorted(spent.items()):
        most = due.get(currency, ZERO)
        if amount > most:
            payments = (id for id, money in amounts.items() if money and money.currency == currency)
            yield Finding(
                Odd.PAID_BEYOND_ACCEPTED,
                f"{Money(amount, currency)} paid; what was accepted is worth {Money(most, currency)}",
                (at.framework.id, *payments),
                _PAY_BACK,
                (
                    ("worth", str(Money(most, currency))),
                    ("paid", str(Money(amount, currency))),
                    ("over", str(Money(amount - most, currency))),
                ),
            )


def _deciding(at: Situation, calloff: StatementId, line: str) -> Iterator[StatementId]:
    """The decisions on goods of a line without a known maker."""
    for decision in at.decisions.values():
        if at.counted_for(decision) == calloff and (None, line) in {
            (of.lot, of.line) for of in decision.goods
        }:
            yield decision.id


def _waybill(at: Situation, decision: Decision) -> str:
    receipt = at.record(decision.receipt)
    assert isinstance(receipt, Receipt), "a decision's receipt is registered before it"
    return receipt.waybill
