"""Many statements: in bounded sets, in whatever order, each answered once."""

from __future__ import annotations

import pytest

from ledger.client.bulk import in_rounds, in_sets
from ledger.client.client import Acknowledged
from ledger.errors import LogUnreachable, MalformedAnswer, MalformedCbor, Refused
from ledger.statement.envelope import read_statement
from tests.support.between import Net, answers, on, refused
from tests.support.log_world import enrolment, enrolments, id_of
from tests.support.spine import Spine
from tests.unit.client.conftest import Connect, enrolled_again


def test_sets_hold_so_many_statements_and_so_many_bytes() -> None:
    read = {position: read_statement(one) for position, one in enumerate(enrolments(10))}
    assert [list(one) for one in in_sets(read, 4)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    one = len(enrolment(0))
    assert [len(chosen) for chosen in in_sets(read, 100, 3 * one)] == [3, 3, 3, 1]
    assert [len(chosen) for chosen in in_sets(read, 100, 1)] == [1] * 10, "what is too large alone goes alone"
    assert list(in_sets({}, 4)) == []


def test_each_statement_has_its_outcome_once_whatever_the_sets(connect: Connect) -> None:
    given = [*enrolments(7, 20), b"no statement", enrolled_again(1), enrolment(2)]
    told = list(connect().submit_many(given, at_most=3))
    assert sorted(position for position, _ in told) == list(range(10))
    outcomes = dict(told)
    for position in (*range(7), 9):
        done = outcomes[position]
        assert isinstance(done, Acknowledged)
        assert done.id == id_of(given[position])
    assert isinstance(outcomes[7], MalformedCbor)
    assert isinstance(outcomes[8], Refused)
    assert outcomes[9].index == 3  # type: ignore[union-attr]  # it was registered before


def test_one_alone_goes_the_way_of_one(connect: Connect, net: Net) -> None:
    client = connect()
    [(_, done)] = client.submit_many([enrolment(20)])
    assert isinstance(done, Acknowledged)
    assert "POST /entries" in net.asked
    [(_, refusal)] = client.submit_many([enrolled_again(20)])
    assert isinstance(refusal, Refused)


def test_what_rests_on_a_later_set_is_offered_again_after_it(connect: Connect) -> None:
    """The contract's own statements, the last first: each set but the last is refused for now."""
    outcomes = dict(connect().submit_many(Spine().statements[::-1], at_most=2))
    assert all(isinstance(one, Acknowledged) for one in outcomes.values()), outcomes


def test_what_waits_for_what_nobody_has_is_refused_in_the_end(connect: Connect) -> None:
    outcomes = dict(connect().submit_many(Spine().statements[-2:]))
    assert [isinstance(one, Refused) and one.retriable for one in outcomes.values()] == [True, True]


@pytest.mark.parametrize("body", [b'{"id": "x"}\n', b'{"id": "x"}\n' * 3, b'{"id": "x"}\n{"id"', b""])
def test_an_answer_of_other_lines_than_statements_is_none(body: bytes, connect: Connect, net: Net) -> None:
    client = connect()
    net.faults.append(on("POST /statements", answers(200, body)))
    with pytest.raises(MalformedAnswer, match="one for each"):
        list(client.submit_many(enrolments(2, 20)))


def test_what_was_acknowledged_before_the_line_went_dead_stays(connect: Connect, net: Net) -> None:
    client = connect()
    told = client.submit_many(enrolments(6, 20), at_most=3)
    first = [next(told) for _ in range(3)]
    net.faults.append(refused)
    with pytest.raises(LogUnreachable):
        list(told)
    net.faults.clear()
    again = dict(client.submit_many(enrolments(6, 20)))
    assert [again[position] for position, _ in first] == [done for _, done in first]


def test_what_ends_a_right_goes_last_where_there_are_several_sets() -> None:
    kept = read_statement(enrolment(0))
    revoked = type(kept)(**{**_members(kept), "payload": {"type": "key.revoked"}})
    read = {0: revoked, 1: kept, 2: kept}
    assert [list(one) for one in in_rounds(read, 10)] == [[0, 1, 2]]
    assert [list(one) for one in in_rounds(read, 2)] == [[1, 2], [0]]


def _members(statement: object) -> dict[str, object]:
    return {name: getattr(statement, name) for name in statement.__dataclass_fields__}  # type: ignore[attr-defined]
