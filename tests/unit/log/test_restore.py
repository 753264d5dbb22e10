"""A restored log is the one that was backed up, and signs nothing before somebody has answered for what came after."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ledger.audit.whole import audit_log
from ledger.errors import LogError, LogInconsistent, LogLocked
from ledger.log.folder import LogFolder
from ledger.log.log import Log
from ledger.log.reader import LogReader
from ledger.log.restore import restore
from ledger.log.resume import Resumed, resume
from ledger.log.store.layout import FORMAT
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.units import TreeSize
from tests.support.log_world import (
    backed_up,
    checkpoint_at,
    enrolment,
    enrolments,
    extends,
    fsck_at,
    grown_log,
    kept_statements,
    open_log,
    raw,
    register,
    sound,
)
from tests.support.spine import CLOCK, LOG_SIGNER, VKEY


@pytest.fixture
def path(short: Path, a_copy: Callable[[Path], Path]) -> Path:
    """A log of 10 entries in three groups, to be written and lost."""
    return a_copy(short)


@pytest.fixture
def backup(path: Path, tmp_path: Path) -> Path:
    return backed_up(path, tmp_path / "backup")


@pytest.fixture
def restored(backup: Path, tmp_path: Path) -> Path:
    restore(backup, tmp_path / "restored")
    return tmp_path / "restored"


def goes_on(
    path: Path, nothing_after: int | None = None, seen: Mapping[str, Checkpoint] | None = None
) -> Resumed:
    return resume(
        LogFolder(path),
        nothing_after=None if nothing_after is None else TreeSize(nothing_after),
        seen=seen or {},
        given=[],
        signer=None,
        clock=lambda: CLOCK,
    )


def refused(path: Path, **how: object) -> LogError:
    """It is not resumed, and does not sign."""
    with pytest.raises(LogError) as caught:
        goes_on(path, **how)  # type: ignore[arg-type]
    with pytest.raises(LogError):
        Log.open(path, LOG_SIGNER)
    return caught.value


# Restoring


def test_what_is_restored_is_what_was_backed_up(grown: Path, tmp_path: Path) -> None:
    restore(backed_up(grown, tmp_path / "backup"), tmp_path / "restored")
    restored = tmp_path / "restored"
    assert kept_statements(restored) == kept_statements(grown)
    assert sound(restored).root == checkpoint_at(grown).root
    with LogReader.open(restored) as reader:
        assert audit_log(reader, LogFolder(restored).mark_to_check).whole
    assert sorted(one.name for one in restored.iterdir() if "sqlite3-" not in one.name) == [
        "log.sqlite3",
        "restored.json",
        "vkey",
    ]
    with raw(restored) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_folder_that_is_there_is_never_overwritten(path: Path, backup: Path) -> None:
    with open_log(path) as log:
        register(log, [enrolment(20)])
    with pytest.raises(LogError, match="exists already"):
        restore(backup, path)
    assert fsck_at(path).size == 11


@pytest.mark.parametrize("at", [0.01, 0.5, 0.99])
def test_one_flipped_bit_of_a_backup_is_found_before_there_is_a_log(
    backup: Path, tmp_path: Path, at: float
) -> None:
    """Wherever it is: in the state and in indexes too, which no hash of the log covers."""
    database = LogFolder(backup).database
    data = bytearray(database.read_bytes())
    data[int(len(data) * at)] ^= 4
    database.write_bytes(data)
    with pytest.raises(LogInconsistent, match="not the file that was backed up"):
        restore(backup, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


@pytest.mark.parametrize(("field", "value"), [("size", 9), ("root", "00" * 32), ("vkey", None)])
def test_a_manifest_of_another_log_or_moment_is_found(
    backup: Path, tmp_path: Path, field: str, value: object
) -> None:
    manifest = LogFolder(backup).manifest
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**told, field: value}))
    with pytest.raises(LogInconsistent):
        restore(backup, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


def test_a_backup_of_a_later_release_is_refused(backup: Path, tmp_path: Path) -> None:
    manifest = LogFolder(backup).manifest
    manifest.write_text(manifest.read_text().replace(f'"layout": {FORMAT}', f'"layout": {FORMAT + 1}'))
    with pytest.raises(LogInconsistent, match="has layout"):
        restore(backup, tmp_path / "restored")


# Before it may sign


def test_a_restored_log_is_read_and_not_written(restored: Path) -> None:
    assert len(kept_statements(restored)) == 10
    with pytest.raises(LogError, match="may not sign yet") as caught:
        Log.open(restored, LOG_SIGNER)
    assert "tally resume" in caught.value.hint
    assert not LogFolder(restored).mark.exists()


def test_without_the_operators_word_it_stays_so(restored: Path) -> None:
    error = refused(restored)
    assert "nobody has said" in error.found
    assert "--nothing-after 10" in error.expected


@pytest.mark.parametrize("size", [1, 9, 11])
def test_the_word_names_the_size_or_it_was_not_meant_for_this_log(restored: Path, size: int) -> None:
    assert f"given: {size}" in refused(restored, nothing_after=size).expected


def test_on_the_operators_word_it_goes_on_and_the_word_is_kept(path: Path, restored: Path) -> None:
    before = checkpoint_at(path)
    assert goes_on(restored, 10, {"old/high-water": before}) == Resumed(TreeSize(10), 0)
    assert open_checkpoint(LogFolder(restored).mark.read_bytes(), VKEY) == before
    [kept] = [json.loads(line) for line in LogFolder(restored).resumed.read_text().splitlines()]
    assert kept["word"] == "nothing was given out after size 10"
    assert kept["held_against"] == {"old/high-water": 10, "the backup's manifest": 10}
    with open_log(restored) as log:
        assert register(log, [enrolment(20)]) == [10]
    extends(restored, before)
    assert fsck_at(restored).size == 11


def test_the_word_goes_with_the_log_into_its_next_backup(restored: Path, tmp_path: Path) -> None:
    goes_on(restored, 10)
    restore(backed_up(restored, tmp_path / "next"), tmp_path / "again")
    goes_on(tmp_path / "again", 10)
    assert len(LogFolder(tmp_path / "again").resumed.read_text().splitlines()) == 2


def test_a_later_mark_refutes_the_word(path: Path, restored: Path) -> None:
    with open_log(path) as log:
        register(log, enrolments(4, 20))
    mark = open_checkpoint(LogFolder(path).mark.read_bytes(), VKEY)
    error = refused(restored, nothing_after=10, seen={"old/high-water": mark})
    assert error.found == "old/high-water is of size 14, the log of size 10"
    assert "entries 10 to 13" in error.hint
    assert LogFolder(restored).restored.exists()


def test_what_the_backup_itself_knows_refutes_the_word(path: Path, tmp_path: Path) -> None:
    """A writer went on while it was copied: more was given out than the copy holds."""
    backup = backed_up(path, tmp_path / "backup")
    with open_log(path) as log:
        register(log, [enrolment(20)])
    manifest = LogFolder(backup).manifest
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(told | {"given_out": LogFolder(path).mark.read_text()}))
    restore(backup, tmp_path / "restored")
    error = refused(tmp_path / "restored", nothing_after=10)
    assert error.found == "the backup's manifest is of size 11, the log of size 10"


def test_a_checkpoint_of_another_history_refutes_the_word(restored: Path, tmp_path: Path) -> None:
    other = checkpoint_at(grown_log(tmp_path / "other", [enrolments(5, 70)]))
    error = refused(restored, nothing_after=10, seen={"theirs": other})
    assert error.found.startswith("at size 6 the log has root")
    assert "two histories" in error.hint


def test_it_is_resumed_under_the_writers_lock(restored: Path) -> None:
    goes_on(restored, 10)
    with open_log(restored), pytest.raises(LogLocked):
        goes_on(restored, 10)


def test_killed_between_mark_and_permission_it_is_still_refused_and_is_resumed_again(restored: Path) -> None:
    note = LogFolder(restored).restored.read_bytes()
    goes_on(restored, 10)
    LogFolder(restored).restored.write_bytes(note)
    with pytest.raises(LogError, match="may not sign yet"):
        Log.open(restored, LOG_SIGNER)
    goes_on(restored, 10)
    open_log(restored).close()


def test_a_backup_is_not_resumed(backup: Path) -> None:
    assert "is a backup" in refused(backup, nothing_after=10).found


# A database that was put back by hand (F11)


def test_an_older_database_under_the_newer_mark_is_not_resumed_on_a_word(path: Path, backup: Path) -> None:
    with open_log(path) as log:
        register(log, enrolments(4, 20))
    shutil.copy(LogFolder(backup).database, LogFolder(path).database)
    with pytest.raises(LogInconsistent) as caught:
        Log.open(path, LOG_SIGNER)
    assert "entries 10 to 13 with their receipts: `tally resume --missing`" in caught.value.hint
    mark = LogFolder(path).mark.read_bytes()
    assert refused(path, nothing_after=10).found == "the high-water mark is of size 14, the log of size 10"
    assert LogFolder(path).mark.read_bytes() == mark


def test_a_lost_mark_is_made_again_on_a_word_only(path: Path) -> None:
    LogFolder(path).mark.unlink()
    assert "nobody has said" in refused(path).found
    goes_on(path, 10)
    assert fsck_at(path).size == 10


def test_a_log_that_knows_what_it_gave_out_needs_no_word(path: Path) -> None:
    assert goes_on(path) == Resumed(TreeSize(10), 0)
    assert not LogFolder(path).resumed.exists()
