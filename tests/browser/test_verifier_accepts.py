"""What the browser takes for a key, a signature, a number or a text: at every edge, what the ledger takes."""

from __future__ import annotations

import json
import math
from hashlib import sha256, sha512
from random import Random
from typing import Any

import pytest
from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_scalar_mul,
    crypto_core_ed25519_scalar_reduce,
)

from ledger.statement import cbor
from ledger.statement.cose import Sign1, decode_sign1, encode_sign1, signed_bytes
from ledger.statement.envelope import read_statement, sign_statement
from ledger.statement.signer import Ed25519Signer
from tests.browser.test_verifier_vectors import VECTORS
from tests.support.javascript import NODE, Question, node_answers, python_answer
from tests.support.mutations import signed
from tests.vectors_statement import did_of

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node from 20.19 on here: apt-get install nodejs")

P = 2**255 - 19
SMALL_ORDER_Y = [
    0,
    1,
    P - 1,
    2707385501144840649318225287225658788936804267575313519463743609750303402022,
    55188659117513257062467267217118295137698188065244968500265048394206261417927,
]
TORSION = [(y | sign << 255).to_bytes(32, "little") for y in SMALL_ORDER_Y for sign in (0, 1)]
ON_CURVE = {P - 1, 0, 1 << 255, *SMALL_ORDER_Y[3:], *(y | 1 << 255 for y in SMALL_ORDER_Y[3:])}
"""Of these the points there are, but for the neutral one: with y = 1 or -1, x is 0 and has no other sign."""
IDENTITY = (1).to_bytes(32, "little")


def agree(questions: list[Question]) -> list[str]:
    """What both answer to each question; they differ in none."""
    expected = [python_answer(question) for question in questions]
    assert node_answers(questions) == expected
    return expected


def ed25519_did(raw: bytes) -> bytes:
    return did_of(b"\xed\x01" + raw).encode()


def test_ed25519_keys_of_small_and_mixed_order_and_in_other_encodings_are_refused_alike() -> None:
    random = Random(1)
    good = [Ed25519Signer.from_seed(random.randbytes(32)).public.raw for _ in range(12)]
    orders_2_4_8 = [point for point in TORSION if int.from_bytes(point, "little") in ON_CURVE]
    mixed = [crypto_core_ed25519_add(key, point) for key, point in zip(good, orders_2_4_8, strict=False)]
    not_canonical = [(y | sign).to_bytes(32, "little") for y in range(P, 2**255) for sign in (0, 1 << 255)]
    wild = [random.randbytes(32) for _ in range(60)]
    keys = [*good, *TORSION, *mixed, *not_canonical, *wild, b"", good[0][:-1], good[0] + b"\0"]
    answers = agree([Question("did", ed25519_did(raw)) for raw in keys])
    assert answers[: len(good)] == ["ok"] * len(good)
    assert set(answers[len(good) : -len(wild) - 3]) == {"malformed-key"}


def test_p256_points_are_told_from_others_alike() -> None:
    random = Random(2)
    points = [bytes([random.choice((2, 3))]) + random.randbytes(32) for _ in range(40)]
    points += [
        b"\x02" + b"\xff" * 32,
        b"\x02" + bytes(32),
        b"\x03" + bytes(32),
        b"\x04" + random.randbytes(32),
    ]
    points += [points[0][:-1], points[0] + b"\0", b"\x00" * 33]
    answers = agree([Question("did", did_of(b"\x80\x24" + raw).encode()) for raw in points])
    assert set(answers) == {"ok", "malformed-key"}


def test_a_signature_whose_r_is_the_neutral_point_is_refused_alike() -> None:
    """It satisfies the equation of RFC 8032: only a look at R refuses it, as libsodium does."""
    seed = sha256(b"maker").digest()
    signer = Ed25519Signer.from_seed(seed)
    payload = read_statement((VECTORS / "statement/good/ed25519-eddsa.cbor").read_bytes()).payload
    good = decode_sign1(sign_statement(signer, iss=signer.public.did, sub="0" * 64, iat=1, payload=payload))
    assert good.payload is not None
    message = signed_bytes(good.protected, good.payload)
    hashed = crypto_core_ed25519_scalar_reduce(sha512(IDENTITY + signer.public.raw + message).digest())
    scalar = bytearray(sha512(seed).digest()[:32])
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    wide = crypto_core_ed25519_scalar_reduce(bytes(scalar) + bytes(32))
    forged = IDENTITY + crypto_core_ed25519_scalar_mul(hashed, wide)
    statement = encode_sign1(Sign1(good.protected, {}, good.payload, forged))
    assert agree([Question("statement", statement)]) == ["signature-invalid"]


