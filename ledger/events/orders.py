"""The division of a contract: call-offs and sub-allocations, each offered, then accepted, perhaps taken back.

The binding order is the call-off. The prime allocates a call-off to makers or hubs, and a hub allocates again: an
allocation's parent is a call-off or another allocation. What was promised is taken back only as far as it has not
been made: never below what is signed off.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ledger.events.base import Event, NoBody
from ledger.events.fields import (
    Asked,
    Date,
    LineName,
    Lines,
    MaybeRef,
    Party,
    Place,
    Ref,
    Shape,
    ShortText,
    Text,
)
from ledger.events.framework import FrameworkRefs, unique_lines
from ledger.limits import LINES_PER_STATEMENT


class DrawnLine(Shape):
    """A quantity of one line."""

    line: LineName
    """A line of the contract."""
    quantity: Asked
    """How much of it, in the line's unit."""


class CalloffBody(Shape):
    """`calloff.issued`: the binding order."""

    reference: ShortText
    """The buyer's own number for it."""
    lines: Lines[DrawnLine]
    """What is ordered."""
    consignee: Party
    """Who receives, and whose count is what has arrived; from here on a party to the contract."""
    place: Place
    """Where to."""
    due: Date
    """The last day to arrive."""

    @model_validator(mode="after")
    def _lines_once(self) -> Self:
        unique_lines([line.line for line in self.lines])
        return self


class CalloffIssued(Event):
    """The buyer orders quantities of lines for one consignee."""

    type: Literal["calloff.issued"]
    refs: FrameworkRefs
    body: CalloffBody


class CalloffRefs(Shape):
    calloff: Ref
    """The `calloff.issued`."""


class CalloffAccepted(Event):
    """The prime accepts the order, and from then on may allocate it."""

    type: Literal["calloff.accepted"]
    refs: CalloffRefs
    body: NoBody


class TakenBackBody(Shape):
    """`calloff.cancelled`, `allocation.withdrawn`: how much of which lines, and why."""

    lines: Annotated[tuple[DrawnLine, ...], Field(strict=False, max_length=LINES_PER_STATEMENT)] = ()
    """What is taken back; without any, all that is not signed off."""
    reason: Text
    """Why, in words."""

    @model_validator(mode="after")
    def _lines_once(self) -> Self:
        unique_lines([line.line for line in self.lines])
        return self


class CalloffCancelled(Event):
    """The buyer takes an order back, as far as it is not made."""

    type: Literal["calloff.cancelled"]
    refs: CalloffRefs
    body: TakenBackBody


class ParentRefs(Shape):
    parent: Ref
    """The accepted `calloff.issued`, or the accepted `allocation.offered` that is divided further."""


class AllocationBody(Shape):
    """`allocation.offered`: a part of the order for one maker or hub."""

    maker: Party
    """Who is to make it, or a hub that divides it again; from here on a party to the contract."""
    lines: Lines[DrawnLine]
    """What is allotted of the parent's lines."""
    due: Date
    """The last day to sign off."""
    terms: Text | None = None
    """Terms that flow down."""

    @model_validator(mode="after")
    def _lines_once(self) -> Self:
        unique_lines([line.line for line in self.lines])
        return self


class AllocationOffered(Event):
    """The holder of the parent offers a part of it: the sub-allocation."""

    type: Literal["allocation.offered"]
    refs: ParentRefs
    body: AllocationBody


class AllocationRefs(Shape):
    allocation: Ref
    """The `allocation.offered`."""


class AllocationAcceptedRefs(Shape):
    allocation: Ref
    """The `allocation.offered`."""
    delegation: MaybeRef = None
    """The `delegation.granted` under which another signs for the maker."""


class AllocationAccepted(Event):
    """The named maker accepts, and from then on may make it or divide it further."""

    type: Literal["allocation.accepted"]
    refs: AllocationAcceptedRefs
    body: NoBody


class AllocationWithdrawn(Event):
    """Whoever offered an allocation takes it back, as far as it is not made."""

    type: Literal["allocation.withdrawn"]
    refs: AllocationRefs
    body: TakenBackBody
