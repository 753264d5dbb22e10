"""F2, F6: an error at any step acknowledges nothing, stops the writer for good, and leaves reading alone."""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger import durable
from ledger.errors import LogHalted
from ledger.log.folder import LogFolder
from ledger.log.log import Log
from ledger.log.reader import LogReader
from ledger.log.store.sqlite import SqliteTransaction
from ledger.log.writer import Step
from ledger.units import LeafIndex
from tests.support.log_world import (
    checkpoint_at,
    copied,
    enrolment,
    enrolments,
    extends,
    fsck_at,
    kept_statements,
    open_log,
    raw,
    register,
)

FULL = OSError(errno.ENOSPC, "No space left on device")
EIO = OSError(errno.EIO, "Input/output error")
FAULTS = {
    "disk full": FULL,
    "EIO": EIO,
    "SQLite": sqlite3.OperationalError("database or disk is full"),
    "a broken invariant": AssertionError("ours"),
}


class FailAt:
    """Fails at a step, once the writer has been let go so far."""

    def __init__(self, step: Step, error: Exception, *, hold: bool = False) -> None:
        self.step, self.error = step, error
        self.reached, self.go = threading.Event(), threading.Event()
        self.passed: list[Step] = []
        if not hold:
            self.go.set()

    def __call__(self, step: Step) -> None:
        self.passed.append(step)
        if step is self.step:
            self.reached.set()
            assert self.go.wait(30)
            raise self.error


@pytest.fixture
def path(nearly_full: Path, tmp_path: Path) -> Path:
    return copied(nearly_full, tmp_path / "log")


def still_reads(log: Log, path: Path, size: int) -> None:
    with LogReader.open(path) as reader:
        assert reader.size >= size
        assert reader.statement(LeafIndex(5)) == enrolment(4)
        reader.consistency(size, reader.size)
    assert log.receipt(LeafIndex(5))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", Step)
def test_an_error_at_a_step_halts_for_everyone_and_reopening_recovers(
    path: Path, step: Step, fault: str
) -> None:
    before = checkpoint_at(path)
    group = enrolments(9, 500)  # fills the first tile
    fail = FailAt(step, FAULTS[fault], hold=True)
    with open_log(path, on_step=fail) as log:
        answers = [log.submit(group[0])]
        assert fail.reached.wait(30)
        answers += [log.submit(one) for one in group[1:]]
        fail.go.set()
        for answer in answers:
            with pytest.raises(LogHalted, match="stopped writing") as told:
                answer.result(timeout=30)
            assert str(FAULTS[fault]) in told.value.found
            assert told.value.__cause__ is FAULTS[fault]
        for submit in (lambda: log.submit(group[0]), lambda: log.append(group)):
            with pytest.raises(LogHalted):
                submit()
        assert log.halted is not None
        assert fail.passed[-1] is step  # nothing was tried again
        with raw(path) as db:
            db.execute("PRAGMA busy_timeout = 0")
            db.execute("BEGIN IMMEDIATE")  # what was begun is undone, not left open
        still_reads(log, path, before.size)

    committed = step >= Step.COMMITTED  # durable, though nobody was told
    assert checkpoint_at(path).size == before.size + committed
    with open_log(path) as log:
        assert log.halted is None
        assert register(log, group) == list(range(250, 259))
    assert kept_statements(path)[250:] == group
    assert fsck_at(path).size == 259
    extends(path, before)


Break = Callable[[pytest.MonkeyPatch], None]


def _fsync_of_the_mark(patch: pytest.MonkeyPatch) -> None:
    def fsync(_descriptor: int) -> None:
        raise EIO

    patch.setattr(durable.os, "fsync", fsync)


def _rename_of_the_mark(patch: pytest.MonkeyPatch) -> None:
    def replace(self: Path, target: Path) -> Path:
        raise FULL

    patch.setattr(Path, "replace", replace)


def _commit_that_fails(patch: pytest.MonkeyPatch) -> None:
    def commit(self: SqliteTransaction) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    patch.setattr(SqliteTransaction, "commit", commit)


def _commit_that_succeeds_and_says_it_failed(patch: pytest.MonkeyPatch) -> None:
    real = SqliteTransaction.commit

    def commit(self: SqliteTransaction) -> None:
        real(self)
        raise sqlite3.OperationalError("disk I/O error")

    patch.setattr(SqliteTransaction, "commit", commit)


@pytest.mark.parametrize(
    ("broken", "committed"),
    [
        (_fsync_of_the_mark, True),
        (_rename_of_the_mark, True),
        (_commit_that_fails, False),
        (_commit_that_succeeds_and_says_it_failed, True),
    ],
)
def test_a_failing_commit_or_mark_halts_and_the_next_start_finds_out(
    path: Path, broken: Break, committed: bool
) -> None:
    mark = LogFolder(path).mark.read_bytes()
    with open_log(path) as log:
        with pytest.MonkeyPatch.context() as patch:
            broken(patch)
            with pytest.raises(LogHalted):
                log.append([enrolment(500)])
        with pytest.raises(LogHalted):  # the disk is well again; the writer does not know what it left behind
            log.append([enrolment(501)])
        still_reads(log, path, 250)
    assert LogFolder(path).mark.read_bytes() == mark
    assert not list(path.glob("*.new"))
    assert checkpoint_at(path).size == 250 + committed
    with open_log(path) as log:
        assert register(log, [enrolment(500), enrolment(501)]) == [250, 251]
    assert fsck_at(path).size == 252


def test_bytes_that_read_back_otherwise_are_never_signed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that loses a bit between the write and the reading back."""
    real = SqliteTransaction.read_back

    def read_back(self: SqliteTransaction, start: LeafIndex):
        for row in real(self, start):
            flipped = row.statement[:-1] + bytes([row.statement[-1] ^ 1])
            yield row if row.index != 252 else row._replace(statement=flipped)

    before = checkpoint_at(path)
    with open_log(path) as log:
        monkeypatch.setattr(SqliteTransaction, "read_back", read_back)
        with pytest.raises(LogHalted, match="entry 252 reads back as"):
            log.append(enrolments(5, 500))
    assert checkpoint_at(path) == before
    monkeypatch.undo()
    with open_log(path) as log:
        register(log, enrolments(5, 500))


@pytest.mark.parametrize("kept", [0, 1, 4])
def test_rows_that_do_not_read_back_are_never_signed(
    path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    real = SqliteTransaction.read_back
    before = checkpoint_at(path)
    with open_log(path) as log:
        monkeypatch.setattr(
            SqliteTransaction, "read_back", lambda self, start: iter(list(real(self, start))[:kept])
        )
        with pytest.raises(LogHalted, match=f"{kept} entries read back"):
            log.append(enrolments(5, 500))
    assert checkpoint_at(path) == before


def test_a_checkpoint_that_somebody_else_wrote_is_never_signed_over(path: Path) -> None:
    with open_log(path) as log:
        with raw(path) as db:
            db.execute("INSERT INTO checkpoints VALUES (251, zeroblob(32), x'00')")
        with pytest.raises(LogHalted, match="size 251"):
            log.append([enrolment(500)])
