"""F7: no descriptors, no memory or no threads left: a declared error that says so, nothing by half, no damage told."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.errors import LogError, LogHalted, LogInconsistent, status_of
from ledger.log.reader import LogReader
from ledger.log.signatures import SignaturePool
from ledger.log.store.sqlite import SqliteTransaction
from ledger.log.writer import Registered
from ledger.statement.keybook import KeyBook
from ledger.units import LeafIndex
from tests.support.log_world import (
    checkpoint_at,
    copied,
    enrolment,
    enrolments,
    fsck_at,
    kept_statements,
    open_log,
    register,
)

ROOT = Path(__file__).parents[2]
SERVICE_UNAVAILABLE = 503


@pytest.fixture
def path(nearly_full: Path, tmp_path: Path) -> Path:
    return copied(nearly_full, tmp_path / "log")


@contextmanager
def descriptors_left(count: int) -> Iterator[None]:
    """Only so many files more can be opened: the others are taken."""
    taken: list[int] = []
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        try:
            while True:
                taken.append(os.open("/dev/null", os.O_RDONLY))
        except OSError as full:
            assert full.errno == errno.EMFILE  # noqa: PT017  # the limit is reached: what was wanted
        for descriptor in taken[:count]:
            os.close(descriptor)
        del taken[:count]
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for descriptor in taken:
            os.close(descriptor)


@pytest.mark.parametrize("left", range(8))
def test_without_descriptors_a_start_says_so_and_lets_the_folder_go(path: Path, left: int) -> None:
    opened = None
    with descriptors_left(left):
        try:
            opened = open_log(path)
        except LogError as error:
            told: LogError | None = error
        else:
            told = None
    if opened is not None:
        opened.close()
        assert left > 4
    else:
        assert told is not None
        assert not isinstance(told, LogInconsistent), "nobody restores a backup over a full table of files"
        assert status_of(told).http == SERVICE_UNAVAILABLE
        assert "Too many open files" in told.found or "unable to open database file" in told.found
    with open_log(path) as log:
        register(log, enrolments(3, 500))
    assert fsck_at(path).size == 253


@pytest.mark.parametrize("left", range(3))
def test_without_descriptors_a_writer_halts_and_nothing_is_there_by_half(path: Path, left: int) -> None:
    group = enrolments(9, 500)
    with open_log(path) as log:
        with descriptors_left(left):
            try:
                outcomes = log.append(group)
            except LogHalted as halted:
                outcomes = None
                why = halted.found
        if outcomes is None:
            assert "Too many open files" in why or "unable to open database file" in why
            with pytest.raises(LogHalted):
                log.append(group)
        else:
            assert all(isinstance(one, Registered) for one in outcomes)
        assert (outcomes is None) == (left == 0)
        with log.reader() as reader:
            assert reader.statement(LeafIndex(5)) == enrolment(4)
    assert kept_statements(path)[250:] in ([], group)
    with open_log(path) as log:
        assert register(log, group) == list(range(250, 259))


def test_without_descriptors_a_reader_is_told_and_the_writer_goes_on(path: Path) -> None:
    with open_log(path) as log:
        with descriptors_left(1):
            with pytest.raises(LogError, match=r"cannot be (opened|read now)") as told:
                LogReader.open(path)
            assert log.receipt(LeafIndex(5))
        assert not isinstance(told.value, LogInconsistent)
        register(log, enrolments(3, 500))


def test_a_lock_that_the_system_does_not_give_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", no_locks)
        with pytest.raises(LogError, match=r"writer\.lock cannot be locked: .*No locks available"):
            open_log(path)
    open_log(path).close()


def no_threads(_self: threading.Thread) -> None:
    """As Python says it at the limit of threads, which does not bind a process with all rights."""
    raise RuntimeError("can't start new thread")


def test_without_a_thread_a_start_says_so_and_lets_the_folder_go(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_threads)
        with pytest.raises(LogError, match="the writer cannot be started: can't start new thread") as told:
            open_log(path)
    assert status_of(told.value).http == SERVICE_UNAVAILABLE
    held = [
        one for one in Path("/proc/self/fd").iterdir() if one.exists() and str(path) in str(one.resolve())
    ]
    assert not held
    open_log(path).close()


def test_without_a_thread_for_signatures_nothing_is_taken_in(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.log.log.WORTH_PROCESSES", 1)
    with open_log(path) as log:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", no_threads)
            with pytest.raises(LogError, match="has ended"):
                log.append(enrolments(3, 500))
        assert log.halted is None
        assert register(log, enrolments(3, 500)) == [250, 251, 252]


def test_one_thread_for_signatures_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    real = threading.Thread.start
    started: list[threading.Thread] = []

    def only_one(self: threading.Thread) -> None:
        if started:
            no_threads(self)
        started.append(self)
        real(self)

    monkeypatch.setattr("ledger.log.signatures.os.cpu_count", lambda: 4)
    monkeypatch.setattr(threading.Thread, "start", only_one)
    with SignaturePool(KeyBook()) as pool:
        assert [one.result(timeout=60) for one in pool.check(enrolments(3))] == [b"\1\1\1"]


def test_without_memory_a_job_of_signatures_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(_value: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr("ledger.log.signatures.cbor2.dumps", no_memory)
    with SignaturePool(KeyBook()) as pool:
        [answer] = pool.check(enrolments(3))
        with pytest.raises(LogError, match="has ended"):
            answer.result(timeout=60)


@pytest.mark.parametrize("name", ["insert", "read_back", "put_records", "commit"])
def test_without_memory_the_writer_halts_and_names_it(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def no_memory(*_: object) -> None:
        raise MemoryError  # as sqlite3 does for SQLITE_NOMEM: without a word

    before = checkpoint_at(path)
    with open_log(path) as log:
        with monkeypatch.context() as patch:
            patch.setattr(SqliteTransaction, name, no_memory)
            with pytest.raises(LogHalted, match="the log has stopped writing: MemoryError"):
                log.append(enrolments(3, 500))
        assert log.receipt(LeafIndex(5))
    assert checkpoint_at(path) == before
    with open_log(path) as log:
        assert register(log, enrolments(3, 500)) == [250, 251, 252]


def test_a_writer_that_fails_outside_its_writing_leaves_nobody_waiting(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory() -> float:
        raise MemoryError

    with open_log(path) as log:
        with monkeypatch.context() as patch:
            patch.setattr("ledger.log.group.monotonic", no_memory)
            with pytest.raises(LogHalted, match="MemoryError"):
                log.submit(enrolment(500)).result(timeout=30)
        with pytest.raises(LogHalted, match="MemoryError"):
            log.submit(enrolment(500))
    assert kept_statements(path)[250:] == []


def test_a_halted_log_that_is_asked_for_long_keeps_no_more(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that is raised again and again grows by each frame it passes."""
    with open_log(path) as log:
        with monkeypatch.context() as patch:
            patch.setattr(SqliteTransaction, "commit", lambda _: 1 / 0)
            with pytest.raises(LogHalted):
                log.append([enrolment(500)])
        depths = set()
        for _ in range(5):
            with pytest.raises(LogHalted, match="division by zero") as told:
                log.append([enrolment(500)])
            depths.add(len(told.traceback))
        assert len(depths) == 1


