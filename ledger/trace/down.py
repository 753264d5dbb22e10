"""From a contract down: every line, call-off, allocation, maker, lot and delivery, with figures that add up.

For each line: ordered, allotted, signed off, dispatched, received, open. For each maker the same, of what was
allotted to it and not passed on. *Dispatched* and *received* count the last leg, to the call-off's consignee:
a lot collected by a hub on the way is not counted twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ledger.rules.records import Allocation, Calloff, Counted, Lot, Share
from ledger.rules.situation import Situation, unattributed
from ledger.units import PartyId, StatementId

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Totals:
    """What was promised and what became of it, in one unit."""

    unit: str
    ordered: Decimal = _ZERO
    """Called off (of a line), or allotted and not passed on (of a maker)."""
    allotted: Decimal = _ZERO
    signed_off: Decimal = _ZERO
    dispatched: Decimal = _ZERO
    received: Decimal = _ZERO
    """In good order, by the consignee."""
    damaged: Decimal = _ZERO
    unattributed: Decimal = _ZERO
    """Of `received`: goods whose maker is not known."""

    @property
    def open(self) -> Decimal:
        """What has not arrived in good order; negative when more arrived than was asked for."""
        return self.ordered - self.received


@dataclass(frozen=True, slots=True)
class LineTrace:
    line: str
    description: str
    ceiling: Decimal | None
    totals: Totals


@dataclass(frozen=True, slots=True)
class MakerTrace:
    """One maker and one line. `via` is who allotted it."""

    party: PartyId
    via: tuple[PartyId, ...]
    line: str
    totals: Totals
    lots: tuple[StatementId, ...]


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
    makers: tuple[MakerTrace, ...]
    calloffs: tuple[Branch, ...]


def trace_down(at: Situation) -> ContractTrace:
    """Trace a gathered contract. O(its records)."""
    return ContractTrace(_lines(at), _makers(at), _branches(at))


def _lines(at: Situation) -> tuple[LineTrace, ...]:
    lots: dict[str, list[Lot]] = defaultdict(list)
    for lot in at.lots.values():
        lots[lot.line].append(lot)
    unknown: dict[str, Decimal] = defaultdict(lambda: _ZERO)
    for (_, name), quantity in unattributed(at).items():
        unknown[name] += quantity
    shares: dict[str, list[Share]] = defaultdict(list)
    for calloff in at.calloffs.values():
        for share in calloff.lines:
            shares[share.line].append(share)
    traced = []
    for line in at.framework.lines:
        goods = _goods(lots[line.line])
        totals = Totals(
            unit=line.unit,
            ordered=line.called,
            allotted=sum((share.allotted for share in shares[line.line]), _ZERO),
            signed_off=sum((lot.released for lot in lots[line.line]), _ZERO),
            dispatched=goods.dispatched,
            received=goods.good + unknown[line.line],
            damaged=goods.damaged,
            unattributed=unknown[line.line],
        )
        traced.append(LineTrace(line.line, line.description, line.ceiling, totals))
    return tuple(traced)


def _makers(at: Situation) -> tuple[MakerTrace, ...]:
    """Everyone who holds a share that is not wholly passed on; largest share first. Whoever signed off a lot is
    among them: what was made cannot be passed on as well (R17)."""
    own: dict[tuple[PartyId, str], Decimal] = defaultdict(lambda: _ZERO)
    units: dict[tuple[PartyId, str], str] = {}
    via: dict[tuple[PartyId, str], dict[PartyId, None]] = defaultdict(dict)
    lots: dict[tuple[PartyId, str], list[Lot]] = defaultdict(list)
    for allocation in at.allocations.values():
        for share in allocation.lines:
            if share.own.value > 0:
                key = (allocation.holder, share.line)
                own[key] += share.own.value
                units[key] = share.unit
                via[key][allocation.offered_by] = None
    for lot in at.lots.values():
        lots[lot.maker, lot.line].append(lot)
    traced = []
    for (party, line), quantity in own.items():
        goods = _goods(lots[party, line])
        totals = Totals(
            unit=units[party, line],
            ordered=quantity,
            allotted=quantity,
            signed_off=sum((lot.released for lot in lots[party, line]), _ZERO),
            dispatched=goods.dispatched,
            received=goods.good,
            damaged=goods.damaged,
        )
        ids = tuple(lot.id for lot in sorted(lots[party, line], key=lambda lot: lot.name))
        traced.append(MakerTrace(party, tuple(via[party, line]), line, totals, ids))
    return tuple(sorted(traced, key=lambda one: (-one.totals.ordered, at.who(one.party), one.line)))


def _branches(at: Situation) -> tuple[Branch, ...]:
    children: dict[StatementId, list[Allocation]] = defaultdict(list)
    for allocation in at.allocations.values():
        children[allocation.parent].append(allocation)
    lots: dict[StatementId, list[Lot]] = defaultdict(list)
    for lot in at.lots.values():
        lots[lot.allocation].append(lot)

    # A chain of sub-allocations may be long: built from the leaves up, without recursion.
    built: dict[StatementId, Branch] = {}
    for allocation in reversed(_parents_first(at, children)):
        below = tuple(built[child.id] for child in children[allocation.id])
        built[allocation.id] = Branch(allocation, below, tuple(lots[allocation.id]))
    return tuple(
        Branch(calloff, tuple(built[child.id] for child in children[calloff.id]), ())
        for calloff in at.calloffs.values()
    )


def _parents_first(at: Situation, children: dict[StatementId, list[Allocation]]) -> list[Allocation]:
    order: list[Allocation] = []
    waiting = [child for calloff in at.calloffs for child in children[calloff]]
    while waiting:
        allocation = waiting.pop()
        order.append(allocation)
        waiting.extend(children[allocation.id])
    return order


@dataclass(frozen=True, slots=True)
class _Goods:
    dispatched: Decimal
    good: Decimal
    damaged: Decimal


def _goods(lots: Iterable[Lot]) -> _Goods:
    """What was sent to, and counted by, the consignee."""
    counted: list[tuple[Decimal, Counted]] = [
        (lot.sent_to_consignee, lot.counted_by(lot.consignee)) for lot in lots
    ]
    return _Goods(
        sum((sent for sent, _ in counted), _ZERO),
        sum((one.good for _, one in counted), _ZERO),
        sum((one.damaged for _, one in counted), _ZERO),
    )
