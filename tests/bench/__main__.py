"""`make bench`: every speed as a ratio to a limit measured in the same run. Durable: fsync on, in a real folder.

Prints a table and writes bench-results/bench.json. Statements are signed before the clock starts; the limit is
libsodium verifying the same signatures on all cores and doing nothing else.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

from ledger.audit.gather import make_bundle
from ledger.audit.verify import verify_bundle
from ledger.audit.whole import audit_log
from ledger.log.folder import LogFolder
from ledger.log.fsck import fsck
from ledger.log.log import Log, create_log
from ledger.log.reader import LogReader
from ledger.log.writer import Registered
from ledger.statement.cose import decode_sign1, signed_bytes
from ledger.statement.envelope import read_statement
from ledger.statement.keys import parse_did_key
from ledger.units import LeafIndex
from tests.bench.load import LOG_SIGNER, POLICY, statements
from tests.bench.scale import figures_at_scale

RUNS = 3
MAKERS = 4_000  # six statements each: a set of a size for which bulk matters


def median(measure: Callable[[], float]) -> float:
    """The median rate of several runs, per second."""
    return statistics.median(measure() for _ in range(RUNS))


def verification_alone(signed: list[bytes]) -> float:
    """Signatures a second, libsodium on all cores and nothing else."""
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

    def verify(part: list[Any]) -> None:
        for key, message, signature in part:
            key.verify(message, signature)

    cores = os.cpu_count() or 1
    parts = [jobs[n::cores] for n in range(cores)]
    with ThreadPoolExecutor(cores) as pool:
        start = time.perf_counter()
        list(pool.map(verify, parts))
        return len(jobs) / (time.perf_counter() - start)


def bulk_append(signed: list[bytes], folder: Path) -> float:
    """Statements a second: verified, ruled, durable, receipts ready."""
    create_log(folder, LOG_SIGNER, POLICY, "2026-01-01T00:00:00Z")
    with Log.open(folder, LOG_SIGNER) as log:
        start = time.perf_counter()
        outcomes = log.append(signed)
        taken = time.perf_counter() - start
    assert all(isinstance(outcome, Registered) and outcome.new for outcome in outcomes)
    return len(signed) / taken


def full_audit(folder: Path) -> float:
    with LogReader.open(folder) as reader:
        start = time.perf_counter()
        audit = audit_log(reader, LogFolder(folder).mark)
        return audit.checked.size / (time.perf_counter() - start)


def check_bytes(folder: Path) -> float:
    with LogReader.open(folder) as reader:
        start = time.perf_counter()
        checked = fsck(reader.store, LogFolder(folder).mark)
        return checked.size / (time.perf_counter() - start)


def bytes_read(folder: Path) -> float:
    """Bytes a second of the log's database, read from end to end and nothing done with them."""
    start, count = time.perf_counter(), 0
    with LogFolder(folder).database.open("rb") as file:
        while part := file.read(2**20):
            count += len(part)
    return count / (time.perf_counter() - start)


def proofs(folder: Path) -> tuple[float, float]:
    """Median and 99th percentile of an inclusion proof, in milliseconds."""
    with LogReader.open(folder) as reader:
        times = []
        for n in range(2_000):
            index = LeafIndex(int.from_bytes(sha256(n.to_bytes(4, "big")).digest()[:6], "big") % reader.size)
            start = time.perf_counter()
            reader.inclusion(index, reader.size)
            times.append((time.perf_counter() - start) * 1e3)
    times.sort()
    return times[len(times) // 2], times[len(times) * 99 // 100]


def bundles(folder: Path) -> tuple[float, float, int]:
    """Making and verifying the bundle of the whole contract: seconds, seconds, statements."""
    with LogReader.open(folder) as reader:
        start = time.perf_counter()
        data = make_bundle(reader, reader.store.contracts()[0])
        made = time.perf_counter() - start
        start = time.perf_counter()
        verified = verify_bundle(data, reader.vkey)
        return made, time.perf_counter() - start, len(verified.statements)


def main() -> None:
    signed = statements(MAKERS)
    print(
        f"{len(signed)} statements of {MAKERS} makers, {statistics.mean(map(len, signed)):.0f} bytes on average",
        file=sys.stderr,
    )
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch:  # a real disk: /tmp may be memory
        folders = (Path(scratch) / f"log-{n}" for n in range(100))
        limit = median(lambda: verification_alone(signed))
        last: list[Path] = []

        def append() -> float:
            last.append(next(folders))
            return bulk_append(signed, last[-1])

        appended = median(append)
        folder = last[-1]
        audited, checked = median(lambda: full_audit(folder)), median(lambda: check_bytes(folder))
        read = median(lambda: bytes_read(folder))
        middle, slow = proofs(folder)
        made, verified, count = bundles(folder)
        disk = LogFolder(folder).database.stat().st_size
    payload = sum(map(len, signed))
    mb_checked = checked / len(signed) * disk / 1e6
    rows: list[tuple[str, float, str, float | None]] = [
        ("libsodium verification alone, all cores", limit, "statements/s", None),
        ("bulk append: verified, ruled, durable", appended, "statements/s", appended / limit),
        ("full audit", audited, "statements/s", audited / limit),
        ("fsck", checked, "statements/s", checked / limit),
        ("fsck against a plain read of the file", mb_checked, "MB/s", mb_checked / (read / 1e6)),
        ("inclusion proof, median", middle, "ms", None),
        ("inclusion proof, p99", slow, "ms", None),
        (f"contract bundle of {count}, made", made, "s", None),
        (f"contract bundle of {count}, verified", verified, "s", count / verified / limit),
        ("disk per statement byte", disk / payload, "", None),
    ]
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch:
        rows += figures_at_scale(Path(scratch) / "log")
    for name, value, unit, ratio in rows:
        print(
            f"{name:45} {value:12,.2f} {unit:14}"
            + (f"{ratio:6.2f} of the limit" if ratio is not None else "")
        )
    machine = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "sqlite": sqlite3.sqlite_version,
    }
    result = {
        "machine": machine,
        "runs": RUNS,
        "statements": len(signed),
        "fsync": True,
        "figures": [{"name": n, "value": v, "unit": u, "ratio": r} for n, v, u, r in rows],
    }
    Path("bench-results").mkdir(exist_ok=True)
    Path("bench-results/bench.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
