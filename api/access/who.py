"""Who asks: from the header fields of a request, by what specs/http.md takes for proof.

    @router.get("/statements/{id}")
    def statement(service: At, who: Asking) -> Response: ...

`Asking` is `NOBODY` where nothing was shown, so that a route decides what nobody may see; `Known` refuses nobody with
401. Where the log is public everyone is `ANYONE`, and nothing is looked at. Something that was shown and is not good
is refused, whatever was asked for: who shows it believes to be somebody.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Annotated, Final

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request, cookie_parser

from api.access.budgets import kind_of
from api.access.requester import ANYONE, NOBODY, Requester
from api.service import Service, service_of
from api.settings import Settings
from ledger.access.request import Request as Asked
from ledger.access.request import SignatureFields, request_to, verify_request
from ledger.access.token import Token, verify_token
from ledger.errors import KeyUnknown, RequesterUnproved
from ledger.proof.note import format_vkey
from ledger.rules.identity import key_in_force
from ledger.statement.envelope import KeyResolver
from ledger.statement.keys import PublicKey
from ledger.units import KeyId, PartyId

COOKIE: Final = "tally-token"

RawHeaders = Iterable[tuple[bytes, bytes]]
"""Names in lower case, as ASGI has them."""

_BEARER: Final = "bearer "
_LOOPBACK: Final = frozenset({"127.0.0.1", "[::1]", "localhost"})
_PORT: Final = re.compile(r":[0-9]{1,5}\Z", re.ASCII)
_HINT: Final = "show a token (`tally token`), or sign the request (specs/http.md)"


async def requester(request: Request) -> Requester:
    """Who asks. Raises `RequesterUnproved` for a proof that is not good, `TooManyRequests` for a party that has asked
    for more than one address may, from however many addresses."""
    service = service_of(request)
    if service.settings.reads == "public":
        return ANYONE
    body = await request.body() if "signature-input" in request.headers else b""
    query = request.scope["query_string"]
    target = request.scope["raw_path"] + (b"?" + query if query else b"")
    who = await run_in_threadpool(requester_of, request.headers.raw, request.method, target, service, body)
    if who.party is not None and (kind := kind_of(request.scope)) is not None:
        request.app.state.budgets.spend(who.party, kind)
    return who


async def known_requester(who: Annotated[Requester, Depends(requester)]) -> Requester:
    """Who asks, where nobody in particular may not. Raises `RequesterUnproved`."""
    if who == NOBODY:
        raise RequesterUnproved(
            "this log shows its contents to parties only, and nobody says who asks", hint=_HINT
        )
    return who


Asking = Annotated[Requester, Depends(requester)]
Known = Annotated[Requester, Depends(known_requester)]


def requester_of(
    headers: RawHeaders, method: str, target: bytes, service: Service, body: bytes = b""
) -> Requester:
    """Who asks, by the parts of a request; `target` is its path and query as sent. Raises `RequesterUnproved`.

    Costs nothing where the log is public or nothing is shown; else one look into the log and one verification.
    """
    if service.settings.reads == "public":
        return ANYONE
    shown = _fields(headers)
    if "authorization" in shown:
        return by_token(_bearer(shown["authorization"]), service)[0]
    if "signature-input" in shown:
        return _by_signature(shown, method, target.decode("latin-1"), service, body)
    token = cookie_parser(shown.get("cookie", "")).get(COOKIE)
    return by_token(token, service)[0] if token else NOBODY


def by_token(text: str, service: Service) -> tuple[Requester, Token]:
    """Who may read by a token, and what it says. Raises `RequesterUnproved`."""
    operator = service.vkey.key.did
    token = verify_token(text, int(time.time()), format_vkey(service.vkey), operator, keys_of(service))
    return Requester(token.subject, everything=token.subject is None), token


def keys_of(service: Service) -> KeyResolver:
    """The keys that are good in the log as it is now: the parties', and the log's own."""

    def resolve(party: PartyId, kid: KeyId) -> PublicKey:
        own = service.vkey.key
        if (party, kid) == (own.did, own.kid):
            return own
        with service.reader() as reader:
            key = key_in_force(reader.store, party, kid)
        if key is None:
            raise KeyUnknown(
                f"{party} has no key {kid.hex()[:12]} in this log now",
                expected="a key it enrolled with or added, and has not revoked",
                hint="submit its party.enrolled or key.added first, or use another of its keys",
            )
        return key

    return resolve


def own_authorities(settings: Settings, host: str) -> frozenset[str]:
    """The hosts this server answers to: the one of its URL; without, the address it listens on, at whatever port
    `host` (the field of a request) names, since a server may take a free one."""
    if settings.url is not None:
        return frozenset({request_to(settings.url).authority})
    listens = f"[{settings.host}]" if ":" in settings.host else settings.host
    names = _LOOPBACK if listens in _LOOPBACK else frozenset({listens})
    port = _PORT.search(host)
    return frozenset(name + (port[0] if port else "") for name in names)


def _by_signature(
    shown: dict[str, str], method: str, target: str, service: Service, body: bytes
) -> Requester:
    path, _, query = target.partition("?")
    host = shown.get("host", "").lower()
    party = verify_request(
        Asked(method, host, path or "/", query, body),
        SignatureFields(shown["signature-input"], shown.get("signature", ""), shown.get("content-digest")),
        int(time.time()),
        own_authorities(service.settings, host),
        keys_of(service),
    )
    is_operator = party == service.vkey.key.did
    return Requester(None if is_operator else party, everything=is_operator)


def _fields(headers: RawHeaders) -> dict[str, str]:
    """The fields that say who asks. Raises `RequesterUnproved` for one that comes twice: one of them is a lie."""
    found: dict[str, str] = {}
    for raw, value in headers:
        name = raw.decode("latin-1")
        if name in _PROOFS:
            if name in found:
                raise RequesterUnproved(f"the field {name} came twice", expected="once")
            found[name] = value.decode("latin-1")
    return found


_PROOFS: Final = frozenset(
    {"authorization", "signature-input", "signature", "content-digest", "cookie", "host"}
)


def _bearer(field: str) -> str:
    """The token of an Authorization field (RFC 6750 2.1)."""
    if field[: len(_BEARER)].lower() != _BEARER:
        raise RequesterUnproved("an Authorization that is not a token's", expected="Bearer TOKEN", hint=_HINT)
    return field[len(_BEARER) :]
