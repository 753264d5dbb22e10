"""Tokens: a text to show instead of signing each request, for browsers, scripts and people (specs/http.md).

    token     = "tally1." base64url( 18([ << protected >>, {}, << claims >>, signature ]) )     CWT (RFC 8392), cose.py
    protected = { 1: alg, 4: kid, 16: "application/vnd.tallystick.token+cwt" }                   typ: RFC 9596
    claims    = { 1: iss, 2: sub, 3: aud, 4: exp, 6: iat }

`iss` and `kid` name the party's key that signed, as in a statement; `aud` is the verifier key of the one log the
token is for, so that no other log, whatever it calls itself, can show it on. `sub` is who may read by it: the issuer
itself. The log's own key may issue one for any party, or for "operator", who reads everything.

Whoever has a token has what it opens, until `exp` (seconds since 1970), at most `limits.TOKEN_DAYS` after `iat`. The
log keeps nothing of it, so there is no secret to leak or to compare: a token is good as long as its key is one of its
party's, and revoking the key ends it. `typ` makes it something else than a statement or a receipt, which the same
keys sign.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.errors import KeyUnknown, Malformed, RequesterUnproved, SignatureInvalid
from ledger.limits import SIGNED_REQUEST_S, TOKEN_CHARS, TOKEN_DAYS
from ledger.statement import cbor
from ledger.statement.cose import (
    ALG,
    CLAIM_IAT,
    CLAIM_ISS,
    CLAIM_SUB,
    KID,
    Sign1,
    decode_protected,
    decode_sign1,
    encode_sign1,
    signed_bytes,
)
from ledger.statement.envelope import KeyResolver
from ledger.statement.keys import parse_did_key
from ledger.statement.signer import Signer
from ledger.units import KeyId, PartyId

OPERATOR: Final = "operator"
"""The subject of a token that opens everything."""

TOKEN_TYPE: Final = "application/vnd.tallystick.token+cwt"  # noqa: S105 (a media type)
DAY_S: Final = 86_400

_PREFIX: Final = "tally1."
_TYP: Final = 16  # RFC 9596
_CLAIM_AUD: Final = 3
_CLAIM_EXP: Final = 4
_HEADER: Final = frozenset({ALG, KID, _TYP})
_CLAIMS: Final = {CLAIM_ISS: str, CLAIM_SUB: str, _CLAIM_AUD: str, _CLAIM_EXP: int, CLAIM_IAT: int}


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says."""

    log: str
    """The verifier key (C2SP) of the log it is for."""
    issuer: PartyId
    subject: PartyId | None
    """The party that may read by it; None for the operator."""
    issued_at: int
    expires_at: int


def issue_token(signer: Signer, token: Token) -> str:
    """Sign a token; the same text every time for the same arguments. Raises `Malformed` for one nobody would take."""
    _check_span(token)
    protected = cbor.encode({ALG: signer.algorithm, KID: signer.public.kid, _TYP: TOKEN_TYPE})
    claims = cbor.encode(
        {
            CLAIM_ISS: token.issuer,
            CLAIM_SUB: token.subject or OPERATOR,
            _CLAIM_AUD: token.log,
            _CLAIM_EXP: token.expires_at,
            CLAIM_IAT: token.issued_at,
        }
    )
    text = _format(encode_sign1(Sign1(protected, {}, claims, signer.sign(signed_bytes(protected, claims)))))
    if len(text) > TOKEN_CHARS:
        raise Malformed(
            f"a token of {len(text)} characters",
            expected=f"at most {TOKEN_CHARS}: the log's name is too long",
        )
    return text


