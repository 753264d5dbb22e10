"""Who asks, as a server sees it: what proves a party, what proves the operator, what proves nobody."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.access.who import own_authorities
from api.settings import Settings
from ledger.access.token import DAY_S
from ledger.limits import SIGNED_REQUEST_S
from ledger.proof.note import VerifierKey, format_vkey
from ledger.statement.signer import Ed25519Signer, Signer
from tests.support.parties import (
    ASHA,
    BO,
    LOST,
    STRANGER,
    TABLET,
    URL,
    World,
    bearer,
    make_world,
    signed,
    token,
)
from tests.support.spine import LOG_SIGNER, ORIGIN

OPERATOR = LOG_SIGNER.public.did
OTHER_LOG = Ed25519Signer.from_seed(sha256(b"another log").digest())


def asked(client: TestClient, headers: dict[str, str], target: str = "/who") -> dict[str, object]:
    answer = client.get(target, headers=headers)
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.json()
    return told


def refused(client: TestClient, headers: dict[str, str], target: str = "/who") -> str:
    """Why a request was answered 401."""
    answer = client.get(target, headers=headers)
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert told["code"] == "requester-unproved"
    found: str = told["found"]
    return found


@pytest.mark.parametrize(
    ("signer", "party"), [(ASHA.signer, ASHA.party), (TABLET, ASHA.party), (BO.signer, BO.party)]
)
def test_a_partys_keys_prove_the_party_by_token_and_by_signature(
    client: TestClient, signer: Signer, party: str
) -> None:
    expected = {"party": party, "everything": False}
    assert asked(client, bearer(token(signer, party))) == expected  # type: ignore[arg-type]
    assert asked(client, signed(signer, party)) == expected  # type: ignore[arg-type]
    assert asked(client, {"cookie": f"other=1; tally-token={token(signer, party)}"}) == expected  # type: ignore[arg-type]


def test_the_logs_own_key_proves_the_operator(client: TestClient) -> None:
    everything = {"party": None, "everything": True}
    assert asked(client, bearer(token(LOG_SIGNER, OPERATOR, operator=True))) == everything
    assert asked(client, signed(LOG_SIGNER, OPERATOR)) == everything
    as_asha = {"party": ASHA.party, "everything": False}
    assert asked(client, bearer(token(LOG_SIGNER, OPERATOR, ASHA.party))) == as_asha


def test_who_shows_nothing_is_nobody(client: TestClient) -> None:
    assert asked(client, {}) == {"party": None, "everything": False}
    assert asked(client, {"cookie": "other=1"}) == {"party": None, "everything": False}


def test_before_a_public_log_everyone_may_read_and_nothing_is_looked_at(world: World) -> None:
    with world.client(reading="public") as client:
        for headers in ({}, bearer("nonsense"), {"signature-input": "nonsense"}):
            assert asked(client, headers) == {"party": None, "everything": True}


# Made when a test runs, not when the tests are collected: what is shown is of now.
BAD_TOKENS: dict[str, tuple[str, Callable[[], str]]] = {
    "empty": ("not a token", lambda: ""),
    "nonsense": ("not a token", lambda: "nonsense"),
    "foreign key": ("has no key", lambda: token(STRANGER, ASHA.party)),
    "stranger": ("has no key", lambda: token(STRANGER, STRANGER.public.did)),
    "revoked": ("has no key", lambda: token(LOST, ASHA.party)),
    "other party": (
        f"{BO.party} issued a token for {ASHA.party}",
        lambda: token(BO.signer, BO.party, ASHA.party),
    ),
    "operator by a party": (
        f"{BO.party} issued a token for operator",
        lambda: token(BO.signer, BO.party, operator=True),
    ),
    "not the log's key": ("has no key", lambda: token(BO.signer, OPERATOR, operator=True)),
    "ended": ("ended", lambda: token(ASHA.signer, ASHA.party, made=-31 * DAY_S)),
    "early": ("ahead of the clock here", lambda: token(ASHA.signer, ASHA.party, made=600)),
    "other log": (
        f"is for the log '{ORIGIN}",
        lambda: token(ASHA.signer, ASHA.party, log=format_vkey(VerifierKey(ORIGIN, OTHER_LOG.public))),
    ),
}


@pytest.mark.parametrize("what", BAD_TOKENS)
def test_a_token_that_is_not_good_is_refused_wherever_it_is_shown(client: TestClient, what: str) -> None:
    why, make = BAD_TOKENS[what]
    text = make()
    assert why in refused(client, bearer(text))
    if text:
        assert why in refused(client, {"cookie": f"tally-token={text}"})


def test_a_token_ends_with_its_key(tmp_path: Path) -> None:
    """The key is looked up each time: nothing of an earlier answer is kept."""
    world = make_world(tmp_path)
    lost = ASHA.sign("key.revoked", {"key": TABLET.public.did, "reason": "lost"}, {"party": world.enrolled})
    with world.client() as client:
        before = bearer(token(TABLET, ASHA.party))
        assert asked(client, before)["party"] == ASHA.party
        answer = client.post("/entries", content=lost, headers={"content-type": "application/cose"})
        assert answer.status_code == 201, answer.content
        assert "has no key" in refused(client, before)
        assert "has no key" in refused(client, signed(TABLET, ASHA.party))


OTHER = "https://other.example"
BAD_SIGNATURES: dict[str, tuple[str, Callable[[], dict[str, str]]]] = {
    "stranger": ("has no key", lambda: signed(STRANGER, ASHA.party)),
    "revoked": ("has no key", lambda: signed(LOST, ASHA.party)),
    "other party": ("has no key", lambda: signed(ASHA.signer, BO.party)),
    "path": ("is not one by", lambda: signed(ASHA.signer, ASHA.party, "/statements/3f9a")),
    "query": ("is not one by", lambda: signed(ASHA.signer, ASHA.party, "/who?at=4")),
    "method": ("is not one by", lambda: signed(ASHA.signer, ASHA.party, method="HEAD")),
    "host": ("is not one by", lambda: signed(ASHA.signer, ASHA.party, url=OTHER)),
    "host, shown on": (
        "signed for 'other.example'",
        lambda: signed(ASHA.signer, ASHA.party, url=OTHER) | {"host": "other.example"},
    ),
    "old": ("s ago", lambda: signed(ASHA.signer, ASHA.party, made=-SIGNED_REQUEST_S - 5)),
    "early": ("ahead of the clock here", lambda: signed(ASHA.signer, ASHA.party, made=SIGNED_REQUEST_S + 60)),
    "empty": ("the Signature '' is not", lambda: signed(ASHA.signer, ASHA.party) | {"Signature": ""}),
    "missing": (
        "the Signature '' is not",
        lambda: {"signature-input": signed(ASHA.signer, ASHA.party)["Signature-Input"]},
    ),
}


@pytest.mark.parametrize("what", BAD_SIGNATURES)
def test_a_signature_that_is_not_for_this_request_is_refused(client: TestClient, what: str) -> None:
    why, make = BAD_SIGNATURES[what]
    assert why in refused(client, make())


def test_a_signed_body_is_the_one_that_came(client: TestClient) -> None:
    headers = signed(ASHA.signer, ASHA.party, method="POST", body=b"asked for")
    assert client.post("/who", content=b"asked for", headers=headers).json()["party"] == ASHA.party
    answer = client.post("/who", content=b"put in later", headers=headers)
    assert answer.status_code == 401
    assert "is not that of the 12 bytes that came" in answer.json()["found"]


def test_what_is_signed_is_the_path_as_it_was_sent(client: TestClient) -> None:
    target = "/statements/%33f9a?at=%34"
    answer = client.get(target, headers=signed(ASHA.signer, ASHA.party, target))
    assert answer.status_code == 404, "who asks is known; what is asked for is not there"
    again = client.get("/statements/3f9a?at=4", headers=signed(ASHA.signer, ASHA.party, target))
    assert again.status_code == 401


def test_of_several_proofs_the_first_alone_is_judged(client: TestClient) -> None:
    good, bad = token(ASHA.signer, ASHA.party), token(BO.signer, BO.party)
    both = bearer(good) | signed(STRANGER, ASHA.party) | {"cookie": "tally-token=nonsense"}
    assert asked(client, both)["party"] == ASHA.party
    assert "not a token" in refused(client, bearer("nonsense") | {"cookie": f"tally-token={bad}"})


@pytest.mark.parametrize("field", ["authorization", "signature-input", "host", "cookie"])
def test_a_proof_that_comes_twice_is_none(client: TestClient, field: str) -> None:
    shown = {
        "authorization": f"Bearer {token(ASHA.signer, ASHA.party)}",
        "cookie": "a=1",
        "signature-input": "a",
    }
    headers = [*shown.items(), (field, shown.get(field, "log.example")), ("host", "log.example")]
    answer = client.get("/who", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["found"] == f"the field {field} came twice"


@pytest.mark.parametrize("field", ["Basic YTpi", "Bearer", "", "Digest x", "tally1.x"])
def test_another_way_of_signing_in_is_refused(client: TestClient, field: str) -> None:
    assert refused(client, {"authorization": field}) == "an Authorization that is not a token's"
    assert asked(client, {"authorization": f"bEARER {token(BO.signer, BO.party)}"})["party"] == BO.party


def test_contents_are_denied_where_nobody_says_otherwise(world: World, client: TestClient) -> None:
    """Default deny: nobody is asked to say who it is, a party that it does not concern finds nothing."""
    for path in (
        f"/statements/{world.enrolled}",
        f"/bundles/{world.enrolled}",
        "/statements/0000",
        "/bundles/0000",
    ):
        assert "to parties only" in refused(client, {}, path)
        assert client.get(path, headers=bearer(token(BO.signer, BO.party))).status_code == 404
    as_operator = bearer(token(LOG_SIGNER, OPERATOR, operator=True))
    assert client.get(f"/statements/{world.enrolled}", headers=as_operator).status_code == 200
    assert client.get(f"/bundles/{world.enrolled}", headers=as_operator).status_code == 200


@pytest.mark.parametrize("path", ["/checkpoint", "/tile/0/000.p/6", "/tile/entries/000.p/6", "/.well-known/scitt-keys",
                                  "/entries/{id}", "/proofs/inclusion/{id}", "/health", "/log"])  # fmt: skip
def test_the_logs_own_digests_are_open_to_anybody(world: World, client: TestClient, path: str) -> None:
    for headers in ({}, bearer("nonsense")):
        assert client.get(path.format(id=world.enrolled), headers=headers).status_code == 200


def test_a_party_has_one_budget_from_wherever_it_asks(world: World) -> None:
    with world.client(costly_per_minute=3, reads_per_minute=1_000) as client:
        mine = bearer(token(ASHA.signer, ASHA.party))
        statuses = [client.get("/bundles/0000", headers=mine).status_code for _ in range(4)]
        assert statuses == [404, 404, 404, 429]
        client.app.state.budgets._full_at["costly"].pop("testclient")  # type: ignore[attr-defined]
        again = client.get("/bundles/0000", headers=mine)
        assert again.status_code == 429
        assert again.json()["found"].startswith(ASHA.party)
        assert again.headers["retry-after"] == "20"
        assert client.get("/bundles/0000", headers=bearer(token(BO.signer, BO.party))).status_code == 404


@pytest.mark.parametrize(
    ("settings", "host", "answers"),
    [
        ({"url": "https://Log.Example:443/"}, "log.example", True),
        ({"url": URL}, "127.0.0.1:8000", False),
        ({}, "127.0.0.1:8000", True),
        ({}, "localhost:40001", True),
        ({}, "[::1]:40001", True),
        ({}, "localhost", True),
        ({}, "evil.example:8000", False),
        ({}, "localhost:8000:x", False),
        ({}, "", False),
        ({"host": "::1"}, "[::1]", True),
        ({"host": "0.0.0.0"}, "log.example", False),  # noqa: S104
        ({"host": "10.0.0.1"}, "10.0.0.1:8000", True),
        ({"host": "10.0.0.1"}, "localhost:8000", False),
    ],
)
def test_a_server_knows_the_hosts_it_answers_to(settings: dict[str, str], host: str, answers: bool) -> None:
    assert (host in own_authorities(Settings(**settings), host)) is answers  # type: ignore[arg-type]
