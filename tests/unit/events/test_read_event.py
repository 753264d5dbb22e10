"""Reading a payload: every wrong field is named by its path, with what is wrong and what is expected."""

import copy

import pytest

from ledger.errors import MalformedEvent
from ledger.events.catalogue import EVENTS, read_event
from ledger.limits import LINES_PER_STATEMENT, LOTS_PER_STATEMENT
from tests.support.examples import EXAMPLES
from tests.support.world import party, quantity

MISSING = object()


def changed(name, path, value):
    payload = copy.deepcopy(EXAMPLES[name])
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    holder = payload
    for part in way:
        holder = holder[part]
    if value is MISSING:
        del holder[last]
    else:
        holder[last] = value
    return payload


def problems(payload):
    with pytest.raises(MalformedEvent) as caught:
        read_event(payload)
    return caught.value.problems


def problem(name, path, value):
    """The one problem of an example with this one change."""
    (only,) = problems(changed(name, path, value))
    return only


@pytest.mark.parametrize(
    "name", [None, 7, "", "batch.signedoff", "Batch.signed_off", ["log.policy"], "x" * 10_000]
)
def test_an_unknown_type_lists_the_known(name):
    with pytest.raises(MalformedEvent) as caught:
        read_event({"type": name})
    assert all(known in caught.value.expected for known in EVENTS)
    assert len(caught.value.found) < 120


def test_the_type_says_which_event_is_wrong():
    with pytest.raises(MalformedEvent, match=r"this is not a valid framework\.accepted"):
        read_event(changed("framework.accepted", "refs.framework", MISSING))


@pytest.mark.parametrize("member", ["version", "occurred_at", "prev", "refs", "body"])
@pytest.mark.parametrize("name", EVENTS)
def test_a_missing_member_is_named(name, member):
    assert problem(name, member, MISSING) == f"{member}: is missing"


@pytest.mark.parametrize("name", EVENTS)
def test_an_unknown_member_is_named_wherever_it_is(name):
    for place in ("", "refs.", "body."):
        assert problem(name, f"{place}colour", "red") == f"{place}colour: is not a field of this event"


@pytest.mark.parametrize("unknown", ["Title", "str", "none", "a[0]"])
def test_an_unknown_member_is_named_whatever_it_is_called(unknown):
    assert (
        problem("framework.signed", f"body.{unknown}", 1) == f"body.{unknown}: is not a field of this event"
    )


def test_an_unknown_members_name_cannot_write_on_the_screen():
    said = problem("framework.signed", "body.title\n\x1b[2J\u202e" + "x" * 200, 1)
    assert said.isprintable()
    assert len(said) < 120


def test_all_problems_are_told_at_once():
    payload = changed("framework.signed", "body.law", "ZZ")
    payload["body"]["title"] = ""
    del payload["body"]["prime"]
    assert [one.split(":")[0] for one in problems(payload)] == ["body.title", "body.prime", "body.law"]


def test_a_problem_inside_a_list_is_named_by_its_place_and_told_once():
    lines = [{"line": f"{n}", "quantity": quantity(1)} for n in range(3)]
    lines[1]["quantity"] = quantity("1 BX")
    said = problem("calloff.issued", "body.lines", lines)
    assert said.startswith("body.lines.1.quantity: 'BX' is not a unit")


