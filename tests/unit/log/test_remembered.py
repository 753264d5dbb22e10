"""What the writer keeps at hand answers as the store does, and asks it less."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.log import remembered
from ledger.log.folder import LogFolder
from ledger.log.remembered import Remembered
from ledger.log.store.sqlite import SqliteStore
from ledger.rules.records import Key, Kind, Record
from ledger.rules.state import Known
from ledger.units import StatementId
from tests.support.log_world import enrolments, grown_log, id_of


class Counting:
    """A store that counts what it is asked one by one."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.asked = 0
        self.size, self.state, self.statements = store.size, store.state, store.statements

    def get(self, key: Key) -> Record | None:
        self.asked += 1
        return self._store.get(key)

    def known(self, statement: StatementId) -> Known | None:
        self.asked += 1
        return self._store.known(statement)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    folder = grown_log(tmp_path / "log", [enrolments(5)])
    with closing(SqliteStore(LogFolder(folder).database, writable=False)) as store:
        yield store


def keys(store: SqliteStore) -> list[Key]:
    return [key for key, _ in store.state()]


@pytest.mark.parametrize("bound", [0, 1_000])
def test_it_answers_as_the_store_does(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, bound: int
) -> None:
    monkeypatch.setattr(remembered, "SMALL_ENTRIES", bound)
    asked = Remembered(store, whole=False)  # type: ignore[arg-type]
    names = [*keys(store), Key("", Kind.PARTY, "nobody")]
    for key in names + names:
        assert asked.get(key) == store.get(key)
    for statement in [*map(id_of, enrolments(5)), StatementId("0" * 64)]:
        assert asked.known(statement) == store.known(statement)


def test_a_log_that_is_remembered_whole_is_not_asked(store: SqliteStore) -> None:
    counting = Counting(store)
    asked = Remembered(counting, whole=True)  # type: ignore[arg-type]
    assert asked.get(keys(store)[0]) is not None
    assert asked.get(Key("", Kind.PARTY, "nobody")) is None
    assert asked.known(id_of(enrolments(5)[3])) is not None
    assert asked.known(StatementId("0" * 64)) is None
    assert counting.asked == 0


def test_what_is_absent_is_asked_for_where_not_all_is_at_hand(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "SMALL_ENTRIES", 1)
    counting = Counting(store)
    asked = Remembered(counting, whole=False)  # type: ignore[arg-type]
    assert asked.get(keys(store)[0]) is asked.get(keys(store)[0])
    assert counting.asked == 1
    assert asked.get(Key("", Kind.PARTY, "nobody")) is None
    assert counting.asked == 2


def test_beyond_the_bound_the_oldest_go_and_are_asked_for_again(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "RECORDS", 4)
    counting = Counting(store)
    asked = Remembered(counting, whole=True)  # type: ignore[arg-type]
    asked.keep({}, {})
    for key in keys(store):
        assert asked.get(key) == store.get(key)
    for statement in map(id_of, enrolments(5)):
        assert asked.known(statement) == store.known(statement)
    assert counting.asked > 0
