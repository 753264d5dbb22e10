"""The file follows its log: what it says after each growth is what it would say made anew."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import ViewsNotReady
from ledger.log.folder import LogFolder
from ledger.log.purge import purge
from ledger.log.reader import LogReader
from ledger.views.answers import Answer, Calloff, Contract, Delivery, Lot, Party, Statement
from ledger.views.follow import Follower
from ledger.views.keep import as_answer, as_row
from ledger.views.layout import SHELVES, open_file
from ledger.views.scenes import Views
from tests.support.erased_world import CLAIM, NAME, Erasures, bytes_in, ordered_log
from tests.support.log_world import enrolment, enrolments, grown_log, new_log, open_log, register
from tests.support.spine import Spine, make_log
from tests.unit.views.conftest import NOW, Followed
from tests.unit.views.test_lists import walk


def tables(path: Path) -> dict[str, list[Any]]:
    """All that a file tells, but for the size it was told at."""
    with closing(open_file(path, writable=False)) as db:
        told = {
            name: sorted(
                str({key: value for key, value in row.items() if key != "size"})
                for row in db.query(f'SELECT * FROM "{name}"')
            )
            for name in (*SHELVES, "facets", "progress", "flow")
        }
        texts = db.query("SELECT shelf, id, contract, title, words FROM texts")
        found = db.query("SELECT count(*) AS found FROM texts_fts")
        return told | {"texts": sorted(map(str, texts)), "found": list(found)}


def test_what_is_told_step_by_step_is_what_is_told_at_once(tmp_path: Path) -> None:
    spine = Spine()
    new_log(tmp_path / "log", agencies=[spine.agency.party])
    followed = Followed.at(tmp_path / "log")
    for statement in spine.statements:
        with open_log(followed.folder) as log:
            register(log, [statement])
        assert followed.refresh()
    with LogReader.open(followed.folder) as reader:
        Follower(tmp_path / "anew.sqlite3").refresh(reader, NOW)
    told, anew = tables(LogFolder(followed.folder).views), tables(tmp_path / "anew.sqlite3")
    for name, rows in anew.items():
        assert told[name] == rows, name
    assert told["lots"]
    assert told["flow"]


@pytest.fixture
def followed(tmp_path: Path) -> Followed:
    spine = Spine()
    followed = Followed.at(make_log(tmp_path / "log", spine.statements, spine.agency.party))
    assert followed.refresh()
    return followed


def delete(path: Path) -> None:
    path.unlink()


def other_layout(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")


def no_database(path: Path) -> None:
    path.write_bytes(b"not a database" * 1000)


def no_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE meta")


def of_another_log(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE meta SET policy = 'ff'")
        db.commit()


def of_another_past(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE meta SET root = 'ff'")
        db.commit()


def beyond(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE meta SET size = 999")
        db.commit()


@pytest.mark.parametrize(
    "spoil", [delete, other_layout, no_database, no_tables, of_another_log, of_another_past, beyond]
)
def test_a_file_that_does_not_fit_is_made_again(followed: Followed, spoil: Any) -> None:
    path = LogFolder(followed.folder).views
    before = tables(path)
    spoil(path)
    again = Followed.at(followed.folder)
    assert again.refresh()
    assert tables(path) == before
    assert not path.with_name(f"{path.name}.new").exists()


def test_before_the_first_time_it_is_said_that_nothing_is_there_yet(tmp_path: Path) -> None:
    followed = Followed.at(new_log(tmp_path / "log"))
    with pytest.raises(ViewsNotReady), followed.world():
        pass
    assert followed.views.size == 0
    followed.refresh()
    assert followed.views.size == 1
    with followed.world() as world:
        assert world.page(Contract, {}, most=5).items == ()


def test_a_reader_stays_where_it_is_while_the_log_grows(followed: Followed) -> None:
    with followed.world() as world:
        first = world.page(Party, {}, most=2)
        with open_log(followed.folder) as log:
            register(log, [enrolment(1)])
        followed.refresh()
        assert len(walk(world, Party)) == 6
    with followed.world() as world:
        assert len(walk(world, Party)) == 7
        rest = world.page(Party, {}, after=first.next, most=200)
    assert [one.name for one in rest.items][-1] == "Maker 1"
    assert len(first.items) + len(rest.items) == 7, "a cursor holds while the list grows behind it"


def test_a_newer_reader_of_a_file_made_again_is_not_disturbed(followed: Followed) -> None:
    path = LogFolder(followed.folder).views
    with followed.world() as world:
        other_layout_beside = path.with_name("beside")
        path.rename(other_layout_beside)
        followed.refresh()
        assert len(walk(world, Lot)) == 3, "what was opened stays open"
    with followed.world() as world:
        assert len(walk(world, Lot)) == 3


def test_what_is_late_is_told_again_on_another_day(followed: Followed) -> None:
    with followed.world() as world:
        [contract] = walk(world, Contract)
        assert (contract.late, contract.as_of) == (True, NOW)
    followed.refresh(NOW - timedelta(days=30))
    with followed.world() as world:
        [contract] = walk(world, Contract)
        assert not contract.late
        before = contract.as_of
    followed.refresh(before + timedelta(seconds=1))
    with followed.world() as world:
        assert walk(world, Contract)[0].as_of == before, "the same day says the same"


class Clock:
    """Every question takes a second."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def test_a_contract_that_takes_long_rests_while_its_statements_go_on(tmp_path: Path) -> None:
    spine = Spine()
    clock = Clock()
    folder = make_log(tmp_path / "log", spine.statements[:-1], spine.agency.party)
    followed = Followed(folder, Views(folder, clock))
    assert followed.refresh()
    with open_log(folder) as log:
        register(log, spine.statements[-1:])
    assert not followed.refresh(), "it took a second, so it rests for four"
    with followed.world() as world:
        [contract] = walk(world, Contract)
        assert contract.size == world.size - 1
        assert len(walk(world, Statement, asked={"contract": contract.id})) == contract.statements + 1
    clock.now += 10
    assert followed.refresh()
    with followed.world() as world:
        assert walk(world, Contract)[0].size == world.size
        assert [one.state for one in walk(world, Delivery)] == ["received", "on the way"]


