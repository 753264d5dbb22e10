"""What a report says of contents erased by order: which, by which order, who signed, why, and whether they are gone."""

import json

import pytest

from ledger.log.erased import ErasedEntry
from ledger.report.build import build_report
from ledger.report.document import render_json
from ledger.report.erased import erased_rows
from ledger.report.html import render_html
from ledger.report.pdf import render_pdf
from ledger.units import LeafIndex, StatementId
from tests.support.world import World, party
from tests.unit.report.conftest import EVIDENCE, HOSTILE, told


@pytest.fixture(scope="module")
def world() -> World:
    return told()


def erased(world: World, index: int, target: str, ground: str = "Order 7 of 2026.") -> ErasedEntry:
    known = world.state.known(StatementId(target))
    assert known is not None
    order = StatementId(f"{index:064x}")
    return ErasedEntry(LeafIndex(index), StatementId(target), known.type, order, party("Agency"), ground)


def test_what_is_gone_and_what_waits_stand_together_in_the_order_of_the_log(world):
    at = world.at()
    [first, *_], [lot, *_] = at.calloffs, at.lots
    rows = erased_rows(at, [erased(world, 9, lot)], [erased(world, 4, first)])
    assert [(row.entry, row.statement, row.gone) for row in rows] == [(4, first, False), (9, lot, True)]
    assert [row.state for row in rows] == ["ordered; can be read until `tally purge`", "destroyed"]
    assert rows[0].order == f"{4:064x}"
    assert rows[0].by.startswith("Agency (…")
    assert {row.ground for row in rows} == {"Order 7 of 2026."}


def test_parties_may_stand_behind_a_contract_and_another_contract_does_not():
    world = told()
    at, other = world.at(), world.framework(500)
    enrolment = world.enrolment("Asha")
    rows = erased_rows(at, [erased(world, 9, other), erased(world, 3, enrolment)], [])
    assert [row.statement for row in rows] == [enrolment]


def test_every_rendering_shows_it_and_takes_the_ground_as_text(world):
    at = world.at()
    [lot, *_] = at.lots
    one = erased(world, 9, lot, HOSTILE)
    shown = build_report(at, [], EVIDENCE, erased_rows(at, [one], []))
    page = render_html(shown).decode()
    assert "Erased by order" in page
    for said in (lot[:12], one.order[:12], "destroyed", "&lt;script&gt;"):
        assert said in page
    assert "<script" not in page
    assert json.loads(render_json(shown))["erased"][0]["gone"] is True
    assert len(render_pdf(shown)) > len(render_pdf(build_report(at, [], EVIDENCE)))


def test_where_nothing_was_erased_no_report_speaks_of_it(report):
    assert b"Erased by order" not in render_html(report)
