"""Someone in a story: a party with a place, a key, and the chain of what that key has signed.

An `Actor` signs as a device of a party would: each statement names in `prev` the one the key signed before
(specs/statement.md). Keys are derived from the story's seed and the actor's name, so a story gives the same
bytes on every run and every machine:

    secret = HMAC-SHA-256(seed, name)      an Ed25519 seed (RFC 8032 5.1.5), or a P-256 scalar, 32 bytes

The seed is in the source for anyone to read. These keys protect nothing; they are for telling stories only.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from ledger.statement.envelope import sign_statement
from ledger.statement.signer import Ed25519Signer, P256Signer, Signer
from ledger.units import PartyId, StatementId

Refs = Mapping[str, StatementId | Sequence[StatementId]]
"""Role -> what a statement rests on."""

COUNTRY: Final = "IN"
IST: Final = timezone(timedelta(hours=5, minutes=30), "IST")
"""Indian Standard Time: the stories play in India, all of which keeps it all year."""


@dataclass(slots=True)
class Actor:
    """A party and its one key. Owned by whoever tells the story: `head` moves with every signature."""

    name: str
    kind: str
    """As in `party.enrolled`."""
    region: str
    """ISO 3166-2."""
    locality: str
    signer: Signer
    head: StatementId | None = None
    """The last statement the key signed, which the next one names as `prev`."""

    @property
    def party(self) -> PartyId:
        return self.signer.public.did

    def place(self) -> dict[str, str]:
        """Where the actor works, as events write a place."""
        return {"country": COUNTRY, "region": self.region, "locality": self.locality, "name": self.name}

    def sign(
        self, event: str, *, sub: str, refs: Refs, body: Mapping[str, Any], occurred_at: datetime
    ) -> bytes:
        """Sign an event of type `event` as the key's next statement, and move `head` on to it."""
        data = self.attempt(event, sub=sub, refs=refs, body=body, occurred_at=occurred_at)
        self.head = statement_id(data)
        return data

    def attempt(
        self, event: str, *, sub: str, refs: Refs, body: Mapping[str, Any], occurred_at: datetime
    ) -> bytes:
        """Sign what the log will refuse. `head` stays, as the signer takes a refused statement back: the next
        one follows the last that was registered, and the key's chain shows neither gap nor fork."""
        return sign_statement(
            self.signer,
            iss=self.party,
            sub=sub,
            iat=int(occurred_at.timestamp()),
            payload={
                "type": event,
                "version": 1,
                "occurred_at": occurred_at.isoformat(),
                "prev": self.head,
                "refs": refs,
                "body": body,
            },
        )

    def enrol(self, occurred_at: datetime) -> bytes:
        """The actor's `party.enrolled`."""
        body = {"kind": self.kind, "country": COUNTRY, "name": self.name}
        return self.sign("party.enrolled", sub=self.party, refs={}, body=body, occurred_at=occurred_at)


def ed25519_key(seed: bytes, name: str) -> Ed25519Signer:
    """The Ed25519 key of a name in a story."""
    return Ed25519Signer.from_seed(_secret(seed, name))


def p256_key(seed: bytes, name: str) -> P256Signer:
    """The P-256 key of a name in a story, as a phone's security module would hold it."""
    return P256Signer.from_scalar(_secret(seed, name))


def statement_id(data: bytes) -> StatementId:
    """The id of a statement just signed: lower-case hex SHA-256 of its bytes."""
    return StatementId(hashlib.sha256(data).hexdigest())


def _secret(seed: bytes, name: str) -> bytes:
    return hmac.digest(seed, name.encode(), "sha256")