def test_who_enrols_later_is_named_everywhere(tmp_path: Path) -> None:
    spine = Spine()
    named = [one for one in spine.statements if one != spine.parts["enrolled State Store"]]
    upto = named[: named.index(spine.parts["calloff accepted"]) + 1]
    followed = Followed.at(make_log(tmp_path / "log", upto, spine.agency.party))
    followed.refresh()
    with followed.world() as world:
        assert world.one(Contract, spine.contract).calloffs == 1
    with open_log(followed.folder) as log:
        register(log, [spine.parts["enrolled State Store"]])
    followed.refresh()
    with followed.world() as world:
        [calloff] = walk(world, Calloff)
        assert calloff.consignee.name.startswith("State Store (…")


def test_what_is_erased_is_in_no_file_and_shown_as_erased(tmp_path: Path) -> None:
    told = Erasures()
    folder = ordered_log(tmp_path / "log", told)
    followed = Followed.at(folder)
    followed.refresh()
    assert "views.sqlite3" in "".join(bytes_in(folder, NAME)), "it was there"
    purge(folder)
    assert not LogFolder(folder).views.exists(), "no server need run for it"
    followed.refresh()
    assert bytes_in(folder, NAME) == []
    assert bytes_in(folder, CLAIM) == []
    with followed.world() as world:
        statements = walk(world, Statement, 50)
        party = world.one(Party, told.person.party)
    erased = {one.type: one.erased_by for one in statements if one.erased_by}
    assert set(erased) == {"dispute.raised", "party.enrolled"}
    assert all(by in {one.id for one in statements} for by in erased.values())
    assert party.name != NAME


def test_what_was_erased_since_is_told_again_from_nothing(tmp_path: Path) -> None:
    told = Erasures()
    followed = Followed.at(ordered_log(tmp_path / "log", told))
    followed.refresh()
    kept = LogFolder(followed.folder).views
    with closing(sqlite3.connect(kept)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = kept.read_bytes()
    with followed.world(everything=True, past=30) as world:
        assert world.one(Party, told.person.party).name == NAME
    purge(followed.folder)
    kept.write_bytes(data)  # as if a server that only reads had kept it
    followed.refresh()
    assert bytes_in(followed.folder, NAME) == []
    with followed.world(everything=True, past=30) as world:
        assert world.one(Party, told.person.party).name != NAME, "the past is erased with the present"


def test_any_tool_opens_the_file(followed: Followed) -> None:
    with closing(sqlite3.connect(LogFolder(followed.folder).views)) as db:
        [[mode]] = db.execute("PRAGMA journal_mode")
        assert mode == "wal"
        assert db.execute("SELECT name, released FROM lots ORDER BY name").fetchall() == [
            ("A1", "300"),
            ("B1", "200"),
            ("B2", "100"),
        ]
        query = "SELECT json_extract(maker, '$.name') FROM lots WHERE name = 'A1'"
        assert db.execute(query).fetchone()[0].startswith("Asha")


def test_a_log_without_contracts_is_told_too(tmp_path: Path) -> None:
    followed = Followed.at(grown_log(tmp_path / "log", [enrolments(3)]))
    assert followed.refresh()
    with followed.world() as world:
        assert [one.name for one in walk(world, Party)] == ["Maker 0", "Maker 1", "Maker 2"]
        assert [len(walk(world, model)) for model in SHELVES.values() if model is not Statement].count(3) == 1


def test_every_answer_comes_back_as_it_was_kept(followed: Followed) -> None:
    with followed.world() as world:
        for shelf, model in SHELVES.items():
            for one in walk(world, model, 50):
                assert isinstance(one, Answer)
                assert as_answer(shelf, as_row(one)) == one
