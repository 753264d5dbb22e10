"""The past, and the part that a party sees: told from nothing but that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import LogBusy, NotFound, ViewsNotReady
from ledger.limits import SCENES
from ledger.log.reader import LogReader
from ledger.rules.gathering import situation
from ledger.rules.records import Kind, Member
from ledger.rules.state import each
from ledger.trace.branch import branch
from ledger.units import PartyId, TreeSize
from ledger.views.answers import (
    Allocation,
    Answer,
    Calloff,
    Contract,
    Delivery,
    Finding,
    Lot,
    Maker,
    Party,
    Statement,
)
from ledger.views.answers.series import Progress
from ledger.views.layout import SHELVES
from ledger.views.paths import path_to
from ledger.views.staging import Sight
from ledger.views.world import World
from tests.support.log_world import enrolment, open_log, register
from tests.support.spine import Spine, make_log
from tests.unit.views.conftest import NOW, Followed
from tests.unit.views.test_lists import walk


@pytest.fixture(scope="module")
def spine() -> Spine:
    return Spine()


@pytest.fixture
def followed(tmp_path: Path, spine: Spine) -> Followed:
    followed = Followed.at(make_log(tmp_path / "log", spine.statements, spine.agency.party))
    followed.refresh()
    return followed


def everything_in(world: World) -> dict[str, list[Any]]:
    return {name: walk(world, model, 50) for name, model in SHELVES.items()}


def test_the_past_is_what_a_log_that_ended_there_says(
    tmp_path: Path, followed: Followed, spine: Spine
) -> None:
    for size in (8, 12, 19, 23):
        other = Followed.at(make_log(tmp_path / str(size), spine.statements[: size - 1], spine.agency.party))
        other.refresh()
        with followed.world(past=size) as past, other.world() as present:
            assert (past.size, present.size) == (size, size)
            assert everything_in(past) == everything_in(present)
            if size > 7:
                contract = spine.contract
                assert past.progress(contract) == present.progress(contract)
                assert past.flow(contract) == present.flow(contract)


def test_before_it_was_registered_a_contract_is_not_there(followed: Followed, spine: Spine) -> None:
    with followed.world(past=7) as world:
        assert walk(world, Contract) == []
        with pytest.raises(NotFound):
            world.one(Contract, spine.contract)


def parties_of(followed: Followed) -> list[PartyId]:
    with LogReader.open(followed.folder) as reader:
        [contract] = reader.store.contracts()
        return [one.party for one in each(reader.store, contract, Kind.MEMBER, Member)]


def test_what_each_party_is_told_names_no_statement_beyond_its_branch(demo: Followed) -> None:
    with LogReader.open(demo.folder) as reader:
        [contract] = reader.store.contracts()
        at = situation(reader.store, contract, NOW)
        registered = {one.id for one in demo.entries() if one.statement.sub in {contract, one.statement.iss}}
        under = {one for one in registered if (known := reader.store.known(one)) and known.contract}
    parties = parties_of(demo)
    assert len(parties) > 50
    for party in parties:
        seen = branch(at, party)
        if seen.whole:
            continue
        with demo.world(party) as world:
            statements = walk(world, Statement, 200, asked={"contract": contract})
            assert {one.id for one in statements} == {one for one in under if seen.sees(one)}
            for shelf in ("calloffs", "allocations", "lots", "deliveries", "recalls"):
                assert all(seen.sees(one.id) for one in walk(world, SHELVES[shelf], 200)), shelf
            for one in walk(world, Finding, 200):
                assert all(seen.sees(statement) for statement in one.statements if statement in under)
            [told] = walk(world, Contract)
            assert (told.whole, told.lots) == (False, len(walk(world, Lot, 200)))


def test_a_makers_figures_are_its_own(followed: Followed, spine: Spine) -> None:
    with followed.world(spine.asha.party) as world:
        [contract] = walk(world, Contract)
        [line] = contract.lines
        figures = line.figures
        assert (figures.ordered, figures.signed_off, figures.dispatched) == (400, 300, 300)
        assert (figures.received, figures.damaged, figures.open) == (290, 4, 110)
        assert line.paid is None
        assert str(line.due) == "2026-05-20", "its allocation's, not the call-off's"
        [maker] = walk(world, Maker)
        assert (maker.party.id, maker.role) == (spine.asha.party, "maker")
        [calloff] = walk(world, Calloff)
        assert (calloff.lines[0].quantity, calloff.lines[0].allotted, calloff.lines[0].open) == (
            1000,
            None,
            None,
        )
        hub, own = walk(world, Allocation)
        assert (hub.lines[0].quantity, hub.lines[0].allotted, hub.lines[0].left) == (600, None, None)
        assert (own.lines[0].quantity, own.lines[0].signed_off, own.lines[0].left) == (400, 300, 100)
        [progress] = world.progress(spine.contract)
        assert totals(progress) == {
            "ordered": 400, "signed off": 300, "dispatched": 300, "received": 290, "accepted": None,
        }  # fmt: skip
        assert [(str(one.day), one.quantity) for one in progress.due] == [("2026-05-20", 400)]


def totals(progress: Progress) -> dict[str, Any]:
    return {one.name: one.points[-1].total if one.points else None for one in progress.series}


def test_a_consignees_figures_are_those_of_its_call_off(followed: Followed, spine: Spine) -> None:
    with followed.world(spine.store.party) as world:
        [contract] = walk(world, Contract)
        figures = contract.lines[0].figures
        assert (figures.ordered, figures.received, figures.open) == (1000, 290, 710)
        assert [one.name for one in walk(world, Lot)] == ["A1", "B1"], "B2 was not sent to it"
        assert [one.waybill for one in walk(world, Delivery)] == ["W-1", "W-2"]
        assert walk(world, Maker) == []


def test_the_buyer_sees_what_everybody_sees_of_a_public_log(followed: Followed, spine: Spine) -> None:
    with followed.world(spine.agency.party) as buyer, followed.world() as everybody:
        for name, model in SHELVES.items():
            if name not in {"parties", "statements"}:
                assert walk(buyer, model) == walk(everybody, model), name


@pytest.mark.parametrize("past", [None, 20])
def test_nobody_and_a_stranger_see_nothing(followed: Followed, past: int | None) -> None:
    stranger = PartyId("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
    for party in (None, stranger):
        with followed.world(party, everything=False, past=past) as world:
            assert all(found == [] for found in everything_in(world).values())
            assert world.search("asha", 10) == ()


def test_a_party_sees_whom_its_branch_names_and_itself(followed: Followed, spine: Spine) -> None:
    with followed.world(spine.bo.party) as world:
        names = {one.name for one in walk(world, Party)}
    assert names == {"Relief Agency", "Prime Co", "Bo", "State Store"}
    with open_log(followed.folder) as log:
        register(log, [enrolment(1)])
    followed.refresh()
    [alone] = [one for one in followed.entries() if one.id and one.statement.sub.startswith("did:")][-1:]
    with followed.world(alone.statement.iss) as world:
        assert [one.name for one in walk(world, Party)] == ["Maker 1"]


def test_a_party_sees_its_part_of_the_past(followed: Followed, spine: Spine) -> None:
    with followed.world(spine.asha.party, past=13) as world:
        assert walk(world, Contract) == [], "nothing named it yet"
    with followed.world(spine.asha.party, past=14) as world:
        [offered] = [one for one in walk(world, Allocation) if one.holder.id == spine.asha.party]
        assert offered.state == "offered"


def test_a_scene_of_the_present_follows_the_log(followed: Followed, spine: Spine) -> None:
    with followed.world(spine.asha.party) as world:
        assert len(walk(world, Lot)) == 1
    with open_log(followed.folder) as log:
        register(log, [another_lot(spine)])
    with followed.world(spine.asha.party) as world:
        assert len(walk(world, Lot)) == 1, "not told yet"
    followed.refresh()
    followed.views._clock = lambda: 1.0
    with followed.world(spine.asha.party) as world:
        assert [one.name for one in walk(world, Lot)] == ["A1", "A2"]
        assert walk(world, Statement, 50)[-1].type == "batch.signed_off"


def another_lot(spine: Spine) -> bytes:
    prev = spine.asha.prev
    spine.lot("lot A2", spine.asha, "asha", "A2", 10)
    spine.asha.prev = prev
    return spine.parts.pop("lot A2")


def test_a_scene_that_took_long_serves_for_a_while(followed: Followed, spine: Spine) -> None:
    ticks = iter(range(1000))
    followed.views._clock = lambda: float(next(ticks))
    with followed.world(spine.bo.party) as world:
        pass
    with open_log(followed.folder) as log:
        register(log, [enrolment(1)])
    followed.refresh()
    with followed.world(spine.bo.party) as again:
        assert again is world
    for _ in range(6):
        next(ticks)
    with followed.world(spine.bo.party) as later:
        assert later is not world
        assert later.size == world.size + 1


def test_a_fold_goes_on_from_the_one_before(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    from ledger.views import staging

    begun: list[int] = []
    fold = staging.state_at

    def noting(reader: LogReader, size: TreeSize, *, since: Any = None) -> Any:
        begun.append(len(since) if since else 0)
        return fold(reader, size, since=since)

    monkeypatch.setattr(staging, "state_at", noting)
    for size in (10, 15, 12):
        with followed.world(past=size):
            pass
    with followed.world(past=15):
        pass
    assert begun == [0, 10, 10], "the fourth was there"


def test_few_scenes_are_kept(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.views.scenes.SCENE_STATEMENTS", 40)
    for size in (10, 15, 20):
        with followed.world(past=size):
            pass
    kept = [key.sight.past for key in followed.views._scenes]
    assert kept == [15, 20]
    monkeypatch.setattr("ledger.views.scenes.SCENES", 1)
    with followed.world(past=8):
        pass
    assert [key.sight.past for key in followed.views._scenes] == [8]
    assert SCENES > 1


def test_what_is_not_told_yet_is_asked_for_again(followed: Followed) -> None:
    with open_log(followed.folder) as log:
        register(log, [enrolment(1)])
    with pytest.raises(ViewsNotReady, match="first 23 entries"), followed.world(past=24):
        pass


def test_no_more_wait_for_a_fold_than_is_good(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.views.scenes.SCENE_WAIT_S", 0.01)
    with followed.views._making_past:
        with pytest.raises(LogBusy), followed.world(past=10):
            pass
        with followed.world(PartyId("did:key:none")):
            pass  # the present does not wait for the past


@pytest.fixture
def paths(followed: Followed) -> Iterator[Any]:
    def told(who: PartyId | None, name: str, spine: Spine, past: int | None = None) -> list[str]:
        names = {id_: name for name, id_ in ((one, spine.id(one)) for one in spine.parts)}
        with (
            LogReader.open(followed.folder) as reader,
            followed.views.world(
                reader, Sight(who, who is None, TreeSize(past) if past else None), NOW
            ) as world,
        ):
            path = path_to(reader, world, spine.id(name))
        for step in path.steps:
            assert step.says
        return [names[step.statement] for step in path.steps]

    return told


def test_a_path_leads_up_to_the_contract_as_far_as_it_is_seen(paths: Any, spine: Spine) -> None:
    whole = ["framework", "calloff", "hub", "asha", "lot A1", "dispatch A1", "receipt A1"]
    assert paths(None, "receipt A1", spine) == whole
    assert paths(spine.asha.party, "receipt A1", spine) == whole
    assert paths(None, "lot A1", spine, past=20) == whole[:5]
    with pytest.raises(NotFound):
        paths(None, "lot A1", spine, past=10)


def test_the_answers_are_json(followed: Followed) -> None:
    with followed.world() as world:
        for found in everything_in(world).values():
            for one in found:
                assert isinstance(one, Answer)
                assert "E+" not in json.dumps(one.model_dump(mode="json"))
