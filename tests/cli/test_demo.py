"""The demo runs from nothing, tells what it should, and leaves a folder on which every command it names works."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from cli.main import run
from ledger.errors import SignatureInvalid
from ledger.scenario.demo_a import EXPECTED


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.chdir(tmp_path)
    assert run(["demo"]) == 0
    return capsys.readouterr().out


def test_it_tells_the_incidents_and_the_evidence(told: str) -> None:
    for label in (*EXPECTED.refusals, *EXPECTED.findings):
        assert ("the signature is not one by" if label == SignatureInvalid.code else label) in told, label
    assert "VERIFIED offline" in told
    assert "NOT VERIFIED" in told
    assert "199,988" in told, "received, to the piece"


def test_every_command_it_names_works_on_its_folder(
    told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [export] = re.findall(r"^   export (.*)$", told, re.MULTILINE)
    for setting in shlex.split(export):
        monkeypatch.setenv(*setting.split("=", 1))
    commands = re.findall(r"^   tally (.*)$", told, re.MULTILINE)
    assert len(commands) == 8
    for command in commands:
        expected = 1 if "flipped" in command else 0
        assert run(shlex.split(command)) == expected, command
    assert "NOT VERIFIED" in capsys.readouterr().err


def test_one_may_go_on_as_one_of_its_parties(
    told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TALLY_LOG", "tally-demo/log")
    monkeypatch.setenv("TALLY_KEYS", "tally-demo/keys")
    monkeypatch.setenv("TALLY_PASSPHRASE_FILE", "tally-demo/passphrase")
    assert run(["trace", "--json"]) == 0
    [contract] = json.loads(capsys.readouterr().out)["contracts"]
    order = {
        "type": "calloff.issued", "contract": contract["id"], "refs": {"framework": contract["id"]},
        "occurred_at": "2026-05-02T09:00:00+05:30",
        "body": {"reference": "beyond", "lines": [{"line": "1", "quantity": {"value": "100000", "unit": "H87"}}],
                 "consignee": "key:agency", "place": {"country": "IN"}, "due": "2026-06-01"},
    }  # fmt: skip
    Path("order.json").write_text(json.dumps(order))
    assert run(["sign", "order.json", "--key", "agency", "-o", "order.cose"]) == 0
    assert run(["submit", "order.cose"]) == 3
    assert "R16 ceiling" in capsys.readouterr().err


def test_it_replaces_its_own_folder_and_no_other(told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["size"] == EXPECTED.entries
    Path("mine").mkdir()
    assert run(["demo", "--dir", "mine"]) == 8
    assert list(Path("mine").iterdir()) == []
