"""What lies around one thing of a contract: up to the contract, down to its deliveries, one line of goods.

The part of the provenance graph about a hub, a maker, a lot or a waybill, as nodes and edges of `ledger.trace.flow`,
out of the read models: what it costs depends on what is shown, not on how large the contract is. A node says all that
it is of; the edges above what is looked at carry only what goes to it.
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
from ledger.trace.largest import REST_OF
from ledger.units import EXACT, StatementId
from ledger.views.answers import Allocation, Calloff, Contract, Delivery, Lot
from ledger.views.answers.goods import Carried
from ledger.views.answers.orders import Allotted, Ordered
from ledger.views.keep import as_answer
from ledger.views.world import World

CONTRACT_KEY: Final = "contract"
"""The key of the contract's own node in a flow."""


@dataclass(slots=True)
class Around:
    """A part of the graph while it is put together."""

    line: str
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], Edge] = field(default_factory=dict)

    def node(self, key: str, stage: str, label: str, quantity: Decimal, count: int = 1) -> None:
        self.nodes.setdefault(key, Node(key, stage, label, quantity, count))

    def edge(self, source: str, target: str, quantity: Decimal) -> None:
        """So much more goes this way."""
        before = self.edges.get((source, target))
        sum_ = EXACT.add(before.quantity, quantity) if before else quantity
        self.edges[source, target] = Edge(source, target, sum_)


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
    _calloff(about, calloff, _quantity(calloff.lines, about.line))
    _below(world, about, _parts(world, about, calloff.id, most))


def _around_allocation(world: World, about: Around, focus: str, most: int) -> None:
    allocation = world.one(Allocation, focus)
    _up(world, about, allocation, _quantity(allocation.lines, about.line))
    parts = _parts(world, about, allocation.id, most)
    _below(world, about, [allocation.id, *parts])


def _around_lot(world: World, about: Around, focus: str, most: int) -> None:
    del most
    lot = world.one(Lot, focus)
    _up(world, about, world.one(Allocation, lot.allocation), lot.released)
    _goods(world, about, [lot])


def _around_delivery(world: World, about: Around, focus: str, most: int) -> None:
    delivery = world.one(Delivery, focus)
    goods = [one for one in delivery.goods if one.lot and one.line == about.line][: most * 4]
    for one in goods:
        assert one.lot is not None, "it was asked for"
        lot = world.one(Lot, one.lot)
        _up(world, about, world.one(Allocation, lot.allocation), _carried(one))
        about.node(lot.id, "lot", lot.name, lot.released)
        about.edge(lot.allocation, lot.id, _carried(one))
    _sent(about, delivery, [one.lot for one in goods if one.lot])


def _up(world: World, about: Around, allocation: Allocation, quantity: Decimal) -> None:
    """An allocation and those it is a part of, up to the contract; `quantity` goes down to what is looked at."""
    while True:
        _allocation(about, allocation, quantity)
        if allocation.parent == allocation.calloff:
            _calloff(about, world.one(Calloff, allocation.calloff), quantity)
            return
        allocation = world.one(Allocation, allocation.parent)


def _calloff(about: Around, calloff: Calloff, quantity: Decimal) -> None:
    about.node(calloff.id, "call-off", calloff.reference, _quantity(calloff.lines, about.line))
    about.edge(CONTRACT_KEY, calloff.id, quantity)


def _allocation(about: Around, allocation: Allocation, quantity: Decimal) -> None:
    stage = "hub" if any(one.allotted for one in allocation.lines if one.line == about.line) else "maker"
    about.node(allocation.id, stage, _bare(allocation.holder.name), _quantity(allocation.lines, about.line))
    about.edge(allocation.parent, allocation.id, quantity)


def _quantity(lines: Iterable[Ordered | Allotted], line: str) -> Decimal:
    return sum((one.quantity for one in lines if one.line == line), ZERO)


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
    for id, quantity in rows[:most]:
        _allocation(about, world.one(Allocation, id), quantity)
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
        about.node(lot.id, "lot", lot.name, lot.released)
        about.edge(lot.allocation, lot.id, lot.released)
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
    """A name for a drawing, without the end of an id; of who gave none that end alone."""
    return name.rsplit(" (", 1)[0].removeprefix("did:key ")
