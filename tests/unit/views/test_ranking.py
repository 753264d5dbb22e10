"""Makers in the order of any figure, stretch by stretch, and the graph around one thing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ledger.errors import NotFound
from ledger.views.answers import Allocation, Contract, Delivery, Lot
from ledger.views.neighbours import CONTRACT_KEY, around
from ledger.views.ranking import COLUMNS, Ranking, how_many, how_many_makers, ranked, shares
from ledger.views.world import World
from tests.unit.views.conftest import Followed


def only(world: World) -> Contract:
    [contract] = world.page(Contract, {}, most=2).items
    return contract


@pytest.mark.parametrize("by", COLUMNS)
@pytest.mark.parametrize("descending", [True, False])
def test_makers_come_in_the_order_of_any_column(demo: Followed, by: str, descending: bool) -> None:
    with demo.world() as world:
        ranking = Ranking(only(world).id, "maker", by, descending)
        found = [one for start in range(0, 50, 10) for one in ranked(world, ranking, start, 10)]
        assert len(found) == len({one.id for one in found}) == how_many_makers(world, ranking) == 42
    if by == "name":
        values: list[object] = [one.party.name.lower() for one in found]
    elif by == "lots":
        values = [one.lots for one in found]
    else:
        values = [getattr(one.figures, by) for one in found]
    assert values == sorted(values, reverse=descending)  # type: ignore[type-var]


def test_hubs_are_ranked_apart_and_a_name_narrows(demo: Followed) -> None:
    with demo.world() as world:
        contract = only(world).id
        assert how_many_makers(world, Ranking(contract, "hub")) == 6
        found = ranked(world, Ranking(contract, "maker", text="found"), 0, 10)
    assert {one.party.name.split(" (")[0] for one in found} == {
        "Foundry Gate Vacuum Works",
        "Foundry Lane Moulds",
    }


def test_the_shares_of_a_line_are_all_that_was_signed_off(demo: Followed) -> None:
    with demo.world() as world:
        contract = only(world)
        made = shares(world, contract.id, "1")
        assert len(made) == 42
        assert sum(made) == contract.lines[0].figures.signed_off
        assert how_many(world, Lot, {"contract": contract.id}) == contract.lots


def test_what_the_page_of_a_contract_asks_for_is_found_by_an_index_and_not_sorted(demo: Followed) -> None:
    asked: list[tuple[str, object]] = []
    with demo.world() as world:
        contract = only(world).id
        with world.db.tracer(lambda sql, values: asked.append((sql, values))):
            ranked(world, Ranking(contract, "maker"), 0, 50)
            how_many_makers(world, Ranking(contract, "maker"))
            shares(world, contract, "1")
            how_many(world, Allocation, {"contract": contract, "late": True})
            how_many(world, Delivery, {"contract": contract, "state": "on the way"})
        plans = [
            [row[3] for row in world.db.execute(f"EXPLAIN QUERY PLAN {sql}", values)] for sql, values in asked
        ]
    assert len(plans) == 5
    for plan in plans:
        [step] = plan  # no sorting behind it
        assert " INDEX " in step
        assert step.count("=?") > 1, "narrowed to less than the contract"


def test_around_a_hub_lie_its_makers_their_lots_and_the_last_way(demo: Followed) -> None:
    with demo.world() as world:
        contract = only(world)
        hub = next(one for one in world.page(Allocation, {}, most=10).items if one.lines[0].allotted)
        about = around(world, contract, "1", hub.id, 48)
    stages = {node.stage for node in about.nodes.values()}
    assert stages == {"contract", "call-off", "hub", "maker", "lot", "delivery"}
    assert about.edges[CONTRACT_KEY, hub.calloff].quantity == about.nodes[hub.id].quantity
    assert {one.source for one in about.edges.values()} <= about.nodes.keys()
    assert {one.target for one in about.edges.values()} <= about.nodes.keys()


def test_of_many_parts_the_smaller_are_one(demo: Followed) -> None:
    with demo.world() as world:
        contract = only(world)
        hub = next(one for one in world.page(Allocation, {}, most=10).items if one.lines[0].allotted)
        about = around(world, contract, "1", hub.id, 2)
    below = [edge for edge in about.edges.values() if edge.source == hub.id]
    assert len(below) == 3
    assert sum(edge.quantity for edge in below) == hub.lines[0].allotted
    assert sum(about.nodes[edge.target].count for edge in below) == 7


def test_around_a_delivery_lies_what_it_carried_and_where_that_came_from(demo: Followed) -> None:
    with demo.world() as world:
        contract = only(world)
        delivery = next(
            one for one in world.page(Delivery, {}, newest=True, most=50).items if len(one.goods) > 2
        )
        about = around(world, contract, "1", delivery.id, 48)
    lots = [node for node in about.nodes.values() if node.stage == "lot"]
    assert {node.key for node in lots} == {one.lot for one in delivery.goods if one.lot}
    assert about.nodes[delivery.id].quantity == sum(
        (one.sent or Decimal(0) for one in delivery.goods), Decimal(0)
    )


def test_around_nothing_there_is_nothing(demo: Followed) -> None:
    with demo.world() as world, pytest.raises(NotFound, match="nothing ffffffff"):
        around(world, only(world), "1", "ffffffff", 48)
