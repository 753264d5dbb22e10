"""The strict CBOR profile: RFC 8949 appendix A where it lies inside, and every way out of it."""

from __future__ import annotations

import doctest
import time
from typing import Any

import cbor2
import pytest
from cbor2 import CBORTag

from ledger.errors import MalformedCbor
from ledger.limits import CBOR_DEPTH
from ledger.statement import cbor

# RFC 8949 appendix A, the rows inside the profile
EXAMPLES: list[tuple[Any, str]] = [
    (0, "00"),
    (10, "0a"),
    (23, "17"),
    (24, "1818"),
    (100, "1864"),
    (1000, "1903e8"),
    (1000000, "1a000f4240"),
    (1000000000000, "1b000000e8d4a51000"),
    (18446744073709551615, "1bffffffffffffffff"),
    (-18446744073709551616, "3bffffffffffffffff"),
    (-1, "20"),
    (-1000, "3903e7"),
    (False, "f4"),
    (True, "f5"),
    (None, "f6"),
    (b"", "40"),
    (bytes.fromhex("01020304"), "4401020304"),
    ("", "60"),
    ('"\\', "62225c"),
    ("ü", "62c3bc"),
    ("水", "63e6b0b4"),
    ("𐅑", "64f0908591"),
    ([], "80"),
    ([1, [2, 3], [4, 5]], "8301820203820405"),
    (list(range(1, 26)), "98190102030405060708090a0b0c0d0e0f101112131415161718181819"),
    ({}, "a0"),
    ({1: 2, 3: 4}, "a201020304"),
    ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
    (["a", {"b": "c"}], "826161a161626163"),
]

# RFC 8949 appendix A, rows outside the profile, and forms that mean the same as one inside
REFUSED = {
    "nothing": "",
    "two items": "0000",
    "0 in two bytes": "1800",
    "0 in nine bytes": "1b0000000000000000",
    "-1 in two bytes": "3800",
    "byte string length in two bytes": "580101",
    "text length in three bytes": "79000161",
    "array length in two bytes": "980100",
    "map length in two bytes": "b8010000",
    "tag 18 in two bytes": "d81200",
    "bignum": "c249010000000000000000",
    "bignum that fits": "c24105",
    "negative bignum": "c349010000000000000000",
    "float 0.0": "f90000",
    "float 1.1": "fb3ff199999999999a",
    "infinity": "f97c00",
    "nan": "f97e00",
    "float as key": "a1f93c0000",
    "undefined": "f7",
    "simple 16": "f0",
    "simple 255": "f8ff",
    "simple 20 in two bytes": "f814",
    "indefinite array": "9f01ff",
    "indefinite map": "bf0101ff",
    "indefinite bytes": "5f4101ff",
    "indefinite text": "7f6161ff",
    "break alone": "ff",
    "reserved length 28": "1c",
    "reserved length 31 on an integer": "1f",
    "date as text": "c074323031332d30332d32315432303a30343a30305a",
    "date as number": "c11a514b67b0",
    "cbor in cbor": "d818456449455446",
    "duplicate key": "a201010102",
    "duplicate keys, one long": "a20101180102",
    "true beside 1 as key": "a20100f500",
    "null as key": "a1f600",
    "map as key": "a1a000",
    "array as key": "a1800000",
    "keys in falling order": "a203040102",
    "longer key first": "a2616261016161",
    "invalid UTF-8": "62c328",
    "surrogate in UTF-8": "63eda080",
    "overlong UTF-8": "62c080",
    "array cut short": "8201",
    "text cut short": "6261",
    "array of 2^63 items": "9b8000000000000000",
    "text of 2^63 bytes": "7b8000000000000000",
    "reference to itself": "d81c81d81d00",
    "string reference": "d9010082616161",
    "set": "d9010280",
}


@pytest.mark.parametrize(("value", "encoded"), EXAMPLES, ids=[encoded for _, encoded in EXAMPLES])
def test_encodes_and_decodes_the_rows_of_rfc_8949_appendix_a(value: Any, encoded: str) -> None:
    assert cbor.encode(value).hex() == encoded
    decoded = cbor.decode(bytes.fromhex(encoded))
    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize("encoded", REFUSED.values(), ids=REFUSED.keys())
def test_refuses_what_is_not_the_one_encoding_of_a_value_of_the_profile(encoded: str) -> None:
    with pytest.raises(MalformedCbor):
        cbor.decode(bytes.fromhex(encoded))


def test_orders_map_keys_by_the_bytes_of_their_encoding_not_by_length() -> None:
    """24 encodes to two bytes and -1 to one; length-first order (RFC 7049) would exchange them."""
    keys = [10, 100, -1, "z", "aa", 24, b"", 1000, "", -25]
    encoded = cbor.encode(dict.fromkeys(keys, 0))
    assert encoded.hex() == "aa" + "".join(
        key + "00" for key in ("0a", "1818", "1864", "1903e8", "20", "3818", "40", "60", "617a", "626161")
    )
    assert list(cbor.decode(encoded)) == [10, 24, 100, 1000, -1, -25, b"", "", "z", "aa"]
    with pytest.raises(MalformedCbor, match="not in deterministic form at byte 1"):
        cbor.decode(cbor2.dumps({24: 0, -1: 0}, canonical=True))


def test_orders_nested_maps_too() -> None:
    assert cbor.encode([{2: {"b": 1, "a": 2}, 1: 0}]).hex() == "81a2010002a2616102616201"


