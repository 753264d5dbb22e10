"""Commitments: one digest for one salt and value, found by their place, opened by nothing else."""

from __future__ import annotations

import doctest
import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import MalformedDisclosure, MalformedPayload, OpeningInvalid
from ledger.limits import (
    COMMITMENTS_PER_STATEMENT,
    CONFIDENTIAL_BYTES,
    DISCLOSURE_BYTES,
    DISCLOSURE_RECIPIENTS,
    DISCLOSURE_STATEMENTS,
    POINTER_CHARS,
    STATEMENT_BYTES,
)
from ledger.statement import commitment as module
from ledger.statement.commitment import (
    SALT_BYTES,
    Opening,
    Pointer,
    check_opening,
    commit,
    commitments,
    new_salt,
    pack_openings,
    unpack_openings,
)
from ledger.statement.envelope import Statement, read_statement, sign_statement
from ledger.statement.signer import Ed25519Signer

PRICE = {"amount": "55", "currency": "INR"}
SALT = bytes(range(SALT_BYTES))
NESTED = json.loads("[" * 17 + "]" * 17)
PAGE = (Path(__file__).parents[3] / "specs" / "disclosure.md").read_text()


def opening(pointer: str = "/body/price", salt: bytes = SALT, value: Any = PRICE) -> Opening:
    return Opening(Pointer(pointer), salt, value)


@pytest.fixture
def statement(maker: Ed25519Signer, event: dict[str, Any]) -> Statement:
    party = maker.public.did
    body = {
        "price": {"commitment": commit(SALT, PRICE)},
        "lines": [{"name": {"commitment": commit(SALT, "Asha")}}],
    }
    data = sign_statement(maker, iss=party, sub=party, iat=1, payload={**event, "body": body})
    return read_statement(data)


def test_the_doctest_holds() -> None:
    assert doctest.testmod(module).failed == 0


def test_a_commitment_is_the_hash_of_salt_and_canonical_json() -> None:
    told = hashlib.sha256(SALT + b'{"amount":"55","currency":"INR"}').hexdigest()
    assert commit(SALT, {"currency": "INR", "amount": "55"}) == told == opening().digest


def test_the_page_s_example_is_computed_as_it_says() -> None:
    part = PAGE[PAGE.index("The salt of 32 bytes") : PAGE.index("## The opening")]
    salt, value, digest = re.findall(r"^```(?:json)?\n(.*)\n```$", part, re.MULTILINE)
    assert hashlib.sha256(bytes.fromhex(salt) + value.encode()).hexdigest() == digest
    assert commit(bytes.fromhex(salt), json.loads(value)) == digest


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    for said in (
        f"at most {CONFIDENTIAL_BYTES} bytes",
        f"1 to {POINTER_CHARS} characters",
        f"at most {DISCLOSURE_BYTES} bytes",
        f"1 to {DISCLOSURE_RECIPIENTS} byte strings of 80",
        f"1 to {DISCLOSURE_STATEMENTS} `[id, openings]`",
        f"1 to {COMMITMENTS_PER_STATEMENT} `[pointer, salt, value]`",
    ):
        assert said in PAGE


def test_no_more_commitments_fit_a_statement_than_may_be_opened() -> None:
    assert STATEMENT_BYTES / len('{"commitment":"' + "0" * 64 + '"},') < COMMITMENTS_PER_STATEMENT


@pytest.mark.parametrize("value", [None, True, False, 0, -1, "", "Asha", [], {}, [1, {"a": None}], "ü𝄞"])
def test_any_json_value_can_be_committed_to_and_each_has_its_own_digest(value: Any) -> None:
    others = [None, True, False, 0, -1, 1, "", "Asha", [], {}, "null", "0"]
    same = [one for one in others if json.dumps(one) == json.dumps(value)]
    digests = [commit(SALT, one) for one in others]
    assert digests.count(commit(SALT, value)) == len(same)


@pytest.mark.parametrize(
    "value",
    [
        *(5.5, float("nan"), [1.0], {"a": 0.0}, 2**53, b"bytes", {1, 2}, {1: 2}, "\ud800"),
        "x" * CONFIDENTIAL_BYTES,
        NESTED,
    ],
    ids=lambda value: f"{value!r:.12}",
)
def test_what_is_no_value_is_refused_and_not_quoted(value: Any) -> None:
    with pytest.raises(MalformedPayload, match="cannot be committed to") as caught:
        commit(SALT, value)
    assert "5.5" not in caught.value.diagnostics()
    assert caught.value.__cause__ is None


