"""Key files: encrypted always, and never opened to another key than was written."""

from __future__ import annotations

import base64
import shutil
import subprocess
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from ledger.errors import KeyUnavailable, MalformedKey, TallyError, TooLarge
from ledger.limits import KEY_FILE_BYTES, KEY_FILE_SCRYPT_N, KEY_FILE_SCRYPT_R
from ledger.statement.cose import ED25519
from ledger.statement.der import OBJECT_ID, OCTETS, SEQUENCE, integer, item, take
from ledger.statement.keys import PublicKey
from ledger.statement.pkcs8 import decode_private_key, encode_private_key
from ledger.statement.signer import Ed25519Signer, Signer

PASSPHRASE = b"willow osier rush reed"

openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is not here")


def der_of(file: bytes) -> bytes:
    return base64.b64decode(b"".join(file.split(b"-----")[2].splitlines()))


def in_pem(der: bytes) -> bytes:
    begin, end = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n", b"\n-----END ENCRYPTED PRIVATE KEY-----\n"
    return begin + base64.b64encode(der) + end


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
    """The DER around salt, IV and the encrypted key, whole."""
    did, begin, *middle, end, nothing = file.decode().split("\n")
    assert did == signer.public.did
    assert (begin, end, nothing) == (
        "-----BEGIN ENCRYPTED PRIVATE KEY-----",
        "-----END ENCRYPTED PRIVATE KEY-----",
        "",
    )
    assert {len(line) for line in middle[:-1]} == {64}
    der = der_of(file)
    whole, secret = {"Ed25519Signer": ("30819e", "0440"), "P256Signer": ("3081ef", "048190")}[
        type(signer).__name__
    ]
    assert der.hex().startswith(
        whole
        + "305a06092a864886f70d01050d304d"  # PBES2
        + "302c06092b06010401da47040b"  # scrypt
        + f"301f0410{der[35:51].hex()}020240000201080201010201"
        + "20"  # salt, N, r, p, 32 bytes
        + f"301d060960864801650304012a0410{der[79:95].hex()}"  # AES-256-CBC, IV
        + secret
    )


def test_salt_and_iv_are_fresh_each_time(signer: Signer, file: bytes) -> None:
    assert encode_private_key(signer, PASSPHRASE) != file


def test_the_secret_is_not_in_the_file(maker: Ed25519Signer) -> None:
    file = encode_private_key(maker, PASSPHRASE)
    assert maker.export().private_bytes_raw() not in der_of(file)


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
@pytest.mark.parametrize(
    "options",
    [
        ["-v2", "aes-256-cbc", "-iter", "10000"],
        ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"],
        ["-scrypt"],
    ],
    ids=["PBKDF2", "PBKDF2 with SHA-512", "scrypt"],
)
def test_opens_what_openssl_writes(signer: Signer, options: list[str]) -> None:
    plain = signer.export().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    command = ["openssl", "pkcs8", "-topk8", *options]
    answer = subprocess.run(
        [*command, "-passout", f"pass:{PASSPHRASE.decode()}"], input=plain, capture_output=True, check=True
    )
    assert answer.stdout.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert decode_private_key(answer.stdout, PASSPHRASE).public == signer.public


# One fixed file, so that the passphrases below always meet the same fates; its PBKDF2 with 2048 rounds, which the
# library writes, lets a thousand of them be tried
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
    with pytest.raises(MalformedKey, match="inner structure"):
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


def flipped(data: bytes, bit: int) -> bytes:
    damaged = bytearray(data)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def opens_to_no_other_key(file: bytes, key: PublicKey) -> bool:
    """Whether it is refused, or opens to this key: a line feed may turn into another form of line end."""
    try:
        return decode_private_key(file, PASSPHRASE).public == key
    except TallyError:
        return True


def test_one_flipped_bit_never_opens_to_another_key(signer: Signer) -> None:
    """CBC decrypts a damaged file to a damaged key: without the first line, every such file would open.

    Every bit of a file, in the cheap encryption of other tools: reading it, the line and the padding are the same.
    """
    form = BestAvailableEncryption(PASSPHRASE)  # PBKDF2 with 2048 rounds
    pem = signer.export().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, form)
    file = signer.public.did.encode() + b"\n" + pem
    assert decode_private_key(file, PASSPHRASE).public == signer.public
    for bit in range(len(file) * 8):
        assert opens_to_no_other_key(flipped(file, bit), signer.public), bit


def test_one_flipped_bit_of_a_file_of_ours_never_opens_to_another_key(signer: Signer, file: bytes) -> None:
    """Every bit of what scrypt and the cipher are told but salt and IV; of all the rest each 53rd.

    A sample, because whatever is not refused at sight takes scrypt its 40 ms.
    """
    der, first_line = der_of(file), file[: file.index(b"\n") + 1]
    for bit in (*range(35 * 8), *range(51 * 8, 79 * 8)):
        assert opens_to_no_other_key(first_line + in_pem(flipped(der, bit)), signer.public), bit
    for bit in range(0, len(file) * 8, 53):
        assert opens_to_no_other_key(flipped(file, bit), signer.public), bit


def test_what_is_no_key_file_is_refused(file: bytes) -> None:
    body = der_of(file)
    for broken in (
        b"",
        b"junk",
        file[:-40],
        file + file,
        b"\n" + file,
        file + b"\n",
        file.replace(b"MI", b"====", 1),
        in_pem(b""),
        in_pem(body[:-1]),
        in_pem(body + b"\x00"),
        in_pem(b"0"),
        in_pem(b"0\x84"),
        in_pem(b"\x31" + body[1:]),
        in_pem(b"\x30\x02\x05\x00"),
    ):
        with pytest.raises(MalformedKey):
            decode_private_key(broken, PASSPHRASE)
    with pytest.raises(TooLarge):
        decode_private_key(file + b" " * KEY_FILE_BYTES, PASSPHRASE)


