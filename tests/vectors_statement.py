"""Make specs/vectors/statement: good statements, and broken ones with one fault each.

`build()` answers every file; running this module writes them. It imports nothing from the ledger: CBOR is put
together byte by byte, keys sign through `cryptography`, and the index says what a verifier has to answer. The
keys are test keys whose secrets are published in `keys.json`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_scalar_add,
    crypto_core_ed25519_scalar_mul,
    crypto_core_ed25519_scalar_reduce,
    crypto_scalarmult_ed25519_base_noclamp,
)

FOLDER = Path(__file__).parents[1] / "specs" / "vectors" / "statement"
STATEMENT_BYTES = 16 * 1024
EVENT_TYPE = "application/vnd.tallystick.event+json"
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
IAT = 1_777_888_200  # 2026-05-04T09:50:00Z
CONTRACT = hashlib.sha256(b"contract").hexdigest()
LOT = hashlib.sha256(b"lot").hexdigest()
OTHER_LOT = hashlib.sha256(b"other lot").hexdigest()


# CBOR (RFC 8949 3), each item from its parts


def head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    size = next(size for size in (1, 2, 4, 8) if argument < 1 << 8 * size)
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size]]) + argument.to_bytes(size, "big")


def integer(value: int) -> bytes:
    return head(0, value) if value >= 0 else head(1, -1 - value)


def octets(value: bytes) -> bytes:
    return head(2, len(value)) + value


def text(value: str) -> bytes:
    return head(3, len(value.encode())) + value.encode()


def array(*items: bytes) -> bytes:
    return head(4, len(items)) + b"".join(items)


def mapping(members: Mapping[int, bytes], *more: bytes) -> bytes:
    """A map in the order given; `more` are whole members, key and value."""
    return head(5, len(members) + len(more)) + b"".join(
        [integer(key) + value for key, value in members.items()] + list(more)
    )


NIL = b"\xf6"
EMPTY_MAP = b"\xa0"


# Keys


@dataclass(frozen=True)
class Key:
    """A test key; `members` is its COSE_Key without the kid, in encoded form."""

    multicodec: bytes
    raw: bytes
    members: dict[int, bytes]
    sign: Callable[[bytes], bytes]

    @property
    def did(self) -> str:
        return did_of(self.multicodec + self.raw)

    @property
    def kid(self) -> bytes:
        return hashlib.sha256(mapping(self.members)).digest()


def did_of(data: bytes) -> str:
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = alphabet[digit] + digits
    return "did:key:z" + digits


def ed25519(seed: bytes) -> Key:
    secret = Ed25519PrivateKey.from_private_bytes(seed)
    raw = secret.public_key().public_bytes_raw()
    return Key(b"\xed\x01", raw, {1: integer(1), -1: integer(6), -2: octets(raw)}, secret.sign)


def p256(scalar: bytes) -> Key:
    secret = ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())
    raw = secret.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    point = secret.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(message: bytes) -> bytes:
        der = secret.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")

    members = {1: integer(2), -1: integer(1), -2: octets(point[1:33]), -3: octets(point[33:])}
    return Key(b"\x80\x24", raw, members, sign)


SECRETS = {name: hashlib.sha256(name.encode()).digest() for name in ("maker", "browser", "stranger")}
MAKER = ed25519(SECRETS["maker"])
BROWSER = p256(SECRETS["browser"])
STRANGER = ed25519(SECRETS["stranger"])


# Statements


EVENT: dict[str, object] = {
    "type": "example.noted",
    "version": 1,
    "occurred_at": "2026-05-04T15:20:00+05:30",
    "prev": None,
    "refs": {"lot": LOT},
    "body": {"note": "120 baskets, mūḍhā weave"},
}


def claims(**replaced: bytes | None) -> dict[int, bytes]:
    """The claims; a name replaced by None is left out."""
    members = {"iss": text(MAKER.did), "sub": text(CONTRACT), "iat": integer(IAT)} | replaced
    labels = {"iss": 1, "sub": 2, "iat": 6}
    return {labels[name]: value for name, value in members.items() if value is not None}


def header(**replaced: bytes | None) -> dict[int, bytes]:
    """The protected header; a name replaced by None is left out."""
    members = {
        "alg": integer(-8),
        "content_type": text(EVENT_TYPE),
        "kid": octets(MAKER.kid),
        "claims": mapping(claims()),
    } | replaced
    labels = {"alg": 1, "content_type": 3, "kid": 4, "claims": 15}
    return {labels[name]: value for name, value in members.items() if value is not None}


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return array(text("Signature1"), octets(protected), octets(b""), octets(payload))


def statement(
    protected: bytes | dict[int, bytes] | None = None,
    payload: bytes | Mapping[str, object] = EVENT,
    *,
    key: Key = MAKER,
    unprotected: bytes = EMPTY_MAP,
    signature: bytes | None = None,
) -> bytes:
    """A statement that is right but for what is given."""
    protected = header() if protected is None else protected
    protected = mapping(protected) if isinstance(protected, dict) else protected
    payload = payload if isinstance(payload, bytes) else jcs(payload)
    signature = key.sign(to_be_signed(protected, payload)) if signature is None else signature
    return b"\xd2" + array(octets(protected), unprotected, octets(payload), octets(signature))


def jcs(value: object) -> bytes:
    """RFC 8785, for values whose names are ASCII and whose numbers are integers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def event(**replaced: object) -> dict[str, object]:
    return EVENT | replaced


