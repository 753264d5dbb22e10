"""Reading a payload: every wrong field is named by its path, with what is wrong and what is expected."""

import pytest

from ledger.errors import MalformedEvent
from ledger.events.catalogue import EVENTS, read_event
from ledger.events.fields import Commitment
from ledger.limits import (
    LINES_PER_STATEMENT,
    LOTS_PER_STATEMENT,
    PARTIES_PER_POLICY,
    PARTIES_PER_ROLE,
    RECOVERY_PARTIES,
    REFS_PER_ROLE,
)
from tests.support.examples import EXAMPLES, HIDDEN, MISSING, changed, fuller
from tests.support.faults import FAULTS
from tests.support.world import party, quantity


def problems(payload):
    with pytest.raises(MalformedEvent) as caught:
        read_event(payload)
    return caught.value.problems


def problem(name, path, value):
    """The one problem of an example with this one change."""
    (only,) = problems(changed(name, {path: value}))
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
        read_event(changed("framework.accepted", {"refs.framework": MISSING}))


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
    payload = changed("framework.signed", {"body.law": "ZZ", "body.title": "", "body.prime": MISSING})
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
        ("calloff.issued", "prev", "C1" * 32, "all 64 hexadecimal digits"),
        ("calloff.issued", "prev", "c1" * 31, "all 64 hexadecimal digits"),
        ("calloff.issued", "prev", "c1" * 32 + "\n", "all 64 hexadecimal digits"),
        ("calloff.issued", "refs.framework", None, "a valid string"),
        ("calloff.issued", "refs", [], "should be an object"),
        ("calloff.issued", "body", "CO-1", "should be an object"),
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
        ("party.enrolled", "body.name", 7, "a valid string"),
        ("party.enrolled", "body.phone", "+91 20 5550", "should be a commitment"),
        ("party.enrolled", "body.phone.commitment", "9a" * 31, "all 64 hexadecimal digits"),
        ("party.enrolled", "body.position.latitude", 18.5, "a valid string"),
        ("party.enrolled", "body.position.longitude", "73°", "should match"),
        ("party.enrolled", "body.position", "18.5204, 73.8567", "should be an object"),
        ("party.enrolled", "body.recovery.needed", 0, "greater than or equal to 1"),
        ("party.enrolled", "body.recovery.needed", 11, "less than or equal to 10"),
        ("party.enrolled", "body.recovery.parties", [], "at least 1 item"),
        ("key.added", "refs.party", MISSING, "is missing"),
        ("key.revoked", "refs.last_good", "3f9a", "refs.last_good: should be all 64 hexadecimal digits"),
        ("key.revoked", "refs.last_good", None, "a role that points to nothing is left out"),
        ("key.revoked", "body.reason", "stolen", "'compromised'"),
        ("specification.published", "body.checks.0.least", 0, "greater than or equal to 1"),
        ("specification.published", "body.checks.0.by", "buyer", "'maker' or 'inspector'"),
        ("framework.signed", "refs.specifications", "f1" * 32, "should be a list"),
        ("framework.signed", "body.first_sample", "yes", "a valid boolean"),
        ("framework.signed", "body.confidential.0", "address", "'position'"),
        ("framework.signed", "body.roles", None, "should be an object"),
        ("framework.signed", "body.roles.buyers", [], "is not a field"),
        ("framework.signed", "body.lines.0.price", "55", "found str"),
        ("framework.signed", "body.lines.0.price.amount", 55, "amount as text, never a number"),
        ("framework.amended", "body.last_day.was", MISSING, "is missing"),
        ("framework.amended", "body.lines.0.price.now", 54, "found int"),
        ("framework.amended", "body.lines.0.ceiling.was", MISSING, "is missing"),
        ("calloff.cancelled", "body.lines", None, "should be a list"),
        ("delegation.granted", "body.types.0", "delegation.granted", "'batch.signed_off'"),
        ("delegation.granted", "body.types", [], "at least 1 item"),
        ("delegation.granted", "body.until", "2026-06-30T00:00:00Z", "is not a date"),
        ("delegation.granted", "refs.party", "e1" * 32, "is not a field"),
        ("proxy.confirmed", "refs.statements", [], "at least 1 item"),
        ("sample.decided", "body.decision", "maybe", "'conditional'"),
        ("batch.signed_off", "refs.delegation", None, "a role that points to nothing is left out"),
        ("batch.signed_off", "body.inputs.0.lot", "P 118", "should match"),
        ("inspection.recorded", "body.sample", 0, "greater than or equal to 1"),
        ("inspection.recorded", "body.defects.minor", 10**9 + 1, "less than or equal to 1000000000"),
        ("inspection.recorded", "body.measurements.0.reading", 0.48, "a valid string"),
        ("inspection.recorded", "body.verdict", "unsure", "'pass' or 'fail'"),
        ("delivery.decided", "body.items.0.accepted", 1170, "found int"),
        ("payment.recorded", "refs.decisions", [], "at least 1 item"),
        ("payment.recorded", "body.amount.currency", "Rs", "ISO 4217"),
        ("recall.opened", "body.grade", "bad", "'danger to life'"),
        ("recall.opened", "body.action", "burn", "'quarantine'"),
        ("recall.acknowledged", "body.items", [], "at least 1 item"),
        ("dispute.resolved", "body.ended", "won", "'agreed'"),
        ("correction.declared", "body.reason", "typing error", "'did not occur'"),
        ("erasure.recorded", "body.commitments.0", "9a", "all 64 hexadecimal digits"),
        ("erasure.recorded", "body.contents", "all", "a valid boolean"),
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


