"""The way from a statement up to its contract."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ledger.views.answers.base import Answer, Id, Named, Size
from ledger.views.answers.people import Statement


class Step(Answer):
    """One promise or fact on the way."""

    statement: Id
    accepted: Id | None
    """What accepted it, where that is needed."""
    signer: Named | None
    """Null where it is not kept who signed."""
    says: Annotated[str, Field(examples=["Asha (…QyRSfe2K) signed off lot A1: 300 pieces of line 1"])]
    """The whole of it in one sentence."""


class News(Answer):
    """A statement as it is registered."""

    statement: Statement
    says: Annotated[str, Field(examples=["Asha (…QyRSfe2K) signed off lot A1: 300 pieces of line 1"])]
    """What it says, in one sentence."""


class Path(Answer):
    """The statements that one rests on, the contract first, the one asked for last."""

    contract: Id
    statement: Id
    steps: tuple[Step, ...]
    """Those that the reader sees."""
    size: Size
