"""Private keys in files: PKCS #8, always encrypted (RFC 5958, RFC 8018 PBES2, PEM of RFC 7468).

    did:key:z6Mk...                                                  the public key this file opens to
    -----BEGIN ENCRYPTED PRIVATE KEY-----
    base64 of EncryptedPrivateKeyInfo: PBES2, PBKDF2 with HMAC-SHA-256, 2048 rounds and a 16-byte salt,
    AES-256-CBC with a 16-byte IV, over the PrivateKeyInfo of Ed25519 (RFC 8410 7) or P-256 (RFC 5915)
    -----END ENCRYPTED PRIVATE KEY-----

The first line is explanatory text in the sense of RFC 7468 5.2, which other tools skip: OpenSSL opens these
files (`openssl pkey -in FILE`). CBC protects no integrity, and one flipped bit in the file can decrypt to
another, perfectly usable Ed25519 key; the line is what shows it. A file without the line, as OpenSSL writes it,
is read as well.

The rounds are the library's choice (`BestAvailableEncryption`), and they are few: they slow a guesser by a
factor of two thousand and no more. A passphrase of several random words is what protects the key.

A wrong passphrase shows as bad padding or, about once in two hundred tries, as an unreadable key inside. The two
cannot be told from damage to the encrypted part, so all three are `KeyUnavailable`; a file whose outer form is
broken is `MalformedKey`. No unencrypted key is read or written, under no option.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_der_private_key,
)
from nacl.signing import SigningKey

from ledger.errors import KeyUnavailable, MalformedKey, TooLarge
from ledger.limits import KEY_FILE_BYTES
from ledger.statement.signer import Ed25519Signer, P256Signer, Signer

_FILE: Final = re.compile(
    rb"(?:(?P<did>did:key:[^\r\n]*)\r?\n)?"
    rb"-----BEGIN ENCRYPTED PRIVATE KEY-----\r?\n"
    rb"(?P<base64>[A-Za-z0-9+/=\r\n]+)"
    rb"-----END ENCRYPTED PRIVATE KEY-----(?:\r?\n)?"
)


def encode_private_key(signer: Signer, passphrase: bytes) -> bytes:
    """Write a signer's key as an encrypted file; a fresh salt and IV each time.

    Which algorithm id the signer uses is not part of a key. Raises `KeyUnavailable` for an empty passphrase.
    """
    _require_passphrase(passphrase)
    pem = signer.export().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)
    )
    return signer.public.did.encode() + b"\n" + pem


def decode_private_key(pem: bytes, passphrase: bytes) -> Signer:
    """Open an encrypted key file; the signer has its kind's default algorithm id.

    Raises `KeyUnavailable` if the passphrase is empty or does not open it, `TooLarge` or `MalformedKey` if this is
    no encrypted key file, holds another kind of key, or opens to another key than its first line names.
    """
    if len(pem) > KEY_FILE_BYTES:
        raise TooLarge(f"a key file of {len(pem)} bytes", expected=f"at most {KEY_FILE_BYTES} bytes")
    file = _FILE.fullmatch(pem)
    if file is None:
        raise MalformedKey(
            "not an encrypted private key file",
            expected="one PEM block labelled ENCRYPTED PRIVATE KEY (PKCS #8)",
            hint="encrypt a plain key file with: openssl pkcs8 -topk8 -v2 aes-256-cbc",
        )
    info = _read_base64(file["base64"])
    _require_passphrase(passphrase)
    signer = _signer_of(_decrypt(info, passphrase))
    named = file["did"]
    if named is not None and named != signer.public.did.encode():
        raise MalformedKey(
            f"the key file names {named[:80].decode(errors='replace')} and opens to {signer.public.did}",
            expected="one and the same key",
            hint="the file was damaged or edited: restore it from a copy",
        )
    return signer


def _require_passphrase(passphrase: bytes) -> None:
    if not passphrase:
        raise KeyUnavailable(
            "an empty passphrase",
            expected="a passphrase: key files are always encrypted",
            hint="choose several random words, and keep them elsewhere than the file",
        )


def _read_base64(text: bytes) -> bytes:
    """The DER inside the PEM block; that it is one whole SEQUENCE shows it was not cut short."""
    try:
        info = base64.b64decode(re.sub(rb"[\r\n]", b"", text), validate=True)
    except binascii.Error as error:
        raise MalformedKey("a key file that is not base64 inside", expected="PEM (RFC 7468)") from error
    if not _is_one_sequence(info):
        raise MalformedKey(
            "a key file that is cut short or has bytes added",
            expected="one DER SEQUENCE: EncryptedPrivateKeyInfo (RFC 5958 3)",
            hint="restore the file from a copy",
        )
    return info


def _is_one_sequence(der: bytes) -> bool:
    """Whether `der` is a SEQUENCE of definite length that fills it (X.690 8.1)."""
    if len(der) < 2 or der[0] != 0x30:
        return False
    length, head = der[1], 2
    if length & 0x80:
        head += length & 0x7F
        length = int.from_bytes(der[2:head], "big")
    return head + length == len(der)


def _decrypt(info: bytes, passphrase: bytes) -> object:
    try:
        return load_der_private_key(info, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm, InternalError) as error:
        raise KeyUnavailable(
            "the passphrase does not open this key file",
            hint="try the passphrase again; if it is surely right, the file is damaged: restore it from a copy",
        ) from error


def _signer_of(key: object) -> Signer:
    match key:
        case Ed25519PrivateKey():
            return Ed25519Signer(SigningKey(key.private_bytes_raw()))
        case ec.EllipticCurvePrivateKey() if isinstance(key.curve, ec.SECP256R1):
            return P256Signer(key)
    raise MalformedKey(f"a private key of kind {type(key).__name__}", expected="Ed25519, or ECDSA on P-256")
