"""Field types of the vocabulary: each reads one JSON value strictly into one domain value.

A field type is an annotated Python type: what it becomes (`Quantity`, `date`, ...), the validator that reads
it, and its JSON Schema. Validators raise the ground floor's `Malformed` with words for a person; `_reads`
carries those words into the model's list of problems.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    PlainValidator,
    Tag,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError

from ledger.errors import Malformed
from ledger.events.codes import COUNTRIES, CURRENCIES, INCOTERMS
from ledger.events.kinds import DATE_PATTERN, TIME_PATTERN, written
from ledger.limits import (
    LINES_PER_STATEMENT,
    LOTS_PER_STATEMENT,
    SHORT_TEXT_CHARS,
    TEXT_CHARS,
)
from ledger.statement.keys import parse_did_key
from ledger.units import UNITS, Money, PartyId, Quantity, StatementId, parse_decimal, parse_quantity

_DATE = re.compile(DATE_PATTERN)
_TIME = re.compile(TIME_PATTERN)


class Shape(BaseModel):
    """Base of every object in an event: closed, strict, frozen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class Reads:
    """How a type reads its JSON value; the reader's `Malformed` becomes one problem of the model."""

    read: Callable[[Any], Any]
    as_is: bool = False
    """Whether the value stays what it is in JSON, once it is found sound."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return PlainValidator(self._validate).__get_pydantic_core_schema__(source, handler)

    def _validate(self, value: Any) -> Any:
        try:
            return self.read(value)
        except Malformed as problem:
            words = f"{problem}; {problem.hint}" if problem.hint else str(problem)
            raise PydanticCustomError("malformed", "{words}", {"words": words}) from problem


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise Malformed(f"found {type(value).__name__}", expected=what)
    return value


def read_time(value: Any) -> datetime:
    """An RFC 3339 time; its offset is required. Raises `Malformed`."""
    text = _text(value, "an RFC 3339 time")
    if not _TIME.fullmatch(text):
        raise Malformed(
            f"{text[:40]!r} is not a time", expected="RFC 3339 with its offset, as 2026-05-04T16:20:00+05:30"
        )
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"{text!r} is not a time: {error}", expected="a time that exists") from error


def _read_date(value: Any) -> date:
    text = _text(value, "a date")
    if not _DATE.fullmatch(text):
        raise Malformed(f"{text[:40]!r} is not a date", expected="year-month-day, as 2026-05-04")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"{text!r} is not a date: {error}", expected="a day that exists") from error


def _members(value: Any, number: str, of: str) -> tuple[str, str]:
    """The two members of a quantity or of money, and nothing else."""
    if not isinstance(value, dict) or len(value) != 2 or number not in value or of not in value:
        raise Malformed(
            f"found {sorted(value) if isinstance(value, dict) else type(value).__name__}",
            expected=f"an object with exactly {number!r} and {of!r}",
        )
    first, second = value[number], value[of]
    if isinstance(first, str) and isinstance(second, str):
        return first, second
    return _text(first, f"{number} as text, never a number"), _text(second, f"{of} as text")


def _read_amount(value: Any) -> Quantity:
    return parse_quantity(*_members(value, "value", "unit"))


def _read_quantity(value: Any) -> Quantity:
    quantity = _read_amount(value)
    if quantity.value <= 0:
        raise Malformed(f"the quantity is {quantity}", expected="more than 0")
    return quantity


def _read_money(value: Any) -> Money:
    amount, currency = _members(value, "amount", "currency")
    if currency not in CURRENCIES:
        raise Malformed(f"{currency[:10]!r} is not a currency", expected="an ISO 4217 code, as INR")
    return Money(parse_decimal(amount), currency)


def _read_percent(value: Any) -> Decimal:
    percent = parse_decimal(_text(value, 'a percentage as text, as "2.5"'))
    if percent > 100:
        raise Malformed(f"{value} is more than 100", expected="a percentage from 0 to 100")
    return percent


def _read_party(value: Any) -> PartyId:
    return parse_did_key(_text(value, "a party id (did:key:z...)")).did


def _one_of(codes: frozenset[str], what: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in codes:
            raise Malformed(f"{str(value)[:20]!r} is not assigned", expected=what)
        return value

    return read


def _printable(value: str) -> str:
    """Text a person can trust on a screen: no control characters, no bidirectional overrides, not blank."""
    if not value.strip():
        raise PydanticCustomError("blank", "the text is blank")
    if unseen := _UNSEEN.search(value):
        raise PydanticCustomError("control", f"the text holds the control character U+{ord(unseen[0]):04X}")
    return value


_UNSEEN: Final = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


def _one_line(value: str) -> str:
    """Text that stands in a list, a message or a column: a second line could be taken for another message."""
    if "\n" in value:
        raise PydanticCustomError("control", "the text has more than one line")
    return _printable(value)


def _not_null(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("role", "a role that points to nothing is left out")
    return value


def _within(degrees: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        if abs(Decimal(value)) > degrees:
            raise PydanticCustomError("degrees", f"a position is at most {degrees} degrees here")
        return value

    return check


Time = Annotated[datetime, Reads(read_time), written("Time")]
"""RFC 3339 time; the offset is required."""

Date = Annotated[date, Reads(_read_date), written("Date")]
Amount = Annotated[Quantity, Reads(_read_amount), written("Amount")]
"""A quantity of zero or more."""

Asked = Annotated[Quantity, Reads(_read_quantity), written("Quantity")]
"""A quantity of more than zero (the schema cannot say so; the model does)."""

Price = Annotated[Money, Reads(_read_money), written("Money")]
Percent = Annotated[Decimal, Reads(_read_percent), written("Percent")]
Party = Annotated[PartyId, Reads(_read_party, as_is=True), written("Party")]
Unit = Annotated[
    str,
    Reads(_one_of(frozenset(UNITS), "a UN/CEFACT Rec 20 code: " + ", ".join(sorted(UNITS))), as_is=True),
    written("Unit"),
]
Country = Annotated[
    str, Reads(_one_of(COUNTRIES, "an ISO 3166-1 alpha-2 code, as IN"), as_is=True), written("Country")
]
Incoterm = Annotated[
    str, Reads(_one_of(INCOTERMS, "an Incoterms 2020 code, as DAP"), as_is=True), written("Incoterm")
]

SHA256_PATTERN: Final = r"^[0-9a-f]{64}$"

Ref = Annotated[StatementId, Field(pattern=SHA256_PATTERN)]
"""The id of a statement."""

MaybeRef = Annotated[
    StatementId | None,
    Field(pattern=SHA256_PATTERN),
    BeforeValidator(_not_null),
    WithJsonSchema({"type": "string", "pattern": SHA256_PATTERN}),
]
"""The id of a statement in `refs`, left out where there is none: a role is never null (specs/statement.md)."""

Digest = Annotated[str, Field(pattern=SHA256_PATTERN)]
"""SHA-256 in lower-case hexadecimal."""


@dataclass(frozen=True, slots=True)
class Blanked:
    """Marks a type whose values go when a statement's contents are erased by order (`ledger.events.remnant`)."""

    by: Callable[[Any], Any]
    """What stands in a value's place: never longer in JSON, and its own blank."""


