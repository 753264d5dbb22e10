"""What is promised under a contract: call-offs, and allocations of them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledger.views.answers.base import Answer, Day, Figure, Id, Index, LineName, Named, Size, Unit


class Ordered(Answer):
    """One line of a call-off."""

    line: LineName
    unit: Unit
    quantity: Figure
    """What is ordered now: less what was cancelled."""
    allotted: Figure | None
    """As all that follows null where the order is above the reader's part of the contract."""
    signed_off: Figure | None
    arrived: Figure | None
    """Counted as good by the consignee, goods without a maker included."""
    open: Figure | None
    """Ordered, and not arrived in good order."""


class Calloff(Answer):
    """An order under a contract."""

    order: ClassVar[str] = "index"

    id: Id
    index: Index
    contract: Id
    reference: Annotated[str, Field(examples=["CO-1"])]
    holder: Named
    """The prime, who divides it."""
    consignee: Named
    """To whom it is delivered."""
    issued: Day
    due: Day
    state: Literal["offered", "accepted", "cancelled"]
    """Cancelled where nothing is left of it."""
    accepted: Id | None
    """The statement that accepted it."""
    lines: tuple[Ordered, ...]
    late: bool
    """Whether it is due, and not all has arrived in good order."""
    size: Size


class Allotted(Answer):
    """One line of an allocation."""

    line: LineName
    unit: Unit
    quantity: Figure
    """What is promised here now: less what was withdrawn."""
    allotted: Figure | None
    """Of that: promised on from here; as all that follows null where it is above the reader's part."""
    signed_off: Figure | None
    """Here and below."""
    left: Figure | None
    """What the holder still has to make or to allot; below zero where more was promised on than is left."""


class Sample(Answer):
    """What an inspector said of a maker's first sample."""

    line: LineName
    decision: Literal["pass", "fail", "conditional"]
    inspector: Named
    conditions: str | None
    """What has to be mended, of a conditional pass."""
    statement: Id


class Allocation(Answer):
    """A part of a call-off, or of another allocation, promised to a maker or a hub."""

    order: ClassVar[str] = "index"

    id: Id
    index: Index
    contract: Id
    calloff: Id
    parent: Id
    """The call-off, or the allocation it is a part of."""
    depth: Annotated[int, Field(ge=1, examples=[1])]
    """1 for a part of the call-off itself."""
    offered_by: Named
    holder: Named
    """Who makes it, or divides it."""
    due: Day
    state: Literal["offered", "accepted", "withdrawn"]
    """Withdrawn where nothing is left of it."""
    accepted: Id | None
    lines: tuple[Allotted, ...]
    samples: tuple[Sample, ...]
    """In the order of the log; the latest counts."""
    late: bool
    """Whether it is due, and not all of it is signed off."""
    size: Size
