"""Every route of the server, whoever asks: what is open is listed here, and all else wants to know who asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient

from tests.support.parties import ASHA, BO, STRANGER, World, bearer, signed, token

OPEN = {
    "GET /checkpoint",
    "GET /tile/{path:path}",
    "GET /tile/entries/{path:path}",
    "GET /.well-known/scitt-keys",
    "GET /.well-known/scitt-keys/{kid}",
    "GET /entries/{id}",
    "GET /proofs/inclusion/{id}",
    "GET /proofs/consistency/{old}/{new}",
    "GET /log",
    "GET /health",
    "GET /metrics",
    "GET /problems/{code}",
    "GET /openapi.json",
    "GET /verify",
    "POST /entries",
    "POST /statements",
    "POST /session",
    "DELETE /session",
}
"""Digests, what the server says of itself, and what is written: that is authorised by its own signatures."""


def routes(world: World) -> Iterator[tuple[str, str]]:
    app = world.client().app
    assert isinstance(app, FastAPI)
    for route in _all(app.routes):
        for method in sorted(route.methods or ()):
            if route.path != "/who" and method not in {"HEAD", "OPTIONS"}:
                yield method, route.path


def _all(routes: Sequence[BaseRoute]) -> Iterator[Route | APIRoute]:
    for route in routes:
        if (router := getattr(route, "original_router", None)) is not None:
            yield from _all(router.routes)
        elif isinstance(route, Mount):
            assert route.path == "/static", "files of the pages, with nothing of any log in them"
        else:
            assert isinstance(route, Route | APIRoute), f"{route} is of a kind this test does not know"
            yield route


def target(path: str, world: World) -> str:
    """The path with something in its gaps that is there, where it can be."""
    values = {
        "id": world.enrolled,
        "path:path": "0/000.p/1",
        "kid": "00",
        "code": "refused",
        "old": "1",
        "new": "2",
    }
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def test_what_is_said_to_be_open_is_there(world: World) -> None:
    assert {f"{method} {path}" for method, path in routes(world)} >= OPEN


def test_all_but_what_is_listed_wants_to_know_who_asks(world: World, client: TestClient) -> None:
    for method, path in routes(world):
        answer = client.request(method, target(path, world))
        asks = answer.status_code == 401 and "requester-unproved" in answer.text  # a problem, or a page
        assert asks is (f"{method} {path}" not in OPEN), f"{method} {path}: {answer.status_code}"


@pytest.mark.parametrize("who", ["stranger's token", "stranger's signature", "token under another's name"])
def test_a_proof_that_is_not_good_opens_nothing(world: World, client: TestClient, who: str) -> None:
    for method, path in routes(world):
        if f"{method} {path}" in OPEN:
            continue
        asked = target(path, world)
        headers = {
            "stranger's token": lambda: bearer(token(STRANGER, ASHA.party)),
            "stranger's signature": lambda: signed(STRANGER, ASHA.party, asked, method),  # noqa: B023
            "token under another's name": lambda: bearer(token(BO.signer, BO.party, ASHA.party)),
        }[who]()
        assert client.request(method, asked, headers=headers).status_code == 401, path