MARK: Final = "[erased]"
"""What stands where a text stood; a shorter text leaves a dash, so that no statement grows."""


def _mark(text: str) -> str:
    return MARK if len(text.encode()) >= len(MARK) else "-"


Label = Annotated[str, Field(min_length=1, max_length=SHORT_TEXT_CHARS), AfterValidator(_one_line)]
"""Text that others point to or are counted by: it stays when contents are erased, so it names no person."""

Text = Annotated[
    str, Field(min_length=1, max_length=TEXT_CHARS), AfterValidator(_printable), Blanked(by=_mark)
]
ShortText = Annotated[Label, Blanked(by=_mark)]
LineName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,20}$")]
LotName = Annotated[str, Field(pattern=r"""^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}$""")]
"""GS1 application identifier (10): up to 20 characters of GS1 character set 82."""

Uri = Annotated[str, Field(pattern=r"^[a-z][a-z0-9+.-]*:[!-~]+$", max_length=SHORT_TEXT_CHARS)]
Facility = Annotated[Uri, Blanked(by=lambda _link: None)]
"""Open Know-Where link of a place of making, which may be a home."""

Region = Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")]
Count = Annotated[int, Field(ge=0, le=10**9)]

T = TypeVar("T")
Lines = Annotated[tuple[T, ...], Field(strict=False, min_length=1, max_length=LINES_PER_STATEMENT)]
"""One or more of something, in the order given."""

Some = Annotated[tuple[T, ...], Field(strict=False, max_length=LOTS_PER_STATEMENT)]
"""None or more of something, in the order given."""


class Commitment(Shape):
    """A confidential value: SHA-256(salt of 32 bytes || RFC 8785 value); the opening travels elsewhere."""

    commitment: Digest
    """The digest."""


def _form(value: Any) -> str:
    """Whether a value is a commitment or stands in the clear: only that form is read, and only its problems told."""
    committed = isinstance(value, Commitment) or (isinstance(value, dict) and "commitment" in value)
    return _COMMITTED if committed else _CLEAR


_CLEAR: Final = "[clear]"
_COMMITTED: Final = "[committed]"
FORMS: Final = frozenset({_CLEAR, _COMMITTED})
"""What stands in the place of a problem beside its members' names: the form that was read."""

OrCommitment = Annotated[
    Annotated[T, Tag(_CLEAR)] | Annotated[Commitment, Tag(_COMMITTED)], Discriminator(_form)
]
"""A value in the clear, or a commitment to it."""

_DEGREES: Final = r"-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,6})?"


class Position(Shape):
    """A point on the earth (WGS 84): decimal degrees as text, never numbers."""

    latitude: Annotated[str, Field(pattern=f"^{_DEGREES}$"), AfterValidator(_within(90))]
    """Degrees, -90 to 90, north positive; up to six digits after the point (0.1 m)."""
    longitude: Annotated[str, Field(pattern=f"^{_DEGREES}$"), AfterValidator(_within(180))]
    """Degrees, -180 to 180, east positive; up to six digits after the point."""


Whereabouts = Annotated[Position, Blanked(by=lambda _position: None)]
"""The position of a party."""


class Document(Shape):
    """A file that is referred to, not carried: its SHA-256, size in bytes and media type."""

    sha256: Digest
    """SHA-256 of the file's bytes."""
    size: Annotated[int, Field(ge=0, le=2**53 - 1)]
    """Length of the file in bytes."""
    media_type: Annotated[str, Field(pattern=r"^[a-z]+/[A-Za-z0-9.+-]+$", max_length=100)]
    """As registered with IANA: `application/pdf`."""
    name: ShortText | None = None
    """The file's name, for people."""


class Place(Shape):
    """Where: country, optionally region (ISO 3166-2), locality, a name, a facility link (Open Know-Where)."""

    country: Country
    """The country it is in."""
    region: Region | None = None
    """ISO 3166-2 code."""
    locality: ShortText | None = None
    """City, town or village."""
    name: ShortText | None = None
    """What the place is called there: `State Store`."""
    facility: Facility | None = None
    """Open Know-Where link of the facility."""
