"""The branch of a contract that one party may see: what it signed, what names it, what lies above and below.

* The buyer, and whom the contract itself names (prime, inspectors, quality, payers), see all of it.
* Anyone else sees its *own*: what it signed and what names it; what was allotted to it and all that was allotted,
  made, sent, counted, decided, called back or disputed below that; and, for a consignee, the goods that were sent to
  it on its call-off. Whatever was said of its own later (an acceptance, a correction) is its own as well.
* *Above* its own it sees the promises that lead up to the contract, each with its acceptance: the allocations, the
  call-off, the contract with its accepted changes. Nothing else hangs on those for it.
* A party with nothing of its own sees nothing: not even that there is such a contract.

What a party says of others' goods shows it nothing of them: a fact is recorded whoever tells it, so it must not open
what it names. `part_of` is a contract as such a party sees it, to be traced like the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeVar

import msgspec

from ledger.rules.links import settled_by
from ledger.rules.records import (
    Acknowledgement,
    Allocation,
    Calloff,
    Correction,
    Decision,
    Delegation,
    Dispatch,
    Dispute,
    Framework,
    Hold,
    Inspection,
    Lot,
    Payment,
    Proxy,
    Recall,
    Receipt,
    Record,
)
from ledger.rules.situation import LineOf, Situation
from ledger.rules.sums import ZERO, totals
from ledger.trace.down import up_from
from ledger.units import PartyId, StatementId

P = TypeVar("P", Calloff, Allocation)


@dataclass(frozen=True, slots=True)
class Branch:
    """Which statements of a contract a party sees."""

    contract: StatementId
    party: PartyId
    """Of a whole contract the buyer, whoever looks."""
    whole: bool
    """Whether it sees every statement, those to come included."""
    own: frozenset[StatementId]
    """Its own statements, and those below them; all that there are, of a whole contract empty."""
    above: frozenset[StatementId]
    """The promises above its own, up to the contract, with what accepted them."""

    def sees(self, statement: StatementId) -> bool:
        return self.whole or statement in self.own or statement in self.above

    @property
    def empty(self) -> bool:
        """Whether for this party there is no such contract."""
        return not self.whole and not self.own


def branch(at: Situation, party: PartyId) -> Branch:
    """What a party sees of a gathered contract. O(its records)."""
    assert at.whole, "what lies below is found by going through everything"
    contract = at.framework
    if party in named_by(contract):
        return whole(at)
    walk = _Walk(at, party)
    own = walk.own()
    above = walk.above(own) if own else set()
    return Branch(contract.id, party, False, frozenset(own), frozenset(above - own))


def whole(at: Situation) -> Branch:
    """All of a contract."""
    return Branch(at.framework.id, at.framework.buyer, True, frozenset(), frozenset())


def named_by(contract: Framework) -> tuple[PartyId, ...]:
    """The buyer, and whom the contract names."""
    return (contract.buyer, contract.prime, *contract.inspectors, *contract.quality, *contract.payers)


def parties_in(record: Record) -> Iterator[PartyId]:  # noqa: PLR0912  # one case a kind of record
    """Who signed what a record stands for, and whom it names."""
    match record:
        case Calloff():
            yield from (record.holder, record.consignee)
        case Allocation():
            yield from (record.offered_by, record.holder)
        case Delegation():
            yield from (record.by, record.to)
        case Proxy():
            yield from (record.principal, record.delegate)
        case Lot():
            yield record.maker
        case Inspection():
            yield record.inspector
        case Dispatch():
            yield from (record.dispatcher, record.to)
        case Receipt():
            yield record.receiver
        case Payment():
            yield from (record.by, record.payee)
        case Dispute():
            yield record.by
            if record.against:
                yield record.against
        case Hold() | Decision() | Recall() | Acknowledgement() | Correction():
            yield record.by
        case Framework():
            yield from named_by(record)


class _Walk:
    """One party's way through a contract."""

    def __init__(self, at: Situation, party: PartyId) -> None:
        self._at, self._party = at, party
        self._held = self._allotted_below()
        made = {id for id, lot in at.lots.items() if lot.allocation in self._held or lot.maker == party}
        self._goods = [at.lots[lot] for lot in made | self._sent_here()]

    def own(self) -> set[StatementId]:
        """What it signed and what names it, what is below, and what was said of either."""
        at = self._at
        own = {one.id for one in self._named()} | set(self._held)
        own |= {proxy.statement for proxy in at.proxies.values() if self._party in parties_in(proxy)}
        for lot in self._goods:
            own |= {lot.id, *lot.told}
        about = {lot.id for lot in self._goods}
        called_back = [one for one in at.scopes if one.contract == at.framework.id]
        own |= {scope.recall.id for scope in called_back if about & {lot.id for lot in scope.lots}}
        own |= set(self._settling(own))
        disputes = {one.id for one in at.disputes.values() if one.target in own} - own
        return own | disputes | set(self._settling(disputes))

    def above(self, own: Iterable[StatementId]) -> set[StatementId]:
        """The promises that its own rest on, each with what accepted it."""
        at = self._at
        promises: dict[StatementId, Calloff | Allocation] = {}
        for start in own:
            lot = at.lots.get(start)
            for allocation in up_from(at, lot.allocation if lot else start):
                promises[allocation.id] = allocation
                promises[allocation.calloff] = at.calloffs[allocation.calloff]
        agreed = [change for change in at.changes.values() if change.accepted]
        offers = (*promises.values(), at.framework, *agreed)
        seen = {one.id for one in offers} | {one.accepted for one in offers if one.accepted}
        erased = (at.erasures[one].statements for one in seen if one in at.erasures)
        return seen | {one for statements in erased for one in statements}

    def _named(self) -> Iterator[Any]:
        """The records kept under their own ids that it signed, or that name it."""
        shelves = (one for id, one in self._at.records.items() if id != self._at.framework.id)
        corrections = self._at.corrections.values()
        return (one for one in (*shelves, *corrections) if self._party in parties_in(one))

    def _allotted_below(self) -> dict[StatementId, Allocation]:
        """What was allotted to it, and everything that was allotted from that."""
        below: defaultdict[StatementId, list[Allocation]] = defaultdict(list)
        for allocation in self._at.allocations.values():
            below[allocation.parent].append(allocation)
        held: dict[StatementId, Allocation] = {}
        waiting = [one for one in self._at.allocations.values() if one.holder == self._party]
        while waiting:
            one = waiting.pop()
            if one.id not in held:
                held[one.id] = one
                waiting += below[one.id]
        return held

    def _sent_here(self) -> set[StatementId]:
        """The lots made for its call-off that were sent to it, or that it counted."""
        at, party = self._at, self._party
        sent = {goods.lot for one in at.dispatches.values() if one.to == party for goods in one.goods}
        counted = {goods.lot for one in at.receipts.values() if one.receiver == party for goods in one.goods}
        return {lot for lot in sent | counted if lot and lot in at.lots and at.lots[lot].consignee == party}

    def _settling(self, own: Iterable[StatementId]) -> Iterator[StatementId]:
        """What accepted, ended, confirmed, corrected or erased its own."""
        at = self._at
        for statement in own:
            records = (
                at.record(statement),
                at.proxies.get(statement),
                at.corrections.get(statement),
                at.erasures.get(statement),
            )
            for record in records:
                yield from (ref.statement for ref in settled_by(record)) if record else ()


