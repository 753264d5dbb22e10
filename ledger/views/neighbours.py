"""What lies around one thing of a contract: up to the contract, down to its deliveries, one line of goods.

The part of the provenance graph about a hub, a maker, a lot or a waybill, as nodes and edges of `ledger.trace.flow`,
out of the read models: what it costs depends on what is shown, not on how large the contract is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from ledger.errors import NotFound
from ledger.rules.sums import ZERO
from ledger.trace.flow import Edge, Node
from ledger.units import EXACT, StatementId
from ledger.views.answers import Allocation, Calloff, Contract, Delivery, Lot
from ledger.views.answers.goods import Carried
from ledger.views.keep import as_answer
from ledger.views.world import World

CONTRACT_KEY: Final = "contract"
"""The key of the contract's own node in a flow."""
REST_OF: Final = "rest of "
"""Begins the key of a node that stands for the smaller parts of an allocation or a call-off."""


@dataclass(slots=True)
class Around:
    """A part of the graph while it is put together."""

    line: str
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], Edge] = field(default_factory=dict)

    def node(self, key: str, stage: str, label: str, quantity: Decimal, count: int = 1) -> None:
        self.nodes.setdefault(key, Node(key, stage, label, quantity, count))

    def edge(self, source: str, target: str, quantity: Decimal) -> None:
        self.edges.setdefault((source, target), Edge(source, target, quantity))


def around(world: World, contract: Contract, line: str, focus: str, most: int) -> Around:
    """The graph around a call-off, an allocation, a lot or a delivery of a contract; `most` parts of it one by one.

    Raises `NotFound` for anything else.
    """
    about = Around(line)
    about.node(CONTRACT_KEY, "contract", contract.reference, _ordered(contract, line))
    for find in (_around_allocation, _around_lot, _around_delivery, _around_calloff):
        try:
            find(world, about, focus, most)
        except NotFound:
            continue
        return about
    raise NotFound(
        f"there is nothing {focus[:80]} in this graph", expected="a call-off, allocation, lot or delivery"
    )


def _around_calloff(world: World, about: Around, focus: str, most: int) -> None:
    calloff = world.one(Calloff, focus)
    _calloff(world, about, calloff.id)
    _below(world, about, _parts(world, about, calloff.id, most))


def _around_allocation(world: World, about: Around, focus: str, most: int) -> None:
    allocation = world.one(Allocation, focus)
    _up(world, about, allocation)
    parts = _parts(world, about, allocation.id, most)
    _below(world, about, [allocation.id, *parts])


def _around_lot(world: World, about: Around, focus: str, most: int) -> None:
    del most
    lot = world.one(Lot, focus)
    _up(world, about, world.one(Allocation, lot.allocation))
    _goods(world, about, [lot])


def _around_delivery(world: World, about: Around, focus: str, most: int) -> None:
    delivery = world.one(Delivery, focus)
    lots = [world.one(Lot, goods.lot) for goods in delivery.goods if goods.lot and goods.line == about.line]
    for lot in lots[: most * 4]:
        _up(world, about, world.one(Allocation, lot.allocation))
        _lot(about, lot)
    _sent(about, delivery, {lot.id for lot in lots})


def _up(world: World, about: Around, allocation: Allocation) -> None:
    """An allocation and those it is a part of, up to the contract."""
    while True:
        _allocation(about, allocation)
        if allocation.parent == allocation.calloff:
            _calloff(world, about, allocation.calloff)
            return
        if allocation.parent in about.nodes:
            return
        allocation = world.one(Allocation, allocation.parent)


def _calloff(world: World, about: Around, id: StatementId) -> None:
    if id in about.nodes:
        return
    calloff = world.one(Calloff, id)
    quantity = sum((one.quantity for one in calloff.lines if one.line == about.line), ZERO)
    about.node(id, "call-off", calloff.reference, quantity)
    about.edge(CONTRACT_KEY, id, quantity)


def _allocation(about: Around, allocation: Allocation) -> None:
    for one in allocation.lines:
        if one.line == about.line:
            stage = "hub" if one.allotted else "maker"
            about.node(allocation.id, stage, _bare(allocation.holder.name), one.quantity)
            about.edge(allocation.parent, allocation.id, one.quantity)


def _parts(world: World, about: Around, parent: StatementId, most: int) -> list[StatementId]:
    """The largest parts of a promise as nodes, all others as one. O(its parts)."""
    query = """
        SELECT a.id, CAST(json_extract(share.value, '$.quantity') AS TEXT) AS quantity
        FROM allocations a, json_each(a.lines) share
        WHERE a.parent = ? AND json_extract(share.value, '$.line') = ? ORDER BY a."index"
    """
    rows = [
        (StatementId(row["id"]), Decimal(row["quantity"]))
        for row in world.db.query(query, [parent, about.line])
    ]
    rows = sorted((row for row in rows if row[1]), key=lambda row: -row[1])
    for id, _ in rows[:most]:
        _allocation(about, world.one(Allocation, id))
    others = rows[most:]
    if others:
        left = sum((quantity for _, quantity in others), ZERO)
        about.node(REST_OF + parent, "maker", "", left, len(others))
        about.edge(parent, REST_OF + parent, left)
    return [id for id, _ in rows[:most]]


def _below(world: World, about: Around, allocations: Iterable[StatementId]) -> None:
    """The lots made under some allocations, and their last way."""
    query = 'SELECT * FROM lots WHERE line = ? AND allocation IN (SELECT value FROM json_each(?)) ORDER BY "index"'
    rows = world.db.query(query, [about.line, json.dumps(list(allocations))])
    answers = [as_answer("lots", row) for row in rows]
    _goods(world, about, [one for one in answers if isinstance(one, Lot)])


def _goods(world: World, about: Around, lots: list[Lot]) -> None:
    """Lots, and the deliveries of each to its consignee."""
    for lot in lots:
        _lot(about, lot)
    query = """
        SELECT * FROM deliveries WHERE last_leg AND id IN (
            SELECT id FROM facets WHERE shelf = 'deliveries' AND name = 'lot'
            AND value IN (SELECT value FROM json_each(?))
        ) ORDER BY "index"
    """
    ids = {lot.id for lot in lots}
    for row in world.db.query(query, [json.dumps(list(ids))]):
        delivery = as_answer("deliveries", row)
        assert isinstance(delivery, Delivery), "a shelf holds one kind"
        _sent(about, delivery, ids)


def _lot(about: Around, lot: Lot) -> None:
    about.node(lot.id, "lot", lot.name, lot.released)
    about.edge(lot.allocation, lot.id, lot.released)


def _sent(about: Around, delivery: Delivery, lots: Iterable[StatementId]) -> None:
    total = ZERO
    for one in delivery.goods:
        if one.lot is not None and one.lot in lots:
            total = EXACT.add(total, _carried(one))
            about.edge(one.lot, delivery.id, _carried(one))
    about.node(delivery.id, "delivery", delivery.waybill, total)


def _carried(goods: Carried) -> Decimal:
    return goods.sent if goods.sent is not None else goods.good


def _ordered(contract: Contract, line: str) -> Decimal:
    return next((one.figures.ordered for one in contract.lines if one.line == line), ZERO)


def _bare(name: str) -> str:
    """A name for a drawing, without the end of an id."""
    return name.rsplit(" (", 1)[0]
