"""Whatever a requester shows, it is proved or `RequesterUnproved`; nothing else comes out of the readers."""

from __future__ import annotations

import base64
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.access.fields import (
    check_content_digest,
    format_bytes,
    format_signature_input,
    parse_signature,
    parse_signature_input,
)
from ledger.access.request import (
    Request,
    SignatureFields,
    parse_keyid,
    request_to,
    sign_request,
    verify_request,
)
from ledger.access.token import DAY_S, Token, issue_token, verify_token
from ledger.errors import Malformed, RequesterUnproved
from tests.support.access import LOG, MAKER, PARTY, VKEY, resolve

NOW = 1_777_888_200
GET = request_to("https://log.example/statements/3f9a?at=40")
HEADERS = sign_request(MAKER, PARTY, GET, NOW)
INPUT, SIGNATURE = HEADERS["Signature-Input"], HEADERS["Signature"]
TOKEN = issue_token(MAKER, Token(VKEY, PARTY, PARTY, NOW, NOW + DAY_S))
TOKENS = [base64.urlsafe_b64decode(TOKEN.removeprefix("tally1.") + "==")]

quick = settings(deadline=None, max_examples=200)


@st.composite
def mutated(draw: st.DrawFn, source: str) -> str:
    """The text with a piece of it cut out, doubled or overwritten."""
    start = draw(st.integers(0, len(source)))
    stop = draw(st.integers(start, min(len(source), start + 8)))
    piece = draw(st.text(max_size=4) | st.just(source[start:stop] * 2) | st.sampled_from(list('":;=() ,')))
    return source[:start] + piece + source[stop:]


@given(mutated(INPUT), mutated(SIGNATURE))
@quick
def test_a_changed_field_proves_nothing(field: str, signature: str) -> None:
    for shown in (SignatureFields(field, SIGNATURE, None), SignatureFields(INPUT, signature, None)):
        try:
            assert verify_request(GET, shown, NOW, {"log.example"}, resolve) == PARTY
        except RequesterUnproved:
            continue
        assert shown == SignatureFields(INPUT, SIGNATURE, None)


@given(st.text(max_size=60), st.text(max_size=60))
@quick
def test_no_text_surprises_a_reader(field: str, label: str) -> None:
    for read in (parse_signature_input, parse_keyid):
        try:
            read(field)
        except RequesterUnproved:
            continue
    with suppress(RequesterUnproved):
        assert format_bytes(label, parse_signature(field, label)) == field
    with suppress(RequesterUnproved):
        check_content_digest(field, b"")
    with suppress(Malformed):
        request_to(field)


names = st.text("abz019_.*-", min_size=1, max_size=9).filter(lambda name: name[0] in "abz*")
strings = st.text(
    st.sampled_from([chr(code) for code in range(32, 127) if chr(code) not in '"\\']), max_size=9
)
whole_numbers = st.integers(-(10**15) + 1, 10**15 - 1)


@given(
    names,
    st.lists(strings, unique=True, max_size=5),
    st.dictionaries(names, whole_numbers | strings, max_size=4),
)
@quick
def test_a_signature_input_is_read_back_as_it_was_written(
    label: str, components: list[str], parameters: dict[str, int | str]
) -> None:
    written = format_signature_input(label, tuple(components), parameters)
    assert parse_signature_input(f"{label}={written.text}") == written


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
@quick
def test_whatever_the_request_is_a_signature_is_for_another(method: str, path: str, query: str) -> None:
    request = Request(method, "log.example", path, query)
    try:
        verify_request(request, SignatureFields(INPUT, SIGNATURE, None), NOW, {"log.example"}, resolve)
    except RequesterUnproved:
        return
    assert request == GET


@given(
    mutated(TOKEN)
    | st.binary(max_size=80).map(lambda data: "tally1." + base64.urlsafe_b64encode(data).decode())
)
@quick
def test_a_changed_token_proves_nothing(text: str) -> None:
    try:
        verify_token(text, NOW, VKEY, LOG.public.did, resolve)
    except RequesterUnproved:
        return
    assert text == TOKEN


@given(st.integers(0, len(TOKENS[0]) * 8 - 1))
@quick
def test_a_flipped_bit_in_a_token_is_found(bit: int) -> None:
    data = bytearray(TOKENS[0])
    data[bit // 8] ^= 1 << bit % 8
    try:
        verify_token(
            "tally1." + base64.urlsafe_b64encode(data).rstrip(b"=").decode(),
            NOW,
            VKEY,
            LOG.public.did,
            resolve,
        )
    except RequesterUnproved:
        return
    raise AssertionError("a changed token was taken")
