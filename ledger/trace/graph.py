"""The provenance graph: which statement rests on which, as edges that somebody can draw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ledger.rules.links import inputs_of, rests_on, settled_by
from ledger.rules.records import Correction, Erasure, Proxy, Record
from ledger.rules.situation import Situation
from ledger.units import StatementId


class Edge(NamedTuple):
    """`source` stands in a relation to `target`, which was there before it: it `sends` a lot, `accepts` an offer."""

    source: StatementId
    role: str
    target: StatementId


def edges(at: Situation) -> Iterator[Edge]:
    """Every edge of a gathered contract, or of the part of one. O(its records).

    What rests on the contract alone (a call-off, an amendment) has an edge to it as well, so the graph is one.
    """
    for statement, record in _kept(at):
        resting = [*rests_on(record), *inputs_of(record)]
        for ref in resting:
            yield Edge(statement, ref.role, ref.statement)
        if not resting and statement != at.framework.id:
            yield Edge(statement, "under", at.framework.id)
        for ref in settled_by(record):
            yield Edge(ref.statement, ref.role, statement)


def statements_in(at: Situation) -> set[StatementId]:
    """Every statement that the records at hand come from or name: what has to be shown together with them."""
    named = {at.framework.id}
    for edge in edges(at):
        named |= {edge.source, edge.target}
    return named


def _kept(at: Situation) -> Iterator[tuple[StatementId, Record]]:
    yield from at.records.items()
    about: list[Proxy | Correction | Erasure] = [
        *at.proxies.values(),
        *at.corrections.values(),
        *at.erasures.values(),
    ]
    for record in about:
        yield (record.statement if isinstance(record, Proxy) else record.target), record