@pytest.mark.parametrize(("name", "changes", "words"), FAULTS)
def test_what_only_the_models_refuse_is_told_in_these_words(name, changes, words):
    assert problems(changed(name, changes)) == (words,)


# What may stand


def numbered(count, form=lambda number: f"{number:064x}"):
    return [form(number) for number in range(count)]


def line(number):
    return {"line": f"{number}", "quantity": quantity(1)}


CHECKS = EXAMPLES["batch.signed_off"]["body"]["checks"]
PARTIES = EXAMPLES["log.policy"]["body"]["agencies"]


@pytest.mark.parametrize(
    ("name", "path", "most", "fill"),
    [
        ("calloff.issued", "body.lines", LINES_PER_STATEMENT, lambda count: numbered(count, line)),
        ("calloff.cancelled", "body.lines", LINES_PER_STATEMENT, lambda count: numbered(count, line)),
        ("batch.signed_off", "body.checks", LOTS_PER_STATEMENT, lambda count: CHECKS * count),
        ("batch.signed_off", "refs.inputs", REFS_PER_ROLE, numbered),
        ("proxy.confirmed", "refs.statements", REFS_PER_ROLE, numbered),
        ("payment.recorded", "refs.decisions", REFS_PER_ROLE, numbered),
        ("recall.opened", "refs.lots", REFS_PER_ROLE, numbered),
        ("erasure.recorded", "body.commitments", LOTS_PER_STATEMENT, numbered),
        ("log.policy", "body.agencies", PARTIES_PER_POLICY, lambda count: PARTIES * count),
        ("framework.signed", "body.roles.inspectors", PARTIES_PER_ROLE, lambda count: PARTIES * count),
        ("delegation.granted", "body.types", 5, lambda count: ["batch.signed_off"] * count),
        (
            "party.enrolled",
            "body.recovery.parties",
            RECOVERY_PARTIES,
            lambda count: numbered(count, lambda number: party(f"friend {number}")),
        ),
    ],
)
def test_as_many_as_there_may_be_and_not_one_more(name, path, most, fill):
    read_event(changed(name, {path: fill(most)}))
    assert f"at most {most} items" in problem(name, path, fill(most + 1))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("party.enrolled", "body.name"),
        ("party.enrolled", "body.position"),
        ("party.enrolled", "body.phone"),
        ("framework.signed", "body.lines.0.price"),
        ("framework.amended", "body.lines.0.price.was"),
        ("framework.amended", "body.lines.0.price.now"),
        ("framework.amended", "body.added.0.price"),
        ("payment.recorded", "body.amount"),
    ],
)
def test_what_may_be_confidential_is_read_as_a_commitment(name, path):
    found = read_event(changed(name, {path: HIDDEN}))
    for part in path.split("."):
        found = found[int(part)] if part.isdigit() else getattr(found, part)
    assert found == Commitment(commitment=HIDDEN["commitment"])
    assert problem(name, path, HIDDEN | {"salt": "5a" * 32}) == f"{path}.salt: is not a field of this event"


@pytest.mark.parametrize("name", EVENTS)
def test_an_example_with_all_that_it_leaves_out_is_read(name):
    assert read_event(fuller(name)).type == name


def test_an_event_cannot_be_changed():
    event = read_event(EXAMPLES["calloff.issued"])
    with pytest.raises(ValueError, match="frozen"):
        event.body.consignee = party("Eve")


@pytest.mark.parametrize("phone", ["+91 98765 43210", {"commitment": "+91 98765 43210"}])
def test_what_stands_in_a_commitments_place_is_not_quoted(phone):
    with pytest.raises(MalformedEvent) as caught:
        read_event(
            EXAMPLES["party.enrolled"] | {"body": EXAMPLES["party.enrolled"]["body"] | {"phone": phone}}
        )
    assert "98765" not in caught.value.diagnostics()
    assert "body.phone" in caught.value.diagnostics()


def test_a_value_in_a_commitments_place_is_told_how_to_become_one():
    body = EXAMPLES["party.enrolled"]["body"] | {"phone": "+91 98765 43210"}
    with pytest.raises(MalformedEvent) as caught:
        read_event(EXAMPLES["party.enrolled"] | {"body": body})
    assert caught.value.problems == (
        "body.phone: should be a commitment; in a draft write {confidential: VALUE}",
    )
