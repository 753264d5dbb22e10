"""Rules of the contract itself: opened by an agency, accepted by its prime, changed and closed by both together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from ledger.events import framework as events
from ledger.events.base import Event, Recorded
from ledger.events.fields import Commitment
from ledger.events.framework import FrameworkAccepted, FrameworkAmended, FrameworkClosed, FrameworkSigned
from ledger.rules.catalogue import Rule
from ledger.rules.membership import add_member
from ledger.rules.records import (
    CeilingTerm,
    Change,
    Framework,
    FrameworkLine,
    Key,
    Kind,
    LineTerms,
    Policy,
    Price,
    PriceTerm,
    Record,
    Terms,
)
from ledger.rules.refusal import contract_of, find_specification, only, referred, refuse, short_id, who
from ledger.rules.state import Changes, Lookup, find
from ledger.rules.terms import changed_by, latest_terms, most_called, terms_on
from ledger.units import UNITS, Money, Quantity, StatementId, format_decimal

_ZERO = Decimal(0)


def framework_signed(view: Lookup, recorded: Recorded[FrameworkSigned]) -> Changes:
    """R09, R07, R08: an agency named in the log's policy opens a contract; its specifications are of its items."""
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
        closed=None,
        first_day=body.period.first,
        last_day=body.period.last,
        tolerance=body.tolerance_percent,
        released_by=body.released_by,
        first_sample=body.first_sample,
        keep_apart=tuple(body.keep_apart),
        confidential=tuple(body.confidential),
        inspectors=body.roles.inspectors,
        quality=body.roles.quality,
        payers=body.roles.payers,
        lines=tuple(_line(view, line, since=None) for line in body.lines),
        changes=(),
    )
    changes: dict[Key, Record] = {Key(recorded.id, Kind.FRAMEWORK, recorded.id): framework}
    roles = [(recorded.iss, "buyer"), (body.prime, "prime")]
    roles += [(one, "inspector") for one in framework.inspectors]
    roles += [(one, "quality") for one in framework.quality]
    roles += [(one, "payer") for one in framework.payers]
    for party, role in roles:
        add_member(view, changes, recorded, party, role)
    return changes


def framework_accepted(view: Lookup, recorded: Recorded[FrameworkAccepted]) -> Changes:
    """R10, R11, R12, R26, R27, R28: the prime accepts the contract, or a change of it, once."""
    framework = this_contract(view, recorded, recorded.event.refs.framework)
    only(view, recorded, framework.prime, "the prime named in the contract", framework.id)
    if recorded.event.refs.change is not None:
        return _change_accepted(view, recorded, framework, recorded.event.refs.change)
    accepted_once(framework.accepted, framework.id)
    accepted = msgspec.structs.replace(framework, accepted=recorded.id)
    return {Key(framework.id, Kind.FRAMEWORK, framework.id): accepted}


def framework_amended(view: Lookup, recorded: Recorded[FrameworkAmended]) -> Changes:
    """R10, R12, R26, R14, R15, R07, R08, R32, R28, R27: the buyer offers a change of what is in force."""
    framework = _changeable(view, recorded, recorded.event.refs.framework)
    body = recorded.event.body
    added = tuple(_line(view, line, since=body.effective) for line in body.added)
    terms = Terms(
        effective=body.effective,
        last_day=body.last_day.now if body.last_day else None,
        tolerance=body.tolerance_percent.now if body.tolerance_percent else None,
        lines=tuple(_line_terms(line, "now") for line in body.lines),
        added=added,
    )
    was = Terms(
        effective=body.effective,
        last_day=body.last_day.was if body.last_day else None,
        tolerance=body.tolerance_percent.was if body.tolerance_percent else None,
        lines=tuple(_line_terms(line, "was") for line in body.lines),
        added=(),
    )
    for line in body.lines:
        _line_fits(view, framework, line)
    _not_written_out(
        framework, [line.price for line in added] + [one.price.price for one in terms.lines if one.price]
    )
    change = Change(recorded.id, terms, was, body.reason, accepted=None)
    _fits(framework, change)
    return {Key(framework.id, Kind.CHANGE, recorded.id): change}


def framework_closed(view: Lookup, recorded: Recorded[FrameworkClosed]) -> Changes:
    """R10, R12, R26: the buyer offers to close the contract."""
    framework = _changeable(view, recorded, recorded.event.refs.framework)
    change = Change(recorded.id, None, None, recorded.event.body.reason, accepted=None)
    return {Key(framework.id, Kind.CHANGE, recorded.id): change}


def this_contract(view: Lookup, recorded: Recorded[Event], ref: StatementId) -> Framework:
    """The contract a statement is about, where it also refers to it. Raises `Refused` R06, R07, R08."""
    framework = contract_of(view, recorded)
    if ref != framework.id:
        referred(view, recorded, ref, (Kind.FRAMEWORK, Framework))
    return framework


