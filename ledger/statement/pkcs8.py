"""Private keys in files: PKCS #8, always encrypted (RFC 5958, RFC 8018 PBES2, RFC 7914, PEM of RFC 7468).

    did:key:z6Mk...                                                  the public key this file opens to
    -----BEGIN ENCRYPTED PRIVATE KEY-----
    base64 of EncryptedPrivateKeyInfo: PBES2 with
      scrypt (RFC 7914 7), N = 16384, r = 8, p = 1, a 16-byte salt, a key of 32 bytes,
      AES-256-CBC with a 16-byte IV and PKCS #7 padding,
      over the PrivateKeyInfo of Ed25519 (RFC 8410 7) or P-256 (RFC 5915)
    -----END ENCRYPTED PRIVATE KEY-----

The first line is explanatory text in the sense of RFC 7468 5.2, which other tools skip: OpenSSL opens these
files (`openssl pkey -in FILE`). CBC protects no integrity, and one flipped bit in the file can decrypt to
another, perfectly usable Ed25519 key; the line is what shows it. A file without the line, as OpenSSL writes it,
is read as well.

Each guess at a passphrase costs 16 MiB and about 40 ms of a core. The library's own way to write such files is
not used: its PBKDF2 with 2048 rounds costs a guesser a hundredth of that, and no memory.

Read are PBES2 files with scrypt or PBKDF2, whoever wrote them. What opening one may cost is read from the file and
bounded before anything is derived (`limits.KEY_FILE_*`): a few seconds, and for scrypt 128 MiB. The older schemes
(PBES1, PKCS #12) are refused.

A wrong passphrase shows as bad padding or, about once in two hundred tries, as an unreadable key inside. The two
cannot be told from damage to the encrypted part, so all three are `KeyUnavailable`; a file whose outer form is
broken is `MalformedKey`. No unencrypted key is read or written, under no option.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from typing import Final

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from nacl.signing import SigningKey

from ledger.errors import KeyUnavailable, MalformedKey, TooLarge
from ledger.limits import (
    KEY_FILE_BYTES,
    KEY_FILE_PBKDF2_ROUNDS,
    KEY_FILE_SCRYPT_N,
    KEY_FILE_SCRYPT_P,
    KEY_FILE_SCRYPT_R,
)
from ledger.statement.der import OBJECT_ID, OCTETS, SEQUENCE, integer, item, take, take_integer
from ledger.statement.signer import Ed25519Signer, P256Signer, Signer

_BEGIN: Final = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
_END: Final = b"-----END ENCRYPTED PRIVATE KEY-----"
_FILE: Final = re.compile(
    rb"(?:(?P<did>did:key:[^\r\n]*)\r?\n)?"
    + _BEGIN
    + rb"\r?\n(?P<base64>[A-Za-z0-9+/=\r\n]+)"
    + _END
    + rb"(?:\r?\n)?"
)

# Object identifiers, as the content of their DER items
_PBES2: Final = bytes.fromhex("2a864886f70d01050d")  # 1.2.840.113549.1.5.13
_PBKDF2: Final = bytes.fromhex("2a864886f70d01050c")  # 1.2.840.113549.1.5.12
_SCRYPT: Final = bytes.fromhex("2b06010401da47040b")  # 1.3.6.1.4.1.11591.4.11
_AES_256_CBC: Final = bytes.fromhex("60864801650304012a")  # 2.16.840.1.101.3.4.1.42

# What is written: 16 MiB and some 40 ms, which OpenSSL opens without being told to (its bound is 32 MiB)
_N: Final = 16_384
_R: Final = 8
_P: Final = 1
_SALT_BYTES: Final = 16
_KEY_BYTES: Final = 32
_BLOCK_BYTES: Final = 16
_PEM_COLUMNS: Final = 64


def encode_private_key(signer: Signer, passphrase: bytes) -> bytes:
    """Write a signer's key as an encrypted file; a fresh salt and IV each time.

    Which algorithm id the signer uses is not part of a key. Raises `KeyUnavailable` for an empty passphrase.
    """
    _require_passphrase(passphrase)
    plain = signer.export().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    text = base64.b64encode(_encrypt(plain, passphrase))
    lines = [text[at : at + _PEM_COLUMNS] for at in range(0, len(text), _PEM_COLUMNS)]
    return b"\n".join([signer.public.did.encode(), _BEGIN, *lines, _END, b""])


def decode_private_key(pem: bytes, passphrase: bytes) -> Signer:
    """Open an encrypted key file; the signer has its kind's default algorithm id.

    Raises `KeyUnavailable` if the passphrase is empty or does not open it, `TooLarge` if the file is too large or
    too costly to open, `MalformedKey` if this is no encrypted key file, holds another kind of key, or opens to
    another key than its first line names.
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
    _check_cost(info)
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
    try:
        return base64.b64decode(re.sub(rb"[\r\n]", b"", text), validate=True)
    except binascii.Error as error:
        raise MalformedKey("a key file that is not base64 inside", expected="PEM (RFC 7468)") from error


