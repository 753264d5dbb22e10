"""The demo at scale, small: what it prints follows from its size, and every command it names works on its folder."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from cli.main import run
from ledger.scenario.demo_b import expected
from ledger.scenario.homes import Scale

MAKERS = 30
COMMAND = ("demo", "--scale", "--makers", str(MAKERS))


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_tells_the_line_the_findings_and_the_times_and_what_to_try(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*COMMAND]) == 0
    told = capsys.readouterr().out
    ending = expected(Scale(MAKERS))
    for shown in (f"{ending.ordered.value}", *ending.findings, "fold its statements from nothing"):
        assert shown in told, shown
    [export] = re.findall(r"^   export (.*)$", told, re.MULTILINE)
    for setting in shlex.split(export):
        monkeypatch.setenv(*setting.split("=", 1))
    commands = re.findall(r"^   tally (.*)$", told, re.MULTILINE)
    assert len(commands) == 4
    for command in commands:
        assert run(shlex.split(command)) == 0, command


def test_a_machine_is_told_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*COMMAND, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    ending = expected(Scale(MAKERS))
    assert told["size"] == ending.entries
    assert told["findings"] == dict(ending.findings)
    [line] = told["lines"]
    assert (line["signed_off"], line["received"]) == (
        str(ending.signed_off.value),
        str(ending.received.value),
    )
    assert min(told["seconds"].values()) >= 0
