"""What is drawn of a line, told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger.trace.flow import flow_of, folded
from ledger.trace.progress import progress_of
from ledger.views.answers.series import Due, Flow, FlowEdge, FlowNode, Point, Progress, Series
from ledger.views.telling.teller import Teller

_MOST: Final = 200
"""Nodes of one stage; of more, those of a parent are told as one."""


def tell_progress(teller: Teller) -> Iterator[Progress]:
    for line in teller.at.latest_terms.lines:
        orders = [one for one in teller.orders if one.line_of[1] == line.line]
        series = progress_of(
            ((one.issued, one.quantity) for one in orders), teller.facts_by_line.get(line.line, ())
        )
        yield Progress(
            contract=teller.at.framework.id,
            line=line.line,
            description=line.description,
            unit=line.unit,
            series=tuple(
                Series(name=one.name, points=tuple(Point(day=day, total=total) for day, total in one.points))
                for one in series
            ),
            due=tuple(Due(day=one.due, quantity=one.quantity, calloff=one.line_of[0]) for one in orders),
            size=teller.size,
        )


def tell_flow(teller: Teller) -> Iterator[Flow]:
    for line in teller.at.latest_terms.lines:
        nodes, edges = folded(*flow_of(teller.at, line.line, teller.facts_by_line.get(line.line, ())), _MOST)
        yield Flow(
            contract=teller.at.framework.id,
            line=line.line,
            unit=line.unit,
            nodes=tuple(
                FlowNode(
                    key=one.key, stage=one.stage, label=one.label, quantity=one.quantity, count=one.count
                )
                for one in nodes
            ),
            edges=tuple(
                FlowEdge(source=one.source, target=one.target, quantity=one.quantity) for one in edges
            ),
            size=teller.size,
        )
