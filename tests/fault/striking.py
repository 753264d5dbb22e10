"""Faults struck into a writer at the seams the product has: its store's calls, and the calls that write its mark.

`Site` numbers the calls of one group commit in their order; the `Step`s of `ledger.log.writer` lie between them. What
each `Fault` truly simulates:

* FAILED: the call raises and has done nothing.
* PERSISTED: it does all its work, then raises: an error that comes after the effect, or an answer that is lost (F2).
* KILLED_BEFORE, KILLED_AFTER: SIGKILL to the process, before the call or after it. The machine's cache survives.
* POWER_LOST: SIGKILL after the call, and of what was not synced every block is kept or lost by chance: blocks of the
  write-ahead log since the last commit that returned (at COMMIT: this commit's own), the content of a file that was not
  fsynced, a rename whose folder was not. SQLite's own fsync is believed; those of `ledger.durable` are watched.
* FULL: half of the work, then ENOSPC, or what SQLite makes of it. EIO: the same with EIO.
* EIO_SYNC: an fsync says EIO; by chance the bytes are there or are not.
* SLOW: the call takes long and goes well.

A `Real` fault is brought about beneath SQLite instead, in the system, from a group on:

* FILE_LIMIT: no file may grow past a byte (RLIMIT_FSIZE): a real failing write anywhere in a transaction or the mark.
* WAL_FULL: `/dev/full` in the place of the write-ahead log's descriptor: each write fails with a real ENOSPC.
* WAL_UNSYNCED: `/dev/null` in its place: writes are lost and the fsync fails, in SQLite's own code.
* DATABASE_FULL: `/dev/full` in the place of the database's, and a checkpoint due at every commit, which fails.

Patches are never taken back: they are for a process that is about to die.
"""

from __future__ import annotations

import errno
import fcntl
import os
import random
import resource
import signal
import sqlite3
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

from ledger import durable
from ledger.log.folder import LogFolder
from ledger.log.store import layout
from ledger.log.store.sqlite import SqliteStore, SqliteTransaction

BLOCK = 512
SLOW_S = 0.004


class Site(IntEnum):
    """The calls of a group commit that reach the store or the mark's file, in their order."""

    BEGIN = 1
    INSERT = 2
    READ_BACK = 3
    PUT_TILES = 4
    PUT_RECORDS = 5
    SWAP_CHECKPOINT = 6
    COMMIT = 7
    MARK_OPEN = 8
    MARK_WRITE = 9
    MARK_SYNC = 10
    MARK_RENAME = 11
    FOLDER_SYNC = 12


class Fault(StrEnum):
    FAILED = "failed and not persisted"
    PERSISTED = "failed but persisted"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    POWER_LOST = "power lost"
    FULL = "disk full"
    EIO = "EIO"
    EIO_SYNC = "EIO on fsync"
    SLOW = "slow"


class Real(StrEnum):
    FILE_LIMIT = "no file may grow"
    WAL_FULL = "the write-ahead log is full"
    WAL_UNSYNCED = "the write-ahead log is lost"
    DATABASE_FULL = "the database is full"


DEADLY = frozenset({Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.POWER_LOST})
SYNCS = frozenset({Site.COMMIT, Site.MARK_SYNC, Site.FOLDER_SYNC})
READS = frozenset({Site.READ_BACK})
STRIKES: tuple[tuple[Site | None, Fault | Real], ...] = (
    *(
        (site, fault)
        for site in Site
        for fault in Fault
        if (site in SYNCS or fault is not Fault.EIO_SYNC) and not (site in READS and fault is Fault.FULL)
    ),
    *((None, real) for real in Real),
)
"""Every fault at every call where there can be such a one, and the real ones."""

