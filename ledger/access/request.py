"""Signed requests: HTTP Message Signatures (RFC 9421), a strict subset (specs/http.md).

    "@method": GET
    "@authority": log.example
    "@path": /contracts/3f9a...
    "@query": ?at=40
    "@signature-params": ("@method" "@authority" "@path" "@query");created=1777888200;keyid="did:key:z6Mk...#z6Mk..."

These lines, joined by newlines, are what a party's key signs: what is asked, of which host, and when. A request with a
body covers `content-digest` as well (RFC 9530), which binds the body. Nothing is signed that a request does not have,
and nothing more than this: a component or a parameter that is not read here would promise what nobody keeps.

A key is named with the party it signs for, `<party>#<key>`: the party's id, and the key's own `did:key` without
"did:key:". Of a party's first key that is the DID URL which every reader of `did:key` knows.

A signature is good for `limits.SIGNED_REQUEST_S` seconds, and as often as it is shown in that time. Whoever can copy
it from inside TLS has seen the answer to it as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from ledger.access.fields import (
    SignatureInput,
    check_content_digest,
    content_digest,
    format_bytes,
    format_signature_input,
    parse_signature,
    parse_signature_input,
)
from ledger.errors import KeyUnknown, Malformed, MalformedKey, RequesterUnproved, SignatureInvalid
from ledger.limits import SIGNED_REQUEST_S
from ledger.statement.envelope import KeyResolver
from ledger.statement.keys import Ed25519Key, PublicKey, parse_did_key
from ledger.statement.signer import Signer
from ledger.units import KeyId, PartyId

LABEL: Final = "tally"

_REQUIRED: Final = ("@method", "@authority", "@path", "@query")
_DIGEST: Final = "content-digest"
_PARAMETERS: Final = frozenset({"created", "expires", "keyid", "alg"})
_DID: Final = "did:key:"
_PORTS: Final = {"http": ":80", "https": ":443"}
_URL: Final = re.compile(
    r"(https?)://([A-Za-z0-9._-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?)"
    r"((?:/[!-\"$->@-~]*)?)(?:\?([!-\"$-~]*))?(?:#[!-~]*)?",
    re.ASCII,
)
"""Scheme, authority without user, path, query; a fragment goes nowhere."""


@dataclass(frozen=True, slots=True)
class Request:
    """What of a request is signed; each text as it goes over the wire, in printable ASCII."""

    method: str
    authority: str
    """Host and port in lower case; the port only where it is not the scheme's own (RFC 9421 2.2.3)."""
    path: str
    query: str
    """What follows the question mark, or "" where there is none."""
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class SignatureFields:
    """The header fields that make a request a signed one."""

    signature_input: str
    signature: str
    content_digest: str | None


def request_to(url: str, method: str = "GET", body: bytes = b"") -> Request:
    """The request that a client sends to a URL. Raises `Malformed`."""
    match = _URL.fullmatch(url)
    if match is None:
        raise Malformed(
            f"{url[:80]!r} is not a URL that a request can be signed for",
            expected="http or https, a host, and nothing but printable ASCII",
        )
    scheme, authority, path, query = match.groups()
    return Request(method, authority.lower().removesuffix(_PORTS[scheme]), path or "/", query or "", body)


def sign_request(signer: Signer, party: PartyId, request: Request, created: int) -> dict[str, str]:
    """The header fields to send with a request, signed for `party`; `created` in seconds since 1970."""
    fields = {"Content-Digest": content_digest(request.body)} if request.body else {}
    algorithm = _algorithm(signer.public)
    components = (*_REQUIRED, _DIGEST) if request.body else _REQUIRED
    covered = format_signature_input(
        LABEL, components, {"created": created, "keyid": format_keyid(party, signer.public), "alg": algorithm}
    )
    lines = _lines(request, components, fields.get("Content-Digest"))
    return fields | {
        "Signature-Input": f"{LABEL}={covered.text}",
        "Signature": format_bytes(LABEL, signer.sign(signature_base(lines, covered))),
    }


def verify_request(
    request: Request,
    fields: SignatureFields,
    now: int,
    authorities: Collection[str],
    resolve: KeyResolver,
) -> PartyId:
    """The party whose key signed the request. Raises `RequesterUnproved`.

    `authorities` are the hosts this log answers to: a request that was signed for another one is somebody else's,
    shown again. `resolve` answers a key that is its party's now.
    """
    covered = parse_signature_input(fields.signature_input)
    signature = parse_signature(fields.signature, covered.label)
    _check_components(covered, with_body=bool(request.body))
    _check_times(covered, now)
    if request.authority not in authorities:
        raise RequesterUnproved(
            f"the request is signed for {request.authority[:80]!r}",
            expected=" or ".join(sorted(authorities)) or "a host, of which this log was told none",
            hint="sign for the host the log is reached under; its operator sets which that are",
        )
    if request.body:
        check_content_digest(fields.content_digest or "", request.body)
    party, key = _resolve(covered, resolve)
    _check_algorithm(covered, key)
    try:
        key.verify(
            signature_base(_lines(request, covered.components, fields.content_digest), covered), signature
        )
    except SignatureInvalid as error:
        raise RequesterUnproved(
            f"the signature is not one by {key.did} over this request: {error.found}",
            expected=f"one over its method, host, path, query{' and body' if request.body else ''} as they came",
            hint="sign the request again, as it is sent; a proxy on the way must not change any of these",
        ) from error
    return party