def accepted_once(accepted: StatementId | None, offer: StatementId) -> None:
    """Raises `Refused` R11 for an offer that has been accepted."""
    if accepted is not None:
        raise refuse(
            Rule.ACCEPTED_ONCE,
            f"{short_id(offer)} has already been accepted, by {short_id(accepted)}",
            rests_on=(offer, accepted),
            hint="nothing to do: the first acceptance stands",
        )


def in_force(accepted: StatementId | None, what: str, offer: StatementId) -> None:
    """Raises `Refused` R12 (retriable) for an offer that has not been accepted."""
    if accepted is None:
        raise refuse(
            Rule.IN_FORCE,
            f"the {what} {short_id(offer)} has not been accepted",
            limit="an accepted " + what,
            rests_on=(offer,),
            hint="have it accepted first, or submit the acceptance together with this",
            retriable=True,
        )


def not_closed(framework: Framework) -> None:
    """Raises `Refused` R26 once the contract is closed."""
    if framework.closed is not None:
        raise refuse(
            Rule.WITHDRAWN,
            f"contract {framework.reference} was closed by {short_id(framework.closed)}",
            limit="a contract that is open",
            rests_on=(framework.closed,),
            hint="what was called off goes on; for more, sign a new contract",
        )


def no_line(line: str, known: tuple[str, ...], rests_on: StatementId) -> Exception:
    """R14, to be raised."""
    return refuse(
        Rule.LINE,
        f"line {line} does not exist there",
        limit="one of " + ", ".join(known) if known else "no line: there is none",
        rests_on=(rests_on,),
        hint="name a line that is there, or have it added first",
    )


def same_unit(quantity: Quantity, unit: str, line: str, rests_on: StatementId) -> None:
    """Raises `Refused` R15 for a quantity in another unit than the line's."""
    if quantity.unit != unit:
        raise refuse(
            Rule.UNIT,
            f"line {line} is asked for in {quantity.unit}",
            limit=f"{unit}, the line's unit",
            asked=str(quantity),
            rests_on=(rests_on,),
            hint=f"write the quantity in {UNITS.get(unit, unit)}: nothing is converted",
        )


def price_record(price: Money | Commitment) -> Price:
    """A price or an amount as records keep it."""
    if isinstance(price, Money):
        return Price(price.amount, price.currency, None)
    return Price(None, None, price.commitment)


def _line(view: Lookup, line: events.FrameworkLine, since: date | None) -> FrameworkLine:
    if line.specification is not None:
        _specification_of(view, line.specification, line.item)
    return FrameworkLine(
        line=line.line,
        item=line.item,
        description=line.description,
        unit=line.unit,
        ceiling=line.ceiling.value if line.ceiling else None,
        price=price_record(line.price) if line.price else None,
        specifications=(line.specification,) if line.specification else (),
        since=since,
        called=_ZERO,
    )


def _line_fits(view: Lookup, framework: Framework, change: events.LineChange) -> None:
    """R14, R15, R07, R08: of a line there is, a ceiling in its unit, a specification of its item."""
    line = _known_line(framework, change.line)
    ceilings = (change.ceiling.was, change.ceiling.now) if change.ceiling else ()
    for ceiling in ceilings:
        if ceiling is not None:
            same_unit(ceiling, line.unit, line.line, framework.id)
    if change.specification is not None:
        _specification_of(view, change.specification.now, line.item)


def _specification_of(view: Lookup, ref: StatementId, item: str) -> None:
    specification = find_specification(view, ref)
    if specification.item != item:
        raise refuse(
            Rule.REF_FITS,
            f"the specification {short_id(ref)} is of {specification.item}",
            limit=f"one of the line's item, {item}",
            rests_on=(ref,),
            hint="name a specification that is published for this item",
        )


def _changeable(view: Lookup, recorded: Recorded[Event], ref: StatementId) -> Framework:
    framework = this_contract(view, recorded, ref)
    only(view, recorded, framework.buyer, "the buyer of the contract", framework.id)
    in_force(framework.accepted, "contract", framework.id)
    not_closed(framework)
    return framework


def _change_accepted(
    view: Lookup, recorded: Recorded[FrameworkAccepted], framework: Framework, ref: StatementId
) -> Changes:
    change = referred(view, recorded, ref, (Kind.CHANGE, Change))
    accepted_once(change.accepted, change.id)
    not_closed(framework)
    accepted = msgspec.structs.replace(change, accepted=recorded.id)
    if change.terms is None:
        changed = msgspec.structs.replace(framework, closed=change.id)
    else:
        _fits(framework, change)
        changed = msgspec.structs.replace(
            framework,
            lines=(*framework.lines, *change.terms.added),
            changes=(*framework.changes, msgspec.structs.replace(change.terms, added=())),
        )
    return {
        Key(framework.id, Kind.FRAMEWORK, framework.id): changed,
        Key(framework.id, Kind.CHANGE, change.id): accepted,
    }