IN_LITTLE_MEMORY = """
import resource, sys
from pathlib import Path
from ledger.errors import LogError
from tests.support.log_world import enrolments, open_log

statements = enrolments(60, 500)
with open_log(Path(sys.argv[1])) as log:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    hoard = None  # a chain, as a list would want room for itself
    for size in (100_000, 4_000, 400, 30):
        try:
            while True:
                hoard = (bytes(size), hoard)
        except MemoryError:
            pass
    for _ in range(int(sys.argv[2])):
        hoard = hoard and hoard[1]
    answer = "taken"
    try:
        log.append(statements)
    except (LogError, MemoryError, SystemError):  # the last: an extension that found no room for its error
        answer = "told"
    del hoard
    print(answer)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the size of a process is read in /proc")
@pytest.mark.parametrize("free", [50, 600, 900])
def test_in_little_memory_a_set_is_taken_or_told_and_never_by_half(path: Path, free: int) -> None:
    """A true limit of the address space, and so many small pieces of it free.

    A library that ends its process for want of memory is a crash like any other.
    """
    run = subprocess.run(
        [sys.executable, "-c", IN_LITTLE_MEMORY, str(path), str(free)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode < 0 or run.stdout in ("told\n", "taken\n"), run.stderr
    assert fsck_at(path).size in (250, 310)
    assert fsck_at(path).size == 310 or run.stdout != "taken\n"
    with open_log(path) as log:
        register(log, enrolments(60, 500))
    assert fsck_at(path).size == 310
