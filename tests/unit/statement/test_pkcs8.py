"""Key files: encrypted always, and never opened to another key than was written."""

from __future__ import annotations

import base64
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from ledger.errors import KeyUnavailable, MalformedKey, TallyError, TooLarge
from ledger.limits import KEY_FILE_BYTES
from ledger.statement.cose import ED25519
from ledger.statement.pkcs8 import decode_private_key, encode_private_key
from ledger.statement.signer import Ed25519Signer, Signer

PASSPHRASE = b"willow osier rush reed"

openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is not here")


@pytest.fixture
def file(signer: Signer) -> bytes:
    return encode_private_key(signer, PASSPHRASE)


def test_opens_to_the_key_that_was_written(signer: Signer, file: bytes) -> None:
    again = decode_private_key(file, PASSPHRASE)
    assert type(again) is type(signer)
    assert again.public == signer.public
    assert again.sign(b"message") == signer.sign(b"message")


def test_a_passphrase_may_be_any_bytes(signer: Signer) -> None:
    passphrase = b"\x00 \xff\n" + "wíllow".encode()
    assert decode_private_key(encode_private_key(signer, passphrase), passphrase).public == signer.public


def test_the_algorithm_id_is_not_part_of_a_key_file() -> None:
    signer = Ed25519Signer.from_seed(b"\x07" * 32, ED25519)
    assert decode_private_key(encode_private_key(signer, PASSPHRASE), PASSPHRASE).algorithm == -8


def test_writes_the_form_the_module_describes(signer: Signer, file: bytes) -> None:
    """PBES2, PBKDF2 with HMAC-SHA-256 and 2048 rounds, AES-256-CBC: pinned, since the library chooses them."""
    did, begin, *middle, end, nothing = file.decode().split("\n")
    assert did == signer.public.did
    assert (begin, end, nothing) == (
        "-----BEGIN ENCRYPTED PRIVATE KEY-----",
        "-----END ENCRYPTED PRIVATE KEY-----",
        "",
    )
    der = base64.b64decode("".join(middle))
    for name, part in {
        "PBES2": "06092a864886f70d01050d",
        "PBKDF2, 16 bytes of salt": "06092a864886f70d01050c30240410",
        "2048 rounds": "02020800",
        "HMAC-SHA-256": "06082a864886f70d0209",
        "AES-256-CBC, 16 bytes of IV": "060960864801650304012a0410",
    }.items():
        assert bytes.fromhex(part) in der, name


def test_salt_and_iv_are_fresh_each_time(signer: Signer, file: bytes) -> None:
    assert encode_private_key(signer, PASSPHRASE) != file


def test_the_secret_is_not_in_the_file(maker: Ed25519Signer) -> None:
    file = encode_private_key(maker, PASSPHRASE)
    der = base64.b64decode(b"".join(file.split(b"\n")[2:-2]))
    assert maker.export().private_bytes_raw() not in der


@openssl
def test_openssl_opens_what_is_written(signer: Signer, file: bytes) -> None:
    answer = subprocess.run(
        ["openssl", "pkey", "-passin", f"pass:{PASSPHRASE.decode()}", "-pubout", "-outform", "DER"],
        input=file,
        capture_output=True,
        check=True,
    )
    assert signer.public.raw[-31:] in answer.stdout


