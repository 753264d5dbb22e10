"""Starting: whatever does not agree is refused, both sides named; a mark that is only behind is advanced."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.errors import LogInconsistent
from ledger.log.folder import LogFolder
from ledger.proof.checkpoint import open_checkpoint, sign_checkpoint
from tests.support.log_world import (
    OTHER_SIGNER,
    checkpoint_at,
    copied,
    enrolment,
    enrolments,
    fsck_at,
    grown_log,
    kept_statements,
    open_log,
    register,
    tamper,
)
from tests.support.spine import VKEY


@pytest.fixture
def path(short: Path, a_copy: Callable[[Path], Path]) -> Path:
    """A log of 10 entries in three groups, to be spoilt."""
    return a_copy(short)


def refused(path: Path) -> LogInconsistent:
    with pytest.raises(LogInconsistent) as caught:
        open_log(path)
    return caught.value


def test_a_sound_log_starts_and_goes_on_where_it_was(path: Path) -> None:
    with open_log(path) as log:
        assert register(log, [enrolment(20)]) == [10]
    assert fsck_at(path).size == 11


# The high-water mark


def test_a_restored_backup_is_refused_and_says_how_far_behind_it_is(path: Path, tmp_path: Path) -> None:
    backup = copied(path, tmp_path / "backup")
    with open_log(path) as log:
        register(log, enrolments(4, 20))
    shutil.copy(LogFolder(backup).database, LogFolder(path).database)
    error = refused(path)
    assert "size 10" in error.found
    assert "high-water mark at 14" in error.found
    assert "older backup" in error.hint
    assert kept_statements(path) == kept_statements(backup)  # reads go on


def test_a_backup_of_the_whole_folder_starts(path: Path, tmp_path: Path) -> None:
    backup = copied(path, tmp_path / "backup")
    with open_log(path) as log:
        register(log, [enrolment(20)])
    with open_log(backup) as log:
        assert log.halted is None


def test_another_history_of_the_same_size_is_refused_with_both_roots(path: Path, tmp_path: Path) -> None:
    other = grown_log(tmp_path / "other", [enrolments(9, 50)])
    shutil.copy(LogFolder(other).database, LogFolder(path).database)
    error = refused(path)
    assert "at size 10" in error.found
    assert checkpoint_at(other).root.hex() in error.found
    assert open_checkpoint(LogFolder(path).mark.read_bytes(), VKEY).root.hex() in error.expected
    assert "another history" in error.hint


def test_a_longer_history_that_does_not_extend_the_mark_is_refused(path: Path, tmp_path: Path) -> None:
    other = grown_log(tmp_path / "other", [enrolments(30, 50)])
    shutil.copy(LogFolder(other).database, LogFolder(path).database)
    assert "at size 10" in refused(path).found


@pytest.mark.parametrize("behind", [5, 8])
def test_a_database_ahead_of_the_mark_starts_and_advances_it(path: Path, tmp_path: Path, behind: int) -> None:
    """The process died after its commit and before the mark."""
    older = grown_log(tmp_path / "older", [enrolments(behind - 1)])
    shutil.copy(LogFolder(older).mark, LogFolder(path).mark)
    open_log(path).close()
    assert open_checkpoint(LogFolder(path).mark.read_bytes(), VKEY) == checkpoint_at(path)
    assert checkpoint_at(path).size == 10


def test_a_missing_mark_is_refused_not_made_up(path: Path) -> None:
    LogFolder(path).mark.unlink()
    error = refused(path)
    assert "high-water mark" in error.found
    assert "missing" in error.found
    assert "put it back" in error.hint
    assert not LogFolder(path).mark.exists()


def spoilt_marks() -> dict[str, Callable[[bytes], bytes]]:
    def flipped(note: bytes) -> bytes:
        at = note.index(b"10\n")
        return note[:at] + b"11" + note[at + 2 :]

    return {
        "empty": lambda _: b"",
        "cut": lambda note: note[:-20],
        "size changed": flipped,
        "zeros": lambda note: bytes(len(note)),
        "not UTF-8": lambda note: b"\xff" + note,
        "enormous": lambda note: note * 10_000,
        "unsigned": lambda note: note.split(b"\n\n")[0] + b"\n\n",
    }


@pytest.mark.parametrize("how", spoilt_marks())
def test_a_mark_that_cannot_be_read_is_refused(path: Path, how: str) -> None:
    mark = LogFolder(path).mark
    spoilt = spoilt_marks()[how](mark.read_bytes())
    mark.write_bytes(spoilt)
    assert str(mark) in refused(path).found
    assert mark.read_bytes() == spoilt  # nothing was mended by itself


def test_a_mark_signed_by_another_key_is_refused(path: Path) -> None:
    LogFolder(path).mark.write_bytes(sign_checkpoint(checkpoint_at(path), OTHER_SIGNER))
    error = refused(path)
    assert "does not open" in error.found
    assert error.expected == "a checkpoint that this log signed"


# The database against itself


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE contents SET statement = zeroblob(300) WHERE idx = 9", "the statement at index 9"),
        ("DELETE FROM contents WHERE idx = 9", "the statement at index 9"),
        ("UPDATE entries SET chain = randomblob(32) WHERE idx = 9", "the chain at index 9"),
        ("UPDATE entries SET chain = randomblob(32) WHERE idx = 8", "the chain at index 9"),
        ("UPDATE entries SET entry = randomblob(32) WHERE idx = 9", "the entries have root"),
        ("UPDATE entries SET entry = randomblob(32) WHERE idx = 3", "the entries have root"),
        ("DELETE FROM entries WHERE idx = 3", "9 hashes for tile 0/0"),
        ("DELETE FROM entries WHERE idx = 9", "holds 9 entries"),
        ("DELETE FROM checkpoints WHERE size = 10", "holds 10 entries"),
        ("DELETE FROM checkpoints", "no checkpoint"),
        ("UPDATE checkpoints SET root = zeroblob(32) WHERE size = 10", "checkpoint stored for size 10"),
        ("UPDATE checkpoints SET size = 11 WHERE size = 10", "checkpoint stored for size 11"),
        ("UPDATE checkpoints SET note = zeroblob(9) WHERE size = 10", "checkpoint of size 10 does not open"),
        ("UPDATE checkpoints SET note = x'ff' WHERE size = 10", "checkpoint of size 10 does not open"),
        ("UPDATE contents SET statement = x'd2' WHERE idx = 0", "entry 0 does not open"),
        ("DELETE FROM entries WHERE idx = 0", "the log is empty"),
    ],
)
def test_what_the_writer_would_build_on_must_agree(path: Path, change: str, found: str) -> None:
    tamper(path, "PRAGMA foreign_keys = OFF", change)
    assert found in refused(path).found


def test_another_statement_at_entry_0_is_no_policy(path: Path) -> None:
    tamper(path, "UPDATE contents SET statement = ? WHERE idx = 0", values=[enrolment(0)])
    error = refused(path)
    assert (error.found, error.expected) == ("entry 0 is a party.enrolled", "log.policy")


def test_entries_beyond_the_checkpoint_are_refused_not_adopted(path: Path) -> None:
    tamper(path, "INSERT INTO entries VALUES (10, randomblob(32), zeroblob(32), 1777900000, 'x', NULL)")
    error = refused(path)
    assert (error.found, error.expected) == (
        "the database holds 11 entries",
        "10, as its newest checkpoint says",
    )


def test_a_checkpoint_of_another_key_is_refused(path: Path) -> None:
    note = sign_checkpoint(checkpoint_at(path), OTHER_SIGNER)
    tamper(path, "UPDATE checkpoints SET note = ? WHERE size = 10", values=[note])
    assert "does not open" in refused(path).found


@pytest.mark.parametrize("what", ["root", "hashes"])
def test_a_changed_tile_on_the_right_edge_is_refused(
    grown: Path, a_copy: Callable[[Path], Path], what: str
) -> None:
    path = a_copy(grown)
    tamper(path, f"UPDATE tiles SET {what} = zeroblob(length({what})) WHERE level = 0 AND idx = 1")
    if what == "root":
        assert "the entries have root" in refused(path).found
    else:  # not on the edge: the start is bounded, fsck finds it
        open_log(path).close()
        with pytest.raises(LogInconsistent, match="tile 0/1"):
            fsck_at(path)


def test_a_missing_full_tile_is_refused(grown: Path, a_copy: Callable[[Path], Path]) -> None:
    path = a_copy(grown)
    tamper(path, "DELETE FROM tiles WHERE level = 0 AND idx = 1")
    assert "tile 1/0" in refused(path).found
