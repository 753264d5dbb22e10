"""A browser takes a token into a cookie that no script and no other site has."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.support.parties import ASHA, LOST, World, token

MINE = token(ASHA.signer, ASHA.party)


def sent(client: TestClient, text: str, **headers: str):  # type: ignore[no-untyped-def]
    return client.post(
        "/session", data={"token": text}, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def attributes(field: str) -> dict[str, str]:
    parts = [part.strip().partition("=") for part in field.split(";")]
    return {name.lower(): value for name, _, value in parts}


def test_a_good_token_becomes_a_cookie_that_lasts_as_long(client: TestClient) -> None:
    answer = sent(client, f" {MINE}\n")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert answer.headers["cache-control"] == "no-store"
    cookie = attributes(answer.headers["set-cookie"])
    assert cookie["tally-token"] == MINE
    assert 30 * 86_400 - 3_600 < int(cookie["max-age"]) <= 30 * 86_400
    assert {"httponly", "secure"} <= cookie.keys()
    assert (cookie["samesite"], cookie["path"]) == ("strict", "/")
    assert "domain" not in cookie
    assert client.get("/who").json()["party"] == ASHA.party


def test_the_cookie_is_given_up_again(client: TestClient) -> None:
    sent(client, MINE)
    assert client.delete("/session").status_code == 204
    assert client.get("/who").json()["party"] is None


@pytest.mark.parametrize("text", ["nonsense", token(LOST, ASHA.party)], ids=["nonsense", "revoked"])
def test_a_token_that_is_not_good_sets_nothing(client: TestClient, text: str) -> None:
    answer = sent(client, text)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert text not in answer.text


@pytest.mark.parametrize("body", [b"", b"token", b"tok=1", b"\xff=\xff"])
def test_a_form_without_a_token_is_malformed(client: TestClient, body: bytes) -> None:
    answer = client.post(
        "/session", content=body, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code in {400, 401}
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_signs_nobody_in_or_out(client: TestClient, site: str) -> None:
    """It would have a person read, and be seen, under a token of its own."""
    assert sent(client, MINE, sec_fetch_site=site).status_code == 403
    assert client.delete("/session", headers={"sec-fetch-site": site}).status_code == 403
    assert sent(client, MINE, sec_fetch_site="same-origin").status_code == 303


@pytest.mark.parametrize(
    ("settings", "secure"),
    [
        ({"url": None, "host": "127.0.0.1"}, False),
        ({"url": None, "host": "localhost"}, False),
        ({"url": "https://log.example", "host": "127.0.0.1"}, True),
        ({"url": None, "host": "10.0.0.1"}, True),
        ({"url": "http://log.example", "host": "0.0.0.0"}, True),  # noqa: S104
    ],
)
def test_the_cookie_travels_in_tls_but_on_ones_own_machine(
    world: World, settings: dict[str, str], secure: bool
) -> None:
    with world.client(**settings) as client:
        assert ("secure" in attributes(sent(client, MINE).headers["set-cookie"])) is secure
