"""F2: killed or failing at any step of a purge, the log is whole before and after; run again, the bytes are gone."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.errors import LogError
from ledger.log.purge import Step, purge
from tests.support.erased_world import CLAIM, NAME, Erasures, bytes_in, ordered_log
from tests.support.log_world import checkpoint_at, copied, enrolments, extends, fsck_at, open_log, register

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ordered_log(tmp_path_factory.mktemp("fault") / "log", Erasures())


def strike(path: str, step: str) -> None:
    """In a process of its own: purge, and die at a step without flushing, closing or undoing anything."""

    def on_step(now: Step) -> None:
        if now == int(step):
            os.kill(os.getpid(), signal.SIGKILL)

    purge(Path(path), on_step=on_step)


@pytest.mark.parametrize("step", Step)
def test_killed_at_any_step_it_is_done_or_not_done_and_ends_when_run_again(
    ordered: Path, tmp_path: Path, step: Step
) -> None:
    path = copied(ordered, tmp_path / "log")
    command = [sys.executable, "-m", "tests.fault.test_purge", str(path), str(int(step))]
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode == -signal.SIGKILL

    assert len(fsck_at(path).erased) == (2 if step >= Step.COMMITTED else 0)
    extends(path, checkpoint_at(ordered))
    with open_log(path) as log:  # what comes in between does no harm
        register(log, enrolments(2, 700))
    found = purge(path)
    assert len(found.now) + found.before == 2
    assert len(fsck_at(path).erased) == 2
    assert not bytes_in(path, CLAIM)
    assert not bytes_in(path, NAME)


@pytest.mark.parametrize("step", Step)
def test_an_error_at_any_step_leaves_the_same(ordered: Path, tmp_path: Path, step: Step) -> None:
    path = copied(ordered, tmp_path / "log")

    def fail(now: Step) -> None:
        if now is step:
            raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(LogError, match="may still be in"):
        purge(path, on_step=fail)
    assert len(fsck_at(path).erased) == (2 if step >= Step.COMMITTED else 0)
    purge(path)
    assert not bytes_in(path, CLAIM)


if __name__ == "__main__":
    strike(*sys.argv[1:])
