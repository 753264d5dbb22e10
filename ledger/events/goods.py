"""Goods: a batch signed off by its maker, dispatched by whoever holds it, received by whom it reaches.

A lot is named by the id of its sign-off. A waybill may carry lots of many makers; a receipt states per lot
what was good, damaged, short and in excess. Parts that were dropped off without a name are written down as
`unattributed`: a gap in provenance is shown, not papered over.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.events.base import Event, Nature
from ledger.events.contract import AllocationRefs, Period
from ledger.events.fields import (
    Amount,
    Asked,
    Count,
    Document,
    LineName,
    LotName,
    Party,
    Place,
    Ref,
    Shape,
    ShortText,
    Some,
    Text,
)
from ledger.limits import REFS_PER_ROLE
from ledger.units import Quantity


class Check(Shape):
    """One characteristic that was checked: how, on how many, how many failed."""

    characteristic: ShortText
    method: ShortText
    sample: Annotated[Count, Field(ge=1)]
    failed: Count
    remark: Text | None = None

    @model_validator(mode="after")
    def _within_sample(self) -> Self:
        if self.failed > self.sample:
            raise PydanticCustomError("check", "more failed than were checked")
        return self


class BatchBody(Shape):
    """`batch.signed_off`: made, rejected, released, when and where, and what was checked."""

    line: LineName
    lot: LotName
    made: Asked
    rejected: Amount
    released: Asked
    made_between: Period
    place: Place
    checks: Some[Check] = ()
    remarks: Text | None = None


class BatchSignedOff(Event):
    """The maker releases a lot under an accepted allocation."""

    type: Literal["batch.signed_off"]
    refs: AllocationRefs
    body: BatchBody


Lots = Annotated[tuple[Ref, ...], Field(strict=False, max_length=REFS_PER_ROLE)]


def _same_lots(named: tuple[str, ...], counted: list[str]) -> None:
    """`refs.lots` commits to the history of each lot counted in the body: the two lists are one list."""
    if len(set(named)) != len(named):
        raise PydanticCustomError("lots", "refs.lots names a lot twice")
    if list(named) != counted:
        raise PydanticCustomError("lots", "refs.lots and the lots of body.items differ")


def _some_goods(items: tuple[Shape, ...], unattributed: tuple[Shape, ...], calloff: str | None) -> None:
    if not items and not unattributed:
        raise PydanticCustomError("goods", "no goods: name lots in items, or lines in unattributed")
    if unattributed and calloff is None:
        raise PydanticCustomError("goods", "unattributed goods need refs.calloff: they point to no lot")


class DispatchRefs(Shape):
    lots: Lots = ()
    calloff: Ref | None = None
    """Needed only for unattributed goods."""


class DispatchedLot(Shape):
    lot: Ref
    quantity: Asked


class UnattributedGoods(Shape):
    """Goods whose maker is not known."""

    line: LineName
    quantity: Asked


class DispatchBody(Shape):
    """`delivery.dispatched`: one waybill."""

    waybill: ShortText
    to: Party
    origin: Place
    destination: Place
    carrier: ShortText | None = None
    packs: Count | None = None
    items: Some[DispatchedLot] = ()
    unattributed: Some[UnattributedGoods] = ()


class DeliveryDispatched(Event):
    """Goods left."""

    nature = Nature.FACT
    type: Literal["delivery.dispatched"]
    refs: DispatchRefs
    body: DispatchBody

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _same_lots(self.refs.lots, [item.lot for item in self.body.items])
        _some_goods(self.body.items, self.body.unattributed, self.refs.calloff)
        return self


class ReceiptRefs(Shape):
    dispatch: Ref | None = None
    lots: Lots = ()
    calloff: Ref | None = None


class ReceivedLot(Shape):
    """What became of one lot on the waybill; all four are in the lot's unit, and 0 is said, not left out."""

    lot: Ref
    good: Amount
    damaged: Amount
    short: Amount
    excess: Amount

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        amounts: tuple[Quantity, ...] = (self.good, self.damaged, self.short, self.excess)
        if len({amount.unit for amount in amounts}) > 1:
            raise PydanticCustomError("unit", "good, damaged, short and excess are not in one unit")
        if all(amount.value == 0 for amount in amounts):
            raise PydanticCustomError("goods", "all four quantities are 0: leave the lot out")
        if self.short.value and self.excess.value:
            raise PydanticCustomError("goods", "a lot on one waybill is either short or in excess, not both")
        return self


class ReceiptBody(Shape):
    """`delivery.received`: what arrived, counted by whoever received it."""

    waybill: ShortText
    place: Place
    items: Some[ReceivedLot] = ()
    unattributed: Some[UnattributedGoods] = ()
    remarks: Text | None = None
    photos: Some[Document] = ()


class DeliveryReceived(Event):
    """Goods arrived: recorded as counted, whatever was expected."""

    nature = Nature.FACT
    type: Literal["delivery.received"]
    refs: ReceiptRefs
    body: ReceiptBody

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _same_lots(self.refs.lots, [item.lot for item in self.body.items])
        _some_goods(self.body.items, self.body.unattributed, self.refs.calloff)
        return self
