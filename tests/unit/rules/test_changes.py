"""Rules of changes of a contract (R28, R27, R32, R26, and R10 to R15 of them): both agree, from what is in force."""

import pytest

from ledger.rules.catalogue import Rule
from ledger.rules.records import Change, Framework, Key, Kind
from ledger.rules.refusal import short_id
from ledger.rules.terms import latest_terms
from tests.support.world import World, quantity, refused

NOWHERE = "ab" * 32
LATER = "2026-05-05T09:00:00+05:30"


@pytest.fixture
def world():
    """A ceiling of 1,000 pieces, no tolerance."""
    world = World()
    world.framework(ceiling=1000)
    return world


def ceiling(was, now, line="1"):
    """What changes about the ceiling of a line; None is no ceiling."""
    sides = {"was": was, "now": now}
    return {"line": line, "ceiling": {side: one and quantity(one) for side, one in sides.items()}}


def price(was, now):
    written = {"was": was, "now": now}
    for side, said in written.items():
        if isinstance(said, str):
            amount, currency = said.split()
            written[side] = {"amount": amount, "currency": currency}
    return {"line": "1", "price": written}


def tolerance(was, now):
    return {"was": was, "now": now}


def terms(world):
    """What is in force by the latest accepted change."""
    record = world.state.get(Key(world.contract, Kind.FRAMEWORK, world.contract))
    assert isinstance(record, Framework)
    return latest_terms(record)


def added(name="2", **how):
    line = {"line": name, "item": f"https://items.example/{name}", "description": "Strap", "unit": "MTR"}
    return line | how


# Both agree


def test_an_amendment_takes_effect_when_it_is_accepted(world):
    change = world.amend(lines=[ceiling(1000, 2000)], accept=False)
    with refused(Rule.CEILING):
        world.calloff(1001)
    word = world.accept_change(change)
    world.calloff(2000)
    kept = world.state.get(Key(world.contract, Kind.CHANGE, change))
    assert isinstance(kept, Change)
    assert (kept.reason, kept.accepted) == ("As agreed.", word)


@pytest.mark.parametrize("change", ["amend", "close"])
def test_only_the_buyer_offers_a_change(world, change):
    said = {"tolerance_percent": tolerance("0", "5")} if change == "amend" else {}
    for signer in ("Prime", "Store"):
        with refused(Rule.SIGNER) as caught:
            getattr(world, change)(by=signer, **said)
        assert caught.value.limit.startswith("the buyer of the contract: Agency (…")
        assert caught.value.rests_on == (world.contract,)


def test_only_the_prime_accepts_a_change(world):
    change = world.close(accept=False)
    with refused(Rule.SIGNER) as caught:
        world.accept_change(change, by="Agency")
    assert caught.value.limit.startswith("the prime named in the contract: Prime (…")


def test_a_change_is_accepted_once(world):
    change = world.amend(tolerance_percent=tolerance("0", "5"), accept=False)
    word = world.accept_change(change)
    with refused(Rule.ACCEPTED_ONCE) as caught:
        world.accept_change(change, at=LATER)
    assert caught.value.rests_on == (change, word)


def test_a_change_waits_for_the_contracts_acceptance():
    world = World()
    contract = world.framework(ceiling=10, accept=False)
    for change in (world.close, lambda: world.amend(tolerance_percent=tolerance("0", "5"))):
        with refused(Rule.IN_FORCE, retriable=True) as caught:
            change()
        assert caught.value.found == f"the contract {short_id(contract)} has not been accepted"
        assert caught.value.rests_on == (contract,)


def test_what_is_accepted_is_a_change_of_this_contract(world):
    change = world.close(accept=False)
    with refused(Rule.REF_FITS) as caught:
        world.accept_change(world.contract)
    assert caught.value.limit == f"a change of contract {short_id(world.contract)}"
    with refused(Rule.REF_REGISTERED, retriable=True):
        world.accept_change(NOWHERE)
    world.framework(reference="LTA-8")
    with refused(Rule.REF_FITS):
        world.accept_change(change)


def test_a_change_names_the_contract_it_is_about(world):
    body, first = {"reason": "All is ordered."}, world.contract
    second = world.framework(reference="LTA-8")
    with refused(Rule.REF_FITS) as caught:
        world.say("Agency", "framework.closed", body, {"framework": first})
    assert "framework.signed of another contract" in caught.value.found
    with refused(Rule.REF_REGISTERED, retriable=True):
        world.say("Agency", "framework.closed", body, {"framework": NOWHERE}, sub=second)


# From what is in force