def with_body(member: bytes) -> bytes:
    """The event with this JSON as its body's one member."""
    return jcs(event(body={"x": "?"})).replace(b'"x":"?"', member)


def claimed(**replaced: bytes | None) -> bytes:
    return statement(header(claims=mapping(claims(**replaced))))


def signed_by(key: Key, alg: int, payload: Mapping[str, object] = EVENT) -> bytes:
    protected = header(alg=integer(alg), kid=octets(key.kid), claims=mapping(claims(iss=text(key.did))))
    return statement(protected, payload, key=key)


GOOD_PARTS = [octets(mapping(header())), EMPTY_MAP, octets(jcs(EVENT))]
GOOD_PARTS.append(octets(MAKER.sign(to_be_signed(mapping(header()), jcs(EVENT)))))


def good() -> Iterator[tuple[str, str, bytes]]:
    """(name, why it is here, bytes)."""
    yield "ed25519-eddsa", "what a signer writes today; the worked example", signed_by(MAKER, -8)
    yield "ed25519-ed25519", "the fully specified algorithm id", signed_by(MAKER, -19)
    yield "p256-es256", "a key in a browser or a security module", signed_by(BROWSER, -7)
    yield "p256-esp256", "the fully specified algorithm id", signed_by(BROWSER, -9)
    party = mapping(claims(sub=text(MAKER.did)))
    yield "sub-is-a-party", "an event outside any contract", statement(header(claims=party))
    chained = event(prev=OTHER_LOT, refs={"lots": [LOT, OTHER_LOT], "contract": CONTRACT})
    yield "prev-and-many-refs", "prev set, one role with a list", statement(payload=chained)
    yield (
        "smallest-values",
        "iat 0, no refs, empty body",
        statement(header(claims=mapping(claims(iat=integer(0)))), event(refs={}, body={})),
    )
    extremes = event(version=2**53 - 1, body={"low": -(2**53) + 1, "high": 2**53 - 1})
    yield (
        "largest-integers",
        "2^53 - 1 in every place",
        statement(header(claims=mapping(claims(iat=integer(2**53 - 1)))), extremes),
    )
    nested: object = 1
    for _ in range(14):
        nested = [nested]
    yield (
        "deepest-payload",
        "16 arrays and objects inside one another",
        statement(payload=event(body={"x": nested})),
    )
    loose = json.dumps(EVENT, indent=1).encode()
    yield "payload-not-canonical", "any strict JSON is hashed as it is", statement(payload=loose)
    pair = with_body(b'"x":"\\ud83e\\uddfa"')
    yield "payload-surrogate-pair", "an escape of both halves is one character", statement(payload=pair)
    yield "largest", "exactly 16384 bytes", padded(STATEMENT_BYTES)


def padded(size: int) -> bytes:
    short = len(statement(payload=event(body={"note": "x" * 1000})))
    return statement(payload=event(body={"note": "x" * (1000 + size - short)}))


