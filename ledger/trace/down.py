"""From a contract down: every line, call-off, hub, maker, lot and delivery, with figures that add up.

For each line: ordered, allotted, signed off, dispatched, received, accepted, open. For each maker the same, of what
was allotted to it and not passed on; for each hub of what it passed on. *Dispatched* and *received* count the last
leg, to the call-off's consignee: a lot collected by a hub on the way is not counted twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ledger.rules.records import Allocation, Calloff, Lot
from ledger.rules.situation import LineOf, Situation, by_line
from ledger.rules.sums import ZERO, LotFacts, total
from ledger.units import EXACT, Money, PartyId, StatementId

Worth = tuple[Money, ...] | None
"""By currency; None where a price is not known here."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What was promised and what became of it, in one unit."""

    unit: str
    ordered: Decimal = ZERO
    """Called off (of a line), allotted and not passed on (of a maker), or held and passed on (of a hub)."""
    allotted: Decimal = ZERO
    signed_off: Decimal = ZERO
    dispatched: Decimal = ZERO
    received: Decimal = ZERO
    """In good order, by the consignee."""
    damaged: Decimal = ZERO
    accepted: Decimal = ZERO
    rejected: Decimal = ZERO
    unattributed: Decimal = ZERO
    """Of `received`: goods whose maker is not known."""
    worth: Worth = None
    """Of what was ordered."""

    @property
    def open(self) -> Decimal:
        """What has not arrived in good order; negative when more arrived than was asked for."""
        return EXACT.subtract(self.ordered, self.received)


@dataclass(frozen=True, slots=True)
class LineTrace:
    line: str
    description: str
    ceiling: Decimal | None
    """By the latest terms."""
    totals: Totals
    paid: Decimal
    """The quantity that payments are for."""
    accepted_worth: Worth


@dataclass(frozen=True, slots=True)
class MakerTrace:
    """One maker and one line. `via` is who allotted it."""

    party: PartyId
    via: tuple[PartyId, ...]
    line: str
    totals: Totals
    lots: tuple[StatementId, ...]


@dataclass(frozen=True, slots=True)
class HubTrace:
    """One party and one line of which it passed some on: all that is made at it and below it."""

    party: PartyId
    via: tuple[PartyId, ...]
    line: str
    totals: Totals
    parts: int
    """How many allocations it made from what it holds."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A call-off or an allocation with what was allotted from it."""

    promise: Calloff | Allocation
    branches: tuple[Branch, ...]
    lots: tuple[Lot, ...]


@dataclass(frozen=True, slots=True)
class ContractTrace:
    """The whole contract."""

    lines: tuple[LineTrace, ...]
    hubs: tuple[HubTrace, ...]
    makers: tuple[MakerTrace, ...]
    calloffs: tuple[Branch, ...]


def trace_down(at: Situation) -> ContractTrace:
    """Trace a gathered contract. O(its records x the depth of its division)."""
    below = _below(at)
    return ContractTrace(_lines(at), _hubs(at, below), _makers(at), _branches(at, below))


Below = Mapping[StatementId, list[Allocation]]
"""By call-off or allocation: what was allotted from it."""

_Row = tuple[PartyId, str]
"""A party and a line."""


def _below(at: Situation) -> Below:
    below: defaultdict[StatementId, list[Allocation]] = defaultdict(list)
    for allocation in at.allocations.values():
        below[allocation.parent].append(allocation)
    return below


def _lines(at: Situation) -> tuple[LineTrace, ...]:
    facts: defaultdict[str, list[LotFacts]] = defaultdict(list)
    for one in at.facts.values():
        facts[one.lot.line].append(one)
    ordered: defaultdict[str, list[tuple[LineOf, Decimal]]] = defaultdict(list)
    allotted: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for calloff in at.calloffs.values():
        for share in calloff.lines:
            ordered[share.line].append(((calloff.id, share.line), share.quantity))
            allotted[share.line] = EXACT.add(allotted[share.line], share.allotted)
    accepted: defaultdict[str, list[tuple[LineOf, Decimal]]] = defaultdict(list)
    for line_of, quantity in at.accepted.items():
        accepted[line_of[1]].append((line_of, quantity))
    unknown = by_line(at.unattributed)
    traced = []
    for line in at.latest_terms.lines:
        made = _made(line.unit, facts[line.line])
        figures = replace(
            made,
            ordered=_sum(ordered[line.line]),
            allotted=allotted[line.line],
            received=EXACT.add(made.received, unknown.get(line.line, ZERO)),
            accepted=_sum(accepted[line.line]),
            rejected=at.rejected.get(line.line, ZERO),
            unattributed=unknown.get(line.line, ZERO),
            worth=at.worth(ordered[line.line]),
        )
        paid, accepted_worth = at.paid.get(line.line, ZERO), at.worth(accepted[line.line])
        traced.append(LineTrace(line.line, line.description, line.ceiling, figures, paid, accepted_worth))
    return tuple(traced)


