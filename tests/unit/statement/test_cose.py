"""COSE_Sign1 in its one form, and what of RFC 9052 is left outside."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from cbor2 import CBORTag

from ledger.errors import MalformedCbor, MalformedCose, TallyError, TooLarge
from ledger.limits import COSE_BYTES
from ledger.statement import cbor
from ledger.statement.cose import (
    ALG,
    CRIT,
    CWT_CLAIMS,
    EDDSA,
    KID,
    RECEIPTS,
    VDS,
    Sign1,
    decode_protected,
    decode_sign1,
    encode_sign1,
    signed_bytes,
)

PLAIN = Sign1(cbor.encode({ALG: EDDSA}), {}, b"payload", b"signature")


def with_header(header: dict[object, object], unprotected: dict[object, object] | None = None) -> Sign1:
    return Sign1(cbor.encode(header), unprotected or {}, b"", b"")


def test_signs_the_bytes_the_module_shows() -> None:
    assert signed_bytes(bytes.fromhex("a10127"), b"\x00").hex(" ") == (
        "84 6a 53 69 67 6e 61 74 75 72 65 31 43 a1 01 27 40 41 00"
    )


def test_encodes_the_four_parts_under_tag_18() -> None:
    assert encode_sign1(Sign1(b"\xa0", {4: b"11"}, b"x", b"yy")).hex(" ") == (
        "d2 84 41 a0 a1 04 42 31 31 41 78 42 79 79"
    )
    assert encode_sign1(Sign1(b"", {}, None, b"")).hex(" ") == "d2 84 40 a0 f6 40"


@pytest.mark.parametrize(
    "sign1",
    [PLAIN, replace(PLAIN, payload=None), replace(PLAIN, unprotected={RECEIPTS: [b"r"], "x": {}})],
    ids=["attached", "detached", "unprotected"],
)
def test_decodes_what_it_encodes(sign1: Sign1) -> None:
    assert decode_sign1(encode_sign1(sign1)) == sign1
    assert pickle.loads(pickle.dumps(sign1)) == sign1  # noqa: S301


@pytest.mark.parametrize(
    "item",
    [
        [b"", {}, b"", b""],
        CBORTag(18, b""),
        CBORTag(18, {}),
        CBORTag(18, []),
        CBORTag(18, [b"", {}, b""]),
        CBORTag(18, [b"", {}, b"", b"", b""]),
        CBORTag(18, ["", {}, b"", b""]),
        CBORTag(18, [{}, {}, b"", b""]),
        CBORTag(18, [b"", [], b"", b""]),
        CBORTag(18, [b"", None, b"", b""]),
        CBORTag(18, [b"", {}, "", b""]),
        CBORTag(18, [b"", {}, False, b""]),
        CBORTag(18, [b"", {}, b"", None]),
        CBORTag(18, [b"", {}, b"", ""]),
        CBORTag(18, CBORTag(18, [b"", {}, b"", b""])),
        CBORTag(18, [b"", {b"kid": b"x"}, b"", b""]),
    ],
    ids=repr,
)
def test_refuses_other_parts(item: object) -> None:
    with pytest.raises(MalformedCose):
        decode_sign1(cbor.encode(item))


def test_refuses_other_tags() -> None:
    with pytest.raises(MalformedCbor, match="tag 98"):
        decode_sign1(bytes.fromhex("d8628440a04040"))


def test_bounds_the_size_before_decoding() -> None:
    largest = encode_sign1(replace(PLAIN, payload=bytes(COSE_BYTES - 30)))
    assert len(largest) <= COSE_BYTES
    assert len(decode_sign1(largest).payload or b"") == COSE_BYTES - 30
    with pytest.raises(TooLarge):
        decode_sign1(bytes(COSE_BYTES + 1))


def test_reads_the_protected_header() -> None:
    header = {ALG: EDDSA, KID: b"k", CWT_CLAIMS: {1: "iss"}, VDS: 1, "tree-size": 7}
    assert decode_protected(with_header(header)) == header


@pytest.mark.parametrize("content", [b"", b"\xa0", b"\x80", b"\x01", cbor.encode({4: b"k"})])
def test_refuses_a_protected_header_without_alg(content: bytes) -> None:
    with pytest.raises(MalformedCose):
        decode_protected(replace(PLAIN, protected=content, unprotected={ALG: EDDSA}))


@pytest.mark.parametrize("alg", ["EdDSA", b"\x27", True, None, [EDDSA]], ids=repr)
def test_refuses_an_alg_that_is_no_integer(alg: object) -> None:
    with pytest.raises(MalformedCose, match="no integer alg"):
        decode_protected(with_header({ALG: alg}))


def test_refuses_a_protected_header_outside_the_cbor_profile() -> None:
    for content in (b"\xa1\x01\x38\x07", b"\xa2\x01\x27\x01\x27", b"\xa1\x01\x27\x00", b"\xbf\x01\x27\xff"):
        with pytest.raises(MalformedCbor):
            decode_protected(replace(PLAIN, protected=content))


@pytest.mark.parametrize("critical", [[99], [ALG], [CWT_CLAIMS], [], 15], ids=repr)
def test_refuses_crit_whatever_it_lists(critical: object) -> None:
    with pytest.raises(MalformedCose, match="crit"):
        decode_protected(with_header({ALG: EDDSA, CRIT: critical}))


@pytest.mark.parametrize("label", [-222, -111, 13, 14, 391, 392, 393])
def test_refuses_the_labels_of_drafts_in_either_header(label: int) -> None:
    with pytest.raises(MalformedCose, match=f"label {label},"):
        decode_protected(with_header({ALG: EDDSA, label: {}}))
    with pytest.raises(MalformedCose, match=f"label {label},"):
        decode_sign1(encode_sign1(replace(PLAIN, unprotected={label: {}})))


def test_refuses_a_label_in_both_headers() -> None:
    with pytest.raises(MalformedCose, match="label 4 stands in both"):
        decode_protected(with_header({ALG: EDDSA, KID: b"one"}, {KID: b"two"}))


def test_refuses_a_label_that_is_a_byte_string() -> None:
    with pytest.raises(MalformedCose, match="byte string"):
        decode_protected(with_header({ALG: EDDSA, b"x": 1}))


def test_cannot_encode_a_header_without_a_form() -> None:
    with pytest.raises(TallyError):
        encode_sign1(replace(PLAIN, unprotected={1: 0.5}))
