"""Encoding and decoding are inverse over all values of the profiles, and order is as the RFCs say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import TallyError
from ledger.statement import cbor
from ledger.statement.envelope import open_statement, sign_statement
from ledger.statement.payload import INTEGER_MAX, decode_payload, encode_payload
from ledger.statement.pkcs8 import decode_private_key, encode_private_key
from ledger.statement.signer import Ed25519Signer, P256Signer, Signer

KEYS = (
    st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
)
CBOR = st.recursive(
    KEYS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    TEXT | st.booleans() | st.none() | st.integers(-INTEGER_MAX, INTEGER_MAX),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
IDS = st.binary(min_size=32, max_size=32).map(bytes.hex)
EVENTS = st.fixed_dictionaries(
    {
        "type": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200),
        "version": st.integers(1, INTEGER_MAX),
        "occurred_at": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200),
        "prev": st.none() | IDS,
        "refs": st.dictionaries(TEXT.filter(bool), IDS | st.lists(IDS, max_size=3), max_size=4),
        "body": st.dictionaries(TEXT, JSON, max_size=4),
    }
)


@settings(deadline=None, max_examples=200)
@given(value=CBOR)
def test_cbor_decodes_what_it_encodes(value: Any) -> None:
    try:
        encoded = cbor.encode(value)
    except TallyError:  # too deep
        return
    decoded = cbor.decode(encoded)
    assert decoded == value
    assert cbor.encode(decoded) == encoded


@settings(deadline=None, max_examples=200)
@given(keys=st.lists(KEYS, unique=True, max_size=12))
def test_map_keys_stand_in_bytewise_order(keys: list[Any]) -> None:
    ordered = list(cbor.decode(cbor.encode(dict.fromkeys(keys))))
    assert ordered == sorted(keys, key=cbor.encode)


@settings(deadline=None, max_examples=200)
@given(value=st.dictionaries(TEXT, JSON, max_size=6))
def test_payloads_decode_to_what_was_encoded_in_one_form(value: dict[str, Any]) -> None:
    written = encode_payload(value)
    assert decode_payload(written) == value == json.loads(written)
    assert encode_payload(dict(reversed(value.items()))) == written


@settings(deadline=None, max_examples=60)
@given(
    event=EVENTS,
    sub=IDS,
    iat=st.integers(0, INTEGER_MAX),
    secret=st.integers(1, 2**255).map(lambda number: number.to_bytes(32, "big")),
    kind=st.sampled_from([Ed25519Signer.from_seed, P256Signer.from_scalar]),
)
def test_every_event_in_shape_is_signed_and_opened(
    event: dict[str, Any], sub: str, iat: int, secret: bytes, kind: Callable[[bytes], Signer]
) -> None:
    signer = kind(secret)
    data = sign_statement(signer, iss=signer.public.did, sub=sub, iat=iat, payload=event)
    statement = open_statement(data)
    assert statement.payload == event
    assert (statement.iss, statement.sub, statement.iat) == (signer.public.did, sub, iat)


@settings(deadline=None, max_examples=20)
@given(seed=st.binary(min_size=32, max_size=32), passphrase=st.binary(min_size=1, max_size=80))
def test_key_files_open_with_the_passphrase_they_were_written_with(seed: bytes, passphrase: bytes) -> None:
    signer = Ed25519Signer.from_seed(seed)
    assert decode_private_key(encode_private_key(signer, passphrase), passphrase).public == signer.public
