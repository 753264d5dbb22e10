"""`make bench-growth`: whether a log of ten million entries is as quick as one of ten thousand.

    python -m tests.bench.growth 10000 100000

One log grows to each size in turn, by receipts of goods without a maker: the cheapest statements there are, each
signed, verified, ruled and durable. At each size: the rate of the last ten thousand, as part of what libsodium alone
does at that moment (on a machine that others use too neither stays), and relative to that at the first size; proofs;
the disk a byte of statement takes; memory; what opening costs, and starting again after SIGKILL in the middle of it.

Memory does not grow with the log: statements are made as they are needed, and nothing of them is kept here. Ten million
take about 15 GB of disk and some hours.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ledger.log.folder import LogFolder
from ledger.log.log import Log, create_log
from ledger.log.reader import LogReader
from ledger.log.writer import Outcome, Registered
from ledger.units import LeafIndex, TreeSize
from tests.bench.figure import Figure, Spent, cpu_of, keep, part_of, rate_of, shown, spent
from tests.bench.load import LOG_SIGNER, POLICY, Opened, opened, receipts
from tests.bench.verification import verification_alone

STEP = 10_000
PROOFS = 2_000
OPENINGS = 5
KILLED_AFTER_S = 1.0
"""Long enough to be in the midst of a group."""


@dataclass
class Growing:
    """The log while it grows, and what it was fed."""

    folder: Path
    contract: Opened = field(default_factory=lambda: opened(10**9))
    size: int = 1
    payload: int = 0

    def append(self, statements: list[bytes]) -> Spent:
        outcomes: list[Outcome] = []
        with Log.open(self.folder, LOG_SIGNER) as log:
            taken = spent(lambda: outcomes.extend(log.append(statements)))
        assert all(isinstance(one, Registered) and one.new for one in outcomes), "each is admitted once"
        self.size += len(statements)
        self.payload += sum(map(len, statements))
        return taken

    def grow(self, size: int) -> None:
        """Append up to a size, a step at a time."""
        made = receipts(self.contract, self.size)
        start = time.monotonic()
        while self.size < size:
            count = min(STEP, size - self.size)
            taken = self.append(list(islice(made, count)))
            left = (size - self.size) * taken.wall_s / count
            print(f"\r{self.size:,} of {size:,}, {left:,.0f} s left ", end="", file=sys.stderr)
        print(f"\r{size:,} after {time.monotonic() - start:,.0f} s{'':20}", file=sys.stderr)


def growth(sizes: list[int], folder: Path) -> Iterator[Figure]:
    """Grow one log to each size and measure it there, and in the ten thousand after."""
    create_log(folder, LOG_SIGNER, POLICY, "2026-01-01T00:00:00Z")
    log = Growing(folder)
    log.append(log.contract.signed)
    first: tuple[float, float] | None = None
    for size in sizes:
        at = f"at {size:,}: "
        log.grow(size)
        yield from _proofs(at, folder)
        disk = LogFolder(folder).database.stat().st_size
        yield Figure(f"{at}disk per statement byte", disk / log.payload, "")
        yield from _openings(at, folder)
        statements = list(islice(receipts(log.contract, log.size), STEP))
        limit, appended = verification_alone(statements), log.append(statements)
        rate = part_of(rate_of(f"{at}append", STEP, [appended]), rate_of("", STEP, [limit]))
        cpu = cpu_of(f"{at}append", STEP, [appended], [limit])
        assert rate.ratio, "of a limit"
        assert cpu.ratio, "of a limit"
        first = first or (rate.ratio, cpu.ratio)
        yield from (rate, cpu)
        yield Figure(f"{at}append, of that at {sizes[0]:,}", rate.ratio / first[0], "")
        yield Figure(f"{at}append, of that at {sizes[0]:,}, by processor time", cpu.ratio / first[1], "")
        yield Figure(f"{at}memory of this process", _resident_mb(), "MB")
        yield _restart(at, log)


def _proofs(at: str, folder: Path) -> Iterator[Figure]:
    chance = random.Random(7)
    with LogReader.open(folder) as reader:
        size = reader.size

        def inclusion() -> object:
            return reader.inclusion(LeafIndex(chance.randrange(size)), size)

        def consistency() -> object:
            return reader.consistency(TreeSize(chance.randrange(1, size)), size)

        for name, prove in (("inclusion", inclusion), ("consistency", consistency)):
            times = sorted(_ms(prove) for _ in range(PROOFS))
            yield Figure(f"{at}{name} proof, p99", times[PROOFS * 99 // 100], "ms")


def _openings(at: str, folder: Path) -> Iterator[Figure]:
    def database() -> None:
        db = sqlite3.connect(LogFolder(folder).database)
        db.execute("SELECT max(idx) FROM entries").fetchone()
        db.close()

    yield Figure(f"{at}opening the database alone", _middle_ms(database), "ms")
    yield Figure(f"{at}opening the log to read", _middle_ms(lambda: LogReader.open(folder).close()), "ms")
    yield Figure(
        f"{at}opening the log to write", _middle_ms(lambda: Log.open(folder, LOG_SIGNER).close()), "ms"
    )


def _restart(at: str, log: Growing) -> Figure:
    """Kill a process that writes, and open the log again."""
    command = [sys.executable, "-m", "tests.bench.growth", "--write", str(log.folder), str(log.size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        writer.stdout.readline()  # it writes
        time.sleep(KILLED_AFTER_S)
        writer.send_signal(signal.SIGKILL)
    taken = _ms(lambda: Log.open(log.folder, LOG_SIGNER).close())
    with LogReader.open(log.folder) as reader:
        log.payload += sum(len(reader.statement(LeafIndex(n))) for n in range(log.size, reader.size))
        grown, log.size = reader.size - log.size, reader.size
    return Figure(f"{at}start after SIGKILL, {grown:,} entries later", taken, "ms")


def write_until_killed(folder: Path, start: int) -> None:
    made = receipts(opened(10**9), start)
    with Log.open(folder, LOG_SIGNER) as log:
        while True:
            log.append(list(islice(made, 256)))
            print("written", flush=True)


def _ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def _middle_ms(work: Callable[[], object]) -> float:
    return statistics.median(_ms(work) for _ in range(OPENINGS))


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(words: list[str]) -> None:
    if words[:1] == ["--write"]:
        write_until_killed(Path(words[1]), int(words[2]))
        return
    sizes = sorted(int(word.replace("_", "")) for word in words) or [10_000, 100_000, 1_000_000, 10_000_000]
    figures = []
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch:  # a real disk: /tmp may be memory
        for figure in growth(sizes, Path(scratch) / "log"):
            figures.append(figure)
            print(shown([figure]), flush=True)
    keep("growth", {"sizes": sizes, "fsync": True}, figures)


if __name__ == "__main__":
    main(sys.argv[1:])
