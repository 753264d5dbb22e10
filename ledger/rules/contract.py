"""Rules of the contract and its division: who may promise what, and does it add up.

At every level the sum of what is promised further down, and of what is made directly, stays within what was
promised to the holder. Offered counts from the offer, not from its acceptance: two open offers for the last
piece would both be accepted in good faith.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from ledger.events.base import Event, Recorded
from ledger.events.contract import (
    AllocationAccepted,
    AllocationOffered,
    CalloffAccepted,
    CalloffIssued,
    DrawnLine,
    FrameworkAccepted,
    FrameworkSigned,
)
from ledger.rules.catalogue import Rule
from ledger.rules.records import (
    Allocation,
    Calloff,
    Framework,
    FrameworkLine,
    Key,
    Kind,
    Member,
    Policy,
    Record,
    Share,
)
from ledger.rules.refusal import contract_of, only, referred, refuse, short_id, who
from ledger.rules.state import Changes, Lookup, find
from ledger.units import EXACT, PartyId, Quantity, StatementId

_ZERO = Decimal(0)


def framework_signed(view: Lookup, recorded: Recorded[FrameworkSigned]) -> Changes:
    """R09: only an agency named in the log's policy opens a contract."""
    policy = find(view, "", Kind.POLICY, "", Policy)
    assert policy is not None, "entry 0 is checked before any other"
    if recorded.iss not in policy.agencies:
        raise refuse(
            Rule.AGENCY,
            f"{who(view, recorded.iss)} opens a contract",
            limit="one of " + ", ".join(who(view, agency) for agency in policy.agencies),
            rests_on=(policy.id,),
            hint="the log's operator names agencies in log.policy",
        )
    body = recorded.event.body
    framework = Framework(
        id=recorded.id,
        reference=body.reference,
        title=body.title,
        buyer=recorded.iss,
        prime=body.prime,
        accepted=None,
        first_day=body.period.first,
        last_day=body.period.last,
        tolerance=body.tolerance_percent,
        keep_apart=tuple(body.keep_apart),
        lines=tuple(
            FrameworkLine(
                line=line.line,
                item=line.item,
                description=line.description,
                unit=line.unit,
                ceiling=line.ceiling.value if line.ceiling else None,
                called=_ZERO,
            )
            for line in body.lines
        ),
    )
    changes: dict[Key, Record] = {Key(recorded.id, Kind.FRAMEWORK, recorded.id): framework}
    add_member(view, changes, recorded, recorded.iss, "buyer")
    add_member(view, changes, recorded, body.prime, "prime")
    return changes


def framework_accepted(view: Lookup, recorded: Recorded[FrameworkAccepted]) -> Changes:
    """R10, R11: the prime accepts, once."""
    framework = contract_of(view, recorded)
    if recorded.event.refs.framework != framework.id:
        referred(view, recorded, recorded.event.refs.framework, (Kind.FRAMEWORK, Framework))
    only(view, recorded, framework.prime, "the prime named in the contract", framework.id)
    _once(framework.accepted, framework.id)
    accepted = msgspec.structs.replace(framework, accepted=recorded.id)
    return {Key(framework.id, Kind.FRAMEWORK, framework.id): accepted}


def calloff_issued(view: Lookup, recorded: Recorded[CalloffIssued]) -> Changes:
    """R12, R13, R14, R15, R16: the buyer orders within an accepted contract, its period and its ceilings."""
    framework = contract_of(view, recorded)
    body = recorded.event.body
    if recorded.event.refs.framework != framework.id:
        referred(view, recorded, recorded.event.refs.framework, (Kind.FRAMEWORK, Framework))
    only(view, recorded, framework.buyer, "the buyer of the contract", framework.id)
    in_force(framework.accepted, "contract", framework.id)
    day = recorded.event.occurred_at.date()
    if not framework.first_day <= day <= framework.last_day:
        raise refuse(
            Rule.PERIOD,
            f"the call-off is of {day}",
            limit=f"from {framework.first_day} to {framework.last_day}",
            rests_on=(framework.id,),
        )
    lines = {line.line: line for line in framework.lines}
    for drawn in body.lines:
        line = lines.get(drawn.line)
        if line is None:
            raise no_line(drawn.line, tuple(lines), framework.id)
        same_unit(drawn.quantity, line.unit, drawn.line, framework.id)
        called = EXACT.add(line.called, drawn.quantity.value)
        if line.ceiling is not None:
            most = Quantity(line.ceiling, line.unit).with_tolerance(framework.tolerance)
            if called > most.value:
                raise refuse(
                    Rule.CEILING,
                    f"line {drawn.line} would be called off beyond its ceiling",
                    limit=f"{most} in all, {Quantity(line.called, line.unit)} already called off",
                    asked=str(drawn.quantity),
                    rests_on=(framework.id,),
                    hint=f"order at most {most - Quantity(line.called, line.unit)}, or amend the contract",
                )
        lines[drawn.line] = msgspec.structs.replace(line, called=called)
    calloff = Calloff(
        id=recorded.id,
        reference=body.reference,
        accepted=None,
        holder=framework.prime,
        consignee=body.consignee,
        due=body.due,
        lines=_shares(body.lines),
    )
    changes: dict[Key, Record] = {
        Key(framework.id, Kind.FRAMEWORK, framework.id): msgspec.structs.replace(
            framework, lines=tuple(lines.values())
        ),
        Key(framework.id, Kind.CALLOFF, recorded.id): calloff,
    }
    add_member(view, changes, recorded, body.consignee, "consignee")
    return changes


