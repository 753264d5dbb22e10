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
from ledger.events.fields import Amount, Ref, Shape, Some, Text
from ledger.events.production import Input
from ledger.limits import LOTS_PER_STATEMENT


class RecallRefs(Shape):
    lots: Lots = ()
    specification: Ref | None = None


class RecallBody(Shape):
    """`recall.opened`: which goods, how grave, what to do with them."""

    inputs: Some[Input] = ()
    """Bought-in material: every lot that names it, by item and lot, whoever the supplier is said to be."""
    grade: Literal["danger to life", "danger to health", "quality"]
    action: Literal["quarantine", "return", "destroy", "correct in place"]
    reason: Text


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
    lots: Lots = ()
    delegation: Ref | None = None


class LocatedLot(Shape):
    """What a holder found of a lot, and how much of that is set apart."""

    lot: Ref
    located: Amount
    quarantined: Amount

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
    remarks: Text | None = None


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


class RecallClosedBody(Shape):
    outcome: Text


class RecallClosed(Event):
    """Whoever opened a recall, or the buyer, closes it."""

    nature = Nature.FACT
    type: Literal["recall.closed"]
    refs: RecallIdRefs
    body: RecallClosedBody
