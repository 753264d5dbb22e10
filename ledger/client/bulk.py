"""Many statements at once: how they are split into sets, and what a set is answered with.

A set goes as a CBOR sequence (RFC 8742) and is put in order by the server; each statement has one JSON line in the
answer, in the order in which they were sent: a receipt, or a problem. What rests on a statement of another set may be
refused for now, and is offered again afterwards (`ledger.client.client`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from ledger.client.problems import Problem
from ledger.errors import MalformedAnswer
from ledger.events.catalogue import EVENTS
from ledger.limits import BULK_BYTES
from ledger.log.order import ENDS_A_RIGHT
from ledger.statement.envelope import Statement

SEQUENCE: Final = "application/cbor-seq"
LINES: Final = "application/x-ndjson"

Statements = Mapping[int, Statement]
"""By their position among those that were given."""


class Line(Problem, frozen=True):
    """What became of one statement: its receipt, or else a problem."""

    receipt: bytes = b""
    status: int = 500


def in_sets(statements: Statements, at_most: int, at_most_bytes: int = BULK_BYTES) -> Iterator[Statements]:
    """Sets of at most so many statements and bytes, in their order."""
    current: dict[int, Statement] = {}
    size = 0
    for position, statement in statements.items():
        if current and (len(current) == at_most or size + len(statement.data) > at_most_bytes):
            yield current
            current, size = {}, 0
        current[position] = statement
        size += len(statement.data)
    if current:
        yield current


def in_rounds(statements: Statements, at_most: int) -> list[Statements]:
    """What to register before what, where there are several sets: what ends a right comes last, so that what was signed
    under it is registered before, in whichever set it stands. Within one set the server sees to it."""
    if len(list(in_sets(statements, at_most))) < 2:
        return [statements]
    ending = {
        position: one
        for position, one in statements.items()
        if EVENTS.get(one.payload["type"]) in ENDS_A_RIGHT
    }
    return [{position: one for position, one in statements.items() if position not in ending}, ending]


def read_lines(body: bytes, count: int) -> list[Line]:
    """The lines of an answer to `count` statements. Raises `MalformedAnswer`."""
    lines = body.split(b"\n")
    if lines.pop() or len(lines) != count:
        raise MalformedAnswer(f"{len(lines)} whole lines for {count} statements", expected="one for each")
    try:
        return [msgspec.json.decode(line, type=Line) for line in lines]
    except (msgspec.MsgspecError, RecursionError) as error:
        raise MalformedAnswer(
            f"a line of the answer is not one: {error!s:.200}", expected="a receipt or a problem"
        ) from error
