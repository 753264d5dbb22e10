"""What every event has in common, and the difference between a promise and a fact.

An event is the JSON object inside a statement (specs/statement.md). The signer, the subject and the place in
the log are not part of it: `Recorded` joins them with the event, and that is all a rule may look at.

*Promises can be refused, facts cannot.* A promise allocates, authorises or releases; beyond its authority it
is refused. A fact says what happened; it is recorded whatever its figures, and what does not add up is a finding.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, ClassVar, Generic, TypeVar

import msgspec
from pydantic import Field, WithJsonSchema

from ledger.events.fields import Ref, Shape, Time
from ledger.units import KeyId, LeafIndex, PartyId, StatementId


class Nature(Enum):
    """Whether rules may refuse the event for its figures."""

    PROMISE = "promise"
    FACT = "fact"


class Subject(Enum):
    """What the `sub` claim of a statement names, by the type of its event."""

    SIGNER = "the signer"
    """Nothing it could name is there yet: it opens a contract, enrols a party, publishes a specification."""
    PARTY = "the party"
    """The party whose keys it is about, whoever signs."""
    CONTRACT = "the contract"
    EITHER = "the contract or the party"
    """Whichever its target stands under."""


class NoRefs(Shape):
    """The event rests on no other statement."""


class NoBody(Shape):
    """The event says all it has to say by its type and what it refers to."""


Version = Annotated[int, Field(ge=1, le=1), WithJsonSchema({"const": 1})]
"""The one version there is. Not `Literal[1]`, which takes `true` for 1."""


class Event(Shape):
    """Base of the vocabulary; a subclass narrows `type`, `refs` and `body`."""

    nature: ClassVar[Nature] = Nature.PROMISE
    subject: ClassVar[Subject] = Subject.CONTRACT

    type: str
    """What kind of event it is."""
    version: Version
    """Version of the event's type."""
    occurred_at: Time
    """When it happened, as the signer claims, by the signer's own clock and offset."""
    prev: Ref | None
    """The previous statement signed with the same key; null for its first."""
    refs: Shape
    """What the statement rests on, by role: ids of statements."""
    body: Shape
    """What is said."""


E_co = TypeVar("E_co", bound=Event, covariant=True)


class Recorded(msgspec.Struct, Generic[E_co], frozen=True):
    """An event with what its statement and its place in the log prove: who, about what, where.

    `index` is proved by the tree. The time of registration is not: it is the log's word, so no rule that
    admits or refuses looks at it, and a verifier with the statements alone comes to the same answer.
    """

    id: StatementId
    index: LeafIndex
    iss: PartyId
    kid: KeyId
    sub: str
    bytes: int
    """Length of the statement."""
    event: E_co

    @property
    def contract(self) -> str:
        """The contract the statement stands under: its own id when it opens one, "" when it is about a party."""
        if self.event.type == "framework.signed":
            return self.id
        return "" if self.sub.startswith("did:") else self.sub
