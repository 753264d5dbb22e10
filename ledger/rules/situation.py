"""One contract, gathered: its records by id and the links between them that findings and traces follow."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ledger.errors import NotFound
from ledger.rules.records import Allocation, Calloff, Dispatch, Framework, Kind, Lot, Policy, Receipt
from ledger.rules.refusal import who
from ledger.rules.state import View, each, find
from ledger.units import PartyId, StatementId

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Situation:
    """One contract as findings and traces see it. `as_of` is the day they judge by, or None."""

    view: View
    framework: Framework
    as_of: datetime | None
    receipt_due_days: int
    calloffs: dict[StatementId, Calloff]
    allocations: dict[StatementId, Allocation]
    lots: dict[StatementId, Lot]
    dispatches: dict[StatementId, Dispatch]
    receipts: dict[StatementId, Receipt]
    dispatches_of: dict[StatementId, list[Dispatch]] = field(default_factory=lambda: defaultdict(list))
    receipts_of: dict[StatementId, list[Receipt]] = field(default_factory=lambda: defaultdict(list))

    def who(self, party: PartyId) -> str:
        return who(self.view, party)

    def sent_to(self, lot: Lot, party: PartyId) -> Decimal:
        """All of a lot that was dispatched to a party."""
        return sum(
            (
                g.quantity
                for d in self.dispatches_of[lot.id]
                if d.to == party
                for g in d.goods
                if g.lot == lot.id
            ),
            _ZERO,
        )


def situation(view: View, contract: StatementId, as_of: datetime | None = None) -> Situation:
    """Gather one contract. Raises `NotFound` when there is no such contract. O(records of the contract)."""
    framework = find(view, contract, Kind.FRAMEWORK, contract, Framework)
    if framework is None:
        known = view.known(contract)
        raise NotFound(
            f"{contract[:16]} is {'a ' + known.type if known else 'not registered'}",
            expected="the id of a framework.signed statement",
        )
    policy = find(view, "", Kind.POLICY, "", Policy)
    assert policy is not None, "entry 0 is the policy"
    gathered = Situation(
        view=view,
        framework=framework,
        as_of=as_of,
        receipt_due_days=policy.receipt_due_days,
        calloffs={one.id: one for one in each(view, contract, Kind.CALLOFF, Calloff)},
        allocations={one.id: one for one in each(view, contract, Kind.ALLOCATION, Allocation)},
        lots={one.id: one for one in each(view, contract, Kind.LOT, Lot)},
        dispatches={one.id: one for one in each(view, contract, Kind.DISPATCH, Dispatch)},
        receipts={one.id: one for one in each(view, contract, Kind.RECEIPT, Receipt)},
    )
    for dispatch in gathered.dispatches.values():
        for lot in {goods.lot for goods in dispatch.goods if goods.lot}:
            gathered.dispatches_of[lot].append(dispatch)
    for receipt in gathered.receipts.values():
        for lot in {goods.lot for goods in receipt.goods if goods.lot}:
            gathered.receipts_of[lot].append(receipt)
    return gathered


def arrived_in_good_order(at: Situation) -> dict[tuple[StatementId, str], Decimal]:
    """Per (call-off, line): what its consignee counted as good, unattributed goods included."""
    arrived = unattributed(at)
    for lot in at.lots.values():
        arrived[lot.calloff, lot.line] += lot.counted_by(lot.consignee).good
    return arrived


def unattributed(at: Situation) -> dict[tuple[StatementId, str], Decimal]:
    """Per (call-off, line): goods without a known maker that its consignee counted."""
    found: dict[tuple[StatementId, str], Decimal] = defaultdict(lambda: _ZERO)
    for receipt in at.receipts.values():
        if receipt.calloff is not None and receipt.receiver == at.calloffs[receipt.calloff].consignee:
            for goods in receipt.goods:
                if goods.lot is None:
                    found[receipt.calloff, goods.line] += goods.good
    return found
