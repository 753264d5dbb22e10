"""What the rules found, and what was called back."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledger.views.answers.base import Amount, Answer, Figure, Id, Index, Moment, Named, Size, Unit
from ledger.views.answers.goods import Material


class Told(Answer):
    """A figure of a finding, in words."""

    name: Annotated[str, Field(examples=["short"])]
    value: Annotated[str, Field(examples=["6 pieces"])]


class Finding(Answer):
    """Something the rules found wrong or open in recorded facts."""

    order: ClassVar[str] = "rank"

    id: Annotated[str, Field(examples=["5a0f3c1b9d2e4f60"])]
    """Stays the same while the finding is about the same statements."""
    contract: Id
    label: Annotated[str, Field(examples=["F05 short"])]
    """Number and name, as docs/messages.md has them."""
    severity: Literal["critical", "warning", "note"]
    message: Annotated[str, Field(examples=["6 pieces of lot A1 of Asha did not arrive"])]
    figures: tuple[Told, ...]
    statements: tuple[Id, ...]
    """Those that show it; what it is about comes first."""
    closes: Annotated[str, Field(examples=["record what became of them"])]
    """What would close it."""
    rank: Annotated[str, Field(examples=["1:F05 short:000017:0000"])]
    """Places the worst first."""
    size: Size


class CalledBack(Answer):
    """A lot that a recall is about."""

    lot: Id
    name: Annotated[str, Field(examples=["A1"])]
    maker: Named
    released: Figure
    unit: Unit


class Located(Answer):
    """What a holder found of a lot."""

    lot: Id
    located: Figure
    quarantined: Figure


class Answered(Answer):
    """A holder's answer to a recall."""

    statement: Id
    by: Named
    at: Moment
    lots: tuple[Located, ...]


class Recall(Answer):
    """Goods called back."""

    order: ClassVar[str] = "index"

    id: Id
    index: Index
    contract: Id
    by: Named
    opened_at: Moment
    grade: Annotated[str, Field(examples=["critical"])]
    action: Annotated[str, Field(examples=["return"])]
    reason: str
    state: Literal["open", "closed"]
    closed: Id | None
    closed_at: Moment | None
    lots: tuple[CalledBack, ...]
    """All that it is about here: by their ids, by their design, or by what went into them."""
    materials: tuple[Material, ...]
    specification: Id | None
    called_back: tuple[Amount, ...]
    """By unit, as the makers released it."""
    located: tuple[Amount, ...]
    answers: tuple[Answered, ...]
    size: Size
