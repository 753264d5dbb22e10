"""A log's folder: what lies where, and the lock that keeps a second writer out.

    log.sqlite3    entries, contents, tiles, checkpoints, the fold (`store.sqlite`)
    high-water     the last checkpoint given out (`highwater`)
    views.sqlite3  what is told of the log for lists and search: made again from it at will (`ledger.views`)
    views.sqlite3.lock  held (flock) while another file is put in its place, or it is opened
    vkey           the log's public checkpoint key, for people to copy; never read back as truth
    writer.lock    held (flock) by the one process that writes
    backup.json    in a backup only: what it holds, and what the log had given out by then (`backup`)
    restored.json  in a log made of a backup that may not be written yet: the same (`restore`)
    resumed.jsonl  when a restored log was allowed to write again, and on whose word (`resume`)

The private key is not here: it lives in the operator's key store.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.durable import sync_folder
from ledger.errors import LogError, LogLocked


@dataclass(frozen=True, slots=True)
class LogFolder:
    """Paths in a log's folder."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / "log.sqlite3"

    @property
    def mark(self) -> Path:
        return self.path / "high-water"

    @property
    def views(self) -> Path:
        return self.path / "views.sqlite3"

    @property
    def vkey(self) -> Path:
        return self.path / "vkey"

    @property
    def lock(self) -> Path:
        return self.path / "writer.lock"

    @property
    def manifest(self) -> Path:
        return self.path / "backup.json"

    @property
    def restored(self) -> Path:
        return self.path / "restored.json"

    @property
    def resumed(self) -> Path:
        return self.path / "resumed.jsonl"

    @property
    def mark_to_check(self) -> Path | None:
        """The mark; None in a backup and in a log just made of one, which do not know what was given out since."""
        return None if self.manifest.exists() or self.restored.exists() else self.mark

    def refuse_unresumed(self) -> None:
        """Stop before anything is signed that may have been signed otherwise. Raises `LogError`."""
        if self.manifest.exists():
            raise LogError(
                f"{self.path} is a backup",
                expected="a log that may be written",
                hint="make a log of it with `tally restore`; reading it is no harm",
            )
        if self.restored.exists():
            raise LogError(
                f"{self.path} was restored from a backup and may not sign yet",
                expected="somebody's word that nothing was given out beyond what it holds",
                hint="`tally resume --help`, and docs/operations.md; reads go on",
            )


def remove_database(path: Path) -> None:
    """Take away an SQLite database with what lies beside it; again without harm."""
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[LogFolder]:
    """A folder to fill, which appears under its name whole and durable, or not at all.

    What is put in must be durable by itself. Raises `LogError` if it is there already or cannot be made.
    """
    if path.exists():
        raise LogError(f"{path} exists already", hint="nothing is overwritten: choose another folder")
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        beside.mkdir(parents=True)
        yield LogFolder(beside)
        sync_folder(beside)
        beside.rename(path)
        sync_folder(path.parent)
    except BaseException as error:
        shutil.rmtree(beside, ignore_errors=True)
        if isinstance(error, sqlite3.Error | OSError):
            raise LogError(f"{path} could not be made: {error}", hint="nothing was left behind") from error
        raise


class WriterLock:
    """An exclusive lock on a log's folder, let go with the process however it ends."""

    def __init__(self, folder: LogFolder) -> None:
        """Take it. Raises `LogLocked` at once if another process holds it, `LogError` if it cannot be taken."""
        try:
            self._file = folder.lock.open("ab")
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BaseException:
                self._file.close()
                raise
        except BlockingIOError as error:
            raise LogLocked(
                f"another process is writing to {folder.path}",
                hint="a log has one writer: use that process, or stop it first",
            ) from error
        except OSError as error:
            raise LogError(
                f"{folder.lock} cannot be locked: {error}", hint="mend that, then start again"
            ) from error

    def release(self) -> None:
        """Let it go; again without harm."""
        self._file.close()
