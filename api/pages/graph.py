"""The provenance graph as SVG: from the contract on the left to deliveries on the right.

Each column is a stage; each node a bar as tall as its quantity with its name beside it, never smaller than can be read;
each band as tall as what flows. Every node is a link, so that the graph can be walked with the keyboard and without a
script. Of too many things in a column those that come from one node are drawn as one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape

from markupsafe import Markup

from api.pages.words import Words
from ledger.report.svg import element, title
from ledger.trace.flow import STAGES, Edge, Node
from ledger.trace.largest import REST_OF

_COLUMN: Final = 204
_BAR: Final = 9
_GAP: Final = 4
_LEAST: Final = 18
"""Pixels a node takes at least, so that its name can be read and it can be hit."""
_HEAD: Final = 26
_NONE: Final = Decimal(0)
_NAME: Final = 26
"""Letters of a name that fit a column."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a node is to whoever looks."""

    address: str
    here: bool
    """Whether it is looked at in this graph, or on a page of another kind."""
    focused: bool


def draw(
    words: Words, nodes: Sequence[Node], edges: Sequence[Edge], unit: str, shown: Callable[[Node], Shown]
) -> Markup:
    """Draw a graph; nothing where there are no nodes. O(n log n)."""
    if not nodes:
        return Markup("")
    columns = [[node for node in nodes if node.stage == stage] for stage in STAGES]
    columns = _in_order([column for column in columns if column], edges)
    places = _placed(columns, edges)
    width = len(columns) * _COLUMN - 10
    height = max(place.bottom for place in places.values()) + 12
    heads = [
        element(
            "text",
            [escape(_head(words, column))],
            x=number * _COLUMN, y=14, class_="stage-name",
        )
        for number, column in enumerate(columns)
    ]  # fmt: skip
    drawn = [_node(words, node, places[node.key], unit, shown(node)) for column in columns for node in column]

    said = words.t("graph.said", unit=words.unit(unit)).unescape()
    svg = element(
        "svg",
        [title(said), *_bands(words, edges, places), *heads, *drawn],
        id="drawing", class_="graph", width=width, height=round(height), viewBox=f"0 0 {width} {round(height)}",
        role="group", aria_label=said,
    )  # fmt: skip
    return Markup(svg)  # noqa: S704  # made by `element`, which escapes


def name_of(words: Words, node: Node) -> str:
    """A node's name; of one that stands for several, how many of what."""
    if node.count > 1 or node.key.startswith(REST_OF) or " of " in node.key:
        plural = {"call-off": "calloffs", "delivery": "deliveries"}.get(node.stage, f"{node.stage}s")
        said = words.count(f"count.{plural}", node.count)
        return (words.t("graph.more", things=said) if node.key.startswith(REST_OF) else said).unescape()
    return node.label


def _head(words: Words, column: Sequence[Node]) -> str:
    plural = {"call-off": "calloffs", "delivery": "deliveries"}.get(column[0].stage, f"{column[0].stage}s")
    if plural == "contracts":
        return words.t("contract.kind").unescape()
    return words.count(f"count.{plural}", sum(node.count for node in column)).unescape()


@dataclass(slots=True)
class _Place:
    """Where a node lies, and how far its two sides are taken by bands already."""

    x: float
    top: float
    bar: float
    bottom: float
    left: float
    right: float


def _in_order(columns: list[list[Node]], edges: Sequence[Edge]) -> list[list[Node]]:
    """Each column in the order of what its nodes come from, so that bands cross as little as they need to."""
    ordered: list[list[Node]] = []
    rank: dict[str, float] = {}
    for column in columns:
        pulls: dict[str, tuple[float, float]] = {}
        for edge in edges:
            if edge.source in rank:
                weight, total = pulls.get(edge.target, (0.0, 0.0))
                share = float(edge.quantity) or 1.0
                pulls[edge.target] = (weight + share, total + share * rank[edge.source])
        middle = {key: total / weight for key, (weight, total) in pulls.items()}
        placed = sorted(
            column,
            key=lambda node: (
                node.key.startswith(REST_OF),
                middle.get(node.key, 0.0),
                -node.quantity,
                node.label,
            ),
        )
        rank |= {node.key: at / len(placed) for at, node in enumerate(placed)}
        ordered.append(placed)
    return ordered


