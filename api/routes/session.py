"""`/session`: a browser takes a token into a cookie, and gives it up again.

The cookie is the token itself, good exactly as long: the server keeps no sessions. No script reads it (`HttpOnly`), no
other site's page sends it along (`SameSite=Strict`), and it travels in TLS only, but for a server on one's own machine.
"""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response
from starlette.requests import Request

from api.access.who import COOKIE, by_token
from api.problems import documented
from api.service import Service, service_of
from api.settings import Settings
from ledger.errors import AccessDenied, Malformed, RequesterUnproved, TooLarge, UnsupportedMedia

router = APIRouter(tags=["access"])
At = Annotated[Service, Depends(service_of)]


@router.post(
    "/session",
    status_code=303,
    response_class=RedirectResponse,
    summary="Take a token into a cookie",
    responses=documented(Malformed, RequesterUnproved, AccessDenied, TooLarge, UnsupportedMedia),
)
def begin(
    request: Request, service: At, token: Annotated[str, Form(description="As `tally token` printed it.")]
) -> Response:
    """Check a token, set it as the cookie `tally-token` until it ends, and go to the first page."""
    _same_origin(request)
    text = token.strip()
    _, proved = by_token(text, service)
    answer = RedirectResponse("/", 303, {"cache-control": "no-store"})
    answer.set_cookie(
        COOKIE,
        text,
        max_age=proved.expires_at - int(time.time()),
        secure=_is_reached_by_tls(service.settings),
        httponly=True,
        samesite="strict",
    )
    return answer


@router.delete("/session", status_code=204, summary="Give the cookie up", responses=documented(AccessDenied))
def end(request: Request) -> Response:
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