@pytest.mark.parametrize(
    ("said", "limit", "found"),
    [
        ({"tolerance_percent": tolerance("5", "10")}, "0, which", "the tolerance was 5"),
        ({"last_day": {"was": "2026-11-30", "now": "2027-12-31"}}, "2026-12-31, which", "was 2026-11-30"),
        ({"lines": [ceiling(900, 2000)]}, "1,000, which", "the ceiling of line 1 was 900"),
        ({"lines": [ceiling(None, 2000)]}, "1,000, which", "the ceiling of line 1 was not set"),
        ({"lines": [price("50 INR", "60 INR")]}, "not set, which", "the price of line 1 was INR 50"),
    ],
)
def test_an_amendment_changes_what_is_in_force(world, said, limit, found):
    with refused(Rule.CHANGE_FROM) as caught:
        world.amend(**said)
    assert caught.value.limit.startswith(limit)
    assert found in caught.value.found
    assert caught.value.rests_on == (world.contract,)  # a statement there is, not the one refused
    assert caught.value.hint.startswith("another change came first")


def test_a_price_changes_from_the_one_in_force(world):
    world.amend(lines=[price(None, "55 INR")])
    for stale, found in ((None, "not set"), ("50 INR", "INR 50")):
        with refused(Rule.CHANGE_FROM) as caught:
            world.amend(lines=[price(stale, "60 INR")])
        assert caught.value.found == f"the amendment says that the price of line 1 was {found}"
        assert caught.value.limit == "INR 55, which is in force"
    world.amend(lines=[price("55 INR", "60 INR")])


def test_what_an_amendment_does_not_speak_of_stays_as_it_is(world):
    world.amend(lines=[price(None, "55 INR")])
    world.amend(lines=[ceiling(1000, 2000)])
    line = terms(world).lines[0]
    assert (str(line.price.money), line.ceiling, line.specifications) == ("INR 55", 2000, ())


def test_a_specification_changes_from_the_one_in_force():
    world = World()
    first, second, third = (world.specification(one) for one in "ABC")
    world.framework(made_to=first)

    def made_to(was, now):
        return [{"line": "1", "specification": {"was": was, "now": now}}]

    for stale in (None, second):
        with refused(Rule.CHANGE_FROM) as caught:
            world.amend(lines=made_to(stale, third))
        assert caught.value.limit == f"{first}, which is in force"
    world.amend(lines=made_to(first, second))
    with refused(Rule.CHANGE_FROM):
        world.amend(lines=made_to(first, third))
    world.amend(lines=made_to(second, third))
    assert terms(world).lines[0].specifications == (first, second, third)


def test_of_two_amendments_from_the_same_terms_only_one_takes_effect(world):
    """Whichever is accepted first; the other says no more what is in force."""
    first = world.amend(tolerance_percent=tolerance("0", "5"), accept=False)
    second = world.amend(tolerance_percent=tolerance("0", "10"), accept=False)
    world.accept_change(second)
    with refused(Rule.CHANGE_FROM) as caught:
        world.accept_change(first)
    assert caught.value.limit == "10, which is in force"
    assert terms(world).tolerance == 10


def test_amendments_of_different_terms_do_not_stand_in_each_others_way(world):
    first = world.amend(tolerance_percent=tolerance("0", "5"), accept=False)
    second = world.amend(lines=[ceiling(1000, 2000)], accept=False)
    world.accept_change(second)
    world.accept_change(first)
    assert (terms(world).tolerance, terms(world).lines[0].ceiling) == (5, 2000)


def test_back_and_forth_is_a_change_like_any_other(world):
    world.amend(tolerance_percent=tolerance("0", "5"))
    world.amend(tolerance_percent=tolerance("5", "0"))
    with refused(Rule.CHANGE_FROM):
        world.amend(tolerance_percent=tolerance("5", "10"))
    assert terms(world).tolerance == 0


def test_a_contract_does_not_end_before_it_begins(world):
    with refused(Rule.CHANGE_FROM) as caught:
        world.amend(last_day={"was": "2026-12-31", "now": "2025-12-31"})
    assert caught.value.limit == "2026-01-01 or later"
    assert caught.value.rests_on == (world.contract,)
    world.amend(last_day={"was": "2026-12-31", "now": "2026-01-01"})


# Lines


def test_an_amendment_changes_lines_there_are(world):
    for said in (ceiling(10, 20, "9"), {"line": "9", "price": {"was": None, "now": None}}):
        with refused(Rule.LINE) as caught:
            world.amend(lines=[said])
        assert (caught.value.limit, caught.value.rests_on) == ("one of 1", (world.contract,))


