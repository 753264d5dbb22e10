"""What is drawn of a line: its progress over time, and the flow of its goods."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ledger.views.answers.base import Answer, Day, Figure, Id, LineName, Size, Unit


class Point(Answer):
    """A running total at the end of a day."""

    day: Day
    total: Figure


class Series(Answer):
    """A running total: on which days it rose, and to what."""

    name: Literal["ordered", "signed off", "dispatched", "received", "accepted"]
    points: tuple[Point, ...]


class Due(Answer):
    """So much is due on a day."""

    day: Day
    quantity: Figure
    calloff: Id


class Progress(Answer):
    """How a line came along."""

    contract: Id
    line: LineName
    description: Annotated[str, Field(examples=["Face shield"])]
    unit: Unit
    series: tuple[Series, ...]
    due: tuple[Due, ...]
    size: Size


class FlowNode(Answer):
    """One thing on the way of the goods: a bar as tall as its quantity."""

    key: str
    """Its statement's id; of several drawn as one, a name of their own."""
    stage: Literal["contract", "call-off", "hub", "maker", "lot", "delivery"]
    label: Annotated[str, Field(examples=["Pune Hub"])]
    quantity: Figure
    count: Annotated[int, Field(ge=1, examples=[1])]
    """How many things it stands for."""


class FlowEdge(Answer):
    """So much goes from one node to another, of a later stage."""

    source: str
    target: str
    quantity: Figure


class Flow(Answer):
    """How the goods of a line flow, from the contract to the consignee. Stages of very many are drawn as fewer."""

    contract: Id
    line: LineName
    unit: Unit
    nodes: tuple[FlowNode, ...]
    edges: tuple[FlowEdge, ...]
    size: Size
