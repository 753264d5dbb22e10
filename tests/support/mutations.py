"""Seeded ways to spoil bytes: bit by bit, in the CBOR they are, in the JSON inside, with and without signing again.

Two readers that agree on everything good may still part on what is almost good. These edits aim there: heads in
longer forms, keys out of order or twice, values of other kinds, numbers at the bounds, escapes and spaces of JSON.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from random import Random
from typing import Any

from cbor2 import CBORTag

from ledger.errors import TallyError
from ledger.statement import cbor
from ledger.statement.cose import Sign1, decode_sign1, encode_sign1, signed_bytes
from ledger.statement.signer import Signer

NUMBERS = [
    0, 1, 2, 7, 22, 23, 24, 255, 256, 65535, 65536, 2**31, 2**32 - 1, 2**32, 2**53 - 1, 2**53, 2**62, 2**63 - 1,
    2**63, 2**64 - 1, -1, -7, -8, -9, -19, -24, -25, -256, -(2**53), -(2**63), -(2**64),
]  # fmt: skip
TEXTS = ["", "a", "did:key:z6Mk", "did:web:example", "é", "\U0001f600", "\ufeff", "x" * 201, "\x00", "0" * 64]
JSON_PIECES = [
    "1.0", "1e2", "-0", "0", "-1", "9007199254740991", "9007199254740992", "-9007199254740991", "012", "NaN",
    "Infinity", "true", "false", "null", '"\\ud800"', '"\\ud83d\\ude00"', '"\\u0061"', '"\\/"', '"\\x"', '"\t"',
    "[]", "{}", "[1,]", '{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"__proto__":1}', '"\u2028"', "[" * 14 + "]" * 14,
    "[" * 17 + "]" * 17, "tru", "-", "1.", "\ufeff1", " ", "\x0b1", "\xa01", "1" * 17, "{}{}", '"' + "é" * 200 + '"',
]  # fmt: skip


class Spoiler:
    """One source of chance; the same seed spoils the same things the same way."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def bytes_of(self, data: bytes, other: bytes) -> bytes:
        """One to three edits that know nothing of the format; `other` lends a piece of itself."""
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            data = self.random.choice(self._EDITS)(self, data, other)
        return data

    def cbor_of(self, data: bytes) -> bytes:
        """One edit of a value inside, or of how it is written. Falls back to bits where there is no CBOR."""
        try:
            value = cbor.decode(data)
        except TallyError:
            return self._flip(data, b"")
        if self.random.random() < 0.5:
            return _Writer(self.random).write(value)
        return _Writer(None).write(self._edit(value))

    def json_of(self, data: bytes) -> bytes:
        """One edit of a JSON text: a value or a name in another spelling or of another kind."""
        value = json.loads(data)
        mark = "\ue000"
        text = json.dumps(self._marked(value, mark), ensure_ascii=self.random.random() < 0.2)
        text = text.replace(f'"{mark}"', self.random.choice(JSON_PIECES)).replace(json.dumps(mark), "7")
        if self.random.random() < 0.2:
            at = self.random.randrange(len(text) + 1)
            text = text[:at] + self.random.choice([" ", "\n", ",", '"', "\\", "}", "\x0c", "0"]) + text[at:]
        return text.encode("utf-8", "surrogatepass")

    def statement(self, data: bytes, signer: Signer) -> bytes:
        """A statement changed inside, and signed again by its signer's key."""
        sign1 = decode_sign1(data)
        protected, payload = sign1.protected, sign1.payload
        assert payload is not None
        choice = self.random.random()
        if choice < 0.4:
            protected = self.cbor_of(protected)
        elif choice < 0.95:
            payload = self.json_of(payload)
        return signed(protected, payload, signer)

    def _flip(self, data: bytes, _other: bytes) -> bytes:
        if not data:
            return b"\x00"
        at = self.random.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << self.random.randrange(8)]) + data[at + 1 :]

    def _cut(self, data: bytes, _other: bytes) -> bytes:
        at = self.random.randrange(len(data) + 1)
        return data[:at] if self.random.random() < 0.5 else data[at:]

    def _lengthen(self, data: bytes, _other: bytes) -> bytes:
        return data + self.random.randbytes(self.random.randrange(1, 4))

    def _swap(self, data: bytes, _other: bytes) -> bytes:
        i, j, k, m = sorted(self.random.randrange(len(data) + 1) for _ in range(4))
        return data[:i] + data[k:m] + data[j:k] + data[i:j] + data[m:]

    def _graft(self, data: bytes, other: bytes) -> bytes:
        at, start = self.random.randrange(len(data) + 1), self.random.randrange(len(other) + 1)
        piece = other[start : start + self.random.randrange(1, 65)]
        keep = self.random.choice((0, len(piece)))
        return data[:at] + piece + data[at + keep :]

    def _byte(self, data: bytes, _other: bytes) -> bytes:
        at = self.random.randrange(len(data) + 1)
        return data[:at] + bytes([self.random.choice(_TELLING)]) + data[at + 1 :]

    _EDITS: tuple[Callable[[Spoiler, bytes, bytes], bytes], ...] = (
        _flip, _flip, _cut, _lengthen, _swap, _graft, _byte,
    )  # fmt: skip

    def _edit(self, value: Any) -> Any:
        """The value with one thing in it another. Byte strings that hold CBOR are looked into."""
        pick = self.random.random()
        if isinstance(value, CBORTag) and pick < 0.9:
            return CBORTag(18, self._edit(value.value))
        if isinstance(value, list) and value and pick < 0.9:
            return self._edit_list(value)
        if isinstance(value, dict) and value and pick < 0.9:
            return self._edit_map(value)
        if isinstance(value, bytes) and value and pick < 0.8:
            return self.cbor_of(value) if pick < 0.5 else self.bytes_of(value, value)
        if isinstance(value, str) and pick < 0.4:
            return value[:-1] + self.random.choice("aZ0_é")
        return self._other()

    def _edit_list(self, value: list[Any]) -> list[Any]:
        at = self.random.randrange(len(value))
        edit = self.random.randrange(6)
        if edit == 0:
            return value[:at] + value[at + 1 :]
        if edit == 1:
            return [*value[:at], value[at], *value[at:]]
        if edit == 2:
            return self.random.sample(value, len(value))
        return [*value[:at], self._edit(value[at]), *value[at + 1 :]]

    def _edit_map(self, value: dict[Any, Any]) -> dict[Any, Any]:
        key = self.random.choice(list(value))
        edit = self.random.randrange(6)
        rest = {name: part for name, part in value.items() if name != key}
        if edit == 0:
            return rest
        if edit == 1:
            return {**value, self._key(): self._other()}
        if edit == 2:
            return {**rest, self._key(): value[key]}
        return {**value, key: self._edit(value[key])}

    def _key(self) -> Any:
        return self.random.choice(
            [*NUMBERS, *TEXTS, b"", b"k", 13, 14, 391, 394, 395, -111, "tree-size", "bundle"]
        )

    def _other(self) -> Any:
        kinds: list[Any] = [
            self.random.choice(NUMBERS),
            self.random.choice(TEXTS),
            None,
            True,
            False,
            [],
            {},
            b"",
        ]
        kinds += [self.random.randbytes(32), CBORTag(18, []), [[0]], {0: 0}, self.random.randrange(100)]
        return self.random.choice(kinds)

    def _marked(self, value: Any, mark: str) -> Any:
        """The value with the mark in one place."""
        if isinstance(value, dict) and value and self.random.random() < 0.9:
            name = self.random.choice(list(value))
            if self.random.random() < 0.1:
                return {(mark if one == name else one): part for one, part in value.items()}
            return {**value, name: self._marked(value[name], mark)}
        if isinstance(value, list) and value and self.random.random() < 0.7:
            at = self.random.randrange(len(value))
            return [*value[:at], self._marked(value[at], mark), *value[at + 1 :]]
        return mark


