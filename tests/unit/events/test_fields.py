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


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("0", "0"),
        ("90", "180"),
        ("-90", "-180"),
        ("-0.000001", "179.999999"),
        ("18.5204", "73.8567"),
        ("-0", "0.0"),
    ],
)
def test_a_position_is_decimal_degrees_as_written(latitude, longitude):
    told = read(fields.Position, {"latitude": latitude, "longitude": longitude})
    assert (told.latitude, told.longitude) == (latitude, longitude)


@pytest.mark.parametrize("degrees", ["90.000001", "-90.1", "91", "180", "999"])
def test_a_latitude_ends_at_the_poles(degrees):
    said = refuse(fields.Position, {"latitude": degrees, "longitude": "0"})
    assert said == "a position is at most 90 degrees here"


@pytest.mark.parametrize("degrees", ["180.000001", "-180.1", "181", "360"])
def test_a_longitude_ends_at_the_date_line(degrees):
    said = refuse(fields.Position, {"latitude": "0", "longitude": degrees})
    assert said == "a position is at most 180 degrees here"


@pytest.mark.parametrize(
    "degrees",
    [
        "+1",
        "01",
        "1.",
        ".5",
        "1.1234567",
        "1e1",
        "1,5",
        "18°",
        "18N",
        "1000",
        " 1",
        "1\n",
        "１",
        "--1",
        "NaN",
        "",
        18.5,
        1,
    ],
)
def test_what_are_no_degrees(degrees):
    refuse(fields.Position, {"latitude": degrees, "longitude": "0"})
    refuse(fields.Position, {"latitude": "0", "longitude": degrees})


def test_a_position_has_two_members():
    for wrong in (
        {"latitude": "1"},
        {"latitude": "1", "longitude": "1", "height": "1"},
        ["1", "1"],
        "1, 1",
        None,
    ):
        refuse(fields.Position, wrong)


DOCUMENT = {"sha256": "91" * 32, "size": 48_211, "media_type": "application/pdf"}


def test_a_document_is_named_by_its_digest():
    assert read(fields.Document, DOCUMENT).name is None
    for size in (0, 2**53 - 1):
        assert read(fields.Document, DOCUMENT | {"size": size}).size == size
    for kind in ("image/svg+xml", "application/vnd.ms-excel", "text/csv", "application/x-7z-compressed"):
        assert read(fields.Document, DOCUMENT | {"media_type": kind}).media_type == kind


@pytest.mark.parametrize(
    "wrong",
    [
        {"sha256": "91" * 31},
        {"sha256": "9F" * 32},
        {"size": -1},
        {"size": 2**53},
        {"size": "48211"},
        {"size": True},
        {"media_type": "pdf"},
        {"media_type": "text/html; charset=utf-8"},
        {"media_type": "Text/html"},
        {"media_type": "text/" + "x" * 96},
        {"name": "two\nlines"},
        {"url": "https://documents.example/1"},
    ],
)
def test_what_is_no_document(wrong):
    refuse(fields.Document, DOCUMENT | wrong)


def test_a_place_is_at_least_a_country():
    assert read(fields.Place, {"country": "IN"}).region is None
    read(
        fields.Place,
        {"country": "IN", "region": "IN-MH", "locality": "Pune", "name": "Shed 4", "facility": "geo:1,2"},
    )
    for wrong in (
        {},
        {"country": "XX"},
        {"country": "IN", "region": "IN-MAHA"},
        {"country": "IN", "facility": "shed"},
    ):
        refuse(fields.Place, wrong)


HIDDEN = {"commitment": "9a" * 32}


@pytest.mark.parametrize(
    ("kind", "clear"),
    [
        (fields.ShortText, "Asha"),
        (fields.Price, {"amount": "55", "currency": "INR"}),
        (fields.Position, {"latitude": "1", "longitude": "1"}),
    ],
)
def test_what_may_be_confidential_is_read_in_either_form(kind, clear):
    either = fields.OrCommitment[kind]
    assert read(either, clear) == read(kind, clear)
    assert read(either, HIDDEN) == read(fields.Commitment, HIDDEN)


def test_only_the_form_that_was_meant_is_told_of():
    either = fields.OrCommitment[fields.Price]
    for wrong, words in (
        ({"amount": 55, "currency": "INR"}, "amount as text, never a number"),
        ({"commitment": "x"}, "should match pattern"),
        ({"commitment": "9a" * 32, "salt": "5a" * 32}, "Extra inputs"),
        ("55", "found str"),
    ):
        with pytest.raises(ValidationError) as caught:
            read(either, wrong)
        (only,) = caught.value.errors()
        assert words in only["msg"]


@pytest.mark.parametrize("value", [-1, 10**9 + 1, 1.0, "1", True, None])
def test_what_is_no_count(value):
    refuse(fields.Count, value)
    assert (read(fields.Count, 0), read(fields.Count, 10**9)) == (0, 10**9)


def test_a_role_that_points_to_nothing_is_left_out():
    assert read(fields.MaybeRef, "c1" * 32) == "c1" * 32
    assert refuse(fields.MaybeRef, None) == "a role that points to nothing is left out"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("https://id.gs1.org/01/09506000134352", True),
        ("urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", True),
        ("x:" + "y" * (SHORT_TEXT_CHARS - 2), True),
        ("x:" + "y" * (SHORT_TEXT_CHARS - 1), False),
        ("HTTPS://x", False),
        ("https://x y", False),
        ("https://ü.example", False),
        ("//x", False),
        ("x:", False),
    ],
)
def test_a_uri_is_ascii_with_a_scheme(text, fits):
    if fits:
        assert read(fields.Uri, text) == text
    else:
        refuse(fields.Uri, text)
