"""F2, F3, F6: a start answers from nothing that only the machine's cache may hold, and tells what it could not do."""

from __future__ import annotations

import errno
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger import durable
from ledger.errors import LogError, LogInconsistent
from ledger.log.folder import LogFolder
from ledger.log.reader import LogReader
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


@contextmanager
def no_file_grows(limit: int = 40_000) -> Iterator[None]:
    """A disk on which every write behind so many bytes of a file fails; enough for `-shm`."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def struck(nearly_full: Path, tmp_path: Path) -> Path:
    """A log whose process was killed: ten entries are in the write-ahead log only, the mark is from before."""
    live = copied(nearly_full, tmp_path / "live")
    path = tmp_path / "struck"
    mark = LogFolder(live).mark.read_bytes()
    with open_log(live) as log:
        register(log, enrolments(10, 500))
        shutil.copytree(live, path)
    LogFolder(path).mark.write_bytes(mark)
    return path


def size_in_the_database_alone(path: Path, folder: Path) -> int:
    """What is left when everything that SQLite never synced by itself is lost: the write-ahead log."""
    folder.mkdir()
    for name in ("log.sqlite3", "high-water"):
        shutil.copy(path / name, folder / name)
    return checkpoint_at(folder).size


def test_what_a_killed_process_wrote_is_written_anew_before_anybody_is_answered(
    struck: Path, tmp_path: Path
) -> None:
    assert size_in_the_database_alone(struck, tmp_path / "before") == 250
    with open_log(struck) as log:
        [known] = log.append([enrolment(505)])
        assert not known.new  # type: ignore[union-attr]  # it is answered from what was found
        assert size_in_the_database_alone(struck, tmp_path / "after") == 260


def test_with_an_old_reader_in_the_way_it_is_synced_where_it_is(struck: Path) -> None:
    """What a reader holds back stays in the write-ahead log: a commit behind it, which is synced, takes it along."""
    wal = struck / "log.sqlite3-wal"
    with LogReader.open(struck) as before:
        open_log(struck).close()  # moves all and begins the write-ahead log anew
        assert before.size == 260
    with LogReader.open(struck) as old:
        with open_log(struck) as log:
            register(log, enrolments(3, 600))
        frames = wal.stat().st_size
        with open_log(struck):
            assert wal.stat().st_size > frames
        assert old.size == 260
    assert fsck_at(struck).size == 263


def test_what_cannot_be_made_durable_is_answered_to_nobody(struck: Path) -> None:
    with no_file_grows(), pytest.raises(LogError, match="cannot be made durable") as told:
        open_log(struck)
    assert not isinstance(told.value, LogInconsistent)
    with open_log(struck) as log:
        assert register(log, enrolments(10, 500)) == list(range(250, 260))
    assert len(kept_statements(struck)) == 260


def test_a_mark_that_cannot_be_written_stops_the_start(
    nearly_full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    path = copied(nearly_full, tmp_path / "log")
    note = LogFolder(path).mark.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(durable.os, "fsync", failing)
        with pytest.raises(LogError, match=r"high-water mark .* cannot be written: .*Input/output error"):
            open_log(path)
    assert LogFolder(path).mark.read_bytes() == note
    assert not list(path.glob("*.new"))
    open_log(path).close()


def test_a_mark_that_cannot_be_read_is_not_a_mark_that_is_wrong(
    nearly_full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copied(nearly_full, tmp_path / "log")
    mark = LogFolder(path).mark
    real = Path.open

    def failing(self: Path, *how: str) -> object:
        if self == mark:
            raise OSError(errno.EIO, "Input/output error")
        return real(self, *how)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", failing)
        for read in (open_log, fsck_at):
            with pytest.raises(LogError, match=r"high-water mark .* cannot be read: .*Input/output") as told:
                read(path)
            assert not isinstance(told.value, LogInconsistent)
    open_log(path).close()


def test_the_mark_is_written_anew_at_every_start(nearly_full: Path, tmp_path: Path) -> None:
    """Its last rename may be in the cache alone as well."""
    path = copied(nearly_full, tmp_path / "log")
    before = LogFolder(path).mark.stat().st_ino
    open_log(path).close()
    assert LogFolder(path).mark.stat().st_ino != before


def test_a_start_reads_no_more_of_a_longer_log(
    nearly_full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounded: rows that are asked for, however many there are."""
    path = copied(nearly_full, tmp_path / "log")
    counts = []
    for first in (500, 1_000, 1_500):
        with open_log(path) as log:
            register(log, enrolments(256, first))
        counts.append(_rows_read_by_a_start(path, monkeypatch))
    assert max(counts) <= min(counts) + 5
    assert max(counts) < 600  # the ragged right edge, at most 255 hashes, for the tree and for the mark


def _rows_read_by_a_start(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    from ledger.log.store.sqlite import SqliteStore

    real = SqliteStore._ask
    count = 0

    def counted(self: SqliteStore, *what: object) -> Iterator[object]:
        nonlocal count
        for row in real(self, *what):  # type: ignore[arg-type]
            count += 1
            yield row

    with monkeypatch.context() as patch:
        patch.setattr(SqliteStore, "_ask", counted)
        open_log(path).close()
    return count
