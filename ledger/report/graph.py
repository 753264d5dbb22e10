"""The provenance graph: from the contract on the left to deliveries on the right, as wide as the quantities.

Each column is a stage (contract, call-off, hub, maker, lot, delivery); each node is a bar as tall as its quantity,
each edge a band as tall as what flows. A graph of more nodes in a column than can be read is folded: the smallest
ones of a parent are drawn as one, which says how many it stands for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ledger.report.svg import MUTED, Markup, drawing, element, text, title
from ledger.trace.flow import STAGES, Edge, Node, folded
from ledger.units import format_decimal

_COLOURS: Final = ("#1d2733", "#4a5865", "#b8860b", "#2f6f9f", "#5c93b8", "#1f7a5c")
_MOST: Final = 90
"""Nodes in one column; more are folded."""
_COLUMN: Final = 146
_BAR: Final = 10
_GAP: Final = 3
_LEAST: Final = 11
"""Pixels a node takes at least, so that its name can be read."""


def provenance_graph(nodes: Sequence[Node], edges: Sequence[Edge], unit: str) -> Markup | None:
    """Draw the graph of one line; None where there is nothing to draw. O(n log n)."""
    if not nodes:
        return None
    nodes, edges = folded(nodes, edges, _MOST)
    columns = [[node for node in nodes if node.stage == stage] for stage in STAGES]
    columns = [_in_order(column, edges, columns) for column in columns if column]
    scale = _scale(columns)
    places = _placed(columns, scale)
    width = len(columns) * _COLUMN + 40
    height = max(place.bottom for place in places.values()) + 10
    content = [*_bands(edges, places, scale)]
    for number, column in enumerate(columns):
        heading = f"{column[0].stage}{'' if len(column) == 1 else 's'}".replace("deliverys", "deliveries")
        content.append(text(number * _COLUMN, 10, heading, fill=MUTED, font_size=10, class_="muted"))
        content += [_node(node, places[node.key], unit) for node in column]
    return drawing(width, height, f"From the contract to deliveries, in {unit}", content)


def _in_order(column: list[Node], edges: Sequence[Edge], columns: Sequence[Sequence[Node]]) -> list[Node]:
    """Below what they come from, so that bands cross as little as they need to."""
    rank = {node.key: (number, place) for number, one in enumerate(columns) for place, node in enumerate(one)}
    first: dict[str, tuple[int, int]] = {}
    for edge in edges:
        if edge.source in rank:
            first[edge.target] = min(first.get(edge.target, rank[edge.source]), rank[edge.source])
    return sorted(column, key=lambda node: (first.get(node.key, (0, 0)), -node.quantity, node.label))


@dataclass(slots=True)
class _Place:
    """Where a node lies, and how far its two sides are taken by bands already."""

    x: float
    top: float
    bar: float
    bottom: float
    left: float
    right: float


def _scale(columns: Sequence[Sequence[Node]]) -> float:
    """Pixels for one unit: the fullest column is as tall as its nodes need, the bars fill it."""
    most = max(sum((node.quantity for node in column), Decimal(0)) for column in columns)
    tallest = max(len(column) for column in columns) * (_LEAST + _GAP)
    return max(300, tallest) / float(most) if most else 1.0


def _placed(columns: Sequence[Sequence[Node]], scale: float) -> dict[str, _Place]:
    places = {}
    for number, column in enumerate(columns):
        y = 20.0
        for node in column:
            bar = max(float(node.quantity) * scale, 1.0)
            places[node.key] = _Place(number * _COLUMN, y, bar, y + max(bar, _LEAST), y, y)
            y += max(bar, _LEAST) + _GAP
    return places


def _bands(edges: Sequence[Edge], places: Mapping[str, _Place], scale: float) -> list[Markup]:
    bands = []
    by_place = sorted(edges, key=lambda edge: (places[edge.source].top, places[edge.target].top))
    for edge in by_place:
        source, target = places[edge.source], places[edge.target]
        tall = max(float(edge.quantity) * scale, 0.6)
        x1, x2 = source.x + _BAR, target.x
        middle = (x1 + x2) / 2
        y1, y2 = source.right, target.left
        source.right, target.left = source.right + tall, target.left + tall
        path = (
            f"M{x1:.0f} {y1:.1f}C{middle:.0f} {y1:.1f} {middle:.0f} {y2:.1f} {x2:.0f} {y2:.1f}"
            f"V{y2 + tall:.1f}C{middle:.0f} {y2 + tall:.1f} {middle:.0f} {y1 + tall:.1f} {x1:.0f} {y1 + tall:.1f}Z"
        )
        said = format_decimal(edge.quantity, ",")
        bands.append(
            element("path", [title(said)], d=path, fill="#9fb4c4", fill_opacity="0.35", class_="band")
        )
    return bands


def _node(node: Node, place: _Place, unit: str) -> Markup:
    said = f"{node.label}: {format_decimal(node.quantity, ',')} {unit}"
    colour = _COLOURS[STAGES.index(node.stage)]
    label = node.label if len(node.label) <= 25 else node.label[:24] + "…"
    return element(
        "g",
        [
            title(said),
            element(
                "rect", x=place.x, y=place.top, width=_BAR, height=place.bar, fill=colour, class_=node.stage
            ),
            text(place.x + _BAR + 4, place.top + 9, label, font_size=9.5),
        ],
    )
