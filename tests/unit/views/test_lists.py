"""Lists: everything that is in the log is in its list once, in order, however it is narrowed and paged."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ledger.errors import Malformed
from ledger.events.opened import Opened
from ledger.log.reader import LogReader
from ledger.rules.findings import contract_findings
from ledger.rules.gathering import situation
from ledger.trace.down import trace_down
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
    Recall,
    Statement,
)
from ledger.views.world import World
from tests.unit.views.conftest import NOW, Followed

TOLD: dict[type[Answer], Callable[[Opened], bool]] = {
    Contract: lambda one: one.event.type == "framework.signed",
    Calloff: lambda one: one.event.type == "calloff.issued",
    Allocation: lambda one: one.event.type == "allocation.offered",
    Lot: lambda one: one.event.type == "batch.signed_off",
    Delivery: lambda one: (
        one.event.type == "delivery.dispatched"
        or (one.event.type == "delivery.received" and one.event.refs.dispatch is None)
    ),
    Recall: lambda one: one.event.type == "recall.opened",
    Party: lambda one: one.event.type == "party.enrolled",
}
"""Which statements a kind of thing comes from."""


def walk(world: World, model: type[Answer], most: int = 7, **how: Any) -> list[Any]:
    """The whole list, some at a time."""
    asked = how.pop("asked", {})
    found: list[Any] = []
    after: str | None = None
    while True:
        some = world.page(model, asked, after=after, most=most, **how)
        found += some.items
        assert len(some.items) == most or some.next is None
        after = some.next
        if after is None:
            return found


def naive(demo: Followed, model: type[Answer]) -> list[str]:
    kind = TOLD[model]
    found = [one for one in demo.entries() if kind(one)]
    return [one.statement.iss if model is Party else one.id for one in found]


@pytest.mark.parametrize("most", [1, 7, 200])
@pytest.mark.parametrize("model", TOLD)
def test_a_list_walked_to_its_end_is_what_the_log_says(
    demo: Followed, model: type[Answer], most: int
) -> None:
    with demo.world() as world:
        assert [one.id for one in walk(world, model, most)] == naive(demo, model)
        turned = [one.id for one in walk(world, model, most, newest=True)]
    assert turned == naive(demo, model)[::-1]


def test_statements_are_listed_with_who_signed_them(demo: Followed) -> None:
    with demo.world() as world:
        [contract] = walk(world, Contract)
        found = walk(world, Statement, 50, asked={"contract": contract.id})
        named = {one.id: one.name for one in walk(world, Party, 50)}
    under = [one for one in demo.entries() if contract.id in {one.id, one.statement.sub}]
    assert [(one.id, one.type, one.signer.id) for one in found] == [
        (one.id, one.event.type, one.statement.iss) for one in under
    ]
    assert all(named[one.signer.id] is None or named[one.signer.id] in one.signer.name for one in found)
    assert contract.statements == len(under)


@pytest.mark.parametrize("name", ["state", "late", "line"])
@pytest.mark.parametrize("model", [Calloff, Allocation, Lot, Delivery])
def test_a_list_narrowed_to_a_value_holds_those_that_have_it(
    demo: Followed, model: type[Answer], name: str
) -> None:
    def values(one: Any) -> set[Any]:
        if name != "line":
            return {getattr(one, name)}
        return {one.line} if model is Lot else {part.line for part in getattr(one, _PARTS[model])}

    with demo.world() as world:
        everything = walk(world, model)
        for value in {value for one in everything for value in values(one)}:
            narrowed = walk(world, model, asked={name: value})
            assert narrowed == [one for one in everything if value in values(one)], value
        nowhere = (
            False
            if name == "late" and all(one.late for one in everything)
            else "9"
            if name == "line"
            else None
        )
        assert nowhere is None or walk(world, model, asked={name: nowhere}) == []


_PARTS = {Calloff: "lines", Allocation: "lines", Delivery: "goods"}


@pytest.mark.parametrize("model", [Calloff, Allocation, Delivery, Recall, Maker])
def test_a_list_narrowed_to_a_party_holds_what_names_it(demo: Followed, model: type[Answer]) -> None:
    with demo.world() as world:
        everything = walk(world, model)
        for one in walk(world, Party, 50):
            narrowed = walk(world, model, asked={"party": one.id})
            assert narrowed == [thing for thing in everything if one.id in thing.model_dump_json()], one.name


def test_the_parties_of_a_contract_are_those_its_statements_are_signed_by_or_name(demo: Followed) -> None:
    with demo.world() as world:
        [contract] = walk(world, Contract)
        everybody = walk(world, Party)
        told = [
            f"{one.statement.iss} {json.dumps(one.statement.payload)}"
            for one in demo.entries()
            if contract.id in {one.id, one.statement.sub}
        ]
        expected = [one for one in everybody if any(one.id in text for text in told)]
        assert walk(world, Party, asked={"contract": contract.id}) == expected
        makers = walk(world, Party, asked={"contract": contract.id, "kind": "maker"})
        assert makers == [one for one in expected if one.kind == "maker"]
        assert 40 < len(makers) < len(expected) < len(everybody)
        assert walk(world, Party, asked={"contract": "0" * 64}) == []


def test_the_lots_of_a_hub_are_those_made_below_it(demo: Followed) -> None:
    with demo.world() as world, LogReader.open(demo.folder) as reader:
        [contract] = walk(world, Contract)
        traced = trace_down(situation(reader.store, contract.id, NOW))
        below = {hub.party: hub.totals.signed_off for hub in traced.hubs}
        assert len(below) > 3
        for hub, signed_off in below.items():
            lots = walk(world, Lot, asked={"party": hub})
            assert sum(lot.released for lot in lots) == signed_off


def test_findings_are_those_of_the_rules_worst_first(demo: Followed) -> None:
    with demo.world() as world, LogReader.open(demo.folder) as reader:
        [contract] = walk(world, Contract)
        expected = contract_findings(reader.store, contract.id, NOW)
        found = walk(world, Finding, 4)
        assert [one.severity for one in found] == [one.odd.severity for one in expected]
        told = {(one.label, one.message, one.statements) for one in found}
        assert told == {(one.odd.label, one.message, one.statements) for one in expected}
        assert len({one.id for one in found}) == len(found)
        for severity in ("critical", "warning", "note"):
            some = walk(world, Finding, asked={"severity": severity})
            assert len(some) == getattr(contract.findings, severity)
        for one in found:
            assert one in walk(world, Finding, asked={"statement": one.statements[0]})
            assert world.one(Finding, one.id) == one


def test_makers_come_largest_first_and_add_up_to_what_is_allotted(demo: Followed) -> None:
    with demo.world() as world:
        [contract] = walk(world, Contract)
        makers = walk(world, Maker, 5, asked={"role": "maker"})
    shares = [one.figures.ordered for one in makers]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == contract.lines[0].figures.allotted
    assert len({one.party.id for one in makers}) == contract.makers


def test_a_deliverys_lots_find_it(demo: Followed) -> None:
    with demo.world() as world:
        for one in walk(world, Lot, 50)[:20]:
            carried = walk(world, Delivery, asked={"lot": one.id})
            assert {delivery.id for delivery in carried} >= set(one.dispatches)


@pytest.mark.parametrize("model", [Lot, Delivery, Calloff, Party, Contract])
def test_a_list_narrowed_by_words_holds_what_is_called_so(demo: Followed, model: type[Answer]) -> None:
    names = {Lot: "name", Delivery: "waybill", Calloff: "reference", Party: "name", Contract: "title"}
    with demo.world() as world:
        for one in [one for one in walk(world, model, 50) if getattr(one, names[model])][:12]:
            assert one.id in {found.id for found in walk(world, model, 50, text=getattr(one, names[model]))}
        assert walk(world, model, text="nothingiscalledso") == []


def test_a_cursor_goes_on_with_the_same_list_only(demo: Followed) -> None:
    with demo.world() as world:
        some = world.page(Lot, {"line": "1"}, most=3)
        for model, asked, how in (
            (Lot, {"line": None}, {}),
            (Lot, {"line": "1", "state": "held"}, {}),
            (Lot, {"line": "1"}, {"newest": True}),
            (Lot, {"line": "1"}, {"text": "A"}),
            (Delivery, {"line": "1"}, {}),
        ):
            with pytest.raises(Malformed, match="another list"):
                world.page(model, asked, after=some.next, most=3, **how)
        assert world.page(Lot, {"line": "1"}, after=some.next, most=3).items
    with demo.world(past=300) as world, pytest.raises(Malformed, match="another list"):
        world.page(Lot, {"line": "1"}, after=some.next, most=3)
