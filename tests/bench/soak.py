"""A served log under mixed load for as long as is asked for: every answer right, nothing lost, memory flat.

    python -m tests.bench.soak [SECONDS]        # a minute where none is given; 3600 before a release

`tally serve` runs as it is installed, with the processes it starts. Clients register statements one by one and in sets,
and read receipts, tiles, statements, bundles, lists and pages, at a pace that a small machine keeps. Every receipt is
verified, and in the end every acknowledged statement is looked for in the log. Memory is what all its processes hold
(resident).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from api.routes.statements import SEQUENCE
from ledger.keystore import KeyStore
from ledger.limits import TILE_WIDTH
from ledger.log.reader import LogReader
from ledger.proof.receipt import open_receipt
from tests.support.log_world import enrolment, enrolments, entry_of, fsck_at, id_of
from tests.support.spine import LOG_SIGNER, ORIGIN, Spine, make_log

SINGLES_PER_S = 20.0
SETS_PER_S = 0.2
SET = 40
READS_PER_S = 20.0
SAMPLE_S = 1.0
GROWTH = 1.15
"""How much more the last quarter may hold than the second, at most: the writer remembers new parties, up to a bound."""
GROWTH_KIB = 16 * 1024
"""Besides, for what allocators and SQLite's pages do."""
PASSPHRASE = "four words make one"


@contextmanager
def serving(log: Path, keys: Path) -> Iterator[tuple[int, str]]:
    """`tally serve` on a free port: its process id and URL; asked to stop in the end, and waited for."""
    command = ["serve", "--log", str(log), "--keys", str(keys), "--port", "0", "--json"]
    budgets = {f"TALLY_{kind}_PER_MINUTE": "1000000" for kind in ("READS", "WRITES", "COSTLY")}
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("tally")), *command],
        env=os.environ | budgets | {"TALLY_PASSPHRASE": PASSPHRASE},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        told = "".join(iter(process.stdout.readline, "}\n"))
        yield process.pid, json.loads(told + "}")["url"]
    finally:
        process.terminate()
        assert process.wait(timeout=60) in {0, -signal.SIGTERM}, "it stops when it is asked to"


def resident_kib(pid: int) -> int:
    """What a process and all that it started hold, from /proc."""
    threads = Path(f"/proc/{pid}/task").iterdir()  # each lists what it started itself
    children = [child for thread in threads for child in (thread / "children").read_text().split()]
    own = next(
        int(line.split()[1])
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    )
    return own + sum(resident_kib(int(child)) for child in children)


class Load:
    """The clients: what they did, what was acknowledged to them."""

    def __init__(self, http: httpx2.AsyncClient, contract: str) -> None:
        self._http = http
        self._numbers = itertools.count(1_000)
        self._chance = random.Random(1)
        self._reads: list[Callable[[], str]] = [
            lambda: f"/entries/{self._known()}",
            lambda: f"/statements/{self._known()}",
            lambda: f"/proofs/inclusion/{self._known()}",
            lambda: f"/bundles/{contract}",
            lambda: f"/contracts/{contract}",
            lambda: f"/contracts/{contract}/progress",
            lambda: f"/trace/{contract}",
            lambda: "/parties?limit=100",
            lambda: "/search?q=maker",
            lambda: f"/c/{contract}",
            lambda: f"/c/{contract}/provenance",
            lambda: "/tile/0/000",
            lambda: "/checkpoint",
            lambda: "/metrics",
        ]
        self.acknowledged: list[str] = []
        self.done: Counter[str] = Counter()
        self.slowest_s = 0.0

    async def single(self) -> None:
        statement = enrolment.__wrapped__(next(self._numbers))
        answer = await self._http.post(
            "/entries", content=statement, headers={"content-type": "application/cose"}
        )
        assert answer.status_code == 201, answer.status_code
        self._take(statement, answer.content)

    async def a_set(self) -> None:
        sent = [enrolment.__wrapped__(next(self._numbers)) for _ in range(SET)]
        answer = await self._http.post(
            "/statements", content=b"".join(sent), headers={"content-type": SEQUENCE}
        )
        lines = answer.text.splitlines()
        assert len(lines) == SET, answer.text[:200]
        for statement, line in zip(sent, lines, strict=True):
            self._take(statement, b64decode(json.loads(line)["receipt"]))

    async def read(self) -> None:
        path = self._chance.choice(self._reads)()
        answer = await self._http.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"

    def _take(self, statement: bytes, receipt: bytes) -> None:
        open_receipt(receipt, entry_of(statement), LOG_SIGNER.public, ORIGIN)
        self.acknowledged.append(id_of(statement))

    def _known(self) -> str:
        return self._chance.choice(self.acknowledged)

    async def every(self, per_s: float, until: float, do: Callable[[], Awaitable[None]]) -> None:
        """Do one thing at a pace, one after another; where it cannot be kept, as fast as it goes."""
        due = time.monotonic()
        while (now := time.monotonic()) < until:
            due = max(due + 1 / per_s, now)
            await do()
            self.done[do.__name__] += 1
            self.slowest_s = max(self.slowest_s, time.monotonic() - now)
            await asyncio.sleep(due - time.monotonic())