def _fits(framework: Framework, change: Change) -> None:
    """R28: it changes what is in force; R27: and never below what was called off."""
    now, was, terms = latest_terms(framework), change.was, change.terms
    assert was is not None
    assert terms is not None
    _is_in_force("the last day", now.last_day, was.last_day, now.id)
    _is_in_force("the tolerance", now.tolerance, was.tolerance, now.id)
    if terms.last_day is not None and terms.last_day < now.first_day:
        raise refuse(
            Rule.CHANGE_FROM,
            f"the contract would end on {terms.last_day}, before it begins",
            limit=f"{now.first_day} or later",
            rests_on=(framework.id,),
            hint="close the contract instead, if nothing more is to be ordered",
        )
    for old, new in zip(was.lines, terms.lines, strict=True):
        _line_was(now, _known_line(now, old.line), old, new)
    _above_called(framework, terms)
    for line in terms.added:
        if now.line(line.line) is not None:
            raise refuse(
                Rule.CHANGE_FROM,
                f"line {line.line} would be added and is there already",
                limit="a line name that is not used",
                rests_on=(framework.id,),
                hint="change the line, or choose another name",
            )


def _line_was(now: Framework, line: FrameworkLine, old: LineTerms, new: LineTerms) -> None:
    if old.ceiling is not None:
        _is_in_force(f"the ceiling of line {line.line}", line.ceiling, old.ceiling.value, now.id, given=True)
    if old.price is not None:
        _is_in_force(f"the price of line {line.line}", line.price, old.price.price, now.id, given=True)
    if new.specification is not None:
        current = line.specifications[-1] if line.specifications else None
        _is_in_force(f"the specification of line {line.line}", current, old.specification, now.id, given=True)


def _above_called(framework: Framework, terms: Terms) -> None:
    """R27: on no day a ceiling falls below what was called off, by itself or by a lower tolerance.

    One that is there already (an order of an earlier day came in after a ceiling fell for later ones) stands in the way
    of nothing else.
    """
    days = {terms.effective} | {one.effective for one in framework.changes}
    for day in sorted(day for day in days if day >= terms.effective):
        now = terms_on(framework, day)
        then = changed_by(now, terms)
        for old, new in zip(now.lines, then.lines, strict=True):
            before, most, called = (
                most_called(now, old),
                most_called(then, new),
                Quantity(new.called, new.unit),
            )
            if most is not None and called > most and (before is None or most < before):
                raise refuse(
                    Rule.MADE_ALREADY,
                    f"the ceiling of line {new.line} would fall below what was called off",
                    limit=f"at least {called}, which is called off",
                    asked=f"{most}, tolerance included",
                    rests_on=(framework.id,),
                    hint="cancel call-offs first, as far as they are not made",
                )


def _is_in_force(what: str, now: object, said: object, rests_on: StatementId, *, given: bool = False) -> None:
    """R28, where the amendment speaks of it at all (`given`, or `said` is not None)."""
    if (given or said is not None) and said != now:
        raise refuse(
            Rule.CHANGE_FROM,
            f"the amendment says that {what} was {_shown(said)}",
            limit=f"{_shown(now)}, which is in force",
            rests_on=(rests_on,),
            hint="another change came first: sign the amendment again from what is in force",
        )


def _shown(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, Price):
        return str(value.money) if value.money else f"the commitment {(value.commitment or '')[:12]}"
    if isinstance(value, Decimal):
        return format_decimal(value, group=",")
    return str(value)


def _known_line(framework: Framework, name: str) -> FrameworkLine:
    line = framework.line(name)
    if line is None:
        raise no_line(name, tuple(one.line for one in framework.lines), framework.id)
    return line


def _line_terms(line: events.LineChange, side: str) -> LineTerms:
    """One side of what changes about a line: what `was`, or what is `now`."""
    ceiling = getattr(line.ceiling, side) if line.ceiling else None
    price = getattr(line.price, side) if line.price else None
    return LineTerms(
        line=line.line,
        ceiling=CeilingTerm(ceiling.value if ceiling else None) if line.ceiling else None,
        price=PriceTerm(price_record(price) if price else None) if line.price else None,
        specification=getattr(line.specification, side) if line.specification else None,
    )


def _not_written_out(framework: Framework, prices: list[Price | None]) -> None:
    """R32: a contract that keeps prices confidential is not amended with one in the clear."""
    if "price" in framework.confidential and any(price and price.money for price in prices):
        raise refuse(
            Rule.CONFIDENTIAL,
            "the amendment writes a price out",
            limit="a commitment, as the contract keeps prices confidential",
            rests_on=(framework.id,),
            hint="write the price as {confidential: ...} in the draft",
        )
