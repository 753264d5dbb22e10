"""`tally serve` as an operator runs it: it says where it is, answers, and stops when told, with nothing lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import structlog

from cli.main import run
from ledger.log.reader import LogReader
from tests.support.commands import Tally
from tests.support.log_world import enrolment, id_of


@pytest.fixture(autouse=True)
def _lines_go_nowhere() -> Iterator[None]:
    """A server started in this process has set where its lines go: to a stream that ends with the test."""
    yield
    structlog.reset_defaults()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TALLY_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("TALLY_PASSPHRASE", "four words make one")
    for name in ("log", "agency"):
        Tally()("key", "new", name)
    Tally()("init", "log.example/one", "--key", "log", "--agency", "agency")
    return tmp_path / "tally-log"


@contextmanager
def serving(*options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-c", "from cli.main import main; main()", "serve", "--port", "0", "--json"]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = "".join(iter(process.stdout.readline, "}\n")) + "}"
        yield json.loads(told)["url"], process
    finally:
        process.kill()
        process.communicate(timeout=30)


def post(url: str, data: bytes) -> int:
    request = Request(f"{url}/entries", data, {"content-type": "application/cose"})
    with urlopen(request, timeout=30) as answer:
        return int(answer.status)


def test_it_serves_without_configuration_and_stops_when_told(log: Path) -> None:
    with serving() as (url, process):
        assert post(url, enrolment(1)) == 201
        with urlopen(f"{url}/health", timeout=30) as answer:
            assert json.load(answer)["ready"] is True
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=30) in (0, -signal.SIGTERM)
    with LogReader.open(log) as reader:
        assert reader.store.index_of(id_of(enrolment(1))) == 1


def test_killed_it_has_what_it_acknowledged(log: Path) -> None:
    with serving() as (url, process):
        assert post(url, enrolment(1)) == 201
        process.kill()
    with serving() as (url, _):
        request = urlopen(f"{url}/entries/{id_of(enrolment(1))}", timeout=30)
        with request as answer:
            assert answer.status == 200


def test_a_second_writer_is_refused_and_a_reader_is_not(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as (_, _process):
        assert run(["serve", "--port", "0"]) == 5
        assert "another process is writing" in capsys.readouterr().err
        with serving("--read-only") as (url, _reader), urlopen(f"{url}/log", timeout=30) as answer:
            assert json.load(answer)["writes"] is False


@pytest.mark.parametrize("option", [("--reading", "everybody"), ("--port", "99999")])
def test_settings_that_cannot_be_used_are_named(
    log: Path, option: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", *option]) == 6
    assert option[0].removeprefix("--") in capsys.readouterr().err
