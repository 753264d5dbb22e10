"""The pages in a browser: each loads nothing from elsewhere, is small, goes by keyboard, and checks its evidence."""

from __future__ import annotations

import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from api.app import build_app
from api.settings import Settings
from ledger.scenario.demo_b import demo_b
from tests.browser.conftest import Watched
from tests.support import served
from tests.support.spine import LOG_SIGNER, Spine, make_log
from tests.support.told import tell

MOST_BYTES = 150_000
"""A page with its assets, without the evidence it checks."""

PAGES = {
    "start": "/",
    "contract": "/c/{contract}",
    "makers": "/c/{contract}/makers?sort=received&order=up",
    "lots": "/c/{contract}/lots",
    "deliveries": "/c/{contract}/deliveries",
    "findings": "/c/{contract}/findings",
    "statements": "/c/{contract}/statements",
    "provenance": "/c/{contract}/provenance",
    "hub": "/c/{contract}/provenance?focus={hub}",
    "lot": "/l/{lot}",
    "recalled": "/l/{recalled}",
    "delivery": "/d/{delivery}",
    "party-hub": "/p/{holder}",
    "party-maker": "/p/{maker}",
    "statement": "/s/{lot}",
    "search": "/search.html?q=foundry",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_nobody_else_is_small_and_no_wider_than_a_phone(
    watched: Watched, server: str, ids: dict[str, str], name: str
) -> None:
    address = server + PAGES[name].format(**ids)
    answer = watched.page.goto(address, wait_until="networkidle" if name != "contract" else "load")
    assert answer
    assert answer.status == 200
    assert {urlsplit(one).netloc for one in watched.requests} == {urlsplit(server).netloc}
    if name == "contract":  # its news never end: wait for what it loads, not for silence
        watched.page.wait_for_timeout(500)
    own = {url: size for url, size in watched.weights().items() if "/bundles/" not in url}
    assert 0 < sum(own.values()) < MOST_BYTES, own
    assert len(httpx2.get(address).content) < MOST_BYTES, "before it is compressed"
    for width in (1280, 360):
        watched.page.set_viewport_size({"width": width, "height": 800})
        assert watched.page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.skipif(
    "TALLY_SCREENSHOTS" not in os.environ, reason="pictures are for people: TALLY_SCREENSHOTS=folder"
)
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(browser: Browser, server: str, ids: dict[str, str], width: int, scheme: str) -> None:
    folder = Path(os.environ["TALLY_SCREENSHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    for name, path in PAGES.items():
        page.goto(server + path.format(**ids), wait_until="load")
        page.wait_for_timeout(150)
        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
    context.close()


def test_without_a_script_the_contract_is_whole(browser: Browser, server: str, ids: dict[str, str]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/c/{ids['contract']}")
    assert page.locator("#makers-table tbody tr").count() == 42
    assert page.locator(".finding").count() == 15
    page.click("#makers-table thead a:has-text('Received')")
    assert "sort=received" in page.url
    assert page.locator("th[aria-sort=descending]").inner_text() == "Received"
    context.close()


def test_makers_are_sorted_in_place(watched: Watched, server: str, ids: dict[str, str]) -> None:
    page = watched.page
    page.goto(f"{server}/c/{ids['contract']}")
    page.click("#makers-table thead a:has-text('Maker')")
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Maker")
    names = page.locator("#makers-table tbody th a").all_inner_texts()
    named = [one.lower() for one in names if not one.startswith("…")]
    assert named == sorted(named)
    assert len(named) == 41, "one keeps its name to itself"
    assert page.url == f"{server}/c/{ids['contract']}"
    page.fill("#maker-q", "foundry")
    page.keyboard.press("Enter")
    expect(page.locator("#makers-table tbody tr")).to_have_count(2)
    page.check("input[value=hub]")
    page.fill("#maker-q", "")
    page.keyboard.press("Enter")
    expect(page.locator("#makers-table tbody tr")).to_have_count(6)


def test_a_list_goes_on_in_place(watched: Watched, server: str, ids: dict[str, str]) -> None:
    page = watched.page
    page.goto(f"{server}/c/{ids['contract']}/lots")
    expect(page.locator("tbody tr")).to_have_count(50)
    page.click(".more a")
    expect(page.locator("tbody tr")).to_have_count(82)
    assert page.locator(".more").count() == 0


def test_evidence_is_checked_in_the_browser_and_again_without_the_network(
    watched: Watched, context: BrowserContext, server: str, ids: dict[str, str]
) -> None:
    page = watched.page
    page.goto(f"{server}/l/{ids['lot']}")
    verdict = page.locator(".found-out")
    expect(verdict).to_contain_text("holds against the key that this server names")
    context.set_offline(True)
    page.click(".key button")
    expect(verdict).to_contain_text("Proved")
    page.fill("#key", "demo.tallystick.example/200k+00000000+AAAA")
    page.click(".key button")
    expect(verdict).to_contain_text("NOT PROVED")
    context.set_offline(False)


def test_evidence_that_was_changed_is_not_proved(watched: Watched, server: str, ids: dict[str, str]) -> None:
    data = bytearray(httpx2.get(f"{server}/bundles/{ids['lot']}").content)
    data[len(data) // 2] ^= 1
    watched.page.route("**/bundles/*", lambda route: route.fulfill(body=bytes(data)))
    watched.page.goto(f"{server}/l/{ids['lot']}")
    expect(watched.page.locator(".found-out")).to_contain_text("NOT PROVED")


def test_the_graph_is_walked_by_keyboard(watched: Watched, server: str, ids: dict[str, str]) -> None:
    page = watched.page
    page.goto(f"{server}/c/{ids['contract']}/provenance")
    page.locator("#drawing .node").first.focus()

    def focused() -> str:
        return str(page.evaluate("document.activeElement.querySelector('title').textContent"))

    assert focused().startswith("Contract: ")
    page.keyboard.press("ArrowRight")
    assert focused().startswith("Call-off: ")
    page.keyboard.press("ArrowRight")
    assert focused().startswith("Hub: ")
    first = focused()
    page.keyboard.press("ArrowDown")
    assert focused().startswith("Hub: ")
    assert focused() != first
    page.keyboard.press("Enter")
    expect(page.locator(".node.focused")).to_have_count(1)
    assert "focus=" in page.url
    expect(page.locator("#node .found-out")).to_contain_text("holds against")
    page.go_back()
    expect(page.locator(".node.focused")).to_have_count(0)


def test_the_graph_finds_a_lot_and_shows_its_way(watched: Watched, server: str, ids: dict[str, str]) -> None:
    page = watched.page
    page.goto(f"{server}/c/{ids['contract']}/provenance")
    page.fill("#graph-q", "PUN-03-02")
    page.keyboard.press("Enter")
    page.locator(".found a", has_text="PUN-03-02").first.click()
    expect(page.locator(".node.focused title")).to_have_text("Lot: PUN-03-02, 2,500 pieces")
    stages = page.locator("#drawing .stage-name").all_text_contents()
    assert stages == ["Contract", "1 call-off", "1 hub", "1 maker", "1 lot", "2 deliveries"]


def test_the_keyboard_gets_to_the_content_and_every_stop_shows(
    watched: Watched, server: str, ids: dict[str, str]
) -> None:
    page = watched.page
    page.goto(f"{server}/c/{ids['contract']}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        shows = page.evaluate(
            "() => { const one = document.activeElement, box = one.getBoundingClientRect();"
            " return one !== document.body && box.width > 0 && getComputedStyle(one).outlineStyle !== 'none' }"
        )
        assert shows, page.evaluate("document.activeElement.outerHTML")


def test_what_is_registered_appears_while_the_page_is_open(watched: Watched, tmp_path: Path) -> None:
    spine = Spine()
    *before, receipt = spine.statements
    folder = make_log(tmp_path / "log", before, spine.agency.party)
    with served.told(build_app(Settings(log=folder), LOG_SIGNER)) as url:
        page = watched.page
        page.goto(f"{url}/c/{spine.contract}")
        received = page.locator("#lines tbody tr", has_text="Received").locator("td").first
        expect(received).to_have_text("0")
        expect(page.locator(".live")).to_be_visible()
        answer = httpx2.post(f"{url}/entries", content=receipt, headers={"content-type": "application/cose"})
        assert answer.status_code == 201
        expect(received).to_have_text("290", timeout=10_000)
        expect(page.locator("#news li")).to_contain_text(["received 290 pieces"])
        page.goto("about:blank")


def test_on_paper_it_is_light_opened_and_without_what_only_leads_on(
    watched: Watched, server: str, ids: dict[str, str]
) -> None:
    page = watched.page
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 between margins of 14 mm
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"{server}/c/{ids['contract']}", wait_until="load")
    shade = "getComputedStyle(document.querySelector('{}')).backgroundColor"
    assert page.evaluate(shade.format(".glance .critical")) == "rgb(251, 235, 232)"
    assert page.evaluate(shade.format("body")) == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth") == 688
    expect(page.locator(".finding .closes").first).to_be_visible()
    for name in ("nav.within", ".top nav", ".seek", ".filter", ".languages"):
        expect(page.locator(name)).to_be_hidden()
    page.goto(f"{server}/l/{ids['lot']}", wait_until="load")
    expect(page.locator(".on-paper")).to_contain_text(f"/l/{ids['lot']}")
    for name in (".crumbs", ".only-led"):
        expect(page.locator(name).first).to_be_hidden()
    page.emulate_media(media="screen")
    expect(page.locator(".on-paper")).to_be_hidden()


def test_a_language_is_chosen_once_for_all_pages(watched: Watched, server: str) -> None:
    page = watched.page
    page.goto(f"{server}/")
    page.click(".languages [lang=fr]")
    expect(page.locator("h1")).to_have_text("Contrats")
    page.click("nav a[href='/verify']")
    expect(page.locator("h1")).to_have_text("Vérifier un fichier")
    page.click(".languages [lang=es]")
    page.click("nav a[href='/']")
    expect(page.locator("h1")).to_have_text("Contratos")
    page.goto(f"{server}/verify")
    expect(page.locator("html")).to_have_attribute("lang", "es")


@pytest.mark.slow
def test_a_contract_of_8000_makers_is_there_within_a_second(
    watched: Watched, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("scale") / "log"
    tell(folder, demo_b(processes=2))
    with served.told(build_app(Settings(log=folder), None)) as url:
        contract = httpx2.get(f"{url}/contracts").json()["items"][0]["id"]
        watched.page.goto(f"{url}/")
        start = time.perf_counter()
        watched.page.goto(f"{url}/c/{contract}", wait_until="load")
        first_view = time.perf_counter() - start
        assert watched.page.locator(".tally").inner_text() == "8,000 makers"
        watched.page.goto(f"{url}/c/{contract}/provenance", wait_until="load")
        assert 40 <= watched.page.locator(".node").count() <= 300
    assert first_view < 1.0
