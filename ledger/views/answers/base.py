"""What answers share: their base, ids, figures, names."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from ledger.units import PartyId, StatementId, format_decimal

Id = Annotated[
    StatementId,
    Field(examples=["4d1f0b6f0a4d7f0f7f4b3d8f2f7f1c8ad0a3b6f1e1a0c5d4b8e7f6a5c4d3e2f1"]),
]
"""A statement's id: 64 lower-case hexadecimal digits."""
PartyDid = Annotated[PartyId, Field(examples=["did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"])]
Index = Annotated[int, Field(ge=0, examples=[17])]
Size = Annotated[int, Field(ge=0, examples=[564])]
Day = Annotated[date, Field(examples=["2026-06-01"])]
Moment = Annotated[datetime, Field(examples=["2026-05-04T10:50:00Z"])]
LineName = Annotated[str, Field(examples=["1"])]
Unit = Annotated[str, Field(examples=["H87"])]
Figure = Annotated[
    Decimal,
    PlainSerializer(format_decimal, return_type=str),
    Field(examples=["400"]),
]
"""An exact decimal, as text."""


class Answer(BaseModel):
    """Base of every answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    order: ClassVar[str] = ""
    """The field by which those of a kind are listed."""


class Named(Answer):
    """A party, by its id and as a person knows it."""

    id: PartyDid
    """`did:key` of its first key."""
    name: Annotated[str, Field(examples=["Asha (…QyRSfe2K)"])]
    """The name it gave, and the end of its id; the end of its id alone where it gave none in the clear."""


class Price(Answer):
    """Money."""

    amount: Figure
    currency: Annotated[str, Field(examples=["INR"])]
    """ISO 4217."""


class Amount(Answer):
    """So much of something."""

    value: Figure
    unit: Unit


class Figures(Answer):
    """What was promised and what became of it, in one unit. Dispatched and received count the last leg alone, to the
    consignee; what a party sees of a contract that is not wholly its own is counted of its own part."""

    ordered: Figure
    """Called off (of a line), or allotted (of a party)."""
    allotted: Figure
    """Of that: allotted to makers."""
    signed_off: Figure
    """Released by makers."""
    dispatched: Figure
    """Sent to the consignee."""
    received: Figure
    """In good order, by the consignee."""
    damaged: Figure
    accepted: Figure
    """By the buyer's quality."""
    rejected: Figure
    unattributed: Figure
    """Of what was received: goods whose maker is not known."""
    open: Figure
    """Ordered, and not arrived in good order; below zero where more arrived."""


class Hit(Answer):
    """Something a search found."""

    kind: Annotated[str, Field(examples=["lot"])]
    """`contract`, `call-off`, `lot`, `delivery`, `finding`, `recall`, `party`."""
    id: str
    contract: Id | None
    title: Annotated[str, Field(examples=["A1"])]
    """What it is called."""
    words: str
    """What else it can be found by."""


def nested(model: type[Answer]) -> frozenset[str]:
    """The fields of an answer that hold others, or lists."""
    properties: dict[str, Any] = model.model_json_schema(mode="serialization")["properties"]
    return frozenset(name for name, schema in properties.items() if _holds(schema))


def _holds(schema: dict[str, Any]) -> bool:
    return "$ref" in schema or schema.get("type") == "array" or any(map(_holds, schema.get("anyOf", ())))
