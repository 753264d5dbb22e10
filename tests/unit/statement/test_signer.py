"""Signers: deterministic, and silent about their secret."""

from __future__ import annotations

import copy
import logging
import pickle
from collections.abc import Callable

import pytest

from ledger.errors import KeyUnavailable, MalformedKey
from ledger.statement.cose import ED25519, EDDSA, ES256, ESP256
from ledger.statement.keys import SEALED_BYTES
from ledger.statement.signer import Ed25519Signer, P256Signer, Signer, generate_ed25519, generate_p256

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SECRET = bytes(range(1, 33))

MAKERS: list[Callable[[], Signer]] = [
    lambda: Ed25519Signer.from_seed(SECRET),
    lambda: P256Signer.from_scalar(SECRET),
    generate_ed25519,
    generate_p256,
]


def test_ed25519_signs_as_rfc_8032_7_1_test_2() -> None:
    signer = Ed25519Signer.from_seed(
        bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    )
    assert signer.public.raw.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert signer.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_p256_signs_as_rfc_6979_a_2_5_with_the_low_s() -> None:
    signer = P256Signer.from_scalar(
        bytes.fromhex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")
    )
    assert signer.public.raw.hex() == "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    assert signer.sign(b"test").hex() == (
        "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
        "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"
    )
    upper = 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8  # the s published for "sample"
    assert signer.sign(b"sample").hex() == (
        f"efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716{P256_ORDER - upper:064x}"
    )


@pytest.mark.parametrize("make", MAKERS)
def test_signs_the_same_each_time_and_its_own_key_verifies(make: Callable[[], Signer]) -> None:
    signer = make()
    signatures = {signer.sign(b"message") for _ in range(3)}
    assert len(signatures) == 1
    signer.public.verify(b"message", signatures.pop())


def test_generated_keys_differ() -> None:
    made = [generate_ed25519(), generate_ed25519(), generate_p256(), generate_p256()]
    assert len({signer.public.kid for signer in made}) == 4


def test_the_default_algorithm_is_what_tools_of_today_verify() -> None:
    assert [make().algorithm for make in MAKERS] == [EDDSA, ES256, EDDSA, ES256]
    assert Ed25519Signer.from_seed(SECRET, ED25519).algorithm == ED25519
    assert P256Signer.from_scalar(SECRET, ESP256).algorithm == ESP256
    assert generate_ed25519(ED25519).algorithm == ED25519
    assert generate_p256(ESP256).algorithm == ESP256


def test_a_signer_does_not_take_another_keys_algorithm() -> None:
    with pytest.raises(AssertionError):
        Ed25519Signer.from_seed(SECRET, ES256)
    with pytest.raises(AssertionError):
        P256Signer.from_scalar(SECRET, EDDSA)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_refuses_secrets_of_another_length(length: int) -> None:
    with pytest.raises(MalformedKey):
        Ed25519Signer.from_seed(b"\x01" * length)
    with pytest.raises(MalformedKey):
        P256Signer.from_scalar(b"\x01" * length)


@pytest.mark.parametrize("scalar", [0, P256_ORDER, P256_ORDER + 1, 2**256 - 1])
def test_refuses_scalars_out_of_range(scalar: int) -> None:
    with pytest.raises(MalformedKey, match="out of range"):
        P256Signer.from_scalar(scalar.to_bytes(32, "big"))


@pytest.mark.parametrize("make", MAKERS[:2])
def test_its_secret_is_in_no_text_about_it(
    make: Callable[[], Signer], caplog: pytest.LogCaptureFixture
) -> None:
    signer = make()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").info("signer %s %r", signer, [signer])
    texts = [repr(signer), str(signer), f"{signer}", f"{[signer]!r}", caplog.text]
    number = int.from_bytes(SECRET, "big")
    for text in texts:
        assert signer.public.did in text
        for form in (SECRET.hex(), repr(SECRET)[2:-1], str(number), f"{number:x}", "SigningKey"):
            assert form not in text


@pytest.mark.parametrize("make", MAKERS[:2])
def test_a_signer_does_not_leave_its_process(make: Callable[[], Signer]) -> None:
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            leave(make())  # type: ignore[operator]


def test_what_is_sealed_to_a_key_its_signer_alone_unseals() -> None:
    signer, other = generate_ed25519(), generate_ed25519()
    sealed = signer.public.seal(b"for you")
    assert signer.unseal(sealed) == b"for you"
    assert len(sealed) == len(b"for you") + SEALED_BYTES
    assert sealed != signer.public.seal(b"for you"), "a fresh key each time"
    with pytest.raises(KeyUnavailable, match="not sealed to"):
        other.unseal(sealed)


def test_a_changed_cut_or_lengthened_seal_does_not_open() -> None:
    signer = generate_ed25519()
    sealed = signer.public.seal(b"for you")
    changed = [
        sealed[:place] + bytes([sealed[place] ^ 1 << bit]) + sealed[place + 1 :]
        for place in range(len(sealed))
        for bit in range(8)
    ]
    for data in (*changed, sealed[:-1], sealed + b"\0", b"", b"\0" * len(sealed)):
        with pytest.raises(KeyUnavailable):
            signer.unseal(data)
