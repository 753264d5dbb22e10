"""What is new under a contract, told to whoever listens and may see it, until the server stops."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from api.access.requester import ANYONE, Requester
from api.access.who import requester
from api.app import build_app
from api.settings import Settings
from api.streams import Streams
from ledger.errors import LogBusy
from tests.support.served import served
from tests.support.spine import LOG_SIGNER, Spine, make_log

COSE = {"content-type": "application/cose"}
_WITHIN_S = 20


@pytest.fixture
def spine() -> Spine:
    return Spine()


@pytest.fixture
def app(tmp_path: Path, spine: Spine) -> FastAPI:
    """A log in which Bo's goods are still to come."""
    statements = spine.statements[: spine.statements.index(spine.parts["lot A1"])]
    folder = make_log(tmp_path / "log", statements, spine.agency.party)
    return build_app(Settings(log=folder), LOG_SIGNER)


@pytest.fixture
def url(app: FastAPI) -> Iterator[str]:
    with served(app) as url:
        while httpx2.get(f"{url}/contracts").status_code == 503:
            pass
        yield url


def send(url: str, *statements: bytes) -> None:
    for one in statements:
        assert httpx2.post(f"{url}/entries", content=one, headers=COSE).status_code == 201


class Heard:
    """Listens in a thread of its own until it has heard so many events, or the stream ends."""

    def __init__(self, url: str, path: str, count: int, headers: dict[str, str] | None = None) -> None:
        self.events: list[dict[str, Any]] = []
        self.listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, args=(url + path, count, headers or {}))
        self._thread.start()
        assert self.listening.wait(_WITHIN_S)

    def _listen(self, url: str, count: int, headers: dict[str, str]) -> None:
        with httpx2.stream("GET", url, headers=headers, timeout=_WITHIN_S) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.headers["cache-control"] == "no-store"
            event: dict[str, Any] = {}
            for line in answer.iter_lines():
                self.listening.set()
                name, _, value = line.partition(": ")
                if line and name:
                    event[name] = value
                elif "data" in event:
                    self.events.append({"id": int(event["id"])} | json.loads(event["data"]))
                    event = {}
                    if len(self.events) == count:
                        return

    def end(self) -> list[dict[str, Any]]:
        self._thread.join(_WITHIN_S)
        assert not self._thread.is_alive()
        return self.events


def test_each_statement_is_told_once_and_in_order_as_it_is_registered(url: str, spine: Spine) -> None:
    heard = Heard(url, f"/contracts/{spine.contract}/news", 3)
    send(url, spine.parts["lot A1"], spine.parts["lot B1"])
    send(url, spine.parts["dispatch A1"])
    events = heard.end()
    assert [one["statement"]["id"] for one in events] == [
        spine.id(name) for name in ("lot A1", "lot B1", "dispatch A1")
    ]
    assert [one["id"] for one in events] == [one["statement"]["index"] for one in events]
    assert "signed off lot A1: 300 pieces" in events[0]["says"]
    assert "dispatched 300 pieces of lot A1" in events[2]["says"]


def test_who_comes_again_misses_nothing(url: str, spine: Spine) -> None:
    send(url, *(spine.parts[name] for name in ("lot A1", "lot B1", "dispatch A1")))
    path = f"/contracts/{spine.contract[:8]}/news"
    index = httpx2.get(f"{url}/entries/{spine.id('lot A1')}", timeout=5) and _index(url, spine, "lot A1")
    again = Heard(url, path, 2, {"last-event-id": str(index)}).end()
    assert [one["statement"]["id"] for one in again] == [spine.id("lot B1"), spine.id("dispatch A1")]
    assert len(Heard(url, f"{path}?after=-1", 12).end()) == 12, "from the contract itself on"


def _index(url: str, spine: Spine, name: str) -> int:
    told = httpx2.get(f"{url}/statements/{spine.id(name)}", headers={"accept": "application/json"}).json()
    return int(told["index"])


def test_a_party_hears_of_its_own_branch(app: FastAPI, url: str, spine: Spine) -> None:
    app.dependency_overrides[requester] = lambda: Requester(spine.bo.party, everything=False)
    heard = Heard(url, f"/contracts/{spine.contract}/news", 1)
    app.dependency_overrides[requester] = lambda: ANYONE
    send(url, spine.parts["lot A1"], spine.parts["dispatch A1"], spine.parts["lot B1"])
    assert [one["statement"]["id"] for one in heard.end()] == [spine.id("lot B1")]


def test_a_stream_ends_when_the_server_stops(app: FastAPI, url: str, spine: Spine) -> None:
    heard = Heard(url, f"/contracts/{spine.contract}/news", 99)
    app.state.service.streams.end()
    assert heard.end() == []


def test_a_stream_ends_after_a_while_and_says_meanwhile_that_it_is_there(
    url: str, spine: Spine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routes.news.NEWS_STREAM_S", 1.2)
    monkeypatch.setattr("api.routes.news.NEWS_BEAT_S", 0.1)
    answer = httpx2.get(f"{url}/contracts/{spine.contract}/news", timeout=_WITHIN_S)
    assert answer.text.startswith(": news\n\n: still here\n\n")


def test_places_are_bounded_and_given_back(app: FastAPI, url: str, spine: Spine) -> None:
    app.state.service.streams = Streams(1)
    path = f"/contracts/{spine.contract}/news"
    heard = Heard(url, path, 1)
    refused = httpx2.get(url + path)
    assert (refused.status_code, refused.json()["code"]) == (429, "log-busy")
    send(url, spine.parts["lot A1"])
    heard.end()
    again = Heard(url, path, 1)
    send(url, spine.parts["lot B1"])
    assert len(again.end()) == 1


def test_a_stream_that_never_began_takes_no_place() -> None:
    streams = Streams(1)
    streams.enter()
    with pytest.raises(LogBusy):
        streams.enter()
    streams.leave()
    streams.enter()
    assert not streams.ended
    streams.end()
    assert streams.ended
