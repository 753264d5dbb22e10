"""Lots and deliveries told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ledger.rules.records import DecidedGoods, Decision, Dispatch, Receipt
from ledger.rules.sums import LotFacts, total
from ledger.units import StatementId
from ledger.views.answers.goods import Carried, Delivery, Lot, Material
from ledger.views.telling.teller import Teller

_Goods = tuple[StatementId | None, str]
"""A lot, or None and the line of goods without a maker."""


def tell_lots(teller: Teller) -> Iterator[Lot]:
    open_recalls: defaultdict[StatementId, list[StatementId]] = defaultdict(list)
    for recall, _, lots in teller.at.scopes:
        for lot in lots if recall.closed is None else ():
            open_recalls[lot.id].append(recall.id)
    for facts in teller.at.facts.values():
        yield _lot(teller, facts, open_recalls.get(facts.lot.id, ()))


def _lot(teller: Teller, facts: LotFacts, recalls: Sequence[StatementId]) -> Lot:
    lot, proxy = facts.lot, teller.at.proxies.get(facts.lot.id)
    held = any(hold.cleared is None for hold in facts.holds)
    return Lot(
        id=lot.id,
        index=teller.index(lot.id),
        contract=teller.at.framework.id,
        name=lot.name,
        maker=teller.named(lot.maker),
        signed_by=teller.named(proxy.delegate) if proxy else None,
        confirmed=proxy.confirmed if proxy else None,
        line=lot.line,
        unit=lot.unit,
        made=lot.made,
        scrapped=lot.rejected,
        released=lot.released,
        signed_off=lot.signed_off,
        due=lot.due,
        late=lot.signed_off > lot.due,
        allocation=lot.allocation,
        calloff=lot.calloff,
        consignee=teller.named(lot.consignee),
        specification=lot.specification,
        inputs=lot.inputs,
        materials=tuple(Material(item=one.item, lot=one.lot) for one in lot.materials),
        dispatched=facts.dispatched,
        received=facts.delivered.good,
        damaged=facts.delivered.damaged,
        accepted=facts.accepted,
        rejected=facts.rejected,
        state="recalled" if recalls else "held" if held else "released",
        inspections=tuple(one.id for one in facts.inspections),
        holds=tuple(one.id for one in facts.holds),
        recalls=tuple(recalls),
        dispatches=facts.dispatches,
        receipts=facts.receipts,
        findings=teller.findings_on.get(lot.id, 0),
        size=teller.size,
    )


def tell_deliveries(teller: Teller) -> Iterator[Delivery]:
    """Every dispatch, one that was taken back as well, and every receipt of what nobody says to have sent."""
    at = teller.at
    decisions: defaultdict[StatementId, list[Decision]] = defaultdict(list)
    for decision in at.decisions.values():
        decisions[decision.receipt].append(decision)
    for dispatch in at.dispatches.values():
        receipts = at.receipts_of.get(dispatch.id, [])
        yield _Waybill(teller, dispatch, receipts, decisions).told()
    for record in at.taken_back.values():
        if isinstance(record, Dispatch):
            yield _Waybill(teller, record, [], decisions).told()
    for receipt in at.receipts.values():
        if receipt.dispatch is None:
            yield _Waybill(teller, None, [receipt], decisions).told()


class _Waybill:
    """One delivery while it is put together."""

    def __init__(
        self,
        teller: Teller,
        dispatch: Dispatch | None,
        receipts: Sequence[Receipt],
        decisions: dict[StatementId, list[Decision]],
    ) -> None:
        self._teller = teller
        self._dispatch = dispatch
        self._receipts = receipts
        self._decisions = [one for receipt in receipts for one in decisions.get(receipt.id, ())]

    def told(self) -> Delivery:
        teller, dispatch, receipts = self._teller, self._dispatch, self._receipts
        first = dispatch or receipts[0]
        receiver = dispatch.to if dispatch else receipts[0].receiver
        goods = tuple(self._goods())
        names = [first.id, *(one.id for one in receipts)]
        return Delivery(
            id=first.id,
            index=teller.index(first.id),
            contract=teller.at.framework.id,
            waybill=first.waybill,
            sender=teller.named(dispatch.dispatcher) if dispatch else None,
            receiver=teller.named(receiver),
            sent_at=dispatch.at if dispatch else None,
            received_at=max((one.at for one in receipts), default=None),
            last_leg=any(self._consignee(one) == receiver for one in goods),
            goods=goods,
            receipts=tuple(one.id for one in receipts),
            decisions=tuple(one.id for one in self._decisions),
            state=self._state(),
            odd=any(
                one.damaged or one.short or one.excess or one.rejected or one.sent is None for one in goods
            ),
            late=any(self._is_late(one) for one in receipts),
            findings=sum(teller.findings_on.get(one, 0) for one in dict.fromkeys(names)),
            size=teller.size,
        )

    def _state(self) -> str:
        if self._dispatch and self._dispatch.id in self._teller.at.taken_back:
            return "taken back"
        if self._decisions:
            return "decided"
        return "received" if self._receipts else "on the way"

    def _goods(self) -> Iterator[Carried]:
        """Line by line as dispatched, then what was received beside it."""
        sent = {(one.lot, one.line): one for one in (self._dispatch.goods if self._dispatch else ())}
        counted = [goods for receipt in self._receipts for goods in receipt.goods]
        units = {(one.lot, one.line): one.unit for one in sent.values()}
        units |= {(one.lot, one.line): one.unit for one in counted}
        decided = [goods for decision in self._decisions for goods in decision.goods]
        for (lot, line), unit in units.items():
            same = [one for one in counted if (one.lot, one.line) == (lot, line)]
            kept = self._teller.at.lots.get(lot) if lot else None
            yield Carried(
                lot=lot,
                name=kept.name if kept else None,
                maker=self._teller.named(kept.maker) if kept else None,
                line=line,
                unit=unit,
                sent=sent[lot, line].quantity if (lot, line) in sent else None,
                **{what: total(getattr(one, what) for one in same) for what in _COUNTED},
                **_decided((lot, line), decided),
            )

    def _consignee(self, goods: Carried) -> object:
        at = self._teller.at
        if goods.lot is not None:
            return at.lots[goods.lot].consignee if goods.lot in at.lots else None
        first = self._dispatch or self._receipts[0]
        return at.calloffs[first.calloff].consignee if first.calloff else None

    def _is_late(self, receipt: Receipt) -> bool:
        at = self._teller.at
        orders = [at.lots[one.lot].calloff for one in receipt.goods if one.lot in at.lots]
        orders += [receipt.calloff] if receipt.calloff else []
        known = [at.calloffs[one] for one in orders]
        return any(receipt.received > one.due and receipt.receiver == one.consignee for one in known)


_COUNTED = ("good", "damaged", "short", "excess")


def _decided(goods: _Goods, decided: Sequence[DecidedGoods]) -> dict[str, Decimal]:
    same = [one for one in decided if (one.lot, one.line) == goods]
    return {"accepted": total(one.accepted for one in same), "rejected": total(one.rejected for one in same)}
