"""Deliveries: what left, what arrived, and what the buyer accepts of it.

A waybill may carry lots of many makers; a receipt states per lot what was good, damaged, short and in excess. Parts
that were dropped off without a name are written down as `unattributed`: a gap in provenance is shown, not papered
over.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.events.base import Event, Nature
from ledger.events.fields import (
    Amount,
    Asked,
    Count,
    Document,
    LineName,
    MaybeRef,
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

Lots = Annotated[tuple[Ref, ...], Field(strict=False, max_length=REFS_PER_ROLE)]


def same_lots(named: tuple[str, ...], counted: list[str]) -> None:
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
    """The `batch.signed_off` of each lot of `body.items`, in the same order."""
    calloff: MaybeRef = None
    """The `calloff.issued` that unattributed goods count for; needed only for them."""
    delegation: MaybeRef = None
    """The `delegation.granted` under which another signs for whoever sends them."""


class DispatchedLot(Shape):
    """How much of one lot is on the waybill."""

    lot: Ref
    """The `batch.signed_off` of the lot."""
    quantity: Asked
    """How much of it left, in the lot's unit."""


class UnattributedGoods(Shape):
    """Goods whose maker is not known."""

    line: LineName
    """A line of `refs.calloff`."""
    quantity: Asked
    """How much, in the line's unit."""


class DispatchBody(Shape):
    """`delivery.dispatched`: one waybill."""

    waybill: ShortText
    """Number of the waybill."""
    to: Party
    """Who is to receive it; from here on a party to the contract."""
    origin: Place
    """Where it left."""
    destination: Place
    """Where it is bound for."""
    carrier: ShortText | None = None
    """Who carries it."""
    packs: Count | None = None
    """How many packages, for counting at the gate."""
    items: Some[DispatchedLot] = ()
    """Lots on the waybill."""
    unattributed: Some[UnattributedGoods] = ()
    """Goods whose maker is not known."""


class DeliveryDispatched(Event):
    """Goods left."""

    nature = Nature.FACT
    type: Literal["delivery.dispatched"]
    refs: DispatchRefs
    body: DispatchBody

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        same_lots(self.refs.lots, [item.lot for item in self.body.items])
        _some_goods(self.body.items, self.body.unattributed, self.refs.calloff)
        return self


class ReceiptRefs(Shape):
    dispatch: MaybeRef = None
    """The `delivery.dispatched` it arrived on; without it the receipt stands on its own."""
    lots: Lots = ()
    """The `batch.signed_off` of each lot of `body.items`, in the same order."""
    calloff: MaybeRef = None
    """The `calloff.issued` that unattributed goods count for; needed only for them."""
    delegation: MaybeRef = None
    """The `delegation.granted` under which another signs for whoever receives them."""


class ReceivedLot(Shape):
    """What became of one lot on the waybill; all four are in the lot's unit, and 0 is said, not left out."""

    lot: Ref
    """The `batch.signed_off` of the lot."""
    good: Amount
    """How much arrived in good order, excess included."""
    damaged: Amount
    """How much arrived damaged."""
    short: Amount
    """How much of what the waybill says is missing."""
    excess: Amount
    """How much there is more than the waybill says."""

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
    """Number of the waybill."""
    place: Place
    """Where it was counted."""
    items: Some[ReceivedLot] = ()
    """What became of each lot."""
    unattributed: Some[UnattributedGoods] = ()
    """Goods whose maker is not known, as counted in good order."""
    remarks: Text | None = None
    """Anything else, in words: damage not written down here cannot be claimed later."""
    photos: Some[Document] = ()
    """Photographs."""


class DeliveryReceived(Event):
    """Goods arrived: recorded as counted, whatever was expected."""

    nature = Nature.FACT
    type: Literal["delivery.received"]
    refs: ReceiptRefs
    body: ReceiptBody

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        same_lots(self.refs.lots, [item.lot for item in self.body.items])
        _some_goods(self.body.items, self.body.unattributed, self.refs.calloff)
        return self


class DecisionRefs(Shape):
    receipt: Ref
    """The `delivery.received` that is decided on."""
    lots: Lots = ()
    """The `batch.signed_off` of each lot of `body.items`, in the same order."""


class DecidedLot(Shape):
    """How much of one lot on the receipt is accepted, and how much is rejected."""

    lot: Ref
    """The `batch.signed_off` of the lot; it is on the receipt."""
    accepted: Amount
    """How much is accepted, in the lot's unit."""
    rejected: Amount
    """How much is rejected, in the lot's unit."""

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        _decided(self.accepted, self.rejected)
        return self


class DecidedGoods(Shape):
    """The same for goods whose maker is not known."""

    line: LineName
    """A line of unattributed goods on the receipt."""
    accepted: Amount
    """How much is accepted, in the line's unit."""
    rejected: Amount
    """How much is rejected, in the line's unit."""

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        _decided(self.accepted, self.rejected)
        return self


def _decided(accepted: Quantity, rejected: Quantity) -> None:
    if accepted.unit != rejected.unit:
        raise PydanticCustomError("unit", "accepted and rejected are not in one unit")
    if not accepted.value and not rejected.value:
        raise PydanticCustomError("goods", "nothing is accepted and nothing rejected: leave it out")


class DecisionBody(Shape):
    """`delivery.decided`: accepted, rejected, and why."""

    items: Some[DecidedLot] = ()
    """What is decided on each lot."""
    unattributed: Some[DecidedGoods] = ()
    """What is decided on goods whose maker is not known."""
    reason: Text | None = None
    """Required where something is rejected: rejected goods are not paid."""

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        rejected = [*(one.rejected for one in self.items), *(one.rejected for one in self.unattributed)]
        if not rejected:
            raise PydanticCustomError(
                "goods", "nothing is decided: name lots in items, or lines in unattributed"
            )
        if self.reason is None and any(one.value for one in rejected):
            raise PydanticCustomError("reason", "goods are rejected without a reason")
        return self


class DeliveryDecided(Event):
    """The buyer's quality decides on what was received. Decisions on one receipt add up."""

    nature = Nature.FACT
    type: Literal["delivery.decided"]
    refs: DecisionRefs
    body: DecisionBody

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        same_lots(self.refs.lots, [item.lot for item in self.body.items])
        return self
