"""specs/http.md says what the code does: its examples, its limits, its names."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from ledger.access.fields import parse_signature_input
from ledger.access.request import (
    SignatureFields,
    request_to,
    sign_request,
    signature_base,
    verify_request,
)
from ledger.access.token import DAY_S, TOKEN_TYPE, Token, issue_token, verify_token
from ledger.errors import AccessDenied, HeadTooLarge, RequesterUnproved, RequestTooSlow, TooManyRequests
from ledger.limits import (
    BULK_BYTES,
    HTTP_BODY_BYTES,
    HTTP_BODY_BYTES_PER_S,
    HTTP_BODY_S,
    HTTP_FIELDS,
    HTTP_HEAD_BYTES,
    SIGNATURE_FIELD_CHARS,
    SIGNED_REQUEST_S,
    TOKEN_CHARS,
    TOKEN_DAYS,
)
from tests.support.access import LOG, MAKER, PARTY, VKEY, resolve

NOW = 1_777_888_200
ASKED = request_to("https://log.example/statements/3f9a?at=40")


@pytest.fixture(scope="module")
def spec() -> str:
    return (Path(__file__).parents[3] / "specs" / "http.md").read_text()


def blocks(spec: str) -> list[str]:
    return re.findall(r"```[a-z]*\n(.*?)\n```", spec, re.DOTALL)


def test_the_signed_request_on_the_page_is_the_one_that_is_sent(spec: str) -> None:
    sent, base = blocks(spec)[:2]
    fields = dict(line.split(": ", 1) for line in sent.splitlines()[1:])
    assert sent.startswith("GET /statements/3f9a?at=40 HTTP/1.1\nHost: log.example\n")
    assert {name: value for name, value in fields.items() if name != "Host"} == sign_request(
        MAKER, PARTY, ASKED, NOW
    )
    covered = parse_signature_input(fields["Signature-Input"])
    lines = [(name, value) for name, value in re.findall(r'^"([@a-z]+)": (.*)$', base, re.MULTILINE)]
    assert signature_base(lines, covered).decode() == base
    shown = SignatureFields(fields["Signature-Input"], fields["Signature"], None)
    assert verify_request(ASKED, shown, NOW, {"log.example"}, resolve) == PARTY


def test_the_token_on_the_page_is_the_one_that_is_issued_and_its_bytes_are_those_below_it(spec: str) -> None:
    text, dump = blocks(spec)[2:4]
    token = Token(VKEY, PARTY, PARTY, NOW, NOW + 30 * DAY_S)
    assert text == issue_token(MAKER, token)
    assert verify_token(text, NOW, VKEY, LOG.public.did, resolve) == token
    data = "".join(line.split(" ", 1)[0] for line in dump.splitlines())
    assert data == base64.urlsafe_b64decode(text.removeprefix("tally1.") + "==").hex()


def test_the_limits_and_names_on_the_page_are_those_of_the_code(spec: str) -> None:
    for said in (
        f"at most {SIGNATURE_FIELD_CHARS} characters",
        f"at most {SIGNED_REQUEST_S} before the clock",
        f"`exp` is more, by at most {TOKEN_DAYS} days",
        f"`iat` is at most {SIGNED_REQUEST_S} seconds ahead",
        f"padding (RFC 4648 section 5) of its bytes; at most {TOKEN_CHARS} characters",
        f"`{TOKEN_TYPE}`",
        f"`{RequesterUnproved.code}` and `{AccessDenied.code}`",
        f"more than {HTTP_HEAD_BYTES} bytes together, or more than {HTTP_FIELDS} fields | 431 `{HeadTooLarge.code}`",
        f"a body of more than {HTTP_BODY_BYTES} bytes, at `/statements` {BULK_BYTES}:",
        f"after {HTTP_BODY_S} seconds, and one second more for each {HTTP_BODY_BYTES_PER_S} bytes",
        f"408 `{RequestTooSlow.code}`",
        f"429 `{TooManyRequests.code}`",
    ):
        assert said in spec, said
