"""Private keys: who signs, with which key and algorithm.

    Ed25519Signer   32-byte seed (RFC 8032 5.1.5)                 alg -8 (EdDSA), or -19 (Ed25519)
    P256Signer      scalar from 1 to n-1, 32 bytes big-endian     alg -7 (ES256), or -9 (ESP256)

Both are deterministic: Ed25519 by design, ECDSA by RFC 6979 with the lower of s and n - s. The same message always
gives the same signature, so an event signed again is the same statement, and a device with poor randomness does not
give its key away. The older algorithm id is the default, because it is what the tools of today verify (RFC 9864
deprecates it).

A signer never shows its secret: `repr` and `str` name the public key, pickling is refused. `export` is the one
way out, and `pkcs8`, which encrypts what it writes, is what it is for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final, NoReturn, TypeAlias

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl.exceptions import CryptoError
from nacl.public import SealedBox
from nacl.signing import SigningKey

from ledger.errors import KeyUnavailable, MalformedKey
from ledger.statement.cose import EDDSA, ES256
from ledger.statement.keys import P256_ORDER, Ed25519Key, P256Key, PublicKey

PrivateKey: TypeAlias = Ed25519PrivateKey | ec.EllipticCurvePrivateKey
"""A private key as the library that writes key files holds it."""

_SECRET_BYTES: Final = 32
_ECDSA: Final = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


class Signer(ABC):
    """One private key bound to one of its COSE algorithm ids."""

    __slots__ = ("_algorithm",)

    def __init__(self, algorithm: int) -> None:
        assert algorithm in self.public.algorithms, f"{self.public} does not sign under alg {algorithm}"
        self._algorithm = algorithm

    @property
    def algorithm(self) -> int:
        """The COSE algorithm id that stands in what it signs."""
        return self._algorithm

    @property
    @abstractmethod
    def public(self) -> PublicKey:
        """The key that verifies what this signs."""

    @abstractmethod
    def sign(self, message: bytes) -> bytes:
        """64 bytes, the same for the same message every time."""

    @abstractmethod
    def export(self) -> PrivateKey:
        """The secret itself, for a key file. Whoever calls this answers for where it goes."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.public.did}, alg {self.algorithm})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a signer is not pickled: its secret stays in this process")


class Ed25519Signer(Signer):
    """Signs with Ed25519 (libsodium)."""

    __slots__ = ("_key", "_public")

    def __init__(self, key: SigningKey, algorithm: int = EDDSA) -> None:
        self._key = key
        self._public = Ed25519Key(bytes(key.verify_key))
        super().__init__(algorithm)

    @classmethod
    def from_seed(cls, seed: bytes, algorithm: int = EDDSA) -> Ed25519Signer:
        """From the 32-byte seed of RFC 8032 5.1.5. Raises `MalformedKey`."""
        if len(seed) != _SECRET_BYTES:
            raise MalformedKey(f"an Ed25519 seed of {len(seed)} bytes", expected="32 bytes")
        return cls(SigningKey(seed), algorithm)

    @property
    def public(self) -> Ed25519Key:
        return self._public

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message).signature

    def unseal(self, sealed: bytes) -> bytes:
        """What `Ed25519Key.seal` sealed to this key. Raises `KeyUnavailable` for anything else."""
        try:
            return SealedBox(self._key.to_curve25519_private_key()).decrypt(sealed)
        except CryptoError as error:
            raise KeyUnavailable(f"this is not sealed to {self.public.did}, or was changed since") from error

    def export(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes(self._key))


class P256Signer(Signer):
    """Signs with ECDSA on P-256 and SHA-256, its nonce from RFC 6979, its s the lower of two."""

    __slots__ = ("_key", "_public")

    def __init__(self, key: ec.EllipticCurvePrivateKey, algorithm: int = ES256) -> None:
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        self._key = key
        self._public = P256Key(point)
        super().__init__(algorithm)

    @classmethod
    def from_scalar(cls, scalar: bytes, algorithm: int = ES256) -> P256Signer:
        """From the private scalar, 32 bytes big-endian. Raises `MalformedKey`."""
        if len(scalar) != _SECRET_BYTES:
            raise MalformedKey(f"a P-256 scalar of {len(scalar)} bytes", expected="32 bytes")
        try:
            key = ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())
        except ValueError as error:
            raise MalformedKey(
                "a P-256 scalar out of range", expected="1 to n-1, n the group's order"
            ) from error
        return cls(key, algorithm)

    @property
    def public(self) -> P256Key:
        return self._public

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self._key.sign(message, _ECDSA))
        return r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")

    def export(self) -> ec.EllipticCurvePrivateKey:
        return self._key


def generate_ed25519(algorithm: int = EDDSA) -> Ed25519Signer:
    """A new Ed25519 key from the system's randomness."""
    return Ed25519Signer(SigningKey.generate(), algorithm)


def generate_p256(algorithm: int = ES256) -> P256Signer:
    """A new P-256 key from the system's randomness."""
    return P256Signer(ec.generate_private_key(ec.SECP256R1()), algorithm)