def _makers(at: Situation) -> tuple[MakerTrace, ...]:
    """Everyone who holds a share that is not wholly passed on, and whoever signed a lot off; largest share first.

    What an overpromised holder keeps is below zero: so the makers of a line still add up to what is allotted of it.
    """
    own: defaultdict[_Row, list[tuple[LineOf, Decimal]]] = defaultdict(list)
    units: dict[_Row, str] = {}
    via: defaultdict[_Row, dict[PartyId, None]] = defaultdict(dict)
    facts: defaultdict[_Row, list[LotFacts]] = defaultdict(list)
    for allocation in at.allocations.values():
        for share in allocation.lines:
            if share.own.value or share.released:
                row = (allocation.holder, share.line)
                own[row].append(((allocation.calloff, share.line), share.own.value))
                units[row] = share.unit
                via[row][allocation.offered_by] = None
    for one in at.facts.values():
        facts[one.lot.maker, one.lot.line].append(one)
    traced = []
    for (party, line), shares in own.items():
        lots, quantity = facts[party, line], _sum(shares)
        made = _made(units[party, line], lots)
        figures = replace(made, ordered=quantity, allotted=quantity, worth=at.worth(shares))
        ids = tuple(one.lot.id for one in sorted(lots, key=lambda one: one.lot.name))
        traced.append(MakerTrace(party, tuple(via[party, line]), line, figures, ids))
    return tuple(sorted(traced, key=lambda one: (-one.totals.ordered, at.who(one.party), one.line)))


def _hubs(at: Situation, below: Below) -> tuple[HubTrace, ...]:
    """Everyone who passed some of an allocation on; largest share first."""
    held: defaultdict[_Row, list[tuple[LineOf, Decimal]]] = defaultdict(list)
    passed_on: defaultdict[_Row, Decimal] = defaultdict(lambda: ZERO)
    units: dict[_Row, str] = {}
    via: defaultdict[_Row, dict[PartyId, None]] = defaultdict(dict)
    parts: defaultdict[_Row, int] = defaultdict(int)
    for allocation in at.allocations.values():
        offered = [line.line for one in below.get(allocation.id, ()) for line in one.lines]
        for share in allocation.lines:
            if share.line in offered:
                row = (allocation.holder, share.line)
                held[row].append(((allocation.calloff, share.line), share.quantity))
                passed_on[row] = EXACT.add(passed_on[row], share.allotted)
                units[row] = share.unit
                via[row][allocation.offered_by] = None
                parts[row] += offered.count(share.line)
    facts = _facts_below(at, held)
    traced = [
        HubTrace(
            party,
            tuple(via[party, line]),
            line,
            replace(
                _made(units[party, line], facts[party, line]),
                ordered=_sum(shares),
                allotted=passed_on[party, line],
                worth=at.worth(shares),
            ),
            parts[party, line],
        )
        for (party, line), shares in held.items()
    ]
    return tuple(sorted(traced, key=lambda one: (-one.totals.ordered, at.who(one.party), one.line)))


def _facts_below(at: Situation, hubs: Iterable[_Row]) -> Mapping[_Row, list[LotFacts]]:
    """Of each hub and line the lots made under its allocations, at whatever level, each once."""
    wanted = set(hubs)
    found: defaultdict[_Row, list[LotFacts]] = defaultdict(list)
    for one in at.facts.values():
        holders = {(holder.holder, one.lot.line) for holder in _up_from(at, one.lot.allocation)}
        for row in holders & wanted:
            found[row].append(one)
    return found


def _up_from(at: Situation, allocation: StatementId) -> Iterator[Allocation]:
    """An allocation and those it is a part of."""
    holder = at.allocations.get(allocation)
    while holder is not None:
        yield holder
        holder = at.allocations.get(holder.parent)


def _branches(at: Situation, below: Below) -> tuple[Branch, ...]:
    """The tree of promises. Its depth is bounded by R33."""

    def branch(promise: Calloff | Allocation) -> Branch:
        parts = tuple(branch(one) for one in below.get(promise.id, ()))
        return Branch(promise, parts, tuple(at.lots_under.get(promise.id, ())))

    return tuple(branch(calloff) for calloff in at.calloffs.values())


def _made(unit: str, lots: Sequence[LotFacts]) -> Totals:
    """What was made, and what its consignees and the buyer said of it."""
    return Totals(
        unit=unit,
        signed_off=total(one.lot.released for one in lots),
        dispatched=total(one.dispatched for one in lots),
        received=total(one.delivered.good for one in lots),
        damaged=total(one.delivered.damaged for one in lots),
        accepted=total(one.accepted for one in lots),
        rejected=total(one.rejected for one in lots),
    )


def _sum(shares: Iterable[tuple[LineOf, Decimal]]) -> Decimal:
    return total(quantity for _, quantity in shares)
