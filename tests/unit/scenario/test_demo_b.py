"""Demo B, small: the same story at any size, in any number of processes, with figures that follow from the size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ledger.audit.whole import Audit
from ledger.events.catalogue import read_event
from ledger.limits import STATEMENT_BYTES
from ledger.scenario.demo_b import FULL, demo_b, expected
from ledger.scenario.homes import VAN_LOTS, Scale
from ledger.statement.envelope import read_statement
from tests.support.told import Told, agrees_with_itself, answered_as_told, ended_as_expected, tell

SMALL = Scale(makers=80, makers_per_hub=10, hubs_per_region=4)
UNEVEN = Scale(makers=67, makers_per_hub=30, hubs_per_region=2)
"""The last hub and the last region are not full, and one hub fills a van and begins another."""


@pytest.fixture(scope="module", params=[SMALL, UNEVEN], ids=["small", "uneven"])
def sized(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Scale, Told, Audit]]:
    scale = request.param
    told = tell(tmp_path_factory.mktemp("demo-b") / "log", demo_b(scale))
    return scale, told, told.audit(expected(scale))


def test_every_chapter_is_registered(sized: tuple[Scale, Told, Audit]) -> None:
    answered_as_told(sized[1])


def test_the_audited_figures_and_findings_follow_from_the_size(sized: tuple[Scale, Told, Audit]) -> None:
    scale, _, audit = sized
    ended_as_expected(audit, expected(scale))
    agrees_with_itself(expected(scale))


def test_in_full_size_the_figures_are_those_of_the_docstring() -> None:
    full = expected(FULL)
    figures = {
        "ordered": 200_000,
        "signed_off": 199_800,
        "rejected": 8_000,
        "made": 215_800,
        "dispatched": 199_800,
        "damaged": 40,
        "received": 199_760,
        "open": 240,
        "turned_away": 40,
        "accepted": 199_760,
        "paid": 199_760,
        "called_back": 4_992,
        "located": 4_992,
    }
    assert {name: int(getattr(full, name).value) for name in figures} == figures
    assert (str(full.worth), str(full.paid_out)) == ("INR 11,000,000", "INR 10,986,800")
    assert (full.hubs, full.makers, full.waybills, full.entries) == (80, 8_000, 320, 57_308)
    agrees_with_itself(full)


def test_several_processes_sign_the_same_bytes_and_tell_how_many() -> None:
    counted: list[int] = []
    alone, together = demo_b(SMALL), demo_b(SMALL, processes=2, progress=counted.append)
    assert alone.chapters == together.chapters
    assert sum(counted) == sum(len(chapter.statements) for chapter in together.chapters)


def test_no_key_signs_anything_before_what_it_signed_already_and_nothing_after_its_chapter() -> None:
    at = {}
    story = demo_b(SMALL)
    for chapter in story.chapters:
        for data in chapter.statements:
            statement = read_statement(data)
            at[statement.id] = read_event(statement.payload).occurred_at
            assert at[statement.id] <= chapter.at, chapter.title
    for chapter in story.chapters:
        for statement in map(read_statement, chapter.statements):
            assert statement.prev is None or at[statement.prev] <= at[statement.id], statement.payload


def test_the_names_of_home_makers_stand_nowhere() -> None:
    assert b"Home Maker" not in b"".join(
        one for chapter in demo_b(SMALL).chapters for one in chapter.statements
    )


def test_a_full_van_fits_into_a_statement() -> None:
    full_van = Scale(makers=VAN_LOTS, makers_per_hub=VAN_LOTS)
    largest = max(len(one) for chapter in demo_b(full_van).chapters for one in chapter.statements)
    assert largest < STATEMENT_BYTES
