"""The pages under axe-core, in each of their states: no rule of WCAG 2.2 A and AA, or of good practice, is broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Watched
from tests.browser.test_pages import PAGES
from tests.browser.test_verifier_vectors import VECTORS
from tests.browser.test_verify_page import bring, opened

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"

pytestmark = pytest.mark.skipif(not AXE.exists(), reason="no axe-core here: `make browser` fetches it")


def broken(page: Page) -> list[str]:
    """What axe finds: the rule, and the first element that breaks it."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_the_verify_page_breaks_no_rule_of_accessibility(
    watched: Watched, site: str, width: int, scheme: str
) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    opened(watched, f"{site}/verify")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert broken(page) == []
    bring(page, VECTORS / "bundle/good/delivery.bundle")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert broken(page) == []
    bring(page, VECTORS / "bundle/bad/signature-forged.bundle")
    page.fill("#key", "no key")
    page.wait_for_selector("#key-said.bad")
    assert broken(page) == []


@pytest.mark.parametrize("look", [(360, "dark"), (1280, "light")])
@pytest.mark.parametrize(
    "name", ["start", "contract", "lots", "provenance", "hub", "recalled", "party-hub", "statement", "search"]
)
def test_the_pages_break_no_rule_of_accessibility(
    watched: Watched, server: str, ids: dict[str, str], name: str, look: tuple[int, str]
) -> None:
    page = watched.page
    page.set_viewport_size({"width": look[0], "height": 900})
    page.emulate_media(color_scheme="dark" if look[1] == "dark" else "light")
    page.goto(server + PAGES[name].format(**ids))
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert broken(page) == []
