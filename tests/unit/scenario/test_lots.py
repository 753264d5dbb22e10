"""Lots: what is planned adds up to what every maker is to make, and a sign-off tells how it was checked."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from ledger.events.catalogue import read_event
from ledger.events.production import BatchSignedOff
from ledger.events.specification import SpecificationPublished
from ledger.scenario.cast import IST
from ledger.scenario.chapters.making import RECALLED_LOTS, RECALLED_SHEET, as_it_went
from ledger.scenario.lots import Lot, plan_lots, sign_off_body
from ledger.scenario.people import assemble
from ledger.scenario.product import SPECIFICATION

NOON = datetime(2026, 3, 14, 13, tzinfo=IST)
CAST = assemble()
PUNE = CAST.hub("PUN")


def _lot(released: int, number: int = 1) -> Lot:
    return Lot(PUNE, PUNE.makers[0], number, released, NOON, "CS-PUN-1")


def _event(type_name: str, refs: dict[str, Any], body: Any) -> Any:
    stamp = {"version": 1, "occurred_at": NOON.isoformat(), "prev": None}
    return read_event({"type": type_name, **stamp, "refs": refs, "body": body})


@pytest.mark.parametrize(
    ("released", "rejected", "samples", "made"),
    [
        (3_000, 18, 5, 3_023),
        (2_500, 15, 5, 2_520),
        (1_700, 11, 5, 1_716),
        (1_670, 11, 5, 1_686),
        (500, 3, 5, 508),
        (25, 1, 1, 27),
        (24, 1, 1, 26),
    ],
)
def test_the_figures_of_a_lot_are_those_of_the_docstring(
    released: int, rejected: int, samples: int, made: int
) -> None:
    lot = _lot(released)
    assert (lot.rejected, lot.samples, lot.made) == (rejected, samples, made)


def test_planned_lots_make_up_what_every_maker_is_to_make_and_have_names_of_their_own() -> None:
    lots = plan_lots(CAST.hubs)
    for hub in CAST.hubs:
        for maker in hub.makers:
            assert sum(lot.released for lot in lots if lot.maker is maker) == maker.pieces
    assert len({lot.name for lot in lots}) == len(lots) == 80
    assert len({lot.signed_at for lot in lots}) == 80


def test_as_it_went_one_maker_falls_30_short_one_makes_500_again_and_the_others_what_was_planned() -> None:
    planned, went = plan_lots(CAST.hubs), list(as_it_went(plan_lots(CAST.hubs)))
    assert len({lot.name for lot in went}) == len(went) == 82
    assert len({lot.signed_at for lot in went}) == 82

    def by_maker(lots: list[Lot]) -> Counter[str]:
        made: Counter[str] = Counter()
        for lot in lots:
            made[lot.maker.code] += lot.released
        return made

    more = Counter(by_maker(went))
    more.subtract(by_maker(planned))
    assert {code: pieces for code, pieces in more.items() if pieces} == {"HYD-06": -30, "PUN-02": 500}


def test_the_sheet_that_is_called_back_went_into_three_lots_of_three_makers() -> None:
    lots = [lot for lot in as_it_went(plan_lots(CAST.hubs)) if lot.sheet == RECALLED_SHEET]
    assert {lot.name for lot in lots} == set(RECALLED_LOTS)
    assert len({lot.maker.code for lot in lots}) == len({lot.hub.code for lot in lots}) == 3


@pytest.mark.parametrize(
    ("released", "samples"), [(3_000, [125, 125, 20, 8]), (1_700, [80, 80, 20, 8]), (25, [27, 27, 20, 8])]
)
def test_a_sign_off_says_what_was_checked_on_how_many_of_which_sheet_and_when(
    released: int, samples: list[int]
) -> None:
    event = _event("batch.signed_off", {"allocation": "a" * 64}, sign_off_body(_lot(released)))
    assert isinstance(event, BatchSignedOff)
    assert event.body.lot == "PUN-01-01"
    assert [check.sample for check in event.body.checks] == samples
    assert [(one.lot, one.item) for one in event.body.inputs] == [
        ("CS-PUN-1", "https://demo.tallystick.example/item/pet-sheet-0.5")
    ]
    assert event.body.made_between.last == NOON.date()
    kept = event.body.made.value - event.body.rejected.value - event.body.released.value
    assert kept == _lot(released).samples


def test_a_sign_off_makes_every_check_that_the_plan_asks_of_its_maker() -> None:
    plan = _event("specification.published", {}, SPECIFICATION)
    assert isinstance(plan, SpecificationPublished)
    asked = {check.characteristic: check.least for check in plan.body.checks if check.by == "maker"}
    done = _event("batch.signed_off", {"allocation": "a" * 64}, sign_off_body(_lot(1_700))).body.checks
    assert {check.characteristic for check in done} == set(asked)
    assert all(check.sample >= (asked[check.characteristic] or 0) for check in done)
