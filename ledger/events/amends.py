"""Putting the record right: a fact that is withdrawn or replaced, and openings that were destroyed.

Nothing in the log is ever changed. A correction is a statement of its own; what it corrects stays and is shown.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.events.base import Event, Nature, Subject
from ledger.events.claims import TargetRefs
from ledger.events.fields import Digest, Document, MaybeRef, Ref, Shape, Text
from ledger.limits import LOTS_PER_STATEMENT


class CorrectionRefs(Shape):
    target: Ref
    """The fact that was wrong, under the same contract."""
    replacement: MaybeRef = None
    """The statement that stands in its place: another of the same type by the same party."""


class CorrectionBody(Shape):
    """`correction.declared`: it did not occur, or its data were wrong."""

    reason: Literal["did not occur", "incorrect data"]
    """What was wrong with it."""
    explanation: Text
    """How that came about, in words."""


class CorrectionDeclared(Event):
    """Whoever signed a fact, for itself or for another, takes it back. From here on it does not count."""

    nature = Nature.FACT
    type: Literal["correction.declared"]
    refs: CorrectionRefs
    body: CorrectionBody

    @model_validator(mode="after")
    def _replaced(self) -> Self:
        if self.body.reason == "did not occur" and self.refs.replacement is not None:
            raise PydanticCustomError("correction", "what did not occur has no replacement")
        return self


class ErasureBody(Shape):
    """`erasure.recorded`: which commitments can be opened no more, and on what ground."""

    commitments: Annotated[tuple[Digest, ...], Field(strict=False, max_length=LOTS_PER_STATEMENT)] = ()
    """Digests in the target whose values and salts were destroyed."""
    contents: bool = False
    """Whether the log destroys the target's whole content, by order; its digest, and every proof, stays."""
    ground: Text
    """On what ground, in words."""
    order: Document | None = None
    """The order of a court or a controller; required to destroy contents."""

    @model_validator(mode="after")
    def _erases_something(self) -> Self:
        if not self.commitments and not self.contents:
            raise PydanticCustomError("erasure", "nothing is erased: name commitments, or contents")
        if self.contents and self.order is None:
            raise PydanticCustomError("erasure", "contents are erased by order only: name the order")
        return self


class ErasureRecorded(Event):
    """The controller writes down what was erased. No hash changes."""

    nature = Nature.FACT
    subject = Subject.EITHER
    type: Literal["erasure.recorded"]
    refs: TargetRefs
    body: ErasureBody
