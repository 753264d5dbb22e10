"""Header fields that every answer carries, so that a browser does with it only what is meant.

Pages load scripts, styles and pictures from this server and nowhere else, talk to it alone, run nothing that stands in
them, and are shown in no frame: whatever a statement's text says, it stays text. The log's digests are for everybody,
so any page may read those, and nothing else of this server.
"""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
"""Content Security Policy, Level 3."""

HTTPS_ONLY_S: Final = 365 * 86_400

OPEN: Final = ("/checkpoint", "/tile/", "/.well-known/", "/entries/", "/proofs/")
"""Where the log's digests are: paths that begin so are for pages of every origin to read."""

Fields = list[tuple[bytes, bytes]]


class SecurityHeaders:
    """Adds them to whatever is answered; `https` is whether the server is reached so."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        always = {
            "content-security-policy": POLICY,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin",
        }
        if https:
            always["strict-transport-security"] = f"max-age={HTTPS_ONLY_S}"
        self._own = _encoded(always | {"cross-origin-resource-policy": "same-origin"})
        self._open = _encoded(
            always | {"cross-origin-resource-policy": "cross-origin", "access-control-allow-origin": "*"}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        fields = self._open if scope["path"].startswith(OPEN) else self._own

        async def with_fields(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *fields]
            await send(message)

        await self._app(scope, receive, with_fields)


def _encoded(fields: dict[str, str]) -> Fields:
    return [(name.encode(), value.encode()) for name, value in fields.items()]