def part_of(at: Situation, seen: Branch) -> Situation:
    """A contract as a party sees it: the records of its branch, and in the promises above it no sum over others'.

    What a party said of things that it does not see is left out: it can be read, and not be traced.
    """
    if seen.whole:
        return at
    part = Situation(at.view, at.framework, at.as_of, at.receipt_due_days, whole=False)
    for shelf in _SHELVES:
        kept = {id: one for id, one in getattr(at, shelf).items() if seen.sees(id) and _stands(part, one)}
        getattr(part, shelf).update(kept)
    allotted = totals(
        ((one.parent, share.line), share.quantity) for one in part.allocations.values() for share in one.lines
    )
    for id, calloff in part.calloffs.items():
        part.calloffs[id] = calloff if id in seen.own else _as_seen(calloff, allotted)
    for id, allocation in part.allocations.items():
        part.allocations[id] = allocation if id in seen.own else _as_seen(allocation, allotted)
    return part


_SHELVES: Final = (
    "changes", "calloffs", "allocations", "delegations", "proxies", "corrections", "erasures", "taken_back",
    "lots", "inspections", "holds", "dispatches", "receipts", "decisions", "payments", "recalls",
    "acknowledgements", "disputes",
)  # fmt: skip
"""What a situation gathers; each after those that it rests on."""


def _stands(part: Situation, record: Record) -> bool:
    """Whether what a record is about is there, other lots of a waybill aside."""
    stands = True
    match record:
        case Inspection() | Hold():
            stands = record.lot in part.lots
        case Dispatch():
            stands = record.calloff is None or record.calloff in part.calloffs
        case Receipt():
            on = record.dispatch
            stands = on is None or on in part.dispatches or on in part.taken_back
            stands = stands and (record.calloff is None or record.calloff in part.calloffs)
        case Decision():
            stands = record.receipt in part.receipts or record.receipt in part.taken_back
        case Payment():
            stands = all(one in part.decisions for one in record.decisions)
        case Acknowledgement():
            stands = record.recall in part.recalls or record.recall in part.taken_back
    return stands


def _as_seen(promise: P, allotted: Mapping[LineOf, Decimal]) -> P:
    """A promise above a branch, with what was allotted and made from it as far as the branch has it."""
    lines = tuple(
        msgspec.structs.replace(
            share, allotted=allotted.get((promise.id, share.line), ZERO), released=ZERO, below=ZERO
        )
        for share in promise.lines
    )
    return msgspec.structs.replace(promise, lines=lines)