@pytest.mark.parametrize("depth", [14, 15, 16, 17])
def test_cbor_is_as_deep_as_the_ledger_has_it(depth: int) -> None:
    nests = [b"\x81" * depth + b"\x00", b"\xa1\x00" * depth + b"\x00", b"\xd2" * depth + b"\x00"]
    nests += [b"\x81" * depth + b"\x80", b"\x81" * depth + b"\x40", b"\xd2\x84" * (depth // 2) + b"\x00" * 9]
    agree([Question("cbor", data) for data in nests])


def test_heads_of_every_width_are_read_alike() -> None:
    random = Random(3)
    edges = [0, 1, 22, 23, 24, 25, 255, 256, 2**16 - 1, 2**16, 2**32 - 1, 2**32, 2**53, 2**63, 2**64 - 1]
    items = [
        bytes([major << 5 | 24 + power]) + (value % 2 ** (8 << power)).to_bytes(1 << power, "big") + tail
        for major in range(8)
        for power in range(4)
        for value in edges
        for tail in (b"", b"\x00", b"a" * 300)
    ]
    items += [
        bytes([initial]) + tail for initial in range(256) for tail in (b"", b"\x00", b"\x00\x00", b"\xff")
    ]
    items += [random.randbytes(random.randrange(1, 9)) for _ in range(1500)]
    items += [
        bytes.fromhex(text)
        for text in ("a200000000", "a200000100", "a201000000", "a2410000410000", "a2200000f6")
    ]
    assert agree([Question("cbor", data) for data in items]).count("ok") > 100


def test_texts_are_measured_in_characters() -> None:
    signer = Ed25519Signer.from_seed(sha256(b"maker").digest())
    good = decode_sign1((VECTORS / "statement/good/ed25519-eddsa.cbor").read_bytes())
    assert good.payload is not None
    payloads = [
        good.payload.replace(b"example.noted", "\U0001f9fa".encode() * count) for count in (1, 200, 201)
    ]
    statements = [signed(good.protected, payload, signer) for payload in payloads]
    assert agree([Question("statement", one) for one in statements]) == ["ok", "ok", "malformed-payload"]


def test_json_is_read_alike_whatever_its_spelling() -> None:
    random = Random(4)
    texts = ["".join(random.choice(TOKENS) for _ in range(random.randrange(1, 7))) for _ in range(1500)]
    texts += [json.dumps({"a": _value(random, 5)}, ensure_ascii=random.random() < 0.5) for _ in range(300)]
    texts += [f'{{"a":{piece}}}' for piece in TOKENS]
    answers = agree([Question("payload", text.encode("utf-8", "surrogatepass")) for text in texts])
    assert answers.count("ok") > 200


TOKENS = [
    "{", "}", "[", "]", ":", ",", '"a"', '"b"', '"\\u0061"', '{"a":1}', '{"a":', '"a":', '"b":', "1}",
    " ", "\n", "\t", "\r", "\x0b", "\x0c", "\xa0", "\u2028", "\ufeff", "/**/", "[" * 17, "]" * 17,
    "0", "-0", "-1", "1.0", "1e2", "1E+2", "-", "+1", "01", ".5", "9007199254740991", "9007199254740992",
    "-9007199254740991", "-9007199254740992", "1" * 30, "true", "false", "null", "nul", "True", "NaN",
    "Infinity", "-Infinity", '"\\ud800"', '"\\udc00"', '"\\ud83d\\ude00"', '"\\ude00\\ud83d"', '"\ud800"',
    '"\\u12"', '"\\U0061"', '"\\x41"', '"\\/\\b\\f\\n\\r\\t\\\\\\""', '"\x00"', '"\x1f"', '"\x7f"', '"\u2028"',
    '"__proto__":', '"constructor":', "'a'", '"\\uABCD"', '"\\uabcg"', '"unfinished',
]  # fmt: skip


def _value(random: Random, depth: int) -> Any:
    kind = random.randrange(8 if depth else 6)
    if kind == 6:
        return [_value(random, depth - 1) for _ in range(random.randrange(4))]
    if kind == 7:
        return {random.choice("abcdé"): _value(random, depth - 1) for _ in range(random.randrange(4))}
    return random.choice(
        [None, True, 7, -(2**53) + 1, 2**53, 0.5, math.nan, "text", "\U0001f600", "\ud800", "", "\n"]
    )


def test_a_cbor_value_of_every_kind_is_read_alike_where_a_bundle_wants_another() -> None:
    good = cbor.decode((VECTORS / "bundle/good/delivery.bundle").read_bytes())
    vkey = json.loads((VECTORS / "bundle/index.json").read_bytes())["vkey"]
    values = [
        None,
        True,
        False,
        0,
        1,
        2,
        -1,
        2**63,
        2**64 - 1,
        b"",
        b"x" * 32,
        "",
        "statement",
        [],
        [[]],
        {},
        {0: 0},
    ]
    questions = [
        Question("bundle", cbor.encode({**good, member: value}), (vkey,))
        for member in good
        for value in values
    ]
    assert set(agree(questions)) >= {"malformed-bundle", "malformed-note"}
