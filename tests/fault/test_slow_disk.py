"""F14: a slow disk: what waits is bounded, who comes too many is told what to do, and in the end all is there once."""

from __future__ import annotations

import gc
import threading
import time
from pathlib import Path

import pytest

from ledger.errors import LogBusy, status_of
from ledger.limits import GROUP_STATEMENTS
from ledger.log.group import _Waiting
from ledger.log.store.sqlite import SqliteTransaction
from ledger.log.writer import Registered
from tests.support.log_world import copied, enrolments, fsck_at, kept_statements, open_log, register

SUBMITTERS = 12
EACH = 25
QUEUE = 40
COMMIT_S = 0.02


@pytest.fixture
def slow(nearly_full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log on a disk that takes its time over each commit, with a short queue and small groups."""
    real = SqliteTransaction.commit

    def commit(self: SqliteTransaction) -> None:
        time.sleep(COMMIT_S)
        real(self)

    monkeypatch.setattr(SqliteTransaction, "commit", commit)
    monkeypatch.setattr("ledger.log.group.QUEUE_STATEMENTS", QUEUE)
    monkeypatch.setattr("ledger.log.group.GROUP_STATEMENTS", 8)
    return copied(nearly_full, tmp_path / "log")


def waiting_now() -> int:
    """How many submissions this process holds in its memory."""
    return sum(isinstance(one, _Waiting) for one in gc.get_objects())


def test_who_comes_too_many_is_told_and_what_waits_is_bounded(
    slow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements = enrolments(SUBMITTERS * EACH, 1_000)
    busy: list[LogBusy] = []
    failed: list[BaseException] = []
    waiting: list[int] = []
    done, full = threading.Event(), threading.Event()
    slow_commit = SqliteTransaction.commit

    def commit(self: SqliteTransaction) -> None:
        assert full.wait(60)  # the first one lasts until somebody was told, however fast this machine is
        slow_commit(self)

    monkeypatch.setattr(SqliteTransaction, "commit", commit)

    def submit(mine: list[bytes]) -> None:
        try:
            answers = []
            for statement in mine:
                while True:
                    try:
                        answers.append(log.submit(statement))
                        break
                    except LogBusy as told:
                        busy.append(told)
                        full.set()
                        time.sleep(COMMIT_S)
            for answer in answers:
                assert isinstance(answer.result(timeout=60)[0], Registered)
        except BaseException as error:
            failed.append(error)

    def watch() -> None:
        while not done.wait(COMMIT_S):
            waiting.append(waiting_now() - before)

    gc.collect()
    before = waiting_now()  # what earlier tests keep
    with open_log(slow) as log:
        threads = [
            threading.Thread(target=submit, args=(statements[n::SUBMITTERS],)) for n in range(SUBMITTERS)
        ]
        watcher = threading.Thread(target=watch)
        watcher.start()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        done.set()
        watcher.join(10)
        assert not failed
        register(log, statements)
    assert {status_of(one).http for one in busy} == {429}
    assert all("send the same bytes again" in one.hint for one in busy)
    assert 0 < max(waiting) <= QUEUE + 2 * 8, "more waits than the queue and the groups may hold"
    kept = kept_statements(slow)[250:]
    assert len(kept) == len(statements)
    assert set(kept) == set(statements)
    assert fsck_at(slow).size == 250 + len(statements)


def test_a_set_larger_than_the_queue_waits_for_itself(slow: Path) -> None:
    """`append` bounds itself: it has one window with the writer at a time, and is never told to come again."""
    statements = enrolments(3 * QUEUE, 1_000)
    with open_log(slow) as log:
        assert register(log, statements) == list(range(250, 250 + len(statements)))
    assert fsck_at(slow).checkpoints >= 2


def test_readers_do_not_wait_for_a_slow_commit(slow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, go = threading.Event(), threading.Event()
    real = SqliteTransaction.commit

    def commit(self: SqliteTransaction) -> None:
        reached.set()
        assert go.wait(30)
        real(self)

    monkeypatch.setattr(SqliteTransaction, "commit", commit)
    with open_log(slow) as log:
        answer = log.submit(enrolments(1, 1_000)[0])
        assert reached.wait(30)
        with log.reader() as reader:
            assert reader.size == 250
        assert log.receipt(reader.size - 1)  # type: ignore[arg-type]
        assert not answer.done()
        go.set()
        answer.result(timeout=30)


def test_the_queue_of_a_release_holds_some_groups_and_no_more_than_fits_in_memory() -> None:
    from ledger.limits import QUEUE_STATEMENTS, STATEMENT_BYTES

    assert GROUP_STATEMENTS < QUEUE_STATEMENTS
    assert QUEUE_STATEMENTS * STATEMENT_BYTES <= 128 * 1024 * 1024
