"""The statement: one signed event (specs/statement.md; SCITT Signed Statement, RFC 9943).

    statement = 18([ << protected >>, {}, payload, signature ])         COSE_Sign1, see cose.py
    protected = { 1: alg, 3: "application/vnd.tallystick.event+json", 4: kid,
                  15: { 1: iss, 2: sub, 6: iat } }
    payload   = UTF-8 JSON object, see payload.py:
                { "type": text, "version": 1.., "occurred_at": text, "prev": id or null,
                  "refs": { role: id or [id, ...] }, "body": { ... } }
    id        = lower-case hex SHA-256(statement)            entry = the same 32 bytes, what the log holds

Both headers and both claim sets hold exactly these labels, and the payload exactly these members. `iss` is the
party's id, `kid` the thumbprint of the one of its keys that signed: the two are resolved together. By `first_key`
only the key that the id itself names is known; `ledger.statement.keybook` knows those added later. `sub` is the
contract's id, or a party's for an event outside any contract. `iat` is in seconds since 1970 (RFC 8392 3.1.6).

This floor checks the shape of an event and who signed it. What an event means, which body a type has, and whether
the party may say it, is judged above.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ledger.errors import KeyUnknown, MalformedCose, MalformedPayload, SignatureInvalid, TooLarge
from ledger.limits import REF_ROLES, REFS_PER_ROLE, SHORT_TEXT_CHARS, STATEMENT_BYTES
from ledger.statement import cbor
from ledger.statement.compact import Parts, compact_parts
from ledger.statement.cose import (
    ALG,
    CLAIM_IAT,
    CLAIM_ISS,
    CLAIM_SUB,
    CONTENT_TYPE,
    CWT_CLAIMS,
    ED25519,
    EDDSA,
    ES256,
    ESP256,
    KID,
    Sign1,
    decode_protected,
    decode_sign1,
    encode_sign1,
    signed_bytes,
)
from ledger.statement.keys import PublicKey, parse_did_key
from ledger.statement.payload import INTEGER_MAX, decode_payload, encode_payload
from ledger.statement.signer import Signer
from ledger.units import HASH_BYTES, Entry, KeyId, PartyId, StatementId

EVENT_TYPE: Final = "application/vnd.tallystick.event+json"
"""The media type of a statement's payload."""

KeyResolver: TypeAlias = Callable[[PartyId, KeyId], PublicKey]
"""Answers the key for a party's statement that has this thumbprint, or raises `KeyUnknown`. Whether it is one of the
party's is not asked here."""

_LABELS: Final = frozenset({ALG, CONTENT_TYPE, KID, CWT_CLAIMS})
_CLAIMS: Final = frozenset({CLAIM_ISS, CLAIM_SUB, CLAIM_IAT})
_ALGORITHMS: Final = frozenset({EDDSA, ED25519, ES256, ESP256})
_MEMBERS: Final = frozenset({"type", "version", "occurred_at", "prev", "refs", "body"})
_ID: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that was read: its bytes, their names, and what they say. The payload is not to be changed.

    Whether its signature is right is not part of it; `open_statement` returns only statements whose is.
    """

    data: bytes = field(repr=False)
    id: StatementId
    entry: Entry = field(repr=False)
    algorithm: int
    kid: KeyId = field(repr=False)
    iss: PartyId
    sub: str
    iat: int
    payload: dict[str, Any] = field(compare=False, repr=False)

    @property
    def type(self) -> str:
        """The event's type, such as `batch.signed_off`."""
        return str(self.payload["type"])

    @property
    def version(self) -> int:
        """The version of the event type, from 1."""
        return int(self.payload["version"])

    @property
    def occurred_at(self) -> str:
        """When it happened, as the signer claims; text whose meaning is judged above."""
        return str(self.payload["occurred_at"])

    @property
    def prev(self) -> StatementId | None:
        """The previous statement this key signed."""
        prev: StatementId | None = self.payload["prev"]
        return prev

    @property
    def refs(self) -> Mapping[str, StatementId | list[StatementId]]:
        """Role -> what the statement rests on."""
        refs: dict[str, StatementId | list[StatementId]] = self.payload["refs"]
        return refs

    @property
    def referred(self) -> tuple[StatementId, ...]:
        """All statements it rests on, in whatever role."""
        roles = self.refs.values()
        return tuple(one for role in roles for one in ([role] if isinstance(role, str) else role))


