"""A log's folder: what lies where, and the lock that keeps a second writer out.

    log.sqlite3    entries, contents, tiles, checkpoints, the fold (`store.sqlite`)
    high-water     the last checkpoint given out (`highwater`)
    vkey           the log's public checkpoint key, for people to copy; never read back as truth
    writer.lock    held (flock) by the one process that writes

The private key is not here: it lives in the operator's key store.
"""

from __future__ import annotations

import fcntl
from dataclasses import dataclass
from pathlib import Path

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
    def vkey(self) -> Path:
        return self.path / "vkey"

    @property
    def lock(self) -> Path:
        return self.path / "writer.lock"


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
