"""Header fields of a signed request: Structured Fields (RFC 9651), in the one spelling a serializer gives them.

    Signature-Input  tally=("@method" "@authority");created=1777888200;keyid="did:key:z6Mk...#z6Mk..."
    Signature        tally=:MEUCIQ...==:
    Content-Digest   sha-256=:X48E9q...=:

Each is a dictionary of one member. What RFC 9651 tolerates beyond what it writes (spaces at other places, several
members, base64 with stray bits or without padding) is refused, so that a field says one thing to every reader, and
`SignatureInput.text` is the very text that is signed. Also refused are components with parameters, and strings with
escapes: nothing here needs them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledger.errors import RequesterUnproved
from ledger.limits import SIGNATURE_FIELD_CHARS

_KEY: Final = r"[a-z*][a-z0-9_.*-]*"
_STRING: Final = r'"[ !#-\[\]-~]*"'
_INTEGER: Final = r"0|-?[1-9][0-9]{0,14}"
_BYTES: Final = re.compile(rf"({_KEY})=:([A-Za-z0-9+/]*={{0,2}}):", re.ASCII)
_INPUT: Final = re.compile(
    rf"({_KEY})=(\((|{_STRING}(?: {_STRING})*)\)((?:;{_KEY}=(?:{_INTEGER}|{_STRING}))*))", re.ASCII
)
_COMPONENT: Final = re.compile(_STRING, re.ASCII)
_PARAMETER: Final = re.compile(rf";({_KEY})=(?:({_INTEGER})|({_STRING}))", re.ASCII)
_SHA256: Final = "sha-256"


@dataclass(frozen=True, slots=True)
class SignatureInput:
    """What a signature covers, under its label in both fields."""

    label: str
    components: tuple[str, ...]
    parameters: Mapping[str, int | str]
    text: str
    """The inner list as it stands in the field: the last line of what is signed (RFC 9421 2.3)."""


def parse_signature_input(field: str) -> SignatureInput:
    """Read the field `Signature-Input` (RFC 9421 4.1). Raises `RequesterUnproved`."""
    match = _INPUT.fullmatch(_bounded("Signature-Input", field))
    if match is None:
        raise _unreadable("Signature-Input", field, 'label=("component" ...);created=SECONDS;keyid="KEY"')
    label, text, components, parameters = match.groups()
    listed = [one[1:-1] for one in _COMPONENT.findall(components)]
    named = _PARAMETER.findall(parameters)
    values = {name: int(number) if number else quoted[1:-1] for name, number, quoted in named}
    if len(set(listed)) < len(listed) or len(values) < len(named):
        raise _unreadable("Signature-Input", field, "each component and each parameter once")
    return SignatureInput(label, tuple(listed), values, text)


def format_signature_input(
    label: str, components: tuple[str, ...], parameters: Mapping[str, int | str]
) -> SignatureInput:
    """The same from its parts, in their order; `parse_signature_input` of `label=text` gives it back."""
    listed = " ".join(f'"{one}"' for one in components)
    named = "".join(
        f';{name}="{value}"' if isinstance(value, str) else f";{name}={value}"
        for name, value in parameters.items()
    )
    return SignatureInput(label, components, parameters, f"({listed}){named}")


def parse_signature(field: str, label: str) -> bytes:
    """Read the field `Signature` (RFC 9421 4.2): the bytes under `label`. Raises `RequesterUnproved`."""
    return _parse_bytes("Signature", field, label)


def format_bytes(label: str, value: bytes) -> str:
    """A dictionary with one byte sequence (RFC 9651 3.3.5)."""
    return f"{label}=:{base64.b64encode(value).decode()}:"


def content_digest(body: bytes) -> str:
    """The field `Content-Digest` of a body (RFC 9530 2), by SHA-256."""
    return format_bytes(_SHA256, sha256(body).digest())


def check_content_digest(field: str, body: bytes) -> None:
    """Return if `field` is the digest of `body`, by SHA-256 alone. Raises `RequesterUnproved`."""
    found = _parse_bytes("Content-Digest", field, _SHA256)
    if found != sha256(body).digest():
        raise RequesterUnproved(
            f"the Content-Digest {field} is not that of the {len(body)} bytes that came",
            expected=content_digest(body),
            hint="the body was changed on its way, or digested before it was final: send it again",
        )


def _parse_bytes(name: str, field: str, label: str) -> bytes:
    match = _BYTES.fullmatch(_bounded(name, field))
    if match is not None:
        try:
            value = base64.b64decode(match[2], validate=True)
        except binascii.Error:
            value = b""
        # One spelling, under the right label: the decoder takes stray bits in the last digit.
        if format_bytes(label, value) == field:
            return value
    raise _unreadable(name, field, f"{label}=:BASE64:")


def _bounded(name: str, field: str) -> str:
    if len(field) > SIGNATURE_FIELD_CHARS:
        raise RequesterUnproved(
            f"a {name} of {len(field)} characters", expected=f"at most {SIGNATURE_FIELD_CHARS}"
        )
    return field


def _unreadable(name: str, field: str, expected: str) -> RequesterUnproved:
    return RequesterUnproved(
        f"the {name} {field[:80]!r} is not one that is read here",
        expected=expected,
        hint="sign the request as specs/http.md describes",
    )
