"""The worked example in a real browser: served once, seen by the system's Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from api.settings import Settings
from ledger.scenario.demo_a import demo_a
from tests.support.served import serving
from tests.support.told import tell

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Asks nobody but the server of the test."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The worked example, served; nobody changes it."""
    folder = tmp_path_factory.mktemp("pages") / "log"
    tell(folder, demo_a())
    with serving(Settings(log=folder)) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        yield browser
        browser.close()


class Seen:
    """A page with what went wrong on it, where it asked for things, and what it weighed."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        self.weights: dict[str, int] = {}
        """What travelled for the body of each answer, by address."""
        page.on("console", lambda one: self.wrong.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda one: self.weights.setdefault(one.url, 0))
        page.on(
            "requestfinished", lambda one: self.weights.update({one.url: one.sizes()["responseBodySize"]})
        )


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def seen(context: BrowserContext) -> Seen:
    return Seen(context.new_page())
