"""Findings on how goods were made, checked and released (F18, F22 to F24, F27 to F29)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from ledger.rules.catalogue import Odd
from ledger.rules.findings.finding import Finding, figures, listed, lot_of
from ledger.rules.records import Inspection, Lot, PlannedCheck
from ledger.rules.situation import Situation
from ledger.rules.sums import LotFacts, total
from ledger.units import COUNTED_UNITS, format_decimal


def no_checks(at: Situation) -> Iterator[Finding]:
    """F18. A sign-off that does not say what was checked."""
    for lot in at.lots.values():
        if not lot.checks:
            yield Finding(
                Odd.NO_CHECKS,
                f"{lot_of(at, lot)} was released without a recorded check",
                (lot.id,),
                "have the lot inspected",
            )


def sent_held(at: Situation) -> Iterator[Finding]:
    """F22. A dispatch, by the time it claims, after a lot was held and before it was cleared."""
    for facts in at.facts.values():
        lot = facts.lot
        for hold in facts.holds:
            for dispatch, quantity in facts.sent:
                if hold.at <= dispatch.at and (hold.cleared_at is None or dispatch.at < hold.cleared_at):
                    yield Finding(
                        Odd.SENT_HELD,
                        f"waybill {dispatch.waybill}: {lot.quantity(quantity)} of {lot_of(at, lot)} left while "
                        f"{at.who(hold.by)} held it back: {hold.reason}",
                        (lot.id, hold.id, dispatch.id),
                        "bring the goods back; if they left at another time, correct the dispatch",
                        (
                            ("held", _minute(hold.at)),
                            ("dispatched", _minute(dispatch.at)),
                            ("quantity", str(lot.quantity(quantity))),
                        ),
                    )


def sent_uninspected(at: Situation) -> Iterator[Finding]:
    """F23. Where the contract has lots released by an inspector too, one that it names has passed the lot, and not
    failed it since, before it leaves."""
    if at.framework.released_by != "maker and inspector":
        return
    for facts in at.facts.values():
        early = [
            (dispatch, quantity)
            for dispatch, quantity in facts.sent
            if not _passed_by(at, facts, dispatch.at)
        ]
        if early:
            lot, sent = facts.lot, total(quantity for _, quantity in early)
            yield Finding(
                Odd.SENT_UNINSPECTED,
                f"{lot_of(at, lot)}: {lot.quantity(sent)} left on waybill "
                f"{listed([dispatch.waybill for dispatch, _ in early])} before an inspector of the contract had "
                "passed it",
                (lot.id, *(dispatch.id for dispatch, _ in early)),
                "stop the goods and have them inspected; an inspection made in time can still be recorded",
                figures(lot, dispatched=sent),
            )


def failed_not_held(at: Situation) -> Iterator[Finding]:
    """F24. The verdict that counts is a fail, and nobody holds the lot back."""
    for facts in at.facts.values():
        verdict = _verdict(at, facts)
        if verdict is None or verdict.passed or any(hold.cleared is None for hold in facts.holds):
            continue
        yield Finding(
            Odd.FAILED_NOT_HELD,
            f"{lot_of(at, facts.lot)} failed the inspection by {at.who(verdict.inspector)} and is not held back",
            (facts.lot.id, verdict.id),
            "hold the lot back; when it has been put right, inspect it again",
            (
                ("sample", str(verdict.sample)),
                ("critical", str(verdict.critical)),
                ("major", str(verdict.major)),
                ("minor", str(verdict.minor)),
            ),
        )


def checks_missing(at: Situation) -> Iterator[Finding]:
    """F27. Every check that the plan gives to the maker is on the sign-off, on as many pieces as the plan says."""
    for lot in at.lots.values():
        if lot.specification is None:
            continue
        specification = at.specification(lot.specification)
        done = {check.characteristic: 0 for check in lot.checks}
        for check in lot.checks:
            done[check.characteristic] += check.sample
        missing = [
            _missing(plan, done.get(plan.characteristic), _least(plan, lot))
            for plan in specification.checks
            if plan.by == "maker" and done.get(plan.characteristic, 0) < _least(plan, lot)
        ]
        if missing:
            yield Finding(
                Odd.CHECKS_MISSING,
                f"{lot_of(at, lot)} was released without all checks of revision {specification.revision}: "
                f"{listed(missing)}",
                (lot.id, specification.id),
                "have an inspector make the missing checks; the sign-off stays as it is",
                (("missing", str(len(missing))),),
            )


def earlier_revision(at: Situation) -> Iterator[Finding]:
    """F28. A lot made to another revision than the one in force for its line on the day of the sign-off."""
    for lot in at.lots.values():
        line = at.terms(lot.signed_off).line(lot.line)
        if lot.specification is None or line is None or lot.specification in line.specifications[-1:]:
            continue
        if line.specifications:
            made_to, in_force = at.specification(lot.specification), at.specification(line.specifications[-1])
            yield Finding(
                Odd.EARLIER_REVISION,
                f"{lot_of(at, lot)} was made to revision {made_to.revision}; {in_force.revision} was in force on "
                f"{lot.signed_off}",
                (lot.id, made_to.id, in_force.id),
                "nothing: the contract says whether it is still taken",
                (("made to", made_to.revision), ("in force", in_force.revision)),
            )


def conditional_sample(at: Situation) -> Iterator[Finding]:
    """F29. A lot under an allocation whose first sample, by the latest decision on it, passed under conditions."""
    for lot in at.lots.values():
        sample = at.allocations[lot.allocation].sample(lot.line)
        if sample is not None and sample.decision == "conditional":
            yield Finding(
                Odd.CONDITIONAL_SAMPLE,
                f"{lot_of(at, lot)} was made on a first sample that {at.who(sample.inspector)} passed only if: "
                f"{sample.conditions}",
                (lot.id, sample.statement),
                "show that the condition is met, and have the inspector pass the sample",
                figures(lot, released=lot.released),
            )


def _verdict(at: Situation, facts: LotFacts) -> Inspection | None:
    """The latest verdict of an inspector the contract names; where none of them gave one, the latest of anybody."""
    named = [one for one in facts.inspections if one.inspector in at.framework.inspectors]
    return _latest(named or facts.inspections)


def _passed_by(at: Situation, facts: LotFacts, time: datetime) -> bool:
    """Whether the named inspectors' latest verdict up to a time is a pass."""
    named = [one for one in facts.inspections if one.inspector in at.framework.inspectors]
    latest = _latest([one for one in named if one.at <= time])
    return latest is not None and latest.passed


def _latest(inspections: Sequence[Inspection]) -> Inspection | None:
    """By the time they claim; of two at the same time the one registered later."""
    return sorted(inspections, key=lambda one: one.at)[-1] if inspections else None


def _least(plan: PlannedCheck, lot: Lot) -> Decimal:
    """On how many a check must be made: never more than there are."""
    least = Decimal(plan.least or 1)
    return min(least, lot.made) if lot.unit in COUNTED_UNITS else least


def _missing(plan: PlannedCheck, done: int | None, least: Decimal) -> str:
    return (
        plan.characteristic
        if done is None
        else f"{plan.characteristic} on {done}, not on {format_decimal(least)}"
    )


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M}Z"