def calloff_accepted(view: Lookup, recorded: Recorded[CalloffAccepted]) -> Changes:
    """R10, R11: the prime accepts the order, once."""
    contract_of(view, recorded)
    calloff = referred(view, recorded, recorded.event.refs.calloff, (Kind.CALLOFF, Calloff))
    only(view, recorded, calloff.holder, "the prime of the contract", calloff.id)
    _once(calloff.accepted, calloff.id)
    accepted = msgspec.structs.replace(calloff, accepted=recorded.id)
    return {Key(recorded.sub, Kind.CALLOFF, calloff.id): accepted}


def allocation_offered(view: Lookup, recorded: Recorded[AllocationOffered]) -> Changes:
    """R10, R12, R14, R15, R17: the holder divides what it holds, and never more than is left of it."""
    contract_of(view, recorded)
    ref, body = recorded.event.refs.parent, recorded.event.body
    parent = referred(view, recorded, ref, (Kind.CALLOFF, Calloff), (Kind.ALLOCATION, Allocation))
    only(view, recorded, parent.holder, "the holder of the parent", parent.id)
    in_force(parent.accepted, "parent", parent.id)
    shares = {share.line: share for share in parent.lines}
    for drawn in body.lines:
        share = shares.get(drawn.line)
        if share is None:
            raise no_line(drawn.line, tuple(shares), parent.id)
        same_unit(drawn.quantity, share.unit, drawn.line, parent.id)
        if drawn.quantity > share.left:
            raise refuse(
                Rule.PARENT_LEFT,
                f"the allocation to {who(view, body.maker)} promises more of line {drawn.line} than is left",
                limit=f"{share.left} left of {Quantity(share.quantity, share.unit)}",
                asked=str(drawn.quantity),
                rests_on=(parent.id,),
                hint=f"offer at most {share.left}" if share.left.value > 0 else "nothing is left to allocate",
            )
        allotted = EXACT.add(share.allotted, drawn.quantity.value)
        shares[drawn.line] = msgspec.structs.replace(share, allotted=allotted)
    kind = Kind.CALLOFF if isinstance(parent, Calloff) else Kind.ALLOCATION
    allocation = Allocation(
        id=recorded.id,
        parent=parent.id,
        calloff=parent.id if isinstance(parent, Calloff) else parent.calloff,
        offered_by=recorded.iss,
        holder=body.maker,
        accepted=None,
        due=body.due,
        lines=_shares(body.lines),
    )
    changes: dict[Key, Record] = {
        Key(recorded.sub, kind, parent.id): msgspec.structs.replace(parent, lines=tuple(shares.values())),
        Key(recorded.sub, Kind.ALLOCATION, recorded.id): allocation,
    }
    add_member(view, changes, recorded, body.maker, "maker")
    return changes


def allocation_accepted(view: Lookup, recorded: Recorded[AllocationAccepted]) -> Changes:
    """R10, R11: the named maker accepts, once."""
    contract_of(view, recorded)
    allocation = referred(view, recorded, recorded.event.refs.allocation, (Kind.ALLOCATION, Allocation))
    only(view, recorded, allocation.holder, "the maker named in the allocation", allocation.id)
    _once(allocation.accepted, allocation.id)
    accepted = msgspec.structs.replace(allocation, accepted=recorded.id)
    return {Key(recorded.sub, Kind.ALLOCATION, allocation.id): accepted}


def add_member(
    view: Lookup, changes: dict[Key, Record], recorded: Recorded[Event], party: PartyId, role: str
) -> None:
    """Write down that by this statement `party` takes part in its contract; parties to it may record facts."""
    key = Key(recorded.contract, Kind.MEMBER, party)
    known = changes.get(key) or view.get(key)
    roles, since = (known.roles, known.since) if isinstance(known, Member) else ((), recorded.id)
    if role not in roles:
        changes[key] = Member(party, (*roles, role), since)


def _shares(lines: tuple[DrawnLine, ...]) -> tuple[Share, ...]:
    return tuple(
        Share(line.line, line.quantity.unit, line.quantity.value, allotted=_ZERO, released=_ZERO)
        for line in lines
    )


def _once(accepted: StatementId | None, offer: StatementId) -> None:
    if accepted is not None:
        raise refuse(
            Rule.ACCEPTED_ONCE,
            f"{short_id(offer)} has already been accepted, by {short_id(accepted)}",
            rests_on=(offer, accepted),
            hint="nothing to do: the first acceptance stands",
        )


def in_force(accepted: StatementId | None, what: str, offer: StatementId) -> None:
    if accepted is None:
        raise refuse(
            Rule.IN_FORCE,
            f"the {what} {short_id(offer)} has not been accepted",
            limit="an accepted " + what,
            rests_on=(offer,),
            hint="have it accepted first, or submit the acceptance together with this",
            retriable=True,
        )


def no_line(line: str, known: tuple[str, ...], rests_on: StatementId) -> Exception:
    return refuse(
        Rule.LINE,
        f"line {line} does not exist there",
        limit="one of " + ", ".join(known),
        rests_on=(rests_on,),
    )


def same_unit(quantity: Quantity, unit: str, line: str, rests_on: StatementId) -> None:
    if quantity.unit != unit:
        raise refuse(
            Rule.UNIT,
            f"line {line} is asked for in {quantity.unit}",
            limit=f"{unit}, the line's unit",
            asked=str(quantity),
            rests_on=(rests_on,),
        )
