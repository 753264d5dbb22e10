"""Making a log: whole or not at all, its policy at entry 0."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ledger.errors import KeyUnavailable, LogError, Malformed, MalformedNote, NotFound, TallyError
from ledger.log.folder import LogFolder
from ledger.log.log import Log, create_log
from ledger.log.reader import LogReader
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.note import format_vkey
from ledger.statement.envelope import open_statement
from tests.support.log_world import OTHER_SIGNER, fsck_at, new_log
from tests.support.spine import CLOCK, LOG_SIGNER, ORIGIN, VKEY, Actor

POLICY = {
    "origin": ORIGIN,
    "agencies": [Actor("Relief Agency", "agency").party],
    "erasure": "On a court's order.",
}


def test_a_new_log_holds_its_signed_policy_and_a_checkpoint_of_size_1(fresh: Path) -> None:
    with LogReader.open(fresh) as reader:
        policy = open_statement(reader.statement(0))
        assert (policy.type, policy.iss, policy.iat) == ("log.policy", LOG_SIGNER.public.did, CLOCK)
        assert policy.payload["body"] == {**POLICY, "vkey": format_vkey(VKEY)}
        assert (reader.size, reader.policy.origin, reader.vkey) == (1, ORIGIN, VKEY)
        assert open_checkpoint(reader.checkpoint_note(), VKEY) == reader.checkpoint
    assert fsck_at(fresh).size == 1


def test_the_folder_holds_the_database_the_mark_and_the_key_for_people(fresh: Path) -> None:
    assert sorted(one.name for one in fresh.iterdir()) == ["high-water", "log.sqlite3", "vkey"]
    assert (fresh / "vkey").read_text() == format_vkey(VKEY) + "\n"
    assert open_checkpoint((fresh / "high-water").read_bytes(), VKEY).size == 1


def test_no_private_key_lies_in_the_folder(fresh: Path) -> None:
    secret = LOG_SIGNER.export().private_bytes_raw()
    for path in fresh.iterdir():
        assert secret not in path.read_bytes()


def test_a_log_is_made_once(fresh: Path) -> None:
    before = LogFolder(fresh).database.read_bytes()
    with pytest.raises(LogError, match="exists already"):
        new_log(fresh)
    assert LogFolder(fresh).database.read_bytes() == before


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"origin": "two words"}, MalformedNote),
        ({"origin": ""}, MalformedNote),
        ({"agencies": []}, Malformed),
        ({"agencies": ["nobody"]}, Malformed),
        ({"limits": {"statement_bytes": 1}}, Malformed),
        ({"colour": "red"}, Malformed),
    ],
)
def test_a_bad_policy_leaves_nothing_behind(
    tmp_path: Path, wrong: dict[str, object], error: type[TallyError]
) -> None:
    with pytest.raises(error):
        create_log(tmp_path / "log", LOG_SIGNER, POLICY | wrong, "2026-05-04T00:00:00Z")
    assert list(tmp_path.iterdir()) == []


def test_it_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(self: Path, target: Path) -> Path:
        raise OSError("no")

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(LogError, match="could not be made: no"):
        new_log(tmp_path / "log")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing_behind_and_is_told(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[3])!r})
from ledger.errors import LogError
from tests.support.log_world import new_log
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, 16_000))
try:
    new_log(Path({str(tmp_path / "log")!r}))
except (LogError, OSError) as error:
    print(type(error).__name__)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "LogError\n", told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_a_log_is_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NotFound, match="no log"):
            Log.open(path, LOG_SIGNER)
        with pytest.raises(NotFound, match="no log"):
            LogReader.open(path)
    assert list(tmp_path.iterdir()) == []


def test_only_the_logs_own_key_opens_it_for_writing(fresh: Path) -> None:
    with pytest.raises(KeyUnavailable) as caught:
        Log.open(fresh, OTHER_SIGNER)
    assert OTHER_SIGNER.public.did in caught.value.found
    assert LOG_SIGNER.public.did in caught.value.expected
    Log.open(fresh, LOG_SIGNER).close()  # and the lock was let go