@pytest.mark.parametrize(("was", "now"), [("1000 KGM", 2000), (1000, "2000 KGM"), (1000, "1000 KGM")])
def test_a_ceiling_stays_in_the_unit_of_its_line(world, was, now):
    """1,000 kilograms are not taken for 1,000 pieces."""
    with refused(Rule.UNIT) as caught:
        world.amend(lines=[ceiling(was, now)])
    assert (caught.value.limit, caught.value.rests_on) == ("H87, the line's unit", (world.contract,))


def test_a_line_is_added_under_a_name_that_is_not_used(world):
    with refused(Rule.CHANGE_FROM) as caught:
        world.amend(added=[added("1")])
    assert caught.value.found == "line 1 would be added and is there already"
    assert caught.value.limit == "a line name that is not used"
    first = world.amend(added=[added()], accept=False)
    world.amend(added=[added(description="Another strap")])
    with refused(Rule.CHANGE_FROM):  # the name was free when it was offered
        world.accept_change(first)


def test_an_added_line_is_kept_once(world):
    """Among the contract's lines: its change, as the contract keeps it, is what it sets for the lines there are."""
    change = world.amend(added=[added()])
    contract = world.state.get(Key(world.contract, Kind.FRAMEWORK, world.contract))
    assert [line.line for line in contract.lines] == ["1", "2"]
    assert [one.added for one in contract.changes] == [()]
    offered = world.state.get(Key(world.contract, Kind.CHANGE, change))
    assert offered.terms.added == contract.lines[1:]


def test_an_added_line_is_ordered_and_changed_like_any_other(world):
    with refused(Rule.LINE):
        world.calloff({"2": "10 MTR"})
    world.amend(added=[added(ceiling=quantity("10 MTR"))])
    world.calloff({"2": "10 MTR"})
    world.amend(lines=[ceiling("10 MTR", "20 MTR", "2")])
    world.calloff({"2": "10 MTR"}, due="2026-07-01")
    with refused(Rule.CEILING):
        world.calloff({"2": "1 MTR"})


def test_a_specification_is_of_the_lines_item(world):
    other = world.specification(item="https://items.example/2")
    with refused(Rule.REF_FITS) as caught:
        world.amend(lines=[{"line": "1", "specification": {"was": None, "now": other}}])
    assert caught.value.found == f"the specification {short_id(other)} is of https://items.example/2"
    assert caught.value.limit == "one of the line's item, https://items.example/1"
    with refused(Rule.REF_FITS):
        world.amend(added=[added(item="https://items.example/3", specification=other)])
    with refused(Rule.REF_REGISTERED, retriable=True):
        world.amend(added=[added(specification=NOWHERE)])
    world.amend(added=[added(specification=other)])


# Never below what was called off


def test_a_ceiling_falls_to_what_was_called_off_and_not_one_piece_further(world):
    world.calloff(600)
    with refused(Rule.MADE_ALREADY) as caught:
        world.amend(lines=[ceiling(1000, 599)])
    assert caught.value.found == "the ceiling of line 1 would fall below what was called off"
    assert caught.value.limit == "at least 600 pieces, which is called off"
    assert caught.value.asked == "599 pieces, tolerance included"
    assert caught.value.rests_on == (world.contract,)
    world.amend(lines=[ceiling(1000, 600)])
    with refused(Rule.CEILING):
        world.calloff(1)


def test_a_line_without_a_ceiling_gets_one_of_at_least_what_was_called_off():
    world = World()
    world.framework(ceiling="H87")
    world.calloff(600)
    with refused(Rule.MADE_ALREADY):
        world.amend(lines=[ceiling(None, 599)])
    world.amend(lines=[ceiling(None, 600)])


def test_the_tolerance_falls_no_further_than_what_was_called_off():
    world = World()
    world.framework(ceiling=1000, tolerance="10")
    world.calloff(1050)
    with refused(Rule.MADE_ALREADY) as caught:
        world.amend(tolerance_percent=tolerance("10", "4.9"))
    assert caught.value.asked == "1,049 pieces, tolerance included"
    world.amend(tolerance_percent=tolerance("10", "5"))


def test_what_was_called_off_since_it_was_offered_counts_when_it_is_accepted(world):
    change = world.amend(lines=[ceiling(1000, 500)], accept=False)
    world.calloff(501)
    with refused(Rule.MADE_ALREADY):
        world.accept_change(change)


def test_after_a_cancellation_the_ceiling_may_fall(world):
    order = world.accepted(world.calloff(600))
    world.cancel(order, 200)
    world.amend(lines=[ceiling(1000, 400)])


