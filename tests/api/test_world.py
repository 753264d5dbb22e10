"""The world of the contract over HTTP: lists walked to their end, single things, the past; and who may see what."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.access.requester import ANYONE, NOBODY, Requester
from api.access.who import requester
from api.app import build_app
from api.settings import Settings
from ledger.units import PartyId
from tests.support.log_world import enrolment, id_of
from tests.support.spine import LOG_SIGNER, Spine, make_log

LISTS = {
    "/contracts": ["framework"],
    "/calloffs": ["calloff"],
    "/allocations": ["hub", "asha", "bo"],
    "/lots": ["lot A1", "lot B1", "lot B2"],
    "/deliveries": ["dispatch A1", "dispatch B1"],
    "/recalls": [],
}
"""Every list of statements, and the statements of the story that are in it, in their order."""
COSE = {"content-type": "application/cose"}


@pytest.fixture(scope="module")
def spine() -> Spine:
    return Spine()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, spine: Spine) -> FastAPI:
    folder = make_log(tmp_path_factory.mktemp("world") / "log", spine.statements, spine.agency.party)
    budgets = {"reads_per_minute": 100_000, "costly_per_minute": 100_000}
    return build_app(Settings(log=folder, reading="parties", **budgets), LOG_SIGNER)


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        tell(client)
        yield client


def tell(client: TestClient) -> None:
    """Have the read models told now, and not in a moment."""
    service = client.app.state.service  # type: ignore[attr-defined]
    with service.reader() as reader:
        service.views.refresh(reader, datetime.now(UTC))


@pytest.fixture
def ask(app: FastAPI, client: TestClient) -> Iterator[Callable[..., Any]]:
    """Ask as somebody: everybody of a public log, where nobody is said."""

    def get(path: str, who: Requester = ANYONE, **query: object) -> Any:
        app.dependency_overrides[requester] = lambda: who
        return client.get(path, params={name: str(value) for name, value in query.items()})

    yield get
    app.dependency_overrides.clear()


def walked(
    get: Callable[..., Any], path: str, who: Requester = ANYONE, limit: int = 1, **query: object
) -> list[Any]:
    found: list[Any] = []
    cursor: dict[str, object] = {}
    while True:
        page = get(path, who, limit=limit, **cursor, **query).json()
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 200])
def test_a_list_walked_to_its_end_is_what_the_log_holds(
    ask: Any, spine: Spine, path: str, limit: int
) -> None:
    expected = [spine.id(name) for name in LISTS[path]]
    assert [one["id"] for one in walked(ask, path, limit=limit)] == expected
    assert [one["id"] for one in walked(ask, path, limit=limit, newest="true")] == expected[::-1]
    assert [one["id"] for one in walked(ask, path, contract=spine.contract[:10])] == expected


def test_parties_and_statements_are_listed_too(ask: Any, spine: Spine) -> None:
    names = [one["name"] for one in walked(ask, "/parties", limit=4)]
    assert names == ["Relief Agency", "Prime Co", "Pune Hub", "Asha", "Bo", "State Store"]
    assert [one["name"] for one in walked(ask, "/parties", contract=spine.contract[:8])] == names
    assert ask("/parties", contract="ffff").status_code == 404
    under = walked(ask, f"/contracts/{spine.contract[:8]}/statements", limit=3)
    assert [one["id"] for one in under] == [
        id_of(data) for name, data in spine.parts.items() if not name.startswith("enrolled")
    ]
    released = walked(ask, f"/contracts/{spine.contract}/statements", type="batch.signed_off")
    assert [one["signer"]["name"].split(" (")[0] for one in released] == ["Asha", "Bo", "Bo"]


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("/lots", {"party": "did:asha"}, ["lot A1"]),
        ("/lots", {"party": "did:hub"}, ["lot A1"]),
        ("/lots", {"state": "held"}, []),
        ("/lots", {"text": "B"}, ["lot B1", "lot B2"]),
        ("/lots", {"line": "1", "late": "false"}, ["lot A1", "lot B1", "lot B2"]),
        ("/lots", {"line": "2"}, []),
        ("/deliveries", {"state": "received"}, ["dispatch A1"]),
        ("/deliveries", {"odd": "true"}, ["dispatch A1"]),
        ("/deliveries", {"party": "did:bo"}, ["dispatch B1"]),
        ("/deliveries", {"lot": "lot B1"}, ["dispatch B1"]),
        ("/deliveries", {"text": "W-2"}, ["dispatch B1"]),
        ("/allocations", {"parent": "calloff"}, ["hub", "bo"]),
        ("/allocations", {"party": "did:hub"}, ["hub", "asha"]),
        ("/allocations", {"state": "offered"}, []),
        ("/calloffs", {"party": "did:store", "state": "accepted", "late": "true"}, ["calloff"]),
        ("/contracts", {"party": "did:bo", "state": "accepted"}, ["framework"]),
        ("/contracts", {"text": "face shield"}, ["framework"]),
        ("/contracts", {"state": "closed"}, []),
    ],
)
def test_a_list_is_narrowed(
    ask: Any, spine: Spine, path: str, query: dict[str, str], found: list[str]
) -> None:
    given = {name: _meant(spine, value) for name, value in query.items()}
    assert [one["id"] for one in walked(ask, path, **given)] == [spine.id(name) for name in found]


def _meant(spine: Spine, value: str) -> str:
    """A statement by its name, a party as `did:name`."""
    if value.startswith("did:"):
        return str(getattr(spine, value.removeprefix("did:")).party)
    return spine.id(value) if value in spine.parts else value


def test_a_contract_says_how_it_stands(ask: Any, spine: Spine) -> None:
    contract = ask(f"/contracts/{spine.contract[:6]}").json()
    assert (contract["reference"], contract["state"], contract["lots"]) == ("LTA-2026-7", "accepted", 3)
    assert contract["lines"] == ask(f"/contracts/{spine.contract}/lines").json()
    [line] = contract["lines"]
    assert line["figures"] == {
        "ordered": "1000", "allotted": "900", "signed_off": "600", "dispatched": "500", "received": "290",
        "damaged": "4", "accepted": "0", "rejected": "0", "unattributed": "0", "open": "710",
    }  # fmt: skip
    assert line["ordered_worth"] == [{"amount": "55000", "currency": "INR"}]
    assert (line["due"], line["late"], contract["late"]) == ("2026-06-01", True, True)
    makers = walked(ask, f"/contracts/{spine.contract}/makers", role="maker")
    assert [(one["party"]["name"].split(" (")[0], one["figures"]["ordered"]) for one in makers] == [
        ("Asha", "400"),
        ("Bo", "300"),
        ("Pune Hub", "200"),
    ]
    [hub] = walked(ask, f"/contracts/{spine.contract}/makers", role="hub")
    assert (hub["parts"], hub["figures"]["allotted"]) == (1, "400")


def test_progress_and_flow_are_told_by_line(ask: Any, spine: Spine) -> None:
    [progress] = ask(f"/contracts/{spine.contract}/progress").json()
    last = {one["name"]: one["points"][-1]["total"] for one in progress["series"] if one["points"]}
    assert last == {"ordered": "1000", "signed off": "600", "dispatched": "500", "received": "290"}
    [flow] = ask(f"/contracts/{spine.contract}/trace", line="1").json()
    assert {node["stage"] for node in flow["nodes"]} == {
        "contract", "call-off", "hub", "maker", "lot", "delivery",
    }  # fmt: skip
    assert {edge["source"] for edge in flow["edges"]} <= {node["key"] for node in flow["nodes"]}
    assert ask(f"/contracts/{spine.contract}/trace", line="7").json() == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/lots", "lot A1"),
        ("/deliveries", "dispatch A1"),
        ("/trace", "receipt A1"),
        ("/trace", "hub accepted"),
    ],
)
def test_a_thing_is_traced_up_to_its_contract(ask: Any, spine: Spine, path: str, name: str) -> None:
    tail = "" if path == "/trace" else "/trace"
    told = ask(f"{path}/{spine.id(name)[:12]}{tail}").json()
    assert told["steps"][0]["statement"] == spine.contract
    last = told["steps"][-1]
    assert spine.id(name) in {last["statement"], last["accepted"]}
    assert all(step["says"] for step in told["steps"])


def test_findings_name_what_shows_them(ask: Any, spine: Spine) -> None:
    found = walked(ask, "/findings")
    assert {"F05 short", "F08 damaged", "F13 overdue"} <= {one["label"] for one in found}
    [short] = walked(ask, "/findings", label="F05 short")
    assert short in walked(ask, "/findings", statement=spine.id("lot A1"))
    assert ask(f"/findings/{short['id']}").json() == short
    assert walked(ask, "/findings", severity="critical") == []


def test_the_past_is_asked_for_by_size_and_by_time(ask: Any, spine: Spine) -> None:
    size = list(spine.parts).index("lot A1") + 1
    assert ask("/lots", at=size).json()["items"] == []
    [lot] = ask("/lots", at=size + 1).json()["items"]
    assert (lot["name"], lot["dispatched"], lot["size"]) == ("A1", "0", size + 1)
    page = ask("/lots", at="2030-01-01T00:00:00Z").json()
    assert (page["size"], len(page["items"])) == (len(spine.parts) + 1, 3)
    assert ask(f"/trace/{spine.id('receipt A1')}", at=size).status_code == 404


@pytest.mark.parametrize(
    ("path", "query", "status", "words"),
    [
        ("/lots", {"cursor": "nonsense"}, 400, "is not a cursor"),
        ("/lots", {"limit": 0}, 400, "limit"),
        ("/lots", {"limit": 201}, 400, "limit"),
        ("/lots", {"state": "lost"}, 400, "state"),
        ("/lots", {"at": "yesterday"}, 400, "neither a size nor a time"),
        ("/lots", {"at": 99999}, 404, "has not had size"),
        ("/lots", {"at": "1999-01-01T00:00:00Z"}, 404, "nothing was registered"),
        ("/lots", {"contract": "ffffffff"}, 404, "no contract"),
        ("/lots", {"text": "()"}, 400, "cannot be searched for"),
        ("/lots/ffff", {}, 404, "no lot"),
        ("/lots/x", {}, 404, "not the id of a lot"),
        ("/search", {"q": "  "}, 400, "cannot be searched for"),
        ("/search", {}, 400, "q"),
        ("/contracts/ffff/news", {}, 404, "no contract"),
        ("/trace/ffff", {}, 404, "no statement"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(
    ask: Any, path: str, query: dict[str, object], status: int, words: str
) -> None:
    answer = ask(path, **query)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]


def test_a_cursor_holds_while_the_log_grows(client: TestClient, ask: Any) -> None:
    first = ask("/parties", limit=4).json()
    assert client.post("/entries", content=enrolment(7), headers=COSE).status_code == 201
    tell(client)
    rest = ask("/parties", limit=200, cursor=first["next"]).json()
    assert [one["name"] for one in rest["items"]] == ["Bo", "State Store", "Maker 7"]
    assert ask("/lots", limit=1, cursor=first["next"]).status_code == 400


# Who may see what: every route of the world, by everybody

STRANGER = PartyId("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")


def roles(spine: Spine) -> dict[str, Requester]:
    parties = {name: getattr(spine, name).party for name in ("agency", "prime", "hub", "asha", "bo", "store")}
    return {
        "stranger": Requester(STRANGER, everything=False),
        "operator": ANYONE,
        **{name: Requester(party, everything=False) for name, party in parties.items()},
    }


SEEN = {
    "stranger": set(),
    "operator": None,
    "agency": None,
    "prime": None,
    "hub": {"framework", "calloff", "hub", "asha", "lot A1", "dispatch A1", "receipt A1"},
    "asha": {"framework", "calloff", "hub", "asha", "lot A1", "dispatch A1", "receipt A1"},
    "bo": {"framework", "calloff", "bo", "lot B1", "lot B2", "dispatch B1"},
    "store": {
        "framework", "calloff", "hub", "asha", "bo", "lot A1", "lot B1", "dispatch A1", "dispatch B1", "receipt A1",
    },
}  # fmt: skip
"""The statements of the story, acceptances aside, that each may see; None for all."""


def world_routes(app: FastAPI) -> set[str]:
    """The reading routes whose answers depend on who asks."""
    tags = {"contracts", "orders", "goods", "findings", "parties and search"}
    paths = app.openapi()["paths"]
    return {path for path, one in paths.items() if "get" in one and tags & set(one["get"].get("tags", ()))}


SHELF = {
    "/contracts/{id}": ["framework"],
    "/calloffs/{id}": ["calloff"],
    "/allocations/{id}": ["hub", "asha", "bo"],
    "/lots/{id}": ["lot A1", "lot B1", "lot B2"],
    "/deliveries/{id}": ["dispatch A1", "dispatch B1"],
    "/trace/{id}": [
        "framework",
        "calloff",
        "hub",
        "asha",
        "bo",
        "lot A1",
        "lot B1",
        "lot B2",
        "dispatch B1",
        "receipt A1",
    ],
}


def test_every_route_of_the_world_is_asked_for(app: FastAPI) -> None:
    lists = {*LISTS, "/parties", "/findings", "/search"}
    below = {
        f"/contracts/{{id}}/{one}" for one in ("lines", "makers", "progress", "trace", "statements", "news")
    }
    others = {
        "/findings/{id}",
        "/recalls/{id}",
        "/parties/{id}",
        "/lots/{id}/trace",
        "/deliveries/{id}/trace",
    }
    assert world_routes(app) == lists | below | others | set(SHELF)


def test_nobody_in_particular_is_asked_who_it_is_everywhere(app: FastAPI, ask: Any, spine: Spine) -> None:
    for path in world_routes(app):
        for id in (spine.contract, spine.id("lot A1"), "ffff"):
            answer = ask(path.replace("{id}", id), NOBODY, q="asha")
            assert (answer.status_code, answer.json()["code"]) == (401, "requester-unproved"), path


@pytest.mark.parametrize("role", SEEN)
@pytest.mark.parametrize("past", [False, True])
def test_each_list_holds_what_its_reader_may_see(ask: Any, spine: Spine, role: str, past: bool) -> None:
    who, seen = roles(spine)[role], SEEN[role]
    at = {"at": len(spine.parts) + 1} if past else {}
    for path, names in LISTS.items():
        expected = [name for name in names if seen is None or name in seen]
        found = walked(ask, path, who, limit=2, **at)
        assert [one["id"] for one in found] == [spine.id(name) for name in expected], path
    findings = walked(ask, "/findings", who, limit=50, **at)
    assert bool(findings) == (seen is None or (bool(seen) and not (role == "bo" and past)))
    hits = ask("/search", who, q="asha", **at).json()
    assert bool(hits) == (seen is None or "asha" in seen)
    parties = walked(ask, "/parties", who, limit=50, **at)
    assert bool(parties) == (seen is None or bool(seen))


@pytest.mark.parametrize("role", SEEN)
def test_each_thing_is_there_for_who_may_see_it_and_not_for_others(ask: Any, spine: Spine, role: str) -> None:
    who, seen = roles(spine)[role], SEEN[role]
    for path, names in SHELF.items():
        for name in names:
            expected = 200 if seen is None or name in seen else 404
            answer = ask(path.replace("{id}", spine.id(name)), who)
            assert answer.status_code == expected, (path, name)
            if path in {"/lots/{id}", "/deliveries/{id}"}:
                traced = ask(path.replace("{id}", spine.id(name)) + "/trace", who)
                assert traced.status_code == expected, (path, name)
                for step in traced.json().get("steps", []):
                    assert seen is None or step["statement"] in {spine.id(one) for one in seen}
    for finding in walked(ask, "/findings", limit=50):
        about = {name for name in spine.parts if spine.id(name) in finding["statements"]}
        answer = ask(f"/findings/{finding['id']}", who)
        if seen is None:
            assert answer.status_code == 200
        elif not about & seen:
            assert answer.status_code == 404, finding["message"]
    expected = 200 if seen is None else 404
    if role in {"stranger", "operator", "agency", "prime"}:
        assert ask(f"/parties/{spine.asha.party}", who).status_code == expected


@pytest.mark.parametrize("role", SEEN)
@pytest.mark.parametrize("below", ["lines", "makers", "progress", "trace", "statements", "news"])
def test_what_hangs_on_a_contract_is_there_for_who_sees_some_of_it(
    ask: Any, client: TestClient, spine: Spine, role: str, below: str
) -> None:
    who, seen = roles(spine)[role], SEEN[role]
    if below == "news":
        client.app.state.service.streams.end()  # type: ignore[attr-defined]  # each ends after its first line
    answer = ask(f"/contracts/{spine.contract}/{below}", who)
    assert answer.status_code == (404 if seen == set() else 200)
    if below == "news" or seen is None or not seen:
        return
    hidden = [
        spine.id(name)
        for names in LISTS.values()
        for name in names
        if name not in seen and name not in {"framework", "calloff"}
    ]
    told = json.dumps(answer.json())
    assert not any(id in told for id in hidden)


def test_a_makers_answers_hold_nothing_of_the_others(ask: Any, spine: Spine) -> None:
    who = Requester(spine.bo.party, everything=False)
    paths = [*LISTS, "/parties", "/findings", f"/contracts/{spine.contract}/makers", "/search?q=a"]
    paths += [f"/contracts/{spine.contract}/{one}" for one in ("lines", "progress", "trace", "statements")]
    for path in paths:
        told = ask(path, who).text
        for secret in (spine.asha.party, spine.hub.party, "Asha", "Pune Hub", "W-1", "A1"):
            assert secret not in told, (path, secret)
