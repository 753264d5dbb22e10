"""Findings on what was promised, and when (F11 to F13, F19, F30)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.rules.catalogue import Odd
from ledger.rules.findings.finding import FACT, Finding, at_hand, days, lot_of
from ledger.rules.records import Allocation, Calloff, Share
from ledger.rules.situation import Situation
from ledger.rules.sums import ZERO
from ledger.units import Quantity, StatementId


def late_sign_off(at: Situation) -> Iterator[Finding]:
    """F11. A lot signed off after its allocation was due, by the signer's own calendar day."""
    for lot in at.lots.values():
        late = (lot.signed_off - lot.due).days
        if late > 0:
            yield Finding(
                Odd.LATE_SIGN_OFF,
                f"{lot_of(at, lot)} ({lot.quantity(lot.released)}) was signed off {days(late)} late",
                (lot.id, lot.allocation),
                FACT,
                (("due", str(lot.due)), ("signed off", str(lot.signed_off)), ("days late", str(late))),
            )


def late_delivery(at: Situation) -> Iterator[Finding]:
    """F12. Goods that reached the call-off's consignee after the call-off was due."""
    earliest = min((calloff.due for calloff in at.calloffs.values()), default=date.max)
    for receipt in at.receipts.values():
        if receipt.received <= earliest:
            continue
        unknown = [receipt.calloff] if receipt.calloff else []
        ordered = [*(lot.calloff for lot in at_hand(at, receipt)), *unknown]
        for calloff in (at.calloffs[one] for one in dict.fromkeys(ordered)):
            late = (receipt.received - calloff.due).days
            if late > 0 and receipt.receiver == calloff.consignee:
                yield Finding(
                    Odd.LATE_DELIVERY,
                    f"waybill {receipt.waybill} arrived {days(late)} after call-off {calloff.reference} was due",
                    (receipt.id, calloff.id),
                    FACT,
                    (
                        ("due", str(calloff.due)),
                        ("arrived", str(receipt.received)),
                        ("days late", str(late)),
                    ),
                )


def overdue(at: Situation) -> Iterator[Finding]:
    """F13. A call-off past its due day of which not all has arrived in good order."""
    if at.as_of is None or not at.whole:
        return
    for calloff in at.calloffs.values():
        if at.as_of.date() <= calloff.due:
            continue
        for share in calloff.lines:
            ordered = Quantity(share.quantity, share.unit)
            open_still = ordered - Quantity(at.arrived.get((calloff.id, share.line), ZERO), share.unit)
            if open_still.value > 0:
                yield Finding(
                    Odd.OVERDUE,
                    f"call-off {calloff.reference}, line {share.line}: {open_still} have not arrived, "
                    f"due {calloff.due}",
                    (calloff.id,),
                    "deliver the rest, or cancel what is not wanted any more",
                    (("ordered", str(ordered)), ("open", str(open_still))),
                )


def within_tolerance(at: Situation) -> Iterator[Finding]:
    """F19. More signed off than the maker's own share, within the contract's tolerance."""
    for allocation in at.allocations.values():
        for share in allocation.lines:
            over = share.released + share.allotted - share.quantity
            if over > 0 and not _overpromised(at, share):
                yield Finding(
                    Odd.WITHIN_TOLERANCE,
                    f"{at.who(allocation.holder)} signed off {Quantity(over, share.unit)} more of line "
                    f"{share.line} than allotted",
                    (allocation.id,),
                    "nothing: the tolerance allows it",
                    (("allotted", str(share.own)), ("signed off", str(Quantity(share.released, share.unit)))),
                )


def overpromised(at: Situation) -> Iterator[Finding]:
    """F30. After something was cancelled or withdrawn, more is promised on from what is left than is there."""
    promises: list[Calloff | Allocation] = [*at.calloffs.values(), *at.allocations.values()]
    for promise in promises:
        for share in promise.lines:
            if _overpromised(at, share):
                left, on = Quantity(share.quantity, share.unit), Quantity(share.allotted, share.unit)
                made = Quantity(share.released, share.unit)
                over = on + made - left
                yield Finding(
                    Odd.OVERPROMISED,
                    f"{_named(at, promise)} is of {left} of line {share.line} now, and {over} more than that are "
                    "promised on or made",
                    _with_taking_back(promise),
                    f"withdraw {over} of the allocations made from it",
                    (
                        ("left", str(left)),
                        ("promised on", str(on)),
                        ("signed off", str(made)),
                        ("over", str(over)),
                    ),
                )


def _named(at: Situation, promise: Calloff | Allocation) -> str:
    if isinstance(promise, Calloff):
        return f"call-off {promise.reference}"
    return f"the allocation to {at.who(promise.holder)}"


def _with_taking_back(promise: Calloff | Allocation) -> tuple[StatementId, ...]:
    taken_back = promise.cancelled if isinstance(promise, Calloff) else promise.withdrawn
    return (promise.id, *taken_back)


def _overpromised(at: Situation, share: Share) -> bool:
    """Whether more is promised on and made than was ever allowed, by whatever tolerance the contract had."""
    if share.released + share.allotted <= share.quantity:
        return False
    if share.own.value < 0:
        return True
    changed = [one.tolerance for one in at.framework.changes if one.tolerance is not None]
    most = share.own.with_tolerance(max([at.framework.tolerance, *changed]))
    return share.released > most.value
