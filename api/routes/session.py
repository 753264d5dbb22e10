"""`/session`: a browser takes a token into a cookie, and gives it up again.

The cookie is the token itself, good exactly as long: the server keeps no sessions. No script reads it (`HttpOnly`), no
other site's page sends it along (`SameSite=Strict`), and it travels in TLS only, but for a server on one's own machine.
"""

from __future__ import annotations

import time
from typing import Annotated, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.access.who import COOKIE, by_token
from api.problems import documented
from api.service import Service, service_of
from api.settings import Settings
from ledger.errors import AccessDenied, Malformed, RequesterUnproved, UnsupportedMedia

router = APIRouter(tags=["access"])
At = Annotated[Service, Depends(service_of)]

FORM: Final = "application/x-www-form-urlencoded"
_FIELD: Final = "token"
_SENDING: Final = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": [_FIELD],
                    "properties": {_FIELD: {"type": "string", "description": "As `tally token` printed it."}},
                }
            }
        },
    }
}


@router.post(
    "/session",
    status_code=303,
    response_class=RedirectResponse,
    summary="Take a token into a cookie",
    responses={**documented(Malformed, RequesterUnproved, AccessDenied, UnsupportedMedia)},
    openapi_extra=_SENDING,
)
async def begin(request: Request, service: At) -> Response:
    """Check a token, set it as the cookie `tally-token` until it ends, and go to the first page."""
    _same_origin(request)
    text = await _token(request)
    _, token = await run_in_threadpool(by_token, text, service)
    answer = RedirectResponse("/", 303, {"cache-control": "no-store"})
    answer.set_cookie(
        COOKIE,
        text,
        max_age=token.expires_at - int(time.time()),
        secure=_is_reached_by_tls(service.settings),
        httponly=True,
        samesite="strict",
    )
    return answer


@router.delete(
    "/session", status_code=204, summary="Give the cookie up", responses={**documented(AccessDenied)}
)
async def end(request: Request) -> Response:
    """Take the cookie back. The token itself stays good until it ends, or its key is revoked."""
    _same_origin(request)
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def _is_reached_by_tls(settings: Settings) -> bool:
    """Or is to be: a cookie goes over the plain network only to a loopback address that nothing is said of."""
    return (settings.url or "").startswith("https:") or settings.host not in {"127.0.0.1", "::1", "localhost"}


def _same_origin(request: Request) -> None:
    """Raises `AccessDenied` for a form of another site: it would have somebody read under its own token."""
    site = request.headers.get("sec-fetch-site", "none")
    if site not in {"none", "same-origin"}:
        raise AccessDenied(
            f"a {site[:20]} page asked for this", expected="a page of this server, or no page at all"
        )


async def _token(request: Request) -> str:
    """The token in the form. Raises `UnsupportedMedia`, `Malformed`."""
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media != FORM:
        raise UnsupportedMedia(f"the request's type is {media[:80]!r}", expected=FORM)
    try:
        fields = parse_qs((await request.body()).decode("ascii"), strict_parsing=True, max_num_fields=1)
        [token] = fields[_FIELD]
    except (ValueError, KeyError):
        raise Malformed("the form cannot be read", expected=f"one field, {_FIELD}") from None
    return token.strip()