@pytest.mark.parametrize("place", ["{}", "81{}", "8200d281{}", "a101{}", "a2010002{}", "d2{}", "82{}00"])
def test_refuses_keys_out_of_order_wherever_the_map_stands(place: str) -> None:
    cbor.decode(bytes.fromhex(place.format("a2010002a2616102616201")))
    for unordered in ("a202a2616102616201" + "0100", "a2010002a2616201616102"):
        with pytest.raises(MalformedCbor, match="not in deterministic form"):
            cbor.decode(bytes.fromhex(place.format(unordered)))


@pytest.mark.parametrize("place", ["81{}", "d281{}", "a100{}", "82a2010002{}00"])
@pytest.mark.parametrize("inside", ["f7", "f0", "fb3ff199999999999a", "a1f400", "a18001", "a1d28001", "d2f7"])
def test_refuses_kinds_outside_the_profile_wherever_they_stand(place: str, inside: str) -> None:
    with pytest.raises(MalformedCbor):
        cbor.decode(bytes.fromhex(place.format(inside)))


def test_reads_one_tag_and_refuses_every_other() -> None:
    """cbor2 knows a few dozen tags and would turn their content into dates, sets, numbers or references."""
    sign1 = cbor.decode(bytes.fromhex("d2820001"))
    assert type(sign1) is CBORTag
    assert (sign1.tag, sign1.value) == (18, [0, 1])
    tags = [*range(18), *range(19, 1_100), 43_000, 55_799, 2**16, 2**32, 2**64 - 1]
    for tag in tags:
        with pytest.raises(MalformedCbor, match=f"CBOR tag {tag} "):
            cbor.decode(cbor2.dumps(CBORTag(tag, 0)))
    with pytest.raises(MalformedCbor, match="CBOR tag 2 "):
        cbor.encode(CBORTag(2, b"\x01"))


def test_containers_inside_a_tag_are_plain() -> None:
    """cbor2 answers immutable ones there, which do not compare equal to plain ones everywhere."""
    parts = cbor.decode(bytes.fromhex("d282a101a1020381a0")).value
    assert parts == [{1: {2: 3}}, [{}]]
    assert [type(parts[0]), type(parts[0][1]), type(parts[1]), type(parts[1][0])] == [dict, dict, list, dict]


@pytest.mark.parametrize("opening", ["81", "a100", "d2"], ids=["array", "map", "tag"])
def test_nests_to_the_limit_and_no_deeper(opening: str) -> None:
    deepest = bytes.fromhex(opening * CBOR_DEPTH + "00")
    assert cbor.encode(cbor.decode(deepest)) == deepest
    with pytest.raises(MalformedCbor, match="depth"):
        cbor.decode(bytes.fromhex(opening * (CBOR_DEPTH + 1) + "00"))


@pytest.mark.parametrize("empty", ["80", "a0"])
def test_an_empty_array_or_map_is_as_deep_as_a_full_one(empty: str) -> None:
    deepest = bytes.fromhex("81" * (CBOR_DEPTH - 1) + empty)
    assert cbor.encode(cbor.decode(deepest)) == deepest
    with pytest.raises(MalformedCbor, match="deeply"):
        cbor.decode(bytes.fromhex("81" * CBOR_DEPTH + empty))


def test_encodes_to_the_limit_and_no_deeper() -> None:
    def arrays(levels: int) -> list[Any]:
        return [arrays(levels - 1)] if levels > 1 else []

    assert cbor.encode(arrays(CBOR_DEPTH)) == b"\x81" * (CBOR_DEPTH - 1) + b"\x80"
    with pytest.raises(MalformedCbor, match="nested"):
        cbor.encode(arrays(CBOR_DEPTH + 1))


def test_bombs_cost_no_time() -> None:
    before = time.perf_counter()
    for bomb in ("81" * 60_000, "a1" * 60_000, "d2" * 60_000, "9b7fffffffffffffff", "5b7fffffffffffffff"):
        with pytest.raises(MalformedCbor):
            cbor.decode(bytes.fromhex(bomb))
    assert time.perf_counter() - before < 1


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (1.0, "kind float"),
        ({"a": [float("nan")]}, "kind float"),
        (2**64, "beyond 64 bits"),
        (-(2**64) - 1, "beyond 64 bits"),
        ("\ud800", "lone surrogate"),
        ({"\ud800": 1}, "lone surrogate"),
        (bytearray(b"x"), "kind bytearray"),
        ({1, 2}, "kind set"),
        ({2**64: 1}, "beyond 64 bits"),
        ({True: 1}, "map key of kind bool"),
        ({(1,): 1}, "map key of kind tuple"),
        pytest.param(object(), "kind object", id="an object"),
    ],
    ids=repr,
)
def test_encode_refuses_what_has_no_form(value: object, found: str) -> None:
    with pytest.raises(MalformedCbor, match=found):
        cbor.encode(value)


def test_encode_refuses_a_value_that_contains_itself() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(MalformedCbor, match="nested"):
        cbor.encode(endless)


def test_a_tuple_is_written_as_an_array() -> None:
    assert cbor.encode((1, (2,))) == cbor.encode([1, [2]])


def test_the_message_says_where_the_bytes_leave_the_form() -> None:
    with pytest.raises(MalformedCbor, match="bytes after the item: 2"):
        cbor.decode(b"\x01\x02\x03")
    with pytest.raises(MalformedCbor, match="not in deterministic form at byte 2"):
        cbor.decode(bytes.fromhex("82001800"))
    with pytest.raises(MalformedCbor, match="Duplicate map key: 1"):
        cbor.decode(bytes.fromhex("a201010102"))
    with pytest.raises(MalformedCbor, match="indefinite length"):
        cbor.decode(bytes.fromhex("9f01ff"))


def test_the_examples_of_the_module_run() -> None:
    assert doctest.testmod(cbor).failed == 0
    assert doctest.testmod(cbor).attempted > 0