@pytest.mark.parametrize(
    ("name", "path", "value", "words"),
    [
        ("calloff.issued", "version", 2, "less than or equal to 1"),
        ("calloff.issued", "version", True, "a valid integer"),
        ("calloff.issued", "version", "1", "a valid integer"),
        ("calloff.issued", "prev", "C1" * 32, "should match"),
        ("calloff.issued", "prev", "c1" * 31, "should match"),
        ("calloff.issued", "prev", "c1" * 32 + "\n", "should match"),
        ("calloff.issued", "refs.framework", None, "a valid string"),
        ("calloff.issued", "body.lines.0.quantity.value", 1000, "value as text, never a number"),
        ("calloff.issued", "body.lines.0.quantity.value", 1000.5, "value as text, never a number"),
        ("calloff.issued", "body.lines.0.quantity", 1000.5, "found float"),
        ("calloff.issued", "body.lines.0.quantity.unit", "BX", "count what is in them"),
        ("calloff.issued", "body.lines.0.quantity.unit", "h87", "'h87' is not a unit"),
        ("calloff.issued", "body.lines.0.quantity.unit", MISSING, "exactly 'value' and 'unit'"),
        ("calloff.issued", "body.lines.0.quantity.more", 1, "exactly 'value' and 'unit'"),
        ("calloff.issued", "body.lines", [], "at least 1 item"),
        ("calloff.issued", "body.lines.0.line", "a b", "should match"),
        ("calloff.issued", "body.place.country", "UK", "ISO 3166-1"),
        ("calloff.issued", "body.place.region", "IN-", "should match"),
        ("framework.signed", "body.lines.0.unit", "BX", "'BX' is not assigned"),
        ("framework.signed", "body.lines.0.item", "not a uri", "should match"),
        ("framework.signed", "body.lines.0.item", "https://x/" + "y" * 200, "at most 200 characters"),
        ("framework.signed", "body.incoterm", "DDU", "Incoterms 2020"),
        ("framework.signed", "body.released_by", "hub", "'maker'"),
        ("framework.signed", "body.keep_apart.0", "paying", "'ordering and receiving'"),
        ("framework.signed", "body.liability_terms.size", -1, "greater than or equal to 0"),
        ("framework.signed", "body.liability_terms.size", 1.0, "a valid integer"),
        ("framework.signed", "body.liability_terms.media_type", "pdf", "should match"),
        ("batch.signed_off", "body.lot", "x" * 21, "should match"),
        ("batch.signed_off", "body.lot", "A 1", "should match"),
        ("batch.signed_off", "body.checks.0.sample", 0, "greater than or equal to 1"),
        ("delivery.dispatched", "body.packs", -1, "greater than or equal to 0"),
        ("delivery.dispatched", "body.packs", True, "a valid integer"),
        ("log.policy", "body.origin", "log example", "should match"),
        ("log.policy", "body.limits.statement_bytes", 1023, "greater than or equal to 1024"),
        ("log.policy", "body.limits.statement_bytes", 16_385, "less than or equal to 16384"),
        ("log.policy", "body.reading", "nobody", "'public' or 'parties'"),
        ("party.enrolled", "body.kind", "farmer", "'maker'"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_what_is_wrong(name, path, value, words):
    said = problem(name, path, value)
    assert words in said
    assert path.startswith(said.split(":")[0])


def test_what_was_found_is_shown_short():
    said = problem("calloff.issued", "body.lines.0.line", "\x1b" * 5_000)
    assert len(said) < 400
    assert said.isprintable()


# What holds between fields


@pytest.mark.parametrize(
    ("name", "path", "value", "words"),
    [
        ("framework.signed", "body.period.last", "2025-12-31", "the period ends before it begins"),
        ("framework.signed", "body.lines.0.ceiling", quantity("1 KGM"), "the ceiling is not in the line's unit"),
        ("batch.signed_off", "body.checks.0.failed", 81, "more failed than were checked"),
        ("delivery.received", "body.items.0.short", quantity("12 EA"), "are not in one unit"),
        ("delivery.received", "body.items.0.excess", quantity(1), "either short or in excess, not both"),
        ("delivery.dispatched", "refs.lots", [], "refs.lots and the lots of body.items differ"),
        ("delivery.dispatched", "refs.lots", ["b2" * 32], "refs.lots and the lots of body.items differ"),
        ("delivery.dispatched", "body.items", [], "refs.lots and the lots of body.items differ"),
        ("delivery.dispatched", "refs.calloff", MISSING, "unattributed goods need refs.calloff"),
        ("delivery.received", "refs.calloff", MISSING, "unattributed goods need refs.calloff"),
    ],
)  # fmt: skip
def test_fields_that_do_not_go_together(name, path, value, words):
    assert words in problem(name, path, value)


@pytest.mark.parametrize("name", ["framework.signed", "calloff.issued", "allocation.offered"])
def test_a_line_stands_once(name):
    lines = EXAMPLES[name]["body"]["lines"]
    assert "line 1 stands twice" in problem(name, "body.lines", lines * 2)


def test_a_lot_stands_once_on_a_waybill():
    item = EXAMPLES["delivery.dispatched"]["body"]["items"]
    payload = changed("delivery.dispatched", "body.items", item * 2)
    payload["refs"]["lots"] *= 2
    assert problems(payload) == ("the event as a whole: refs.lots names a lot twice",)


def test_a_waybill_carries_something():
    for name in ("delivery.dispatched", "delivery.received"):
        payload = changed(name, "body.items", [])
        payload["refs"]["lots"], payload["body"]["unattributed"] = [], []
        assert "no goods" in problems(payload)[0]


def test_a_lot_of_which_nothing_is_said_is_left_out():
    nothing = {"lot": "b1" * 32} | dict.fromkeys(("good", "damaged", "short", "excess"), quantity(0))
    assert "all four quantities are 0" in problem("delivery.received", "body.items.0", nothing)


# What may stand


def test_as_many_as_there_may_be_and_not_one_more():
    line = {"quantity": quantity(1)}
    for count in (1, LINES_PER_STATEMENT):
        read_event(changed("calloff.issued", "body.lines", [line | {"line": f"{n}"} for n in range(count)]))
    too_many = [line | {"line": f"{n}"} for n in range(LINES_PER_STATEMENT + 1)]
    assert "at most 200 items" in problem("calloff.issued", "body.lines", too_many)
    check = EXAMPLES["batch.signed_off"]["body"]["checks"]
    read_event(changed("batch.signed_off", "body.checks", check * LOTS_PER_STATEMENT))
    assert "at most 100 items" in problem("batch.signed_off", "body.checks", check * (LOTS_PER_STATEMENT + 1))


def test_a_price_or_a_name_may_be_a_commitment():
    hidden = {"commitment": "cd" * 32}
    assert read_event(changed("framework.signed", "body.lines.0.price", hidden)).body.lines[0].price
    assert not isinstance(read_event(changed("party.enrolled", "body.name", hidden)).body.name, str)


def test_an_event_cannot_be_changed():
    event = read_event(EXAMPLES["calloff.issued"])
    with pytest.raises(ValueError, match="frozen"):
        event.body.consignee = party("Eve")
