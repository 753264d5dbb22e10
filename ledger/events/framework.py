"""The agency's contract: signed by the buyer, accepted by the prime, changed and closed only by both.

A framework fixes terms and usually commits no quantity, at most a ceiling. Mutual consent is two statements, so
every statement has one signer: a change is offered by the buyer and takes effect when the prime accepts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.events.base import Event, NoBody, Subject
from ledger.events.fields import (
    Asked,
    Country,
    Date,
    Document,
    Incoterm,
    LineName,
    Lines,
    MaybeRef,
    OrCommitment,
    Party,
    Percent,
    Price,
    Ref,
    Shape,
    ShortText,
    Some,
    Text,
    Unit,
    Uri,
)
from ledger.limits import LINES_PER_STATEMENT, PARTIES_PER_ROLE, REFS_PER_ROLE
from ledger.units import Money

Confidential = Literal["price", "name", "phone", "position"]
Duties = Literal["ordering and receiving", "making and inspecting", "receiving and paying"]


class Period(Shape):
    """From the first day to the last day, both included."""

    first: Date
    """The first day."""
    last: Date
    """The last day."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise PydanticCustomError("period", "the period ends before it begins")
        return self

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


class FrameworkLine(Shape):
    """One thing that may be ordered under the contract."""

    line: LineName
    """Its name, which call-offs, allocations and sign-offs use."""
    item: Uri
    """A GTIN as GS1 Digital Link, or any URI."""
    description: ShortText
    """What it is, for people."""
    unit: Unit
    """The unit of every quantity of it."""
    ceiling: Asked | None = None
    """The most that call-offs may add up to (plus the tolerance), in the line's unit; without it, no limit."""
    price: OrCommitment[Price] | None = None
    """Price of one unit, or a commitment to it."""
    specification: Ref | None = None
    """The specification it is made to; one of `refs.specifications`."""

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if self.ceiling is not None and self.ceiling.unit != self.unit:
            raise PydanticCustomError("unit", "the ceiling is not in the line's unit")
        return self


def unique_lines(names: Sequence[str]) -> None:
    """Each line is named once; a second mention would hide a sum."""
    for name in names:
        if names.count(name) > 1:
            raise PydanticCustomError("lines", "line {name} stands twice: each is named once", {"name": name})


def same_specifications(refs: Sequence[str], named: Sequence[str]) -> None:
    """`refs` commits to every specification that a line is made to, and to no other."""
    if len(set(refs)) != len(refs):
        raise PydanticCustomError("specifications", "refs.specifications names a specification twice")
    if set(refs) != set(named):
        raise PydanticCustomError(
            "specifications", "refs.specifications and the lines' specifications differ"
        )


class Source(Shape):
    """The published contract this one was drafted from (Open Contracting Data Standard)."""

    ocid: ShortText
    """Open contracting id."""
    release: ShortText
    """Id of the release."""
    document: Document
    """The release as it was read."""


Named = Annotated[tuple[Party, ...], Field(strict=False, max_length=PARTIES_PER_ROLE)]


class Roles(Shape):
    """Who acts beside buyer and prime. Where nobody is named the buyer decides and pays, and nobody inspects."""

    inspectors: Named = ()
    """Decide on first samples, inspect lots."""
    quality: Named = ()
    """Decide for the buyer what of a delivery is accepted."""
    payers: Named = ()
    """Record payments."""


class FrameworkRefs(Shape):
    framework: Ref
    """The `framework.signed`: the contract itself, which is the subject."""


Specifications = Annotated[tuple[Ref, ...], Field(strict=False, max_length=REFS_PER_ROLE)]


class SignedRefs(Shape):
    specifications: Specifications = ()
    """Every `specification.published` that a line names, once each, in any order."""


class FrameworkBody(Shape):
    """`framework.signed`: the agency's contract."""

    reference: ShortText
    """The agency's own number for it."""
    title: ShortText
    """What it is about."""
    prime: Party
    """The prime supplier, who accepts it and divides the call-offs."""
    period: Period
    """Days on which call-offs may be issued."""
    lines: Lines[FrameworkLine]
    """What may be ordered."""
    law: Country
    """Governing law: the country whose courts decide."""
    incoterm: Incoterm | None = None
    """Incoterms 2020 code: who carries and insures up to where."""
    warranty: Text | None = None
    """The warranty, in words."""
    liability_terms: Document | None = None
    """The terms of liability."""
    tolerance_percent: Percent
    """By how much call-offs may exceed a ceiling, and sign-offs an allocation: 0 to 100 percent."""
    released_by: Literal["maker", "maker and inspector"]
    """Who has to release a lot before it may leave: its maker by signing off, and an inspector by a pass."""
    first_sample: bool = False
    """Whether an inspector has to pass a first sample of an allocation before volume is signed off under it."""
    keep_apart: Some[Duties] = ()
    """Duties that one party may not hold together; where it happens anyway it is a finding."""
    confidential: Some[Confidential] = ()
    """What is committed to and never written out under this contract."""
    roles: Roles = Roles()
    """Who inspects, decides on quality and pays."""
    source: Source | None = None
    """The published contract it was drafted from."""

    @model_validator(mode="after")
    def _lines_once(self) -> Self:
        unique_lines([line.line for line in self.lines])
        if "price" in self.confidential and any(isinstance(line.price, Money) for line in self.lines):
            raise PydanticCustomError("confidential", "prices are confidential here: commit to them")
        return self


