"""Who takes part: the log's own policy, and parties that enrol themselves.

Authority flows down the contract, so enrolling gives no right to anything: it gives a name to a key. The one
central list is `log.policy`: who may open contracts in this log.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ledger.events.base import Event, NoRefs
from ledger.events.fields import Commitment, Country, Party, Shape, ShortText, Text, Uri
from ledger.limits import PARTIES_PER_POLICY, STATEMENT_BYTES

Kind = Literal["agency", "prime", "hub", "maker", "inspector", "carrier", "consignee", "verifier"]


class PolicyLimits(Shape):
    """Bounds the operator declares; a statement beyond them is refused."""

    statement_bytes: Annotated[int, Field(ge=1024, le=STATEMENT_BYTES)] = STATEMENT_BYTES
    receipt_due_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """A dispatch without a receipt after this many days is a finding."""


class PolicyBody(Shape):
    """`log.policy`: what this log is and who may open contracts in it."""

    origin: Annotated[str, Field(pattern=r"^[!-*,-~]{1,200}$")]
    """The checkpoint's origin line and key name (C2SP signed-note: no space, no plus)."""
    vkey: Annotated[str, Field(min_length=1, max_length=300)]
    """The log's checkpoint key as a C2SP verifier key; its key is the signer's."""
    agencies: Annotated[tuple[Party, ...], Field(strict=False, min_length=1, max_length=PARTIES_PER_POLICY)]
    reading: Literal["public", "parties"] = "public"
    limits: PolicyLimits = PolicyLimits()
    erasure: Text
    """The rules of erasure in words: who orders it, on what grounds, what remains."""


class LogPolicy(Event):
    """Entry 0: the log operator says what this log is."""

    opens_subject = True
    type: Literal["log.policy"]
    refs: NoRefs
    body: PolicyBody


class PartyBody(Shape):
    """`party.enrolled`: what a party says of itself."""

    kind: Kind
    country: Country
    name: ShortText | Commitment
    facility: Uri | None = None
    """Open Know-Where link of the place of making."""


class PartyEnrolled(Event):
    """A party signs its own entry, so that its key has a name."""

    opens_subject = True
    type: Literal["party.enrolled"]
    refs: NoRefs
    body: PartyBody
