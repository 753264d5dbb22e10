"""The pages, asked without a browser: what they escape, in which language, under which policy, and who gets them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.access.requester import ANYONE, Requester
from api.access.who import requester
from api.app import build_app
from api.pages.words import LANGUAGES, chosen_language, words_of
from api.settings import Settings
from ledger.units import PartyId
from tests.api.test_world import tell
from tests.support.spine import LOG_SIGNER, Actor, Spine, make_log

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


class Hostile(Spine):
    """The story with markup in every name that a person gives."""

    def lot(self, name: str, maker: Actor, allocation: str, lot: str, released: int) -> None:
        super().lot(name, maker, allocation, f"{lot}<script>", released)

    def dispatch(self, name: str, sender: Actor, lot: str, quantity: int, waybill: str) -> None:
        super().dispatch(name, sender, lot, quantity, f"{waybill}<img>")


@pytest.fixture(scope="module")
def spine() -> Spine:
    return Spine()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, spine: Spine) -> FastAPI:
    folder = make_log(tmp_path_factory.mktemp("pages") / "log", spine.statements, spine.agency.party)
    return build_app(Settings(log=folder, reading="parties"), LOG_SIGNER)


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        tell(client)
        yield client


@pytest.fixture
def ask(app: FastAPI, client: TestClient) -> Iterator[Callable[..., Any]]:
    """Ask as somebody: as everybody of a public log, where nobody is said."""

    def get(path: str, who: Requester = ANYONE, **headers: str) -> Any:
        app.dependency_overrides[requester] = lambda: who
        return client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    yield get
    app.dependency_overrides.clear()


def pages(spine: Spine) -> list[str]:
    contract, lot, dispatch = spine.contract, spine.id("lot A1"), spine.id("dispatch A1")
    lists = ("makers", "findings", "late", "lots", "deliveries", "on-the-way", "recalls", "statements")
    return [
        "/",
        f"/c/{contract}",
        *(f"/c/{contract}/{name}" for name in lists),
        f"/c/{contract}/provenance",
        *(f"/c/{contract}/provenance?focus={spine.id(one)}" for one in ("calloff", "hub", "asha")),
        f"/c/{contract}/provenance?focus={lot}",
        f"/c/{contract}/provenance?focus={dispatch}",
        f"/c/{contract}/provenance?party={spine.asha.party}",
        f"/c/{contract}/provenance?q=a1",
        f"/l/{lot}",
        f"/d/{dispatch}",
        *(f"/p/{one.party}" for one in (spine.agency, spine.prime, spine.hub, spine.asha, spine.store)),
        *(f"/s/{id}" for id in map(spine.id, spine.parts)),
        "/search.html",
        "/search.html?q=asha",
    ]


def test_every_page_is_there_in_every_language(ask: Callable[..., Any], spine: Spine) -> None:
    for path in pages(spine):
        for language in LANGUAGES:
            answer = ask(path, accept_language=language)
            assert answer.status_code == 200, path
            assert answer.headers["content-language"] == language
            assert f'<html lang="{language}">' in answer.text
            assert "default-src 'none'; script-src 'self'" in answer.headers["content-security-policy"]


def test_no_page_has_a_script_a_style_or_an_event_in_its_text(ask: Callable[..., Any], spine: Spine) -> None:
    for path in pages(spine):
        text = ask(path).text
        assert re.findall(r"<script(?![^>]*\bsrc=\"/static/)", text) == [], path
        assert (
            re.findall(
                r"<style|<[^>]* style=|<[^>]* on[a-z]+=|javascript:|https?://(?!www\.w3\.org)[^\s\"<]*\.js",
                text,
            )
            == []
        )


def test_what_a_statement_says_is_never_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def enrol(self: Actor) -> bytes:
        return self.sign("party.enrolled", {"kind": self.kind, "country": "IN", "name": self.name + SCRIPT})

    monkeypatch.setattr(Actor, "enrol", enrol)
    spine = Hostile()
    folder = make_log(tmp_path / "log", spine.statements, spine.agency.party)
    with TestClient(build_app(Settings(log=folder, reading="public"), LOG_SIGNER)) as client:
        tell(client)
        paths = [*pages(spine), "/search.html?q=script", f"/search.html?q={SCRIPT}"]
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert "<script>" not in answer.text, path
            assert "<img" not in answer.text, path
        assert "A1&lt;script&gt;" in client.get(f"/l/{spine.id('lot A1')}").text
        assert "&lt;script&gt;alert(1)" in client.get(f"/l/{spine.id('lot A1')}").text


def test_what_has_not_changed_is_not_sent_again(ask: Callable[..., Any], spine: Spine) -> None:
    first = ask(f"/c/{spine.contract}")
    again = ask(f"/c/{spine.contract}", if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    other = ask(f"/c/{spine.contract}", if_none_match=first.headers["etag"], accept_language="fr")
    assert other.status_code == 200


def test_a_language_that_was_chosen_is_remembered(client: TestClient, ask: Callable[..., Any]) -> None:
    assert "<h1>Contratos</h1>" in ask("/?lang=es").text
    assert "<h1>Contratos</h1>" in ask("/", accept_language="fr").text
    client.cookies.clear()
    assert "<h1>Contrats</h1>" in ask("/", accept_language="fr").text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de, es;q=0.4, fr;q=0.8", "fr"),
        ("ES-mx", "es"),
        ("fr;q=0, en", "en"),
        ("x" * 9_000, "en"),
    ],
)
def test_the_language_is_the_first_that_the_browser_takes(accepted: str, language: str) -> None:
    assert chosen_language(asked=None, remembered=None, accepted=accepted) == language


def test_all_languages_say_the_same_things() -> None:
    told = [
        json.loads(files("api.pages").joinpath("words", f"{language}.json").read_text(encoding="utf-8"))
        for language in LANGUAGES
    ]
    for name, word in told[0].items():
        gaps = {tuple(sorted(re.findall(r"{\w*}", one[name]))) for one in told}
        assert len(gaps) == 1, f"{name}: {word}"
    assert [set(one) for one in told] == [set(told[0])] * len(LANGUAGES)


SAME = {
    "verify.title": "nav.verify",
    "verify.fact.signer": "statement.signer",
    "verify.column.signer": "statement.signer",
    "verify.fact.registered": "statement.registered",
    "verify.fact.id": "statement.id",
    "verify.column.id": "statement.id",
    "verify.column.entry": "statement.index",
    "verify.column.type": "statement.kind",
    "verify.fact.claim": "statement.kind",
    "verify.fact.log": "log.origin",
    "verify.statements": "list.statements",
    "verify.fact.expected": "error.expected",
}
"""Words of the page that checks files, and what the other pages say for the same; the sign behind it aside."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_that_checks_files_calls_things_as_the_others_do(language: str) -> None:
    own, shared = (
        json.loads(files("api.pages").joinpath(folder, f"{language}.json").read_text(encoding="utf-8"))
        for folder in ("words", "static/words")
    )
    assert own.keys() & shared.keys() == set(), "said once"
    said = words_of(language).said
    assert said.keys() == own.keys() | shared.keys()
    for name, other in SAME.items():
        assert said[name] == said[other].rstrip(":\u00a0\u202f "), name


