"""`tally backup`, `restore`, `resume` as an operator uses them: after a lost disk the log goes on, or does not fork."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from tests.support.commands import Tally
from tests.support.log_world import enrolment


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("TALLY_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TALLY_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("TALLY_PASSPHRASE", "four words make one")


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
def log(tally: Tally) -> Path:
    """A log of the policy and two enrolments, in ./tally-log; statements in signed/, receipts in receipts/."""
    for name in ("log", "agency"):
        tally("key", "new", name)
    tally("init", "log.example/one", "--key", "log", "--agency", "agency")
    submit(tally, 0, 1)
    return Path("tally-log")


def submit(tally: Tally, *numbers: int) -> list[Any]:
    for number in numbers:
        Path("signed").mkdir(exist_ok=True)
        Path(f"signed/{number}.cose").write_bytes(enrolment(number))
    files = [f"signed/{number}.cose" for number in numbers]
    return list(tally("submit", *files, "--receipts", "receipts"))


def test_a_drill_backup_restore_and_audit(tally: Tally, log: Path) -> None:
    made = tally("backup", "backup")
    assert (made["size"], made["given_out"]) == (3, 3)
    restored = tally("restore", "backup", "restored")
    assert (restored["size"], restored["root"], restored["writable"]) == (3, made["root"], False)
    for folder in ("backup", "restored"):
        assert tally("fsck", "--log", folder)["root"] == made["root"]
        assert tally("audit", "--log", folder)["size"] == 3


def test_a_restored_log_says_what_must_be_done_and_does_not_sign(tally: Tally, log: Path) -> None:
    tally("backup", "backup")
    told = tally.says("restore", "backup", "restored")
    assert "may not sign yet" in told
    assert "tally resume --log restored --checkpoint MARK --nothing-after 3" in told
    error = tally("submit", "signed/0.cose", "--log", "restored", status=5)["error"]
    assert "tally resume" in error["hint"]
    error = tally("resume", "--log", "restored", status=5)["error"]
    assert "--nothing-after 3" in error["expected"]
    error = tally("submit", "signed/0.cose", "--log", "backup", status=5)["error"]
    assert "tally restore" in error["hint"]


def test_with_the_mark_of_the_lost_log_and_a_word_it_goes_on(tally: Tally, log: Path) -> None:
    tally("backup", "backup")
    tally("restore", "backup", "restored")
    how = ("resume", "--log", "restored", "--checkpoint", "tally-log/high-water")
    assert tally(*how, "--nothing-after", "3") == {"log": "restored", "size": 3, "grown": 0}
    shutil.rmtree(log)
    Path("restored").rename(log)
    [again, new] = submit(tally, 1, 2)
    assert (again["index"], again["new"]) == (2, False)
    assert (new["index"], new["new"]) == (3, True)


def test_what_was_given_out_since_refutes_the_word_and_is_given_back(tally: Tally, log: Path) -> None:
    tally("backup", "backup")
    since = submit(tally, 2, 3)
    tally("restore", "backup", "restored")
    how = ("resume", "--log", "restored", "--checkpoint", "tally-log/high-water")
    error = tally(*how, "--nothing-after", "3", status=5)["error"]
    assert error["found"] == "tally-log/high-water is of size 5, the log of size 3"
    assert "--missing" in error["hint"]
    missing = ("--missing", "signed", "--missing", "receipts")
    assert tally(*how, *missing, "--nothing-after", "5")["grown"] == 2
    assert tally("fsck", "--log", "restored")["size"] == 5
    before = tally("fsck", "--log", str(log))
    assert tally("fsck", "--log", "restored") == before
    again = tally("submit", "signed", "--log", "restored")
    assert {one["id"]: one["index"] for one in again}.items() >= {(one["id"], one["index"]) for one in since}


def test_a_statement_without_its_receipt_is_named(tally: Tally, log: Path) -> None:
    tally("backup", "backup")
    [_, lost] = submit(tally, 2, 3)
    Path(f"receipts/{lost['id']}.receipt").unlink()
    tally("restore", "backup", "restored")
    told = tally.says("resume", "--log", "restored", "--missing", ".", "--nothing-after", "5", status=5)
    assert f"signed/3.cose has no receipt {lost['id']}.receipt: left out" in told
    assert "entry 4 is not among what was given" in told


def test_an_older_database_put_back_by_hand_says_how_to_proceed_and_proceeds(tally: Tally, log: Path) -> None:
    """F11."""
    shutil.copy(log / "log.sqlite3", "older.sqlite3")
    submit(tally, 2, 3)
    before = tally("fsck")
    shutil.copy("older.sqlite3", log / "log.sqlite3")
    error = tally("submit", "signed/0.cose", status=5)["error"]
    assert "older backup" in error["hint"]
    assert "tally resume --missing" in error["hint"]
    assert "high-water" in tally("fsck", status=5)["error"]["found"]
    assert tally("resume", "--missing", ".")["grown"] == 2
    assert tally("fsck") == before
    assert submit(tally, 4)[0]["index"] == 5


def test_nothing_is_overwritten(tally: Tally, log: Path) -> None:
    tally("backup", "backup")
    assert "exists already" in tally("backup", "backup", status=5)["error"]["found"]
    assert "exists already" in tally("restore", "backup", str(log), status=5)["error"]["found"]
    assert tally("restore", str(log), "restored", status=4)["error"]["found"].startswith("there is no backup")


def test_a_checkpoint_of_another_log_is_no_evidence(tally: Tally, log: Path) -> None:
    tally("init", "log.example/two", "--key", "log", "--agency", "agency", "--log", "two")
    tally("backup", "backup")
    tally("restore", "backup", "restored")
    tally("resume", "--log", "restored", "--checkpoint", "two/high-water", "--nothing-after", "3", status=1)
    assert run(["submit", "signed/0.cose", "--log", "restored"]) == 5
