"""Kinds of value: what each reads, to the last digit and day, and what it does not."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ledger.events import fields
from ledger.limits import SHORT_TEXT_CHARS, TEXT_CHARS
from ledger.units import UNITS, Money, Quantity
from tests.support.world import party


def read(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value, strict=True)


def refuse(kind: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        read(kind, value)
    return caught.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-05-04T16:20:00+05:30", datetime(2026, 5, 4, 10, 50, tzinfo=UTC)),
        ("2026-05-04T16:20:00Z", datetime(2026, 5, 4, 16, 20, tzinfo=UTC)),
        ("2026-05-04T16:20:00-00:00", datetime(2026, 5, 4, 16, 20, tzinfo=UTC)),
        ("2026-05-04T16:20:00.5Z", datetime(2026, 5, 4, 16, 20, 0, 500_000, tzinfo=UTC)),
        ("2026-05-04T16:20:00.123456Z", datetime(2026, 5, 4, 16, 20, 0, 123_456, tzinfo=UTC)),
        ("1970-01-01T00:00:00+23:59", datetime(1969, 12, 31, 0, 1, tzinfo=UTC)),
        ("2199-12-31T23:59:59-23:59", datetime(2200, 1, 1, 23, 58, 59, tzinfo=UTC)),
        ("2028-02-29T00:00:00Z", datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_a_time_has_an_offset_and_keeps_it(text, value):
    told = read(fields.Time, text)
    assert told == value
    assert told.date() == date.fromisoformat(text[:10])


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-04T16:20:00",  # no offset
        "2026-05-04 16:20:00Z",
        "2026-05-04t16:20:00z",
        "2026-05-04T16:20Z",
        "2026-05-04T16:20:00,5Z",
        "2026-05-04T16:20:00.1234567Z",  # more than Python keeps
        "2026-05-04T16:20:00.Z",
        "2026-05-04T16:20:60Z",
        "2026-05-04T24:00:00Z",
        "2026-05-04T16:60:00Z",
        "2026-05-04T16:20:00+05:60",  # Python reads this as +06:00
        "2026-05-04T16:20:00+24:00",
        "2026-05-04T16:20:00+0530",
        "2026-05-04T16:20:00+05:30:15",
        "2026-02-29T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "２026-05-04T16:20:00Z",  # a full-width digit
        "2026-05-04T16:20:00Z\n",
        "",
        1_777_900_000,
        None,
        datetime(2026, 5, 4, tzinfo=UTC),
    ],
)
def test_what_is_no_time(text):
    refuse(fields.Time, text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-5-4",
        "2026-02-30",
        "2026-W19-1",
        "20260504",
        "2026-05-04T00:00:00Z",
        "",
        20260504,
        date(2026, 5, 4),
    ],
)
def test_what_is_no_date(text):
    refuse(fields.Date, text)


@pytest.mark.parametrize(
    ("value", "unit", "amount"),
    [
        ("0.000001", "KGM", "0.000001"),
        ("999999999999999", "H87", "999999999999999"),
        ("999999999999999.999999", "LTR", "999999999999999.999999"),
        ("12.500", "KGM", "12.5"),
        ("3.0", "H87", "3"),
    ],
)
def test_quantities_are_exact(value, unit, amount):
    assert read(fields.Asked, {"value": value, "unit": unit}) == Quantity(Decimal(amount), unit)


@pytest.mark.parametrize(
    "value",
    [
        "1000000000000000", "0.0000001", "1e3", "+1", "-1", "01", ".5", "1.", "1_000", "1,5", " 1", "1\n", "１",
        "NaN", "Infinity", "0x1", "", 1, 1.5, None, True,
    ],
)  # fmt: skip
def test_what_is_no_quantity(value):
    refuse(fields.Amount, {"value": value, "unit": "KGM"})


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_every_unit_is_read_and_pieces_are_whole(unit):
    read(fields.Asked, {"value": "1", "unit": unit})
    if unit in {"H87", "EA", "PR", "SET"}:
        assert "is not a whole number" in refuse(fields.Asked, {"value": "0.5", "unit": unit})
    else:
        read(fields.Asked, {"value": "0.5", "unit": unit})


def test_a_quantity_asked_for_is_more_than_nothing():
    nothing = {"value": "0.000", "unit": "KGM"}
    assert read(fields.Amount, nothing) == Quantity.zero("KGM")
    assert "more than 0" in refuse(fields.Asked, nothing)


def test_money():
    assert read(fields.Price, {"amount": "55.25", "currency": "INR"}) == Money(Decimal("55.25"), "INR")
    for wrong in (
        {"amount": "55", "currency": "inr"},
        {"amount": "55", "currency": "RUR"},
        {"amount": 55, "currency": "INR"},
        {"amount": "55"},
    ):
        refuse(fields.Price, wrong)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fits"), [("0", True), ("2.5", True), ("100", True), ("100.000001", False), ("-1", False)]
)
def test_a_percentage_runs_from_0_to_100(text, fits):
    if fits:
        assert read(fields.Percent, text) == Decimal(text)
    else:
        refuse(fields.Percent, text)


def test_a_party_is_spelt_in_one_way():
    asha = party("Asha")
    assert read(fields.Party, asha) == asha
    for wrong in (
        asha.upper(),
        asha + "#key",
        asha[:-1],
        asha + "1",
        f" {asha}",
        "did:web:example.org",
        "",
        7,
    ):
        refuse(fields.Party, wrong)


@pytest.mark.parametrize(
    "text", ["Asha", "आशा", "नि\u200dर्मल", "عائشة", "O'Neill <b>&", "a" * SHORT_TEXT_CHARS, "é\u0301"]
)
def test_text_is_any_script(text):
    assert read(fields.ShortText, text) == text


@pytest.mark.parametrize(
    "char",
    [
        "\0", "\t", "\r", "\x1b", "\x7f", "\x85", "\x9b", "\u061c", "\u200e", "\u200f", "\u2028", "\u202e",
        "\u2066", "\u2069", "\ufeff",
    ],
)  # fmt: skip
def test_no_control_character_and_nothing_that_turns_text_around(char):
    for kind in (fields.Text, fields.ShortText):
        assert f"U+{ord(char):04X}" in refuse(kind, f"good{char}bad")


def test_only_long_text_has_lines():
    """A name of two lines could pass for a message of our own where it is listed."""
    assert read(fields.Text, "one\ntwo") == "one\ntwo"
    assert "more than one line" in refuse(fields.ShortText, "W-1\nVERIFIED")


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u2003"])
def test_text_is_not_blank(text):
    refuse(fields.Text, text)
    refuse(fields.ShortText, text)


def test_text_has_a_length():
    read(fields.Text, "x" * TEXT_CHARS)
    refuse(fields.Text, "x" * (TEXT_CHARS + 1))
    refuse(fields.ShortText, "x" * (SHORT_TEXT_CHARS + 1))
    refuse(fields.Text, "a lone \ud800 surrogate")


def test_lots_are_spelt_in_gs1_set_82():
    allowed = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    assert len(allowed) == 82
    for code in range(0x180):
        if chr(code) in allowed:
            read(fields.LotName, chr(code))
        else:
            refuse(fields.LotName, chr(code))


def test_a_time_that_is_late_by_one_microsecond_is_later():
    first, second = (read(fields.Time, f"2026-05-04T16:20:00.00000{n}Z") for n in (1, 2))
    assert second - first == timedelta(microseconds=1)
