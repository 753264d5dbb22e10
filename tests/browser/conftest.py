"""A real Chromium, without a window, and the pages' files behind a server of this test run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from api.app import build_app
from api.settings import Settings
from ledger.scenario.demo_a import demo_a
from tests.support import served
from tests.support.site import serving
from tests.support.told import tell

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """While it is there its event loop counts as running, so it is gone before tests of other modules."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The worked example, served by the real server; nobody changes it."""
    folder = tmp_path_factory.mktemp("pages") / "log"
    tell(folder, demo_a())
    with served.told(build_app(Settings(log=folder), None)) as url:
        yield url


@pytest.fixture(scope="session")
def ids(server: str) -> dict[str, str]:
    """One thing of each kind."""

    def first(path: str) -> dict[str, Any]:
        return httpx2.get(server + path).json()["items"][0]

    contract = first("/contracts")["id"]
    return {
        "contract": contract,
        "hub": first("/allocations?limit=1")["id"],
        "holder": first("/allocations?limit=1")["holder"]["id"],
        "maker": first("/lots?limit=1")["maker"]["id"],
        "lot": first("/lots?limit=1")["id"],
        "recalled": first("/lots?state=recalled&limit=1")["id"],
        "delivery": first("/deliveries?newest=true&limit=1")["id"],
    }


class Watched:
    """A page, with what it complained of, whom it asked, and what travelled."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._answered: list[Request] = []
        page.on(
            "console",
            lambda message: message.type in {"error", "warning"} and self.complaints.append(message.text),
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)
        page.on("requestfinished", lambda one: self._answered.append(one))  # noqa: PLW0108  # playwright marks its listener: no built-in

    def weights(self) -> dict[str, int]:
        """Bytes of each answer's body on the way, by address."""
        return {one.url: one.sizes()["responseBodySize"] for one in self._answered}

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def watched(context: BrowserContext) -> Iterator[Watched]:
    """A fresh page that is looked at: nothing may be left to complain of, and nobody else may have been asked."""
    watched = Watched(context.new_page())
    yield watched
    assert watched.complaints == []
    own = ("http://127.0.0.1:", "file:///", "data:", "blob:")
    assert [url for url in watched.requests if not url.startswith(own)] == []
