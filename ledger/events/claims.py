"""Claims and money: disputes about any statement, and payments against what was accepted."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ledger.events.base import Event, Nature
from ledger.events.fields import Lines, OrCommitment, Party, Price, Ref, Shape, ShortText, Text
from ledger.events.framework import unique_lines
from ledger.events.orders import DrawnLine
from ledger.limits import REFS_PER_ROLE


class TargetRefs(Shape):
    target: Ref
    """The statement it is about, under the same subject."""


class DisputeBody(Shape):
    """`dispute.raised`: what is claimed, against whom, and what would settle it."""

    against: Party | None = None
    """Against whom."""
    claim: Text
    """What is claimed, in words."""
    wanted: Text
    """What would settle it, in words."""


class DisputeRaised(Event):
    """A party to the contract disputes a statement."""

    nature = Nature.FACT
    type: Literal["dispute.raised"]
    refs: TargetRefs
    body: DisputeBody


class DisputeRefs(Shape):
    dispute: Ref
    """The `dispute.raised` that ends."""


class ResolutionBody(Shape):
    """`dispute.resolved`: how it ended."""

    ended: Literal["agreed", "withdrawn", "ruled"]
    """Agreed between the parties, withdrawn, or ruled by a third."""
    outcome: Text
    """What was agreed or ruled, in words."""


class DisputeResolved(Event):
    """Whoever raised a dispute, or the buyer, writes down how it ended."""

    nature = Nature.FACT
    type: Literal["dispute.resolved"]
    refs: DisputeRefs
    body: ResolutionBody


class PaymentRefs(Shape):
    decisions: Annotated[tuple[Ref, ...], Field(strict=False, min_length=1, max_length=REFS_PER_ROLE)]
    """The `delivery.decided` whose acceptances are paid."""


class PaymentBody(Shape):
    """`payment.recorded`: how much money for how much of which lines."""

    payee: Party
    """Who was paid."""
    amount: OrCommitment[Price]
    """How much money in all, or a commitment to it."""
    lines: Lines[DrawnLine]
    """What was paid for."""
    reference: ShortText
    """The payer's own number for it."""

    @model_validator(mode="after")
    def _lines_once(self) -> Self:
        unique_lines([line.line for line in self.lines])
        return self


class PaymentRecorded(Event):
    """The buyer, or a payer it named, paid for accepted goods."""

    nature = Nature.FACT
    type: Literal["payment.recorded"]
    refs: PaymentRefs
    body: PaymentBody
