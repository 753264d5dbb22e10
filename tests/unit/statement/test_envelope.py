"""Statements: signed, read, opened; broken ones are vectors (test_statement_vectors.py)."""

from __future__ import annotations

import hashlib
import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import FrozenInstanceError
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import (
    KeyUnknown,
    Malformed,
    MalformedCose,
    MalformedKey,
    MalformedPayload,
    SignatureInvalid,
    TallyError,
    TooLarge,
)
from ledger.limits import REF_ROLES, REFS_PER_ROLE, STATEMENT_BYTES
from ledger.statement import envelope
from ledger.statement.compact import compact_parts
from ledger.statement.cose import (
    ALG,
    CLAIM_IAT,
    CLAIM_ISS,
    CLAIM_SUB,
    CWT_CLAIMS,
    ED25519,
    EDDSA,
    ES256,
    ESP256,
    KID,
    RECEIPTS,
    decode_protected,
    decode_sign1,
    encode_sign1,
)
from ledger.statement.envelope import (
    Statement,
    drop_unprotected,
    first_key,
    open_statement,
    read_accepted_statement,
    read_statement,
    sign_statement,
    verify_signature,
)
from ledger.statement.keys import PublicKey
from ledger.statement.signer import Ed25519Signer, P256Signer, Signer
from ledger.units import KeyId, PartyId

SUB = "45" * 32
IAT = 1_777_888_200


def with_receipt(statement: bytes) -> bytes:
    """The same statement with a receipt attached, as a SCITT Transparent Statement."""
    sign1 = decode_sign1(statement)
    return encode_sign1(type(sign1)(sign1.protected, {RECEIPTS: [b"r"]}, sign1.payload, sign1.signature))


def test_opens_what_was_signed(signer: Signer, event: dict[str, Any], signed: bytes) -> None:
    statement = open_statement(signed)
    assert statement.data == signed
    assert statement.entry == hashlib.sha256(signed).digest()
    assert statement.id == statement.entry.hex()
    assert statement.algorithm == signer.algorithm
    assert statement.kid == signer.public.kid
    assert statement.iss == signer.public.did
    assert (statement.sub, statement.iat) == (SUB, IAT)
    assert statement.payload == event


def test_what_every_event_says_is_at_hand(event: dict[str, Any], signed: bytes) -> None:
    statement = read_statement(signed)
    assert statement.type == "example.noted"
    assert statement.version == 1
    assert statement.occurred_at == "2026-05-04T15:20:00+05:30"
    assert statement.prev == "ab" * 32
    assert statement.refs == {"lot": "cd" * 32, "earlier": ["ef" * 32, "01" * 32]}


@pytest.mark.parametrize("algorithm", [EDDSA, ED25519])
def test_ed25519_signs_under_either_id(event: dict[str, Any], algorithm: int) -> None:
    signer = Ed25519Signer.from_seed(b"\x01" * 32, algorithm)
    data = sign_statement(signer, iss=signer.public.did, sub=SUB, iat=IAT, payload=event)
    assert open_statement(data).algorithm == algorithm


@pytest.mark.parametrize("algorithm", [ES256, ESP256])
def test_p256_signs_under_either_id(event: dict[str, Any], algorithm: int) -> None:
    signer = P256Signer.from_scalar(b"\x01" * 32, algorithm)
    data = sign_statement(signer, iss=signer.public.did, sub=SUB, iat=IAT, payload=event)
    assert open_statement(data).algorithm == algorithm


def test_the_same_event_signed_twice_is_the_same_statement(
    signer: Signer, event: dict[str, Any], signed: bytes
) -> None:
    reordered = dict(reversed(event.items()))
    assert sign_statement(signer, iss=signer.public.did, sub=SUB, iat=IAT, payload=reordered) == signed


def test_every_flipped_bit_is_refused(signed: bytes) -> None:
    for bit in range(len(signed) * 8):
        flipped = bytearray(signed)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(TallyError):
            open_statement(bytes(flipped))


def test_every_cut_and_every_added_byte_is_refused(signed: bytes) -> None:
    for length in range(len(signed)):
        with pytest.raises(Malformed):
            read_statement(signed[:length])
    for byte in range(256):
        with pytest.raises(Malformed):
            read_statement(signed + bytes([byte]))


def test_a_later_key_of_a_party_is_resolved_with_the_party(
    maker: Ed25519Signer, browser: P256Signer, event: dict[str, Any]
) -> None:
    """The maker's party signs with a key added later: its id does not name that key, the log does."""
    data = sign_statement(browser, iss=maker.public.did, sub=SUB, iat=IAT, payload=event)
    with pytest.raises(KeyUnknown, match="not the first key"):
        open_statement(data)

    def resolve(iss: PartyId, kid: KeyId) -> PublicKey:
        assert (iss, kid) == (maker.public.did, browser.public.kid)
        return browser.public

    assert open_statement(data, resolve).iss == maker.public.did


