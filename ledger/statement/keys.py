"""Public keys: how they are named, and what they accept.

Two kinds of key sign here. One key has two names that say the same:

    did:key   "did:key:z" + base58btc( multicodec || raw )          a party's id, for people and JSON
    kid       SHA-256( deterministic COSE_Key of the required members )   RFC 9679, in COSE headers

| kind    | raw                                | multicodec | did begins     | members of the COSE_Key           |
|---------|------------------------------------|------------|----------------|-----------------------------------|
| Ed25519 | 32 bytes (RFC 8032 5.1.5)          | ed 01      | `did:key:z6Mk` | {1: 1, -1: 6, -2: x}              |
| P-256   | 33 bytes, compressed (SEC 1 2.3.3) | 80 24      | `did:key:zDn`  | {1: 2, -1: 1, -2: x, -3: y}       |

The multicodecs are 0xed and 0x1200 as unsigned varints. The public key of RFC 8032 7.1 TEST 1,
d75a9801...f707511a, is `did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw`.

A key is checked once, when it is made. An Ed25519 key must be the canonical encoding of a point of the prime
order group: with such a key nothing of small order is left in the verification equation, so whatever libsodium
accepts, every verifier of RFC 8032 accepts, cofactored or not. A P-256 key must be on the curve.

Nobody but the signer can turn one signature into another over the same bytes: S below the group's order for
Ed25519, s of at most half the order for P-256.

A `did:key` is read in its one canonical spelling only: it is compared as text elsewhere.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, Final, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_sign_open
from nacl.exceptions import BadSignatureError
from nacl.public import SealedBox
from nacl.signing import VerifyKey

from ledger.errors import MalformedKey, SignatureInvalid
from ledger.statement import cbor
from ledger.statement.cose import ED25519, EDDSA, ES256, ESP256
from ledger.units import KeyId, PartyId

SIGNATURE_BYTES: Final = 64
SEALED_BYTES: Final = 48  # a sealed box is so much longer: an ephemeral public key, and a tag of 16 bytes

P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""n, the order of the P-256 group (SEC 2 2.4.2): with (r, s), (r, n - s) verifies too."""

P256_S_MAX: Final = P256_ORDER // 2
"""The lower of s and n - s is at most this; only that one is a signature here."""

# COSE_Key labels and values (RFC 9052 7, RFC 9053 7)
_KTY: Final = 1
_KID: Final = 2
_CRV: Final = -1
_X: Final = -2
_Y: Final = -3
_KTY_OKP: Final = 1
_KTY_EC2: Final = 2
_CRV_P256: Final = 1
_CRV_ED25519: Final = 6


@dataclass(frozen=True, slots=True)
class PublicKey(ABC):
    """A public key that is valid and can verify. Equal if the same kind and bytes; pickles to those bytes.

    `raw` is the key as its multicodec carries it, `algorithms` the COSE algorithm ids it verifies under, `did`
    and `kid` its two names. Making one raises `MalformedKey`.
    """

    raw: bytes = field(repr=False)
    did: PartyId = field(init=False, compare=False)
    kid: KeyId = field(init=False, compare=False, repr=False)

    algorithms: ClassVar[frozenset[int]]
    multicodec: ClassVar[bytes]

    def __post_init__(self) -> None:
        """Name the key; each kind first checks that it is one."""
        members = self._members()
        object.__setattr__(self, "did", PartyId(_DID_PREFIX + _encode_base58(self.multicodec + self.raw)))
        object.__setattr__(self, "kid", _thumbprint(members))

    def __reduce__(self) -> tuple[type[PublicKey], tuple[bytes]]:
        return type(self), (self.raw,)

    @abstractmethod
    def verify(self, message: bytes, signature: bytes) -> None:
        """Return if `signature` (64 bytes) is this key's over `message`; raise `SignatureInvalid` otherwise."""

    def cose_key(self) -> bytes:
        """This key as a deterministic COSE_Key (RFC 9052 7) that carries its kid.

        No alg is named in it, since a key serves under either of its two algorithm ids.
        """
        return cbor.encode({**self._members(), _KID: self.kid})

    @abstractmethod
    def _members(self) -> dict[int, object]:
        """The members of the COSE_Key that RFC 9679 4 takes for a thumbprint."""

    def _refuse(self) -> NoReturn:
        raise SignatureInvalid(
            f"the signature is not one by {self.did} over these bytes",
            hint="ask the signer for the original file: its bytes or its signature were changed",
        )


@dataclass(frozen=True, slots=True)
class Ed25519Key(PublicKey):
    """Ed25519 (RFC 8032), with libsodium's accept-set: canonical S, no R or key of small order."""

    algorithms: ClassVar[frozenset[int]] = frozenset({EDDSA, ED25519})
    multicodec: ClassVar[bytes] = b"\xed\x01"

    def __post_init__(self) -> None:
        if len(self.raw) != 32:
            raise MalformedKey(f"an Ed25519 key of {len(self.raw)} bytes", expected="32 bytes")
        if not crypto_core_ed25519_is_valid_point(self.raw):
            raise MalformedKey(
                f"{self.raw.hex()} is not an Ed25519 public key",
                expected="a canonical point of the prime order group",
                hint="make a new key: signatures under this one would not identify a signer",
            )
        PublicKey.__post_init__(self)

    def verify(self, message: bytes, signature: bytes) -> None:
        """As `PublicKey.verify`; the interpreter lock is released meanwhile."""
        if len(signature) != SIGNATURE_BYTES:
            self._refuse()
        try:
            crypto_sign_open(signature + message, self.raw)
        except BadSignatureError:
            self._refuse()

    def seal(self, message: bytes) -> bytes:
        """Encrypt for whoever holds the private key: a libsodium sealed box, `SEALED_BYTES` longer.

        The box is sealed to the Curve25519 key that is birationally equivalent to this one (RFC 7748 4.1). It names
        neither sender nor recipient, and another one comes out each time.
        """
        return SealedBox(VerifyKey(self.raw).to_curve25519_public_key()).encrypt(message)

    def _members(self) -> dict[int, object]:
        return _ed25519_members(self.raw)


