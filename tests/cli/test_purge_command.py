"""`tally purge`, and how erased entries show in the other commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from ledger.proof.note import format_vkey
from tests.support.erased_world import CLAIM, Erasures, bytes_in, ordered_log
from tests.support.log_world import id_of
from tests.support.spine import VKEY


@pytest.fixture
def told() -> Erasures:
    return Erasures()


@pytest.fixture
def log(told: Erasures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return ordered_log(tmp_path / "log", told)


def answered(capsys: pytest.CaptureFixture[str], log: Path, *arguments: str, status: int = 0) -> Any:
    assert run([*arguments, "--log", str(log), "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_contents_are_destroyed_and_every_check_lists_them(
    log: Path, told: Erasures, capsys: pytest.CaptureFixture[str]
) -> None:
    dispute = id_of(told.dispute)
    assert answered(capsys, log, "fsck")["erased"] == []
    waiting = answered(capsys, log, "audit")["to_erase"]
    purged = answered(capsys, log, "purge")
    assert [one["statement"] for one in purged["erased"]] == [dispute, id_of(told.enrolled)]
    assert waiting == purged["erased"]
    assert (waiting[0]["by"], waiting[0]["ground"]) == (told.spine.agency.party, "Order 7 of 2026.")
    assert not bytes_in(log, CLAIM)
    assert answered(capsys, log, "audit")["to_erase"] == []
    assert answered(capsys, log, "purge") == {"erased": [], "erased_before": 2}
    assert answered(capsys, log, "fsck")["erased"] == purged["erased"]
    assert answered(capsys, log, "audit")["erased"] == purged["erased"]
    for command in ("fsck", "audit"):
        assert run([command, "--log", str(log)]) == 0
        said = " ".join(capsys.readouterr().out.split())
        assert f"dispute.raised {dispute[:12]}: erased by order of {id_of(told.later[0])[:12]}" in said
        assert "2 entries erased by order; what they did is the log's word" in said


def test_until_then_the_audit_says_that_they_can_still_be_read(
    log: Path, told: Erasures, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "--log", str(log)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    order = id_of(told.later[0])[:12]
    assert f"dispute.raised {id_of(told.dispute)[:12]}: ordered erased by {order}, can still be read" in said
    assert "2 entries ordered erased and still here: `tally purge` destroys what they say" in said
    assert "read no more" not in said


def test_a_report_lists_them_ordered_and_then_destroyed(
    log: Path, told: Erasures, capsys: pytest.CaptureFixture[str]
) -> None:
    for gone in (False, True):
        answered(capsys, log, "audit", "--report", f"{gone}.json")
        erased = json.loads(Path(f"{gone}.json").read_bytes())["erased"]
        assert [(one["statement"], one["order"], one["gone"]) for one in erased] == [
            (id_of(target), id_of(by), gone)
            for target, by in zip((told.dispute, told.enrolled), told.later, strict=True)
        ]
        assert run(["purge", "--log", str(log)]) == 0
        capsys.readouterr()


def test_a_trace_goes_on_and_a_bundle_that_needs_it_says_why_it_cannot_be_made(
    log: Path, told: Erasures, capsys: pytest.CaptureFixture[str]
) -> None:
    dispute = id_of(told.dispute)
    assert run(["bundle", dispute, "--log", str(log), "-o", "before.bundle"]) == 0
    assert run(["purge", "--log", str(log)]) == 0
    capsys.readouterr()
    path = answered(capsys, log, "trace", dispute)["path"]
    assert path[-1]["statement"] == dispute
    assert path[-1]["says"].endswith("ordered erased: once they are gone, what it did is the log's word")
    assert CLAIM[:20] not in json.dumps(path)
    for claim in (dispute, told.spine.contract):
        error = answered(capsys, log, "bundle", claim, status=4)["error"]
        assert error["code"] == "contents-erased"
        assert id_of(told.later[0]) in error["found"]
    assert run(["verify", "before.bundle", "--log-key", format_vkey(VKEY)]) == 0