def test_a_resolver_that_answers_another_key_is_not_believed(
    maker: Ed25519Signer, browser: P256Signer, event: dict[str, Any]
) -> None:
    """Even one that verifies: the kid is what the party register is asked about."""
    data = sign_statement(maker, iss=maker.public.did, sub=SUB, iat=IAT, payload=event)
    with pytest.raises(KeyUnknown):
        open_statement(data, lambda _iss, _kid: browser.public)
    with pytest.raises(KeyUnknown):
        verify_signature(read_statement(data), browser.public)


def test_the_resolvers_refusal_is_passed_on(signed: bytes) -> None:
    def nobody(iss: PartyId, kid: KeyId) -> PublicKey:
        raise KeyUnknown(f"{iss} is not registered")

    with pytest.raises(KeyUnknown, match="not registered"):
        open_statement(signed, nobody)


def test_first_key_answers_the_key_the_id_names(signer: Signer) -> None:
    key = signer.public
    assert first_key(key.did, key.kid) == key
    with pytest.raises(KeyUnknown):
        first_key(key.did, KeyId(bytes(32)))


def test_reading_checks_no_signature_and_verifying_does(signed: bytes, signer: Signer) -> None:
    forged = signed[:-1] + bytes([signed[-1] ^ 1])
    statement = read_statement(forged)
    with pytest.raises(SignatureInvalid):
        verify_signature(statement, signer.public)
    verify_signature(read_statement(signed), signer.public)


def test_what_is_read_at_one_go_is_what_a_closer_look_reads(
    vectors: Path, signed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert compact_parts(signed) is not None
    for data in (signed, *(path.read_bytes() for path in sorted((vectors / "good").glob("*.cbor")))):
        read = read_statement(data)
        assert read_accepted_statement(data) == read
        with monkeypatch.context() as patch:
            patch.setattr(envelope, "compact_parts", lambda _data: None)
            assert read_statement(data) == read
            assert read_statement(data).payload == read.payload


def test_whatever_is_wrong_is_left_for_a_closer_look(vectors: Path, signed: bytes) -> None:
    """Lengths, tags and labels: each byte of the frame in every other value, and every broken vector."""
    for path in sorted((vectors / "bad").glob("*.cbor")):
        assert _agree(path.read_bytes()), path.name
    parts = compact_parts(signed)
    assert parts is not None
    frame = len(signed) - len(parts.sign1.payload or b"") - 64
    for position in range(frame):
        for value in range(256):
            assert _agree(signed[:position] + bytes([value]) + signed[position + 1 :]), (position, value)


def _agree(data: bytes) -> bool:
    """Whether what is cut out in one go, if anything is, is what the reader of any COSE_Sign1 finds."""
    parts = compact_parts(data)
    if parts is None:
        return True
    sign1 = decode_sign1(data)
    header = decode_protected(sign1)
    claims = header[CWT_CLAIMS]
    return parts == (sign1, header[ALG], header[KID], claims[CLAIM_ISS], claims[CLAIM_SUB], claims[CLAIM_IAT])


def test_key_and_algorithm_are_settled_before_a_signature_is_looked_at(
    maker: Ed25519Signer, browser: P256Signer, event: dict[str, Any], vectors: Path
) -> None:
    data = sign_statement(browser, iss=maker.public.did, sub=SUB, iat=IAT, payload=event)
    with pytest.raises(KeyUnknown, match="not the first key"):
        open_statement(data)
    with pytest.raises(KeyUnknown, match="not with"):
        open_statement(data, lambda _iss, _kid: maker.public)
    with pytest.raises(SignatureInvalid, match="algorithm"):
        open_statement((vectors / "bad" / "alg-confused-ed25519.cbor").read_bytes())


def test_the_id_covers_the_signature_too(maker: Ed25519Signer, signed: bytes) -> None:
    assert read_statement(signed[:-1] + bytes([signed[-1] ^ 1])).id != read_statement(signed).id


def test_an_unprotected_header_is_dropped_at_intake_only(signed: bytes) -> None:
    submitted = with_receipt(signed)
    assert submitted != signed
    with pytest.raises(MalformedCose, match="unprotected"):
        open_statement(submitted)
    assert drop_unprotected(submitted) == signed
    assert drop_unprotected(signed) == signed


def test_dropping_judges_the_form_of_what_is_submitted() -> None:
    for data in (b"", b"\xa0", bytes.fromhex("8440a04040"), bytes.fromhex("d28440a0404000")):
        with pytest.raises(Malformed):
            drop_unprotected(data)
    with pytest.raises(TooLarge):
        drop_unprotected(bytes(1_000_000))


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"iss": "did:web:maker.example"}, MalformedKey),
        ({"iss": ""}, MalformedKey),
        ({"sub": "45" * 31}, MalformedCose),
        ({"sub": SUB + "\n"}, MalformedCose),
        ({"sub": "contract 7"}, MalformedCose),
        ({"sub": "did:key:z6Mk"}, MalformedKey),
        ({"iat": -1}, MalformedCose),
        ({"iat": 2**53}, MalformedCose),
        ({"payload": {}}, MalformedPayload),
    ],
    ids=str,
)
def test_does_not_sign_what_it_would_not_read(
    maker: Ed25519Signer, event: dict[str, Any], changed: dict[str, Any], error: type[TallyError]
) -> None:
    arguments = {"iss": maker.public.did, "sub": SUB, "iat": IAT, "payload": event} | changed
    with pytest.raises(error):
        sign_statement(maker, **arguments)


