"""Intake: from submitted bytes to opened statements, in an order that can be admitted.

Opening (decode, check shape and signature, read the event) needs no state and runs beside the writer.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ledger.errors import MalformedCose, TallyError
from ledger.events.opened import Opened, open_kept
from ledger.log.signatures import SignaturePool, opened_windows
from ledger.statement.envelope import drop_unprotected


def open_submitted(data: bytes) -> Opened:
    """Open a submitted statement; its unprotected header is dropped.

    Raises a `Malformed` or a `VerificationFailed` that says why.
    """
    try:
        return open_kept(data)
    except MalformedCose:
        taken = drop_unprotected(data)
        if taken == data:
            raise
        return open_kept(taken)


def open_many(
    submitted: Sequence[bytes], window: int, pool: SignaturePool | None
) -> Iterator[list[Opened | TallyError]]:
    """Open many, a window at a time; one result each, in their order."""
    windows = (submitted[start : start + window] for start in range(0, len(submitted), window))
    return opened_windows(windows, pool, open_submitted)


def in_order(opened: Sequence[Opened]) -> list[int]:
    """Positions in an order in which what a statement rests on comes before it.

    It rests on its references, its contract, its signer's enrolment, and on the acceptance of what it refers
    to; ids are hashes, so these never close a circle. It also comes after its key's previous statement, where
    that is possible: who signs first and enrols afterwards makes a circle of `prev`, which no rule asks for, so
    `prev` gives way. A folder from a week offline goes in in one go; otherwise the given order is kept.
    """
    must, wish = _dependencies(opened)
    if all(need < position for position, before in enumerate(wish) for need in before):
        return list(range(len(opened)))
    frees: dict[int, list[int]] = defaultdict(list)
    for position, before in enumerate(wish):
        for need in before:
            frees[need].append(position)
    ready = [position for position, before in enumerate(wish) if not before]
    order: list[int] = []
    placed = set[int]()
    while len(order) < len(opened):
        if not ready:  # a circle of `prev`: only what must come before is waited for
            for position in set(range(len(opened))) - placed:
                wish[position] &= must[position]
            ready = sorted(n for n in range(len(opened)) if n not in placed and not wish[n])
            assert ready, "references to hashes close no circle"
        position = heapq.heappop(ready)
        if position in placed:
            continue
        placed.add(position)
        order.append(position)
        for freed in frees[position]:
            wish[freed].discard(position)
            if not wish[freed]:
                heapq.heappush(ready, freed)
    return order


def _dependencies(opened: Sequence[Opened]) -> tuple[list[set[int]], list[set[int]]]:
    """Positions each must come after, and those it should: the same and its key's previous statement."""
    place: dict[str, int] = {}
    enrols: dict[str, int] = {}
    accepts: dict[str, list[int]] = defaultdict(list)
    for position, one in enumerate(opened):  # of what is there twice the first counts
        place.setdefault(one.id, position)
        if one.event.type == "party.enrolled":
            enrols.setdefault(one.statement.iss, position)
        elif one.event.type.endswith(".accepted"):
            accepts[_accepted(one)].append(position)

    def rests_on(one: Opened) -> Iterable[int]:
        refs = _refs(one)
        names = [*refs, one.statement.sub]
        yield from (place[name] for name in names if name in place)
        if one.statement.iss in enrols and one.event.type != "party.enrolled":
            yield enrols[one.statement.iss]
        if not one.event.type.endswith(".accepted"):
            for ref in refs:
                yield from accepts.get(ref, ())

    must = [set(rests_on(one)) - {position} for position, one in enumerate(opened)]
    wish = [
        before | {place[one.event.prev]} if one.event.prev in place else set(before)
        for one, before in zip(opened, must, strict=True)
    ]
    return must, wish


def _accepted(one: Opened) -> str:
    """What an acceptance accepts. One that names a change accepts that, and not the contract once more."""
    roles = ("change", "framework", "calloff", "allocation")
    return next(ref for role in roles if (ref := getattr(one.event.refs, role, None)) is not None)


def _refs(one: Opened) -> list[str]:
    """All ids the statement's references name."""
    found: list[str] = []
    for value in one.event.refs.__dict__.values():
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(value)
    return found