@openssl
def test_opens_what_openssl_writes(signer: Signer) -> None:
    plain = signer.export().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    command = ["openssl", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-iter", "10000"]
    answer = subprocess.run(
        [*command, "-passout", f"pass:{PASSPHRASE.decode()}"], input=plain, capture_output=True, check=True
    )
    assert answer.stdout.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert decode_private_key(answer.stdout, PASSPHRASE).public == signer.public


# One fixed file, so that the passphrases below always meet the same fates
FIXED = b"""-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGjMF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBC1X3chF80LaITbSgKP
GYvEAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQNdrAMMRhizIaFGVh
vVCIagRAszxYgaXOs1D/3wdIc0FV/dBelV6wE+BbW4zM8Tqs6+bt2epV2XMR/ccO
fA9dBJ/xvJqux/ApHXFoS/Wlqva/Qg==
-----END ENCRYPTED PRIVATE KEY-----
"""


def test_a_wrong_passphrase_is_that_and_nothing_else() -> None:
    """About one in 230 decrypts to something with good padding: that is still a wrong passphrase."""
    for attempt in range(1000):
        with pytest.raises(KeyUnavailable):
            decode_private_key(FIXED, b"guess %d" % attempt)
    assert (
        decode_private_key(FIXED, PASSPHRASE).public.did
        == "did:key:z6MkghLt1e8m1fmANsdJJco3aCLV8Xnigr5UWwC3u5iZFPd3"
    )


def test_an_empty_passphrase_neither_writes_nor_opens(signer: Signer, file: bytes) -> None:
    with pytest.raises(KeyUnavailable, match="empty"):
        encode_private_key(signer, b"")
    with pytest.raises(KeyUnavailable, match="empty"):
        decode_private_key(file, b"")


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_an_unencrypted_key_is_refused(browser: Signer, form: PrivateFormat) -> None:
    plain = browser.export().private_bytes(Encoding.PEM, form, NoEncryption())
    with pytest.raises(MalformedKey, match="not an encrypted"):
        decode_private_key(plain, PASSPHRASE)


def test_an_unencrypted_key_under_the_encrypted_label_is_refused(signer: Signer) -> None:
    plain = signer.export().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(KeyUnavailable):
        decode_private_key(plain.replace(b"PRIVATE", b"ENCRYPTED PRIVATE"), PASSPHRASE)


@pytest.mark.parametrize("kind", ["P-384", "Ed448", "RSA"])
def test_other_kinds_of_key_are_refused(kind: str) -> None:
    key = {
        "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "Ed448": ed448.Ed448PrivateKey.generate,
        "RSA": lambda: rsa.generate_private_key(65537, 2048),
    }[kind]
    pem = key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE))
    with pytest.raises(MalformedKey, match="kind"):
        decode_private_key(pem, PASSPHRASE)


def test_a_file_that_names_another_key_is_refused(signer: Signer, file: bytes) -> None:
    other = encode_private_key(Ed25519Signer.from_seed(b"\x07" * 32), PASSPHRASE)
    swapped = other.split(b"\n", 1)[0] + b"\n" + file.split(b"\n", 1)[1]
    with pytest.raises(MalformedKey, match=f"opens to {signer.public.did}"):
        decode_private_key(swapped, PASSPHRASE)


def test_a_file_without_the_line_opens(signer: Signer, file: bytes) -> None:
    assert decode_private_key(file.split(b"\n", 1)[1], PASSPHRASE).public == signer.public


def test_line_ends_of_other_systems_are_read(signer: Signer, file: bytes) -> None:
    assert decode_private_key(file.replace(b"\n", b"\r\n"), PASSPHRASE).public == signer.public


def test_one_flipped_bit_never_opens_to_another_key(signer: Signer, file: bytes) -> None:
    """CBC decrypts a damaged file to a damaged key: without the first line, every such file would open."""
    for bit in range(len(file) * 8):
        damaged = bytearray(file)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            opened = decode_private_key(bytes(damaged), PASSPHRASE)
        except TallyError:
            continue
        assert opened.public == signer.public


def test_what_is_no_key_file_is_refused(file: bytes) -> None:
    lines = file.split(b"\n")
    body = base64.b64decode(b"".join(lines[2:-2]))
    begin, end = lines[1] + b"\n", b"\n" + lines[-2] + b"\n"
    for broken in (
        b"",
        b"junk",
        file[:-40],
        file + file,
        b"\n" + file,
        file + b"\n",
        begin + b"====" + end,
        begin + base64.b64encode(body[:-1]) + end,
        begin + base64.b64encode(body + b"\x00") + end,
        begin + base64.b64encode(b"0") + end,
        begin + base64.b64encode(b"0\x84") + end,
        begin + base64.b64encode(b"\x31" + body[1:]) + end,
    ):
        with pytest.raises(MalformedKey):
            decode_private_key(broken, PASSPHRASE)
    with pytest.raises(TooLarge):
        decode_private_key(file + b" " * KEY_FILE_BYTES, PASSPHRASE)


def test_a_body_that_is_no_key_is_reported_as_the_passphrase(maker: Signer) -> None:
    body = base64.b64encode(b"\x30\x02\x05\x00")
    with pytest.raises(KeyUnavailable, match="does not open"):
        decode_private_key(
            b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + body + b"\n-----END ENCRYPTED PRIVATE KEY-----\n",
            PASSPHRASE,
        )
