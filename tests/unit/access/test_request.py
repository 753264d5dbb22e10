"""A signed request is good for what it was signed for, and for nothing else."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from ledger.access.fields import (
    SignatureInput,
    format_signature_input,
    parse_signature,
    parse_signature_input,
)
from ledger.access.request import (
    Request,
    SignatureFields,
    format_keyid,
    parse_keyid,
    request_to,
    sign_request,
    signature_base,
    verify_request,
)
from ledger.errors import Malformed, RequesterUnproved
from ledger.limits import SIGNED_REQUEST_S
from ledger.statement.keys import P256_ORDER, Ed25519Key
from ledger.statement.signer import Ed25519Signer, Signer
from tests.support.access import BROWSER, LOG, MAKER, PARTY, STRANGER, resolve

NOW = 1_777_888_200
HOST = "log.example"
GET = request_to("https://log.example/statements/3f9a?at=40")
POST = request_to("https://log.example/statements", "POST", b"a statement")


def signed(request: Request = GET, signer: Signer = MAKER, created: int = NOW) -> SignatureFields:
    """The fields for a request as the maker signs it."""
    return fields_of(sign_request(signer, PARTY, request, created))


def fields_of(headers: dict[str, str]) -> SignatureFields:
    return SignatureFields(headers["Signature-Input"], headers["Signature"], headers.get("Content-Digest"))


def signed_as(text: str, request: Request = GET, signer: Signer = MAKER) -> SignatureFields:
    """Fields with whatever inner list, signed right."""
    covered = parse_signature_input(f"tally={text}")
    values = {
        "@method": request.method,
        "@authority": request.authority,
        "@path": request.path,
        "@query": f"?{request.query}",
    }
    base = signature_base([(name, values.get(name, "")) for name in covered.components], covered)
    signature = base64.b64encode(signer.sign(base)).decode()
    return SignatureFields(f"tally={text}", f"tally=:{signature}:", None)


def verify(
    fields: SignatureFields, request: Request = GET, now: int = NOW, hosts: frozenset[str] = frozenset({HOST})
) -> str:
    return verify_request(request, fields, now, hosts, resolve)


@pytest.mark.parametrize("signer", [MAKER, BROWSER], ids=["ed25519", "p256"])
@pytest.mark.parametrize(
    "request_", [GET, POST, request_to("https://log.example")], ids=["get", "post", "root"]
)
def test_what_a_partys_key_signed_is_by_that_party(signer: Signer, request_: Request) -> None:
    assert verify(signed(request_, signer), request_) == PARTY


def test_a_request_by_ed25519_is_the_one_of_rfc_9421() -> None:
    """RFC 9421 B.2.6, with the key of B.1.4: the base to the byte, and the signature over it."""
    signer = Ed25519Signer.from_seed(base64.urlsafe_b64decode("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU="))
    assert signer.public == Ed25519Key(
        base64.urlsafe_b64decode("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs=")
    )
    lines = {
        "date": "Tue, 20 Apr 2021 02:07:55 GMT",
        "@method": "POST",
        "@path": "/foo",
        "@authority": "example.com",
        "content-type": "application/json",
        "content-length": "18",
    }
    covered = parse_signature_input(
        'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    )
    assert covered.components == tuple(lines)
    base = signature_base(list(lines.items()), covered)
    assert base == (
        b'"date": Tue, 20 Apr 2021 02:07:55 GMT\n'
        b'"@method": POST\n'
        b'"@path": /foo\n'
        b'"@authority": example.com\n'
        b'"content-type": application/json\n'
        b'"content-length": 18\n'
        b'"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length")'
        b';created=1618884473;keyid="test-key-ed25519"'
    )
    field = (
        "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:"
    )
    signature = parse_signature(field, covered.label)
    signer.public.verify(base, signature)
    assert signer.sign(base) == signature


@pytest.mark.parametrize(
    "changed",
    [
        replace(GET, method="HEAD"),
        replace(GET, path="/statements/3f9b"),
        replace(GET, query="at=41"),
        replace(GET, query=""),
        replace(POST, path="/contracts"),
    ],
    ids=["method", "path", "query", "no query", "path of a post"],
)
def test_a_signature_is_for_one_method_path_and_query(changed: Request) -> None:
    fields = signed(POST if changed.body else GET)
    with pytest.raises(RequesterUnproved, match=r"is not one by .* over this request"):
        verify(fields, changed)


def test_a_signature_for_another_host_is_refused_by_this_one() -> None:
    """What a party signed for another log, or for one that only claims to be this, is not shown on."""
    elsewhere = replace(GET, authority="other.example")
    with pytest.raises(RequesterUnproved, match=r"signed for 'other\.example'"):
        verify(signed(elsewhere), elsewhere)
    with pytest.raises(RequesterUnproved, match="is not one by"):
        verify(signed(elsewhere), GET)
    with pytest.raises(RequesterUnproved, match="a host, of which this log was told none"):
        verify(signed(), hosts=frozenset())


def test_a_body_is_covered_by_its_digest() -> None:
    with pytest.raises(RequesterUnproved, match="is not that of the 15 bytes that came"):
        verify(signed(POST), replace(POST, body=b"other statement"))
    with pytest.raises(RequesterUnproved, match="does not cover content-digest"):
        verify(signed(GET), replace(GET, body=b"put in on the way"))
    with pytest.raises(RequesterUnproved, match="covers content-digest"):
        verify(signed(POST), replace(POST, body=b""))
    own = signed(replace(POST, body=b"other statement"))
    with pytest.raises(RequesterUnproved, match="is not one by"):
        verify(
            replace(signed(POST), content_digest=own.content_digest), replace(POST, body=b"other statement")
        )


@pytest.mark.parametrize("seconds", [-SIGNED_REQUEST_S, 0, SIGNED_REQUEST_S])
def test_a_signature_is_good_for_some_minutes(seconds: int) -> None:
    assert verify(signed(), now=NOW + seconds) == PARTY


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (SIGNED_REQUEST_S + 1, "signed 301 s ago"),
        (-SIGNED_REQUEST_S - 1, "signed 301 s ahead of the clock here"),
    ],
)
def test_a_signature_too_old_or_too_far_ahead_is_refused(seconds: int, said: str) -> None:
    with pytest.raises(RequesterUnproved, match=said):
        verify(signed(), now=NOW + seconds)


def test_a_signer_may_end_it_sooner() -> None:
    covered = '("@method" "@authority" "@path" "@query");created={};expires={};keyid="{}"'
    fields = signed_as(covered.format(NOW, NOW + 10, format_keyid(PARTY, MAKER.public)))
    assert verify(fields, now=NOW + 10) == PARTY
    with pytest.raises(RequesterUnproved, match="signed 11 s ago, and ended 1 s ago"):
        verify(fields, now=NOW + 11)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ('keyid="KEY"', "does not say when it was made"),
        ('created="1777888200";keyid="KEY"', "does not say when it was made"),
        ('created=1777888200;expires="never";keyid="KEY"', "does not say when it was made"),
        ("created=1777888200", "does not name its key"),
        ("created=1777888200;keyid=1", "does not name its key"),
        ('created=1777888200;keyid="PARTY"', "does not name a party's key"),
        ('created=1777888200;keyid="me#you"', "does not name a party's key"),
        ('created=1777888200;keyid="KEY";nonce="n"', "has a parameter nonce, which is not read here"),
        ('created=1777888200;keyid="KEY";tag="t"', "has a parameter tag, which is not read here"),
        ('created=1777888200;keyid="KEY";alg="ecdsa-p256-sha256"', "names the algorithm ecdsa-p256-sha256"),
        ('created=1777888200;keyid="KEY";alg="hmac-sha256"', "names the algorithm hmac-sha256"),
    ],
)
def test_each_parameter_is_understood_or_refused(parameters: str, said: str) -> None:
    parameters = parameters.replace("KEY", format_keyid(PARTY, MAKER.public)).replace("PARTY", PARTY)
    fields = signed_as(f'("@method" "@authority" "@path" "@query");{parameters}')
    with pytest.raises(RequesterUnproved, match=said):
        verify(fields)


@pytest.mark.parametrize(
    ("components", "said"),
    [
        ('"@method" "@authority" "@path"', "does not cover @query"),
        ('"@method" "@path" "@query"', "does not cover @authority"),
        ('"@method" "@target-uri"', "does not cover @authority"),
        ('"@method" "@authority" "@path" "@query" "date"', "covers date, which is not read here"),
        ("", "does not cover @authority"),
    ],
)
def test_a_signature_covers_what_makes_the_request_and_nothing_else(components: str, said: str) -> None:
    fields = signed_as(f'({components});created={NOW};keyid="{format_keyid(PARTY, MAKER.public)}"')
    with pytest.raises(RequesterUnproved, match=said):
        verify(fields)


def test_components_may_come_in_any_order() -> None:
    keyid = format_keyid(PARTY, MAKER.public)
    assert (
        verify(signed_as(f'("@path" "@query" "@authority" "@method");created={NOW};keyid="{keyid}"')) == PARTY
    )


def test_a_key_that_is_not_the_partys_now_proves_nothing() -> None:
    with pytest.raises(RequesterUnproved, match="is good now"):
        verify(signed(signer=STRANGER))
    assert verify(fields_of(sign_request(LOG, LOG.public.did, GET, NOW))) == LOG.public.did


def test_a_signature_by_another_key_than_it_names_is_refused() -> None:
    keyid = format_keyid(PARTY, MAKER.public)
    text = f'("@method" "@authority" "@path" "@query");created={NOW};keyid="{keyid}"'
    with pytest.raises(RequesterUnproved, match="is not one by"):
        verify(signed_as(text, signer=STRANGER))


def test_the_upper_of_two_p256_signatures_is_refused() -> None:
    fields = signed(signer=BROWSER)
    raw = parse_signature(fields.signature, "tally")
    upper = raw[:32] + (P256_ORDER - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    with pytest.raises(RequesterUnproved, match="upper half"):
        verify(replace(fields, signature=f"tally=:{base64.b64encode(upper).decode()}:"))


def test_a_keyid_names_the_party_and_its_key() -> None:
    keyid = format_keyid(PARTY, BROWSER.public)
    assert keyid.startswith(f"{PARTY}#zDn")
    assert parse_keyid(keyid) == (PARTY, BROWSER.public.kid)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Log.Example/a?b#c", Request("GET", "log.example", "/a", "b")),
        ("https://log.example:443", Request("GET", "log.example", "/", "")),
        ("http://127.0.0.1:8000/a?", Request("GET", "127.0.0.1:8000", "/a", "")),
        ("http://[::1]:80/", Request("GET", "[::1]", "/", "")),
        ("http://log.example:443/%7Ea", Request("GET", "log.example:443", "/%7Ea", "")),
    ],
)
def test_a_url_is_taken_as_it_goes_over_the_wire(url: str, expected: Request) -> None:
    assert request_to(url) == expected


@pytest.mark.parametrize(
    "url", ["log.example/a", "ftp://log.example/", "https:///a", "https://me@log.example/", "https://log.example/é",
            "https://log.example/a b", "https://log.example/a\nb", "https://[::1/"],
)  # fmt: skip
def test_a_url_nothing_can_be_sent_to_is_refused(url: str) -> None:
    with pytest.raises(Malformed, match="is not a URL"):
        request_to(url)


def test_nothing_that_breaks_a_line_is_signed_or_believed() -> None:
    """Else one component could say what another one is."""
    with pytest.raises(RequesterUnproved, match="printable ASCII"):
        verify(signed(), replace(GET, path='/a\n"@query": ?at=40'))
    with pytest.raises(RequesterUnproved, match="printable ASCII"):
        signature_base([("@path", "/é")], SignatureInput("tally", ("@path",), {}, '("@path")'))


def test_what_is_signed_is_written_in_one_way() -> None:
    headers = sign_request(MAKER, PARTY, GET, NOW)
    keyid = format_keyid(PARTY, MAKER.public)
    covered = format_signature_input(
        "tally",
        ("@method", "@authority", "@path", "@query"),
        {"created": NOW, "keyid": keyid, "alg": "ed25519"},
    )
    assert headers["Signature-Input"] == f"tally={covered.text}"
    assert headers == sign_request(MAKER, PARTY, GET, NOW)
