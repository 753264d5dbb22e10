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

Decoding is cbor2's. What must be refused *before* it costs anything is refused inside cbor2: unknown tags when
their head is read (tags 25, 28 and 29 would make small inputs large), duplicate keys, indefinite lengths, depth.
Then the decoded value is looked through for kinds and map keys that the profile does not have and for keys out of
order, and is written again and compared: cbor2 writes every head in its shortest form and maps in the order in
which they were read, so whatever else it tolerates (a longer form, bytes after the item) cannot survive the
comparison. cbor2's own "canonical" mode orders keys by length first (RFC 7049 3.9) and is not used.

Cost of both directions: linear in the input, but for the sorting of keys when a map is encoded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NoReturn

import cbor2
from cbor2 import CBORTag

from ledger.errors import MalformedCbor
from ledger.limits import CBOR_DEPTH

COSE_SIGN1_TAG: Final = 18

_INTEGER_MIN: Final = -(2**64)
_INTEGER_MAX: Final = 2**64 - 1
_PLAIN: Final = frozenset({bytes, str, bool, type(None)})
_LEAVES: Final = _PLAIN | {int}

# The labels of headers, claims and keys are among these; encoding a key costs more than the rest of its map.
_SMALL_KEYS: Final = {key: cbor2.dumps(key) for key in range(-24, 24)}


class _Sign1Only(dict[int, Callable[[Any, bool], Any]]):
    """Default deny for tags: cbor2 looks a tag up here when it has read its head, before its content."""

    def __missing__(self, tag: int) -> NoReturn:
        raise _unknown_tag(tag)


def _sign1(content: Any, _immutable: bool) -> CBORTag:
    """The same as without this decoder, but for plain lists and dicts in the content."""
    return CBORTag(COSE_SIGN1_TAG, content)


_TAGS: Final = _Sign1Only({COSE_SIGN1_TAG: _sign1})


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
        value = cbor2.loads(
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
    if not _is_in_order(value, CBOR_DEPTH) or cbor2.dumps(value) != data:
        raise _not_deterministic(data, encode(value))
    return value


def split_sequence(data: bytes) -> list[bytes]:
    """The items of a CBOR sequence (RFC 8742), each as its bytes, unread but for the heads that say how long it is.

    Raises `MalformedCbor` for what ends in the middle of an item, and for indefinite lengths. Linear.
    """
    items, start = [], 0
    while start < len(data):
        end = _skip(data, start)
        items.append(data[start:end])
        start = end
    return items


def _skip(data: bytes, position: int) -> int:
    """Where the item that begins at `position` ends. Counts the items still to come, so depth costs nothing."""
    left = 1
    while left:
        if position >= len(data):
            raise MalformedCbor("a CBOR sequence that ends within an item", expected=_EXPECTED)
        major, short = data[position] >> 5, data[position] & 31
        position += 1
        if short >= 28:
            raise MalformedCbor("an indefinite or reserved length in a CBOR sequence", expected=_EXPECTED)
        extra = 0 if short < 24 else 1 << (short - 24)
        value = short if short < 24 else int.from_bytes(data[position : position + extra], "big")
        position += extra
        left -= 1
        if major in (2, 3):
            position += value
        elif major == 4:
            left += value
        elif major == 5:
            left += 2 * value
        elif major == 6:
            left += 1
    if position > len(data):
        raise MalformedCbor("a CBOR sequence that ends within an item", expected=_EXPECTED)
    return position


_EXPECTED: Final = "one item in deterministic CBOR (RFC 8949 4.2.1)"


def _is_in_order(value: Any, depth: int) -> bool:
    """Whether each map of a decoded value is in bytewise key order; raises for a kind outside the profile.

    `depth` is how many arrays, maps and tags may still open: cbor2 bounds it too, but lets an empty one be one deeper.
    Integers need no look: none beyond 64 bits comes without a tag.
    """
    kind = type(value)
    if kind in _LEAVES:
        return True
    if depth == 0:
        raise _too_deep()
    if kind is dict:
        before = b""
        for key, part in value.items():
            encoded = _key_bytes(key)
            if encoded <= before or (type(part) not in _LEAVES and not _is_in_order(part, depth - 1)):
                return False
            before = encoded
        return True
    if kind is list:
        return False not in [_is_in_order(part, depth - 1) for part in value if type(part) not in _LEAVES]
    if kind is CBORTag:
        return _is_in_order(value.value, depth - 1)
    raise _unknown_kind(value)


def _in_order(value: Any, depth: int) -> Any:
    """A value to encode in plain lists and dicts, its maps in bytewise key order, every part checked.

    `depth` is how many arrays, maps and tags may still open.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is int:
        _check_integer(value)
        return value
    if depth == 0:
        raise _too_deep()
    if kind is list or kind is tuple:
        return [item if type(item) in _PLAIN else _in_order(item, depth - 1) for item in value]
    if kind is dict:
        return {key: _in_order(value[key], depth - 1) for key in sorted(value, key=_key_bytes)}
    if kind is CBORTag:
        if value.tag != COSE_SIGN1_TAG:
            raise _unknown_tag(value.tag)
        return CBORTag(COSE_SIGN1_TAG, _in_order(value.value, depth - 1))
    raise _unknown_kind(value)


def _key_bytes(key: Any) -> bytes:
    """The encoding of a map key, by which keys are ordered."""
    kind = type(key)
    if kind is int:
        if small := _SMALL_KEYS.get(key):
            return small
        _check_integer(key)
    elif kind is not str and kind is not bytes:
        raise MalformedCbor(
            f"a map key of kind {kind.__name__}", expected="an integer, a byte string or a text string"
        )
    return cbor2.dumps(key)


def _check_integer(value: int) -> None:
    if not _INTEGER_MIN <= value <= _INTEGER_MAX:
        raise MalformedCbor("an integer beyond 64 bits", expected="-2^64 to 2^64-1: no bignums")


def _too_deep() -> MalformedCbor:
    return MalformedCbor("too deeply nested", expected=f"at most {CBOR_DEPTH} arrays, maps and tags deep")


def _unknown_kind(value: object) -> MalformedCbor:
    return MalformedCbor(
        f"a value of kind {type(value).__name__}",
        expected="integers, byte and text strings, arrays, maps, false, true, null",
    )


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
