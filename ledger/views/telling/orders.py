"""Call-offs and allocations told."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.rules.sums import ZERO
from ledger.units import EXACT
from ledger.views.answers.orders import Allocation, Allotted, Calloff, Ordered, Sample
from ledger.views.telling.teller import Teller


def tell_calloffs(teller: Teller) -> Iterator[Calloff]:
    at = teller.at
    for one in at.calloffs.values():
        own = teller.owns(one.id)
        lines = []
        for share in one.lines:
            arrived = at.arrived.get((one.id, share.line), ZERO)
            lines.append(
                Ordered(
                    line=share.line,
                    unit=share.unit,
                    quantity=share.quantity,
                    allotted=share.allotted if own else None,
                    signed_off=share.signed_off.value if own else None,
                    arrived=arrived if own else None,
                    open=EXACT.subtract(share.quantity, arrived) if own else None,
                )
            )
        gone = bool(one.cancelled) and not any(share.quantity for share in one.lines)
        yield Calloff(
            id=one.id,
            index=teller.index(one.id),
            contract=at.framework.id,
            reference=one.reference,
            holder=teller.named(one.holder),
            consignee=teller.named(one.consignee),
            issued=one.issued,
            due=one.due,
            state="cancelled" if gone else "accepted" if one.accepted else "offered",
            accepted=one.accepted,
            lines=tuple(lines),
            late=one.due < teller.today and any(line.open is not None and line.open > 0 for line in lines),
            size=teller.size,
        )


def tell_allocations(teller: Teller) -> Iterator[Allocation]:
    for one in teller.at.allocations.values():
        own = teller.owns(one.id)
        gone = bool(one.withdrawn) and not any(share.quantity for share in one.lines)
        yield Allocation(
            id=one.id,
            index=teller.index(one.id),
            contract=teller.at.framework.id,
            calloff=one.calloff,
            parent=one.parent,
            depth=one.depth,
            offered_by=teller.named(one.offered_by),
            holder=teller.named(one.holder),
            due=one.due,
            state="withdrawn" if gone else "accepted" if one.accepted else "offered",
            accepted=one.accepted,
            lines=tuple(
                Allotted(
                    line=share.line,
                    unit=share.unit,
                    quantity=share.quantity,
                    allotted=share.allotted if own else None,
                    signed_off=share.signed_off.value if own else None,
                    left=EXACT.subtract(share.own.value, share.released) if own else None,
                )
                for share in one.lines
            ),
            samples=tuple(
                Sample(
                    line=sample.line,
                    decision=sample.decision,
                    inspector=teller.named(sample.inspector),
                    conditions=sample.conditions,
                    statement=sample.statement,
                )
                for sample in (one.samples if own else ())
            ),
            late=own and one.due < teller.today and any(share.not_made.value > 0 for share in one.lines),
            size=teller.size,
        )
