"""The outbox: nothing in it is lost, nothing is registered twice, whatever dies when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.client import outbox as room
from ledger.client.client import Acknowledged
from ledger.client.outbox import Outbox, Waiting
from ledger.errors import LogUnreachable, Malformed, MalformedCbor, Refused, TallyError
from tests.support.between import URL, Net, lost_answer, on, refused
from tests.support.log_world import enrolment, id_of
from tests.unit.client.conftest import Connect, enrolled_again

NOW = 1_777_900_000


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox")


def sent(outbox: Outbox, connect: Connect) -> dict[str, Acknowledged | TallyError]:
    return {one.statement.id: outcome for one, outcome in outbox.send(connect, outbox.waiting(URL))}


def receipts(outbox: Outbox) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in outbox.folder.glob("*/*.receipt")}


def test_what_is_put_in_waits_once_with_its_first_time(outbox: Outbox) -> None:
    outbox.put(f"{URL}/", enrolment(20), NOW)
    outbox.put(URL, enrolment(20), NOW + 9)
    outbox.put("https://elsewhere.example", enrolment(20), NOW + 1)
    assert [(one.url, one.statement.data, one.since, one.error) for one in outbox.waiting()] == [
        (URL, enrolment(20), NOW, ""),
        ("https://elsewhere.example", enrolment(20), NOW + 1, ""),
    ]
    assert len(outbox.waiting(URL)) == 1
    assert outbox.folder.stat().st_mode & 0o777 == 0o700


def test_what_is_no_statement_is_not_put_in(outbox: Outbox) -> None:
    with pytest.raises(MalformedCbor):
        outbox.put(URL, b"no statement", NOW)
    with pytest.raises(Malformed):
        outbox.put("log.example", enrolment(20), NOW)
    assert outbox.waiting() == []


def test_what_is_acknowledged_leaves_its_receipt(outbox: Outbox, connect: Connect) -> None:
    for number in (20, 21, 22):
        outbox.put(URL, enrolment(number), NOW + number)
    outcomes = sent(outbox, connect)
    assert outbox.waiting() == []
    assert receipts(outbox) == {
        name: one.receipt for name, one in outcomes.items() if isinstance(one, Acknowledged)
    }
    assert len(outcomes) == 3


def test_what_is_refused_stays_with_the_reason_and_the_others_go(outbox: Outbox, connect: Connect) -> None:
    outbox.put(URL, enrolled_again(2), NOW)
    outbox.put(URL, enrolment(20), NOW)
    outcomes = sent(outbox, connect)
    assert isinstance(outcomes[id_of(enrolled_again(2))], Refused)
    [left] = outbox.waiting()
    assert left.statement.data == enrolled_again(2)
    assert left.since == NOW
    assert "the server says" in left.error


def test_without_a_server_all_stay_with_the_reason(outbox: Outbox, connect: Connect, net: Net) -> None:
    outbox.put(URL, enrolment(20), NOW)
    outbox.put(URL, enrolment(21), NOW)
    net.faults.append(refused)
    assert all(isinstance(one, LogUnreachable) for one in sent(outbox, connect).values())
    assert ["connection refused" in one.error for one in outbox.waiting()] == [True, True]
    net.faults.clear()
    assert all(isinstance(one, Acknowledged) for one in sent(outbox, connect).values())


class Died(BaseException):
    """The process ends here: nobody catches it, and what is in memory is gone."""


def dies(*_: object, **__: object) -> None:
    raise Died


@pytest.mark.parametrize(
    "strike",
    [
        lambda patch: patch.setattr(room, "write_durably", dies),
        lambda patch: patch.setattr(Path, "unlink", dies),
        lambda patch: patch.setattr(room, "sync_folder", dies),
        lambda patch: patch.setattr(Outbox, "acknowledge", dies),
    ],
    ids=["before the receipt", "before the statement goes", "before that is durable", "after the answer"],
)
def test_whenever_it_dies_each_statement_is_registered_once_and_has_its_receipt(
    strike: Callable[[pytest.MonkeyPatch], None], outbox: Outbox, connect: Connect
) -> None:
    for number in (20, 21):
        outbox.put(URL, enrolment(number), NOW)
    with pytest.MonkeyPatch.context() as patch:
        strike(patch)
        with pytest.raises(Died):
            sent(outbox, connect)
    there = {one.statement.id for one in outbox.waiting()} | set(receipts(outbox))
    assert there == {id_of(enrolment(20)), id_of(enrolment(21))}
    sent(outbox, connect)
    assert outbox.waiting() == []
    assert set(receipts(outbox)) == there
    assert connect().meet().size == 7


def test_what_dies_while_it_is_put_in_is_in_or_not(outbox: Outbox) -> None:
    outbox.put(URL, enrolment(20), NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", dies)
        with pytest.raises(Died):
            outbox.put(URL, enrolment(21), NOW)
    assert [one.statement.data for one in outbox.waiting()] == [enrolment(20)]
    outbox.put(URL, enrolment(21), NOW)
    assert len(outbox.waiting()) == 2


def test_an_answer_that_was_lost_duplicates_nothing(outbox: Outbox, connect: Connect, net: Net) -> None:
    outbox.put(URL, enrolment(20), NOW)
    net.faults.append(on("POST", lost_answer))
    [lost] = sent(outbox, connect).values()
    assert isinstance(lost, LogUnreachable)
    net.faults.clear()
    [done] = sent(outbox, connect).values()
    assert isinstance(done, Acknowledged)
    assert done.index == 5
    assert connect().meet().size == 6


def test_what_another_process_let_go_does_not_come_back(outbox: Outbox, connect: Connect) -> None:
    entry = outbox.put(URL, enrolment(20), NOW)
    sent(outbox, connect)
    outbox.failed([entry], LogUnreachable("late"))
    assert outbox.waiting() == []


@pytest.mark.parametrize("data", [b"", b"\xa0", b"x" * 70_000, b"\xa1\x66outbox\x01"])
def test_a_damaged_file_is_named(data: bytes, outbox: Outbox) -> None:
    entry = outbox.put(URL, enrolment(20), NOW)
    [path] = outbox.folder.glob("*/*.waiting")
    path.write_bytes(data)
    with pytest.raises(Malformed, match="is damaged"):
        outbox.waiting()
    assert isinstance(entry, Waiting)
