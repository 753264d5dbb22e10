"""Making: the first sample, the batch sign-off, inspection, and holding a lot back.

A lot is named by the id of its sign-off. It names the lots and the bought-in materials that went into it, so that a
recall of one sheet of plastic finds every piece made from it.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.events.base import Event, Nature
from ledger.events.fields import (
    Amount,
    Asked,
    Count,
    LineName,
    LotName,
    Place,
    Ref,
    Shape,
    ShortText,
    Some,
    Text,
    Uri,
)
from ledger.events.framework import Period
from ledger.limits import REFS_PER_ROLE


class Check(Shape):
    """One characteristic that was checked: how, on how many, how many failed."""

    characteristic: ShortText
    method: ShortText
    sample: Annotated[Count, Field(ge=1)]
    failed: Count
    remark: Text | None = None

    @model_validator(mode="after")
    def _within_sample(self) -> Self:
        if self.failed > self.sample:
            raise PydanticCustomError("check", "more failed than were checked")
        return self


class SampleRefs(Shape):
    allocation: Ref


class SampleBody(Shape):
    """`sample.decided`: what the inspector says of the first piece of a line that a maker made."""

    line: LineName
    decision: Literal["pass", "fail", "conditional"]
    results: Some[Check] = ()
    conditions: Text | None = None
    """What has to be mended, of a conditional pass."""

    @model_validator(mode="after")
    def _conditions_of_conditional(self) -> Self:
        if (self.decision == "conditional") is not (self.conditions is not None):
            raise PydanticCustomError(
                "sample", "conditions go with a conditional decision, and with no other"
            )
        return self


class SampleDecided(Event):
    """An inspector passes or fails a maker's first sample; the latest decision counts."""

    type: Literal["sample.decided"]
    refs: SampleRefs
    body: SampleBody


class Input(Shape):
    """A lot of bought-in material, by its supplier's own name for it."""

    item: Uri
    lot: LotName
    supplier: ShortText | None = None


class SignOffRefs(Shape):
    allocation: Ref
    specification: Ref | None = None
    """What it was made to; required where the contract names one for the line."""
    inputs: Annotated[tuple[Ref, ...], Field(strict=False, max_length=REFS_PER_ROLE)] = ()
    """Lots in this log that went into it, under whatever contract."""
    delegation: Ref | None = None
    """Where another signs for the maker."""


class BatchBody(Shape):
    """`batch.signed_off`: made, rejected, released, when and where, and what was checked."""

    line: LineName
    lot: LotName
    made: Asked
    rejected: Amount
    released: Asked
    made_between: Period
    place: Place
    checks: Some[Check] = ()
    inputs: Some[Input] = ()
    remarks: Text | None = None


class BatchSignedOff(Event):
    """The maker releases a lot under an accepted allocation."""

    type: Literal["batch.signed_off"]
    refs: SignOffRefs
    body: BatchBody

    @model_validator(mode="after")
    def _inputs_once(self) -> Self:
        if len(set(self.refs.inputs)) != len(self.refs.inputs):
            raise PydanticCustomError("lots", "refs.inputs names a lot twice")
        return self


class LotRefs(Shape):
    lot: Ref


class Defects(Shape):
    """Defective pieces found in the sample, by class (ISO 2859-1: critical, major, minor)."""

    critical: Count = 0
    major: Count = 0
    minor: Count = 0


class Measurement(Shape):
    """One reading, as read: `0.48 mm`."""

    characteristic: ShortText
    reading: ShortText


class InspectionBody(Shape):
    """`inspection.recorded`: what an inspector found in a sample of a lot."""

    sample: Annotated[Count, Field(ge=1)]
    defects: Defects = Defects()
    measurements: Some[Measurement] = ()
    verdict: Literal["pass", "fail"]
    remarks: Text | None = None


class InspectionRecorded(Event):
    """An inspector looked at a lot; the latest verdict counts."""

    nature = Nature.FACT
    type: Literal["inspection.recorded"]
    refs: LotRefs
    body: InspectionBody


class HoldBody(Shape):
    reason: Text


class BatchHeld(Event):
    """The maker, an inspector, a hub above it or the buyer holds a lot back: it is not to leave."""

    type: Literal["batch.held"]
    refs: LotRefs
    body: HoldBody


class ClearanceRefs(Shape):
    hold: Ref


class BatchCleared(Event):
    """Whoever holds a lot back, or the buyer, lets it go."""

    type: Literal["batch.cleared"]
    refs: ClearanceRefs
    body: HoldBody
