"""One writer at a time: a second one, in this process or another, is told at once; readers never wait."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ledger.errors import KeyUnavailable, LogInconsistent, LogLocked
from ledger.log.folder import LogFolder, WriterLock
from ledger.log.log import Log
from ledger.log.reader import LogReader
from tests.support.log_world import OTHER_SIGNER, enrolment, open_log, register

ROOT = Path(__file__).parents[3]


def test_a_second_writer_in_this_process_is_told(fresh: Path) -> None:
    with open_log(fresh) as log:
        with pytest.raises(LogLocked, match="another process is writing"):
            open_log(fresh)
        register(log, [enrolment(0)])
    open_log(fresh).close()


def test_a_second_process_is_told_and_may_read(fresh: Path) -> None:
    code = f"""
from pathlib import Path
from ledger.errors import LogLocked
from ledger.log.reader import LogReader
from tests.support.log_world import open_log
path = Path({str(fresh)!r})
try:
    open_log(path)
except LogLocked as error:
    with LogReader.open(path) as reader:
        print(error.code, reader.size)
"""
    with open_log(fresh) as log:
        register(log, [enrolment(0)])
        told = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
    assert told.stdout == "log-locked 2\n"


def test_a_writer_that_fails_to_start_lets_the_lock_go(fresh: Path) -> None:
    with pytest.raises(KeyUnavailable):
        Log.open(fresh, OTHER_SIGNER)
    mark = LogFolder(fresh).mark
    note = mark.read_bytes()
    mark.unlink()
    with pytest.raises(LogInconsistent):
        open_log(fresh)
    mark.write_bytes(note)
    open_log(fresh).close()


def test_letting_go_twice_does_not_close_somebody_elses_file(fresh: Path) -> None:
    lock = WriterLock(LogFolder(fresh))
    lock.release()
    with (fresh / "vkey").open() as file:  # takes the descriptor that has become free
        lock.release()
        assert file.read()


def test_reading_needs_no_lock_and_no_key(fresh: Path) -> None:
    with open_log(fresh) as log, LogReader.open(fresh) as one, LogReader.open(fresh) as other:
        register(log, [enrolment(0)])
        assert (one.size, other.size) == (1, 1)
    assert not (fresh / "log.sqlite3-wal").exists()  # the last one out wrote all of it into the database
