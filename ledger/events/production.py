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
    Label,
    LineName,
    LotName,
    MaybeRef,
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

    characteristic: Label
    """What was checked, as the check plan names it."""
    method: ShortText
    """How: `by eye`, `calliper`."""
    sample: Annotated[Count, Field(ge=1)]
    """How many were checked."""
    failed: Count
    """How many of them failed."""
    remark: Text | None = None
    """Anything else, in words."""

    @model_validator(mode="after")
    def _within_sample(self) -> Self:
        if self.failed > self.sample:
            raise PydanticCustomError("check", "more failed than were checked")
        return self


class SampleRefs(Shape):
    allocation: Ref
    """The accepted `allocation.offered` of the maker whose sample it is."""


class SampleBody(Shape):
    """`sample.decided`: what the inspector says of the first piece of a line that a maker made."""

    line: LineName
    """A line of the allocation."""
    decision: Literal["pass", "fail", "conditional"]
    """Whether the maker may go on to sign off volume; `conditional` lets it, and says what has to be mended."""
    results: Some[Check] = ()
    """What was checked of the sample."""
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
    """What it is: a GTIN as GS1 Digital Link, or any URI."""
    lot: LotName
    """The supplier's own lot number."""
    supplier: ShortText | None = None
    """Who sold it."""


class SignOffRefs(Shape):
    allocation: Ref
    """The accepted `allocation.offered` under which it was made."""
    specification: MaybeRef = None
    """The `specification.published` it was made to; required on a day when the contract names one for the line."""
    inputs: Annotated[tuple[Ref, ...], Field(strict=False, max_length=REFS_PER_ROLE)] = ()
    """The `batch.signed_off` of each lot in this log that went into it, under whatever contract."""
    delegation: MaybeRef = None
    """The `delegation.granted` under which another signs for the maker."""


class BatchBody(Shape):
    """`batch.signed_off`: made, rejected, released, when and where, and what was checked."""

    line: LineName
    """A line of the allocation."""
    lot: LotName
    """What is printed on it (GS1 AI 10); a maker uses a lot name once."""
    made: Asked
    """How much was made, in the line's unit."""
    rejected: Amount
    """How much of that the maker rejected, in the line's unit; may be 0."""
    released: Asked
    """How much may leave, in the line's unit: no more than made less rejected."""
    made_between: Period
    """The days on which it was made."""
    place: Place
    """Where it was made."""
    checks: Some[Check] = ()
    """What the maker checked."""
    inputs: Some[Input] = ()
    """Bought-in material that went into it."""
    remarks: Text | None = None
    """Anything else, in words."""


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
    """The `batch.signed_off` of the lot."""


class Defects(Shape):
    """Defective pieces found in the sample, by class (ISO 2859-1: critical, major, minor)."""

    critical: Count = 0
    """Pieces with a defect that endangers people."""
    major: Count = 0
    """Pieces that will not do their work."""
    minor: Count = 0
    """Pieces with a defect that hardly matters."""


class Measurement(Shape):
    """One reading, as read: `0.48 mm`."""

    characteristic: Label
    """What was measured."""
    reading: ShortText
    """The reading, with its unit."""


class InspectionBody(Shape):
    """`inspection.recorded`: what an inspector found in a sample of a lot."""

    sample: Annotated[Count, Field(ge=1)]
    """How many pieces were looked at."""
    defects: Defects = Defects()
    """How many of them were defective."""
    measurements: Some[Measurement] = ()
    """What was measured."""
    verdict: Literal["pass", "fail"]
    """Whether the lot passes."""
    remarks: Text | None = None
    """Anything else, in words."""


class InspectionRecorded(Event):
    """An inspector looked at a lot; the latest verdict counts."""

    nature = Nature.FACT
    type: Literal["inspection.recorded"]
    refs: LotRefs
    body: InspectionBody


class HoldBody(Shape):
    """`batch.held`, `batch.cleared`: why."""

    reason: Text
    """Why, in words."""


class BatchHeld(Event):
    """The maker, an inspector, a hub above it or the buyer holds a lot back: it is not to leave."""

    type: Literal["batch.held"]
    refs: LotRefs
    body: HoldBody


class ClearanceRefs(Shape):
    hold: Ref
    """The `batch.held` that ends."""


class BatchCleared(Event):
    """Whoever holds a lot back, or the buyer, lets it go."""

    type: Literal["batch.cleared"]
    refs: ClearanceRefs
    body: HoldBody
