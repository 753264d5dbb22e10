"""The disclosure file: values and salts for named parties, and for nobody else. Its bytes: specs/disclosure.md.

    file    = {"disclosure": 1, "keys": [sealed key, ...], "content": nonce || ciphertext}
    content = {"from": did or null, "to": [did, ...], "statements": [[id, [[pointer, salt, value], ...]], ...]}

The content is encrypted once (XChaCha20-Poly1305) with a key made for this file; that key is sealed to each
recipient's Ed25519 key (libsodium sealed box), in the order of `to`. The rest of the file is authenticated with the
content, so that whoever opens a file has it as it was made. The content is padded: the file's length says in steps of
`PAD_BYTES` how much is in it, and how many may open it.

Nothing in it is signed, and nothing in it is believed: `check_disclosure` compares every value with the statement.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nacl.bindings import sodium_pad, sodium_unpad
from nacl.exceptions import CryptoError
from nacl.secret import Aead

from ledger.errors import (
    EvidenceIncomplete,
    KeyUnavailable,
    MalformedCbor,
    MalformedDisclosure,
    MalformedKey,
    TooLarge,
    VerificationFailed,
)
from ledger.limits import DISCLOSURE_BYTES, DISCLOSURE_RECIPIENTS, DISCLOSURE_STATEMENTS
from ledger.rules.findings import Finding
from ledger.rules.findings.signatures import opened_otherwise
from ledger.statement import cbor
from ledger.statement.commitment import (
    Opening,
    Pointer,
    check_opening,
    commitments,
    pack_openings,
    unpack_openings,
)
from ledger.statement.envelope import Statement
from ledger.statement.keys import SEALED_BYTES, Ed25519Key, parse_did_key
from ledger.statement.signer import Ed25519Signer, Signer
from ledger.units import HASH_BYTES, PartyId, StatementId

VERSION: Final = 1
PAD_BYTES: Final = 1024

_FILE_MEMBERS: Final = {"disclosure", "keys", "content"}
_CONTENT_MEMBERS: Final = {"from", "to", "statements"}
_AROUND_BYTES: Final = Aead.NONCE_SIZE + Aead.MACBYTES


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What a disclosure says: well-formed, nothing proved."""

    sender: PartyId | None
    """Who the file says it is from; anyone could have written that."""
    recipients: tuple[PartyId, ...]
    openings: Mapping[StatementId, tuple[Opening, ...]]


@dataclass(frozen=True, slots=True)
class Checked:
    """One disclosed value, compared with its statement: proved, or refused for a reason."""

    statement: StatementId
    pointer: Pointer
    value: Any = field(repr=False)
    """The value the statement commits to; None where it is refused."""
    refused: VerificationFailed | None
    finding: Finding | None
    """F41, where the statement commits to another value than was disclosed."""


def recipient_key(party: PartyId) -> Ed25519Key:
    """The key that is sealed to. Raises `MalformedKey` for a party that cannot be a recipient."""
    key = parse_did_key(party)
    if not isinstance(key, Ed25519Key):
        raise MalformedKey(
            f"{party} is a P-256 key, and nothing can be sealed to it",
            expected="an Ed25519 key (did:key:z6Mk...)",
            hint="ask the party for an Ed25519 key to receive with (`tally key new NAME`), and disclose to that",
        )
    return key


def seal_disclosure(disclosure: Disclosure) -> bytes:
    """The bytes of a disclosure file; others each time.

    Raises `MalformedKey` for a recipient that cannot be one, `TooLarge` for what would not be read back.
    """
    assert disclosure.recipients, "a disclosure is to somebody"
    for what, many, most in (
        ("recipients", disclosure.recipients, DISCLOSURE_RECIPIENTS),
        ("statements", disclosure.openings, DISCLOSURE_STATEMENTS),
    ):
        if len(many) > most:
            raise TooLarge(f"{len(many)} {what}", expected=f"at most {most}", hint="make several files")
    secret = secrets.token_bytes(Aead.KEY_SIZE)
    keys = [recipient_key(party).seal(secret) for party in disclosure.recipients]
    padded = sodium_pad(_encode_content(disclosure), PAD_BYTES)
    content = bytes(Aead(secret).encrypt(padded, _authenticated(keys)))
    data = cbor.encode({"disclosure": VERSION, "keys": keys, "content": content})
    _check_size(data)
    return data