def _encrypt(plain: bytes, passphrase: bytes) -> bytes:
    """EncryptedPrivateKeyInfo (RFC 5958 3): the scheme with its parameters, and what it encrypted."""
    salt, iv = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_BLOCK_BYTES)
    key = Scrypt(salt=salt, length=_KEY_BYTES, n=_N, r=_R, p=_P).derive(passphrase)
    padder = padding.PKCS7(_BLOCK_BYTES * 8).padder()
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    encrypted = cipher.update(padder.update(plain) + padder.finalize()) + cipher.finalize()
    costs = item(OCTETS, salt) + integer(_N) + integer(_R) + integer(_P) + integer(_KEY_BYTES)
    kdf = _algorithm(_SCRYPT, item(SEQUENCE, costs))
    scheme = _algorithm(_PBES2, item(SEQUENCE, kdf + _algorithm(_AES_256_CBC, item(OCTETS, iv))))
    return item(SEQUENCE, scheme + item(OCTETS, encrypted))


def _algorithm(name: bytes, parameters: bytes) -> bytes:
    """AlgorithmIdentifier (RFC 5280 4.1.1.2)."""
    return item(SEQUENCE, item(OBJECT_ID, name) + parameters)


def _check_cost(info: bytes) -> None:
    """Refuse a file that is not whole, has no PBES2, or would cost too much to open: whoever wrote it chose that.

    Raises `MalformedKey`, `TooLarge`. What is not looked at here is for the library that decrypts.
    """
    whole, added = take(SEQUENCE, info)
    if added:
        raise MalformedKey(
            "a key file with bytes added", expected="one DER SEQUENCE", hint="restore the file from a copy"
        )
    scheme, parameters = take(OBJECT_ID, take(SEQUENCE, whole)[0])
    if scheme != _PBES2:
        raise _unknown_scheme("an encryption scheme")
    kdf, parameters = take(OBJECT_ID, take(SEQUENCE, take(SEQUENCE, parameters)[0])[0])
    _salt, costs = take(OCTETS, take(SEQUENCE, parameters)[0])
    if kdf == _SCRYPT:
        for name, most in (("N", KEY_FILE_SCRYPT_N), ("r", KEY_FILE_SCRYPT_R), ("p", KEY_FILE_SCRYPT_P)):
            asked, costs = take_integer(costs)
            _check_bound(f"scrypt {name}", asked, most)
    elif kdf == _PBKDF2:
        _check_bound("PBKDF2 rounds", take_integer(costs)[0], KEY_FILE_PBKDF2_ROUNDS)
    else:
        raise _unknown_scheme("a key derivation")


def _check_bound(name: str, asked: int, most: int) -> None:
    if asked > most:
        raise TooLarge(
            f"a key file that asks for {name} = {asked}",
            expected=f"at most {most}",
            hint="if the file is your own, encrypt the key anew with lower costs",
        )


def _unknown_scheme(what: str) -> MalformedKey:
    return MalformedKey(
        f"a key file with {what} that is not known here",
        expected="PBES2 with scrypt or PBKDF2",
        hint="encrypt the key anew: openssl pkcs8 -topk8 -scrypt",
    )


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
