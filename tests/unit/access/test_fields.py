"""The header fields of a signed request are read in one spelling."""

from __future__ import annotations

import pytest

from ledger.access.fields import (
    check_content_digest,
    content_digest,
    format_bytes,
    format_signature_input,
    parse_signature,
    parse_signature_input,
)
from ledger.errors import RequesterUnproved
from ledger.limits import SIGNATURE_FIELD_CHARS

FIELD = 'tally=("@method" "@authority");created=1777888200;keyid="did:key:z6Mk#z6Mk"'


def test_a_signature_input_says_what_is_covered_and_keeps_the_text_that_is_signed() -> None:
    covered = parse_signature_input(FIELD)
    assert covered.label == "tally"
    assert covered.components == ("@method", "@authority")
    assert covered.parameters == {"created": 1_777_888_200, "keyid": "did:key:z6Mk#z6Mk"}
    assert f"tally={covered.text}" == FIELD
    assert format_signature_input(covered.label, covered.components, covered.parameters) == covered


@pytest.mark.parametrize(
    "field",
    [
        "",
        "tally",
        "tally=()extra",
        'tally=("@method"  "@authority");created=1',  # two spaces
        'tally=( "@method");created=1',
        'tally=("@method"); created=1',
        'tally=("@method");created',  # a Boolean
        'tally=("@method";req);created=1',
        'tally=("@method");created=01',
        'tally=("@method");created=-0',
        'tally=("@method");created=1.5',
        'tally=("@method");created=1234567890123456',  # sixteen digits (RFC 9651 3.3.1)
        'tally=("@method");keyid="a\\"b"',
        'tally=("@method");keyid="é"',
        'tally=("@method");created=1\n',
        'tally=("@method");created=١',  # a digit, but not an ASCII one
        'Tally=("@method");created=1',
        'tally=("@method");created=1, other=("@path");created=1',
        'tally=("@method" "@method");created=1',
        'tally=("@method");created=1;created=2',
    ],
)
def test_whatever_else_would_have_to_be_guessed_at_is_refused(field: str) -> None:
    with pytest.raises(RequesterUnproved, match="Signature-Input"):
        parse_signature_input(field)


def test_a_signature_is_read_under_the_label_of_its_input() -> None:
    field = format_bytes("tally", b"\x00" * 64)
    assert parse_signature(field, "tally") == b"\x00" * 64
    with pytest.raises(RequesterUnproved, match="Signature"):
        parse_signature(field, "other")


@pytest.mark.parametrize(
    "field",
    [
        "tally=:AAA:",  # no padding
        "tally=:AAB=:",  # stray bits in the last digit
        "tally=:AA-_:",  # the alphabet of URLs
        "tally=AAAA",
        "tally=:AAAA:;x=1",
        "tally=:AAAA:, other=:AAAA:",
        "tally=:AAAA: ",
        "tally=:A===:",
    ],
)
def test_bytes_have_one_spelling(field: str) -> None:
    with pytest.raises(RequesterUnproved, match="Signature"):
        parse_signature(field, "tally")


def test_a_digest_is_of_the_body_and_of_nothing_else() -> None:
    """The example of RFC 9530 B.1: the content `{"hello": "world"}` and a newline."""
    body = b'{"hello": "world"}\n'
    field = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    assert content_digest(body) == field
    check_content_digest(field, body)
    with pytest.raises(RequesterUnproved, match="is not that of the 18 bytes"):
        check_content_digest(field, body[:-1])
    with pytest.raises(RequesterUnproved, match="Content-Digest"):
        check_content_digest("sha-512=:AAAA:", body)


def test_a_field_is_bounded_before_it_is_looked_at() -> None:
    long = "a" * (SIGNATURE_FIELD_CHARS + 1)
    for read in (
        parse_signature_input,
        lambda field: parse_signature(field, "tally"),
        lambda field: check_content_digest(field, b""),
    ):
        with pytest.raises(RequesterUnproved, match=f"of {len(long)} characters"):
            read(long)
