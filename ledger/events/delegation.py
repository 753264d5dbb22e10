"""Signing for another: a hub signs for a maker without a device, within what the maker granted.

Such a statement names the delegation in its references and is the hub's own signature; it counts as the maker's act
and shows as signed by proxy until the maker confirms it.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from ledger.events.base import Event, NoBody, NoRefs
from ledger.events.fields import Asked, Date, Party, Ref, Shape, Text
from ledger.limits import REFS_PER_ROLE

Delegable = Literal[
    "allocation.accepted",
    "batch.signed_off",
    "delivery.dispatched",
    "delivery.received",
    "recall.acknowledged",
]
"""What may be signed for another. Never a delegation: what was lent is not lent on."""

ALL_DELEGABLE: Final[tuple[str, ...]] = Delegable.__args__  # type: ignore[attr-defined]


class GrantBody(Shape):
    """`delegation.granted`: to whom, for what, how much, until when; for this contract alone."""

    to: Party
    """Who may sign; from here on a party to the contract."""
    types: Annotated[tuple[Delegable, ...], Field(strict=False, min_length=1, max_length=len(ALL_DELEGABLE))]
    """The types of event it may sign."""
    most: Asked | None = None
    """The most that may be released by sign-offs under it, all together; without it the allocation is the limit."""
    until: Date
    """The last day, by the signer's calendar, on which something may be signed under it."""
    remark: Text | None = None
    """Why, in words."""


class DelegationGranted(Event):
    """A party lets another sign for it."""

    type: Literal["delegation.granted"]
    refs: NoRefs
    body: GrantBody


class DelegationRefs(Shape):
    delegation: Ref
    """The `delegation.granted` that ends."""


class RevocationBody(Shape):
    """`delegation.revoked`: why."""

    reason: Text | None = None
    """Why, in words."""


class DelegationRevoked(Event):
    """The party that granted it ends a delegation, from this place of the log on."""

    type: Literal["delegation.revoked"]
    refs: DelegationRefs
    body: RevocationBody


class ConfirmationRefs(Shape):
    statements: Annotated[tuple[Ref, ...], Field(strict=False, min_length=1, max_length=REFS_PER_ROLE)]
    """Statements that were signed for the signer, under whichever delegation."""


class ProxyConfirmed(Event):
    """A party says of statements that were signed for it: they are as if I had signed them."""

    type: Literal["proxy.confirmed"]
    refs: ConfirmationRefs
    body: NoBody
