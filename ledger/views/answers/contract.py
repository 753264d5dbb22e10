"""A contract, its lines, and who makes what of it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledger.views.answers.base import (
    Answer,
    Day,
    Figure,
    Figures,
    Id,
    Index,
    LineName,
    Moment,
    Named,
    Price,
    Size,
    Unit,
)


class Line(Answer):
    """A line of a contract, by the latest terms."""

    line: LineName
    description: Annotated[str, Field(examples=["Face shield"])]
    item: Annotated[str, Field(examples=["https://id.gs1.org/01/09506000134352"])]
    """A GTIN as GS1 Digital Link, or any URI."""
    unit: Unit
    """UN/CEFACT Rec 20 code of all figures of the line."""
    ceiling: Figure | None
    """The most that may be called off; null for no bound."""
    price: Price | None
    """Of one unit; null where none was agreed, or where it is confidential."""
    figures: Figures
    paid: Figure | None
    """The quantity that payments are for; null where not all of them are seen."""
    ordered_worth: tuple[Price, ...] | None
    """By currency; null where a price is not known here."""
    accepted_worth: tuple[Price, ...] | None
    due: Day | None
    """The first day by which something is due that has not arrived."""
    late: bool
    """Whether that day is past."""


class Severities(Answer):
    """How many findings of each severity there are."""

    critical: Annotated[int, Field(ge=0, examples=[0])]
    warning: Annotated[int, Field(ge=0, examples=[2])]
    note: Annotated[int, Field(ge=0, examples=[1])]


class Contract(Answer):
    """A framework contract and what has become of it."""

    order: ClassVar[str] = "index"

    id: Id
    index: Index
    """Of the contract's statement."""
    reference: Annotated[str, Field(examples=["LTA-2026-7"])]
    title: Annotated[str, Field(examples=["Face shields"])]
    buyer: Named
    prime: Named
    """The prime supplier, who divides what is ordered."""
    first_day: Day
    last_day: Day
    state: Literal["offered", "accepted", "closed"]
    """Whether the prime has accepted it; closed to further call-offs."""
    lines: tuple[Line, ...]
    calloffs: Annotated[int, Field(ge=0, examples=[1])]
    makers: Annotated[int, Field(ge=0, examples=[42])]
    """Parties that make something of it."""
    lots: Annotated[int, Field(ge=0, examples=[81])]
    deliveries: Annotated[int, Field(ge=0, examples=[73])]
    statements: Annotated[int, Field(ge=0, examples=[564])]
    """How many there are under it."""
    findings: Severities
    late: bool
    """Whether a line is."""
    whole: bool
    """Whether these are the figures of the whole contract, or of the part of it that the reader sees."""
    as_of: Moment
    """The time by which it is judged what is late."""
    size: Size
    """The log's size at which this is true."""


class Maker(Answer):
    """A party and one line: what it makes itself (`maker`), or what is made at it and below it (`hub`)."""

    order: ClassVar[str] = "rank"

    id: Annotated[str, Field(examples=["5a0f3c1b9d2e4f60"])]
    contract: Id
    party: Named
    role: Literal["maker", "hub"]
    via: tuple[Named, ...]
    """Who allotted it."""
    line: LineName
    unit: Unit
    parts: Annotated[int, Field(ge=0, examples=[12])]
    """How many allocations a hub made from what it holds; 0 for a maker."""
    lots: Annotated[int, Field(ge=0, examples=[2])]
    """How many lots a maker signed off; 0 for a hub."""
    figures: Figures
    rank: Annotated[str, Field(examples=["0000009999999600.000000"])]
    """Places the largest share first."""
    size: Size
