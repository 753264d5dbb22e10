"""A backup is one moment of the log, whole and checked, taken while it is written; and it is never written itself."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.audit.whole import audit_log
from ledger.errors import LogError, LogInconsistent, NotFound
from ledger.log.backup import Manifest, make_backup, read_manifest
from ledger.log.folder import LogFolder
from ledger.log.log import Log
from ledger.log.reader import LogReader
from ledger.log.store.layout import FORMAT
from ledger.log.store.sqlite import SqliteStore
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.note import format_vkey
from tests.support.log_world import (
    backed_up,
    checkpoint_at,
    enrolment,
    enrolments,
    extends,
    kept_statements,
    open_log,
    raw,
    register,
    sound,
    tamper,
)
from tests.support.spine import CLOCK, LOG_SIGNER, VKEY


@pytest.fixture
def path(short: Path, a_copy: Callable[[Path], Path]) -> Path:
    """A log of 10 entries in three groups, to be written or spoilt."""
    return a_copy(short)


def test_a_backup_holds_the_log_and_says_what_it_holds(grown: Path, tmp_path: Path) -> None:
    backup = backed_up(grown, tmp_path / "backup")
    assert sorted(one.name for one in backup.iterdir()) == ["backup.json", "log.sqlite3", "vkey"]
    assert kept_statements(backup) == kept_statements(grown)
    assert (backup / "vkey").read_text() == format_vkey(VKEY) + "\n"
    at = checkpoint_at(grown)
    assert read_manifest(LogFolder(backup).manifest) == Manifest(
        backup=1,
        layout=FORMAT,
        vkey=format_vkey(VKEY),
        made_at="2026-05-04T13:06:40Z",
        size=at.size,
        root=at.root.hex(),
        sha256=sha256((backup / "log.sqlite3").read_bytes()).hexdigest(),
        given_out=LogFolder(grown).mark.read_text(),
    )


def test_a_backup_is_one_file_that_needs_no_other_beside_it(path: Path, tmp_path: Path) -> None:
    """With a writer at work the newest commits are in the WAL: they are in the backup's one file."""
    with open_log(path) as log:
        register(log, enrolments(30, 50))
        assert LogFolder(path).database.with_name("log.sqlite3-wal").stat().st_size > 0
        backup = backed_up(path, tmp_path / "backup")
    assert checkpoint_at(backup).size == 40
    assert sound(backup).size == 40
    assert not list(backup.glob("*-wal"))
    with raw(backup) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_no_private_key_is_in_a_backup_even_if_keys_lie_in_the_logs_folder(
    path: Path, tmp_path: Path
) -> None:
    (path / "keys").mkdir()
    secret = LOG_SIGNER.export().private_bytes_raw()
    (path / "keys" / "log.pem").write_bytes(secret)
    backup = backed_up(path, tmp_path / "backup")
    files = [one for one in backup.rglob("*") if one.is_file()]
    assert len(files) == 3
    assert not any(secret in one.read_bytes() for one in files)


def test_a_writer_goes_on_while_the_log_is_copied(path: Path, tmp_path: Path) -> None:
    """It commits between any two steps of the copy, which still is of the moment it was begun at, and ends."""
    with open_log(path) as log:
        register(log, enrolments(2_000, 1_000))  # more than one step
        before = checkpoint_at(path)
        more = iter(range(5_000, 9_000))
        steps: list[str] = []

        def stage(what: str, _total: int) -> AbstractContextManager[Callable[[int], None]]:
            def tick(_done: int) -> None:
                steps.append(what)
                if what.startswith("copying"):
                    register(log, [enrolment(next(more))])

            return nullcontext(tick)

        with LogReader.open(path) as reader:
            manifest = make_backup(reader, LogFolder(path), tmp_path / "backup", lambda: CLOCK, stage)
        written = steps.count("copying (MiB)")
    assert written > 1
    assert (manifest.size, manifest.root) == (before.size, before.root.hex())
    assert manifest.checkpoint().size == before.size + written  # what was given out by the end of it
    assert checkpoint_at(tmp_path / "backup") == before
    extends(path, before)


def test_backups_beside_a_busy_writer_are_prefixes_that_audit(fresh: Path, tmp_path: Path) -> None:
    """F12."""
    statements, begun, stop = enrolments(1_000), threading.Event(), threading.Event()
    with open_log(fresh) as log:

        def submit() -> None:
            for statement in statements:
                if stop.is_set():
                    return
                log.submit(statement).result()
                begun.set()

        thread = threading.Thread(target=submit)
        thread.start()
        try:
            begun.wait()
            backups = [backed_up(fresh, tmp_path / f"backup {n}") for n in range(4)]
        finally:
            stop.set()
            thread.join()
    kept = kept_statements(fresh)
    sizes = []
    for backup in backups:
        with LogReader.open(backup) as reader:
            audit = audit_log(reader, LogFolder(backup).mark_to_check)
        assert kept_statements(backup) == kept[: audit.checked.size]
        extends(fresh, checkpoint_at(backup))
        sizes.append(audit.checked.size)
    assert sizes == sorted(sizes)
    assert 1 < sizes[0] < sizes[-1]


