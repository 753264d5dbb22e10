"""The COSE_Sign1 examples of the COSE working group, and what our strict profile says to each.

They are general COSE; our profile is narrower on purpose. Where it refuses a good example, the test shows that the
reason is the profile and not the signature: over the bytes the example signs, it verifies.

| example        | theirs | ours                                                                           |
|----------------|--------|--------------------------------------------------------------------------------|
| eddsa-sig-01   | good   | verifies                                                                       |
| eddsa-sig-02   | good   | refused: Ed448, a kind of key that is not known here                           |
| sign-pass-01   | good   | refused: alg stands in the unprotected header; over its bytes it verifies      |
| sign-pass-02   | good   | refused: signed with external data, and ours has none; over them it verifies   |
| sign-pass-03   | good   | refused: without tag 18; with it in front it verifies                          |
| sign-fail-01   | bad    | refused: tag 998                                                               |
| sign-fail-02   | bad    | refused: the payload was changed                                               |
| sign-fail-03   | bad    | refused: alg -999 is not one of the key's (and the header was changed)         |
| sign-fail-04   | bad    | refused: alg is text                                                           |
| sign-fail-06   | bad    | refused: a protected label was added                                           |
| sign-fail-07   | bad    | refused: a protected label was taken away (and s is high; its twin is refused) |
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import Malformed, MalformedCbor, MalformedCose, MalformedKey, SignatureInvalid
from ledger.statement import cbor
from ledger.statement.cose import ALG, Sign1, decode_protected, decode_sign1, signed_bytes
from ledger.statement.envelope import open_statement
from ledger.statement.keys import P256_ORDER, Ed25519Key, P256Key, PublicKey

FOLDER = Path(__file__).parents[2].parent / "shared" / "vectors" / "cose"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the COSE working group's examples are not here")

EXAMPLES = sorted(path.stem for path in FOLDER.glob("*/*.json"))


def load(name: str) -> dict[str, Any]:
    example: dict[str, Any] = json.loads(next(FOLDER.glob(f"*/{name}.json")).read_text())
    return example


def message(name: str) -> bytes:
    return bytes.fromhex(load(name)["output"]["cbor"])


def to_be_signed(name: str) -> bytes:
    return bytes.fromhex(load(name)["intermediates"]["ToBeSign_hex"])


def key_of(name: str) -> PublicKey:
    members = load(name)["input"]["sign0"]["key"]
    if members["kty"] == "OKP":
        return Ed25519Key(bytes.fromhex(members["x_hex"]))
    x, y = (base64.urlsafe_b64decode(members[name] + "=") for name in "xy")
    return P256Key(bytes([2 + y[-1] % 2]) + x)


def verify(sign1: Sign1, key: PublicKey) -> None:
    """What a receipt or a statement does with the parts: strict header, alg of the key, signature."""
    assert sign1.payload is not None
    if decode_protected(sign1)[ALG] not in key.algorithms:
        raise SignatureInvalid("alg is not one of the key's")
    key.verify(signed_bytes(sign1.protected, sign1.payload), sign1.signature)


def with_low_s(signature: bytes) -> bytes:
    s = int.from_bytes(signature[32:], "big")
    return signature[:32] + min(s, P256_ORDER - s).to_bytes(32, "big")


def test_the_table_lists_every_example() -> None:
    assert sorted(re.findall(r"^\| (\S+-\d\d) ", str(__doc__), re.MULTILINE)) == EXAMPLES


def test_eddsa_sig_01_verifies() -> None:
    sign1 = decode_sign1(message("eddsa-sig-01"))
    assert signed_bytes(sign1.protected, b"This is the content.") == to_be_signed("eddsa-sig-01")
    verify(sign1, key_of("eddsa-sig-01"))


def test_eddsa_sig_02_is_of_a_kind_of_key_not_known_here() -> None:
    sign1 = decode_sign1(message("eddsa-sig-02"))
    assert signed_bytes(sign1.protected, b"This is the content.") == to_be_signed("eddsa-sig-02")
    with pytest.raises(MalformedKey, match="57 bytes"):
        key_of("eddsa-sig-02")


def test_sign_pass_01_is_refused_because_its_alg_is_not_signed() -> None:
    sign1 = decode_sign1(message("sign-pass-01"))
    key = key_of("sign-pass-01")
    with pytest.raises(MalformedCose, match="alg"):
        verify(sign1, key)
    # An empty protected map is signed as if it were no bytes at all (RFC 9052 4.4).
    assert signed_bytes(b"", b"This is the content.") == to_be_signed("sign-pass-01")
    key.verify(to_be_signed("sign-pass-01"), sign1.signature)


def test_sign_pass_02_is_refused_because_it_signs_external_data() -> None:
    sign1 = decode_sign1(message("sign-pass-02"))
    key = key_of("sign-pass-02")
    with pytest.raises(SignatureInvalid):
        verify(sign1, key)
    external = bytes.fromhex(load("sign-pass-02")["input"]["sign0"]["external"])
    with_external = cbor.encode(["Signature1", sign1.protected, external, sign1.payload])
    assert with_external == to_be_signed("sign-pass-02")
    key.verify(with_external, sign1.signature)


def test_sign_pass_03_is_refused_because_it_has_no_tag() -> None:
    with pytest.raises(MalformedCose, match="tagged"):
        decode_sign1(message("sign-pass-03"))
    verify(decode_sign1(b"\xd2" + message("sign-pass-03")), key_of("sign-pass-03"))


def test_sign_fail_01_has_another_tag() -> None:
    with pytest.raises(MalformedCbor, match="tag 998"):
        decode_sign1(message("sign-fail-01"))


@pytest.mark.parametrize("name", ["sign-fail-02", "sign-fail-03", "sign-fail-06", "sign-fail-07"])
def test_changed_messages_do_not_verify(name: str) -> None:
    sign1 = decode_sign1(message(name))
    key = key_of(name)
    low = with_low_s(sign1.signature)
    assert (low != sign1.signature) == (name == "sign-fail-07")
    for signature in {sign1.signature, low}:
        with pytest.raises(SignatureInvalid):
            verify(replace(sign1, signature=signature), key)
    key.verify(to_be_signed(name), low)  # what was signed before the change


def test_sign_fail_03_names_an_alg_that_is_not_the_keys() -> None:
    assert decode_protected(decode_sign1(message("sign-fail-03")))[ALG] == -999


def test_sign_fail_04_names_its_alg_in_text() -> None:
    with pytest.raises(MalformedCose, match="no integer alg"):
        verify(decode_sign1(message("sign-fail-04")), key_of("sign-fail-04"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_example_is_a_statement(name: str) -> None:
    with pytest.raises(Malformed):
        open_statement(message(name))
