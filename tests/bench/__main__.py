"""`make bench`: every speed as a ratio to a limit measured in the same run. Durable: fsync on, in a real folder.

Prints a table and writes bench-results/bench.json. Statements are signed before the clock starts; the limit is
libsodium verifying the same signatures on all cores and doing nothing else.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
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
from ledger.log.writer import Outcome, Registered
from ledger.units import LeafIndex
from tests.bench.beside import beside
from tests.bench.figure import Figure, Spent, cpu_of, keep, median_of, part_of, rate_of, shown, spent
from tests.bench.growth import growth
from tests.bench.load import LOG_SIGNER, POLICY, statements
from tests.bench.scale import figures_at_scale
from tests.bench.verification import verification_alone

RUNS = 3
MAKERS = 4_000  # six statements each: a set of a size for which bulk matters
GROWN_TO = [10_000, 100_000]  # `make bench-growth` goes on to ten million


def bulk_append(signed: list[bytes], folder: Path) -> Spent:
    """Verified, ruled, durable, receipts ready."""
    create_log(folder, LOG_SIGNER, POLICY, "2026-01-01T00:00:00Z")
    outcomes: list[Outcome] = []
    with Log.open(folder, LOG_SIGNER) as log:
        taken = spent(lambda: outcomes.extend(log.append(signed)))
    assert all(isinstance(outcome, Registered) and outcome.new for outcome in outcomes)
    return taken


def full_audit(folder: Path) -> Spent:
    with LogReader.open(folder) as reader:
        return spent(lambda: audit_log(reader, LogFolder(folder).mark))


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
        figures = against_limits(signed, Path(scratch))
        print(shown(figures), flush=True)
        story = figures_at_scale(Path(scratch) / "story")
        print(shown(story), flush=True)
        grown = []
        for figure in growth(GROWN_TO, Path(scratch) / "grown"):
            grown.append(figure)
            print(shown([figure]), flush=True)
    settings = {"runs": RUNS, "statements": len(signed), "fsync": True}
    print(f"kept in {keep('bench', settings, [*figures, *story, *grown])}", file=sys.stderr)


def against_limits(signed: list[bytes], scratch: Path) -> list[Figure]:
    """Each figure beside its limit, taken in the same run; and what else keeps a history."""
    folders = [scratch / f"log-{n}" for n in range(RUNS)]
    folder, count = folders[-1], len(signed)
    # The limit is taken beside each run: on a machine that others use as well it does not stay.
    limits, appends, audits = [], [], []
    for one in folders:
        limits.append(verification_alone(signed))
        appends.append(bulk_append(signed, one))
        limits.append(verification_alone(signed))
        audits.append(full_audit(one))
    limit = rate_of("libsodium verification alone, all cores", count, limits)
    appended = rate_of("bulk append: verified, ruled, durable", count, appends)
    checked = median_of("fsck", "statements/s", lambda: check_bytes(folder), RUNS)
    read = median_of("a plain read of its file", "MB/s", lambda: bytes_read(folder) / 1e6, RUNS)
    disk = LogFolder(folder).database.stat().st_size
    checked_mb = checked.value / count * disk / 1e6
    middle, slow = proofs(folder)
    made, verified, entries = bundles(folder)
    return [
        limit,
        part_of(appended, limit),
        cpu_of("append", count, appends, limits),
        part_of(rate_of("full audit", count, audits), limit),
        cpu_of("audit", count, audits, limits),
        part_of(checked, limit),
        read,
        Figure("fsck against that read", checked_mb, "MB/s", checked_mb / read.value),
        Figure("inclusion proof, median", middle, "ms"),
        Figure("inclusion proof, p99", slow, "ms"),
        Figure(f"contract bundle of {entries}, made", made, "s"),
        Figure(f"contract bundle of {entries}, verified", verified, "s", entries / verified / limit.value),
        Figure("disk per statement byte", disk / sum(map(len, signed)), ""),
        *(part_of(appended, one)._replace(**_told(one)) for one in beside(signed, scratch, RUNS)),
    ]


def _told(other: Figure) -> dict[str, Any]:
    """What another does, in the place of a log's figure; the ratio stays that of the log to it."""
    return {
        "name": f"append against: {other.name}",
        "value": other.value,
        "runs": other.runs,
        "note": other.note,
    }


if __name__ == "__main__":
    main()
