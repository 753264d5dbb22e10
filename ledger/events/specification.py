"""What is to be made, and how it is checked: a revision of a design with its check plan.

A sign-off says which characteristics were checked, how, on how many, against which revision; the plan says which they
have to be.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.events.base import Event, Subject
from ledger.events.fields import Count, Document, Label, MaybeRef, Shape, ShortText, Some, Text, Uri


class PlannedCheck(Shape):
    """One characteristic of the check plan."""

    characteristic: Label
    """As the checks of a sign-off or an inspection name it."""
    method: ShortText
    """How it is checked: `by eye`, `calliper`."""
    limit: ShortText
    """What is still good: `1.5 mm or less`, `none in 80`."""
    sampling: ShortText
    """How samples are drawn, in words or by a standard: `ISO 2859-1, level S-2`."""
    least: Annotated[Count, Field(ge=1)] | None = None
    """The fewest pieces of a lot that must be checked."""
    by: Literal["maker", "inspector"]
    """Whose check it is: the maker's have to stand in its sign-off."""


class SpecificationBody(Shape):
    """`specification.published`: one revision."""

    item: Uri
    """What is made: a GTIN as GS1 Digital Link, or any URI."""
    revision: Label
    """The specifier's own name for the revision."""
    design: Document
    """The manifest of the design files (Open Know-How)."""
    checks: Some[PlannedCheck] = ()
    """The check plan."""
    remarks: Text | None = None
    """Anything else, in words."""

    @model_validator(mode="after")
    def _checks_once(self) -> Self:
        names = [check.characteristic for check in self.checks]
        if len(set(names)) != len(names):
            raise PydanticCustomError("checks", "a characteristic stands twice in the check plan")
        return self


class SpecificationRefs(Shape):
    supersedes: MaybeRef = None
    """The earlier revision of the same item by the same specifier."""


class SpecificationPublished(Event):
    """A specifier publishes a revision; contracts name it line by line."""

    subject = Subject.SIGNER
    type: Literal["specification.published"]
    refs: SpecificationRefs
    body: SpecificationBody