def bad_cbor() -> Iterator[tuple[str, str, bytes]]:
    whole = statement()
    protected, unprotected, payload, signature = GOOD_PARTS
    yield "empty", "no bytes at all", b""
    yield "truncated", "the last byte is missing", whole[:-1]
    yield "trailing-byte", "one byte after the item", whole + b"\x00"
    yield (
        "indefinite-array",
        "the four parts in an array without a length",
        (b"\xd2\x9f" + b"".join(GOOD_PARTS) + b"\xff"),
    )
    yield (
        "indefinite-payload",
        "the payload in chunks",
        (b"\xd2\x84" + protected + unprotected + b"\x5f" + payload + b"\xff" + signature),
    )
    yield (
        "long-length",
        "the signature's length in two bytes instead of one",
        (b"\xd2\x84" + protected + unprotected + payload + b"\x59\x00\x40" + signature[2:]),
    )
    yield "long-integer", "alg -8 as 38 07 instead of 27", statement(header(alg=b"\x38\x07"))
    yield "duplicate-label", "kid twice", statement(mapping(header(), integer(4) + octets(MAKER.kid)))
    yield (
        "duplicate-claim",
        "iss twice, the second another party",
        statement(header(claims=mapping(claims(), integer(1) + text(STRANGER.did)))),
    )
    yield "unsorted-labels", "kid before alg", statement(dict(sorted(header().items(), key=lambda x: -x[0])))
    yield (
        "unsorted-claims",
        "iat before iss",
        statement(header(claims=mapping(dict(sorted(claims().items(), key=lambda x: -x[0]))))),
    )
    yield "float-iat", "a float", claimed(iat=b"\xfb" + bytes.fromhex("41da7e1b92000000"))
    yield "bignum-iat", "tag 2 around a byte string", claimed(iat=b"\xc2" + octets(IAT.to_bytes(4, "big")))
    yield "tagged-iss", "tag 32 (URI) around iss", claimed(iss=b"\xd8\x20" + text(MAKER.did))
    yield "undefined-claim", "`undefined` as sub", claimed(sub=b"\xf7")
    yield "simple-value-claim", "simple value 16 as sub", claimed(sub=b"\xf0")
    yield "text-not-utf8", "sub with the byte ff", claimed(sub=head(3, 64) + b"\xff" + b"a" * 63)
    yield (
        "array-as-key",
        "a claim whose key is an array",
        statement(header(claims=mapping(claims(), array() + integer(1)))),
    )
    yield "wrong-tag", "tag 98 (COSE_Sign)", b"\xd8\x62" + whole[1:]
    yield "self-described", "tag 55799 in front", b"\xd9\xd9\xf7" + whole
    yield "shared-reference", "tags 28 and 29", b"\xd8\x1c" + array(b"\xd8\x1d\x00")
    yield "depth-bomb", "16000 arrays inside one another", b"\x81" * 16_000 + b"\x00"
    yield (
        "length-bomb-bytes",
        "a byte string said to have 2^62 bytes",
        b"\xd2\x84\x5b" + (2**62).to_bytes(8, "big"),
    )
    yield "length-bomb-array", "an array said to have 2^62 items", b"\xd2\x9b" + (2**62).to_bytes(8, "big")


def bad_cose() -> Iterator[tuple[str, str, bytes]]:
    protected, unprotected, payload, signature = GOOD_PARTS
    yield "untagged", "without tag 18", array(*GOOD_PARTS)
    yield "three-parts", "no signature", b"\xd2" + array(*GOOD_PARTS[:3])
    yield "five-parts", "one part more", b"\xd2" + array(*GOOD_PARTS, NIL)
    yield "payload-detached", "nil for payload", b"\xd2" + array(protected, unprotected, NIL, signature)
    yield (
        "payload-is-text",
        "a text string for payload",
        b"\xd2" + array(protected, unprotected, text(jcs(EVENT).decode()), signature),
    )
    yield (
        "protected-not-encoded",
        "a map, not a byte string",
        b"\xd2" + array(mapping(header()), unprotected, payload, signature),
    )
    yield "protected-empty", "no bytes in the protected header", statement(b"")
    yield "protected-is-array", "an array in the protected header", statement(array())
    yield "label-is-bytes", "a byte string as a label", statement(mapping(header(), octets(b"x") + NIL))
    yield (
        "unprotected-receipts",
        "label 394 in the unprotected header",
        statement(unprotected=mapping({394: array()})),
    )
    yield (
        "alg-unprotected",
        "alg in the wrong header",
        statement(header(alg=None), unprotected=mapping({1: integer(-8)})),
    )
    yield "alg-text", "alg by its name", statement(header(alg=text("EdDSA")))
    yield "alg-unknown", "alg -999", statement(header(alg=integer(-999)))
    yield (
        "crit",
        "a label marked as critical",
        statement(dict(sorted({**header(), 2: array(integer(15))}.items()))),
    )
    for label in (-222, -111, 13, 14, 391, 392, 393):
        name = f"label-{'minus-' if label < 0 else ''}{abs(label)}"
        yield name, f"obsolete label {label}", statement(in_order({**header(), label: EMPTY_MAP}))
    yield "label-16", "a label more than needed (typ)", statement({**header(), 16: text(EVENT_TYPE)})
    yield "kid-missing", "no kid", statement(header(kid=None))
    yield "kid-short", "a kid of 8 bytes", statement(header(kid=octets(MAKER.kid[:8])))
    yield "content-type-missing", "no content type", statement(header(content_type=None))
    yield "content-type-other", "application/json", statement(header(content_type=text("application/json")))
    yield "claims-missing", "no claims", statement(header(claims=None))
    yield "claims-encoded", "claims in a byte string", statement(header(claims=octets(mapping(claims()))))
    yield "claim-missing", "no sub", claimed(sub=None)
    yield (
        "claim-more",
        "an exp claim",
        statement(header(claims=mapping(dict(sorted({**claims(), 4: integer(IAT)}.items()))))),
    )
    yield "iss-not-text", "iss as bytes", claimed(iss=octets(MAKER.did.encode()))
    yield "sub-not-text", "sub as 32 bytes", claimed(sub=octets(bytes.fromhex(CONTRACT)))
    yield "sub-upper-case", "an id in capital letters", claimed(sub=text(CONTRACT.upper()))
    yield "sub-empty", "no characters", claimed(sub=text(""))
    yield "iat-negative", "iat -1", claimed(iat=integer(-1))
    yield "iat-large", "iat 2^53", claimed(iat=integer(2**53))
    yield "iat-true", "iat true", claimed(iat=b"\xf5")


