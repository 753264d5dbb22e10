"""Deterministic CBOR: one byte string for each value, and no other accepted.

The profile is RFC 8949 4.2.1 over the few kinds of value that signed bytes need:

* integers from -2^64 to 2^64-1, byte strings, text strings, arrays, maps, false, true, null;
* map keys are integers, byte strings or text strings, unique, in bytewise order of their encodings;
* tag 18 (COSE_Sign1, RFC 9052 2) and no other tag;
* every integer and length in its shortest form, every length definite;
* no floats, no `undefined`, no other simple values; at most `limits.CBOR_DEPTH` arrays, maps and tags inside
  one another; nothing after the item.

    >>> encode({1: -8, 395: 1, -1: b"", "a": [None, True]}).hex()
    'a4012719018b012040616182f6f5'

Decoding is cbor2's, then the value is encoded again and compared: whatever cbor2 tolerates and this profile
does not (a longer form, an unsorted map, bytes after the item) cannot survive the comparison. What must be
refused *before* it costs anything is refused inside cbor2: unknown tags when their head is read (tags 25, 28
and 29 would make small inputs large), duplicate keys, indefinite lengths, depth. cbor2's own "canonical" mode
orders keys by length first (RFC 7049 3.9) and is not used.

Cost of both directions: linear in the input, except that each map sorts its keys.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import cbor2
from cbor2 import CBORTag

from ledger.errors import MalformedCbor
from ledger.limits import CBOR_DEPTH

COSE_SIGN1_TAG: Final = 18

_INTEGER_MIN: Final = -(2**64)
_INTEGER_MAX: Final = 2**64 - 1
_PLAIN: Final = frozenset({bytes, str, bool, type(None)})
_KEYS: Final = frozenset({int, bytes, str})


class _Sign1Only(dict[int, Callable[[Any, bool], Any]]):
    """Default deny for tags: cbor2 looks a tag up here when it has read its head, before its content."""

    def __missing__(self, tag: int) -> Callable[[Any, bool], Any]:
        if tag == COSE_SIGN1_TAG:
            raise KeyError(tag)  # "no special decoder": cbor2 answers a plain CBORTag
        raise _unknown_tag(tag)


_TAGS: Final = _Sign1Only()


def encode(value: object) -> bytes:
    """Encode a value in its one deterministic form (RFC 8949 4.2.1).

    Takes int, bytes, str, bool, None, list or tuple, dict, and `CBORTag` 18 of these. Raises `MalformedCbor`
    for anything else, however deep: floats, integers beyond 64 bits, lone surrogates, subclasses, other tags.
    """
    try:
        return cbor2.dumps(_in_order(value, CBOR_DEPTH))
    except UnicodeEncodeError as error:
        raise MalformedCbor("text with a lone surrogate", expected="text that UTF-8 can carry") from error


def decode(data: bytes) -> Any:
    """Decode one deterministic CBOR item that fills `data`; `encode` of the result is `data` again.

    Returns int, bytes, str, bool, None, list, dict, and `CBORTag` 18 of these; arrays and maps are plain lists
    and dicts wherever they stand. The caller bounds `len(data)` first. Raises `MalformedCbor`.
    """
    try:
        loaded = cbor2.loads(
            data,
            semantic_decoders=_TAGS,
            max_depth=CBOR_DEPTH,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
    except cbor2.CBORDecodeError as error:
        if isinstance(error.__cause__, MalformedCbor):
            raise error.__cause__ from None
        raise MalformedCbor(f"not CBOR that is accepted here: {error!s:.160}", expected=_EXPECTED) from error
    value = _in_order(loaded, CBOR_DEPTH)
    again = cbor2.dumps(value)
    if again != data:
        raise _not_deterministic(data, again)
    return value


_EXPECTED: Final = "one item in deterministic CBOR (RFC 8949 4.2.1)"


def _in_order(value: Any, depth: int) -> Any:
    """The same value in plain lists and dicts, its maps in bytewise key order, every part checked.

    cbor2 writes maps in insertion order and every head in its shortest form, so what is returned here is
    encoded deterministically. `depth` is how many arrays, maps and tags may still open.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is int:
        if not _INTEGER_MIN <= value <= _INTEGER_MAX:
            raise MalformedCbor("an integer beyond 64 bits", expected="-2^64 to 2^64-1: no bignums")
        return value
    if depth == 0:
        raise MalformedCbor("too deeply nested", expected=f"at most {CBOR_DEPTH} arrays, maps and tags deep")
    if kind is list or kind is tuple:
        return [_in_order(item, depth - 1) for item in value]
    if kind is dict or kind is cbor2.frozendict:
        return {key: _in_order(value[key], depth - 1) for key in sorted(value, key=_key_bytes)}
    if kind is CBORTag:
        if value.tag != COSE_SIGN1_TAG:
            raise _unknown_tag(value.tag)
        return CBORTag(COSE_SIGN1_TAG, _in_order(value.value, depth - 1))
    raise MalformedCbor(
        f"a value of kind {kind.__name__}",
        expected="integers, byte and text strings, arrays, maps, false, true, null",
    )


def _key_bytes(key: Any) -> bytes:
    """The encoding of a map key, by which keys are ordered."""
    if type(key) not in _KEYS:
        raise MalformedCbor(
            f"a map key of kind {type(key).__name__}", expected="an integer, a byte string or a text string"
        )
    return cbor2.dumps(key)


def _unknown_tag(tag: int) -> MalformedCbor:
    return MalformedCbor(f"CBOR tag {tag}", expected="no tag but 18 (COSE_Sign1)")


def _not_deterministic(data: bytes, again: bytes) -> MalformedCbor:
    """Say where the bytes leave the deterministic form."""
    if data.startswith(again):
        return MalformedCbor(f"bytes after the item: {len(data) - len(again)}", expected=_EXPECTED)
    pairs = zip(data, again, strict=False)
    place = next((at for at, (was, should) in enumerate(pairs) if was != should), len(data))
    return MalformedCbor(
        f"not in deterministic form at byte {place}",
        expected=f"{_EXPECTED}: shortest integers and lengths, map keys unique and in bytewise order",
    )
