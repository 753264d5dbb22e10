"""The terms of a contract on a day: what an order or a sign-off is judged by, whenever it arrives."""

from datetime import date

import pytest

from ledger.rules.catalogue import Rule
from ledger.rules.records import Framework, Key, Kind
from ledger.rules.terms import latest_terms, terms_on
from tests.support.world import World, quantity, refused

MAY, JUNE, JULY = (f"2026-{month}-15T09:00:00+05:30" for month in ("05", "06", "07"))


@pytest.fixture
def world():
    world = World()
    world.framework(ceiling=1000)
    return world


def contract(world):
    record = world.state.get(Key(world.contract, Kind.FRAMEWORK, world.contract))
    assert isinstance(record, Framework)
    return record


def ceiling(was, now):
    return [{"line": "1", "ceiling": {"was": quantity(was), "now": quantity(now)}}]


def ceilings(world, *days):
    return [terms_on(contract(world), date.fromisoformat(day)).line("1").ceiling for day in days]


# Orders


def test_an_order_is_judged_by_the_ceiling_of_its_own_day(world):
    world.amend(lines=ceiling(1000, 2000), effective="2026-06-15")
    with refused(Rule.CEILING) as caught:
        world.calloff(1001, at="2026-06-14T23:59:59+05:30")
    assert caught.value.limit.startswith("1,000 pieces in all")
    world.calloff(2000, at="2026-06-15T00:00:00+05:30")  # the 14th in UTC: the day is the signer's own


def test_an_order_written_before_a_ceiling_fell_still_goes_in(world):
    world.amend(lines=ceiling(1000, 600), effective="2026-06-01")
    with refused(Rule.CEILING):
        world.calloff(601, at=JUNE)
    world.calloff(1000, at=MAY)
    with refused(Rule.CEILING) as caught:
        world.calloff(1, at=JUNE)
    assert caught.value.limit == "600 pieces in all, 1,000 pieces already called off"
    assert caught.value.hint.startswith("order at most 0 pieces")


def test_all_orders_count_whatever_their_day(world):
    world.amend(lines=ceiling(1000, 2000), effective="2026-06-01")
    world.calloff(1500, at=JUNE)
    with refused(Rule.CEILING):
        world.calloff(1, at=MAY)  # of May's 1,000 nothing is left


def test_an_order_is_of_a_day_of_the_period_as_it_was_agreed_by_then(world):
    world.amend(last_day={"was": "2026-12-31", "now": "2027-06-30"}, effective="2027-01-01")
    world.calloff(1, at="2027-06-30T09:00:00+05:30")
    with refused(Rule.PERIOD) as caught:
        world.calloff(1, at="2027-07-01T09:00:00+05:30")
    assert caught.value.limit == "from 2026-01-01 to 2027-06-30"


def test_an_order_of_before_the_period_was_cut_short_still_goes_in(world):
    world.amend(last_day={"was": "2026-12-31", "now": "2026-05-31"}, effective="2026-07-01")
    world.calloff(1, at=JUNE)
    with refused(Rule.PERIOD) as caught:
        world.calloff(1, at=JULY)
    assert caught.value.limit == "from 2026-01-01 to 2026-05-31"


def test_a_line_is_ordered_from_its_first_day_on(world):
    line = {"line": "2", "item": "https://items.example/2", "description": "Strap", "unit": "MTR"}
    world.amend(added=[line], effective="2026-06-15")
    with refused(Rule.LINE) as caught:
        world.calloff({"2": "1 MTR"}, at="2026-06-14T09:00:00+05:30")
    assert caught.value.limit == "one of 1"
    world.calloff({"2": "1 MTR"}, at="2026-06-15T09:00:00+05:30")
    assert [one.line for one in contract(world).lines] == ["1", "2"]


# Sign-offs


def test_a_sign_off_has_the_tolerance_of_its_own_day(world):
    part = world.accepted(world.allot(world.accepted(world.calloff(100)), "Asha", 100))
    world.amend(tolerance_percent={"was": "0", "now": "10"}, effective="2026-06-01")
    with refused(Rule.SIGN_OFF_LEFT):
        world.sign_off(part, "A1", 101, at=MAY)
    world.sign_off(part, "A1", 110, at=JUNE)
    with refused(Rule.SIGN_OFF_LEFT) as caught:
        world.sign_off(part, "A2", 1, at=JUNE)
    assert caught.value.limit == "110 pieces in all, 110 pieces already signed off"


def test_what_was_signed_off_within_a_tolerance_stays_when_it_falls(world):
    part = world.accepted(world.allot(world.accepted(world.calloff(100)), "Asha", 100))
    world.amend(tolerance_percent={"was": "0", "now": "10"})
    world.sign_off(part, "A1", 110)
    world.amend(tolerance_percent={"was": "10", "now": "0"}, effective="2026-06-01")
    with refused(Rule.SIGN_OFF_LEFT) as caught:
        world.sign_off(part, "A2", 1, at=JUNE)
    assert caught.value.limit == "100 pieces in all, 110 pieces already signed off"
    assert caught.value.hint.startswith("release at most 0 pieces")


# Changes one after another


def test_changes_apply_in_the_order_they_were_accepted_from_their_own_days_on(world):
    world.amend(lines=ceiling(1000, 2000), effective="2026-07-01")
    world.amend(lines=ceiling(2000, 1500), effective="2026-06-01")
    days = ("2026-05-31", "2026-06-01", "2026-06-30", "2026-07-01")
    assert ceilings(world, *days) == [1000, 1500, 1500, 1500]
    assert latest_terms(contract(world)).line("1").ceiling == 1500


def test_a_change_that_says_nothing_of_a_term_leaves_it(world):
    world.amend(lines=ceiling(1000, 2000), effective="2026-06-01")
    world.amend(tolerance_percent={"was": "0", "now": "5"}, effective="2026-06-01")
    then = terms_on(contract(world), date(2026, 6, 1))
    assert (then.line("1").ceiling, then.tolerance, then.last_day) == (2000, 5, date(2026, 12, 31))


def test_what_was_signed_is_kept_as_it_was_signed(world):
    before = contract(world)
    world.amend(lines=ceiling(1000, 2000))
    assert contract(world).lines == before.lines
    assert terms_on(contract(world), date(2026, 1, 1)) == contract(world)