@pytest.mark.parametrize(
    ("part", "whole", "said"), [("1999", "2000", "99.9"), ("2000", "2000", "100"), ("2001", "2000", "100")]
)
def test_a_share_is_never_whole_where_something_is_missing(part: str, whole: str, said: str) -> None:

    assert words_of("en").percent(Decimal(part), Decimal(whole)) == f"{said}\u202f%"


def test_a_stranger_gets_the_same_page_as_for_nothing(ask: Callable[..., Any], spine: Spine) -> None:
    stranger = Requester(PartyId(Actor("Stranger", "maker").party), everything=False)
    for path in pages(spine)[1:-2]:
        answer = ask(path, stranger)
        there = answer.text.replace(answer.url.path, "")
        nothing = ask(re.sub(r"[0-9a-f]{64}|(?<=/p/)did:key:\w+", "f" * 64, path, count=1), stranger)
        assert answer.status_code == nothing.status_code == 404, path
        assert "tally token" in there


def test_a_party_sees_its_part_and_is_told_so(ask: Callable[..., Any], spine: Spine) -> None:
    asha = Requester(PartyId(spine.asha.party), everything=False)
    text = ask(f"/c/{spine.contract}", asha).text
    assert "You see your own part" in text
    assert "Bo " not in text
    assert ask(f"/l/{spine.id('lot B1')}", asha).status_code == 404


