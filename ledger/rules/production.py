"""Rules of making: what a lot is made to, the first sample, and the sign-off, which stays within its allocation."""

from __future__ import annotations

import msgspec

from ledger.events.base import Recorded
from ledger.events.production import BatchBody, BatchSignedOff, SampleDecided
from ledger.events.specification import SpecificationPublished
from ledger.rules.catalogue import Rule
from ledger.rules.framework import no_line, same_unit
from ledger.rules.orders import changed_line, drawn_on, parent_of, taken_back_by
from ledger.rules.records import (
    Allocation,
    Calloff,
    CheckDone,
    Framework,
    Input,
    Key,
    Kind,
    Lot,
    LotName,
    PlannedCheck,
    Record,
    Revision,
    SampleDecision,
    Share,
    Specification,
)
from ledger.rules.refusal import (
    NOUNS,
    contract_of,
    find_lot,
    find_specification,
    one_of,
    only,
    referred,
    refuse,
    short_id,
    who,
)
from ledger.rules.state import Changes, Lookup, find
from ledger.rules.terms import latest_terms, terms_on
from ledger.units import Quantity


def specification_published(view: Lookup, recorded: Recorded[SpecificationPublished]) -> Changes:
    """R31, R10, R08: a specifier publishes a revision of an item once; only its own earlier one is superseded."""
    body, supersedes = recorded.event.body, recorded.event.refs.supersedes
    name = Key("", Kind.REVISION, f"{recorded.iss} {body.item} {body.revision}")
    used = view.get(name)
    if isinstance(used, Revision):
        raise refuse(
            Rule.REVISION_ONCE,
            f"{who(view, recorded.iss)} has published revision {body.revision} of {body.item} already",
            limit="a revision not published before by this specifier",
            rests_on=(used.specification,),
            hint="give it a new revision",
        )
    if supersedes is not None:
        earlier = find_specification(view, supersedes)
        only(view, recorded, earlier.specifier, "the specifier of the earlier revision", earlier.id)
        if earlier.item != body.item:
            raise refuse(
                Rule.REF_FITS,
                f"the superseded specification is of {earlier.item}",
                limit=f"an earlier revision of {body.item}",
                rests_on=(earlier.id,),
                hint="name the earlier revision of the same item, or leave it out for another item",
            )
    specification = Specification(
        id=recorded.id,
        specifier=recorded.iss,
        item=body.item,
        revision=body.revision,
        supersedes=supersedes,
        checks=tuple(PlannedCheck(check.characteristic, check.least, check.by) for check in body.checks),
    )
    return {Key("", Kind.SPECIFICATION, recorded.id): specification, name: Revision(recorded.id)}


def sample_decided(view: Lookup, recorded: Recorded[SampleDecided]) -> Changes:
    """R10, R26, R12, R14: an inspector the contract names decides on a line of an accepted allocation."""
    framework = contract_of(view, recorded)
    body = recorded.event.body
    allocation = referred(view, recorded, recorded.event.refs.allocation, (Kind.ALLOCATION, Allocation))
    one_of(view, recorded, framework.inspectors, "an inspector the contract names", framework.id)
    drawn_on(allocation, "allocation")
    if allocation.line(body.line) is None:
        raise no_line(body.line, tuple(line.line for line in allocation.lines), allocation.id)
    decided = SampleDecision(body.line, recorded.id, recorded.iss, body.decision, body.conditions)
    return {
        Key(recorded.sub, Kind.ALLOCATION, allocation.id): msgspec.structs.replace(
            allocation, samples=(*allocation.samples, decided)
        )
    }


def batch_signed_off(view: Lookup, recorded: Recorded[BatchSignedOff]) -> Changes:
    """R10, R26, R12, R14, R15, R29, R30, R19, R18, R20: the maker of an accepted allocation releases what it made."""
    framework = contract_of(view, recorded)
    refs, body = recorded.event.refs, recorded.event.body
    allocation = referred(view, recorded, refs.allocation, (Kind.ALLOCATION, Allocation))
    only(view, recorded, allocation.holder, "the maker named in the allocation", allocation.id)
    drawn_on(allocation, "allocation")
    share = allocation.line(body.line)
    if share is None:
        raise no_line(body.line, tuple(line.line for line in allocation.lines), allocation.id)
    for quantity in (body.made, body.rejected, body.released):
        same_unit(quantity, share.unit, body.line, allocation.id)
    _first_sample(view, framework, allocation, body.line)
    _made_to(framework, recorded)
    for ref in refs.inputs:
        find_lot(view, ref)
    if body.released > body.made - body.rejected:
        raise refuse(
            Rule.RELEASED_MADE,
            f"lot {body.lot} releases more than was made and not rejected",
            limit=f"{body.made} made less {body.rejected} rejected",
            asked=f"{body.released} released",
            hint="count again; release what passed",
        )
    changes = _drawn(view, recorded, framework, allocation, share)
    name = Key("", Kind.LOT_NAME, f"{recorded.iss} {body.lot}")
    used = view.get(name)
    if isinstance(used, LotName):
        raise refuse(
            Rule.LOT_ONCE,
            f"{who(view, recorded.iss)} has already used the lot id {body.lot}",
            limit="a lot id not used before by this maker",
            rests_on=(used.lot,),
            hint="give the lot a new id; if this is the same lot, it is signed off already",
        )
    lot = _lot(view, recorded, allocation, share)
    return {**changes, Key(recorded.sub, Kind.LOT, recorded.id): lot, name: LotName(recorded.id)}


