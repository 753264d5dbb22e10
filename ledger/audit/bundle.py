"""The bundle: evidence in one file. Its format, to the byte, is specs/bundle.md.

    {"bundle": 1, "scope": "statement" | "contract", "claim": <id, 32 bytes>,
     "checkpoint": <signed note>, "entries": [[index, statement], ...], "proof": [hash, ...]}

Deterministic CBOR (RFC 8949 4.2.1); entries ascend by index; `proof` is one multiproof (specs/log.md) for all
of them in the tree of the checkpoint. Nothing in it is trusted: `ledger.audit.verify` checks all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from ledger.errors import MalformedBundle, MalformedCbor, TooLarge
from ledger.limits import BUNDLE_BYTES, BUNDLE_STATEMENTS, NOTE_BYTES, STATEMENT_BYTES, TREE_SIZE_MAX
from ledger.statement import cbor
from ledger.units import HASH_BYTES, Hash, LeafIndex, StatementId

VERSION: Final = 1
Scope = Literal["statement", "contract"]
"""What the bundle claims to hold: all that one statement rests on, or all of one contract."""

_MEMBERS: Final = {"bundle", "scope", "claim", "checkpoint", "entries", "proof"}


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as read: well-formed, nothing proved."""

    scope: Scope
    claim: StatementId
    checkpoint: bytes
    entries: tuple[tuple[LeafIndex, bytes], ...]
    proof: tuple[Hash, ...]


def encode_bundle(bundle: Bundle) -> bytes:
    """The bytes of a bundle file."""
    return cbor.encode(
        {
            "bundle": VERSION,
            "scope": bundle.scope,
            "claim": bytes.fromhex(bundle.claim),
            "checkpoint": bundle.checkpoint,
            "entries": [[index, statement] for index, statement in bundle.entries],
            "proof": list(bundle.proof),
        }
    )


def decode_bundle(data: bytes) -> Bundle:
    """Read a bundle file. Raises `MalformedBundle`, `TooLarge`."""
    if len(data) > BUNDLE_BYTES:
        raise TooLarge(f"the file has {len(data)} bytes", expected=f"a bundle of at most {BUNDLE_BYTES}")
    try:
        content = cbor.decode(data)
    except MalformedCbor as error:
        raise MalformedBundle(
            f"this is not a bundle: {error}", expected="a file made by `tally bundle`"
        ) from error
    if not isinstance(content, dict) or set(content) != _MEMBERS:
        raise MalformedBundle("this is not a bundle", expected="a map of " + ", ".join(sorted(_MEMBERS)))
    if content["bundle"] is True or content["bundle"] != VERSION:
        raise MalformedBundle(f"bundle version {content['bundle']!r}", expected=f"version {VERSION}")
    if content["scope"] not in ("statement", "contract"):  # no set: it may be an array, which has no hash
        raise MalformedBundle(f"scope {content['scope']!r}", expected='"statement" or "contract"')
    claim = _bytes(content["claim"], "claim", HASH_BYTES, exact=True)
    return Bundle(
        scope=cast(Scope, content["scope"]),
        claim=StatementId(claim.hex()),
        checkpoint=_bytes(content["checkpoint"], "checkpoint", NOTE_BYTES),
        entries=tuple(_entries(content["entries"])),
        proof=tuple(
            Hash(_bytes(one, "proof", HASH_BYTES, exact=True)) for one in _list(content["proof"], "proof")
        ),
    )


def _entries(value: Any) -> list[tuple[LeafIndex, bytes]]:
    entries: list[tuple[LeafIndex, bytes]] = []
    last = -1
    for one in _list(value, "entries"):
        pair = _list(one, "an entry")
        if len(pair) != 2:
            raise MalformedBundle(f"an entry has {len(pair)} parts", expected="[index, statement]")
        index, statement = pair
        if type(index) is not int or not last < index < TREE_SIZE_MAX:
            raise MalformedBundle(f"entry index {index!r} after {last}", expected="indices that ascend")
        entries.append((LeafIndex(index), _bytes(statement, "a statement", STATEMENT_BYTES)))
        last = index
    if not entries:
        raise MalformedBundle("there are no entries", expected="at least one")
    return entries


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise MalformedBundle(f"{what} is a {type(value).__name__}", expected="an array")
    if len(value) > BUNDLE_STATEMENTS * 2:
        raise TooLarge(f"{what} has {len(value)} elements", expected=f"at most {BUNDLE_STATEMENTS * 2}")
    return value


def _bytes(value: Any, what: str, limit: int, *, exact: bool = False) -> bytes:
    if not isinstance(value, bytes) or len(value) > limit or (exact and len(value) != limit):
        size = f"{len(value)} bytes" if isinstance(value, bytes) else type(value).__name__
        raise MalformedBundle(
            f"{what}: {size}", expected=f"{limit} bytes" if exact else f"at most {limit} bytes"
        )
    return value