def in_order(members: dict[int, bytes]) -> dict[int, bytes]:
    return dict(sorted(members.items(), key=lambda member: integer(member[0])))


def bad_key() -> Iterator[tuple[str, str, bytes]]:
    def issuer(did: str) -> bytes:
        return claimed(iss=text(did))

    yield "iss-other-method", "did:web", issuer("did:web:maker.example")
    yield "iss-fragment", "a key's URL, not the party's id", issuer(f"{MAKER.did}#{MAKER.did[8:]}")
    yield "iss-other-kind", "secp256k1 (multicodec e7 01)", issuer(did_of(b"\xe7\x01" + BROWSER.raw))
    yield "iss-short-key", "31 bytes of an Ed25519 key", issuer(did_of(b"\xed\x01" + MAKER.raw[:31]))
    yield "iss-leading-one", "a base58 digit for zero in front", issuer(MAKER.did.replace(":z", ":z1"))
    yield "iss-long", "ten thousand base58 digits", issuer("did:key:z6Mk" + "2" * 10_000)
    yield "iss-small-order", "the Ed25519 point of order 1", issuer(did_of(b"\xed\x01\x01" + bytes(31)))
    yield (
        "iss-mixed-order",
        "an Ed25519 key plus a point of order 8",
        issuer(did_of(b"\xed\x01" + crypto_core_ed25519_add(MAKER.raw, ORDER_8))),
    )
    yield (
        "iss-not-canonical-point",
        "y = p + 1, which is 1 again",
        issuer(did_of(b"\xed\x01" + (2**255 - 18).to_bytes(32, "little"))),
    )
    yield "iss-off-curve", "no point has this x", issuer(did_of(b"\x80\x24\x02" + b"\xff" * 32))
    yield "sub-other-method", "did:web", claimed(sub=text("did:web:maker.example"))


def bad_payload() -> Iterator[tuple[str, str, bytes]]:
    for name, why, payload in bad_json():
        yield "json-" + name, why, statement(payload=payload)
    for name, why, replaced in bad_event():
        yield "event-" + name, why, statement(payload=event(**replaced))
    yield (
        "event-member-missing",
        "no prev",
        statement(payload={name: value for name, value in EVENT.items() if name != "prev"}),
    )


