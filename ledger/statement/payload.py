r"""Payload bytes: JSON that every reader reads alike.

Written as RFC 8785 (JSON Canonicalization Scheme), so that the same event gives the same bytes: members sorted
by their UTF-16 code units, no white space, the shortest escapes.

    >>> encode_payload({"version": 1, "type": "note", "body": {"text": "a\tb é"}})
    b'{"body":{"text":"a\\tb \xc3\xa9"},"type":"note","version":1}'

Read more widely, because a reader hashes the bytes it has and needs no canonical form: any order, white space
and escapes of RFC 8259 are accepted. What two readers could take for two different things is not:

* bytes that are not UTF-8, a byte order mark, text with a lone surrogate (RFC 7493 2.1);
* a member name twice in one object, also where one of the two is spelt with escapes (RFC 7493 2.3);
* numbers with a fraction or an exponent, also `1.0` and `1e2`: quantities are strings (`ledger.units`);
* integers beyond +-(2^53 - 1) (RFC 7493 2.2), and `-0`; `NaN` and `Infinity`, which are not JSON at all;
* more than `limits.JSON_DEPTH` arrays and objects inside one another; anything but one object at the top.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from types import GenericAlias
from typing import Annotated, Any, Final, NoReturn

import msgspec
import rfc8785

from ledger.errors import MalformedPayload
from ledger.limits import JSON_DEPTH

INTEGER_MAX: Final = 2**53 - 1

_INTEGER_CHARS: Final = len(str(-INTEGER_MAX))

# A string of JSON. One that never ends runs to the end of the text, so that the search stays linear whatever is
# searched; the decoder refuses it afterwards.
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_BRACKETS: Final = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"{}[]"))


def encode_payload(value: Mapping[str, Any]) -> bytes:
    """Write an event as RFC 8785 JSON; `decode_payload` reads it back as an equal value.

    Takes what `encode_value` takes, and raises what it raises.
    """
    return encode_value(dict(value))


def encode_value(value: Any) -> bytes:
    """Write one JSON value as RFC 8785; `decode_value` reads it back as an equal value.

    Takes str, int, bool, None, and list, tuple and dict of these. Raises `MalformedPayload` for anything else,
    and for whatever `decode_value` refuses.
    """
    _check_writable(value, JSON_DEPTH)
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise MalformedPayload(
            f"not an event that JSON can carry: {error}",
            expected="objects with text names, arrays, text, whole numbers of at most 53 bits, true, false, null",
        ) from error


def decode_payload(data: bytes) -> dict[str, Any]:
    """Read a JSON object strictly, canonical or not. The caller bounds `len(data)`. Raises `MalformedPayload`.

    Cost: linear; about 2 us for the events of a contract where the bytes are compact, as signers write them, and
    four times as much where they are not.
    """
    value = _decode_compact(data)
    return _decode_any(data) if value is None else value


def _decode_compact(data: bytes) -> dict[str, Any] | None:
    """The object, where it says nothing unusual in the shortest form; None where that takes a closer look.

    What msgspec reads and writes again as the same bytes has no name twice, no escape that is not needed (half a
    surrogate pair, least of all), no -0, no space and nothing behind it; kinds, integers and depth are bounded by
    the type it is read as.
    """
    try:
        value = _COMPACT.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return value if _ENCODER.encode(value) == data else None


def _decode_any(data: bytes) -> dict[str, Any]:
    """The object in any form, or the reason why it is refused."""
    value = decode_value(data)
    if type(value) is not dict:
        raise MalformedPayload(f"a payload that is a JSON {type(value).__name__}", expected="a JSON object")
    return value


def decode_value(data: bytes) -> Any:
    """Read one JSON value of any kind strictly. The caller bounds `len(data)`. Raises `MalformedPayload`."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise MalformedPayload(
            f"a payload that is not UTF-8 at byte {error.start}", expected="UTF-8"
        ) from error
    _check_depth(data)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise MalformedPayload(
            f"a payload that is not JSON at character {error.pos}: {error.msg}", expected="JSON (RFC 8259)"
        ) from error
    if "\\u" in text:
        _check_surrogates(value)
    return value


def _check_writable(value: object, depth: int) -> None:
    """Refuse what RFC 8785 could write and `decode_payload` would not read: floats, and too deep a nesting."""
    if isinstance(value, float):
        raise MalformedPayload(f"the number {value!r}", expected=_WHOLE)
    if isinstance(value, Mapping | list | tuple):
        if depth == 0:
            raise _too_deep("an event too deeply nested")
        for item in value.values() if isinstance(value, Mapping) else value:
            _check_writable(item, depth - 1)


def _check_depth(data: bytes) -> None:
    """Bound the nesting before the decoder recurses into it: each round takes off the innermost brackets."""
    if data.count(b"{") + data.count(b"[") <= JSON_DEPTH:
        return
    brackets = _STRING.sub(b"", data).translate(_BRACKETS, _NOT_BRACKETS)
    for _ in range(JSON_DEPTH):
        brackets = brackets.replace(b"[]", b"")
    if brackets:
        raise _too_deep("a payload too deeply nested, or with brackets that do not match")


def _check_surrogates(value: Any) -> None:
    """Text with half of a surrogate pair has no UTF-8 form, and readers replace or drop it differently."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise MalformedPayload(
            f"text with the lone surrogate U+{ord(error.object[error.start]):04X}",
            expected="both halves of a surrogate pair, or none",
        ) from error


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        name, _ = Counter(name for name, _ in members).most_common(1)[0]
        raise MalformedPayload(f"the member {name[:80]!r} twice in one object", expected="each name once")
    return value


def _integer(numeral: str) -> int:
    if len(numeral) > _INTEGER_CHARS or numeral == "-0" or abs(number := int(numeral)) > INTEGER_MAX:
        raise MalformedPayload(f"the number {numeral[:40]}", expected=_WHOLE)
    return number


def _no_number(numeral: str) -> NoReturn:
    raise MalformedPayload(f"the number {numeral[:40]}", expected=_WHOLE)


def _too_deep(found: str) -> MalformedPayload:
    return MalformedPayload(found, expected=f"at most {JSON_DEPTH} arrays and objects inside one another")


_WHOLE: Final = "a whole number from -(2^53 - 1) to 2^53 - 1; write quantities as strings"

_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_no_number, parse_constant=_no_number
)


def _json_type(depth: int) -> Any:
    """The type of JSON values without fractions that have at most `depth` arrays and objects inside one another."""
    leaf: Any = str | Annotated[int, msgspec.Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)] | bool | None
    if depth == 0:
        return leaf
    inner = _json_type(depth - 1)
    return leaf | GenericAlias(list, (inner,)) | GenericAlias(dict, (str, inner))


# Such a type is written out level by level and doubles with each. Events nest 5 deep; 6 take a few milliseconds to
# set up, once.
_COMPACT: Final = msgspec.json.Decoder[dict[str, Any]](GenericAlias(dict, (str, _json_type(5))))
_ENCODER: Final = msgspec.json.Encoder()