def test_an_encrypted_part_that_is_no_key_is_reported_as_the_passphrase(maker: Signer) -> None:
    whole = item(SEQUENCE, take(SEQUENCE, der_of(FIXED))[0][:-66] + item(OCTETS, bytes(16)))
    with pytest.raises(KeyUnavailable, match="does not open"):
        decode_private_key(in_pem(whole), PASSPHRASE)


def asking(kdf: str, *costs: int, encrypted: bytes = bytes(64)) -> bytes:
    """A key file that asks for these costs, with zeros for salt and IV."""
    names = {"scrypt": "2b06010401da47040b", "PBKDF2": "2a864886f70d01050c", "other": "2a864886f70d01050b"}
    salt_and_costs = item(OCTETS, bytes(16)) + b"".join(map(integer, costs))
    derivation = item(SEQUENCE, item(OBJECT_ID, bytes.fromhex(names[kdf])) + item(SEQUENCE, salt_and_costs))
    cipher = item(SEQUENCE, item(OBJECT_ID, bytes.fromhex("60864801650304012a")) + item(OCTETS, bytes(16)))
    pbes2 = item(OBJECT_ID, bytes.fromhex("2a864886f70d01050d")) + item(SEQUENCE, derivation + cipher)
    return in_pem(item(SEQUENCE, item(SEQUENCE, pbes2) + item(OCTETS, encrypted)))


@pytest.mark.parametrize(
    ("kdf", "costs", "found"),
    [
        ("scrypt", (2**18, 8, 1), "N = 262144"),
        ("scrypt", (2**62, 8, 1), "N = 4611686018427387904"),
        ("scrypt", (2**14, 9, 1), "r = 9"),
        ("scrypt", (2**14, 8, 5), "p = 5"),
        ("scrypt", (2, 2**29, 1), "r = 536870912"),
        ("PBKDF2", (10_000_001,), "rounds = 10000001"),
        ("PBKDF2", (2**62,), "rounds = 4611686018427387904"),
    ],
)
def test_a_file_that_would_cost_too_much_is_refused_at_once(
    kdf: str, costs: tuple[int, ...], found: str
) -> None:
    before = time.perf_counter()
    with pytest.raises(TooLarge, match=found):
        decode_private_key(asking(kdf, *costs), PASSPHRASE)
    assert time.perf_counter() - before < 1


@pytest.mark.parametrize(
    ("kdf", "costs"),
    [
        ("scrypt", ()),
        ("scrypt", (2**14, 8)),
        ("scrypt", (2**63, 8, 1)),
        ("PBKDF2", ()),
        ("PBKDF2", (2**4096,)),
    ],
    ids=["no N", "no p", "N of 64 bits", "no rounds", "rounds of 4096 bits"],
)
def test_a_file_whose_costs_cannot_be_read_is_refused(kdf: str, costs: tuple[int, ...]) -> None:
    with pytest.raises(MalformedKey):
        decode_private_key(asking(kdf, *costs), PASSPHRASE)


@pytest.mark.parametrize(
    ("kdf", "costs"),
    [
        ("scrypt", (0, 8, 1)),
        ("scrypt", (1, 8, 1)),
        ("scrypt", (12_345, 8, 1)),
        ("scrypt", (2**14, 0, 1)),
        ("scrypt", (2**14, 8, 0)),
        ("PBKDF2", (0,)),
    ],
)
def test_costs_that_no_derivation_takes_open_nothing(kdf: str, costs: tuple[int, ...]) -> None:
    with pytest.raises(KeyUnavailable):
        decode_private_key(asking(kdf, *costs), PASSPHRASE)


def test_the_costliest_scrypt_in_bounds_opens() -> None:
    """128 MiB: the library that decrypts has a bound of its own, and it is not below ours (p costs only time)."""
    costs = (KEY_FILE_SCRYPT_N, KEY_FILE_SCRYPT_R, 1)
    key = Scrypt(bytes(16), 32, *costs).derive(PASSPHRASE)
    signer = Ed25519Signer.from_seed(b"\x07" * 32)
    plain = signer.export().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    cipher = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    encrypted = cipher.update(plain + b"\x10" * 16)  # three whole blocks are padded with a fourth
    file = asking("scrypt", *costs, encrypted=encrypted)
    assert decode_private_key(file, PASSPHRASE).public == signer.public


def test_another_key_derivation_is_refused() -> None:
    with pytest.raises(MalformedKey, match="key derivation"):
        decode_private_key(asking("other", 1), PASSPHRASE)


@openssl
def test_the_older_schemes_of_openssl_are_refused(signer: Signer) -> None:
    """PBES1 bounds neither its rounds nor the weakness of its ciphers."""
    plain = signer.export().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    command = [
        "openssl",
        "pkcs8",
        "-topk8",
        "-v1",
        "PBE-SHA1-3DES",
        "-passout",
        f"pass:{PASSPHRASE.decode()}",
    ]
    answer = subprocess.run(command, input=plain, capture_output=True, check=True)
    with pytest.raises(MalformedKey, match="encryption scheme"):
        decode_private_key(answer.stdout, PASSPHRASE)
