"""F3, F12: the database and its write-ahead log cut or changed anywhere: the start recovers to a committed size
that holds everything acknowledged, or refuses and says why. A copy taken beside a writer is such a cut."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from ledger.errors import LogInconsistent
from ledger.log.folder import LogFolder
from tests.support.log_world import (
    checkpoint_at,
    copied,
    enrolments,
    entry_of,
    extends,
    fsck_at,
    kept_statements,
    open_log,
    register,
)

CUTS = 40


class Crashed:
    """A log as a machine leaves it that loses power: the groups are in the write-ahead log, nothing is closed."""

    def __init__(self, start: Path, folder: Path) -> None:
        self.path = folder / "crashed"
        self.marks: list[bytes] = []
        live = copied(start, folder / "live")
        with open_log(live) as log:
            for first in range(1_000, 1_060, 10):
                self.marks.append(LogFolder(live).mark.read_bytes())
                register(log, enrolments(10, first))
            self.marks.append(LogFolder(live).mark.read_bytes())
            self.kept = kept_statements(live)
            self.path.mkdir()
            for name in ("log.sqlite3", "log.sqlite3-wal", "high-water"):
                shutil.copy(live / name, self.path / name)  # not -shm: it does not survive a machine

    @property
    def wal(self) -> Path:
        return self.path / "log.sqlite3-wal"


@pytest.fixture(scope="module")
def crashed(nearly_full: Path, tmp_path_factory: pytest.TempPathFactory) -> Crashed:
    return Crashed(nearly_full, tmp_path_factory.mktemp("torn"))


def test_what_is_only_in_the_write_ahead_log_is_recovered(crashed: Crashed, tmp_path: Path) -> None:
    path = copied(crashed.path, tmp_path / "log")
    open_log(path).close()
    assert kept_statements(path) == crashed.kept
    assert fsck_at(path).size == 310


def recovers(path: Path, kept: list[bytes], acknowledged: int) -> int:
    """Start on what is there; the size it recovered to."""
    with open_log(path):
        size = checkpoint_at(path).size
    assert size >= acknowledged
    assert kept_statements(path) == kept[:size]
    assert fsck_at(path).size == size
    return size


@pytest.mark.parametrize("acknowledged", range(7))
def test_a_write_ahead_log_cut_anywhere(crashed: Crashed, tmp_path: Path, acknowledged: int) -> None:
    """The mark is from after so many groups: what is cut off behind them was never acknowledged."""
    data = crashed.wal.read_bytes()
    choose = random.Random(acknowledged)
    sizes, refusals = set[int](), list[str]()
    for cut in [0, len(data), *choose.sample(range(len(data)), CUTS // 7)]:
        path = copied(crashed.path, tmp_path / f"cut-{cut}")
        (path / "high-water").write_bytes(crashed.marks[acknowledged])
        (path / "log.sqlite3-wal").write_bytes(data[:cut])
        try:
            sizes.add(recovers(path, crashed.kept, 250 + 10 * acknowledged))
        except LogInconsistent as refusal:
            refusals.append(refusal.hint)
    assert 310 in sizes
    assert all("older backup" in hint for hint in refusals)
    assert bool(refusals) == bool(acknowledged)


def test_a_write_ahead_log_with_a_flipped_bit(crashed: Crashed, tmp_path: Path) -> None:
    data = crashed.wal.read_bytes()
    choose = random.Random(8)
    refusals = list[str]()
    for number in range(CUTS):
        path = copied(crashed.path, tmp_path / f"flip-{number}")
        changed = bytearray(data)
        bit = choose.randrange(8 * len(data))
        changed[bit // 8] ^= 1 << bit % 8
        (path / "log.sqlite3-wal").write_bytes(changed)
        try:
            recovers(path, crashed.kept, 310)
        except LogInconsistent as refusal:
            refusals.append(refusal.hint)
    assert all("older backup" in hint for hint in refusals)
    assert len(refusals) > CUTS // 2  # most of it is under SQLite's checksums


@pytest.mark.parametrize("seed", range(CUTS // 4))
def test_a_database_cut_anywhere_is_refused(mixed: Path, tmp_path: Path, seed: int) -> None:
    path = copied(mixed, tmp_path / "log")
    database = LogFolder(path).database
    data = database.read_bytes()
    database.write_bytes(data[: random.Random(seed).randrange(len(data) - 4096)])
    with pytest.raises(LogInconsistent):
        fsck_at(path)


def test_a_whole_copy_taken_with_the_writer_stopped_is_a_backup(nearly_full: Path, tmp_path: Path) -> None:
    """What docs/operations.md says to do."""
    path = copied(nearly_full, tmp_path / "log")
    with open_log(path) as log:
        register(log, enrolments(20, 1_000))
    backup = copied(path, tmp_path / "backup")
    given_out = checkpoint_at(path)
    shutil.rmtree(path)
    restored = copied(backup, path)
    assert fsck_at(restored).size == 270
    with open_log(restored) as log:
        assert register(log, enrolments(21, 1_000))[-1] == 270
    extends(restored, given_out)
    assert entry_of(kept_statements(restored)[-1])