def verify_token(text: str, now: int, log: str, operator: PartyId, resolve: KeyResolver) -> Token:
    """What a token says, once it is proved. Raises `RequesterUnproved`.

    `log` is this log's verifier key and `operator` its own key, both compared with what the token says; `resolve`
    answers a key that is its party's now.
    """
    sign1, kid, token = _read(text)
    if token.log != log:
        raise RequesterUnproved(
            f"the token is for the log {token.log[:120]!r}",
            expected=log,
            hint="make one for this log, with its verifier key",
        )
    _check_times(token, now)
    if token.issuer not in {token.subject, operator}:
        raise RequesterUnproved(
            f"{token.issuer} issued a token for {token.subject or OPERATOR}",
            expected="a party's own key for the party itself; the log's own key for anyone",
        )
    _verify(sign1, token.issuer, kid, resolve)
    return token


def _read(text: str) -> tuple[Sign1, KeyId, Token]:
    """The parts of a token, of which nothing is proved."""
    if len(text) > TOKEN_CHARS:
        raise RequesterUnproved(f"a token of {len(text)} characters", expected=f"at most {TOKEN_CHARS}")
    try:
        data = base64.urlsafe_b64decode(text.removeprefix(_PREFIX) + "==")
        sign1 = decode_sign1(data)
        header, claims = decode_protected(sign1), cbor.decode(sign1.payload or b"")
        if _format(data) != text or not _is_token(sign1, header, claims):
            raise _unreadable()
        subject = claims[CLAIM_SUB]
        token = Token(
            claims[_CLAIM_AUD],
            parse_did_key(claims[CLAIM_ISS]).did,
            None if subject == OPERATOR else parse_did_key(subject).did,
            claims[CLAIM_IAT],
            claims[_CLAIM_EXP],
        )
    except (binascii.Error, ValueError, Malformed):
        raise _unreadable() from None
    return sign1, KeyId(header[KID]), token


def _is_token(sign1: Sign1, header: Mapping[Any, Any], claims: Any) -> bool:
    """Whether it has exactly the members of a token, each of its kind."""
    return (
        not sign1.unprotected
        and header.keys() == _HEADER
        and type(header[KID]) is bytes
        and header[_TYP] == TOKEN_TYPE
        and type(claims) is dict
        and {label: type(value) for label, value in claims.items()} == _CLAIMS
    )


def _check_times(token: Token, now: int) -> None:
    if token.expires_at <= now:
        raise RequesterUnproved(
            f"the token ended {now - token.expires_at} s ago", hint="make a new one with `tally token`"
        )
    if token.issued_at > now + SIGNED_REQUEST_S:
        raise RequesterUnproved(
            f"the token was made {token.issued_at - now} s ahead of the clock here",
            hint="set the clock of the machine that made it, and make it again",
        )
    try:
        _check_span(token)
    except Malformed as error:
        raise RequesterUnproved(error.found, expected=error.expected, hint=error.hint) from None


def _check_span(token: Token) -> None:
    if not 0 < token.expires_at - token.issued_at <= TOKEN_DAYS * DAY_S:
        raise Malformed(
            f"a token that is good for {(token.expires_at - token.issued_at) / DAY_S:g} days",
            expected=f"more than none, and at most {TOKEN_DAYS}",
            hint="make a new one in time; whoever finds a token has what it opens until it ends",
        )


def _verify(sign1: Sign1, issuer: PartyId, kid: KeyId, resolve: KeyResolver) -> None:
    try:
        key = resolve(issuer, kid)
        if decode_protected(sign1)[ALG] not in key.algorithms:
            raise SignatureInvalid("it names an algorithm that is not its key's")
        key.verify(signed_bytes(sign1.protected, sign1.payload or b""), sign1.signature)
    except (KeyUnknown, SignatureInvalid) as error:
        raise RequesterUnproved(
            f"the token is not signed with a key of {issuer} that is good now: {error.found}",
            expected=error.expected,
            hint="make a new one with a key the party has now",
        ) from error


def _format(data: bytes) -> str:
    return _PREFIX + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unreadable() -> RequesterUnproved:
    """Without the text: who mistook a passphrase for a token finds it in no answer and no log line."""
    return RequesterUnproved(
        "what was shown is not a token", expected=f"{_PREFIX}..., as `tally token` prints it"
    )
