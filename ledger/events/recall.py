"""Calling goods back: opened by whoever answers for them, acknowledged by each who holds some, closed.

A recall names lots, or bought-in material that went into lots, or a specification they were made to. Which lots that
is follows from the sign-offs: those named, those made from them, and so on down.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.events.base import Event, Nature
from ledger.events.delivery import Lots, same_lots
from ledger.events.fields import Amount, MaybeRef, Ref, Shape, Some, Text
from ledger.events.production import Input
from ledger.limits import LOTS_PER_STATEMENT


class RecallRefs(Shape):
    lots: Lots = ()
    """The `batch.signed_off` of each lot that is called back, once each."""
    specification: MaybeRef = None
    """A `specification.published` that the contract names, or named, for a line: what was made to it is called back."""


class RecallBody(Shape):
    """`recall.opened`: which goods, how grave, what to do with them."""

    inputs: Some[Input] = ()
    """Bought-in material: every lot that names it, by item and lot, whoever the supplier is said to be."""
    grade: Literal["danger to life", "danger to health", "quality"]
    """How grave it is."""
    action: Literal["quarantine", "return", "destroy", "correct in place"]
    """What holders are to do with the goods."""
    reason: Text
    """Why, in words."""


class RecallOpened(Event):
    """Goods are called back."""

    nature = Nature.FACT
    type: Literal["recall.opened"]
    refs: RecallRefs
    body: RecallBody

    @model_validator(mode="after")
    def _scoped(self) -> Self:
        if len(set(self.refs.lots)) != len(self.refs.lots):
            raise PydanticCustomError("lots", "refs.lots names a lot twice")
        if not (self.refs.lots or self.refs.specification or self.body.inputs):
            raise PydanticCustomError(
                "recall", "nothing is called back: name lots, inputs or a specification"
            )
        return self


class AcknowledgementRefs(Shape):
    recall: Ref
    """The `recall.opened` that is answered."""
    lots: Lots = ()
    """The `batch.signed_off` of each lot of `body.items`, in the same order."""
    delegation: MaybeRef = None
    """The `delegation.granted` under which another signs for the holder."""


class LocatedLot(Shape):
    """What a holder found of a lot, and how much of that is set apart."""

    lot: Ref
    """The `batch.signed_off` of the lot."""
    located: Amount
    """How much of it was found, in the lot's unit."""
    quarantined: Amount
    """How much of what was found is set apart, in the lot's unit."""

    @model_validator(mode="after")
    def _within_located(self) -> Self:
        if self.located.unit != self.quarantined.unit:
            raise PydanticCustomError("unit", "located and quarantined are not in one unit")
        if self.quarantined > self.located:
            raise PydanticCustomError("recall", "more is quarantined than was located")
        return self


class AcknowledgementBody(Shape):
    """`recall.acknowledged`: what was found of each lot."""

    items: Annotated[tuple[LocatedLot, ...], Field(strict=False, min_length=1, max_length=LOTS_PER_STATEMENT)]
    """What was found of each lot."""
    remarks: Text | None = None
    """Anything else, in words."""


class RecallAcknowledged(Event):
    """A holder of recalled goods says what it found. The latest word on a lot counts."""

    nature = Nature.FACT
    type: Literal["recall.acknowledged"]
    refs: AcknowledgementRefs
    body: AcknowledgementBody

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        same_lots(self.refs.lots, [item.lot for item in self.body.items])
        return self


class RecallIdRefs(Shape):
    recall: Ref
    """The `recall.opened` that ends."""


class RecallClosedBody(Shape):
    """`recall.closed`: what came of it."""

    outcome: Text
    """What became of the goods, in words."""


class RecallClosed(Event):
    """Whoever opened a recall, or the buyer, closes it."""

    nature = Nature.FACT
    type: Literal["recall.closed"]
    refs: RecallIdRefs
    body: RecallClosedBody