_TELLING = [
    0x00,
    0x18,
    0x1B,
    0x20,
    0x38,
    0x5F,
    0x7F,
    0x9F,
    0xBF,
    0xC0,
    0xD2,
    0xD8,
    0xF4,
    0xF6,
    0xF7,
    0xF9,
    0xFB,
    0xFF,
]


class _Writer:
    """CBOR in deterministic form, or with one thing written otherwise somewhere."""

    def __init__(self, random: Random | None) -> None:
        self._random = random
        self._left = (
            random.randrange(12) if random else -1
        )  # writes as it should so often, then does not once

    def write(self, value: Any) -> bytes:
        faulty = self._left == 0
        self._left -= 1
        if faulty:
            return self._otherwise(value)
        return self._plain(value)

    def _plain(self, value: Any) -> bytes:
        if isinstance(value, bool) or value is None:
            return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
        if isinstance(value, int):
            return head(0, value) if value >= 0 else head(1, -1 - value)
        if isinstance(value, bytes | str):
            data = value if isinstance(value, bytes) else value.encode()
            return head(2 if isinstance(value, bytes) else 3, len(data)) + data
        if isinstance(value, list):
            return head(4, len(value)) + b"".join(map(self.write, value))
        if isinstance(value, dict):
            members = sorted(((self.write(key), part) for key, part in value.items()), key=lambda one: one[0])
            return head(5, len(members)) + b"".join(key + self.write(part) for key, part in members)
        return head(6, value.tag) + self.write(value.value)

    def _otherwise(self, value: Any) -> bytes:
        assert self._random
        data = self._plain(value)
        major, rest = data[0] >> 5, data[0] & 31
        ways = [bytes([0xD9, 0xD9, 0xF7]) + data, b"\xd8\x1c" + data, b"\xf7", b"\xf8\x20", data[:1]]
        ways += [b"\xfb" + struct.pack(">d", 1.5), b"\xf9\x3c\x00", b"\xc2\x41\x01"]
        if major < 7 and rest < 24:
            ways += [bytes([major << 5 | 24, rest]) + data[1:], bytes([major << 5 | 25, 0, rest]) + data[1:]]
            ways += [bytes([major << 5 | 27]) + b"\xff" * 8 + data[1:]]
        if major == 6:
            ways += [head(6, 98) + data[1:]]
        if isinstance(value, dict) and value:
            parts = [(self._plain(key), self._plain(part)) for key, part in value.items()]
            twice = [parts[0], *parts]
            ways += [b"".join([head(5, len(some)), *map(b"".join, some)]) for some in (parts[::-1], twice)]
        if major in (2, 3, 4, 5):
            ways += [bytes([major << 5 | 31]) + data[1:] + b"\xff"]
        return self._random.choice(ways)


def head(major: int, argument: int) -> bytes:
    """The head of an item in its shortest form."""
    if argument < 24:
        return bytes([major << 5 | argument])
    size = next(size for size in (1, 2, 4, 8) if argument < 1 << 8 * size)
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size]]) + argument.to_bytes(size, "big")


def signed(protected: bytes, payload: bytes, signer: Signer) -> bytes:
    """A COSE_Sign1 of any header and payload, well signed."""
    return encode_sign1(Sign1(protected, {}, payload, signer.sign(signed_bytes(protected, payload))))
