"""The contract and its division: framework, call-off, sub-allocation, each offered and then accepted.

A framework fixes terms and usually commits no quantity, at most a ceiling. The binding order is the call-off.
The prime allocates a call-off to makers or hubs, and a hub allocates again: an allocation's parent is a
call-off or another allocation. Mutual consent is two statements, so every statement has one signer.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.events.base import Event, NoBody, NoRefs
from ledger.events.fields import (
    Asked,
    Commitment,
    Country,
    Date,
    Document,
    Incoterm,
    LineName,
    Lines,
    Party,
    Percent,
    Place,
    Price,
    Ref,
    Shape,
    ShortText,
    Some,
    Text,
    Unit,
    Uri,
)


class Period(Shape):
    """From the first day to the last day, both included."""

    first: Date
    last: Date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise PydanticCustomError("period", "the period ends before it begins")
        return self

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def unique_lines(lines: tuple[DrawnLine, ...] | tuple[FrameworkLine, ...]) -> None:
    """Each line is named once; a second mention would hide a sum."""
    names = [line.line for line in lines]
    for name in names:
        if names.count(name) > 1:
            raise PydanticCustomError(
                "lines", "line {name} stands twice: add the quantities up", {"name": name}
            )


class FrameworkLine(Shape):
    """One thing that may be ordered under the contract."""

    line: LineName
    item: Uri
    """A GTIN as GS1 Digital Link, or any URI."""
    description: ShortText
    unit: Unit
    ceiling: Asked | None = None
    """The most that call-offs may add up to (plus the tolerance); without it there is no ceiling."""
    price: Price | Commitment | None = None
    """Price of one unit."""

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if self.ceiling is not None and self.ceiling.unit != self.unit:
            raise PydanticCustomError("unit", "the ceiling is not in the line's unit")
        return self


class Source(Shape):
    """The published contract this one was drafted from (Open Contracting Data Standard)."""

    ocid: ShortText
    release: ShortText
    document: Document


class FrameworkBody(Shape):
    """`framework.signed`: the agency's contract."""

    reference: ShortText
    """The agency's own number for it."""
    title: ShortText
    prime: Party
    period: Period
    lines: Lines[FrameworkLine]
    law: Country
    """Governing law: the country whose courts decide."""
    incoterm: Incoterm | None = None
    warranty: Text | None = None
    liability_terms: Document | None = None
    tolerance_percent: Percent
    released_by: Literal["maker"]
    """Who signs off a batch before it may leave."""
    keep_apart: Some[Literal["ordering and receiving"]] = ()
    """Duties that one party may not hold together; where it happens anyway it is a finding."""
    source: Source | None = None

    @model_validator(mode="after")
    def _lines_once(self) -> Self:
        unique_lines(self.lines)
        return self


class FrameworkSigned(Event):
    """The buyer opens a contract; the contract's id is this statement's id."""

    opens_subject = True
    type: Literal["framework.signed"]
    refs: NoRefs
    body: FrameworkBody


class FrameworkRefs(Shape):
    framework: Ref


class FrameworkAccepted(Event):
    """The prime accepts the contract."""

    type: Literal["framework.accepted"]
    refs: FrameworkRefs
    body: NoBody


class DrawnLine(Shape):
    """A quantity of one line."""

    line: LineName
    quantity: Asked


class CalloffBody(Shape):
    """`calloff.issued`: the binding order."""

    reference: ShortText
    lines: Lines[DrawnLine]
    consignee: Party
    place: Place
    due: Date

    @model_validator(mode="after")
    def _lines_once(self) -> Self:
        unique_lines(self.lines)
        return self


class CalloffIssued(Event):
    """The buyer orders quantities of lines for one consignee."""

    type: Literal["calloff.issued"]
    refs: FrameworkRefs
    body: CalloffBody


class CalloffRefs(Shape):
    calloff: Ref


class CalloffAccepted(Event):
    """The prime accepts the order, and from then on may allocate it."""

    type: Literal["calloff.accepted"]
    refs: CalloffRefs
    body: NoBody


class ParentRefs(Shape):
    parent: Ref
    """A call-off, or the allocation that is divided further."""


class AllocationBody(Shape):
    """`allocation.offered`: a part of the order for one maker or hub."""

    maker: Party
    lines: Lines[DrawnLine]
    due: Date
    terms: Text | None = None
    """Terms that flow down."""

    @model_validator(mode="after")
    def _lines_once(self) -> Self:
        unique_lines(self.lines)
        return self


class AllocationOffered(Event):
    """The holder of the parent offers a part of it: the sub-allocation."""

    type: Literal["allocation.offered"]
    refs: ParentRefs
    body: AllocationBody


class AllocationRefs(Shape):
    allocation: Ref


class AllocationAccepted(Event):
    """The named maker accepts, and from then on may make it or divide it further."""

    type: Literal["allocation.accepted"]
    refs: AllocationRefs
    body: NoBody
