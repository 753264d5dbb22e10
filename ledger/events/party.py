"""Who takes part: the log's own policy, parties that enrol themselves, and the keys of their devices.

Authority flows down the contract, so enrolling gives no right to anything: it gives a name to a key. The one
central list is `log.policy`: who may open contracts in this log.

A party has one key for each device. Its id is the `did:key` of its first; others are added and revoked by
statements, so every signature is judged by the keys valid at its place in the log. Who fears to lose all of them
names recovery parties when enrolling: so many of them together add or revoke a key in the party's stead.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.events.base import Event, NoRefs, Subject
from ledger.events.fields import (
    Commitment,
    Country,
    Facility,
    MaybeRef,
    OrCommitment,
    Party,
    Ref,
    Shape,
    ShortText,
    Text,
    Whereabouts,
)
from ledger.limits import PARTIES_PER_POLICY, RECOVERY_PARTIES, STATEMENT_BYTES

Kind = Literal["agency", "prime", "hub", "maker", "inspector", "carrier", "consignee", "verifier"]


class PolicyLimits(Shape):
    """Bounds the operator declares."""

    statement_bytes: Annotated[int, Field(ge=1024, le=STATEMENT_BYTES)] = STATEMENT_BYTES
    """The longest statement that is admitted, in bytes."""
    receipt_due_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """A dispatch without a receipt after this many days is a finding."""


class PolicyBody(Shape):
    """`log.policy`: what this log is and who may open contracts in it."""

    origin: Annotated[str, Field(pattern=r"^[!-*,-~]{1,200}$")]
    """The checkpoint's origin line and key name (C2SP signed-note: no space, no plus)."""
    vkey: Annotated[str, Field(min_length=1, max_length=300)]
    """The log's checkpoint key as a C2SP verifier key; its key is the signer's."""
    agencies: Annotated[tuple[Party, ...], Field(strict=False, min_length=1, max_length=PARTIES_PER_POLICY)]
    """Who may open contracts."""
    reading: Literal["public", "parties"] = "public"
    """Who may read the contents of statements: everybody, or the parties they concern."""
    limits: PolicyLimits = PolicyLimits()
    """Bounds for statements in this log."""
    erasure: Text
    """The rules of erasure in words: who orders it, on what grounds, what remains."""


class LogPolicy(Event):
    """Entry 0: the log operator says what this log is."""

    subject = Subject.SIGNER
    type: Literal["log.policy"]
    refs: NoRefs
    body: PolicyBody


class Recovery(Shape):
    """Who may add and revoke keys in the party's stead, and how many of them it takes."""

    parties: Annotated[tuple[Party, ...], Field(strict=False, min_length=1, max_length=RECOVERY_PARTIES)]
    """The recovery parties."""
    needed: Annotated[int, Field(ge=1, le=RECOVERY_PARTIES)]
    """How many of them have to sign the same change of a key, each a statement of its own."""

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if len(set(self.parties)) != len(self.parties):
            raise PydanticCustomError("recovery", "a recovery party is named twice")
        if self.needed > len(self.parties):
            raise PydanticCustomError("recovery", "more recovery parties are needed than are named")
        return self


class PartyBody(Shape):
    """`party.enrolled`: what a party says of itself."""

    kind: Kind
    """What the party says it is; it gives no right to anything."""
    country: Country
    """Where it is registered or lives: ISO 3166-1 alpha-2 code."""
    name: OrCommitment[ShortText]
    """The name to show, or a commitment to it."""
    facility: Facility | None = None
    """Open Know-Where link of the place of making."""
    phone: Commitment | None = None
    """Never in the clear: it is opened to those who need it."""
    position: OrCommitment[Whereabouts] | None = None
    """Where the place of making is, or a commitment to it."""
    recovery: Recovery | None = None
    """Who may add and revoke keys in its stead; without it, nobody."""


class PartyEnrolled(Event):
    """A party signs its own entry, so that its key has a name."""

    subject = Subject.SIGNER
    type: Literal["party.enrolled"]
    refs: NoRefs
    body: PartyBody


class KeyAddedRefs(Shape):
    party: Ref
    """The `party.enrolled` of the party whose key it is, which is the subject."""


class KeyAddedBody(Shape):
    """`key.added`: the key of one more device."""

    key: Party
    """The public key, written as a `did:key`. It is not a party of its own by this."""
    device: ShortText
    """A label by which the party knows the device."""


class KeyAdded(Event):
    """A key of the party, or its recovery parties, add the key of another device."""

    subject = Subject.PARTY
    type: Literal["key.added"]
    refs: KeyAddedRefs
    body: KeyAddedBody


class KeyRevokedRefs(Shape):
    party: Ref
    """The `party.enrolled` of the party whose key it is, which is the subject."""
    last_good: MaybeRef = None
    """Of a compromised key: the last statement that the party itself signed with it."""


class KeyRevokedBody(Shape):
    """`key.revoked`: from here on nothing signed with the key is admitted, whatever time it claims."""

    key: Party
    """The key, written as a `did:key`: the party's first, or one that was added."""
    reason: Literal["scheduled", "lost", "compromised"]
    """Replaced as planned; out of the party's hands; or in the hands of another."""
    remark: Text | None = None
    """What happened, in words."""


class KeyRevoked(Event):
    """A key of the party, or its recovery parties, end the use of a key. What it signed before stays valid."""

    subject = Subject.PARTY
    type: Literal["key.revoked"]
    refs: KeyRevokedRefs
    body: KeyRevokedBody

    @model_validator(mode="after")
    def _last_good_of_compromised(self) -> Self:
        if self.refs.last_good is not None and self.body.reason != "compromised":
            raise PydanticCustomError("key", "refs.last_good is said of a compromised key only")
        return self
