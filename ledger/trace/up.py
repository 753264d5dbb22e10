"""From a delivery, a lot or any promise up to its contract: the path of statements it rests on.

The path is what an auditor reads aloud: the contract and its acceptance, the call-off and its acceptance, each
allocation down to the maker with its acceptance, the sign-off, the dispatch, the receipt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ledger.errors import NotFound
from ledger.rules.records import Allocation, Calloff, Dispatch, Framework, Lot, Receipt
from ledger.rules.situation import Situation
from ledger.rules.state import View
from ledger.units import PartyId, Quantity, StatementId


@dataclass(frozen=True, slots=True)
class PathStep:
    """One promise or fact on the way, and the statement that accepted it where one is needed."""

    statement: StatementId
    accepted: StatementId | None
    signer: PartyId
    says: str


def contract_under(view: View, statement: StatementId) -> StatementId:
    """The contract a registered statement stands under. Raises `NotFound` for none."""
    known = view.known(statement)
    if known is None:
        raise NotFound(f"{statement[:16]} is not registered")
    if not known.contract:
        raise NotFound(f"{statement[:16]} is a {known.type}", expected="a statement under a contract")
    return StatementId(known.contract)


def trace_up(at: Situation, statement: StatementId) -> tuple[PathStep, ...]:
    """The path from the contract to a statement, the statement last. Raises `NotFound`.

    An acceptance stands with what it accepts.
    """
    found: dict[StatementId, PathStep] = {}
    for step in _path(at, statement):
        found.setdefault(step.statement, step)
    return tuple(found.values())


def lots_of(at: Situation, statement: StatementId) -> tuple[Lot, ...]:
    """The lots a lot, a dispatch or a receipt is about."""
    if statement in at.lots:
        return (at.lots[statement],)
    carrier: Dispatch | Receipt | None = at.dispatches.get(statement) or at.receipts.get(statement)
    if carrier is None:
        return ()
    return tuple(at.lots[lot] for lot in dict.fromkeys(goods.lot for goods in carrier.goods) if lot)


def _path(at: Situation, statement: StatementId) -> Iterator[PathStep]:
    yield _contract(at, at.framework)
    if statement in {at.framework.id, at.framework.accepted}:
        return
    offers: list[Calloff | Allocation] = [*at.calloffs.values(), *at.allocations.values()]
    for offer in offers:
        if statement in {offer.id, offer.accepted}:
            yield from _down_to(at, offer)
            return
    if statement in at.lots:
        yield from _lots(at, [at.lots[statement]])
        return
    receipt = at.receipts.get(statement)
    dispatch = at.dispatches.get(receipt.dispatch if receipt and receipt.dispatch else statement)
    if receipt is None and dispatch is None:
        raise NotFound(f"{statement[:16]} is not on any path of contract {at.framework.id[:16]}")
    carriers = [carrier for carrier in (dispatch, receipt) if carrier is not None]
    for carrier in carriers:
        if carrier.calloff is not None:
            yield _calloff(at, at.calloffs[carrier.calloff])
        yield from _lots(at, lots_of(at, carrier.id))
    if dispatch is not None:
        yield _dispatch(at, dispatch)
    if receipt is not None:
        yield _receipt(at, receipt)


def _lots(at: Situation, lots: Iterable[Lot]) -> Iterator[PathStep]:
    for lot in lots:
        yield from _down_to(at, at.allocations[lot.allocation])
        yield PathStep(
            lot.id,
            None,
            lot.maker,
            f"{at.who(lot.maker)} signed off lot {lot.name}: {lot.quantity(lot.released)} of line {lot.line}",
        )


def _down_to(at: Situation, offer: Calloff | Allocation) -> Iterator[PathStep]:
    allocations: list[Allocation] = []
    while isinstance(offer, Allocation):
        allocations.append(offer)
        offer = at.allocations.get(offer.parent) or at.calloffs[offer.parent]
    yield _calloff(at, offer)
    for allocation in reversed(allocations):
        yield PathStep(
            allocation.id,
            allocation.accepted,
            allocation.offered_by,
            f"{at.who(allocation.offered_by)} allotted {_shares(allocation)} to {at.who(allocation.holder)}, "
            f"due {allocation.due}",
        )


def _contract(at: Situation, framework: Framework) -> PathStep:
    return PathStep(
        framework.id,
        framework.accepted,
        framework.buyer,
        f"{at.who(framework.buyer)} signed contract {framework.reference} with {at.who(framework.prime)}: "
        f"{framework.title}",
    )


def _calloff(at: Situation, calloff: Calloff) -> PathStep:
    return PathStep(
        calloff.id,
        calloff.accepted,
        at.framework.buyer,
        f"{at.who(at.framework.buyer)} ordered {_shares(calloff)} for {at.who(calloff.consignee)}, "
        f"call-off {calloff.reference}, due {calloff.due}",
    )


def _dispatch(at: Situation, dispatch: Dispatch) -> PathStep:
    goods = ", ".join(
        f"{Quantity(goods.quantity, goods.unit)} of "
        + (f"lot {at.lots[goods.lot].name}" if goods.lot else f"line {goods.line}, maker unknown")
        for goods in dispatch.goods
    )
    return PathStep(
        dispatch.id,
        None,
        dispatch.dispatcher,
        f"{at.who(dispatch.dispatcher)} dispatched {goods} to {at.who(dispatch.to)}, waybill {dispatch.waybill}",
    )


def _receipt(at: Situation, receipt: Receipt) -> PathStep:
    counted = []
    for goods in receipt.goods:
        what = f"lot {at.lots[goods.lot].name}" if goods.lot else f"line {goods.line}, maker unknown"
        odd = [
            f"{Quantity(value, goods.unit)} {word}"
            for value, word in (
                (goods.damaged, "damaged"),
                (goods.short, "short"),
                (goods.excess, "in excess"),
            )
            if value
        ]
        counted.append(", ".join([f"{Quantity(goods.good, goods.unit)} of {what} in good order", *odd]))
    return PathStep(
        receipt.id,
        None,
        receipt.receiver,
        f"{at.who(receipt.receiver)} received {'; '.join(counted)}, waybill {receipt.waybill}",
    )


def _shares(offer: Calloff | Allocation) -> str:
    return ", ".join(f"{Quantity(share.quantity, share.unit)} of line {share.line}" for share in offer.lines)
