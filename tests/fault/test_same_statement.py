"""F9: the same statement many times at once, by threads and by processes, and again after every start: one entry."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from threading import Barrier

from ledger.log.log import Log
from ledger.log.writer import Registered
from ledger.proof.receipt import open_receipt
from tests.support.log_world import copied, enrolment, entry_of, fsck_at, id_of, kept_statements, open_log
from tests.support.spine import LOG_SIGNER, ORIGIN

ROOT = Path(__file__).parents[2]
TIMES = 64
PROCESSES = 3
STATEMENT = enrolment(500)

SUBMIT = """
import sys, time
from pathlib import Path
from ledger.errors import LogLocked
from tests.fault.test_same_statement import at_once
from tests.support.log_world import open_log

print("ready", flush=True)
sys.stdin.readline()
for _ in range(1_000):
    try:
        log = open_log(Path(sys.argv[1]))
    except LogLocked:
        time.sleep(0.01)
        continue
    with log:
        print(*at_once(log), flush=True)
    break
"""


def at_once(log: Log) -> set[tuple[int, str, str]]:
    """The index, id and receipt that 64 threads are answered which submit together."""
    gate = Barrier(TIMES)

    def submit(_number: int) -> tuple[int, str, str]:
        gate.wait()
        [outcome] = log.submit(STATEMENT).result(timeout=60)
        assert isinstance(outcome, Registered)
        return outcome.index, outcome.id, sha256(log.receipt(outcome.index)).hexdigest()

    with ThreadPoolExecutor(TIMES) as pool:
        return set(pool.map(submit, range(TIMES)))


def test_by_threads_and_again_after_every_start(nearly_full: Path, tmp_path: Path) -> None:
    path = copied(nearly_full, tmp_path / "log")
    answers = set()
    for _ in range(3):
        with open_log(path) as log:
            answers |= at_once(log)
            receipt = log.receipt(max(index for index, _, _ in answers))
    [(index, id, hashed)] = answers
    assert (index, id) == (250, id_of(STATEMENT))
    assert hashed == sha256(receipt).hexdigest()
    assert open_receipt(receipt, entry_of(STATEMENT), LOG_SIGNER.public, ORIGIN).index == 250
    assert kept_statements(path)[250:] == [STATEMENT]
    assert fsck_at(path).size == 251


def test_by_processes_that_wait_for_one_another(nearly_full: Path, tmp_path: Path) -> None:
    """Each holds the log by itself; who comes while another writes is told so and tries again."""
    path = copied(nearly_full, tmp_path / "log")
    command = [sys.executable, "-c", SUBMIT, str(path)]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    for one in running:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
    answers = {one.communicate("go\n", timeout=120)[0] for one in running}
    assert [one.returncode for one in running] == [0] * PROCESSES
    [answer] = answers
    assert answer.startswith(f"(250, '{id_of(STATEMENT)}'")
    assert kept_statements(path)[250:] == [STATEMENT]
    assert fsck_at(path).size == 251
