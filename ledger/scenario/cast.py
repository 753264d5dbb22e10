"""Someone in a story: a party with a place, its devices, and the chain of what each device's key has signed.

An `Actor` signs as a device of a party would: each statement names in `prev` the one the key signed before
(specs/statement.md). Keys and salts are derived from the story's seed and a name, so a story gives the same
bytes on every run and every machine:

    secret = HMAC-SHA-256(seed, name)      an Ed25519 seed (RFC 8032 5.1.5), a P-256 scalar, or a salt; 32 bytes

The seed is in the source for anyone to read. These keys protect nothing; they are for telling stories only.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import rfc8785

from ledger.statement.envelope import sign_statement
from ledger.statement.signer import Ed25519Signer, P256Signer, Signer
from ledger.units import PartyId, StatementId

Refs = Mapping[str, StatementId | Sequence[StatementId]]
"""Role -> what a statement rests on."""

COUNTRY: Final = "IN"
IST: Final = timezone(timedelta(hours=5, minutes=30), "IST")
"""Indian Standard Time: the stories play in India, all of which keeps it all year."""


@dataclass(slots=True)
class Device:
    """One key and how far its chain has come."""

    signer: Signer
    head: StatementId | None = None
    """The last statement the key signed, which the next one names as `prev`."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A confidential value and the salt it is committed to with (specs/events.md)."""

    value: str
    salt: bytes

    def commitment(self) -> dict[str, str]:
        """As an event writes it: SHA-256(salt || RFC 8785 value)."""
        return {"commitment": hashlib.sha256(self.salt + rfc8785.dumps(self.value)).hexdigest()}


@dataclass(slots=True)
class Actor:
    """A party and the device it signs with now. Owned by whoever tells the story: it moves with every signature."""

    name: str
    kind: str
    """As in `party.enrolled`."""
    region: str
    """ISO 3166-2."""
    locality: str
    device: Device
    phone: Secret | None = None
    private: Secret | None = None
    """The name, of a party that keeps it confidential."""
    party: PartyId = field(init=False)
    """The did of its first key, whatever device it takes up later."""
    enrolment: StatementId = field(init=False)
    """Its `party.enrolled`, once it has enrolled."""

    def __post_init__(self) -> None:
        self.party = self.device.signer.public.did

    def place(self) -> dict[str, str]:
        """Where the actor works, as events write a place; a confidential name is left out."""
        place = {"country": COUNTRY, "region": self.region, "locality": self.locality}
        return place if self.private else {**place, "name": self.name}

    def sign(
        self, event: str, *, sub: str, refs: Refs, body: Mapping[str, Any], occurred_at: datetime
    ) -> bytes:
        """Sign an event of type `event` as the device's next statement, and move its head on to it."""
        data = self.attempt(event, sub=sub, refs=refs, body=body, occurred_at=occurred_at)
        self.device.head = statement_id(data)
        return data

    def attempt(
        self, event: str, *, sub: str, refs: Refs, body: Mapping[str, Any], occurred_at: datetime
    ) -> bytes:
        """Sign what the log will refuse. The head stays, as the signer takes a refused statement back: the next
        one follows the last that was registered, and the key's chain shows neither gap nor fork."""
        return sign_statement(
            self.device.signer,
            iss=self.party,
            sub=sub,
            iat=int(occurred_at.timestamp()),
            payload={
                "type": event,
                "version": 1,
                "occurred_at": occurred_at.isoformat(),
                "prev": self.device.head,
                "refs": refs,
                "body": body,
            },
        )

    def enrol(self, occurred_at: datetime) -> bytes:
        """The actor's `party.enrolled`."""
        body: dict[str, Any] = {"kind": self.kind, "country": COUNTRY, "name": self.name}
        if self.private:
            body["name"] = self.private.commitment()
        if self.phone:
            body["phone"] = self.phone.commitment()
        data = self.sign("party.enrolled", sub=self.party, refs={}, body=body, occurred_at=occurred_at)
        self.enrolment = statement_id(data)
        return data


def actor(
    seed: bytes,
    name: str,
    kind: str,
    region: str,
    locality: str,
    *,
    p256: bool = False,
    phone: bool = False,
    private: bool = False,
) -> Actor:
    """Somebody of a story, on a first device; with a confidential phone number or name where asked for."""
    return Actor(
        name,
        kind,
        region,
        locality,
        Device(p256_key(seed, name) if p256 else ed25519_key(seed, name)),
        phone=secret(seed, f"phone of {name}", _number(name)) if phone else None,
        private=secret(seed, f"name of {name}", name) if private else None,
    )


def enrolments(actors: Iterable[Actor], first_at: datetime) -> list[bytes]:
    """Each enrols, a minute after the one before."""
    return [one.enrol(first_at + timedelta(minutes=place)) for place, one in enumerate(actors)]


def on(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A time in the year of the stories, as clocks in India show it."""
    return datetime(2026, month, day, hour, minute, tzinfo=IST)


def ed25519_key(seed: bytes, name: str) -> Ed25519Signer:
    """The Ed25519 key of a name in a story."""
    return Ed25519Signer.from_seed(_secret(seed, name))


def p256_key(seed: bytes, name: str) -> P256Signer:
    """The P-256 key of a name in a story, as a phone's security module would hold it."""
    return P256Signer.from_scalar(_secret(seed, name))


def secret(seed: bytes, what: str, value: str) -> Secret:
    """A confidential value of a story; `what` tells its salt from all others."""
    return Secret(value, _secret(seed, f"salt: {what}"))


def statement_id(data: bytes) -> StatementId:
    """The id of a statement just signed: lower-case hex SHA-256 of its bytes."""
    return StatementId(hashlib.sha256(data).hexdigest())


def _secret(seed: bytes, name: str) -> bytes:
    return hmac.digest(seed, name.encode(), "sha256")


def _number(name: str) -> str:
    """A telephone number that nobody has: in India none begins with 0 after the country code."""
    return f"+91 0{zlib.crc32(name.encode()) % 10**9:09}"
