"""The read models kept by a process of their own: it follows the log, says so, is started again, and ends when told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.views import apart
from ledger.views.apart import RefresherApart
from ledger.views.layout import known_to, open_file
from tests.support.log_world import enrolments, grown_log, open_log


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return grown_log(tmp_path / "log", [enrolments(4)])


def wait_for(what: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def test_it_follows_a_log_that_grows_and_ends(folder: Path) -> None:
    told: list[int] = []
    faults: list[str] = []
    refresher = RefresherApart(folder, told.append, faults.append)
    try:
        wait_for(lambda: told[-1:] == [5])
        with open_log(folder) as log:
            log.append(enrolments(3, 4))
        wait_for(lambda: told[-1:] == [8])
        process = refresher._process
    finally:
        refresher.stop()
    assert known_to(open_file(folder / "views.sqlite3", writable=False)).size == 8
    assert not faults
    assert process
    assert process.returncode == 0


def test_one_that_has_ended_is_started_again_and_that_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "_PAUSE_AFTER_END_S", 0.05)
    told: list[int] = []
    faults: list[str] = []
    refresher = RefresherApart(folder, told.append, faults.append)
    try:
        wait_for(lambda: bool(told))
        assert refresher._process
        os.kill(refresher._process.pid, signal.SIGKILL)
        wait_for(lambda: len(told) > 1)
    finally:
        refresher.stop()
    assert faults == ["the process that keeps the views has ended; it is started again"]


def test_a_log_that_cannot_be_read_is_said(folder: Path) -> None:
    (folder / "log.sqlite3").write_bytes(b"not a database" * 1_000)
    faults: list[str] = []
    refresher = RefresherApart(folder, lambda _size: None, faults.append)
    try:
        wait_for(lambda: bool(faults))
    finally:
        refresher.stop()
    assert "cannot be read" in faults[0]


def test_one_whose_refresher_dies_of_a_bug_ends(folder: Path) -> None:
    broken = (
        "import sys; from pathlib import Path; from ledger.views import apart, scenes\n"
        "scenes.Views.refresh = lambda *_: 1 // 0\n"
        "apart.keep(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", broken, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.wait(timeout=30) == 1  # with its stdin open: nobody has told it to
        assert process.stderr
        assert b"ZeroDivisionError" in process.stderr.read()
