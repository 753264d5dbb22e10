"""Every answer tells a browser what it may do with it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from api.access.headers import SecurityHeaders
from api.app import build_app
from api.service import Service
from api.settings import Settings
from tests.support.asgi import ask
from tests.support.spine import LOG_SIGNER

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


@pytest.mark.parametrize(("method", "path"), [("POST", "/entries"), ("GET", "/contracts")])
def test_an_answer_to_a_fault_of_our_own_carries_them_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    app = build_app(Settings(log=folder), LOG_SIGNER)
    with TestClient(app, raise_server_exceptions=False) as client:
        monkeypatch.setattr(Service, "waiting", property(broken))
        monkeypatch.setattr(Service, "reader", broken)
        answer = client.request(method, path, headers={"content-type": "application/cose"})
    assert answer.status_code == 500
    assert "the server failed at this" in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" in answer.headers
