"""F8: a clock that stands still, jumps, falls, begins in 1970 or passes 2038: order is by index, times never fall, and
what does not fit what the signers say is a finding."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ledger.audit.whole import audit_log
from ledger.errors import LogHalted, LogInconsistent
from ledger.limits import CLOCK_BACK_MAX_S, CLOCK_END_S
from ledger.log.folder import LogFolder
from ledger.log.log import create_log
from ledger.log.past import moment_at, size_at
from ledger.log.reader import LogReader
from ledger.proof.receipt import open_receipt
from ledger.units import LeafIndex, TreeSize
from tests.support.log_world import (
    Clock,
    copied,
    enrolment,
    enrolments,
    entry_of,
    fsck_at,
    kept_statements,
    open_log,
    raw,
    register,
    tamper,
)
from tests.support.spine import CLOCK, LOG_SIGNER, ORIGIN, Actor

JUMPS = (0, 0, 1, -1, 60, -60, -CLOCK_BACK_MAX_S, -CLOCK_BACK_MAX_S - 1, -CLOCK, 86_400, 30 * 365 * 86_400)
"""By how many seconds the clock is off the last time it showed; the last one passes 2038."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log that was made by a machine whose clock began in 1970."""
    policy = {"origin": ORIGIN, "agencies": [Actor("Relief Agency", "agency").party], "erasure": "On order."}
    create_log(tmp_path / "log", LOG_SIGNER, policy, "2026-05-04T00:00:00Z", clock=lambda: 0)
    return tmp_path / "log"


def times(path: Path) -> list[int]:
    with raw(path) as db:
        return [at for (at,) in db.execute("SELECT registered_at FROM entries ORDER BY idx")]


@pytest.mark.parametrize("seed", range(12))
def test_however_the_clock_jumps_order_is_by_index_and_times_never_fall(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    clock = Clock()
    expected = [0]
    sent = []
    log = open_log(path, clock=clock)
    for statement in enrolments(20):
        clock.now = max(0, max(CLOCK, expected[-1]) + chance.choice(JUMPS))
        sent.append(statement)
        if clock.now < expected[-1] - CLOCK_BACK_MAX_S:
            with pytest.raises(
                LogHalted, match=f"the clock says {clock.now}, the last entry .* {expected[-1]}"
            ):
                log.append([statement])
            log.close()
            clock.now = expected[-1]  # as the message says: the clock is set, the writer started again
            log = open_log(path, clock=clock)
        expected.append(max(clock.now, expected[-1]))
        assert register(log, [statement]) == [len(expected) - 1]
    with log:
        for index in (1, 10, 20):
            receipt = open_receipt(
                log.receipt(LeafIndex(index)), entry_of(sent[index - 1]), LOG_SIGNER.public, ORIGIN
            )
            assert receipt.registered_at == expected[index]
    assert kept_statements(path)[1:] == sent
    assert times(path) == expected == sorted(expected)
    assert fsck_at(path).size == 21


@pytest.mark.parametrize(
    ("now", "found"),
    [(0, {"F20"}), (CLOCK, set()), (2**31, {"F21"}), (CLOCK_END_S - 1, {"F21"})],
    ids=["1970", "right", "2038", "9998"],
)
def test_a_time_that_does_not_fit_what_signers_say_is_a_finding(
    path: Path, now: int, found: set[str]
) -> None:
    with open_log(path, clock=Clock(now)) as log:
        register(log, enrolments(3))
    with LogReader.open(path) as reader:
        audit = audit_log(reader, LogFolder(path).mark)
        odd = {(one.odd.label[:3], one.statements[0]) for one in audit.log_findings}
        moment = moment_at(reader, TreeSize(4))
        assert moment.registered_at.timestamp() == now
        assert size_at(reader, moment.registered_at) == 4
    about_them = {label for label, id in odd if id != reader.policy_id}
    assert about_them == found


@pytest.mark.parametrize("now", [-1, CLOCK_END_S, 2**40])
def test_a_time_that_no_record_can_hold_halts(path: Path, now: int) -> None:
    with (
        open_log(path, clock=Clock(now)) as log,
        pytest.raises(LogHalted, match=f"the clock says {now} .*1970 to 9998"),
    ):
        log.append([enrolment(0)])
    with open_log(path) as log:
        register(log, [enrolment(0)])


def test_a_clock_that_fails_between_two_groups_leaves_the_first(path: Path, tmp_path: Path) -> None:
    other = copied(path, tmp_path / "other")
    readings = iter([CLOCK])
    with open_log(other, clock=lambda: next(readings)) as log:
        register(log, [enrolment(0)])
        with pytest.raises(LogHalted, match="StopIteration"):
            log.append([enrolment(1)])
    with open_log(other) as log:
        assert register(log, enrolments(2)) == [1, 2]


@pytest.mark.parametrize("at", [CLOCK_END_S, 2**40, 2**62])
def test_a_time_that_was_changed_to_one_that_no_date_can_hold_is_damage(path: Path, at: int) -> None:
    """Under no hash, so only what it may never be is told."""
    with open_log(path) as log:
        register(log, enrolments(3))
    tamper(path, "UPDATE entries SET registered_at = ? WHERE idx = 3", values=[at])
    with pytest.raises(LogInconsistent, match="entry 3 is registered at a time that no date can hold"):
        fsck_at(path)
    with LogReader.open(path) as reader, pytest.raises(LogInconsistent, match="entry 3 is registered at"):
        moment_at(reader, TreeSize(4))
