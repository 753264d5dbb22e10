"""Writing: the same statement once, a refusal for itself alone, a shuffled folder in one go, time that never falls."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ledger.errors import LogHalted, Malformed, Refused, SignatureInvalid, TallyError
from ledger.limits import CLOCK_BACK_MAX_S
from ledger.log.writer import Registered, Step
from ledger.statement.cose import Sign1, decode_sign1, encode_sign1
from ledger.units import LeafIndex
from tests.support.log_world import (
    Clock,
    enrolment,
    enrolments,
    fsck_at,
    id_of,
    kept_statements,
    open_log,
    raw,
    register,
)
from tests.support.spine import CLOCK, Actor, Spine, h87

# The same statement


def test_twice_in_one_group_is_one_entry(fresh: Path) -> None:
    with open_log(fresh) as log:
        first, other, again = log.append([enrolment(0), enrolment(1), enrolment(0)])
    assert first == Registered(id_of(enrolment(0)), LeafIndex(1), new=True)
    assert other == Registered(id_of(enrolment(1)), LeafIndex(2), new=True)
    assert again == Registered(id_of(enrolment(0)), LeafIndex(1), new=False)
    assert kept_statements(fresh)[1:] == [enrolment(0), enrolment(1)]


def test_in_two_groups_and_after_reopening_it_has_the_index_it_had(fresh: Path) -> None:
    with open_log(fresh) as log:
        assert register(log, enrolments(3)) == [1, 2, 3]
        assert register(log, enrolments(3)[::-1]) == [3, 2, 1]
    with open_log(fresh) as log:
        [again] = log.append([enrolment(1)])
        assert again == Registered(id_of(enrolment(1)), LeafIndex(2), new=False)
        [later] = log.append([enrolment(7)])
        assert later == Registered(id_of(enrolment(7)), LeafIndex(4), new=True)
    assert kept_statements(fresh)[1:] == [*enrolments(3), enrolment(7)]


def test_a_group_of_nothing_new_writes_nothing(fresh: Path) -> None:
    steps: list[Step] = []
    with open_log(fresh, on_step=steps.append) as log:
        register(log, enrolments(2))
        assert steps == list(Step)
        register(log, enrolments(2))
        assert log.append([]) == []
        assert steps == list(Step)
    assert fsck_at(fresh).checkpoints == 2


def test_the_steps_are_passed_in_order_once_a_group(fresh: Path) -> None:
    steps: list[Step] = []
    with open_log(fresh, on_step=steps.append) as log:
        register(log, enrolments(30))
        register(log, enrolments(30, 30))
    assert steps == [*Step, *Step]


# What is submitted


def test_an_unprotected_header_is_dropped_and_never_hashed(fresh: Path) -> None:
    bare = enrolment(0)
    parts = decode_sign1(bare)
    decorated = encode_sign1(Sign1(parts.protected, {394: [b"a receipt"]}, parts.payload, parts.signature))
    with open_log(fresh) as log:
        [first] = log.append([decorated])
        [again] = log.submit(bare).result()
    assert (first, again) == (
        Registered(id_of(bare), LeafIndex(1), new=True),
        Registered(id_of(bare), LeafIndex(1), new=False),
    )
    assert kept_statements(fresh)[1:] == [bare]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", Malformed),
        (b"\xd2", Malformed),
        (b"\x00" * 100_000, Malformed),
        (enrolment(0) + b"\x00", Malformed),
        (enrolment(0)[:-1] + bytes([enrolment(0)[-1] ^ 1]), SignatureInvalid),
    ],
)
def test_what_does_not_open_is_told_and_does_not_hold_up_the_rest(
    fresh: Path, data: bytes, error: type[TallyError]
) -> None:
    with open_log(fresh) as log:
        before, bad, after = log.append([enrolment(1), data, enrolment(2)])
        assert isinstance(bad, error)
        with pytest.raises(error):
            log.submit(data)
    assert (before, after) == (
        Registered(id_of(enrolment(1)), LeafIndex(1), new=True),
        Registered(id_of(enrolment(2)), LeafIndex(2), new=True),
    )


def test_a_refusal_concerns_its_statement_alone(fresh: Path, spine: Spine) -> None:
    greedy = spine.prime.sign(
        "allocation.offered",
        {
            "maker": spine.bo.party,
            "lines": [{"line": "1", "quantity": h87(101)}],
            "due": "2026-05-20",
            "terms": "one piece more than is left",
        },
        {"parent": spine.id("calloff")},
        sub=spine.contract,
    )
    with open_log(fresh) as log:
        register(log, spine.statements)
        enrolled, refusal, later = log.append([enrolment(0), greedy, enrolment(1)])
    size = len(spine.statements) + 1
    assert enrolled == Registered(id_of(enrolment(0)), LeafIndex(size), new=True)
    assert later == Registered(id_of(enrolment(1)), LeafIndex(size + 1), new=True)
    assert isinstance(refusal, Refused)
    assert "100 pieces left" in refusal.limit
    assert greedy not in kept_statements(fresh)
    assert fsck_at(fresh).size == size + 2


@pytest.mark.parametrize("seed", range(8))
def test_a_shuffled_folder_goes_in_in_one_go(fresh: Path, spine: Spine, seed: int) -> None:
    shuffled = spine.statements
    random.Random(seed).shuffle(shuffled)
    with open_log(fresh) as log:
        outcomes = log.append(shuffled)
    assert all(isinstance(one, Registered) and one.new for one in outcomes)
    assert [one.id for one in outcomes if isinstance(one, Registered)] == [id_of(one) for one in shuffled]
    assert sorted(kept_statements(fresh)[1:]) == sorted(shuffled)
    assert fsck_at(fresh).size == len(shuffled) + 1


def test_what_rests_on_nothing_known_is_refused_retriably_and_later_taken(fresh: Path, spine: Spine) -> None:
    accepted = spine.parts["framework accepted"]
    with open_log(fresh) as log:
        [early] = log.append([accepted])
        assert isinstance(early, Refused)
        assert early.retriable
        register(log, spine.statements[: list(spine.parts).index("framework accepted")])
        [late] = log.append([accepted])
    assert isinstance(late, Registered)


def test_progress_counts_every_statement_once(fresh: Path) -> None:
    told: list[int] = []
    submitted = [*enrolments(5), b"junk", enrolment(0)]
    with open_log(fresh) as log:
        log.append(submitted, told.append)
    assert sum(told) == len(submitted)


def test_more_than_a_window_keeps_its_order(fresh: Path) -> None:
    many = enrolments(1_100)
    many[500] = b"junk"
    with open_log(fresh) as log:
        outcomes = log.append(many)
    for statement, outcome in zip(many, outcomes, strict=True):
        assert isinstance(outcome, Malformed if statement == b"junk" else Registered)
        if isinstance(outcome, Registered):
            assert outcome.id == id_of(statement)
    assert kept_statements(fresh)[1:] == [one for one in many if one != b"junk"]


def test_a_set_that_crosses_windows_goes_in_whatever_lies_where(
    fresh: Path, spine: Spine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.log.log._WINDOW", 3)
    backwards = spine.statements[::-1]
    with open_log(fresh) as log:
        outcomes = log.append(backwards)
    assert all(isinstance(one, Registered) and one.new for one in outcomes)


# Time


def registered_at(log_path: Path) -> list[int]:
    with raw(log_path) as db:
        return [at for (at,) in db.execute("SELECT registered_at FROM entries ORDER BY idx")]


def test_registered_at_never_falls_when_the_clock_does(fresh: Path) -> None:
    clock = Clock()
    with open_log(fresh, clock=clock) as log:
        for number, jump in enumerate((10, -CLOCK_BACK_MAX_S, 0, 5)):
            clock.now = CLOCK + 10 + jump if jump <= 0 else CLOCK + jump
            register(log, [enrolment(number)])
    assert registered_at(fresh) == [CLOCK, CLOCK + 10, CLOCK + 10, CLOCK + 10, CLOCK + 10]


@pytest.mark.parametrize("reopen", [False, True])
@pytest.mark.parametrize("back", [CLOCK_BACK_MAX_S + 1, CLOCK])
def test_a_clock_far_back_halts_and_names_both_times(fresh: Path, back: int, reopen: bool) -> None:
    clock = Clock()
    with open_log(fresh, clock=clock) as log:
        register(log, [enrolment(0)])
        if not reopen:
            clock.now = CLOCK - back
            with pytest.raises(LogHalted, match=f"clock says {CLOCK - back}.*{CLOCK}"):
                log.append([enrolment(1)])
    if reopen:
        with open_log(fresh, clock=Clock(CLOCK - back)) as log, pytest.raises(LogHalted, match="clock"):
            log.append([enrolment(1)])
    with open_log(fresh, clock=Clock(CLOCK + 1)) as log:
        assert register(log, [enrolment(1)]) == [2]


@pytest.mark.parametrize("now", [2**31 - 1, 2**31, 2**33])
def test_years_beyond_2038_are_years_like_others(fresh: Path, now: int) -> None:
    with open_log(fresh, clock=Clock(now)) as log:
        register(log, [enrolment(0)])
        log.receipt(LeafIndex(1))
    assert registered_at(fresh)[1] == now


def test_party_chains_are_none_of_the_writers_business(fresh: Path) -> None:
    """A gap in a key's chain is a finding, never a refusal: `prev` may name what the log has not seen."""
    maker = Actor("Cy", "maker")
    maker.enrol()
    maker.kind = "hub"
    with open_log(fresh) as log:
        assert register(log, [maker.enrol()]) == [1]
