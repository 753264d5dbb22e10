"""DER, as much of it as an encrypted key file takes to write and to bound (X.690 8.1, 10.1).

    item    = tag (one byte) || length || content
    length  = one byte below 80, or 80 + k and k bytes big-endian; always in the shortest form
    INTEGER = two's complement, big-endian, shortest form

    >>> item(SEQUENCE, integer(16384) + item(OCTETS, b"salt")).hex()
    '300a02024000040473616c74'

What the library that decrypts reads beyond this is its own affair; both read the strict form, so both read the
same values.
"""

from __future__ import annotations

from typing import Final

from ledger.errors import MalformedKey

INTEGER: Final = 0x02
OCTETS: Final = 0x04
OBJECT_ID: Final = 0x06
SEQUENCE: Final = 0x30

_INTEGER_BYTES: Final = 8


def item(tag: int, content: bytes) -> bytes:
    """One item."""
    return _head(tag, len(content)) + content


def integer(value: int) -> bytes:
    """A whole number from 0 as an INTEGER."""
    assert value >= 0, "no negative number stands in a key file"
    return item(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def take(tag: int, data: bytes) -> tuple[bytes, bytes]:
    """The content of the item that `data` begins with, and what follows it. Raises `MalformedKey`."""
    size = data[1] & 0x7F if len(data) > 1 and data[1] & 0x80 else 0
    start = 2 + size
    length = int.from_bytes(data[2:start] if size else data[1:2], "big")
    if data[:start] != _head(tag, length) or len(data) < start + length:
        raise MalformedKey(
            "a key file whose inner structure is broken",
            expected="EncryptedPrivateKeyInfo (RFC 5958 3) with PBES2 (RFC 8018 A.4), in DER",
            hint="restore the file from a copy",
        )
    return data[start : start + length], data[start + length :]


def take_integer(data: bytes) -> tuple[int, bytes]:
    """The whole number that `data` begins with, 0 to 2^63 - 1, and what follows it. Raises `MalformedKey`."""
    content, rest = take(INTEGER, data)
    value = int.from_bytes(content, "big", signed=True)
    if not 0 < len(content) <= _INTEGER_BYTES or value < 0:
        raise MalformedKey(
            "a key file with a number that is negative, missing or huge",
            expected="a number from 0 to 2^63 - 1",
        )
    return value, rest


def _head(tag: int, length: int) -> bytes:
    if length < 0x80:
        return bytes([tag, length])
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big")