async def run_load(url: str, contract: str, seconds: float, pid: int) -> tuple[Load, list[int]]:
    """All clients for so long; answers them, and the memory as it went."""
    samples: list[int] = []
    async with httpx2.AsyncClient(base_url=url, timeout=60) as http:
        load = Load(http, contract)
        await load.single()
        while (await http.get("/contracts")).status_code == 503:  # the views are not there yet
            await asyncio.sleep(0.2)
        end = time.monotonic() + seconds

        async def sample() -> None:
            samples.append(resident_kib(pid))
            if len(samples) % 60 == 0:
                print(f"{len(samples)} s: {samples[-1] / 1024:.0f} MiB, {dict(load.done)}", file=sys.stderr)

        writers = [load.every(SINGLES_PER_S / 4, end, load.single) for _ in range(4)]
        readers = [load.every(READS_PER_S / 4, end, load.read) for _ in range(4)]
        await asyncio.gather(
            *writers, *readers, load.every(SETS_PER_S, end, load.a_set), load.every(1 / SAMPLE_S, end, sample)
        )
    return load, samples


def check(log: Path, load: Load, samples: list[int]) -> None:
    """Nothing acknowledged is missing, the log is sound, and memory was flat after the start."""
    with LogReader.open(log) as reader:
        missing = [one for one in load.acknowledged if reader.store.index_of(one) is None]
    assert not missing, f"{len(missing)} acknowledged statements are not in the log"
    fsck_at(log)
    quarter = len(samples) // 4
    early, late = max(samples[quarter : 2 * quarter]), max(samples[-quarter:])
    assert late <= early * GROWTH + GROWTH_KIB, f"{early / 1024:.0f} MiB became {late / 1024:.0f} MiB"


def main(seconds: float) -> None:
    world = Spine()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch:  # a real disk: /tmp may be memory
        log, keys = Path(scratch, "log"), Path(scratch, "keys")
        make_log(log, world.statements + enrolments(TILE_WIDTH), world.agency.party)  # a full tile to read
        KeyStore(keys).add("log", LOG_SIGNER, PASSPHRASE.encode())
        with serving(log, keys) as (pid, url):
            load, samples = asyncio.run(run_load(url, world.contract, seconds, pid))
        check(log, load, samples)
    quarter = len(samples) // 4
    print(f"{seconds:.0f} s: {dict(load.done)}, {len(load.acknowledged)} statements acknowledged and found")
    print(f"slowest answer {load.slowest_s:.2f} s")
    for name, part in (("second", samples[quarter : 2 * quarter]), ("last", samples[-quarter:])):
        print(f"memory of all processes, {name} quarter: at most {max(part) / 1024:.0f} MiB")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
