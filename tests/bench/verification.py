"""The limit that appending and auditing are held against: libsodium, on all cores, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ledger.statement.cose import decode_sign1, signed_bytes
from ledger.statement.envelope import read_statement
from ledger.statement.keys import PublicKey, parse_did_key
from tests.bench.figure import Spent, spent

_Job = tuple[PublicKey, bytes, bytes]


def verification_alone(signed: Sequence[bytes]) -> Spent:
    """Verify every signature; keys and signed bytes are made ready before the clock starts."""
    jobs: list[_Job] = []
    for data in signed:
        sign1, statement = decode_sign1(data), read_statement(data)
        message = signed_bytes(sign1.protected, sign1.payload or b"")
        jobs.append((parse_did_key(statement.iss), message, sign1.signature))

    def verify(part: Sequence[_Job]) -> None:
        for key, message, signature in part:
            key.verify(message, signature)

    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        return spent(lambda: list(pool.map(verify, [jobs[n::cores] for n in range(cores)])))
