"""The HTTP interface beside what it may cost at most: the empty route, and one verification a request.

Server and clients are processes of their own on the same cores. The limit of a registration is
1 / (1/empty + 1/verify): what the server's one loop could do if a request cost an empty answer and a signature.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ledger.log.log import Log, create_log
from ledger.statement.cose import decode_sign1, signed_bytes
from ledger.statement.envelope import read_statement
from ledger.statement.keys import parse_did_key
from tests.bench.load import LOG_SIGNER, POLICY, statements

MAKERS = 4_000
CLIENTS = 64
Figure = tuple[str, float, str, float | None]


@contextmanager
def served(app: str, folder: Path | None = None) -> Iterator[int]:
    """A server process of its own over one of the applications below, on a free port."""
    environment = os.environ | ({"TALLY_LOG": str(folder)} if folder else {})
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.http_server", app],
        env=environment | {"TALLY_WRITES_PER_MINUTE": "100000000", "TALLY_READS_PER_MINUTE": "100000000"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=30)


def load(port: int, requests: Sequence[bytes], clients: int = CLIENTS) -> dict[str, Any]:
    """Drive requests over kept connections; see `tests.bench.http_clients`."""
    framed = b"".join(struct.pack(">I", len(one)) + one for one in requests)
    command = [sys.executable, "-m", "tests.bench.http_clients", str(port), str(clients)]
    done = subprocess.run(command, input=framed, capture_output=True, check=True, timeout=120)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def post(path: str, body: bytes, media: str = "application/cose") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {media}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode()


def verification_alone(signed: Sequence[bytes]) -> float:
    """Signatures a second of one core, libsodium and nothing else."""
    jobs = []
    for data in signed:
        sign1, statement = decode_sign1(data), read_statement(data)
        jobs.append(
            (
                parse_did_key(statement.iss),
                signed_bytes(sign1.protected, sign1.payload or b""),
                sign1.signature,
            )
        )
    start = time.perf_counter()
    for key, message, signature in jobs:
        key.verify(message, signature)
    return len(jobs) / (time.perf_counter() - start)


def single_statements(folder: Path) -> list[Figure]:
    """64 clients post single sign-offs; everything these rest on is in the log."""
    signed = statements(MAKERS)
    offs = [data for data in signed if b'"type":"batch.signed_off"' in data]
    rest = [data for data in signed if data not in set(offs)]
    create_log(folder, LOG_SIGNER, POLICY, "2026-01-01T00:00:00Z")
    with Log.open(folder, LOG_SIGNER) as log:
        log.append([one for one in rest if b'"delivery.' not in one])
    requests = [post("/entries", one) for one in offs]
    layers = {}
    for name in ("empty", "routed", "framework"):
        with served(name) as port:
            layers[name] = load(port, requests)["rate"]
    verify = verification_alone(offs)
    limit = 1 / (1 / layers["empty"] + 1 / verify)
    with served("log", folder) as port:
        found = load(port, requests)
        assert set(found["statuses"]) == {"201"}, found["statuses"]
    return [
        ("HTTP, an empty raw application", layers["empty"], "requests/s", None),
        ("HTTP, an empty raw route of the application", layers["routed"], "requests/s", None),
        ("HTTP, an empty route of the framework", layers["framework"], "requests/s", None),
        ("verification alone, one core", verify, "statements/s", None),
        (f"{CLIENTS} clients, single statements", found["rate"], "statements/s", found["rate"] / limit),
        (f"{CLIENTS} clients, receipt after, p50", found["p50_ms"], "ms", None),
        (f"{CLIENTS} clients, receipt after, p99", found["p99_ms"], "ms", None),
    ]


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch:
        for name, value, unit, ratio in single_statements(Path(scratch) / "log"):
            print(f"{name:45} {value:12,.2f} {unit:14}" + (f"{ratio:6.2f} of the limit" if ratio else ""))