def test_a_party_is_shown_with_its_part_of_each_contract(ask: Callable[..., Any], spine: Spine) -> None:
    text = ask(f"/p/{spine.asha.party}").text
    assert "<h1>Asha</h1>" in text
    assert f"<code>{spine.asha.party}</code>" in text
    assert "may sign" in text
    assert f'<a href="/l/{spine.id("lot A1")}">A1</a>' in text
    assert f'<a href="/d/{spine.id("dispatch A1")}">W-1</a>' in text
    assert "lot A1 of Asha (…QyRSfe2K): 6 pieces short" in text
    assert "B1" not in text
    assert "buyer" in ask(f"/p/{spine.agency.party}").text
    assert "prime supplier" in ask(f"/p/{spine.prime.party}").text
    assert "consignee" in ask(f"/p/{spine.store.party}").text
    hub = ask(f"/p/{spine.hub.party}").text
    assert f'<a href="/l/{spine.id("lot A1")}">A1</a>' in hub
    assert f'<a href="/l/{spine.id("lot B1")}">' not in hub


def test_of_another_party_no_more_is_shown_than_what_is_seen_anyway(
    ask: Callable[..., Any], spine: Spine
) -> None:
    bo = Requester(PartyId(spine.bo.party), everything=False)
    assert ask(f"/p/{spine.asha.party}", bo).status_code == 404
    prime = ask(f"/p/{spine.prime.party}", bo)
    assert prime.status_code == 200
    assert "Asha" not in prime.text
    assert ask(f"/p/{spine.bo.party}", bo).status_code == 200


def test_a_key_that_was_revoked_is_shown_so(tmp_path: Path) -> None:
    spine = Spine()
    phone = Actor("Asha's phone", "maker")
    enrolled = {"party": spine.id("enrolled Asha")}
    added = spine.asha.sign("key.added", {"key": phone.party, "device": "phone"}, enrolled)
    revoked = spine.asha.sign("key.revoked", {"key": phone.party, "reason": "lost"}, enrolled)
    folder = make_log(tmp_path / "log", [*spine.statements, added, revoked], spine.agency.party)
    with TestClient(build_app(Settings(log=folder, reading="public"), LOG_SIGNER)) as client:
        tell(client)
        text = client.get(f"/p/{spine.asha.party}").text
    assert re.findall(r'<span class="state \w+">(may sign|lost)</span>', text) == ["may sign", "lost"]
    assert sha256(revoked).hexdigest() in text


def test_who_is_named_leads_to_the_page_of_that_party(
    ask: Callable[..., Any], app: FastAPI, spine: Spine
) -> None:
    for path in (*pages(spine), f"/s/{app.state.service.policy_id}"):
        for link in set(re.findall(r'href="(/p/[^"]*)"', ask(path).text)):
            assert ask(link).status_code == 200, path
    for path in (f"/c/{spine.contract}", f"/l/{spine.id('lot A1')}", "/search.html?q=asha"):
        assert f'href="/p/{spine.asha.party}"' in ask(path).text, path


def test_files_have_their_types_and_tags(client: TestClient) -> None:
    for path, kind in [
        ("pages.css", "text/css"),
        ("pages.js", "text/javascript"),
        ("verifier/verify.js", "text/javascript"),
        ("mark.svg", "image/svg+xml"),
    ]:
        answer = client.get(f"/static/{path}")
        assert answer.headers["content-type"].split(";")[0] == kind
        assert (
            client.get(f"/static/{path}", headers={"if-none-match": answer.headers["etag"]}).status_code
            == 304
        )
    for path in ("/static/../pages/words.py", "/static/%2e%2e/words.py", "/static/"):
        assert client.get(path).status_code == 404
