"""Rules of the division: call-offs within the contract, allocations within their parent, and taking back.

At every level the sum of what is promised further down, and of what is made directly, stays within what was
promised to the holder. Offered counts from the offer, not from its acceptance: two open offers for the last
piece would both be accepted in good faith.

Taking back is not stopped by what was promised further down, only by what is signed off: a buyer may cancel what
nobody has made. What was allotted of it stays promised, and shows as overpromised (F30), until it is withdrawn in
turn; and no sign-off goes beyond what any level above it still holds (R18).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from ledger.events.base import Recorded
from ledger.events.orders import (
    AllocationAccepted,
    AllocationOffered,
    AllocationWithdrawn,
    CalloffAccepted,
    CalloffCancelled,
    CalloffIssued,
    DrawnLine,
)
from ledger.limits import DIVISION_DEPTH
from ledger.rules.catalogue import Rule
from ledger.rules.framework import accepted_once, in_force, no_line, not_closed, same_unit, this_contract
from ledger.rules.membership import add_member
from ledger.rules.records import Allocation, Calloff, Framework, Key, Kind, Record, Share
from ledger.rules.refusal import contract_of, only, referred, refuse, short_id, who
from ledger.rules.state import Changes, Lookup
from ledger.rules.terms import most_called, terms_on
from ledger.units import EXACT, Quantity, StatementId

_ZERO = Decimal(0)


def calloff_issued(view: Lookup, recorded: Recorded[CalloffIssued]) -> Changes:
    """R10, R12, R26, R13, R14, R15, R16: the buyer orders within an accepted contract, its period, its ceilings."""
    framework = this_contract(view, recorded, recorded.event.refs.framework)
    body, day = recorded.event.body, recorded.event.occurred_at.date()
    only(view, recorded, framework.buyer, "the buyer of the contract", framework.id)
    in_force(framework.accepted, "contract", framework.id)
    not_closed(framework)
    terms = terms_on(framework, day)
    if not terms.first_day <= day <= terms.last_day:
        raise refuse(
            Rule.PERIOD,
            f"the call-off is of {day}",
            limit=f"from {terms.first_day} to {terms.last_day}",
            rests_on=(framework.id,),
            hint="have the contract's last day amended first"
            if day > terms.last_day
            else "issue the call-off when the contract has begun",
        )
    for drawn in body.lines:
        _within_ceiling(terms, drawn)
    calloff = Calloff(
        id=recorded.id,
        reference=body.reference,
        accepted=None,
        cancelled=(),
        holder=framework.prime,
        consignee=body.consignee,
        issued=day,
        due=body.due,
        lines=_shares(body.lines),
    )
    called = {drawn.line: drawn.quantity.value for drawn in body.lines}
    changes: dict[Key, Record] = {
        Key(framework.id, Kind.FRAMEWORK, framework.id): _called(framework, called),
        Key(framework.id, Kind.CALLOFF, recorded.id): calloff,
    }
    add_member(view, changes, recorded, body.consignee, "consignee")
    return changes


def calloff_accepted(view: Lookup, recorded: Recorded[CalloffAccepted]) -> Changes:
    """R10, R26, R11: the prime accepts the order, once."""
    contract_of(view, recorded)
    calloff = referred(view, recorded, recorded.event.refs.calloff, (Kind.CALLOFF, Calloff))
    only(view, recorded, calloff.holder, "the prime of the contract", calloff.id)
    accepted_once(calloff.accepted, calloff.id)
    _not_taken_back(calloff, "call-off")
    accepted = msgspec.structs.replace(calloff, accepted=recorded.id)
    return {Key(recorded.sub, Kind.CALLOFF, calloff.id): accepted}


def calloff_cancelled(view: Lookup, recorded: Recorded[CalloffCancelled]) -> Changes:
    """R10, R12, R14, R15, R26, R27: the buyer takes back what is not made."""
    framework = contract_of(view, recorded)
    calloff = referred(view, recorded, recorded.event.refs.calloff, (Kind.CALLOFF, Calloff))
    only(view, recorded, framework.buyer, "the buyer of the contract", framework.id)
    taken = _taken_back(calloff, recorded.event.body.lines)
    cancelled = msgspec.structs.replace(
        calloff, cancelled=(*calloff.cancelled, recorded.id), lines=_reduced(calloff.lines, taken)
    )
    back = {line: -quantity for line, quantity in taken.items()}
    return {
        Key(framework.id, Kind.FRAMEWORK, framework.id): _called(framework, back),
        Key(framework.id, Kind.CALLOFF, calloff.id): cancelled,
    }


def allocation_offered(view: Lookup, recorded: Recorded[AllocationOffered]) -> Changes:
    """R10, R26, R12, R33, R14, R15, R17: the holder divides what it holds, and never more than is left of it."""
    contract_of(view, recorded)
    ref, body = recorded.event.refs.parent, recorded.event.body
    parent = referred(view, recorded, ref, (Kind.CALLOFF, Calloff), (Kind.ALLOCATION, Allocation))
    only(view, recorded, parent.holder, "the holder of the parent", parent.id)
    drawn_on(parent, "parent")
    depth = parent.depth + 1 if isinstance(parent, Allocation) else 1
    if depth > DIVISION_DEPTH:
        raise refuse(
            Rule.DEPTH,
            f"the allocation to {who(view, body.maker)} would be the {depth}th below its call-off",
            limit=f"{DIVISION_DEPTH} levels",
            rests_on=(parent.id,),
            hint="have an earlier holder allocate to the maker directly",
        )
    for drawn in body.lines:
        _within_parent(view, parent, drawn, recorded)
    allocation = Allocation(
        id=recorded.id,
        parent=parent.id,
        calloff=parent.calloff if isinstance(parent, Allocation) else parent.id,
        depth=depth,
        offered_by=recorded.iss,
        holder=body.maker,
        accepted=None,
        withdrawn=(),
        due=body.due,
        lines=_shares(body.lines),
        samples=(),
    )
    allotted = {drawn.line: drawn.quantity.value for drawn in body.lines}
    changes: dict[Key, Record] = {
        _key(recorded.sub, parent): _allotted(parent, allotted),
        Key(recorded.sub, Kind.ALLOCATION, recorded.id): allocation,
    }
    add_member(view, changes, recorded, body.maker, "maker")
    return changes


def allocation_accepted(view: Lookup, recorded: Recorded[AllocationAccepted]) -> Changes:
    """R10, R26, R11: the named maker accepts, once."""
    contract_of(view, recorded)
    allocation = referred(view, recorded, recorded.event.refs.allocation, (Kind.ALLOCATION, Allocation))
    only(view, recorded, allocation.holder, "the maker named in the allocation", allocation.id)
    accepted_once(allocation.accepted, allocation.id)
    _not_taken_back(allocation, "allocation")
    accepted = msgspec.structs.replace(allocation, accepted=recorded.id)
    return {Key(recorded.sub, Kind.ALLOCATION, allocation.id): accepted}


def allocation_withdrawn(view: Lookup, recorded: Recorded[AllocationWithdrawn]) -> Changes:
    """R10, R12, R14, R15, R26, R27: whoever offered it takes back what is not made."""
    contract_of(view, recorded)
    allocation = referred(view, recorded, recorded.event.refs.allocation, (Kind.ALLOCATION, Allocation))
    only(view, recorded, allocation.offered_by, "whoever offered the allocation", allocation.id)
    taken = _taken_back(allocation, recorded.event.body.lines)
    parent = parent_of(view, recorded.sub, allocation)
    back = {line: -quantity for line, quantity in taken.items()}
    return {
        _key(recorded.sub, parent): _allotted(parent, back),
        Key(recorded.sub, Kind.ALLOCATION, allocation.id): msgspec.structs.replace(
            allocation,
            withdrawn=(*allocation.withdrawn, recorded.id),
            lines=_reduced(allocation.lines, taken),
        ),
    }


def drawn_on(promise: Calloff | Allocation, what: str) -> None:
    """R26, R12: whether something may be promised or made on it. What was taken back before anybody accepted it never
    will be in force; of what was accepted and taken back nothing is left (R17, R18)."""
    if promise.accepted is None:
        _not_taken_back(promise, what)
    in_force(promise.accepted, what, promise.id)


def taken_back_by(promise: Calloff | Allocation) -> StatementId | None:
    """The latest statement that took some or all of it back."""
    return next(reversed(promise.cancelled if isinstance(promise, Calloff) else promise.withdrawn), None)


def parent_of(view: Lookup, contract: str, allocation: Allocation) -> Calloff | Allocation:
    """What an allocation is a part of. O(1)."""
    kind = Kind.CALLOFF if allocation.parent == allocation.calloff else Kind.ALLOCATION
    parent = view.get(Key(contract, kind, allocation.parent))
    assert isinstance(parent, (Calloff, Allocation)), "an allocation's parent is registered before it"
    return parent


def changed_line(lines: tuple[Share, ...], name: str, **sums: Decimal) -> tuple[Share, ...]:
    """The lines with so much more of one (less, where negative): `allotted`, `released`, `below`, `quantity`."""
    return tuple([_with_more(share, sums) if share.line == name else share for share in lines])


def _with_more(share: Share, sums: Mapping[str, Decimal]) -> Share:
    added = {field: EXACT.add(getattr(share, field), more) for field, more in sums.items()}
    return msgspec.structs.replace(share, **added)


def _key(contract: str, promise: Calloff | Allocation) -> Key:
    return Key(contract, Kind.CALLOFF if isinstance(promise, Calloff) else Kind.ALLOCATION, promise.id)


def _within_ceiling(terms: Framework, drawn: DrawnLine) -> None:
    line = terms.line(drawn.line)
    if line is None:
        raise no_line(drawn.line, tuple(one.line for one in terms.lines), terms.id)
    same_unit(drawn.quantity, line.unit, drawn.line, terms.id)
    most, called = most_called(terms, line), Quantity(line.called, line.unit)
    if most is not None and called + drawn.quantity > most:
        room = max(most - called, Quantity.zero(line.unit))
        raise refuse(
            Rule.CEILING,
            f"line {drawn.line} would be called off beyond its ceiling",
            limit=f"{most} in all, {called} already called off",
            asked=str(drawn.quantity),
            rests_on=(terms.id,),
            hint=f"order at most {room}, or amend the contract",
        )


def _within_parent(
    view: Lookup, parent: Calloff | Allocation, drawn: DrawnLine, recorded: Recorded[AllocationOffered]
) -> None:
    share = parent.line(drawn.line)
    if share is None:
        raise no_line(drawn.line, tuple(one.line for one in parent.lines), parent.id)
    same_unit(drawn.quantity, share.unit, drawn.line, parent.id)
    if drawn.quantity > share.left:
        maker = who(view, recorded.event.body.maker)
        raise refuse(
            Rule.PARENT_LEFT,
            f"the allocation to {maker} promises more of line {drawn.line} than is left",
            limit=f"{share.left} left of {Quantity(share.quantity, share.unit)}",
            asked=str(drawn.quantity),
            rests_on=(parent.id,),
            hint=f"offer at most {share.left}" if share.left.value > 0 else "nothing is left to allocate",
        )


def _not_taken_back(offer: Calloff | Allocation, what: str) -> None:
    taken_back = taken_back_by(offer)
    if taken_back is not None:
        raise refuse(
            Rule.WITHDRAWN,
            f"the {what} {short_id(offer.id)} was taken back by {short_id(taken_back)}",
            limit="an offer that stands",
            rests_on=(offer.id, taken_back),
            hint="ask for a new offer",
        )


def _taken_back(promise: Calloff | Allocation, lines: Iterable[DrawnLine]) -> dict[str, Decimal]:
    """How much of each line is taken back: what was asked, or all that is not signed off."""
    asked = {drawn.line: drawn.quantity for drawn in lines}
    if promise.accepted is None and taken_back_by(promise) is not None:
        raise _nothing_left(promise)
    if asked and promise.accepted is None:
        raise refuse(
            Rule.IN_FORCE,
            f"{short_id(promise.id)} has not been accepted, so no part of it can be taken back",
            limit="all of it, as what is accepted is what was offered",
            rests_on=(promise.id,),
            hint="take it back whole, and offer anew; or submit the acceptance first",
            retriable=True,
        )
    if not asked:
        taken = {share.line: share.not_made.value for share in promise.lines}
        if not any(taken.values()):
            raise _nothing_left(promise)
        return taken
    for line, quantity in asked.items():
        share = promise.line(line)
        if share is None:
            raise no_line(line, tuple(one.line for one in promise.lines), promise.id)
        same_unit(quantity, share.unit, line, promise.id)
        if quantity > share.not_made:
            raise refuse(
                Rule.MADE_ALREADY,
                f"more of line {line} would be taken back than is not made yet",
                limit=f"{share.not_made}: {Quantity(share.quantity, share.unit)} promised, "
                f"{share.signed_off} signed off",
                asked=str(quantity),
                rests_on=(promise.id,),
                hint=f"take back at most {share.not_made}"
                if share.not_made.value
                else "all of it has been made",
            )
    return {line: quantity.value for line, quantity in asked.items()}


def _nothing_left(promise: Calloff | Allocation) -> Exception:
    if promise.accepted is None:
        taken_back = taken_back_by(promise)
        assert taken_back is not None, "an offer nobody accepted has no sign-offs"
        return refuse(
            Rule.WITHDRAWN,
            f"{short_id(promise.id)} was taken back already, by {short_id(taken_back)}",
            rests_on=(promise.id, taken_back),
            hint="nothing to do",
        )
    return refuse(
        Rule.MADE_ALREADY,
        f"nothing of {short_id(promise.id)} is left to take back",
        limit="what is promised and not signed off",
        rests_on=(promise.id,),
        hint="nothing to do: all of it is made, or was taken back before",
    )


def _reduced(lines: tuple[Share, ...], taken: dict[str, Decimal]) -> tuple[Share, ...]:
    for line, quantity in taken.items():
        lines = changed_line(lines, line, quantity=-quantity)
    return lines


def _allotted(parent: Calloff | Allocation, allotted: dict[str, Decimal]) -> Calloff | Allocation:
    lines = parent.lines
    for line, quantity in allotted.items():
        lines = changed_line(lines, line, allotted=quantity)
    return msgspec.structs.replace(parent, lines=lines)


def _called(framework: Framework, quantities: dict[str, Decimal]) -> Framework:
    """The contract with so much more called off of its lines, or, where negative, less."""
    lines = tuple(
        msgspec.structs.replace(line, called=EXACT.add(line.called, quantities.get(line.line, _ZERO)))
        for line in framework.lines
    )
    return msgspec.structs.replace(framework, lines=lines)


def _shares(lines: Iterable[DrawnLine]) -> tuple[Share, ...]:
    return tuple(
        Share(line.line, line.quantity.unit, line.quantity.value, allotted=_ZERO, released=_ZERO, below=_ZERO)
        for line in lines
    )