def open_disclosure(data: bytes, signer: Signer) -> Disclosure:
    """Open a disclosure file with a recipient's key.

    Raises `KeyUnavailable` for a key it is not sealed to, `MalformedDisclosure` and `TooLarge`. What comes out
    is not proved: see `check_disclosure`. Costs one key agreement for each recipient before this one.
    """
    if not isinstance(signer, Ed25519Signer):
        raise KeyUnavailable(
            f"{signer.public.did} is a P-256 key, and nothing can be sealed to it",
            expected="an Ed25519 key",
            hint="make one with `tally key new NAME`, and ask for the disclosure to be sealed to it",
        )
    keys, content = _read_file(data)
    place, secret = _unseal(keys, signer)
    try:
        plain = Aead(secret).decrypt(content, _authenticated(keys))
    except CryptoError as error:
        raise MalformedDisclosure(
            "the content does not open with its own key", hint="the file was changed: ask for it again"
        ) from error
    disclosure = _decode_content(plain, len(keys))
    if disclosure.recipients[place] != signer.public.did:
        raise MalformedDisclosure(
            "the file is sealed to other keys than it names",
            expected="each key sealed to the recipient in the same place",
        )
    return disclosure


def check_disclosure(disclosure: Disclosure, statements: Mapping[StatementId, Statement]) -> list[Checked]:
    """Compare every value with the statement it is for; `statements` are those at hand, by their ids."""
    checked = []
    for statement, openings in disclosure.openings.items():
        for opening in openings:
            try:
                value, refused = _check(statements.get(statement), statement, opening), None
            except VerificationFailed as error:
                value, refused = None, error
            finding = _otherwise(statements.get(statement), opening) if refused else None
            checked.append(Checked(statement, opening.pointer, value, refused, finding))
    return checked


def _otherwise(at_hand: Statement | None, opening: Opening) -> Finding | None:
    """Of an opening that was refused: the finding, where there is something else that it should have opened."""
    committed = commitments(at_hand.payload).get(opening.pointer) if at_hand else None
    if at_hand is None or committed is None:
        return None
    return opened_otherwise(at_hand.id, opening.pointer, committed, opening.digest)


def _check(at_hand: Statement | None, statement: StatementId, opening: Opening) -> Any:
    if at_hand is None:
        raise EvidenceIncomplete(
            f"the statement {statement} is not at hand",
            expected="its bytes, to compare the value with",
            hint="bring it: as a file, in a bundle, or from a log that holds it",
        )
    return check_opening(at_hand, opening)


def _read_file(data: bytes) -> tuple[list[bytes], bytes]:
    _check_size(data)
    try:
        file = cbor.decode(data)
    except MalformedCbor as error:
        raise MalformedDisclosure(
            f"this is not a disclosure: {error}", expected="a file made by `tally disclose`"
        ) from error
    if not isinstance(file, dict) or set(file) != _FILE_MEMBERS:
        raise MalformedDisclosure(
            "this is not a disclosure", expected="a map of " + ", ".join(sorted(_FILE_MEMBERS))
        )
    if file["disclosure"] is True or file["disclosure"] != VERSION:
        raise MalformedDisclosure(
            f"disclosure version {file['disclosure']!r:.40}", expected=f"version {VERSION}"
        )
    keys, content = file["keys"], file["content"]
    sealed = SEALED_BYTES + Aead.KEY_SIZE
    if not isinstance(keys, list) or not 0 < len(keys) <= DISCLOSURE_RECIPIENTS:
        raise MalformedDisclosure(
            "keys that are no list of them", expected=f"an array of 1 to {DISCLOSURE_RECIPIENTS}"
        )
    if not all(isinstance(key, bytes) and len(key) == sealed for key in keys):
        raise MalformedDisclosure("a sealed key of another length", expected=f"{sealed} bytes")
    size = len(content) - _AROUND_BYTES if isinstance(content, bytes) else 0
    if size <= 0 or size % PAD_BYTES:
        raise MalformedDisclosure(
            "content of another length", expected=f"{_AROUND_BYTES} bytes more than a multiple of {PAD_BYTES}"
        )
    return keys, content


