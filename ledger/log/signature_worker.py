"""A process that does nothing but verify signatures, so that one interpreter's lock does not hold them up.

    python -m ledger.log.signature_worker

On stdin, again and again: 4 bytes big-endian length, then a CBOR array of [kind, key, message, signature]. On
stdout for each: one byte a signature, 1 verified, 0 not. It ends when stdin does. Started by
`ledger.log.signatures` only; it reads nothing else and writes nothing else.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import BinaryIO, Final

import cbor2

from ledger.errors import TallyError
from ledger.statement.keys import Ed25519Key, P256Key, PublicKey

KINDS: Final[dict[type[PublicKey], int]] = {Ed25519Key: 0, P256Key: 1}
_TYPES: Final = {0: Ed25519Key, 1: P256Key}
LENGTH_BYTES: Final = 4


@lru_cache(maxsize=16_384)
def _key(kind: int, raw: bytes) -> PublicKey:
    return _TYPES[kind](raw)


def _verified(kind: int, raw: bytes, message: bytes, signature: bytes) -> bool:
    try:
        _key(kind, raw).verify(message, signature)
    except TallyError:
        return False
    return True


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer jobs until the source ends."""
    while length := source.read(LENGTH_BYTES):
        job = cbor2.loads(source.read(int.from_bytes(length, "big")))
        sink.write(bytes(_verified(*one) for one in job))
        sink.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