def bad_json() -> Iterator[tuple[str, str, bytes]]:
    whole = jcs(EVENT)
    yield "empty", "no bytes", b""
    yield "array", "not an object", b"[" + whole + b"]"
    yield "trailing", "a second object", whole + b"{}"
    yield "comma", "a comma too many", whole[:-1] + b",}"
    yield "bom", "a byte order mark", b"\xef\xbb\xbf" + whole
    yield "utf-16", "another encoding", whole.decode().encode("utf-16")
    yield "latin-1", "a byte that is not UTF-8", with_body(b'"x":"\xe9"')
    yield "surrogate-bytes", "a surrogate in UTF-8 form", with_body(b'"x":"\xed\xa0\x80"')
    yield "surrogate-escape", "half of a surrogate pair", with_body(b'"x":"\\ud83e"')
    yield "surrogate-in-name", "half of a surrogate pair", with_body(b'"\\udfff":1')
    yield "control-character", "a line feed in a string", with_body(b'"x":"\n"')
    yield "duplicate", "a name twice", with_body(b'"x":1,"x":2')
    yield "duplicate-escaped", "a name twice, once in escapes", with_body(b'"x":1,"\\u0078":2')
    yield "fraction", "0.5", with_body(b'"x":0.5')
    yield "fraction-zero", "1.0", with_body(b'"x":1.0')
    yield "exponent", "1e2", with_body(b'"x":1e2')
    yield "exponent-large", "1e400", with_body(b'"x":1e400')
    yield "negative-zero", "-0", with_body(b'"x":-0')
    yield "integer-large", "2^53", with_body(b'"x":9007199254740992')
    yield "integer-huge", "10000 digits", with_body(b'"x":' + b"9" * 10_000)
    yield "leading-zero", "012", with_body(b'"x":012')
    yield "nan", "NaN", with_body(b'"x":NaN')
    yield "infinity", "-Infinity", with_body(b'"x":-Infinity')
    yield "deep", "17 arrays and objects inside one another", with_body(b'"x":' + b"[" * 15 + b"]" * 15)
    yield "depth-bomb", "15000 arrays inside one another", with_body(b'"x":' + b"[" * 15_000)


def bad_event() -> Iterator[tuple[str, str, dict[str, object]]]:
    yield "member-more", "a member that no event has", {"extra": 1}
    yield "type-number", "type 1", {"type": 1}
    yield "type-empty", "no type", {"type": ""}
    yield "version-text", 'version "1"', {"version": "1"}
    yield "version-true", "version true", {"version": True}
    yield "version-zero", "version 0", {"version": 0}
    yield "occurred-at-null", "occurred_at null", {"occurred_at": None}
    yield "occurred-at-long", "201 characters", {"occurred_at": "2" * 201}
    yield "prev-short", "63 digits", {"prev": LOT[:63]}
    yield "prev-upper-case", "capital digits", {"prev": LOT.upper()}
    yield "prev-list", "a list of one id", {"prev": [LOT]}
    yield "refs-list", "a list", {"refs": [LOT]}
    yield "refs-not-id", "a lot's number", {"refs": {"lot": "LOT-7"}}
    yield "refs-null", "a role without an id", {"refs": {"lot": None}}
    yield "refs-nested", "a list in a list", {"refs": {"lots": [[LOT]]}}
    yield "refs-role-empty", "a role without a name", {"refs": {"": LOT}}
    yield "refs-many", "101 ids in one role", {"refs": {"lots": [LOT] * 101}}
    yield "refs-many-roles", "17 roles", {"refs": {f"role{at}": LOT for at in range(17)}}
    yield "body-null", "body null", {"body": None}


def bad_signature() -> Iterator[tuple[str, str, bytes]]:
    whole, protected = statement(), mapping(header())
    good_signature = whole[-64:]
    r, s = good_signature[:32], int.from_bytes(good_signature[32:], "little")
    browser = signed_by(BROWSER, -7)
    yield "payload-changed", "one letter of the note", whole.replace(b"120 baskets", b"130 baskets")
    yield "signature-changed", "one bit", statement(signature=bytes([r[0] ^ 1]) + good_signature[1:])
    yield "signature-empty", "no bytes", statement(signature=b"")
    yield "signature-short", "63 bytes", statement(signature=good_signature[:-1])
    yield "signature-zero", "64 zero bytes", statement(signature=bytes(64))
    yield "signature-by-other", "made with another key", statement(key=STRANGER)
    yield (
        "signature-of-other",
        "made for another statement",
        statement(signature=statement(payload=event(body={}))[-64:]),
    )
    yield (
        "signature-malleable",
        "S + L in place of S",
        statement(signature=r + (s + ED25519_ORDER).to_bytes(32, "little")),
    )
    yield (
        "signature-mixed-order",
        "R plus a point of order 8: only cofactored verifiers accept it",
        statement(signature=mixed_order_signature(to_be_signed(protected, jcs(EVENT)))),
    )
    yield (
        "signature-other-context",
        'made over "Signature"',
        statement(
            signature=MAKER.sign(array(text("Signature"), octets(protected), octets(b""), octets(jcs(EVENT))))
        ),
    )
    yield (
        "signature-external-data",
        "made with external data",
        statement(
            signature=MAKER.sign(
                array(text("Signature1"), octets(protected), octets(b"x"), octets(jcs(EVENT)))
            )
        ),
    )
    yield (
        "signature-payload-alone",
        "made over the payload alone",
        statement(signature=MAKER.sign(jcs(EVENT))),
    )
    yield (
        "signature-high-s",
        "P-256: n - s in place of s, which takes no key",
        browser[:-32] + (P256_ORDER - int.from_bytes(browser[-32:], "big")).to_bytes(32, "big"),
    )
    yield "p256-signature-der", "ASN.1 in place of r || s", browser[:-66] + octets(der_of(browser[-64:]))
    yield "p256-signature-zero", "r = s = 0", browser[:-64] + bytes(64)
    yield "alg-confused-ed25519", "alg -7 with an Ed25519 key", signed_by(MAKER, -7)
    yield "alg-confused-p256", "alg -8 with a P-256 key", signed_by(BROWSER, -8)