def test_salts_are_fresh() -> None:
    assert {len(new_salt()) for _ in range(3)} == {32}
    assert len({new_salt() for _ in range(100)}) == 100


def test_commitments_are_found_by_their_place_in_the_payload_s_order() -> None:
    one, two, three = ({"commitment": digit * 64} for digit in "abc")
    payload = {
        "refs": {},
        "body": {
            "z": one,
            "a/b~c": [[two], {"commitment": three}],
            "no": {"commitment": "ab" * 31},
            "upper": {"commitment": "AB" * 32},
            "more": {"commitment": "ab" * 32, "x": 1},
            "number": {"commitment": 1},
            "text": "ab" * 32,
        },
    }
    assert commitments(payload) == {
        "/body/z": "a" * 64,
        "/body/a~1b~0c/0/0": "b" * 64,
        "/body/a~1b~0c/1/commitment": "c" * 64,
    }


def test_the_right_opening_answers_the_value(statement: Statement) -> None:
    assert check_opening(statement, opening()) == PRICE
    assert check_opening(statement, opening("/body/lines/0/name", value="Asha")) == "Asha"


@pytest.mark.parametrize(
    "wrong",
    [
        opening(value={**PRICE, "amount": "54"}),
        opening(value={**PRICE, "amount": "55.0"}),
        opening(value="Asha"),
        opening(value=None),
        opening(salt=bytes(32)),
        opening("/body/lines/0/name"),
    ],
    ids=["amount", "spelling", "other value", "null", "salt", "place"],
)
def test_another_opening_is_refused_with_the_statement_the_place_and_both_digests(
    statement: Statement, wrong: Opening
) -> None:
    with pytest.raises(OpeningInvalid) as caught:
        check_opening(statement, wrong)
    told = caught.value.diagnostics()
    for part in (statement.id, wrong.pointer, wrong.digest, commitments(statement.payload)[wrong.pointer]):
        assert part in told
    assert caught.value.code == "opening-invalid"


@pytest.mark.parametrize(
    "pointer",
    ["/body", "/body/price/commitment", "/body/lines/00/name", "/body/lines/-/name", "/Body/price", ""],
)
def test_an_opening_for_no_commitment_is_refused_with_what_there_is(
    statement: Statement, pointer: str
) -> None:
    with pytest.raises(OpeningInvalid, match="no commitment") as caught:
        check_opening(statement, opening(pointer))
    assert "one of its 2, as /body/lines/0/name, /body/price" in caught.value.diagnostics()


def test_digests_are_compared_in_constant_time(statement: Statement, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []
    genuine = hmac.compare_digest

    def watch(one: str, other: str) -> bool:
        compared.append((one, other))
        return genuine(one, other)

    monkeypatch.setattr(hmac, "compare_digest", watch)
    check_opening(statement, opening())
    assert compared == [(commit(SALT, PRICE), commit(SALT, PRICE))]


def test_an_opening_shows_neither_salt_nor_value() -> None:
    shown = f"{opening()!r} {opening()}"
    assert shown == "Opening(pointer='/body/price') Opening(pointer='/body/price')"


def test_openings_are_packed_in_the_order_of_their_places_and_read_back() -> None:
    both = [opening("/body/z"), opening("/body/a", value="Asha")]
    packed = pack_openings(both)
    assert packed == [["/body/a", SALT, b'"Asha"'], ["/body/z", SALT, b'{"amount":"55","currency":"INR"}']]
    assert unpack_openings(packed) == (both[1], both[0])


def test_what_is_packed_wrongly_is_refused_without_salt_or_value() -> None:
    """The broken forms are vectors (test_disclosure_vectors.py); here, that none is quoted."""
    secret = b'"secret price","secret price"'
    for packed in (
        [["/body/a", SALT, secret]],
        [["/body/a", SALT + b"x", b"1"]],
        [[secret.decode(), SALT, b"1"]],
        [["/body/a", SALT, b'{"secret":1,"secret":1}']],
        [["/body/a", SALT, b"5.5"]],
    ):
        with pytest.raises(MalformedDisclosure) as caught:
            unpack_openings(packed)
        told = caught.value.diagnostics()
        assert not any(part in told for part in ("secret", "5.5", SALT.hex(), repr(SALT)))


@pytest.mark.parametrize(
    "packed", [None, {}, "", 1, [None], ["abc"], [[[], SALT, b"1"]], [["/a", SALT, b"1"]] * 201]
)
def test_what_is_no_list_of_openings_is_refused(packed: Any) -> None:
    with pytest.raises(MalformedDisclosure):
        unpack_openings(packed)
