r"""Confidential values: in the statement stands a salted commitment, its opening travels elsewhere.

    {"commitment": hex SHA-256( salt (32 bytes) || RFC 8785 JSON of the value )}

The commitment binds: nobody finds another salt and value for it. It hides: the salt is random and for one use, so
that guessing a price is guessing 256 bits. An opening is believed only when `check_opening` has compared it with
the statement's own bytes; whoever sent it, and how, does not matter.

    >>> commit(bytes(32), {"currency": "INR", "amount": "55"})
    '2d61c998ef8c418f5f2878199496af542d8c610a23a3079126bea9cffe63458e'

No message of this module names a value or a salt (specs/disclosure.md).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, NewType

from ledger.errors import MalformedDisclosure, MalformedPayload, OpeningInvalid
from ledger.limits import COMMITMENTS_PER_STATEMENT, CONFIDENTIAL_BYTES, POINTER_CHARS
from ledger.statement.envelope import Statement
from ledger.statement.payload import decode_value, encode_value

SALT_BYTES: Final = 32

Pointer = NewType("Pointer", str)
"""RFC 6901 JSON Pointer into a statement's payload, as `/body/lines/0/price`."""

Digest = NewType("Digest", str)
"""64 lower-case hex digits: what a commitment holds."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_POINTER: Final = re.compile(r"(?:/(?:[^/~]|~[01])*)+")


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens one commitment, as somebody gave it: well-formed, nothing proved. Never shows what it holds."""

    pointer: Pointer
    salt: bytes = field(repr=False)
    value: Any = field(repr=False)

    @property
    def digest(self) -> Digest:
        """The commitment this opens. Raises what `commit` raises."""
        return commit(self.salt, self.value)


def new_salt() -> bytes:
    """32 bytes from the system's randomness, for one commitment."""
    return secrets.token_bytes(SALT_BYTES)


def commit(salt: bytes, value: Any) -> Digest:
    """The digest that commits to a JSON value. Raises `MalformedPayload` for what is none, or too large a one."""
    assert len(salt) == SALT_BYTES, "salts are checked where they come in"
    return Digest(hashlib.sha256(salt + _encode(value)).hexdigest())


def commitments(payload: Mapping[str, Any]) -> dict[Pointer, Digest]:
    """Every commitment in a payload by its place, in the payload's order."""
    return dict(_find(payload, ""))


def check_opening(statement: Statement, opening: Opening) -> Any:
    """The value, when the statement commits to it at that place. Raises `OpeningInvalid`.

    The digests are compared in constant time, though neither is a secret of its own.
    """
    committed = commitments(statement.payload)
    where = f"{opening.pointer!r:.{POINTER_CHARS}} of statement {statement.id}"
    if opening.pointer not in committed:
        raise OpeningInvalid(
            f"there is no commitment at {where}",
            expected=f"one of its {len(committed)}, as {', '.join(list(committed)[:8])}"
            if committed
            else "a statement with commitments",
            hint="the value disclosed belongs elsewhere, or to nothing that was signed",
        )
    if not hmac.compare_digest(committed[opening.pointer], opening.digest):
        raise OpeningInvalid(
            f"the value disclosed for {where} is not the one that was committed to: its commitment is "
            f"{opening.digest}",
            expected=committed[opening.pointer],
            hint="whoever disclosed it gave another value, or another salt, than was signed: do not rely on it",
        )
    return opening.value


def step(pointer: str, name: str | int) -> Pointer:
    """The pointer to a member or an element of what a pointer leads to (RFC 6901 3)."""
    return Pointer(f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}")


def pack_openings(openings: Iterable[Opening]) -> list[list[object]]:
    """Openings as CBOR carries them: [[pointer, salt, RFC 8785 value], ...], ascending by pointer."""
    return [
        [one.pointer, one.salt, _encode(one.value)] for one in sorted(openings, key=lambda one: one.pointer)
    ]


def unpack_openings(packed: Any) -> tuple[Opening, ...]:
    """Read what `pack_openings` wrote, strictly. Raises `MalformedDisclosure`."""
    if not isinstance(packed, list) or not 0 < len(packed) <= COMMITMENTS_PER_STATEMENT:
        raise MalformedDisclosure(
            "openings that are no list of them", expected=f"an array of 1 to {COMMITMENTS_PER_STATEMENT}"
        )
    openings = tuple(_unpack(one) for one in packed)
    pointers = [one.pointer for one in openings]
    if any(after <= before for before, after in pairwise(pointers)):
        raise MalformedDisclosure("openings out of order", expected="ascending by pointer, none twice")
    return openings


def _unpack(packed: Any) -> Opening:
    if not isinstance(packed, list) or len(packed) != 3:
        raise MalformedDisclosure("an opening in another shape", expected="[pointer, salt, value]")
    pointer, salt, value = packed
    if not isinstance(pointer, str) or len(pointer) > POINTER_CHARS or not _POINTER.fullmatch(pointer):
        raise MalformedDisclosure(
            "an opening for no place in a statement",
            expected=f"a JSON Pointer (RFC 6901) of 1 to {POINTER_CHARS} characters, as /body/lines/0/price",
        )
    if not isinstance(salt, bytes) or len(salt) != SALT_BYTES:
        raise MalformedDisclosure(f"a salt for {pointer!r} of another length", expected=f"{SALT_BYTES} bytes")
    if not isinstance(value, bytes) or len(value) > CONFIDENTIAL_BYTES:
        raise MalformedDisclosure(
            f"a value for {pointer!r} that is no bytes, or too many",
            expected=f"JSON of at most {CONFIDENTIAL_BYTES} bytes",
        )
    try:
        read = decode_value(value)
        canonical = encode_value(read) == value
    except MalformedPayload:
        canonical = False
    if not canonical:
        raise MalformedDisclosure(
            f"a value for {pointer!r} that is not canonical JSON", expected="RFC 8785, and no fractions"
        )
    return Opening(Pointer(pointer), salt, read)


def _encode(value: Any) -> bytes:
    """The bytes that are hashed. What is wrong with a value is not told by quoting it."""
    try:
        encoded = encode_value(value)
    except MalformedPayload:
        encoded = b""
    if not 0 < len(encoded) <= CONFIDENTIAL_BYTES:
        raise MalformedPayload(
            "a confidential value that cannot be committed to",
            expected=f"JSON without fractions, of at most {CONFIDENTIAL_BYTES} bytes",
            hint="write quantities and amounts as text",
        )
    return encoded


def _find(value: Any, pointer: str) -> Iterator[tuple[Pointer, Digest]]:
    if isinstance(value, dict):
        digest = value.get("commitment")
        if len(value) == 1 and isinstance(digest, str) and _DIGEST.fullmatch(digest):
            yield Pointer(pointer), Digest(digest)
        for name, member in value.items():
            yield from _find(member, step(pointer, name))
    elif isinstance(value, list):
        for place, element in enumerate(value):
            yield from _find(element, step(pointer, place))
