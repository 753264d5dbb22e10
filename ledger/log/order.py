"""The order in which a set submitted together can be admitted: a folder from a week offline goes in in one go.

A statement comes after what it rests on: its references and its contract, its signer's enrolment, what added the key
it is signed with, the acceptance of what it refers to, and, for a sign-off, earlier decisions on the first sample.
What ends a right (a key or a delegation revoked) comes after what was signed under it; and a statement comes after its
key's previous one. Otherwise the given order is kept.

References are hashes and close no circle. The others can: who signs first and enrols afterwards makes one of `prev`,
which no rule asks for. In a circle `prev` gives way first, then what ends a right; what is left is keys that add one
another, which the rules refuse in any order.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from ledger.events.base import Event
from ledger.events.delegation import DelegationRevoked
from ledger.events.framework import FrameworkAccepted
from ledger.events.opened import Opened
from ledger.events.orders import AllocationAccepted, CalloffAccepted
from ledger.events.party import KeyAdded, KeyRevoked, PartyEnrolled
from ledger.events.production import BatchSignedOff, SampleDecided
from ledger.statement.keys import parse_did_key
from ledger.units import KeyId, PartyId, StatementId

ENDS_A_RIGHT: Final = (KeyRevoked, DelegationRevoked)
"""What refuses for good whatever rests on that right and comes after it."""

_Before = list[set[int]]
"""For each position those it comes after."""


def in_order(opened: Sequence[Opened]) -> list[int]:
    """Positions in an order in which the set can be admitted. O(n log n)."""
    index = _Index(opened)
    if all(need <= position for position, one in enumerate(opened) for need in index.comes_after(one)):
        return list(range(len(opened)))
    must = [set(index.rests_on(one)) - {position} for position, one in enumerate(opened)]
    ended = [
        before | set(index.signed_before(one)) - {position}
        for position, (one, before) in enumerate(zip(opened, must, strict=True))
    ]
    wish = [before | set(index.previous(one)) for one, before in zip(opened, ended, strict=True)]
    return list(_sorted(wish, [ended, must]))


def _sorted(wish: _Before, yielding: list[_Before]) -> Iterator[int]:
    """Positions after what they wait for, the lowest first; in a circle they wait for what is `yielding` next, and at
    last for nothing. `wish` is used up."""
    frees: dict[int, list[int]] = defaultdict(list)
    for position, before in enumerate(wish):
        for need in before:
            frees[need].append(position)
    ready = [position for position, before in enumerate(wish) if not before]
    waiting = set(range(len(wish)))
    lowest = iter(range(len(wish)))
    while waiting:
        while not ready and yielding:
            less = yielding.pop(0)
            for position in waiting:
                wish[position] &= less[position]
            ready = sorted(position for position in waiting if not wish[position])
        position = heapq.heappop(ready) if ready else next(lowest)
        if position not in waiting:
            continue
        waiting.remove(position)
        yield position
        for freed in frees[position]:
            wish[freed].discard(position)
            if not wish[freed]:
                heapq.heappush(ready, freed)


class _Index:
    """Where in a set stands what others come after."""

    def __init__(self, opened: Sequence[Opened]) -> None:
        self._place: dict[str, int] = {}
        self._enrols: dict[PartyId, int] = {}
        self._adds: dict[tuple[str, KeyId], list[int]] = defaultdict(list)
        self._accepts: dict[StatementId, list[int]] = defaultdict(list)
        self._samples: dict[tuple[StatementId, str], list[tuple[datetime, int]]] = defaultdict(list)
        self._signed: dict[tuple[str, KeyId], list[int]] = defaultdict(list)
        self._delegated: dict[StatementId, list[int]] = defaultdict(list)
        for position, one in enumerate(opened):
            self._add(position, one)

    def _add(self, position: int, one: Opened) -> None:
        statement, event = one.statement, one.event
        self._place.setdefault(one.id, position)  # of what is there twice the first counts
        self._signed[statement.iss, statement.kid].append(position)
        accepts = _accepts(event)
        if accepts is not None:
            self._accepts[accepts].append(position)
        match event:
            case PartyEnrolled():
                self._enrols.setdefault(statement.iss, position)
            case KeyAdded():
                self._adds[statement.sub, parse_did_key(event.body.key).kid].append(position)
            case SampleDecided():
                decision = (event.occurred_at, position)
                self._samples[event.refs.allocation, event.body.line].append(decision)
        delegation: StatementId | None = getattr(event.refs, "delegation", None)
        if delegation is not None and not isinstance(event, DelegationRevoked):
            self._delegated[delegation].append(position)

    def comes_after(self, one: Opened) -> Iterator[int]:
        """All that it had better not go before; its own place may be among them."""
        yield from self.rests_on(one)
        yield from self.signed_before(one)
        yield from self.previous(one)

    def rests_on(self, one: Opened) -> Iterator[int]:
        """What no rule lets it go before."""
        statement, event, refs = one.statement, one.event, _refs(one)
        yield from (self._place[name] for name in (*refs, statement.sub) if name in self._place)
        if statement.iss in self._enrols and not isinstance(event, PartyEnrolled):
            yield self._enrols[statement.iss]
        yield from self._adds.get((statement.iss, statement.kid), ())
        if _accepts(event) is None:
            for ref in refs:
                yield from self._accepts.get(StatementId(ref), ())
        match event:
            case KeyRevoked():
                yield from self._adds.get((statement.sub, parse_did_key(event.body.key).kid), ())
            case BatchSignedOff():
                decided = self._samples.get((event.refs.allocation, event.body.line), ())
                yield from (position for at, position in decided if at <= event.occurred_at)

    def signed_before(self, one: Opened) -> Iterator[int]:
        """Of what ends a right: what was signed under it."""
        match one.event:
            case KeyRevoked() as event:
                yield from self._signed.get((one.statement.sub, parse_did_key(event.body.key).kid), ())
            case DelegationRevoked() as event:
                yield from self._delegated.get(event.refs.delegation, ())

    def previous(self, one: Opened) -> Iterator[int]:
        """Its key's previous statement."""
        if one.event.prev in self._place:
            yield self._place[one.event.prev]


def _accepts(event: Event) -> StatementId | None:
    """The offer that a statement accepts: of an acceptance that names a change, the change."""
    match event:
        case FrameworkAccepted():
            return event.refs.change or event.refs.framework
        case CalloffAccepted():
            return event.refs.calloff
        case AllocationAccepted():
            return event.refs.allocation
    return None


def _refs(one: Opened) -> list[str]:
    """All ids the statement's references name."""
    found: list[str] = []
    for value in one.event.refs.__dict__.values():
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(value)
    return found
