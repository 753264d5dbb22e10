"""F13: a log in which contents were erased by order opens in every later release: what is gone stays gone, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.audit.whole import audit_log
from ledger.errors import ContentsErased
from ledger.log.folder import LogFolder
from ledger.log.log import Log
from ledger.log.purge import purge
from ledger.log.reader import LogReader
from ledger.log.restore import restore
from ledger.log.store.layout import FORMAT
from ledger.rules.catalogue import Odd
from ledger.units import LeafIndex
from tests.golden.__main__ import FOLDER, erased, unpack
from tests.support.erased_world import bytes_in
from tests.support.log_world import backed_up, enrolments, extends, fsck_at, register, sound
from tests.support.spine import LOG_SIGNER

FORMATS = sorted(int(path.name.removeprefix("erased-")) for path in FOLDER.glob("erased-*"))
AFTERWARDS = 2_000_000_000  # 2033: whatever the clock of the machine says


@pytest.fixture(params=FORMATS, ids=lambda number: f"format {number}")
def number(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def expected(number: int) -> dict[str, Any]:
    return dict(json.loads((erased(number) / "expected.json").read_text()))


@pytest.fixture
def path(number: int, tmp_path: Path) -> Path:
    return unpack(erased(number), tmp_path / "log")


def listed(path: Path) -> list[dict[str, Any]]:
    return [one._asdict() for one in fsck_at(path).erased]


def test_every_format_that_can_erase_has_a_golden_log_of_it() -> None:
    assert list(range(2, FORMAT + 1)) == FORMATS


def test_it_is_sound_and_names_what_was_erased_by_whose_order(path: Path, expected: dict[str, Any]) -> None:
    checked = fsck_at(path)
    assert (checked.size, checked.root.hex()) == (expected["size"], expected["root"])
    assert checked.checkpoints == expected["checkpoints"]
    assert listed(path) == expected["erased"]
    assert [one["type"] for one in expected["erased"]] == ["dispute.raised", "party.enrolled"]


def test_it_audits_over_what_is_left(path: Path, expected: dict[str, Any]) -> None:
    with LogReader.open(path) as reader:
        audit = audit_log(reader, LogFolder(path).mark)
    assert audit.whole
    assert audit.waiting == ()
    found = [one.statements[0] for one in audit.findings if one.odd is Odd.ERASED]
    assert sorted(found) == sorted(one["statement"] for one in expected["erased"])


def test_nobody_reads_the_contents_in_it_or_gets_the_statements(path: Path, expected: dict[str, Any]) -> None:
    for text in expected["texts"]:
        assert not bytes_in(path, text)
    with LogReader.open(path) as reader:
        for one in expected["erased"]:
            with pytest.raises(ContentsErased, match=one["order"]):
                reader.statement(LeafIndex(one["index"]))


def test_its_writer_goes_on_and_what_is_gone_stays_gone(path: Path, expected: dict[str, Any]) -> None:
    with LogReader.open(path) as reader:
        older = reader.checkpoint
    with Log.open(path, LOG_SIGNER, clock=lambda: AFTERWARDS) as log:
        assert register(log, enrolments(3, 900)) == [expected["size"] + n for n in range(3)]
    extends(path, older)
    assert listed(path) == expected["erased"]


def test_it_is_purged_again_backed_up_and_restored_by_todays_release(
    path: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    assert purge(path) == ((), len(expected["erased"]))
    restore(backed_up(path, tmp_path / "backup"), tmp_path / "restored")
    restored = sound(tmp_path / "restored")
    assert restored.root.hex() == expected["root"]
    assert [one._asdict() for one in restored.erased] == expected["erased"]
