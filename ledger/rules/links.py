"""How the statements of a contract hang together: what each rests on, and which ones settled it later.

Read off the records, so it holds wherever a fold is at hand, without opening a statement again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from ledger.rules.records import (
    Acknowledgement,
    Allocation,
    Calloff,
    Change,
    Correction,
    Decision,
    Delegation,
    Dispatch,
    Dispute,
    Erasure,
    Framework,
    Hold,
    Inspection,
    Kind,
    Lot,
    Payment,
    Proxy,
    Recall,
    Receipt,
    Record,
)
from ledger.units import StatementId

KEPT_AS: Final = {
    "specification.published": Kind.SPECIFICATION,
    "framework.signed": Kind.FRAMEWORK,
    "framework.amended": Kind.CHANGE,
    "framework.closed": Kind.CHANGE,
    "calloff.issued": Kind.CALLOFF,
    "allocation.offered": Kind.ALLOCATION,
    "delegation.granted": Kind.DELEGATION,
    "batch.signed_off": Kind.LOT,
    "inspection.recorded": Kind.INSPECTION,
    "batch.held": Kind.HOLD,
    "delivery.dispatched": Kind.DISPATCH,
    "delivery.received": Kind.RECEIPT,
    "delivery.decided": Kind.DECISION,
    "payment.recorded": Kind.PAYMENT,
    "recall.opened": Kind.RECALL,
    "recall.acknowledged": Kind.ACKNOWLEDGEMENT,
    "dispute.raised": Kind.DISPUTE,
}
"""Which record a statement of a type is kept as, under its own id. What is not listed settles something (an
acceptance, a clearance, a correction) and stands in the record of that."""


class Reference(NamedTuple):
    """One statement that another rests on, or that settled it, and how."""

    role: str
    statement: StatementId


def rests_on(record: Record) -> Iterator[Reference]:  # noqa: PLR0912  # one case a kind of record
    """What a record's statement rests on, nearest to the contract first; input lots are under `inputs_of`."""
    match record:
        case Change() | Calloff() | Delegation() | Framework():
            return  # on the contract itself, as everything does
        case Allocation():
            yield Reference("part of", record.parent)
        case Lot():
            yield Reference("made under", record.allocation)
            if record.specification:
                yield Reference("made to", record.specification)
        case Inspection():
            yield Reference("inspects", record.lot)
        case Hold():
            yield Reference("holds back", record.lot)
        case Dispatch():
            yield from _calloff(record.calloff)
            yield from (Reference("sends", goods.lot) for goods in record.goods if goods.lot)
        case Receipt():
            yield from _calloff(record.calloff)
            if record.dispatch:
                yield Reference("arrived on", record.dispatch)
            yield from (Reference("counts", goods.lot) for goods in record.goods if goods.lot)
        case Decision():
            yield Reference("decides on", record.receipt)
            yield from (Reference("decides on", goods.lot) for goods in record.goods if goods.lot)
        case Payment():
            yield from (Reference("pays for", decision) for decision in record.decisions)
        case Recall():
            if record.specification:
                yield Reference("calls back", record.specification)
            yield from (Reference("calls back", lot) for lot in record.lots)
        case Acknowledgement():
            yield Reference("answers", record.recall)
            yield from (Reference("finds", located.lot) for located in record.lots)
        case Dispute():
            yield Reference("disputes", record.target)
        case Proxy():
            yield Reference("signed under", record.delegation)


def inputs_of(record: Record) -> Iterator[Reference]:
    """The lots that went into a lot."""
    if isinstance(record, Lot):
        yield from (Reference("made from", lot) for lot in record.inputs)


def settled_by(record: Record) -> Iterator[Reference]:
    """The later statements that accepted, ended, confirmed, corrected or erased what a record stands for."""
    match record:
        case Framework() | Change():
            yield from _maybe("accepts", record.accepted)
        case Calloff():
            yield from _maybe("accepts", record.accepted)
            yield from (Reference("cancels", one) for one in record.cancelled)
        case Allocation():
            yield from _maybe("accepts", record.accepted)
            yield from (Reference("withdraws", one) for one in record.withdrawn)
            yield from (Reference("decides on a sample of", sample.statement) for sample in record.samples)
        case Delegation():
            yield from _maybe("revokes", record.revoked)
        case Hold():
            yield from _maybe("clears", record.cleared)
        case Recall():
            yield from _maybe("closes", record.closed)
        case Dispute():
            yield from _maybe("resolves", record.resolved)
        case Proxy():
            yield from _maybe("confirms", record.confirmed)
        case Correction():
            yield Reference("takes back", record.id)
            yield from _maybe("replaces", record.replacement)
        case Erasure():
            yield from (Reference("erases", statement) for statement in record.statements)


def _calloff(calloff: StatementId | None) -> Iterator[Reference]:
    """Of goods without a maker."""
    yield from _maybe("counted for", calloff)


def _maybe(role: str, statement: StatementId | None) -> Iterator[Reference]:
    if statement is not None:
        yield Reference(role, statement)