def _unseal(keys: list[bytes], signer: Ed25519Signer) -> tuple[int, bytes]:
    """The content's key, and which of the sealed keys it came from."""
    for place, sealed in enumerate(keys):
        try:
            return place, signer.unseal(sealed)
        except KeyUnavailable:
            continue
    raise KeyUnavailable(
        f"none of the {len(keys)} keys in this file is sealed to {signer.public.did}",
        expected="a file that was made for this key",
        hint="open it with the key it was made for, or ask for one for this key; a changed file says the same",
    )


def _authenticated(keys: list[bytes]) -> bytes:
    """What of the file is authenticated with the content: all the rest."""
    return cbor.encode({"disclosure": VERSION, "keys": keys})


def _encode_content(disclosure: Disclosure) -> bytes:
    return cbor.encode(
        {
            "from": disclosure.sender,
            "to": list(disclosure.recipients),
            "statements": [
                [bytes.fromhex(statement), pack_openings(openings)]
                for statement, openings in sorted(disclosure.openings.items())
            ],
        }
    )


def _decode_content(data: bytes, keys: int) -> Disclosure:
    """Whoever has the content's key could have written this: it is read as strictly as the rest."""
    try:
        content = cbor.decode(sodium_unpad(data, PAD_BYTES))
    except (CryptoError, MalformedCbor):  # whose words may quote what was sealed
        content = None
    if not isinstance(content, dict) or set(content) != _CONTENT_MEMBERS:
        raise MalformedDisclosure(
            "the content is not a disclosure's",
            expected="a map of " + ", ".join(sorted(_CONTENT_MEMBERS)) + ", padded",
        )
    sender, to = content["from"], content["to"]
    if not isinstance(to, list) or len(to) != keys:
        raise MalformedDisclosure(
            "recipients that are not those it is sealed to", expected=f"an array of {keys}"
        )
    recipients = tuple(_party(one) for one in to)
    if len(set(recipients)) != keys or not all(
        isinstance(parse_did_key(one), Ed25519Key) for one in recipients
    ):
        raise MalformedDisclosure(
            "a recipient twice, or one that nothing can be sealed to", expected="Ed25519 keys, each once"
        )
    return Disclosure(
        sender=None if sender is None else _party(sender),
        recipients=recipients,
        openings=_statements(content["statements"]),
    )


def _statements(packed: Any) -> dict[StatementId, tuple[Opening, ...]]:
    if not isinstance(packed, list) or not 0 < len(packed) <= DISCLOSURE_STATEMENTS:
        raise MalformedDisclosure(
            "statements that are no list of them", expected=f"an array of 1 to {DISCLOSURE_STATEMENTS}"
        )
    openings: dict[StatementId, tuple[Opening, ...]] = {}
    last = b""
    for one in packed:
        if not isinstance(one, list) or len(one) != 2:
            raise MalformedDisclosure("a statement in another shape", expected="[id, openings]")
        statement, inside = one
        if not isinstance(statement, bytes) or len(statement) != HASH_BYTES or statement <= last:
            raise MalformedDisclosure("statement ids out of order", expected="32 bytes each, that ascend")
        openings[StatementId(statement.hex())] = unpack_openings(inside)
        last = statement
    return openings


def _party(value: Any) -> PartyId:
    if not isinstance(value, str):
        raise MalformedDisclosure("a party that is not text", expected="a did:key")
    try:
        return parse_did_key(value).did
    except MalformedKey as error:
        raise MalformedDisclosure(f"a party that cannot be read: {error}", expected="a did:key") from error


def _check_size(data: bytes) -> None:
    if len(data) > DISCLOSURE_BYTES:
        raise TooLarge(
            f"the file has {len(data)} bytes",
            expected=f"a disclosure of at most {DISCLOSURE_BYTES}",
            hint="disclose fewer statements at a time",
        )
