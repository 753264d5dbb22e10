"""DER as key files have it: one form written, and no other read."""

from __future__ import annotations

import doctest

import pytest

from ledger.errors import MalformedKey
from ledger.statement import der
from ledger.statement.der import INTEGER, OCTETS, SEQUENCE, integer, item, take, take_integer


@pytest.mark.parametrize(
    ("length", "head"),
    [(0, "0400"), (127, "047f"), (128, "048180"), (255, "0481ff"), (256, "04820100"), (65_536, "0483010000")],
)
def test_a_length_stands_in_its_shortest_form(length: int, head: str) -> None:
    assert item(OCTETS, bytes(length)) == bytes.fromhex(head) + bytes(length)
    assert take(OCTETS, bytes.fromhex(head) + bytes(length) + b"after") == (bytes(length), b"after")


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (0, "020100"),
        (1, "020101"),
        (127, "02017f"),
        (128, "02020080"),
        (255, "020200ff"),
        (256, "02020100"),
        (16_384, "02024000"),
        (2**63 - 1, "02087fffffffffffffff"),
    ],
)
def test_a_number_begins_with_its_sign(value: int, encoded: str) -> None:
    """X.690 8.3: the first bit is the sign, so that some numbers need a zero in front."""
    assert integer(value).hex() == encoded
    assert take_integer(bytes.fromhex(encoded) + b"after") == (value, b"after")


@pytest.mark.parametrize(
    "data",
    [
        "",
        "04",
        "30020000",
        "0402ff",
        "0481",
        "048100",
        "04810100",
        "0482000100",
        "048000",
        "04ff",
        "84010000",
    ],
    ids=lambda data: data or "nothing",
)
def test_refuses_another_tag_a_longer_form_and_a_cut(data: str) -> None:
    with pytest.raises(MalformedKey):
        take(OCTETS, bytes.fromhex(data))


@pytest.mark.parametrize("content", ["", "ff", "80", "008000000000000000", "7f" * 4_000])
def test_refuses_numbers_that_are_none_negative_or_huge(content: str) -> None:
    with pytest.raises(MalformedKey):
        take_integer(item(INTEGER, bytes.fromhex(content)))


def test_items_nest() -> None:
    content, after = take(SEQUENCE, item(SEQUENCE, integer(5) + item(OCTETS, b"x")))
    assert after == b""
    number, rest = take_integer(content)
    assert (number, take(OCTETS, rest)) == (5, (b"x", b""))


def test_the_examples_of_the_module_run() -> None:
    assert doctest.testmod(der).failed == 0
    assert doctest.testmod(der).attempted > 0
