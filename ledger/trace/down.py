"""From a contract down: every line, call-off, hub, maker, lot and delivery, with figures that add up.

For each line: ordered, allotted, signed off, dispatched, received, accepted, open. For each maker the same, of what
was allotted to it and not passed on; for each hub of what it passed on. *Dispatched* and *received* count the last
leg, to the call-off's consignee: a lot collected by a hub on the way is not counted twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

import msgspec

from ledger.bulk import uncollected
from ledger.rules.records import Allocation, Calloff, Lot
from ledger.rules.situation import LineOf, Situation, by_line
from ledger.rules.sums import ZERO, LotFacts, Value, total
from ledger.units import EXACT, Money, PartyId, StatementId

Worth = tuple[Money, ...] | None
"""By currency; None where a price is not known here."""


class Totals(Value, frozen=True):
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


class LineTrace(Value, frozen=True):
    line: str
    description: str
    ceiling: Decimal | None
    """By the latest terms."""
    totals: Totals
    paid: Decimal
    """The quantity that payments are for."""
    accepted_worth: Worth


class MakerTrace(Value, frozen=True):
    """One maker and one line. `via` is who allotted it."""

    party: PartyId
    via: tuple[PartyId, ...]
    line: str
    totals: Totals
    lots: tuple[StatementId, ...]


class HubTrace(Value, frozen=True):
    """One party and one line of which it passed some on: all that is made at it and below it."""

    party: PartyId
    via: tuple[PartyId, ...]
    line: str
    totals: Totals
    parts: int
    """How many allocations it made from what it holds."""


class Branch(Value, frozen=True):
    """A call-off or an allocation with what was allotted from it."""

    promise: Calloff | Allocation
    branches: tuple[Branch, ...]
    lots: tuple[Lot, ...]


class ContractTrace(Value, frozen=True):
    """The whole contract."""

    lines: tuple[LineTrace, ...]
    hubs: tuple[HubTrace, ...]
    makers: tuple[MakerTrace, ...]
    calloffs: tuple[Branch, ...]


@uncollected()
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
        shares = ordered[line.line]
        made = _made(
            line.unit,
            facts[line.line],
            ordered=_sum(shares),
            allotted=allotted.get(line.line, ZERO),
            worth=at.worth(shares),
        )
        figures = msgspec.structs.replace(
            made,
            received=EXACT.add(made.received, unknown.get(line.line, ZERO)),
            accepted=_sum(accepted[line.line]),
            rejected=at.rejected.get(line.line, ZERO),
            unattributed=unknown.get(line.line, ZERO),
        )
        paid, accepted_worth = at.paid.get(line.line, ZERO), at.worth(accepted[line.line])
        traced.append(LineTrace(line.line, line.description, line.ceiling, figures, paid, accepted_worth))
    return tuple(traced)


class _Held:
    """What one party holds of one line, while it is added up."""

    __slots__ = ("lots", "parts", "passed_on", "shares", "unit", "via")

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.shares: list[tuple[LineOf, Decimal]] = []
        self.via: dict[PartyId, None] = {}
        self.passed_on = ZERO
        self.parts = 0
        self.lots: list[LotFacts] = []

    def add(self, allocation: Allocation, line: str, quantity: Decimal) -> None:
        self.shares.append(((allocation.calloff, line), quantity))
        self.via[allocation.offered_by] = None


def _makers(at: Situation) -> tuple[MakerTrace, ...]:
    """Everyone who holds a share that is not wholly passed on, and whoever signed a lot off; largest share first.

    What an overpromised holder keeps is below zero: so the makers of a line still add up to what is allotted of it.
    """
    rows: dict[_Row, _Held] = {}
    for allocation in at.allocations.values():
        for share in allocation.lines:
            kept = EXACT.subtract(share.quantity, share.allotted)
            if kept or share.released:
                row = rows.setdefault((allocation.holder, share.line), _Held(share.unit))
                row.add(allocation, share.line, kept)
    for facts in at.facts.values():
        rows[facts.lot.maker, facts.lot.line].lots.append(facts)
    traced = []
    for (party, line), row in rows.items():
        quantity, worth = _sum(row.shares), at.worth(row.shares)
        figures = _made(row.unit, row.lots, ordered=quantity, allotted=quantity, worth=worth)
        lots = tuple(facts.lot.id for facts in sorted(row.lots, key=lambda facts: facts.lot.name))
        traced.append(MakerTrace(party, tuple(row.via), line, figures, lots))
    return tuple(sorted(traced, key=lambda one: (-one.totals.ordered, one.line, one.party)))


def _hubs(at: Situation, below: Below) -> tuple[HubTrace, ...]:
    """Everyone who passed some of an allocation on; largest share first."""
    rows: dict[_Row, _Held] = {}
    for allocation in at.allocations.values():
        offered = [share.line for part in below.get(allocation.id, ()) for share in part.lines]
        for share in allocation.lines if offered else ():
            if share.line in offered:
                row = rows.setdefault((allocation.holder, share.line), _Held(share.unit))
                row.add(allocation, share.line, share.quantity)
                row.passed_on = EXACT.add(row.passed_on, share.allotted)
                row.parts += offered.count(share.line)
    _add_lots_below(at, rows)
    traced = []
    for (party, line), row in rows.items():
        quantity, worth = _sum(row.shares), at.worth(row.shares)
        figures = _made(row.unit, row.lots, ordered=quantity, allotted=row.passed_on, worth=worth)
        traced.append(HubTrace(party, tuple(row.via), line, figures, row.parts))
    return tuple(sorted(traced, key=lambda one: (-one.totals.ordered, one.line, one.party)))


def _add_lots_below(at: Situation, rows: Mapping[_Row, _Held]) -> None:
    """Give each hub the lots made under its allocations, at whatever level, each once."""
    for facts in at.facts.values():
        holders = {holder.holder for holder in up_from(at, facts.lot.allocation)}
        for row in (rows.get((holder, facts.lot.line)) for holder in holders):
            if row is not None:
                row.lots.append(facts)


def up_from(at: Situation, allocation: StatementId) -> Iterator[Allocation]:
    """An allocation and those it is a part of, itself first."""
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


def _made(
    unit: str, lots: Sequence[LotFacts], *, ordered: Decimal, allotted: Decimal, worth: Worth
) -> Totals:
    """What was asked for, what was made, and what its consignees and the buyer said of it."""
    signed_off = dispatched = received = damaged = accepted = rejected = ZERO
    for one in lots:
        delivered = one.delivered
        signed_off = EXACT.add(signed_off, one.lot.released)
        dispatched = EXACT.add(dispatched, one.dispatched)
        received = EXACT.add(received, delivered.good)
        damaged = EXACT.add(damaged, delivered.damaged)
        accepted = EXACT.add(accepted, one.accepted)
        rejected = EXACT.add(rejected, one.rejected)
    return Totals(
        unit=unit,
        ordered=ordered,
        allotted=allotted,
        signed_off=signed_off,
        dispatched=dispatched,
        received=received,
        damaged=damaged,
        accepted=accepted,
        rejected=rejected,
        worth=worth,
    )


def _sum(shares: Iterable[tuple[LineOf, Decimal]]) -> Decimal:
    return total(quantity for _, quantity in shares)
