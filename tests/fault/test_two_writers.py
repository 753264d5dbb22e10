"""F10: two writers on one store. The lock keeps the second out; where somebody took the lock away, the store does."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ledger.errors import LogHalted, LogLocked
from ledger.log.folder import LogFolder
from ledger.log.log import Log
from ledger.log.writer import Registered, Step
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from tests.support.log_world import (
    checkpoint_at,
    copied,
    enrolment,
    enrolments,
    extends,
    fsck_at,
    kept_statements,
    open_log,
    register,
)
from tests.support.spine import VKEY


@pytest.fixture
def path(nearly_full: Path, tmp_path: Path) -> Path:
    return copied(nearly_full, tmp_path / "log")


def second_writer(path: Path) -> Log:
    """One more, by the mistake that docs/operations.md warns of: the lock's file is deleted under the first."""
    LogFolder(path).lock.unlink()
    return open_log(path)


def test_a_second_writer_by_another_name_of_the_folder_is_kept_out(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "another-name"
    other.symlink_to(path, target_is_directory=True)
    with open_log(path), pytest.raises(LogLocked):
        open_log(other)


@pytest.mark.parametrize("seed", range(8))
def test_without_the_lock_the_store_lets_one_of_them_write_and_halts_the_other(path: Path, seed: int) -> None:
    """Who finds that the log has grown without it stops; whatever anybody was answered stands in one history."""
    chance = random.Random(seed)
    told: dict[int, str] = {}
    seen: list[Checkpoint] = [checkpoint_at(path)]
    with open_log(path) as first, second_writer(path) as second:
        for number in range(500, 506):
            log = chance.choice([first, second])
            try:
                [outcome] = log.append([enrolment(number)])
            except LogHalted:
                continue
            assert isinstance(outcome, Registered)
            told[outcome.index] = outcome.id
            seen.append(checkpoint_at(path))
            seen.append(open_checkpoint(LogFolder(path).mark.read_bytes(), VKEY))
        assert first.halted is None or second.halted is None
    assert sorted(told) == list(range(250, 250 + len(told)))
    assert len(kept_statements(path)) == 250 + len(told)
    assert fsck_at(path).size == 250 + len(told)
    for one in seen:
        extends(path, one)


def test_the_one_that_halts_says_that_somebody_else_wrote(path: Path) -> None:
    with open_log(path) as first, second_writer(path) as second:
        register(first, enrolments(3, 500))
        with pytest.raises(LogHalted, match="the entries from 250 on cannot be added: UNIQUE") as told:
            second.append([enrolment(600)])
        assert "somebody else has written" in str(told.value.__cause__.hint)  # type: ignore[union-attr]
        register(first, [enrolment(600)])


@pytest.mark.parametrize("step", [Step.ADMITTED, Step.SIGNED, Step.COMMITTED])
def test_two_that_write_at_the_same_moment_make_no_two_histories(path: Path, step: Step) -> None:
    """The other tries while the first is in the middle of its group."""
    second: Log | None = None
    tried: list[BaseException | list[object]] = []

    def meanwhile(now: Step) -> None:
        if now is step and second is not None and not tried:
            try:
                tried.append(list(second.append([enrolment(700)])))
            except LogHalted as halted:
                tried.append(halted)

    first = open_log(path, on_step=meanwhile)
    second = second_writer(path)
    with first, second:
        try:
            written = bool(first.append([enrolment(600)]))
        except LogHalted:
            written = False
        assert written != isinstance(tried[0], list)
    kept = kept_statements(path)
    assert kept[250:] == [enrolment(600) if written else enrolment(700)]
    assert fsck_at(path).size == 251
