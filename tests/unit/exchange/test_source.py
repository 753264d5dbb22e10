"""The reader of foreign JSON: exact, complete, and refusing what it could only read by losing something."""

from decimal import Decimal

import pytest

from ledger.errors import Malformed, MalformedSource, TooLarge
from ledger.exchange import source
from ledger.exchange.source import Node, leaves, path_pattern, path_text, read_decimal, read_source
from ledger.limits import SOURCE_DEPTH, SOURCE_NUMBER_CHARS


def test_numbers_keep_every_digit_as_written() -> None:
    document = read_source(b'{"a": 0.1, "b": 15890000000.000001, "c": 1.50, "d": 90071992547409931}')
    assert document == {
        "a": Decimal("0.1"),
        "b": Decimal("15890000000.000001"),
        "c": Decimal("1.50"),
        "d": Decimal("90071992547409931"),
    }
    assert str(document["c"]) == "1.50"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"\xff{}", "not UTF-8 at byte 0"),
        ("\ufeff{}".encode(), "not JSON"),
        (b"", "not JSON at line 1"),
        (b"{} {}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b"[]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": 1, "\\u0061": 2}', "'a' twice"),
        (b'{"o": {"a": 1, "b": 3, "a": 1}}', "'a' twice"),
        (b'{"a": "\\ud800"}', "U+D800"),
        (b'{"\\udfff": 1}', "U+DFFF"),
        (b'{"a": 1e999999999}', "1e999999999"),
        (b'{"a": 1e-999999999}', "1e-999999999"),
        (b'{"a": 1e99999999999999999999}', "1e99"),
        (b'{"a": ' + b"9" * (SOURCE_NUMBER_CHARS + 1) + b"}", "99999"),
        (b'{"a": 0.' + b"0" * SOURCE_NUMBER_CHARS + b"}", "0.0000"),
    ],
)
def test_refuses_what_it_could_only_read_by_losing_something(data: bytes, found: str) -> None:
    with pytest.raises(MalformedSource, match=found.replace("+", r"\+")) as refused:
        read_source(data)
    assert refused.value.expected


def test_a_number_of_the_greatest_length_is_read() -> None:
    digits = "9" * SOURCE_NUMBER_CHARS
    assert read_source(f'{{"a": {digits}}}'.encode()) == {"a": Decimal(digits)}


@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")])
def test_nesting_is_bounded(opens: str, closes: str) -> None:
    def document(levels: int) -> bytes:
        return ('{"a":' + opens * (levels - 1) + "1" + closes * (levels - 1) + "}").encode()

    read_source(document(SOURCE_DEPTH))
    for levels in (SOURCE_DEPTH + 1, 100_000):
        with pytest.raises(MalformedSource, match="too deeply nested"):
            read_source(document(levels))


def test_size_is_bounded_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "SOURCE_BYTES", 4)
    assert read_source(b"{  }") == {}
    with pytest.raises(TooLarge):
        read_source(b"\xff" * 5)


def test_leaves_are_all_values_with_nothing_below_empty_ones_too() -> None:
    document = {"a": [{"b": 1}, [], {}], "c": None, "d": {"e": {"f": ""}}, "": False}
    assert [path_text(path) for path in leaves(Node((), document))] == [
        "a[0].b",
        "a[1]",
        "a[2]",
        "c",
        "d.e.f",
        '""',
    ]


def test_a_path_has_one_reading_whatever_the_names() -> None:
    assert path_text(("a", 0, "$numberLong")) == "a[0].$numberLong"
    assert path_text(("a.b", "c[0]", "\x1b[2J\u202e")) == '"a.b"."c[0]"."\\u001b[2J\\u202e"'
    assert path_pattern(("contracts", 0, "items", 12, "unit", "name")) == "contracts[].items[].unit.name"


def test_reading_where_nothing_stands_gives_nothing() -> None:
    node = Node((), {"a": [1], "t": " \n", "id": Decimal(7)})
    assert node["b"]["c"][3]["d"].value is None
    assert (node["a"][1].value, node["a"][-1].value, node["a"]["0"].value, node["t"]["a"].value) == (
        None,
    ) * 4
    assert node["a"].text == node["t"].text == node["a"].id == ""
    assert node["t"].each == ()
    assert node.id == "7"


def test_numbers_wrapped_by_a_database_export_are_read_from_their_leaf() -> None:
    node = Node(("amount",), {"$numberLong": "15890000000"})
    number, leaf = read_decimal(node)
    assert (number, path_text(leaf.path)) == (Decimal(15890000000), "amount.$numberLong")


@pytest.mark.parametrize(
    "value",
    [
        None,
        "12",
        True,
        [],
        {},
        {"$numberLong": "12", "x": 1},
        {"$numberLong": Decimal(12)},
        {"$numberLong": "1e3"},
        {"$numberLong": "-3"},
        {"$date": "12"},
        Decimal(-1),
        Decimal("-0"),
        Decimal("0.1234567"),
        Decimal(10**15),
        Decimal("1e999999"),
        Decimal("1e-999999"),
    ],
)
def test_what_is_no_exact_amount_is_refused(value: object) -> None:
    with pytest.raises(Malformed):
        read_decimal(Node((), value))


def test_exponents_and_trailing_zeros_change_no_amount() -> None:
    assert read_decimal(Node((), Decimal("3E+2")))[0] == 300
    assert str(read_decimal(Node((), Decimal("12.5000000000")))[0]) == "12.5"
    assert read_decimal(Node((), Decimal("999999999999999.999999")))[0] == Decimal("999999999999999.999999")
