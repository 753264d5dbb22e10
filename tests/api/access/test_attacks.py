"""Requests that no honest client makes, against the whole application."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from tests.support.asgi import Answer, ask
from tests.support.parties import World, make_world

PASSWD = "root:"


@pytest.fixture(scope="module")
def open_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A public log, so that nothing but the path stands between a request and the contents."""
    with make_world(tmp_path_factory.mktemp("public")).client(reading="public") as client:
        yield client


def got(client: TestClient, target: str, method: str = "GET") -> Answer:
    """As it would arrive from a socket: no client has tidied the path up."""
    return asyncio.run(ask(client.app, method, target, [(b"host", b"log.example")]))


PLACES = (
    "/ /tile/ /tile/entries/ /tile/0/ /statements/ /entries/ /bundles/ /proofs/inclusion/ "
    "/.well-known/scitt-keys/ /problems/ /static/"
).split()
TILES = (
    "0/0 0/00 0/x000/000 0/000.p/0 0/000.p/256 0/000.p/6/ -1/000 64/000 0/999999999999999999999 /0/000 entries/000.p/7 "
    "entries/0/000 0/000.p/+6 0/000.p/06 0/000.p/6%20 0/000%00 1/000"
).split()
NAMES = [
    "'; DROP TABLE entries; --", "%25", "%00", "3f9a%0d%0aset-cookie:x=1", "*", "[0-9a-f]", "_" * 64, "3F9A", "٣f9a",
    "%ff%fe", "a" * 65, "{id}", "<script>alert(1)</script>",
]  # fmt: skip
FIELDS = {
    "content-type", "content-length", "cache-control", "content-security-policy", "x-content-type-options",
    "referrer-policy", "cross-origin-opener-policy", "cross-origin-resource-policy", "access-control-allow-origin",
    "strict-transport-security",
}  # fmt: skip
STEPS = ["../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "..%5c", "....//", "..;/", "..%00/", "..%c0%af"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("place", PLACES)
def test_no_path_leads_out_of_the_log(open_client: TestClient, place: str, step: str) -> None:
    for file in ("etc/passwd", "log/high-water", "log/log.db"):
        answer = got(open_client, place + step * 8 + file)
        assert answer.status in {400, 404}, answer.body
        assert answer.headers["content-type"].startswith(("application/problem+json", "application/concise"))
        assert PASSWD not in answer.body.decode("latin-1")


@pytest.mark.parametrize("name", TILES)
def test_a_tile_has_one_name(open_client: TestClient, name: str) -> None:
    assert got(open_client, f"/tile/{name}").status in {400, 404}
    assert got(open_client, "/tile/0/000.p/6").status == 200


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", ["/statements/", "/entries/", "/bundles/", "/proofs/inclusion/"])
def test_an_id_is_hexadecimal_and_nothing_else(open_client: TestClient, place: str, name: str) -> None:
    answer = got(open_client, place + name)
    assert answer.status == 404
    assert answer.headers.keys() <= FIELDS
    assert answer.headers["x-content-type-options"] == "nosniff"
    if "json" in answer.headers["content-type"]:
        json.loads(answer.body)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"])
def test_another_method_does_nothing(open_client: TestClient, method: str) -> None:
    for path in ("/entries", "/checkpoint", "/statements/3f9a"):
        assert got(open_client, path, method).status == 405


def test_what_a_request_says_never_becomes_a_line_of_the_servers_log(open_client: TestClient) -> None:
    forged = "/statements/0000%0a{%22level%22:%22info%22,%22event%22:%22all%20is%20well%22}"
    with capture_logs() as lines:
        for target in (forged, "/nowhere%0d%0aforged", "/tile/0/000%0aforged"):
            assert got(open_client, target).status == 404
    assert lines, "a refusal is noted"
    assert not any("forged" in str(line) or "all is well" in str(line) for line in lines)


def test_no_answer_and_no_line_repeats_what_was_shown_as_a_proof(world: World) -> None:
    with world.client() as client, capture_logs() as lines:
        for headers in ({"authorization": "Bearer my-passphrase"}, {"cookie": "tally-token=my-passphrase"}):
            assert "my-passphrase" not in client.get("/who", headers=headers).text
    assert "my-passphrase" not in str(lines)


def test_a_wrong_host_gets_no_answer_that_names_it(open_client: TestClient) -> None:
    """A redirect or a link made from the Host field would lead to whoever sent it."""
    for path in ("/tile/", "/statements/", "/entries/", "/log/"):
        answer = asyncio.run(ask(open_client.app, target=path, headers=[(b"host", b"evil.example")]))
        assert b"evil.example" not in answer.body
        assert "evil.example" not in str(answer.headers)
