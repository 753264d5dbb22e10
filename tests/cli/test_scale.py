"""`tally demo --scale`, small: it tells both kinds of reader what it came to and how long it took."""

from pathlib import Path

import pytest

from ledger.scenario.demo_b import expected
from ledger.scenario.homes import Scale
from tests.support.tally import Tally

MAKERS = 30
COMMAND = ("demo", "--scale", "--makers", str(MAKERS), "--dir", "small")


@pytest.fixture
def tally(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tally:
    monkeypatch.chdir(tmp_path)
    return Tally(capsys)


def test_a_machine_is_told_the_figures_and_the_seconds(tally: Tally) -> None:
    told = tally(*COMMAND)
    assert told["size"] == expected(Scale(MAKERS)).entries
    assert told["findings"] == expected(Scale(MAKERS)).findings
    assert told["lines"][0]["ordered"] == str(25 * MAKERS)
    assert {"trace the contract down", "trace one lot", "fold its statements from nothing"} <= set(
        told["seconds"]
    )


def test_a_person_is_told_what_to_try(tally: Tally) -> None:
    said = tally.says(*COMMAND)
    for told in ("By line", "trace one lot", "What took how long", "tally trace", "tally audit --as-of"):
        assert told in said
