"""scitt-cose, a verifier that others wrote, reads our statements, and refuses what was changed in them.

It knows the algorithm ids -8 and -7; -19 and -9 are checked with `cwt` (test_cwt.py).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ledger.errors import SignatureInvalid
from ledger.statement.cose import EDDSA, RECEIPTS, decode_sign1
from ledger.statement.envelope import drop_unprotected, open_statement, sign_statement
from ledger.statement.keys import P256_ORDER
from ledger.statement.signer import Ed25519Signer, P256Signer, Signer

scitt_cose = pytest.importorskip("scitt_cose", reason="scitt-cose is not installed")

VECTORS = Path(__file__).parents[2] / "specs" / "vectors" / "statement"
SIGNERS: list[Signer] = [Ed25519Signer.from_seed(b"\x01" * 32), P256Signer.from_scalar(b"\x01" * 32)]
EVENT = {
    "type": "example.noted",
    "version": 1,
    "occurred_at": "2026-05-04T15:20:00+05:30",
    "prev": None,
    "refs": {},
    "body": {"note": "120 baskets"},
}


def pem(signer: Signer) -> bytes:
    return signer.export().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def their_verdict(data: bytes, signer: Signer) -> dict[str, Any]:
    verdict: dict[str, Any] = scitt_cose.parse_signed_statement(data, public_key_pem=pem(signer))
    return verdict


def signed(signer: Signer) -> bytes:
    return sign_statement(signer, iss=signer.public.did, sub="ab" * 32, iat=1_777_888_200, payload=EVENT)


def s_of(data: bytes) -> int:
    """The s of a P-256 signature, which ends a statement."""
    return int.from_bytes(data[-32:], "big")


def with_s(data: bytes, s: int) -> bytes:
    return data[:-32] + s.to_bytes(32, "big")


@pytest.mark.parametrize("signer", SIGNERS, ids=["ed25519", "p256"])
def test_verifies_our_statements_and_reads_the_same_from_them(signer: Signer) -> None:
    verdict = their_verdict(signed(signer), signer)
    ours = open_statement(signed(signer))
    assert verdict["signature_verified"] is True
    assert (verdict["issuer"], verdict["subject"], verdict["claims"][6]) == (ours.iss, ours.sub, ours.iat)
    assert verdict["content_type"] == "application/vnd.tallystick.event+json"
    assert json.loads(verdict["payload"]) == ours.payload


@pytest.mark.parametrize("signer", SIGNERS, ids=["ed25519", "p256"])
def test_refuses_our_statements_when_a_bit_is_flipped(signer: Signer) -> None:
    data = signed(signer)
    for bit in range(0, len(data) * 8, 7):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        assert their_verdict(bytes(flipped), signer)["signature_verified"] is False


@pytest.mark.parametrize("name", ["signature-malleable", "signature-mixed-order", "signature-by-other"])
def test_refuses_the_signatures_we_refuse(name: str) -> None:
    secret = json.loads((VECTORS / "keys.json").read_text())["maker"]["secret"]
    maker = Ed25519Signer.from_seed(bytes.fromhex(secret))
    data = (VECTORS / "bad" / f"{name}.cbor").read_bytes()
    assert their_verdict(data, maker)["signature_verified"] is False


@pytest.mark.parametrize("signer", SIGNERS, ids=["ed25519", "p256"])
def test_what_they_sign_with_our_labels_is_our_statement(signer: Signer) -> None:
    """All but the signature is the same bytes; an Ed25519 signature is, too. Theirs on P-256 has either s."""
    ours = signed(signer)
    claims = {1: signer.public.did, 2: "ab" * 32, 6: 1_777_888_200}
    theirs = scitt_cose.sign_sign1(
        decode_sign1(ours).payload,
        alg={-8: "EdDSA", -7: "ES256"}[signer.algorithm],
        private_key_pem=signer.export().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        protected={
            1: signer.algorithm,
            3: "application/vnd.tallystick.event+json",
            4: signer.public.kid,
            15: claims,
        },
    )
    assert theirs[:-64] == ours[:-64]
    if signer.algorithm == EDDSA:
        assert theirs == ours
    else:
        theirs = with_s(theirs, min(s_of(theirs), P256_ORDER - s_of(theirs)))
    assert open_statement(theirs).iss == signer.public.did


def test_a_high_s_verifies_there_and_is_refused_here() -> None:
    _, signer = SIGNERS
    twin = with_s(signed(signer), P256_ORDER - s_of(signed(signer)))
    assert their_verdict(twin, signer)["signature_verified"] is True
    with pytest.raises(SignatureInvalid, match="upper half"):
        open_statement(twin)


@pytest.mark.parametrize("signer", SIGNERS, ids=["ed25519", "p256"])
def test_a_statement_with_receipts_attached_by_them_is_taken_back(signer: Signer) -> None:
    transparent = scitt_cose.attach_receipts(signed(signer), [b"a receipt"])
    assert decode_sign1(transparent).unprotected == {RECEIPTS: [b"a receipt"]}
    assert drop_unprotected(transparent) == signed(signer)