def test_an_order_of_an_earlier_day_does_not_bar_later_changes(world):
    """From June the ceiling is 600; an order of May, by the terms of May, takes it to 900."""
    june = {"effective": "2026-06-01"}
    world.calloff(500)
    world.amend(lines=[ceiling(1000, 600)], **june)
    world.calloff(400, due="2026-07-01")
    world.amend(last_day={"was": "2026-12-31", "now": "2027-01-31"})
    world.amend(lines=[ceiling(600, 800)], **june)  # it rises, though not above what was called off
    with refused(Rule.MADE_ALREADY):
        world.amend(lines=[ceiling(800, 799)], **june)
    world.amend(lines=[ceiling(800, None)], **june)


def test_a_ceiling_that_rises_for_later_days_does_not_fall_for_earlier_ones(world):
    """It is 600 from June and 1,000 before; as 800 from May on it would fall for May, when 900 were called off."""
    world.calloff(500)
    world.amend(lines=[ceiling(1000, 600)], effective="2026-06-01")
    world.calloff(400, due="2026-07-01")
    with refused(Rule.MADE_ALREADY) as caught:
        world.amend(lines=[ceiling(600, 800)], effective="2026-05-31")
    assert caught.value.limit == "at least 900 pieces, which is called off"
    assert caught.value.asked == "800 pieces, tolerance included"
    world.amend(lines=[ceiling(600, 900)], effective="2026-05-31")


# Confidential prices


@pytest.fixture
def secret():
    """A contract that keeps its prices confidential."""
    world = World()
    world.framework(confidential=["price"])
    return world


def test_a_confidential_price_is_committed_to_and_not_written_out(secret):
    for said in (
        {"lines": [price(None, "55 INR")]},
        {"added": [added(price={"amount": "5", "currency": "INR"})]},
    ):
        with refused(Rule.CONFIDENTIAL) as caught:
            secret.amend(**said)
        assert caught.value.found == "the amendment writes a price out"
        assert caught.value.rests_on == (secret.contract,)
    secret.amend(lines=[price(None, {"commitment": "c" * 64})])
    secret.amend(added=[added(price={"commitment": "d" * 64})])


def test_a_committed_price_is_named_by_its_commitment(secret):
    secret.amend(lines=[price(None, {"commitment": "c" * 64})])
    with refused(Rule.CHANGE_FROM) as caught:
        secret.amend(lines=[price({"commitment": "d" * 64}, {"commitment": "e" * 64})])
    assert caught.value.found.endswith("was the commitment dddddddddddd")
    assert caught.value.limit == "the commitment cccccccccccc, which is in force"
    with refused(Rule.CHANGE_FROM):  # what is in force is not written out either
        secret.amend(lines=[price("55 INR", {"commitment": "e" * 64})])


def test_where_prices_are_open_they_are_written_or_committed_to(world):
    world.amend(lines=[price(None, "55 INR")])
    world.amend(lines=[price("55.00 INR", {"commitment": "c" * 64})])
    world.amend(lines=[price({"commitment": "c" * 64}, None)])
    assert terms(world).lines[0].price is None


# Closing


def test_a_closed_contract_takes_no_more_orders_and_what_was_ordered_goes_on(world):
    order = world.calloff(600)
    change = world.close(accept=False)
    world.calloff(10)
    world.accept_change(change)
    with refused(Rule.WITHDRAWN) as caught:
        world.calloff(1)
    assert caught.value.found == f"contract LTA-7 was closed by {short_id(change)}"
    assert (caught.value.limit, caught.value.rests_on) == ("a contract that is open", (change,))
    part = world.accepted(world.allot(world.accepted(order), "Asha", 600))
    world.cancel(order, 100)
    world.withdraw(part, 50)
    world.sign_off(part, "A1", 500)


def test_a_closed_contract_is_neither_changed_nor_closed_again(world):
    waiting = [
        world.amend(tolerance_percent=tolerance("0", "5"), accept=False),
        world.close(accept=False, at=LATER),
    ]
    closed = world.close()
    for change in waiting:
        with refused(Rule.WITHDRAWN) as caught:
            world.accept_change(change)
        assert caught.value.rests_on == (closed,)
    for again in (
        lambda: world.close(at="2026-05-06T09:00:00+05:30"),
        lambda: world.amend(tolerance_percent=tolerance("0", "10")),
    ):
        with refused(Rule.WITHDRAWN):
            again()


def test_the_contract_itself_is_still_accepted_once(world):
    world.amend(tolerance_percent=tolerance("0", "5"))
    with refused(Rule.ACCEPTED_ONCE):
        world.say("Prime", "framework.accepted", refs={"framework": world.contract}, at=LATER)
