"""Payload JSON: written in one form, read strictly; the broken forms are vectors (test_statement_vectors.py)."""

from __future__ import annotations

import doctest
import json
import time
from collections import OrderedDict
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest

from ledger.errors import MalformedPayload
from ledger.limits import JSON_DEPTH
from ledger.statement import payload as module
from ledger.statement.payload import INTEGER_MAX, decode_payload, decode_value, encode_payload, encode_value


def nested(levels: int) -> dict[str, Any]:
    """Objects and arrays in turn, `levels` of them."""
    value: Any = 1
    for level in range(levels - 1):
        value = [value] if level % 2 else {"a": value}
    return {"x": value}


def test_members_stand_in_the_order_of_rfc_8785_3_2_3() -> None:
    """By UTF-16 code units: the emoji, beyond the basic plane, comes before U+FB33."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    written = encode_payload(dict.fromkeys(names, 0))
    assert list(json.loads(written)) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_text_is_escaped_as_rfc_8785_3_2_2_2() -> None:
    assert (
        encode_payload({"": '\u20ac$\u000f\nA\'B"\\\\"/'})
        == b'{"":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_the_same_event_gives_the_same_bytes_whatever_its_order() -> None:
    one = {"b": [1, {"d": None, "c": True}], "a": "x"}
    other = {"a": "x", "b": (1, OrderedDict(c=True, d=None))}
    assert encode_payload(one) == encode_payload(other) == b'{"a":"x","b":[1,{"c":true,"d":null}]}'


def test_reads_what_it_writes() -> None:
    value = {"list": [], "object": {}, "null": None, "true": True, "n": [0, -1, INTEGER_MAX, -INTEGER_MAX]}
    assert decode_payload(encode_payload(value)) == value


def test_takes_any_mapping_at_the_top_and_text_enums_inside() -> None:
    class Kind(StrEnum):
        MADE = "made"

    assert encode_payload(MappingProxyType({"kind": Kind.MADE})) == b'{"kind":"made"}'


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        1.0,
        -0.0,
        float("nan"),
        float("inf"),
        [{"deep": 1.0}],
        Decimal(1),
        b"bytes",
        {1},
        pytest.param(object(), id="an object"),
        {1: "number as name"},
        {None: "null as name"},
        INTEGER_MAX + 1,
        -INTEGER_MAX - 1,
        "\ud800",
        {"\udfff": 1},
    ],
    ids=repr,
)
def test_does_not_write_what_it_would_not_read(value: object) -> None:
    with pytest.raises(MalformedPayload):
        encode_payload({"x": value})


def test_nests_to_the_limit_and_no_deeper_in_both_directions() -> None:
    deepest = nested(JSON_DEPTH)
    assert decode_payload(encode_payload(deepest)) == deepest
    with pytest.raises(MalformedPayload, match="nested"):
        encode_payload(nested(JSON_DEPTH + 1))
    with pytest.raises(MalformedPayload, match="nested"):
        decode_payload(json.dumps(nested(JSON_DEPTH + 1)).encode())
    endless: dict[str, Any] = {}
    endless["x"] = endless
    with pytest.raises(MalformedPayload, match="nested"):
        encode_payload(endless)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    wide = {"x": [[{}, []] for _ in range(500)]}
    assert decode_payload(json.dumps(wide).encode()) == wide


@pytest.mark.parametrize("quoted", ["[" * 50, "{" * 50, '\\"' + "[" * 50, '\\\\\\"' + "{[" * 50, "]}" * 50])
def test_brackets_in_strings_do_not_count(quoted: str) -> None:
    data = f'{{"x":"{quoted}","y":[["{quoted}"]]}}'.encode()
    assert decode_payload(data) == json.loads(data)


def test_a_string_that_never_ends_does_not_hide_the_depth_before_it() -> None:
    for data in (b"[" * 5_000 + b'"', b'"' + b"[" * 5_000, b'{"x":' * 3_000 + b'"\\'):
        with pytest.raises(MalformedPayload):
            decode_payload(data)


def test_hostile_payloads_cost_no_time() -> None:
    before = time.perf_counter()
    for data in (
        b"[" * 16_000,
        b'{"x":' * 3_000,
        b'"' + b'\\"' * 8_000,
        b"[" * 17 + b'"' + b'\\"' * 8_000,
        b"[]" * 8_000,
        b"[}" * 8_000,
        b'{"x":' + b"9" * 16_000 + b"}",
        b'{"x":-' + b"0" * 16_000 + b"}",
        b"{" + b'"":0,' * 3_000 + b'"":0}',
    ):
        with pytest.raises(MalformedPayload):
            decode_payload(data)
    assert time.perf_counter() - before < 1


def test_white_space_escapes_and_order_are_free() -> None:
    assert decode_payload(b' {\t"b" : [ 1 ,2 ] ,\r\n"\\u0061":"\\/\\u00e9"} ') == {"b": [1, 2], "a": "/é"}


@pytest.mark.parametrize("space", [b"", b" "], ids=["compact", "spaced"])
def test_the_bounds_are_the_same_for_compact_and_for_spaced_bytes(space: bytes) -> None:
    """The two are read by different ways."""
    for number in (INTEGER_MAX, -INTEGER_MAX, 0):
        assert decode_payload(space + b'{"x":%d}' % number) == {"x": number}
    for refused in (b"%d" % (INTEGER_MAX + 1), b"%d" % (-INTEGER_MAX - 1), b"-0", b"1.0", b"0.5", b"1e2"):
        with pytest.raises(MalformedPayload, match="the number"):
            decode_payload(space + b'{"x":' + refused + b"}")
    for refused in (
        b'{"x":1,"x":1}',
        b'{"x":{"y":1,"y":2}}',
        b'[{"x":1,"x":1}]',
        b'{"x":1}x',
        b'{"x":"\xff"}',
    ):
        with pytest.raises(MalformedPayload):
            decode_payload(space + refused)


def test_a_pair_of_surrogate_escapes_is_one_character() -> None:
    assert decode_payload(b'{"x":"\\ud83e\\uddfa"}') == {"x": "🧺"}


def test_a_backslash_before_u_is_no_escape() -> None:
    assert decode_payload(rb'{"x":"\\ud800"}') == {"x": r"\ud800"}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'{"x":1.0}', "the number 1.0"),
        (b'{"x":-0}', "the number -0"),
        (b'{"x":NaN}', "the number NaN"),
        (b'{"x":1,"y":2,"x":1}', "the member 'x' twice"),
        (b'{"x":"\\udead"}', "lone surrogate U\\+DEAD"),
        (b'{"x":\xff}', "not UTF-8 at byte 5"),
        (b'{"x":}', "not JSON at character 5"),
        (b"[]", "a JSON list"),
    ],
)
def test_the_message_names_the_fault(data: bytes, says: str) -> None:
    with pytest.raises(MalformedPayload, match=says):
        decode_payload(data)


def test_messages_are_bounded_however_long_the_fault() -> None:
    for data in (
        b'{"x":' + b"9" * 16_000 + b"}",
        b'{"%(n)b":1,"%(n)b":1}' % {b"n": b"n" * 7_000},
        b'{"x":1e' + b"9" * 16_000 + b"}",
    ):
        with pytest.raises(MalformedPayload) as caught:
            decode_payload(data)
        assert len(str(caught.value)) < 300


def test_the_examples_of_the_module_run() -> None:
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(module).attempted > 0


@pytest.mark.parametrize("value", [None, True, 7, "Asha", [1, [2]], {"b": 1, "a": []}])
def test_a_value_of_any_kind_is_written_canonically_and_read_back(value: Any) -> None:
    assert decode_value(encode_value(value)) == value


@pytest.mark.parametrize(
    "data",
    [b"", b"1.0", b"-0", b"1 2", b'"\\ud800"', b"[" * (JSON_DEPTH + 1) + b"]" * (JSON_DEPTH + 1), b"\xff"],
)
def test_a_value_is_read_as_strictly_as_a_payload(data: bytes) -> None:
    with pytest.raises(MalformedPayload):
        decode_value(data)