def test_a_destination_that_is_there_is_refused_and_left_alone(path: Path, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "precious").write_text("x")
    with pytest.raises(LogError, match="exists already"):
        backed_up(path, tmp_path / "backup")
    assert [one.name for one in (tmp_path / "backup").iterdir()] == ["precious"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE contents SET statement = zeroblob(300) WHERE idx = 4", "entry 4 holds another statement"),
        ("UPDATE entries SET chain = zeroblob(32) WHERE idx = 4", "entry 4 does not continue the chain"),
    ],
)
def test_a_log_that_is_damaged_is_not_backed_up_as_if_it_were_sound(
    path: Path, tmp_path: Path, change: str, found: str
) -> None:
    tamper(path, change)
    with pytest.raises(LogInconsistent, match=found):
        backed_up(path, tmp_path / "backup")
    assert [one.name for one in tmp_path.iterdir()] == ["copy"]


def test_a_log_behind_its_mark_is_not_backed_up(path: Path, tmp_path: Path) -> None:
    older = LogFolder(path).database.read_bytes()
    with open_log(path) as log:
        register(log, [enrolment(20)])
    LogFolder(path).database.write_bytes(older)
    with pytest.raises(LogInconsistent, match="high-water mark at 11"):
        backed_up(path, tmp_path / "backup")


def test_a_copy_that_is_not_the_log_is_not_kept(
    path: Path, grown: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong between the disk and the copy: the copy is opened and compared."""
    other = LogFolder(grown).database.read_bytes()
    monkeypatch.setattr(SqliteStore, "copy_to", lambda _self, to, _progress: to.write_bytes(other))
    with pytest.raises(LogInconsistent, match="the copy is at size"):
        backed_up(path, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_a_copy_that_fails_leaves_nothing(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(SqliteStore, "copy_to", full)
    with pytest.raises(LogError, match="could not be made: database or disk is full"):
        backed_up(path, tmp_path / "backup")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["copy"]


def test_where_the_writer_died_before_the_mark_the_backup_knows_what_was_committed(
    path: Path, tmp_path: Path
) -> None:
    behind = LogFolder(path).mark.read_bytes()
    with open_log(path) as log:
        register(log, [enrolment(20)])
    LogFolder(path).mark.write_bytes(behind)
    backup = backed_up(path, tmp_path / "backup")
    assert read_manifest(LogFolder(backup).manifest).checkpoint().size == 11


# A backup is not a log


def test_nothing_writes_to_a_backup(path: Path, tmp_path: Path) -> None:
    backup = backed_up(path, tmp_path / "backup")
    with pytest.raises(LogError, match="is a backup") as caught:
        Log.open(backup, LOG_SIGNER)
    assert "tally restore" in caught.value.hint
    with pytest.raises(LogError, match="is a backup"):
        backed_up(backup, tmp_path / "backup of it")


def test_a_log_put_together_by_hand_from_a_backup_does_not_sign(path: Path, tmp_path: Path) -> None:
    """Somebody copies what the table of files calls the log: there is no mark in a backup to copy."""
    backup, by_hand = backed_up(path, tmp_path / "backup"), LogFolder(tmp_path / "by hand")
    by_hand.path.mkdir()
    for name in ("log.sqlite3", "vkey"):
        (by_hand.path / name).write_bytes((backup / name).read_bytes())
    with pytest.raises(LogInconsistent, match=r"mark .+ is missing") as caught:
        Log.open(by_hand.path, LOG_SIGNER)
    assert "tally resume" in caught.value.hint


# The manifest


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _text: "",
        lambda text: text[:100],
        lambda text: text.replace('"backup": 1', '"backup": 2'),
        lambda text: text.replace('"size"', '"length"'),
        lambda text: text.replace("\\n10\\n", "\\n11\\n"),  # in the note, which is signed
        lambda text: text.replace('"vkey": "log', '"vkey": "lag'),
        lambda text: text.replace('"root": "', '"root": "x'),
        lambda text: text.replace('"size": 10', '"size": -1'),
    ],
    ids=["empty", "cut", "version", "field", "given out", "key", "root", "size"],
)
def test_a_manifest_that_is_not_as_it_was_written_is_refused(
    path: Path, tmp_path: Path, spoil: Callable[[str], str]
) -> None:
    manifest = LogFolder(backed_up(path, tmp_path / "backup")).manifest
    before = manifest.read_text()
    manifest.write_text(spoil(before))
    assert manifest.read_text() != before
    with pytest.raises(LogInconsistent, match="cannot be read"):
        read_manifest(manifest)


def test_a_folder_without_a_manifest_is_no_backup(path: Path) -> None:
    with pytest.raises(NotFound, match="no backup"):
        read_manifest(LogFolder(path).manifest)


def test_a_manifest_reads_as_json_and_its_note_opens(path: Path, tmp_path: Path) -> None:
    told = json.loads(LogFolder(backed_up(path, tmp_path / "backup")).manifest.read_text())
    assert open_checkpoint(told["given_out"].encode(), VKEY).size == told["size"] == 10