def _first_sample(view: Lookup, framework: Framework, allocation: Allocation, line: str) -> None:
    """R29: where the contract asks for a first sample, the latest decision on it is a pass, or one on conditions."""
    sample = allocation.sample(line)
    if not framework.first_sample or (sample is not None and sample.decision != "fail"):
        return
    state = f"failed, by {short_id(sample.statement)}" if sample else "has not been decided on"
    raise refuse(
        Rule.FIRST_SAMPLE,
        f"the first sample of {who(view, allocation.holder)} for line {line} {state}",
        limit="a sample.decided that passes it",
        rests_on=(framework.id, allocation.id, *((sample.statement,) if sample else ())),
        hint="have an inspector decide on a first sample, then sign off",
        retriable=True,
    )


def _made_to(framework: Framework, recorded: Recorded[BatchSignedOff]) -> None:
    """R30: made to a specification that the contract has, or had, for the line; to none on a day when it has none."""
    body, ref = recorded.event.body, recorded.event.refs.specification
    line = latest_terms(framework).line(body.line)
    assert line is not None, "an allocation's lines are its contract's"
    on_its_day = terms_on(framework, recorded.event.occurred_at.date()).line(body.line) or line
    if ref in line.specifications or (ref is None and not on_its_day.specifications):
        return
    raise refuse(
        Rule.SPECIFICATION,
        f"lot {body.lot} is made to {short_id(ref) if ref else 'no specification'}",
        limit=f"one of line {line.line}: " + (", ".join(map(short_id, line.specifications)) or "it has none"),
        rests_on=(framework.id,),
        hint="name the specification it was made to; for a new revision have the contract amended first",
    )


def _drawn(
    view: Lookup,
    recorded: Recorded[BatchSignedOff],
    framework: Framework,
    allocation: Allocation,
    share: Share,
) -> dict[Key, Record]:
    """R18, at the allocation and at every level above it; answers what the sign-off takes from each."""
    body = recorded.event.body
    tolerance = terms_on(framework, recorded.event.occurred_at.date()).tolerance
    own = max(share.own, Quantity.zero(share.unit)).with_tolerance(tolerance)
    _within(body, own, Quantity(share.released, share.unit), allocation, "its allocation")
    lines = changed_line(allocation.lines, body.line, released=body.released.value)
    changes: dict[Key, Record] = {
        Key(recorded.sub, Kind.ALLOCATION, allocation.id): msgspec.structs.replace(allocation, lines=lines)
    }
    holder: Calloff | Allocation = allocation
    while isinstance(holder, Allocation):
        holder = parent_of(view, recorded.sub, holder)
        above = holder.line(body.line)
        assert above is not None, "a parent has the lines of its parts"
        kind = Kind.ALLOCATION if isinstance(holder, Allocation) else Kind.CALLOFF
        most = Quantity(above.quantity, above.unit).with_tolerance(tolerance)
        _within(body, most, above.signed_off, holder, f"the {NOUNS[kind]} {short_id(holder.id)} above it")
        lines = changed_line(holder.lines, body.line, below=body.released.value)
        changes[Key(recorded.sub, kind, holder.id)] = msgspec.structs.replace(holder, lines=lines)
    return changes


def _within(
    body: BatchBody, most: Quantity, already: Quantity, holder: Calloff | Allocation, what: str
) -> None:
    if already + body.released > most:
        room, taken_back = max(most - already, Quantity.zero(most.unit)), taken_back_by(holder)
        raise refuse(
            Rule.SIGN_OFF_LEFT,
            f"lot {body.lot} would be signed off beyond {what}"
            + (f", of which some was taken back by {short_id(taken_back)}" if taken_back else ""),
            limit=f"{most} in all, {already} already signed off",
            asked=str(body.released),
            rests_on=(holder.id, taken_back) if taken_back else (holder.id,),
            hint=f"release at most {room}, or ask for a further allocation",
        )


def _lot(view: Lookup, recorded: Recorded[BatchSignedOff], allocation: Allocation, share: Share) -> Lot:
    refs, body = recorded.event.refs, recorded.event.body
    calloff = find(view, recorded.sub, Kind.CALLOFF, allocation.calloff, Calloff)
    assert calloff is not None, "an allocation's call-off is registered before it"
    return Lot(
        id=recorded.id,
        name=body.lot,
        maker=recorded.iss,
        allocation=allocation.id,
        calloff=calloff.id,
        consignee=calloff.consignee,
        line=body.line,
        unit=share.unit,
        made=body.made.value,
        rejected=body.rejected.value,
        released=body.released.value,
        signed_off=recorded.event.occurred_at.date(),
        due=allocation.due,
        specification=refs.specification,
        checks=tuple(CheckDone(check.characteristic, check.sample) for check in body.checks),
        inputs=refs.inputs,
        materials=tuple(Input(one.item, one.lot) for one in body.inputs),
        told=(),
    )
