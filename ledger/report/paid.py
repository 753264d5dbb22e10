"""What of each lot is paid for. A payment says it of lines and of decisions, never of lots or makers.

So it is known of a lot only where payments for the decisions on it come to nothing, or to all that they accepted of
the line; in between nobody has said whose goods the money was for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from ledger.rules.situation import Situation
from ledger.rules.sums import ZERO, totals
from ledger.units import EXACT, StatementId

_Paid = dict[tuple[StatementId, str], bool | None]
"""By decision and line: whether it is paid for; None where that is not known."""


def paid_of_lots(at: Situation) -> Mapping[StatementId, Decimal | None]:
    """Of each lot the quantity that is paid for, or None where payments do not say. O(records)."""
    known = _decisions_paid(at)
    paid: dict[StatementId, Decimal | None] = {}
    for one in at.facts.values():
        answers = [
            (goods.accepted, known.get((decision.id, goods.line), False))
            for decision, goods in one.decided
            if goods.accepted
        ]
        settled = totals(("paid", accepted) for accepted, yes in answers if yes).get("paid", ZERO)
        paid[one.lot.id] = None if any(yes is None for _, yes in answers) else settled
    return paid


def _decisions_paid(at: Situation) -> _Paid:
    known: _Paid = {}
    for group in _groups(at):
        decisions = {one for payment in group for one in at.payments[payment].decisions}
        spent = totals((line.line, line.quantity) for one in group for line in at.payments[one].lines)
        accepted = totals(
            (goods.line, goods.accepted)
            for one in decisions
            if one in at.decisions
            for goods in at.decisions[one].goods
        )
        for line, quantity in accepted.items():
            came = EXACT.subtract(spent.get(line, ZERO), quantity)
            told = True if came == 0 else False if line not in spent else None
            known |= {(one, line): told for one in decisions}
    return known


def _groups(at: Situation) -> list[set[StatementId]]:
    """Payments that share a decision, however many others lie between: they can only be judged together."""
    by_decision: defaultdict[StatementId, list[StatementId]] = defaultdict(list)
    for payment in at.payments.values():
        for decision in payment.decisions:
            by_decision[decision].append(payment.id)
    groups, left = [], dict.fromkeys(at.payments)
    while left:
        group: set[StatementId] = set()
        waiting = [next(iter(left))]
        while waiting:
            one = waiting.pop()
            if one in left:
                del left[one]
                group.add(one)
                waiting += [other for of in at.payments[one].decisions for other in by_decision[of]]
        groups.append(group)
    return groups
