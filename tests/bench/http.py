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
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from api.routes.statements import SEQUENCE
from ledger.log.log import Log, create_log
from ledger.statement.cose import decode_sign1, signed_bytes
from ledger.statement.envelope import read_statement
from ledger.statement.keys import parse_did_key
from tests.bench.load import LOG_SIGNER, POLICY, statements
from tests.support.log_world import enrolments

MAKERS = 4_000
BULK_MAKERS = 2_000  # six statements each, in one request
CLIENTS = 64
WARM = 800
WRITES = 6_000
READS = 500
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
    """64 clients post single sign-offs to a server that runs; everything these rest on is in the log."""
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
        load(port, requests[:WARM])  # its worker processes start with the first that come together
        found = load(port, requests[WARM:])
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


def bulk(scratch: Path) -> list[Figure]:
    """A whole set in one request, beside the same set through the library."""
    signed = statements(BULK_MAKERS)
    rates = []
    for folder in (scratch / "library", scratch / "posted"):
        create_log(folder, LOG_SIGNER, POLICY, "2026-01-01T00:00:00Z")
    with Log.open(scratch / "library", LOG_SIGNER) as log:
        start = time.perf_counter()
        log.append(signed)
        rates.append(len(signed) / (time.perf_counter() - start))
    with served("log", scratch / "posted") as port:
        request = Request(f"http://127.0.0.1:{port}/statements", b"".join(signed), {"content-type": SEQUENCE})
        start = time.perf_counter()
        with urlopen(request, timeout=300) as answer:
            told = [json.loads(line) for line in answer]
        rates.append(len(signed) / (time.perf_counter() - start))
    assert all(one.get("new") for one in told)
    library, posted = rates
    return [
        ("bulk through the library", library, "statements/s", None),
        ("bulk over HTTP, receipts in the answer", posted, "statements/s", posted / library),
    ]


def reads_while_written(folder: Path) -> list[Figure]:
    """A full tile and a receipt, read one by one while other clients post enrolments."""
    grown = enrolments(WRITES)
    create_log(folder, LOG_SIGNER, POLICY, "2026-01-01T00:00:00Z")
    with Log.open(folder, LOG_SIGNER) as log:
        log.append(grown[:512])
    name = sha256(grown[100]).hexdigest()
    figures: list[Figure] = []
    with served("log", folder) as port, ThreadPoolExecutor(1) as beside:
        load(port, [post("/entries", one) for one in grown[512 : 512 + WARM]], 8)
        writing = beside.submit(load, port, [post("/entries", one) for one in grown[512 + WARM :]], 8)
        for what, path in (("full tile", "/tile/0/000"), ("receipt", f"/entries/{name}")):
            found = load(port, [get(path)] * READS, 1)
            assert set(found["statuses"]) == {"200"}, found["statuses"]
            figures.append((f"{what} while 8 clients write, p99", found["p99_ms"], "ms", None))
        written = writing.result()
    assert set(written["statuses"]) == {"201"}, written["statuses"]
    return figures


def main() -> None:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch:  # a real disk: /tmp may be memory
        here = Path(scratch)
        figures = single_statements(here / "single") + bulk(here) + reads_while_written(here / "reads")
    for name, value, unit, ratio in figures:
        print(f"{name:45} {value:12,.2f} {unit:14}" + (f"{ratio:6.2f} of the limit" if ratio else ""))
    told = [{"name": n, "value": v, "unit": u, "ratio": r} for n, v, u, r in figures]
    result = {"cores": os.cpu_count(), "load": os.getloadavg(), "fsync": True, "figures": told}
    Path("bench-results").mkdir(exist_ok=True)
    Path("bench-results/http.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
