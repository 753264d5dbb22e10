"""Gathering a situation out of the fold: a whole contract by sweeping it, or a part of one by single look-ups.

A part costs as much as was told of its lots, whatever the size of the contract. Only recalls and disputes are
swept for it: there are few of them, and what they are about may be said in other words than a lot's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Final

from ledger.bulk import uncollected
from ledger.errors import NotFound
from ledger.rules.links import KEPT_AS, rests_on, settled_by
from ledger.rules.records import (
    TYPES,
    Dispatch,
    Dispute,
    Framework,
    Key,
    Kind,
    Lot,
    Policy,
    Recall,
    Receipt,
    Record,
)
from ledger.rules.scope import Upstream, scopes
from ledger.rules.situation import Situation
from ledger.rules.state import View, each, find
from ledger.units import StatementId

_SHELVES: Final[Mapping[Kind, str]] = {
    Kind.CHANGE: "changes",
    Kind.CALLOFF: "calloffs",
    Kind.ALLOCATION: "allocations",
    Kind.DELEGATION: "delegations",
    Kind.PROXY: "proxies",
    Kind.LOT: "lots",
    Kind.INSPECTION: "inspections",
    Kind.HOLD: "holds",
    Kind.DISPATCH: "dispatches",
    Kind.RECEIPT: "receipts",
    Kind.DECISION: "decisions",
    Kind.PAYMENT: "payments",
    Kind.RECALL: "recalls",
    Kind.ACKNOWLEDGEMENT: "acknowledgements",
    Kind.DISPUTE: "disputes",
    Kind.CORRECTION: "corrections",
    Kind.ERASURE: "erasures",
}
_ABOUT: Final[Mapping[Kind, str]] = {
    Kind.CORRECTION: "target",
    Kind.ERASURE: "target",
    Kind.PROXY: "statement",
}
"""Where a record's name is another statement's id than its own."""


@uncollected()
def situation(view: View, contract: StatementId, as_of: datetime | None = None) -> Situation:
    """Gather a whole contract. Raises `NotFound` when there is no such contract. O(records of the contract)."""
    at = _empty(view, contract, as_of, whole=True)
    for kind, shelf in _SHELVES.items():
        name = attrgetter(_ABOUT.get(kind, "id"))
        getattr(at, shelf).update(
            (name(record), record) for record in each(view, contract, kind, TYPES[kind])
        )
    for statement, correction in at.corrections.items():
        at.taken_back[statement] = getattr(at, _SHELVES[KEPT_AS[correction.type]]).pop(statement)
    _add_upstream(at)
    return at


def situation_of(
    view: View, contract: StatementId, statements: Iterable[StatementId], as_of: datetime | None = None
) -> Situation:
    """Gather the part of a contract that some statements stand in: what they rest on, the lots they are about,
    and all that was told of those lots.

    Raises `NotFound` when there is no such contract, or for a statement that has no record of its own under it
    (an acceptance, a clearance: it stands in the record of what it settles).
    """
    part = _Part(_empty(view, contract, as_of, whole=False))
    for statement in statements:
        if statement != contract and part.load(statement) is None:
            raise NotFound(
                f"{statement[:16]} has no record of its own under contract {contract[:16]}",
                expected="one of " + ", ".join(KEPT_AS),
            )
    part.close(lots=True)
    part.add_told()
    part.add_recalls()
    part.add_disputes()
    return part.at


class _Part:
    """A part of a contract while it grows. Each record is read once."""

    def __init__(self, at: Situation) -> None:
        self.at = at
        self._contract = at.framework.id
        self._seen: dict[StatementId, Record] = {}
        self._load_about(Kind.ERASURE, self._contract)  # which is at hand itself

    def load(self, statement: StatementId, *, lots: bool = True) -> Record | None:
        """Read the record of a statement, and whether it was taken back, erased or signed by proxy."""
        if statement in self._seen:
            return self._seen[statement]
        known = self.at.view.known(statement)
        kind = KEPT_AS.get(known.type) if known and known.contract == self._contract else None
        if kind is None or kind not in _SHELVES or (kind is Kind.LOT and not lots):
            return None
        record = find(self.at.view, self._contract, kind, statement, TYPES[kind])
        assert record is not None, "a registered statement has its record"
        for said in _ABOUT:
            self._load_about(said, statement)
        for ref in settled_by(record):
            if ref.role == "accepts":
                self._load_about(Kind.PROXY, ref.statement)
        _put(self.at, kind, record)
        self._seen[statement] = record
        return record

    def _load_about(self, kind: Kind, statement: StatementId) -> None:
        record = find(self.at.view, self._contract, kind, statement, TYPES[kind])
        if record is not None:
            _put(self.at, kind, record)

    def close(self, *, lots: bool) -> None:
        """Read what the records rest on; without `lots`, no further lots."""
        waiting = [*self._seen.values(), *self.at.proxies.values()]
        while waiting:
            for ref in rests_on(waiting.pop()):
                if ref.statement not in self._seen:
                    record = self.load(ref.statement, lots=lots)
                    waiting.extend([record] if record else [])

    def add_told(self) -> None:
        """Read all that was told of the lots at hand, and what that rests on."""
        for lot in tuple(self.at.lots.values()):
            for statement in lot.told:
                self.load(statement, lots=False)
        self.close(lots=False)
        for dispatch in tuple(self.at.dispatches.values()):
            if all(receipt.dispatch != dispatch.id for receipt in self.at.receipts.values()):
                self._add_silent(dispatch)

    def _add_silent(self, dispatch: Dispatch) -> None:
        """A receipt may be silent about a lot at hand: it is found by the other lots of its dispatch."""
        for ref in dict.fromkeys(goods.lot for goods in dispatch.goods if goods.lot):
            lot = find(self.at.view, self._contract, Kind.LOT, ref, Lot)
            for statement in lot.told if lot else ():
                receipt = find(self.at.view, self._contract, Kind.RECEIPT, statement, Receipt)
                if receipt is not None and receipt.dispatch == dispatch.id:
                    self.load(statement)

    def add_recalls(self) -> None:
        """Swept: a recall may name a material or a design, or what a lot was made from."""
        _add_upstream(self.at)
        opened = {one.id: one for one in each(self.at.view, self._contract, Kind.RECALL, Recall)}
        for scope in scopes(self._contract, opened, self.at.lots, self.at.upstream):
            if scope.contract == self._contract and scope.lots:
                self.load(scope.recall.id)

    def add_disputes(self) -> None:
        """Swept: a dispute is kept by its own id, and may be about any statement."""
        about = {*self._seen, *(ref.statement for one in self._seen.values() for ref in settled_by(one))}
        for dispute in each(self.at.view, self._contract, Kind.DISPUTE, Dispute):
            if dispute.target in about:
                self.load(dispute.id)


def _empty(view: View, contract: StatementId, as_of: datetime | None, *, whole: bool) -> Situation:
    framework = find(view, contract, Kind.FRAMEWORK, contract, Framework)
    if framework is None:
        known = view.known(contract)
        raise NotFound(
            f"{contract[:16]} is {'a ' + known.type if known else 'not registered'}",
            expected="the id of a framework.signed statement",
        )
    policy = find(view, "", Kind.POLICY, "", Policy)
    assert policy is not None, "entry 0 is the policy"
    return Situation(view, framework, as_of, policy.receipt_due_days, whole)


def _put(at: Situation, kind: Kind, record: Record) -> None:
    """Keep a record on its shelf; a fact that was taken back on the one for those. Its correction comes first."""
    statement = StatementId(getattr(record, _ABOUT.get(kind, "id")))
    told = kind not in _ABOUT and statement in at.corrections
    shelf = at.taken_back if told else getattr(at, _SHELVES[kind])
    shelf[statement] = record


def _add_upstream(at: Situation) -> None:
    """Read the lots that went into those at hand, what went into them, and the recalls of other contracts there."""
    waiting = [used for lot in at.lots.values() for used in lot.inputs]
    seen: set[StatementId] = set()
    while waiting:
        ref = waiting.pop()
        known = at.view.known(ref) if ref not in at.lots and ref not in seen else None
        if known is None:
            continue
        seen.add(ref)
        lot = find(at.view, known.contract, Kind.LOT, ref, Lot)
        assert lot is not None, "a lot is registered before what is made from it"
        at.upstream.setdefault(StatementId(known.contract), Upstream()).lots[ref] = lot
        waiting.extend(lot.inputs)
    for contract, up in at.upstream.items():
        if contract != at.framework.id:
            up.recalls.update((recall.id, recall) for recall in _recalls(at.view, contract))


def _recalls(view: View, contract: StatementId) -> Iterator[Recall]:
    """The recalls of another contract that were not taken back."""
    for recall in each(view, contract, Kind.RECALL, Recall):
        if view.get(Key(contract, Kind.CORRECTION, recall.id)) is None:
            yield recall