@pytest.mark.parametrize(
    "changed",
    [
        {"type": ""},
        {"type": "t" * 201},
        {"version": True},
        {"version": 0},
        {"version": -1},
        {"occurred_at": None},
        {"prev": ""},
        {"prev": "AB" * 32},
        {"prev": "ab" * 32 + "\n"},
        {"refs": None},
        {"refs": {"lot": 1}},
        {"refs": {"lots": [None]}},
        {"refs": {"lots": ["ab" * 32] * (REFS_PER_ROLE + 1)}},
        {"refs": {f"role{at}": "ab" * 32 for at in range(REF_ROLES + 1)}},
        {"refs": {"r" * 201: "ab" * 32}},
        {"body": []},
        {"more": 1},
    ],
    ids=lambda changed: str(changed)[:40],
)
def test_does_not_sign_an_event_out_of_shape(
    maker: Ed25519Signer, event: dict[str, Any], changed: dict[str, Any]
) -> None:
    with pytest.raises(MalformedPayload):
        sign_statement(maker, iss=maker.public.did, sub=SUB, iat=IAT, payload=event | changed)


def test_events_reach_the_bounds_on_refs(maker: Ed25519Signer, event: dict[str, Any]) -> None:
    refs: dict[str, Any] = {f"role{at}": "ab" * 32 for at in range(REF_ROLES - 1)}
    refs["lots"] = ["ab" * 32] * REFS_PER_ROLE
    data = sign_statement(maker, iss=maker.public.did, sub=SUB, iat=IAT, payload=event | {"refs": refs})
    assert open_statement(data).refs == refs


def test_a_statement_fills_its_limit_and_no_byte_more(maker: Ed25519Signer, event: dict[str, Any]) -> None:
    def sized(filling: int) -> bytes:
        payload = event | {"body": {"note": "x" * filling}}
        return sign_statement(maker, iss=maker.public.did, sub=SUB, iat=IAT, payload=payload)

    room = STATEMENT_BYTES - len(sized(10_000)) + 10_000
    assert len(sized(room)) == STATEMENT_BYTES
    with pytest.raises(TooLarge, match=str(STATEMENT_BYTES + 1)):
        sized(room + 1)


def test_statements_are_values(signed: bytes) -> None:
    one, other = open_statement(signed), open_statement(signed)
    assert one == other
    assert len({one, other}) == 1
    with pytest.raises(FrozenInstanceError):
        one.iat = 0  # type: ignore[misc]


def test_a_statement_is_shown_without_its_content(signed: bytes) -> None:
    """A log line may hold a statement; it must not hold an event's body."""
    statement = open_statement(signed)
    assert statement.id in repr(statement)
    assert "baskets" not in repr(statement)


def test_statements_survive_pickling(signed: bytes) -> None:
    statement = open_statement(signed)
    again = pickle.loads(pickle.dumps(statement))  # noqa: S301
    assert again == statement
    assert (again.payload, again.refs, again.data) == (statement.payload, statement.refs, signed)


def test_statements_and_errors_come_back_from_worker_processes(signed: bytes) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        statement: Statement = pool.submit(open_statement, signed).result()
        assert statement == open_statement(signed)
        refused = pool.submit(open_statement, signed[:-1] + b"\x00\x00")
        with pytest.raises(Malformed) as caught:
            refused.result()
        assert caught.value.found
