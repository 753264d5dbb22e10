"""Intake: from submitted bytes to opened statements, in an order that can be admitted.

Opening (decode, check shape and signature, read the event) needs no state and runs beside the writer.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ledger.errors import MalformedCose, TallyError
from ledger.events.opened import Opened, read_kept
from ledger.log.signatures import Read, SignaturePool, verified
from ledger.statement.envelope import SignatureClaim, drop_unprotected


def read_submitted(data: bytes) -> tuple[Opened, SignatureClaim]:
    """Read a submitted statement; its unprotected header is dropped, its signature still to be checked.

    Raises a `Malformed` or `KeyUnknown` that says why.
    """
    try:
        return read_kept(data)
    except MalformedCose:
        taken = drop_unprotected(data)
        if taken == data:
            raise
        return read_kept(taken)


def open_submitted(data: bytes) -> Opened:
    """Open a submitted statement. Raises a `Malformed` or `VerificationFailed` that says why."""
    opened, claim = read_submitted(data)
    claim.check()
    return opened


def open_many(
    submitted: Sequence[bytes], window: int, pool: SignaturePool | None
) -> Iterator[list[Opened | TallyError]]:
    """Open many, a window at a time; one result each, in their order."""
    windows = (
        [_read(data) for data in submitted[start : start + window]]
        for start in range(0, len(submitted), window)
    )
    return verified(windows, pool)


def _read(data: bytes) -> Read[Opened]:
    try:
        return read_submitted(data)
    except TallyError as error:
        return error


def in_order(opened: Sequence[Opened]) -> list[int]:
    """Positions in an order in which what a statement rests on comes before it.

    It rests on its references, its contract, its key's previous statement, its signer's enrolment, and on the
    acceptance of what it refers to. A folder from a week offline goes in in one go; otherwise the given order
    is kept. A circle (which no honest signer makes) is broken at its first statement, and the rules answer.
    """
    place: dict[str, int] = {one.id: position for position, one in enumerate(opened)}
    enrols = {one.statement.iss: n for n, one in enumerate(opened) if one.event.type == "party.enrolled"}
    accepts: dict[str, list[int]] = defaultdict(list)
    for position, one in enumerate(opened):
        if one.event.type.endswith(".accepted"):
            for ref in _refs(one):
                accepts[ref].append(position)

    def needs(position: int) -> Iterable[int]:
        one = opened[position]
        refs = _refs(one)
        for name in (*refs, one.statement.sub, one.event.prev):
            if name is not None and name in place:
                yield place[name]
        if one.statement.iss in enrols:
            yield enrols[one.statement.iss]
        if not one.event.type.endswith(".accepted"):
            for ref in refs:
                yield from accepts[ref]

    waits = {n: {need for need in needs(n) if need != n} for n in range(len(opened))}
    frees: dict[int, list[int]] = defaultdict(list)
    for position, before in waits.items():
        for need in before:
            frees[need].append(position)
    ready = [n for n, before in waits.items() if not before]
    heapq.heapify(ready)
    order: list[int] = []
    placed = set[int]()
    stuck = iter(range(len(opened)))
    while len(order) < len(opened):
        position = heapq.heappop(ready) if ready else next(n for n in stuck if n not in placed)
        if position in placed:
            continue
        placed.add(position)
        order.append(position)
        for freed in frees[position]:
            waits[freed].discard(position)
            if not waits[freed] and freed not in placed:
                heapq.heappush(ready, freed)
    return order


def _refs(one: Opened) -> list[str]:
    """All ids the statement's references name."""
    found: list[str] = []
    for value in one.event.refs.__dict__.values():
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(value)
    return found