class FrameworkSigned(Event):
    """The buyer opens a contract; the contract's id is this statement's id."""

    subject = Subject.SIGNER
    type: Literal["framework.signed"]
    refs: SignedRefs
    body: FrameworkBody

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        named = [line.specification for line in self.body.lines if line.specification]
        same_specifications(self.refs.specifications, named)
        return self


class AcceptanceRefs(Shape):
    framework: Ref
    """The `framework.signed`: the contract itself, which is the subject."""
    change: MaybeRef = None
    """The `framework.amended` or `framework.closed` that is accepted; without it, the contract itself."""


class FrameworkAccepted(Event):
    """The prime accepts the contract, or a change of it."""

    type: Literal["framework.accepted"]
    refs: AcceptanceRefs
    body: NoBody


class DayChange(Shape):
    """A day that moves."""

    was: Date
    """The day in force."""
    now: Date
    """The new day."""


class PercentChange(Shape):
    """A percentage that changes."""

    was: Percent
    """Percent in force."""
    now: Percent
    """The new percentage."""


class CeilingChange(Shape):
    """A ceiling that is raised, lowered, set or lifted."""

    was: Asked | None
    """The ceiling in force, in the line's unit; null where there is none."""
    now: Asked | None
    """The new ceiling, in the line's unit; null for none."""


class PriceChange(Shape):
    """A price that changes."""

    was: OrCommitment[Price] | None
    """The price of one unit in force, or the commitment to it as it stands there; null where there is none."""
    now: OrCommitment[Price] | None
    """The new price of one unit, or a commitment to it; null for none."""


class SpecificationChange(Shape):
    """A further specification that lots may be made to; those made to an earlier one stay valid."""

    was: Ref | None
    """The specification in force; null where there is none."""
    now: Ref
    """The new one; one of `refs.specifications`."""


class LineChange(Shape):
    """What changes about one line; `was` is what is in force, so that two changes do not undo each other unseen."""

    line: LineName
    """A line of the contract."""
    ceiling: CeilingChange | None = None
    """Of its ceiling."""
    price: PriceChange | None = None
    """Of the price of one unit."""
    specification: SpecificationChange | None = None
    """Of what it is made to."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.ceiling is None and self.price is None and self.specification is None:
            raise PydanticCustomError("change", "nothing changes about this line: leave it out")
        return self


class AmendmentBody(Shape):
    """`framework.amended`: what changes, from what to what, from which day on, and why."""

    reason: Text
    """Why, in words."""
    effective: Date
    """The first day on which call-offs and sign-offs are judged by the new terms."""
    last_day: DayChange | None = None
    """Of the last day of the contract's period."""
    tolerance_percent: PercentChange | None = None
    """Of the tolerance, in percent."""
    lines: Annotated[tuple[LineChange, ...], Field(strict=False, max_length=LINES_PER_STATEMENT)] = ()
    """Lines that change."""
    added: Annotated[tuple[FrameworkLine, ...], Field(strict=False, max_length=LINES_PER_STATEMENT)] = ()
    """Lines that are new."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        unique_lines([*(one.line for one in self.lines), *(one.line for one in self.added)])
        if not (self.last_day or self.tolerance_percent or self.lines or self.added):
            raise PydanticCustomError("change", "the amendment changes nothing")
        return self


class AmendmentRefs(Shape):
    framework: Ref
    """The `framework.signed`: the contract itself, which is the subject."""
    specifications: Specifications = ()
    """Every `specification.published` that a changed or added line names, once each, in any order."""


class FrameworkAmended(Event):
    """The buyer offers a change of the contract; it takes effect when the prime accepts it."""

    type: Literal["framework.amended"]
    refs: AmendmentRefs
    body: AmendmentBody

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        named = [line.specification for line in self.body.added if line.specification]
        named += [one.specification.now for one in self.body.lines if one.specification]
        same_specifications(self.refs.specifications, named)
        return self


class ClosingBody(Shape):
    """`framework.closed`: no more call-offs; what was called off goes on."""

    reason: Text
    """Why, in words."""


class FrameworkClosed(Event):
    """The buyer offers to close the contract to further call-offs; it takes effect when the prime accepts it."""

    type: Literal["framework.closed"]
    refs: FrameworkRefs
    body: ClosingBody