def sign_statement(signer: Signer, *, iss: PartyId, sub: str, iat: int, payload: Mapping[str, Any]) -> bytes:
    """Sign an event: the statement's bytes, the same every time for the same arguments.

    `iss` need not be the signer's own `did:key`: a party signs with any of its keys. `iat` is in seconds since
    1970. Raises what `read_statement` raises, for arguments that do not make a statement.
    """
    protected = cbor.encode(
        {
            ALG: signer.algorithm,
            CONTENT_TYPE: EVENT_TYPE,
            KID: signer.public.kid,
            CWT_CLAIMS: {CLAIM_ISS: iss, CLAIM_SUB: sub, CLAIM_IAT: iat},
        }
    )
    content = encode_payload(payload)
    signature = signer.sign(signed_bytes(protected, content))
    data = encode_sign1(Sign1(protected, {}, content, signature))
    read_statement(data)  # nothing leaves here that would not be taken back
    return data


def read_statement(data: bytes) -> Statement:
    """Read a statement's shape. Its signature is NOT checked: see `open_statement`.

    Raises `TooLarge`, `MalformedCbor`, `MalformedCose`, `MalformedPayload`, `MalformedKey`.
    """
    return _read(data)[0]


def verify_signature(statement: Statement, key: PublicKey) -> None:
    """Check a statement that was read against one key.

    Raises `KeyUnknown` if it names another key, `SignatureInvalid` if it is not signed by this one.
    """
    _verify(statement, decode_sign1(statement.data), key)


def first_key(iss: PartyId, kid: KeyId) -> PublicKey:
    """The resolver that needs no register: the one key a party's id itself names. Raises `KeyUnknown`."""
    key = parse_did_key(iss)
    if key.kid != kid:
        raise KeyUnknown(
            f"key {kid.hex()} is not the first key of {iss}",
            expected=key.kid.hex(),
            hint="a key added later is known by the key.added statement that added it",
        )
    return key


def open_statement(data: bytes, resolve: KeyResolver = first_key) -> Statement:
    """Read a statement and verify its signature by the key that `resolve` answers for its (iss, kid).

    Raises what `read_statement` raises, what `resolve` raises (`KeyUnknown`), and `SignatureInvalid`. Costs one
    verification, and about a third as much again for reading.
    """
    statement, sign1 = _read(data)
    _verify(statement, sign1, resolve(statement.iss, statement.kid))
    return statement


def read_accepted_statement(data: bytes) -> Statement:
    """Read a statement again of which `read_statement` has accepted these very bytes, in another process or when the
    log registered it; neither its keys nor its members are checked any more.

    For any other bytes what comes out means nothing.
    """
    return _statement(data, compact_parts(data) or _any_parts(data))


def drop_unprotected(data: bytes) -> bytes:
    """A submitted COSE_Sign1 as the log takes it: the same but for an empty unprotected header.

    What a submitter or a transport put there (receipts, above all) is not signed and must not change the id.
    Raises `TooLarge`, `MalformedCbor`, `MalformedCose`.
    """
    sign1 = decode_sign1(data)
    if not sign1.unprotected:
        return data
    return encode_sign1(Sign1(sign1.protected, {}, sign1.payload, sign1.signature))


def _read(data: bytes) -> tuple[Statement, Sign1]:
    if len(data) > STATEMENT_BYTES:
        raise TooLarge(
            f"a statement of {len(data)} bytes",
            expected=f"at most {STATEMENT_BYTES} bytes",
            hint="refer to large files by their SHA-256, size and media type",
        )
    parts = compact_parts(data) or _any_parts(data)
    parse_did_key(parts.iss)
    _check_subject(parts.sub)
    statement = _statement(data, parts)
    _check_event(statement.payload)
    return statement, parts.sign1


def _statement(data: bytes, parts: Parts) -> Statement:
    entry = hashlib.sha256(data).digest()
    assert parts.sign1.payload is not None, (
        "neither way to read the parts takes a statement without its payload"
    )
    return Statement(
        data=data,
        id=StatementId(entry.hex()),
        entry=Entry(entry),
        algorithm=parts.algorithm,
        kid=KeyId(parts.kid),
        iss=PartyId(parts.iss),
        sub=parts.sub,
        iat=parts.iat,
        payload=decode_payload(parts.sign1.payload),
    )


def _any_parts(data: bytes) -> Parts:
    """The parts of a statement in any form that is accepted, or the reason why it is refused."""
    sign1 = decode_sign1(data)
    if sign1.unprotected:
        raise MalformedCose(
            "a statement with an unprotected header", expected="an empty one: it is not signed, but hashed"
        )
    if sign1.payload is None:
        raise MalformedCose("a statement without its payload", expected="an attached payload")
    header = decode_protected(sign1)
    iss, sub, iat = _read_claims(_check_header(header))
    return Parts(sign1, header[ALG], header[KID], iss, sub, iat)