def der_of(signature: bytes) -> bytes:
    parts = [part if part[0] < 0x80 else b"\x00" + part for part in (signature[:32], signature[32:])]
    body = b"".join(b"\x02" + bytes([len(part)]) + part for part in parts)
    return b"\x30" + bytes([len(body)]) + body


ORDER_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")


def mixed_order_signature(message: bytes) -> bytes:
    """RFC 8032 5.1.6 with a point of order 8 added to R before it is hashed."""
    digest = hashlib.sha512(SECRETS["maker"]).digest()
    clamped = int.from_bytes(digest[:32], "little") & ~7 & (2**254 - 1) | 2**254
    secret = (clamped % ED25519_ORDER).to_bytes(32, "little")
    nonce = crypto_core_ed25519_scalar_reduce(hashlib.sha512(digest[32:] + message).digest())
    point = crypto_core_ed25519_add(crypto_scalarmult_ed25519_base_noclamp(nonce), ORDER_8)
    challenge = crypto_core_ed25519_scalar_reduce(hashlib.sha512(point + MAKER.raw + message).digest())
    return point + crypto_core_ed25519_scalar_add(nonce, crypto_core_ed25519_scalar_mul(challenge, secret))


def bad_who() -> Iterator[tuple[str, str, bytes]]:
    yield (
        "kid-of-other-issuer",
        "a stranger's key and kid, the maker's iss",
        statement(header(kid=octets(STRANGER.kid)), key=STRANGER),
    )


def bad_size() -> Iterator[tuple[str, str, bytes]]:
    yield "too-large", "16385 bytes", padded(STATEMENT_BYTES + 1)


BAD = {
    "malformed-cbor": bad_cbor,
    "malformed-cose": bad_cose,
    "malformed-key": bad_key,
    "malformed-payload": bad_payload,
    "signature-invalid": bad_signature,
    "key-unknown": bad_who,
    "too-large": bad_size,
}


def build() -> dict[str, bytes]:
    """Every file of specs/vectors/statement: its path there -> its bytes."""
    files: dict[str, bytes] = {}
    index: dict[str, dict[str, object]] = {"good": {}, "bad": {}}
    for name, why, data in good():
        files[f"good/{name}.cbor"] = data
        index["good"][name] = {"id": hashlib.sha256(data).hexdigest(), "why": why}
    for error, cases in BAD.items():
        for name, why, data in cases():
            assert f"bad/{name}.cbor" not in files, f"two vectors are named {name}"
            files[f"bad/{name}.cbor"] = data
            index["bad"][name] = {"error": error, "why": why}
    keys = {
        name: {
            "secret": SECRETS[name].hex(),
            "did": key.did,
            "kid": key.kid.hex(),
            "cose_key": mapping(in_order({**key.members, 2: octets(key.kid)})).hex(),
        }
        for name, key in {"maker": MAKER, "browser": BROWSER, "stranger": STRANGER}.items()
    }
    files["index.json"] = pretty(index)
    files["keys.json"] = pretty(keys)
    return files


def pretty(value: object) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"


def main() -> None:
    files = build()
    for stale in FOLDER.rglob("*.*"):
        if stale.relative_to(FOLDER).as_posix() not in files:
            stale.unlink()
    for path, data in files.items():
        target = FOLDER / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


if __name__ == "__main__":
    main()
