"""The past of a log: its state at every size, which size it had at a time, and that no damage passes for the past."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.errors import LogInconsistent, NotFound
from ledger.log.past import moment_at, size_at, state_at
from ledger.log.reader import LogReader
from ledger.rules.state import MemoryState, memory_digest
from ledger.units import TreeSize
from tests.support.log_world import Clock, enrolments, new_log, open_log, register, tamper
from tests.support.spine import CLOCK, Spine


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory, spine: Spine) -> Path:
    """The policy, then the spine and ten enrolments, a minute apart."""
    path, clock = new_log(tmp_path_factory.mktemp("aged") / "log"), Clock()
    for minute, group in enumerate((spine.statements, enrolments(10)), start=1):
        clock.now = CLOCK + 60 * minute
        with open_log(path, clock=clock) as log:
            register(log, group)
    return path


def test_the_state_at_every_size_is_the_same_folded_at_once_or_step_by_step(aged: Path) -> None:
    with LogReader.open(aged) as reader:
        steps: MemoryState | None = None
        for size in map(TreeSize, range(1, reader.size + 1)):
            steps = state_at(reader, size, since=steps)
            assert len(steps) == size
            assert memory_digest(steps) == memory_digest(state_at(reader, size))


def test_to_go_on_from_a_state_leaves_it_as_it_is(aged: Path) -> None:
    with LogReader.open(aged) as reader:
        early = state_at(reader, TreeSize(8))
        before = memory_digest(early)
        state_at(reader, reader.size, since=early)
        assert memory_digest(early) == before


def test_only_the_last_of_a_group_has_a_checkpoint(aged: Path, spine: Spine) -> None:
    ends = {1, 1 + len(spine.statements), 11 + len(spine.statements)}
    with LogReader.open(aged) as reader:
        for size in map(TreeSize, range(1, reader.size + 1)):
            moment = moment_at(reader, size)
            assert moment.published is (size in ends), size
            assert moment.root == reader.root(size)


def test_a_time_has_the_size_of_all_that_was_registered_by_then(aged: Path, spine: Spine) -> None:
    first, second = 1 + len(spine.statements), 11 + len(spine.statements)
    with LogReader.open(aged) as reader:
        for seconds, size in ((60, first), (119.9, first), (120, second), (10**6, second)):
            assert size_at(reader, datetime.fromtimestamp(CLOCK + seconds, UTC)) == size, seconds
        with pytest.raises(NotFound, match="nothing was registered"):
            size_at(reader, datetime(2020, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("size", [-1, 0, 10**9])
def test_a_size_the_log_has_not_had_is_refused(aged: Path, size: int) -> None:
    with LogReader.open(aged) as reader, pytest.raises(NotFound, match="has not had size"):
        state_at(reader, TreeSize(size))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (
            "UPDATE contents SET statement = (SELECT statement FROM contents WHERE idx = 4) WHERE idx = 3",
            "the statement at index 3 is not the one",
        ),
        ("DELETE FROM contents WHERE idx = 3", "statement of entry 3 is missing"),
    ],
)
def test_a_statement_that_is_not_the_one_signed_ends_the_past_before_it(
    aged: Path, a_copy: Callable[[Path], Path], damage: str, told: str
) -> None:
    path = a_copy(aged)
    tamper(path, damage)
    with LogReader.open(path) as reader:
        assert len(state_at(reader, TreeSize(3))) == 3
        with pytest.raises(LogInconsistent, match=told):
            state_at(reader, TreeSize(9))


def test_entries_that_are_not_those_signed_have_no_past(aged: Path, a_copy: Callable[[Path], Path]) -> None:
    path = a_copy(aged)
    tamper(path, "UPDATE entries SET entry = zeroblob(32) WHERE idx = 3")
    with LogReader.open(path) as reader, pytest.raises(LogInconsistent, match="does not hold"):
        state_at(reader, TreeSize(9))
