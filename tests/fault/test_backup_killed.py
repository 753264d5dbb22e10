"""Killed at any step of a backup or a restore there is no half of either, and the log is as it was."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.log.restore import restore
from tests.support.log_world import backed_up, copied, fsck_at, kept_statements, open_log, sound

ROOT = Path(__file__).parents[2]

KILLED = """
import os, pathlib, signal, sys
from contextlib import nullcontext
import ledger.log.{module} as module
from tests.support.log_world import backed_up
path, to = map(pathlib.Path, sys.argv[1:])
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
def stage(what, _total):
    return nullcontext(die if what.startswith({stage!r}) else lambda _done: None)
if {name!r}: setattr(module, {name!r}, die)
{act}
"""
BACKUP = """
from ledger.log.folder import LogFolder
from ledger.log.reader import LogReader
with LogReader.open(path) as reader:
    module.make_backup(reader, LogFolder(path), to, lambda: 1, stage)
"""
RESTORE = "module.restore(path, to, stage)"


def killed(module: str, act: str, path: Path, to: Path, *, name: str = "", stage: str = "never") -> None:
    code = KILLED.format(module=module, name=name, stage=stage, act=act)
    run = subprocess.run(
        [sys.executable, "-c", code, str(path), str(to)], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == -signal.SIGKILL, run.stderr


@pytest.mark.parametrize(
    "where",
    [
        {"stage": "copying"},
        {"name": "sync"},
        {"stage": "checking"},
        {"name": "digest_of"},
        {"name": "write_durably"},
    ],
    ids=str,
)
def test_a_backup_is_whole_or_not_there(nearly_full: Path, tmp_path: Path, where: dict[str, str]) -> None:
    path = copied(nearly_full, tmp_path / "log")
    before = kept_statements(path)
    killed("backup", BACKUP, path, tmp_path / "backup", **where)
    assert not (tmp_path / "backup").exists()
    assert kept_statements(path) == before
    open_log(path).close()  # what is left beside is in nobody's way
    assert sound(backed_up(path, tmp_path / "backup")).size == 250


@pytest.mark.parametrize(
    "where",
    [
        {"stage": "copying"},
        {"name": "check_copy"},
        {"stage": "checking"},
        {"name": "sync"},
        {"name": "write_durably"},
    ],
    ids=str,
)
def test_a_restored_log_is_whole_or_not_there(
    nearly_full: Path, tmp_path: Path, where: dict[str, str]
) -> None:
    path = copied(nearly_full, tmp_path / "log")
    backup = backed_up(path, tmp_path / "backup")
    killed("restore", RESTORE, backup, tmp_path / "restored", **where)
    assert not (tmp_path / "restored").exists()
    restore(backup, tmp_path / "restored")
    assert sound(tmp_path / "restored").size == fsck_at(path).size == 250
