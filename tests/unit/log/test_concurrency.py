"""Many at once: one entry for one statement, one winner for the last piece, and nobody left without an answer."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger.errors import LogBusy, LogHalted, Refused
from ledger.log.log import Log
from ledger.log.writer import Outcome, Registered, Step
from ledger.rules.catalogue import Rule
from ledger.rules.records import Calloff, Key, Kind
from ledger.units import LeafIndex
from tests.support.log_world import (
    enrolment,
    enrolments,
    fsck_at,
    id_of,
    kept_statements,
    open_log,
    register,
)
from tests.support.spine import Spine, h87

SUBMITTERS = 64


def at_once(log: Log, statements: list[bytes]) -> list[Outcome]:
    """Each statement submitted by a thread of its own, all let go together."""
    gate = threading.Barrier(len(statements))

    def submit(statement: bytes) -> Outcome:
        gate.wait()
        [outcome] = log.submit(statement).result(timeout=30)
        return outcome

    with ThreadPoolExecutor(len(statements)) as pool:
        return list(pool.map(submit, statements))


class Hold:
    """Stops the writer at a step until it is let go."""

    def __init__(self, at: Step = Step.ADMITTED) -> None:
        self._at = at
        self.reached, self.go = threading.Event(), threading.Event()

    def __call__(self, step: Step) -> None:
        if step is self._at:
            self.reached.set()
            assert self.go.wait(30)


def test_one_statement_64_times_at_once_is_one_entry(fresh: Path) -> None:
    with open_log(fresh) as log:
        outcomes = at_once(log, [enrolment(0)] * SUBMITTERS)
    assert {(one.id, one.index) for one in outcomes if isinstance(one, Registered)} == {
        (id_of(enrolment(0)), 1)
    }
    assert sum(isinstance(one, Registered) and one.new for one in outcomes) == 1
    assert len(outcomes) == SUBMITTERS
    assert kept_statements(fresh)[1:] == [enrolment(0)]


def test_64_different_statements_at_once_have_64_places(fresh: Path) -> None:
    with open_log(fresh) as log:
        outcomes = at_once(log, enrolments(SUBMITTERS))
    assert sorted(one.index for one in outcomes if isinstance(one, Registered)) == list(
        range(1, SUBMITTERS + 1)
    )
    kept = kept_statements(fresh)
    for statement, outcome in zip(enrolments(SUBMITTERS), outcomes, strict=True):
        assert isinstance(outcome, Registered)
        assert kept[outcome.index] == statement
    assert fsck_at(fresh).size == SUBMITTERS + 1


def test_the_last_piece_goes_to_exactly_one_of_64(fresh: Path, spine: Spine) -> None:
    """100 of the order's 1,000 pieces are left; 64 different offers ask for all 100 of them."""
    offers = [
        spine.prime.sign(
            "allocation.offered",
            {
                "maker": spine.asha.party,
                "lines": [{"line": "1", "quantity": h87(100)}],
                "due": "2026-05-20",
                "terms": f"offer {n}",
            },
            {"parent": spine.id("calloff")},
            sub=spine.contract,
        )
        for n in range(SUBMITTERS)
    ]
    with open_log(fresh) as log:
        register(log, spine.statements)
        outcomes = at_once(log, offers)
        with log.reader() as reader:
            order = reader.store.get(Key(spine.contract, Kind.CALLOFF, spine.id("calloff")))
    assert isinstance(order, Calloff)
    assert order.lines[0].left.value == 0
    refusals = [one for one in outcomes if isinstance(one, Refused)]
    [winner] = [one for one in outcomes if isinstance(one, Registered)]
    assert len(refusals) == SUBMITTERS - 1
    assert {one.rule for one in refusals} == {Rule.PARENT_LEFT.label}
    assert [id_of(one) for one in kept_statements(fresh)[-1:]] == [winner.id]
    assert set(kept_statements(fresh)) & set(offers) == {offers[outcomes.index(winner)]}


def test_what_waits_while_a_group_is_written_is_the_next_group(fresh: Path) -> None:
    hold = Hold()
    with open_log(fresh, on_step=hold) as log:
        first = log.submit(enrolment(0))
        assert hold.reached.wait(30)
        waiting = [log.submit(one) for one in enrolments(40, 1)]
        hold.go.set()
        assert [one.result()[0].index for one in (first, *waiting)] == list(range(1, 42))  # type: ignore[union-attr]
    assert fsck_at(fresh).checkpoints == 3  # the policy, the first, all forty


def test_a_reader_sees_what_is_committed_and_nothing_of_an_open_group(fresh: Path) -> None:
    hold = Hold(Step.SIGNED)
    with open_log(fresh, on_step=hold) as log:
        answer = log.submit(enrolment(0))
        assert hold.reached.wait(30)
        with log.reader() as reader:
            assert reader.size == 1
            hold.go.set()
            answer.result()
            assert (reader.size, reader.store.size()) == (1, 1)
            assert reader.checkpoint_note() == reader.store.latest_checkpoint().note  # type: ignore[union-attr]
        with log.reader() as reader:
            assert reader.size == 2


def test_a_full_queue_says_so_and_takes_the_same_bytes_later(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.log.group.QUEUE_STATEMENTS", 5)
    hold = Hold()
    with open_log(fresh, on_step=hold) as log:
        answers = [log.submit(enrolment(0))]
        assert hold.reached.wait(30)
        answers += [log.submit(one) for one in enrolments(5, 1)]
        with pytest.raises(LogBusy, match="5 statements wait") as caught:
            log.submit(enrolment(9))
        assert "again" in caught.value.hint
        hold.go.set()
        for answer in answers:
            answer.result()
        [late] = log.submit(enrolment(9)).result()
    assert isinstance(late, Registered)


def test_who_cancels_while_waiting_is_left_out_and_nobody_else_is_harmed(fresh: Path) -> None:
    hold = Hold()
    with open_log(fresh, on_step=hold) as log:
        first = log.submit(enrolment(0))
        assert hold.reached.wait(30)
        gone, stays = log.submit(enrolment(1)), log.submit(enrolment(2))
        assert gone.cancel()
        assert not first.cancel()  # it is being written: too late
        hold.go.set()
        assert first.result(timeout=30) == [Registered(id_of(enrolment(0)), LeafIndex(1), new=True)]
        assert stays.result(timeout=30) == [Registered(id_of(enrolment(2)), LeafIndex(2), new=True)]
        with pytest.raises(CancelledError):
            gone.result()
        assert register(log, [enrolment(1)]) == [3]


def test_closing_answers_everyone_who_waits(fresh: Path) -> None:
    hold = Hold()
    log = open_log(fresh, on_step=hold)
    answers: list[Future[list[Outcome]]] = [log.submit(enrolment(0))]
    assert hold.reached.wait(30)
    answers += [log.submit(one) for one in enrolments(20, 1)]
    closing = threading.Thread(target=log.close)
    closing.start()
    hold.go.set()
    closing.join(30)
    assert [one.result(timeout=0)[0].index for one in answers] == list(range(1, 22))  # type: ignore[union-attr]
    with pytest.raises(LogHalted, match="closed"):
        log.submit(enrolment(30))
    log.close()  # again without harm
    assert fsck_at(fresh).size == 22
