"""A process that does nothing but open statements, so that one interpreter's lock does not hold all of them up.

    python -m ledger.log.signature_worker

On stdin, again and again: 4 bytes big-endian length, then a CBOR array of two arrays: keys it has not been told of
before, each as a `did:key`, and statements. On stdout for each: one byte a statement, a `Verdict` by its issuer's first
key and all keys told so far. It ends when stdin does. Started by `ledger.log.signatures` only; it reads nothing else
and writes nothing else.
"""

from __future__ import annotations

import sys
from enum import IntEnum
from typing import BinaryIO, Final

import cbor2

from ledger.errors import KeyUnknown, TallyError
from ledger.events.opened import open_kept
from ledger.statement.keybook import KeyBook

LENGTH_BYTES: Final = 4


class Verdict(IntEnum):
    """What `open_kept` says of one statement."""

    REFUSED = 0
    ACCEPTED = 1
    KEY_UNKNOWN = 2
    """It reads well, and its key has not been told."""


def _verdict(data: bytes, keys: KeyBook) -> Verdict:
    try:
        open_kept(data, keys.resolve)
    except KeyUnknown:
        return Verdict.KEY_UNKNOWN
    except TallyError:
        return Verdict.REFUSED
    return Verdict.ACCEPTED


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer jobs until the source ends."""
    keys = KeyBook()
    while length := source.read(LENGTH_BYTES):
        new_keys, statements = cbor2.loads(source.read(int.from_bytes(length, "big")))
        keys.tell(new_keys)
        sink.write(bytes(_verdict(data, keys) for data in statements))
        sink.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