def _placed(columns: Sequence[Sequence[Node]], edges: Sequence[Edge]) -> dict[str, _Place]:
    """A bar is as tall as what flows through it here. The fullest column takes the room that its names need; in the
    others what is left stands between the nodes."""
    out, into = _sums(edges, lambda edge: edge.source), _sums(edges, lambda edge: edge.target)
    flows = {
        node.key: float(max(out.get(node.key, _NONE), into.get(node.key, _NONE)) or node.quantity)
        for column in columns
        for node in column
    }
    tallest = max(300.0, max(len(column) for column in columns) * (_LEAST + _GAP))
    most = max(sum(flows[node.key] for node in column) for column in columns) or 1.0
    scale = tallest * 0.8 / most
    places = {}
    for number, column in enumerate(columns):
        bars = [max(flows[node.key] * scale, 2.0) for node in column]
        taken = sum(max(bar, _LEAST) for bar in bars)
        gap = _GAP if len(column) < 2 else max(_GAP, min(40.0, (tallest - taken) / (len(column) - 1)))
        y = float(_HEAD)
        for node, bar in zip(column, bars, strict=True):
            places[node.key] = _Place(number * _COLUMN, y, bar, y + max(bar, _LEAST), y, y)
            y += max(bar, _LEAST) + gap
    return places


def _bands(words: Words, edges: Sequence[Edge], places: Mapping[str, _Place]) -> list[str]:
    """Each band takes its share of the two bars it joins."""
    out = _sums(edges, lambda edge: edge.source)
    into = _sums(edges, lambda edge: edge.target)
    bands = []
    for edge in sorted(edges, key=lambda edge: (places[edge.source].top, places[edge.target].top)):
        source, target = places[edge.source], places[edge.target]
        tall_out = source.bar * float(
            edge.quantity / (max(out[edge.source], into.get(edge.source, _NONE)) or 1)
        )
        tall_in = target.bar * float(
            edge.quantity / (max(into[edge.target], out.get(edge.target, _NONE)) or 1)
        )
        x1, x2 = source.x + _BAR, target.x
        y1, y2 = source.right, target.left
        source.right, target.left = source.right + tall_out, target.left + tall_in
        bend = x1 + (x2 - x1) * 0.62
        path = (
            f"M{x1:.0f} {y1:.1f}C{bend:.0f} {y1:.1f} {bend:.0f} {y2:.1f} {x2:.0f} {y2:.1f}"
            f"v{max(tall_in, 0.7):.1f}"
            f"C{bend:.0f} {y2 + tall_in:.1f} {bend:.0f} {y1 + tall_out:.1f} {x1:.0f} {y1 + max(tall_out, 0.7):.1f}z"
        )
        bands.append(element("path", [title(words.number(edge.quantity))], d=path, class_="band"))
    return bands


def _sums(edges: Sequence[Edge], end: Callable[[Edge], str]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for edge in edges:
        sums[end(edge)] = sums.get(end(edge), Decimal(0)) + edge.quantity
    return sums


def _node(words: Words, node: Node, place: _Place, unit: str, shown: Shown) -> str:
    name = name_of(words, node)
    quantity = words.quantity(node.quantity, unit).unescape()
    column = round(place.x / _COLUMN)
    stage = words.t(f"graph.{node.stage}").unescape()
    short = name if len(name) <= _NAME else name[: _NAME - 1] + "…"
    figure = words.number(node.quantity)
    tall = place.bottom - place.top
    content = [
        title(f"{stage}: {name}, {quantity}"),
        element(
            "rect",
            x=place.x,
            y=place.top - 1,
            width=_COLUMN - 26,
            height=min(tall, 2 * _LEAST) + 2,
            class_="hit",
        ),
        element(
            "rect", x=place.x, y=place.top, width=_BAR, height=place.bar, class_=f"node-bar {node.stage}"
        ),
        element("text", [escape(short)], x=place.x + _BAR + 5, y=place.top + 12.5, class_="name"),
    ]
    if tall >= 30:
        content.append(
            element("text", [escape(figure)], x=place.x + _BAR + 5, y=place.top + 26, class_="figure")
        )
    return element(
        "a", content,
        href=shown.address, class_=f"node{' focused' if shown.focused else ''}{' several' if node.count > 1 else ''}",
        aria_current="true" if shown.focused else None,
        data_swap="graph" if shown.here else None, data_push="" if shown.here else None, data_column=column,
    )  # fmt: skip
