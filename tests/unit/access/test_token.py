"""A token is for one log and one reader, for a while, by a key that is good now."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from ledger.access.token import DAY_S, TOKEN_TYPE, Token, issue_token, verify_token
from ledger.errors import Malformed, RequesterUnproved
from ledger.limits import SIGNED_REQUEST_S, TOKEN_CHARS, TOKEN_DAYS
from ledger.statement import cbor
from ledger.statement.cose import Sign1, decode_sign1, encode_sign1, signed_bytes
from ledger.statement.envelope import sign_statement
from ledger.statement.signer import Ed25519Signer, Signer
from ledger.units import PartyId
from tests.support.access import BROWSER, LOG, MAKER, PARTY, STRANGER, VKEY, resolve

NOW = 1_777_888_200
OPERATOR = LOG.public.did
MINE = Token(VKEY, PARTY, PARTY, NOW, NOW + 30 * DAY_S)


def verify(text: str, now: int = NOW, log: str = VKEY) -> Token:
    return verify_token(text, now, log, OPERATOR, resolve)


def decoded(text: str) -> Sign1:
    return decode_sign1(base64.urlsafe_b64decode(text.removeprefix("tally1.") + "=="))


def signed(
    claims: object, header: dict[int, Any] | None = None, signer: Ed25519Signer = MAKER, **parts: Any
) -> str:
    """A token with whatever claims and header, signed right."""
    protected = cbor.encode({1: -8, 4: signer.public.kid, 16: TOKEN_TYPE} | (header or {}))
    payload = cbor.encode(claims)
    sign1 = Sign1(protected, {}, payload, signer.sign(signed_bytes(protected, payload)))
    return armoured(encode_sign1(replace(sign1, **parts)))


def armoured(data: bytes) -> str:
    return "tally1." + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(**changed: object) -> dict[int, object]:
    labels = {"iss": 1, "sub": 2, "aud": 3, "exp": 4, "iat": 6}
    return {1: PARTY, 2: PARTY, 3: VKEY, 4: NOW + DAY_S, 6: NOW} | {
        labels[name]: value for name, value in changed.items()
    }


@pytest.mark.parametrize("signer", [MAKER, BROWSER], ids=["ed25519", "p256"])
def test_a_party_issues_tokens_for_itself_with_any_of_its_keys(signer: Signer) -> None:
    text = issue_token(signer, MINE)
    assert verify(text) == MINE
    assert text.startswith("tally1.")
    assert len(text) < 600, "it has to fit a header field and a cookie"
    assert issue_token(signer, MINE) == text


def test_the_logs_own_key_issues_tokens_for_the_operator_and_for_any_party() -> None:
    for subject in (None, PARTY, STRANGER.public.did):
        token = replace(MINE, issuer=OPERATOR, subject=subject)
        assert verify(issue_token(LOG, token)) == token


@pytest.mark.parametrize("subject", [None, OPERATOR, STRANGER.public.did])
def test_a_party_issues_no_tokens_for_others(subject: PartyId | None) -> None:
    with pytest.raises(RequesterUnproved, match="a party's own key for the party itself"):
        verify(issue_token(MAKER, replace(MINE, subject=subject)))


def test_a_token_of_the_log_must_be_by_the_logs_key() -> None:
    with pytest.raises(RequesterUnproved, match="is good now"):
        verify(issue_token(MAKER, replace(MINE, issuer=OPERATOR, subject=None)))


def test_a_token_is_for_one_log() -> None:
    """Not for another of the same name either: the name is with its key."""
    other = "log.example/one+00000000+" + VKEY.rsplit("+", 1)[1]
    with pytest.raises(RequesterUnproved, match="the token is for the log"):
        verify(issue_token(MAKER, MINE), log=other)


def test_a_token_ends() -> None:
    text = issue_token(MAKER, MINE)
    assert verify(text, now=MINE.expires_at - 1)
    with pytest.raises(RequesterUnproved, match="ended 0 s ago"):
        verify(text, now=MINE.expires_at)


def test_a_token_of_tomorrow_is_not_good_today() -> None:
    text = issue_token(MAKER, MINE)
    assert verify(text, now=NOW - SIGNED_REQUEST_S)
    with pytest.raises(RequesterUnproved, match="made 301 s ahead of the clock here"):
        verify(text, now=NOW - SIGNED_REQUEST_S - 1)


@pytest.mark.parametrize("seconds", [0, -1, TOKEN_DAYS * DAY_S + 1])
def test_no_token_is_good_for_longer_than_the_limit_whoever_signs_it(seconds: int) -> None:
    with pytest.raises(Malformed, match="days"):
        issue_token(MAKER, replace(MINE, expires_at=NOW + seconds))
    now = min(NOW, NOW + seconds - 1)
    with pytest.raises(RequesterUnproved, match="days"):
        verify(signed(claims(exp=NOW + seconds)), now=now)


def test_a_key_that_is_not_the_partys_now_ends_its_tokens() -> None:
    with pytest.raises(RequesterUnproved, match="is good now"):
        verify(issue_token(STRANGER, MINE))
    with pytest.raises(RequesterUnproved, match="is good now"):
        verify(issue_token(STRANGER, replace(MINE, issuer=STRANGER.public.did, subject=STRANGER.public.did)))


def test_a_changed_token_is_refused() -> None:
    sign1 = decoded(issue_token(MAKER, MINE))
    longer = cbor.encode(cbor.decode(sign1.payload or b"") | {4: MINE.expires_at + DAY_S})
    with pytest.raises(RequesterUnproved, match="is not one by"):
        verify(armoured(encode_sign1(replace(sign1, payload=longer))))


def test_the_algorithm_is_the_keys() -> None:
    with pytest.raises(RequesterUnproved, match="names an algorithm that is not its key's"):
        verify(signed(claims(), {1: -7}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tally1.",
        "tally1",
        "a passphrase",
        "tally1.é",
        "tally2." + issue_token(MAKER, MINE).removeprefix("tally1."),
        issue_token(MAKER, MINE) + "=",
        issue_token(MAKER, MINE) + "A",
        " " + issue_token(MAKER, MINE),
        issue_token(MAKER, MINE).replace(".", ".!"),
        signed([1, 2]),
        signed(claims(iss="did:key:zNobody")),
        signed(claims(sub="everybody")),
        signed(claims(sub=None)),
        signed(claims(aud=b"log")),
        signed(claims(exp=True)),
        signed(claims() | {7: b"an id"}),
        signed({1: PARTY}),
        signed(claims(), {16: "application/cwt"}),
        signed(claims(), {4: "a name"}),
        signed(claims(), {3: "text/plain"}),
        signed(claims(), unprotected={5: b""}),
        signed(claims(), payload=None),
    ],
)
def test_whatever_is_not_a_token_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(RequesterUnproved, match="what was shown is not a token") as refused:
        verify(text)
    assert "passphrase" not in refused.value.diagnostics()


def test_a_statement_is_no_token() -> None:
    payload = {"type": "a.b", "version": 1, "occurred_at": "now", "prev": None, "refs": {}, "body": {}}
    statement = sign_statement(MAKER, iss=PARTY, sub=PARTY, iat=NOW, payload=payload)
    with pytest.raises(RequesterUnproved, match="is not a token"):
        verify(armoured(statement))


def test_a_token_is_bounded_before_it_is_looked_at() -> None:
    with pytest.raises(RequesterUnproved, match=f"of {TOKEN_CHARS + 1} characters"):
        verify("t" * (TOKEN_CHARS + 1))
    with pytest.raises(Malformed, match="the log's name is too long"):
        issue_token(MAKER, replace(MINE, log="l" * TOKEN_CHARS))
