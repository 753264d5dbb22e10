"""Every answer tells a browser what it may do with it."""

from __future__ import annotations

import asyncio

import pytest
from starlette.responses import PlainTextResponse

from api.access.headers import SecurityHeaders
from tests.support.asgi import ask

CLOSED = [
    "/",
    "/entries",
    "/statements/3f9a",
    "/bundles/3f9a",
    "/contracts",
    "/c/3f9a",
    "/session",
    "/health",
    "/tiles",
]
OPEN = ["/checkpoint", "/tile/0/000", "/.well-known/scitt-keys", "/entries/3f9a", "/proofs/inclusion"]


def fields(path: str, *, https: bool = False) -> dict[str, str]:
    app = SecurityHeaders(PlainTextResponse("here", headers={"x-own": "kept"}), https=https)
    return asyncio.run(ask(app, target=path)).headers


@pytest.mark.parametrize("path", CLOSED + OPEN)
def test_nothing_that_is_answered_runs_or_is_guessed_at(path: str) -> None:
    found = fields(path)
    policy = dict(rule.split(" ", 1) for rule in found["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "no-referrer"
    assert found["cross-origin-opener-policy"] == "same-origin"
    assert found["x-own"] == "kept"


@pytest.mark.parametrize("path", OPEN)
def test_the_digests_are_for_pages_of_every_origin(path: str) -> None:
    found = fields(path)
    assert found["access-control-allow-origin"] == "*"
    assert found["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize("path", CLOSED)
def test_contents_are_for_this_servers_own_pages(path: str) -> None:
    found = fields(path)
    assert "access-control-allow-origin" not in found
    assert found["cross-origin-resource-policy"] == "same-origin"


def test_a_server_that_is_reached_by_tls_asks_for_it_from_then_on() -> None:
    assert fields("/", https=True)["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in fields("/")