_STORE: tuple[tuple[Site, type, str], ...] = (
    (Site.BEGIN, SqliteStore, "begin"),
    (Site.INSERT, SqliteTransaction, "insert"),
    (Site.READ_BACK, SqliteTransaction, "read_back"),
    (Site.PUT_TILES, SqliteTransaction, "put_tiles"),
    (Site.PUT_RECORDS, SqliteTransaction, "put_records"),
    (Site.SWAP_CHECKPOINT, SqliteTransaction, "swap_checkpoint"),
    (Site.COMMIT, SqliteTransaction, "commit"),
)


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault in the life of one process."""

    site: Site | None
    fault: Fault | Real
    time: int
    """At which call of the site it is struck, from 1 on; a real one before which group."""
    seed: int
    """What chance decides of it."""

    def __str__(self) -> str:
        return f"{self.fault} at {self.site.name if self.site else 'the system'}, the {self.time}. time"


class Striker:
    """Watches the calls of one writer, and strikes once."""

    def __init__(self, folder: LogFolder, strike: Strike | None) -> None:
        self._folder = folder
        self._strike = strike
        self._chance = random.Random(strike.seed if strike else 0)
        self._calls = 0
        self._wal = folder.path / "log.sqlite3-wal"
        self._synced_wal = self._read_wal()
        self._unsynced: Path | None = None  # a file whose content was not fsynced
        self._replaced: bytes | None = None  # what a rename replaced that is not durable yet

    def install(self) -> None:
        """Put the watch on the store's classes and under `ledger.durable`, for the rest of this process."""
        layout.WAL_PAGES = 1 if self._strike and self._strike.fault is Real.DATABASE_FULL else 1_000_000
        for site, owner, name in _STORE:
            setattr(owner, name, self._watched(site, getattr(owner, name)))
        overlay = {"open": self._open, "fdopen": self._fdopen, "fsync": self._fsync}
        durable.os = SimpleNamespace(**{**vars(os), **overlay})  # type: ignore[attr-defined]
        replace = Path.replace
        Path.replace = lambda source, target: self._rename(replace, source, Path(target))  # type: ignore[method-assign]

    def before_group(self, number: int) -> None:
        """Strike a real fault that is due."""
        if self._strike and isinstance(self._strike.fault, Real) and self._strike.time == number:
            self._strike_for_real(self._strike.fault)

    def _strike_for_real(self, fault: Real) -> None:
        match fault:
            case Real.FILE_LIMIT:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write past the limit fails with EFBIG
                most = self._chance.choice([100, 4_096, 40_000])
                limit = self._chance.randrange(most)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            case Real.WAL_FULL:
                _exchange(self._wal, "/dev/full")
            case Real.WAL_UNSYNCED:
                _exchange(self._wal, "/dev/null")
            case Real.DATABASE_FULL:
                _exchange(self._folder.database, "/dev/full")

    # The store

    def _watched(self, site: Site, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(on: object, *values: Any) -> Any:
            def whole() -> Any:
                done = real(on, *values)
                return iter(list(done)) if site is Site.READ_BACK else done

            def half() -> None:
                if site is Site.INSERT:
                    real(on, values[0][: len(values[0]) // 2])
                if site is Site.PUT_RECORDS:
                    real(on, dict(list(values[0].items())[: len(values[0]) // 2]))

            done = self._call(site, whole, half, _of_sqlite)
            if site is Site.COMMIT:
                self._synced_wal = self._read_wal()
            return done

        return call

    # The mark

    def _open(self, path: Path, flags: int, mode: int = 0o777) -> int:
        if Path(path).is_dir():
            return os.open(path, flags, mode)
        descriptor: int = self._call(
            Site.MARK_OPEN, lambda: os.open(path, flags, mode), lambda: None, _of_system
        )
        self._unsynced = Path(path)
        return descriptor

    def _fdopen(self, descriptor: int, mode: str) -> _Written:
        return _Written(os.fdopen(descriptor, mode), self._write)

    def _write(self, file: Any, data: bytes) -> None:
        def put(part: bytes) -> None:
            file.write(part)
            file.flush()

        self._call(Site.MARK_WRITE, lambda: put(data), lambda: put(data[: len(data) // 2]), _of_system)

    def _fsync(self, descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            self._call(Site.FOLDER_SYNC, lambda: os.fsync(descriptor), lambda: None, _of_system)
            self._replaced = None
        else:
            self._call(Site.MARK_SYNC, lambda: os.fsync(descriptor), lambda: None, _of_system)
            self._unsynced = None

    def _rename(self, replace: Callable[[Path, Path], Path], source: Path, target: Path) -> Path:
        was = target.read_bytes() if target.exists() else None

        def whole() -> Path:
            done = replace(source, target)
            self._replaced = was
            if self._unsynced == source:
                self._unsynced = target
            return done

        done: Path = self._call(Site.MARK_RENAME, whole, lambda: None, _of_system)
        return done

    # Striking

    def _call(
        self,
        site: Site,
        whole: Callable[[], Any],
        half: Callable[[], None],
        error: Callable[[Fault], Exception],
    ) -> Any:
        if self._strike is None or self._strike.site is not site:
            return whole()
        self._calls += 1
        if self._calls != self._strike.time:
            return whole()
        fault = self._strike.fault
        assert isinstance(fault, Fault)
        match fault:
            case Fault.SLOW:
                time.sleep(SLOW_S)
                return whole()
            case Fault.KILLED_BEFORE:
                _die()
            case Fault.KILLED_AFTER:
                whole()
                _die()
            case Fault.POWER_LOST:
                whole()
                self._lose()
                _die()
            case Fault.PERSISTED:
                whole()
            case Fault.FULL | Fault.EIO:
                half()
            case Fault.EIO_SYNC:
                if self._chance.random() < 0.5:
                    whole()
        raise error(fault)

    def _lose(self) -> None:
        """What a machine without power forgets."""
        wal, old = self._read_wal(), self._synced_wal
        if wal != old:
            kept = bytearray(wal)
            for at in range(0, len(wal), BLOCK):
                if self._chance.random() < 0.5:
                    kept[at : at + BLOCK] = old[at : at + BLOCK].ljust(len(kept[at : at + BLOCK]), b"\0")
            end = self._chance.choice([len(wal), len(old), self._chance.randint(0, len(wal))])
            self._wal.write_bytes(kept[: max(end, len(old))])
        if self._unsynced is not None and self._unsynced.exists():
            data = self._unsynced.read_bytes()
            self._unsynced.write_bytes(data[: self._chance.randrange(len(data) + 1) // 2])
        if self._replaced is not None and self._chance.random() < 0.5:
            self._folder.mark.write_bytes(self._replaced)

    def _read_wal(self) -> bytes:
        return self._wal.read_bytes() if self._wal.exists() else b""


class _Written:
    """An open file whose `write` is watched."""

    def __init__(self, file: Any, write: Callable[[Any, bytes], None]) -> None:
        self._file, self._write = file, write

    def __enter__(self) -> _Written:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> None:
        self._write(self._file, data)


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a process outlived SIGKILL")


def _of_sqlite(fault: Fault) -> Exception:
    return sqlite3.OperationalError("database or disk is full" if fault is Fault.FULL else "disk I/O error")


def _of_system(fault: Fault) -> Exception:
    number = errno.ENOSPC if fault is Fault.FULL else errno.EIO
    return OSError(number, os.strerror(number))


def _exchange(file: Path, device: str) -> None:
    """Put a device under every descriptor by which this process may write to a file. Linux."""
    of_file = [one for one in Path("/proc/self/fd").iterdir() if _target(one) == str(file.resolve())]
    found = [fd for fd in (int(one.name) for one in of_file) if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_RDWR]
    assert found, f"{file} is not open"
    beneath = os.open(device, os.O_RDWR)
    for descriptor in found:
        os.dup2(beneath, descriptor)


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:  # the descriptor by which the folder is listed
        return ""
