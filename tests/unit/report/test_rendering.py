"""The three renderings: whole by themselves, the same every time, and event text is never markup."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from ledger.errors import TallyError
from ledger.report import pdf
from ledger.report.document import render_json
from ledger.report.html import drawings, render_html
from ledger.report.pdf import render_pdf
from ledger.trace.flow import Edge, Node
from tests.support.pdf import objects_of
from tests.unit.report.conftest import HOSTILE


class Page(HTMLParser):
    """What a browser would load, run and show."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [
            value or "" for name, value in attrs if name in {"src", "href", "action", "xlink:href"}
        ]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_loads_and_runs_nothing(report):
    page = Page(render_html(report))
    assert page.links == []
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(page.tags)
    assert b"default-src 'none'" in render_html(report)
    assert not re.search(rb"url\(|@import", render_html(report))


def test_html_shows_every_figure_finding_and_how_to_check(report):
    text = Page(render_html(report)).text
    for shown in (
        "Face shields",
        "1,000",
        "960",
        "302",
        "INR 55,000",
        report.evidence.vkey,
        report.evidence.root,
    ):
        assert shown in text
    for finding in report.findings:
        assert finding.message in text
        assert finding.closes in text


@pytest.mark.parametrize("render", [render_html, render_json, render_pdf])
def test_the_same_report_gives_the_same_bytes(report, render):
    assert render(report) == render(report)


def test_a_row_of_a_maker_is_little_more_than_what_it_says(report):
    """A contract may have 8,000 of them."""
    more = replace(report, makers=report.makers * 101)
    row = (len(render_html(more)) - len(render_html(report))) / 300
    assert row < 200


def test_text_of_an_event_is_never_markup(hostile, report):
    page, plain = Page(render_html(hostile)), Page(render_html(report))
    assert page.tags == plain.tags
    assert HOSTILE in page.text


def test_a_pdf_is_tagged_and_archival_and_takes_text_as_text(hostile):
    made = render_pdf(hostile)
    assert made.startswith(b"%PDF-")
    assert b"pdfaid" in made
    assert any(one.startswith(b"<</Type/StructTreeRoot") for one in objects_of(made).values())


def test_what_follows_a_drawing_of_a_page_fills_the_page_before_it(report):
    """Else half a page would stay empty wherever one comes."""
    [charts] = report.charts
    lots = [Node(f"lot {number}", "lot", f"L{number}", Decimal(1)) for number in range(80)]
    edges = [Edge("contract", lot.key, lot.quantity) for lot in lots]
    whole = Node("contract", "contract", "LTA-7", Decimal(80))
    tall = replace(charts, shares=charts.shares * 9, nodes=(whole, *lots), edges=tuple(edges))
    crowded = replace(report, charts=(tall,), makers=report.makers * 16)
    assert pages(render_pdf(crowded)) == pages(render_pdf(replace(crowded, charts=()))) + 3


def pages(pdf_file: bytes) -> int:
    return sum(one.startswith(b"<</Type/Page/") for one in objects_of(pdf_file).values())


def test_without_typst_a_pdf_is_refused_with_what_to_do(report, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    with pytest.raises(TallyError, match="needs Typst") as caught:
        pdf.render_pdf(report)
    assert "tallystick[pdf]" in caught.value.hint


def test_json_has_every_member_and_exact_decimals(report):
    told = json.loads(render_json(report))
    assert told["lines"][0]["figures"]["received"] == "960"
    assert told["lines"][0]["figures"]["unit"] == "H87"
    assert told["as_of"] == "2026-06-10T12:00:00+05:30"
    assert len(told["findings"]) == len(report.findings)
    assert told["worth"][0] == ["Ordered", {"amount": "55000", "currency": "INR"}]


def test_each_drawing_is_well_formed_and_says_what_it_shows(hostile):
    captions = []
    for caption, svg in drawings(hostile.charts[0]):
        root = ElementTree.fromstring(svg)  # noqa: S314  # our own
        assert root.get("aria-label")
        captions.append(caption)
    assert captions == [
        "Progress",
        "Days from call-off to sign-off, by lot",
        "Share by maker",
        "Where it came from",
    ]