def _check_header(header: dict[int | str, Any]) -> dict[int, Any]:
    """Check all of the protected header but what its claims say, which are returned."""
    if header.keys() != _LABELS:
        raise MalformedCose(
            f"the protected labels {_listed(header)}", expected="1 alg, 3 content type, 4 kid, 15 claims"
        )
    if header[ALG] not in _ALGORITHMS:
        raise MalformedCose(
            f"algorithm {header[ALG]}", expected="-8 or -19 (Ed25519), -7 or -9 (ECDSA on P-256)"
        )
    if header[CONTENT_TYPE] != EVENT_TYPE:
        raise MalformedCose(f"content type {header[CONTENT_TYPE]!r:.80}", expected=EVENT_TYPE)
    kid = header[KID]
    if type(kid) is not bytes or len(kid) != HASH_BYTES:
        raise MalformedCose("a kid that is no thumbprint", expected="32 bytes (RFC 9679, SHA-256)")
    claims = header[CWT_CLAIMS]
    if type(claims) is not dict or claims.keys() != _CLAIMS:
        raise MalformedCose(
            f"the claims {_listed(claims) if type(claims) is dict else type(claims).__name__}",
            expected="a map of 1 iss, 2 sub, 6 iat",
        )
    return claims


def _read_claims(claims: dict[int, Any]) -> tuple[str, str, int]:
    iss, sub, iat = claims[CLAIM_ISS], claims[CLAIM_SUB], claims[CLAIM_IAT]
    if type(iss) is not str:
        raise MalformedCose("an iss claim that is not text", expected="a did:key")
    if type(sub) is not str:
        raise MalformedCose("a sub claim that is not text", expected="a statement id or a did:key")
    if type(iat) is not int or not 0 <= iat <= INTEGER_MAX:
        raise MalformedCose(f"an iat claim of {iat!r:.40}", expected="whole seconds from 0 to 2^53 - 1")
    return iss, sub, iat


def _check_subject(sub: str) -> None:
    if sub.startswith("did:"):
        parse_did_key(sub)
    elif not _ID.fullmatch(sub):
        raise MalformedCose(
            f"a sub claim of {sub!r:.80}", expected="64 lower-case hexadecimal digits, or a did:key"
        )


def _check_event(payload: dict[str, Any]) -> None:
    """The members every event has; what stands in `body` is not looked at."""
    if payload.keys() != _MEMBERS:
        raise MalformedPayload(
            f"an event with the members {_listed(payload)}", expected=", ".join(sorted(_MEMBERS))
        )
    for member in ("type", "occurred_at"):
        text = payload[member]
        if type(text) is not str or not 0 < len(text) <= SHORT_TEXT_CHARS:
            raise MalformedPayload(
                f"an event whose {member} is {text!r:.40}",
                expected=f"1 to {SHORT_TEXT_CHARS} characters of text",
            )
    if type(payload["version"]) is not int or payload["version"] < 1:
        raise MalformedPayload(
            f"an event of version {payload['version']!r:.40}", expected="a whole number from 1"
        )
    if payload["prev"] is not None:
        _check_id(payload["prev"], "prev")
    _check_refs(payload["refs"])
    if type(payload["body"]) is not dict:
        raise MalformedPayload("an event whose body is not an object", expected="an object")


def _check_refs(refs: object) -> None:
    if type(refs) is not dict or len(refs) > REF_ROLES:
        raise MalformedPayload("refs that are no object of roles", expected=f"at most {REF_ROLES} roles")
    for role, target in refs.items():
        if not 0 < len(role) <= SHORT_TEXT_CHARS:
            raise MalformedPayload(
                f"the role {role[:40]!r} in refs", expected=f"1 to {SHORT_TEXT_CHARS} characters"
            )
        targets = target if type(target) is list else [target]
        if len(targets) > REFS_PER_ROLE:
            raise MalformedPayload(
                f"{len(targets)} refs in the role {role!r}", expected=f"at most {REFS_PER_ROLE}"
            )
        for one in targets:
            _check_id(one, role)


def _check_id(value: object, place: str) -> None:
    if type(value) is not str or not _ID.fullmatch(value):
        raise MalformedPayload(
            f"{value!r:.80} as {place!r} is not a statement id",
            expected="64 lower-case hexadecimal digits",
        )


def _listed(members: Mapping[Any, Any]) -> str:
    return ", ".join(sorted(f"{name!r:.20}" for name in list(members)[:10])) or "(none)"


def _verify(statement: Statement, sign1: Sign1, key: PublicKey) -> None:
    if key.kid != statement.kid:
        raise KeyUnknown(
            f"the statement is signed with key {statement.kid.hex()}, not with {key.kid.hex()}",
            expected="the key whose thumbprint the statement carries",
        )
    if statement.algorithm not in key.algorithms:
        raise SignatureInvalid(
            f"algorithm {statement.algorithm} is not one of {key.did}",
            expected=" or ".join(map(str, sorted(key.algorithms))),
        )
    assert sign1.payload is not None, "_read refuses a statement without payload"
    key.verify(signed_bytes(sign1.protected, sign1.payload), sign1.signature)
