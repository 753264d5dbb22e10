"""The GS1 Digital Link of a label: it leads to the lot, to all that it may mean, or nowhere; and not for everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.access.requester import ANYONE, NOBODY, Requester
from api.access.who import requester
from api.app import build_app
from api.settings import Settings
from ledger.report.label import digital_link
from ledger.rules.gathering import situation
from ledger.units import PartyId
from ledger.views.labelled import gtin_in
from tests.api.test_world import tell
from tests.support.spine import LOG_SIGNER, Actor, Spine, make_log

GTIN: Final = "9506000134352"
NAMES: Final = {"B1": "B/1?a", "B2": "A1"}
"""Bo calls one lot as Asha calls hers, and one by signs that an address has a use for."""


class Labelled(Spine):
    """The story with names of lots that are hard to lead to."""

    def lot(self, name: str, maker: Actor, allocation: str, lot: str, released: int) -> None:
        super().lot(name, maker, allocation, NAMES.get(lot, lot), released)


@pytest.fixture(scope="module")
def spine() -> Spine:
    return Labelled()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, spine: Spine) -> FastAPI:
    folder = make_log(tmp_path_factory.mktemp("labelled") / "log", spine.statements, spine.agency.party)
    return build_app(Settings(log=folder, reading="parties"), LOG_SIGNER)


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, follow_redirects=False) as client:
        tell(client)
        yield client


@pytest.fixture
def scan(app: FastAPI, client: TestClient) -> Iterator[Callable[..., Any]]:
    """Follow the link of a lot of that name, as everybody of a public log where nobody is said."""

    def get(lot: str, who: Requester = ANYONE, gtin: str = GTIN) -> Any:
        app.dependency_overrides[requester] = lambda: who
        return client.get(f"/01/{gtin.zfill(14)}/10/{quote(lot, safe='')}")

    yield get
    app.dependency_overrides.clear()


def party(actor: Actor) -> Requester:
    return Requester(PartyId(actor.party), everything=False)


def test_the_code_of_a_label_leads_to_the_page_of_its_lot(
    client: TestClient, app: FastAPI, spine: Spine
) -> None:
    app.dependency_overrides[requester] = lambda: ANYONE
    with app.state.service.reader() as reader:
        lot = situation(reader.store, spine.contract).lots[spine.id("lot B1")]
    answer = client.get(digital_link("http://testserver", GTIN, lot))
    assert (answer.status_code, answer.headers["location"]) == (307, f"/l/{lot.id}")
    assert answer.headers["cache-control"] == "no-store"
    app.dependency_overrides.clear()


def test_of_a_name_that_two_makers_used_both_are_listed(scan: Callable[..., Any], spine: Spine) -> None:
    answer = scan("A1")
    assert answer.status_code == 200
    for name in ("lot A1", "lot B2"):
        assert f'<a href="/l/{spine.id(name)}">A1</a>' in answer.text
    assert answer.text.count('href="/l/') == 2


def test_the_language_is_changed_where_one_is(scan: Callable[..., Any]) -> None:
    answer = scan("B/1?a", party(Actor("Stranger", "maker")))
    assert f'action="/01/0{GTIN}/10/B/1%3Fa"' in answer.text


def test_a_maker_is_led_to_its_own_lot_of_that_name(scan: Callable[..., Any], spine: Spine) -> None:
    for actor, name in ((spine.asha, "lot A1"), (spine.bo, "lot B2")):
        answer = scan("A1", party(actor))
        assert (answer.status_code, answer.headers["location"]) == (307, f"/l/{spine.id(name)}")


@pytest.mark.parametrize(
    ("lot", "gtin"), [("A1", "9506000134369"), ("a1", GTIN), ("A", GTIN), ("A1", "x"), ("", GTIN)]
)
def test_what_no_label_names_is_not_there(scan: Callable[..., Any], lot: str, gtin: str) -> None:
    answer = scan(lot, gtin=gtin)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_what_is_not_seen_and_what_is_not_there_look_the_same(scan: Callable[..., Any], spine: Spine) -> None:
    stranger = party(Actor("Stranger", "maker"))
    for who, lot in ((stranger, "A1"), (party(spine.asha), "B/1?a"), (NOBODY, "A1")):
        answer, nothing = scan(lot, who), scan("Z9", who)
        assert answer.status_code == nothing.status_code
        assert answer.status_code in {401, 404}
        hidden = answer.text.replace(quote(lot), "").replace(lot, "")
        assert hidden == nothing.text.replace("Z9", "")


@pytest.mark.parametrize(
    ("item", "gtin"),
    [
        ("https://id.gs1.org/01/09506000134352", "09506000134352"),
        ("https://example.org/goods/01/9506000134352/10/A?x=1", "09506000134352"),
        ("http://example.org/01/12345670", "00012345670".zfill(14)),
        ("https://example.org/01/123456789", None),
        ("https://example.org/item/face-shield", None),
        ("urn:gtin:09506000134352", None),
    ],
)
def test_a_gtin_is_read_from_a_digital_link_alone(item: str, gtin: str | None) -> None:
    assert gtin_in(item) == gtin