def signature_base(lines: Sequence[tuple[str, str]], covered: SignatureInput) -> bytes:
    """What is signed (RFC 9421 2.5): a line for each component, and the parameters. Raises `RequesterUnproved`."""
    if not all(value.isascii() and value.isprintable() for _, value in lines):
        raise RequesterUnproved(
            "a signed component that is not printable ASCII", expected="text that stands on one line"
        )
    return "\n".join(
        [*(f'"{name}": {value}' for name, value in lines), f'"@signature-params": {covered.text}']
    ).encode()


def format_keyid(party: PartyId, key: PublicKey) -> str:
    """How a party's key is named: `<party>#<key>`."""
    return f"{party}#{key.did.removeprefix(_DID)}"


def parse_keyid(text: str) -> tuple[PartyId, KeyId]:
    """Read what `format_keyid` wrote. Raises `RequesterUnproved`."""
    party, _, key = text.partition("#")
    try:
        return parse_did_key(party).did, parse_did_key(_DID + key).kid
    except MalformedKey as error:
        raise RequesterUnproved(
            f"{text[:140]!r} does not name a party's key: {error.found}",
            expected="the party's id, #, and the key's did:key without did:key:",
        ) from error


def _lines(request: Request, components: Sequence[str], digest: str | None) -> list[tuple[str, str]]:
    """The covered components with their values, in the order in which they are listed."""
    values = {
        "@method": request.method,
        "@authority": request.authority,
        "@path": request.path,
        "@query": f"?{request.query}",  # also where there is none (RFC 9421 2.2.7)
        _DIGEST: digest or "",
    }
    return [(name, values[name]) for name in components]


def _check_components(covered: SignatureInput, *, with_body: bool) -> None:
    needed = {*_REQUIRED, _DIGEST} if with_body else {*_REQUIRED}
    found = set(covered.components)
    if found == needed:
        return
    said = [f"does not cover {name}" for name in sorted(needed - found)]
    said += [f"covers {name}, which is not read here" for name in sorted(found - needed)]
    raise RequesterUnproved(
        f"the signature {said[0][:80]}",
        expected=" ".join(f'"{name}"' for name in (*_REQUIRED, _DIGEST) if name in needed),
        hint="sign what makes the request, and nothing else",
    )


def _check_times(covered: SignatureInput, now: int) -> None:
    """Raises for a signature that is not of now, or with a parameter nobody would look at."""
    if unread := covered.parameters.keys() - _PARAMETERS:
        raise RequesterUnproved(
            f"the signature has a parameter {min(unread)[:40]}, which is not read here",
            expected="created, keyid, and perhaps expires and alg",
        )
    created, expires = covered.parameters.get("created"), covered.parameters.get("expires", now)
    if not isinstance(created, int) or not isinstance(expires, int):
        raise RequesterUnproved(
            "the signature does not say when it was made", expected="created, in seconds since 1970"
        )
    age = now - created
    if abs(age) > SIGNED_REQUEST_S or expires < now:
        when = f"{age} s ago" if age >= 0 else f"{-age} s ahead of the clock here"
        ended = f", and ended {now - expires} s ago" if expires < now else ""
        raise RequesterUnproved(
            f"the request was signed {when}{ended}",
            expected=f"one that was signed within {SIGNED_REQUEST_S} s",
            hint="sign it again; and set the clock, if it is wrong",
        )


def _resolve(covered: SignatureInput, resolve: KeyResolver) -> tuple[PartyId, PublicKey]:
    keyid = covered.parameters.get("keyid")
    if not isinstance(keyid, str):
        raise RequesterUnproved("the signature does not name its key", expected='keyid="<party>#<key>"')
    party, kid = parse_keyid(keyid)
    try:
        return party, resolve(party, kid)
    except KeyUnknown as error:
        raise RequesterUnproved(error.found, expected=error.expected, hint=error.hint) from error


def _algorithm(key: PublicKey) -> str:
    """The name in the IANA registry "HTTP Signature Algorithms" (RFC 9421 6.2)."""
    return "ed25519" if isinstance(key, Ed25519Key) else "ecdsa-p256-sha256"


def _check_algorithm(covered: SignatureInput, key: PublicKey) -> None:
    named, own = covered.parameters.get("alg"), _algorithm(key)
    if named not in {None, own}:
        raise RequesterUnproved(
            f"the signature names the algorithm {named!s:.40}", expected=f"{own}, for {key.did}"
        )
