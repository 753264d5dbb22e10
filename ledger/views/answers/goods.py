"""Goods: lots, and the deliveries they travel in."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledger.views.answers.base import Answer, Day, Figure, Id, Index, LineName, Moment, Named, Size, Unit


class Material(Answer):
    """Bought-in material, by its item and its supplier's lot."""

    item: Annotated[str, Field(examples=["urn:sheet"])]
    lot: Annotated[str, Field(examples=["P-77"])]


class Lot(Answer):
    """A batch of goods, made and released together."""

    order: ClassVar[str] = "index"

    id: Id
    """Of its sign-off."""
    index: Index
    contract: Id
    name: Annotated[str, Field(examples=["A1"])]
    """What is printed on it; a maker uses a name once."""
    maker: Named
    signed_by: Named | None
    """Who signed it off for the maker, where another did."""
    confirmed: Id | None
    """The maker's own confirmation of that."""
    line: LineName
    unit: Unit
    made: Figure
    scrapped: Figure
    """Rejected by the maker."""
    released: Figure
    signed_off: Day
    due: Day
    late: bool
    """Whether it was signed off after its allocation was due."""
    allocation: Id
    calloff: Id
    consignee: Named
    specification: Id | None
    """The one it was made to."""
    inputs: tuple[Id, ...]
    """Lots of this log that went into it."""
    materials: tuple[Material, ...]
    dispatched: Figure
    """To the consignee."""
    received: Figure
    """In good order, by the consignee."""
    damaged: Figure
    accepted: Figure
    rejected: Figure
    """By the buyer's quality."""
    state: Literal["released", "held", "recalled"]
    inspections: tuple[Id, ...]
    holds: tuple[Id, ...]
    recalls: tuple[Id, ...]
    """Those that are about it and not closed."""
    dispatches: tuple[Id, ...]
    receipts: tuple[Id, ...]
    findings: Annotated[int, Field(ge=0, examples=[1])]
    """How many findings name it."""
    size: Size


class Carried(Answer):
    """One lot on a waybill, or goods of a line whose maker is not known: what was sent, counted, decided."""

    lot: Id | None
    """Null where the maker is not known."""
    name: Annotated[str | None, Field(examples=["A1"])]
    """Of the lot, where the reader sees it."""
    maker: Named | None
    line: LineName
    unit: Unit
    sent: Figure | None
    """Null where it is on no recorded dispatch."""
    good: Figure
    damaged: Figure
    short: Figure
    excess: Figure
    accepted: Figure
    rejected: Figure


class Delivery(Answer):
    """Goods on the way: a dispatch with what was received of it, or a receipt of what nobody says to have sent."""

    order: ClassVar[str] = "index"

    id: Id
    """Of the dispatch; of the receipt where there is none."""
    index: Index
    contract: Id
    waybill: Annotated[str, Field(examples=["W-7"])]
    sender: Named | None
    receiver: Named
    """Who is to receive it."""
    sent_at: Moment | None
    received_at: Moment | None
    """The last time something of it was counted."""
    last_leg: bool
    """Whether it went to the consignee, not to a hub on the way."""
    goods: tuple[Carried, ...]
    receipts: tuple[Id, ...]
    decisions: tuple[Id, ...]
    state: Literal["on the way", "received", "decided", "taken back"]
    odd: bool
    """Whether something was damaged, short, in excess, rejected, or not sent."""
    late: bool
    """Whether it arrived after its call-off was due."""
    findings: Annotated[int, Field(ge=0, examples=[1])]
    """How many findings name it or its receipts."""
    size: Size
