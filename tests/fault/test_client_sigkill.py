"""F1, F2 over HTTP: the server is killed under load, twice, and no client is lied to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ledger.client.client import Acknowledged, Client
from ledger.client.memory import Memory
from ledger.client.wire import Patience
from ledger.keystore import KeyStore
from ledger.log.reader import LogReader
from ledger.proof.receipt import open_receipt
from ledger.units import Entry
from tests.support.between import KEY
from tests.support.log_world import enrolment, enrolments, entry_of, fsck_at, grown_log
from tests.support.spine import LOG_SIGNER, ORIGIN

CLIENTS = 8
BETWEEN_KILLS = 24  # acknowledged statements
DEADLINE_S = 200  # of the whole, on a machine that others use as well


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def started(log: Path, keys: Path, port: int) -> subprocess.Popen[bytes]:
    """`tally serve`, without reading in the other commands."""
    options = ["--log", str(log), "--keys", str(keys), "--port", str(port)]
    return subprocess.Popen(
        [sys.executable, "-c", "import typer; from cli.serve import serve; typer.run(serve)", *options],
        env={**os.environ, "TALLY_PASSPHRASE": "four words make one"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class Crowd:
    """Threads that submit until they are told to stop; what was acknowledged to them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._submit, args=(n,)) for n in range(CLIENTS)]
        self.done: dict[bytes, Acknowledged] = {}
        self.failed: list[BaseException] = []
        for thread in self._threads:
            thread.start()

    def _submit(self, thread: int) -> None:
        try:
            for number in range(1_000 * (thread + 1), 1_000 * (thread + 2)):
                if self._ending.is_set():
                    return
                statement = enrolment(number)
                self.done[statement] = self._client.submit(statement)
        except BaseException as error:
            self.failed.append(error)
            raise

    def await_more(self, count: int, end: float) -> None:
        until = len(self.done) + count
        while len(self.done) < until:
            assert not self.failed, self.failed
            assert time.monotonic() < end, f"{len(self.done)} acknowledged"
            time.sleep(0.01)

    def stop(self) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()


@pytest.mark.slow  # starts the server three times
@pytest.mark.timeout(DEADLINE_S + 60)
def test_what_was_acknowledged_is_there_after_the_server_was_killed_twice(tmp_path: Path, port: int) -> None:
    log, keys = grown_log(tmp_path / "log", [enrolments(2)]), tmp_path / "keys"
    KeyStore(keys).add("log", LOG_SIGNER, b"four words make one")
    end = time.monotonic() + DEADLINE_S
    memory, patience = Memory(tmp_path / "memory"), Patience(total_s=DEADLINE_S, cap_s=0.2)
    server = started(log, keys, port)
    try:
        with Client.connect(f"http://127.0.0.1:{port}", memory, key=KEY, patience=patience) as client:
            crowd = Crowd(client)
            try:
                for _ in range(2):
                    crowd.await_more(BETWEEN_KILLS, end)
                    os.kill(server.pid, signal.SIGKILL)
                    server.wait()
                    server = started(log, keys, port)
                crowd.await_more(BETWEEN_KILLS, end)
            finally:
                crowd.stop()
            assert not crowd.failed
            for statement, done in list(crowd.done.items())[:: len(crowd.done) // 20]:
                assert client.submit(statement) == done, "the same answer, receipt and all"
    finally:
        server.terminate()
        server.wait()
    _all_there(log, crowd.done)


def _all_there(log: Path, done: dict[bytes, Acknowledged]) -> None:
    with LogReader.open(log) as reader:
        assert len({one.index for one in done.values()}) == len(done)
        for statement, one in done.items():
            assert reader.row(one.index).statement == statement
            receipt = open_receipt(one.receipt, Entry(entry_of(statement)), KEY.key, ORIGIN)
            assert receipt.root == reader.root(receipt.size), "signed for the history that there is"
    fsck_at(log)
