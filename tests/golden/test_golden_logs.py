"""F13: a log of every format that was ever released opens, is sound, audits to what it came to then, and goes on."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.audit.gather import make_bundle
from ledger.audit.verify import verify_bundle
from ledger.audit.whole import audit_log
from ledger.log.folder import LogFolder
from ledger.log.log import Log
from ledger.log.reader import LogReader
from ledger.log.restore import restore
from ledger.log.store.layout import FORMAT
from ledger.proof.note import parse_vkey
from ledger.scenario.demo_a import demo_a
from ledger.units import StatementId
from tests.golden.__main__ import FOLDER, golden, unpack
from tests.support.log_world import backed_up, enrolments, extends, fsck_at, register, sound

FORMATS = sorted(int(path.name.removeprefix("format-")) for path in FOLDER.glob("format-*"))
AFTERWARDS = 2_000_000_000  # 2033: whatever the clock of the machine says


@pytest.fixture(params=FORMATS, ids=lambda number: f"format {number}")
def number(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def expected(number: int) -> dict[str, Any]:
    return dict(json.loads((golden(number) / "expected.json").read_text()))


@pytest.fixture
def path(number: int, tmp_path: Path) -> Path:
    return unpack(golden(number), tmp_path / "log")


def test_every_format_up_to_todays_has_a_golden_log() -> None:
    assert list(range(1, FORMAT + 1)) == FORMATS


def test_it_is_sound_and_has_the_root_it_had(path: Path, expected: dict[str, Any]) -> None:
    checked = fsck_at(path)
    assert (checked.size, checked.root.hex()) == (expected["size"], expected["root"])
    assert checked.checkpoints == expected["checkpoints"]
    assert checked.tiles == checked.size // 256


def test_it_audits_to_what_it_came_to_then(path: Path, expected: dict[str, Any]) -> None:
    with LogReader.open(path) as reader:
        as_of = datetime.fromisoformat(expected["as_of"])
        audit = audit_log(reader, LogFolder(path).mark, as_of=as_of)
    assert audit.whole
    found = Counter(finding.odd.label for finding in audit.findings)
    assert {label: found[label] for label in expected["findings"]} == expected["findings"]


def test_its_evidence_verifies_with_the_key_given_out_then(path: Path, expected: dict[str, Any]) -> None:
    key = parse_vkey(expected["vkey"])
    with LogReader.open(path) as reader:
        contract: StatementId = reader.store.contracts()[0]
        verified = verify_bundle(make_bundle(reader, contract), key)
    assert len(verified.statements) > 100


def test_its_writer_goes_on_and_extends_what_was_published(path: Path, expected: dict[str, Any]) -> None:
    with LogReader.open(path) as reader:
        older = reader.checkpoint
    with Log.open(path, demo_a().operator, clock=lambda: AFTERWARDS) as log:
        assert register(log, enrolments(3)) == [expected["size"] + n for n in range(3)]
    extends(path, older)
    assert fsck_at(path).size == expected["size"] + 3


def test_it_is_backed_up_and_restored_by_todays_release(
    path: Path, number: int, expected: dict[str, Any], tmp_path: Path
) -> None:
    backup = backed_up(path, tmp_path / "backup")
    manifest = restore(backup, tmp_path / "restored")
    assert (manifest.layout, manifest.size, manifest.root) == (number, expected["size"], expected["root"])
    assert sound(tmp_path / "restored").root.hex() == expected["root"]


def test_its_key_lies_in_the_folder_as_it_was_given_out(path: Path, expected: dict[str, Any]) -> None:
    assert re.fullmatch(r".+\+[0-9a-f]{8}\+.+\n", LogFolder(path).vkey.read_text())
    assert LogFolder(path).vkey.read_text().strip() == expected["vkey"]
