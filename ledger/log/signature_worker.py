"""A process that does nothing but open statements, so that one interpreter's lock does not hold all of them up.

    python -m ledger.log.signature_worker

On stdin, again and again: 4 bytes big-endian length, then a CBOR array of statements. On stdout for each: one byte a
statement, 1 when `open_statement` accepts it by its issuer's first key, 0 when it does not. It ends when stdin does.
Started by `ledger.log.signatures` only; it reads nothing else and writes nothing else.
"""

from __future__ import annotations

import sys
from typing import BinaryIO, Final

import cbor2

from ledger.errors import TallyError
from ledger.statement.envelope import open_statement

LENGTH_BYTES: Final = 4


def _accepted(data: bytes) -> bool:
    try:
        open_statement(data)
    except TallyError:
        return False
    return True


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer jobs until the source ends."""
    while length := source.read(LENGTH_BYTES):
        job = cbor2.loads(source.read(int.from_bytes(length, "big")))
        sink.write(bytes(map(_accepted, job)))
        sink.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
