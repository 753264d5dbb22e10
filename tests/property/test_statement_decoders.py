"""Whatever bytes come in, only declared errors come out, and what is accepted is the one form of what it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import TallyError
from ledger.statement import cbor
from ledger.statement.cose import decode_protected, decode_sign1, encode_sign1, signed_bytes
from ledger.statement.envelope import drop_unprotected, open_statement, read_statement
from ledger.statement.keys import Ed25519Key, P256Key, parse_did_key
from ledger.statement.payload import decode_payload, encode_payload
from ledger.statement.pkcs8 import decode_private_key, encode_private_key
from ledger.statement.signer import Ed25519Signer, P256Signer

VECTORS = Path(__file__).parents[2] / "specs" / "vectors" / "statement"
GOOD = [(VECTORS / "good" / f"{name}.cbor").read_bytes() for name in ("ed25519-eddsa", "p256-es256")]
PAYLOADS = [decode_sign1(data).payload or b"" for data in GOOD]
BAD = [path.read_bytes() for path in sorted((VECTORS / "bad").glob("*.cbor")) if path.stat().st_size < 2_000]
SIGNERS = [Ed25519Signer.from_seed(b"\x01" * 32), P256Signer.from_scalar(b"\x01" * 32)]
KEY_FILES = [encode_private_key(signer, b"passphrase") for signer in SIGNERS]


def mutated(sources: list[bytes]) -> st.SearchStrategy[bytes]:
    """A source with a piece of it replaced: cut, doubled, overwritten, or taken from another source."""

    @st.composite
    def draw(draw: st.DrawFn) -> bytes:
        data = draw(st.sampled_from(sources))
        start = draw(st.integers(0, len(data)))
        stop = draw(st.integers(start, min(len(data), start + draw(st.sampled_from([0, 1, 4, 64, 512])))))
        other = draw(st.sampled_from(sources))
        piece = draw(
            st.one_of(st.binary(max_size=9), st.just(other[start:stop]), st.just(data[start:stop] * 2))
        )
        return data[:start] + piece + data[stop:]

    return draw()


def heads() -> st.SearchStrategy[bytes]:
    """Bytes that are mostly CBOR heads, so that nesting and tags come about."""
    common = st.sampled_from(
        [bytes.fromhex(head) for head in "81 82 84 a1 a2 d2 c1 d81c d81d 40 41 60 61 f6".split()]
    )
    return st.lists(common | st.binary(min_size=1, max_size=3), max_size=24).map(b"".join)


def jsonish() -> st.SearchStrategy[bytes]:
    tokens = (
        '{ } [ ] , : "a" "\\ud800" "\\" " \\ 0 -0 1 -1 1.5 1e9 9007199254740992 NaN null true \x00 é'.split(
            " "
        )
    )
    return st.lists(st.sampled_from(tokens), max_size=40).map(lambda parts: "".join(parts).encode())


def compact() -> st.SearchStrategy[bytes]:
    """JSON without a space, as signers write it, of values inside and outside of what is accepted."""
    leaf = st.one_of(
        st.none(),
        st.booleans(),
        st.text(max_size=6),
        st.sampled_from(["\ud800", "\u2028", "\x7f", "/"]),
        st.integers(-3, 3),
        st.sampled_from([2**53 - 1, 2**53, -(2**53), 2**64, 10**30]),
        st.floats(),
    )
    inner = st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=8,
    )

    def write(value: object, depth: int, escaped: bool) -> bytes:
        for _ in range(depth):
            value = [value]
        text = json.dumps({"x": value}, separators=(",", ":"), ensure_ascii=escaped)
        return text.encode(errors="surrogatepass")

    return st.builds(write, inner, st.integers(0, 3) | st.integers(12, 17), st.booleans())


def read_protected(data: bytes) -> object:
    return decode_protected(decode_sign1(data))


DECODERS: list[Callable[[bytes], object]] = [
    cbor.decode,
    decode_sign1,
    read_protected,
    read_statement,
    open_statement,
    drop_unprotected,
    decode_payload,
    Ed25519Key,
    P256Key,
]


@settings(deadline=None, max_examples=400)
@given(data=st.binary(max_size=200) | heads() | jsonish() | mutated(GOOD) | mutated(BAD))
def test_only_declared_errors_leave_the_decoders(data: bytes) -> None:
    for decode in DECODERS:
        try:
            decode(data)
        except TallyError as error:
            error.diagnostics()  # and it can be shown


@settings(deadline=None, max_examples=200)
@given(text=st.text(max_size=80) | st.from_regex(r"did:key:z[1-9A-HJ-NP-Za-km-z]{1,56}", fullmatch=True))
def test_only_declared_errors_leave_the_did_parser(text: str) -> None:
    try:
        key = parse_did_key(text)
    except TallyError:
        return
    assert key.did == text


@settings(deadline=None, max_examples=100)
@given(
    data=st.binary(max_size=100) | mutated(KEY_FILES),
    passphrase=st.binary(max_size=4) | st.just(b"passphrase"),
)
def test_only_declared_errors_leave_the_key_file_reader(data: bytes, passphrase: bytes) -> None:
    try:
        signer = decode_private_key(data, passphrase)
    except TallyError:
        return
    assert signer.public in [known.public for known in SIGNERS]


@settings(deadline=None, max_examples=200)
@given(
    signature=st.binary(max_size=100) | st.binary(min_size=64, max_size=64), message=st.binary(max_size=20)
)
def test_no_made_up_signature_verifies(signature: bytes, message: bytes) -> None:
    for signer in SIGNERS:
        with pytest.raises(TallyError):
            signer.public.verify(message, signature)


@settings(deadline=None, max_examples=400)
@given(data=heads() | mutated(GOOD))
def test_decoded_cbor_encodes_to_the_bytes_it_came_from(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except TallyError:
        return
    assert cbor.encode(value) == data


@settings(deadline=None, max_examples=400)
@given(data=mutated(GOOD))
def test_a_changed_statement_is_refused_or_is_the_same(data: bytes) -> None:
    try:
        statement = open_statement(data)
    except TallyError:
        return
    assert statement.data in GOOD
    sign1 = decode_sign1(data)
    assert encode_sign1(sign1) == data
    assert sign1.payload is not None
    assert b"Signature1" in signed_bytes(sign1.protected, sign1.payload)


@settings(deadline=None, max_examples=400)
@given(data=jsonish() | compact() | mutated(PAYLOADS))
def test_a_space_in_front_changes_no_payload_and_no_refusal(data: bytes) -> None:
    """Compact bytes are read by a shorter way; a space leads to the longer one."""

    def fate(data: bytes) -> str:
        try:
            return repr(decode_payload(data))
        except TallyError as error:
            return error.code

    assert fate(data) == fate(b" " + data)


@settings(deadline=None, max_examples=300)
@given(data=jsonish() | compact())
def test_accepted_payloads_read_the_same_elsewhere_and_in_canonical_form(data: bytes) -> None:
    try:
        value = decode_payload(data)
    except TallyError:
        return
    assert value == json.loads(data)
    assert decode_payload(encode_payload(value)) == value
