"""Who is in the log, and what was said in it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from ledger.views.answers.base import Answer, Id, Index, Moment, Named, PartyDid, Size


class Party(Answer):
    """A party that enrolled."""

    order: ClassVar[str] = "index"

    id: PartyDid
    index: Index
    """Of its enrolment."""
    statement: Id
    """Its enrolment."""
    name: Annotated[str | None, Field(examples=["Asha"])]
    """Null where it keeps its name confidential."""
    kind: Annotated[str, Field(examples=["maker"])]
    country: Annotated[str, Field(examples=["IN"])]
    """ISO 3166-1 alpha-2."""
    keys: Annotated[int, Field(ge=0, examples=[1])]
    """How many of its keys are valid."""
    size: Size


class Statement(Answer):
    """A registered statement, without what it says."""

    order: ClassVar[str] = "index"

    id: Id
    index: Index
    type: Annotated[str, Field(examples=["batch.signed_off"])]
    contract: Id | None
    """The contract it stands under."""
    signer: Named
    occurred_at: Annotated[str, Field(examples=["2026-05-04T16:20:00+05:30"])]
    """When it happened, as the signer claims, in the signer's own offset."""
    registered_at: Moment
    """When the log registered it: its own word."""
    erased_by: Id | None
    """The order by which its contents were erased; null while they are there."""