@dataclass(frozen=True, slots=True)
class P256Key(PublicKey):
    """ECDSA on P-256 with SHA-256 (FIPS 186-5), for keys that live in a browser or a security module.

    A signature is r || s, 32 bytes big-endian each (RFC 9053 2.1), s of at most `P256_S_MAX`. Browsers and modules
    make the upper s as often; whoever has such a signature writes n - s in its place, which takes no key.
    """

    algorithms: ClassVar[frozenset[int]] = frozenset({ES256, ESP256})
    multicodec: ClassVar[bytes] = b"\x80\x24"

    _point: ec.EllipticCurvePublicKey = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.raw) != 33:
            raise MalformedKey(
                f"a P-256 key of {len(self.raw)} bytes", expected="33 bytes: a compressed point"
            )
        try:
            point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.raw)
        except ValueError as error:
            raise MalformedKey(
                f"{self.raw.hex()} is not a P-256 public key", expected="a compressed point on the curve"
            ) from error
        object.__setattr__(self, "_point", point)
        PublicKey.__post_init__(self)

    def verify(self, message: bytes, signature: bytes) -> None:
        """As `PublicKey.verify`; an upper s is refused before anything is computed."""
        if len(signature) != SIGNATURE_BYTES:
            self._refuse()
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        if P256_S_MAX < s < P256_ORDER:
            raise SignatureInvalid(
                f"the P-256 signature by {self.did} has its s in the upper half of the range",
                expected="the lower of s and n - s, n the group's order: anyone can turn one into the other",
                hint="replace s, the last 32 bytes, by n - s: it takes no key, and gives the statement its one id",
            )
        try:
            self._point.verify(encode_dss_signature(r, s), message, _ECDSA)
        except InvalidSignature:
            self._refuse()

    def _members(self) -> dict[int, object]:
        at = self._point.public_numbers()
        return {_KTY: _KTY_EC2, _CRV: _CRV_P256, _X: at.x.to_bytes(32, "big"), _Y: at.y.to_bytes(32, "big")}


def _ed25519_members(raw: bytes) -> dict[int, object]:
    return {_KTY: _KTY_OKP, _CRV: _CRV_ED25519, _X: raw}


def _thumbprint(members: dict[int, object]) -> KeyId:
    return KeyId(hashlib.sha256(cbor.encode(members)).digest())


_ECDSA: Final = ec.ECDSA(hashes.SHA256())
_KINDS: Final = (Ed25519Key, P256Key)

_DID_PREFIX: Final = "did:key:z"
_DID_CHARS: Final = 64  # the longest that names a key of ours has 57
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS: Final = {digit: value for value, digit in enumerate(_BASE58)}
_DID: Final = re.compile(f"{_DID_PREFIX}[{_BASE58}]+")

_REMEMBERED: Final = 16_384
"""Keys; a contract may have eight thousand makers, whose statements come in any order. About 1 KiB each."""


@lru_cache(maxsize=_REMEMBERED)
def parse_did_key(text: str) -> PublicKey:
    """Read a `did:key` in its canonical spelling; `parse_did_key(key.did) == key`. Raises `MalformedKey`.

    The last 16,384 keys read are remembered, so a statement costs the check of a key's point only when its
    issuer is new.
    """
    if len(text) > _DID_CHARS or not _DID.fullmatch(text):
        raise MalformedKey(
            f"{text[:80]!r} is not a did:key", expected=f"{_DID_PREFIX} and at most 55 base58btc digits"
        )
    data = _decode_base58(text.removeprefix(_DID_PREFIX))
    for kind in _KINDS:
        if data.startswith(kind.multicodec):
            key = kind(data.removeprefix(kind.multicodec))
            if key.did != text:
                raise MalformedKey(f"{text} is not the canonical spelling", expected=key.did)
            return key
    raise MalformedKey(
        f"{text} names a kind of key that is not known here", expected="Ed25519 (z6Mk...) or P-256 (zDn...)"
    )


@lru_cache(maxsize=_REMEMBERED)
def kid_of(did: PartyId) -> KeyId:
    """The thumbprint of the key that a party's id names. The id was read by `parse_did_key` once, so that of an Ed25519
    key, whose check costs more than all the rest, nothing is checked again."""
    data = _decode_base58(did.removeprefix(_DID_PREFIX))
    if not data.startswith(Ed25519Key.multicodec):
        return parse_did_key(did).kid
    return _thumbprint(_ed25519_members(data.removeprefix(Ed25519Key.multicodec)))


def _encode_base58(data: bytes) -> str:
    """base58btc of bytes that do not begin with zero, as no multicodec does."""
    rest = int.from_bytes(data, "big")
    digits = ""
    while rest:
        rest, digit = divmod(rest, 58)
        digits = _BASE58[digit] + digits
    return digits


def _decode_base58(digits: str) -> bytes:
    """The bytes of a base58btc number; leading zeros are lost, which the canonical spelling has none of."""
    number = 0
    for digit in digits:
        number = number * 58 + _DIGITS[digit]
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
