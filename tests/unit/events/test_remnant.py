"""What is left of a statement erased by order: nothing a person is named in, and all that others rest on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ledger.errors import Malformed, MalformedPayload, SignatureInvalid
from ledger.events.catalogue import read_event
from ledger.events.fields import MARK
from ledger.events.remnant import blanked, open_remnant, remnant_of
from ledger.statement.envelope import open_statement, read_statement
from ledger.statement.payload import encode_payload
from tests.support.examples import EXAMPLES
from tests.support.log_world import enrolment, entry_of, id_of

NAMED = {
    "party.enrolled": ("name", "facility", "position"),
    "key.added": ("device",),
    "calloff.issued": ("reference", "place.locality", "place.name"),
    "delivery.dispatched": ("waybill", "carrier", "origin.name", "destination.locality"),
    "delivery.received": ("waybill", "remarks", "place.name"),
    "payment.recorded": ("reference",),
    "dispute.raised": ("claim", "wanted"),
    "specification.published": ("remarks", "design.name"),
}
"""Members in which a person can be named; paths of the examples' bodies."""

RESTED_ON = {
    "specification.published": ("item", "revision", "checks.0.characteristic", "design.sha256"),
    "framework.signed": ("lines.0.line", "lines.0.item", "lines.0.ceiling", "prime", "keep_apart"),
    "batch.signed_off": ("lot", "made", "released", "made_between", "inputs.0.lot", "checks.0.sample"),
    "payment.recorded": ("amount", "lines", "payee"),
    "party.enrolled": ("kind", "country", "phone", "recovery"),
    "key.added": ("key",),
    "calloff.issued": ("place.country", "place.region", "due"),
}


def member(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = body[int(name)] if isinstance(body, list) else body[name]
    return body


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_left_reads_as_an_event_and_is_its_own_remnant(name: str) -> None:
    left = blanked(EXAMPLES[name])
    assert read_event(left).type == name
    assert blanked(left) == left
    assert {key: value for key, value in left.items() if key != "body"} == {
        key: value for key, value in EXAMPLES[name].items() if key != "body"
    }
    assert len(encode_payload(left)) <= len(encode_payload(EXAMPLES[name]))


@pytest.mark.parametrize(("name", "path"), [(name, path) for name in NAMED for path in NAMED[name]])
def test_where_a_person_can_be_named_nothing_is_left(name: str, path: str) -> None:
    assert member(EXAMPLES[name]["body"], path) is not None
    assert member(blanked(EXAMPLES[name])["body"], path) in (MARK, "-", None)


@pytest.mark.parametrize(("name", "path"), [(name, path) for name in RESTED_ON for path in RESTED_ON[name]])
def test_what_others_rest_on_stays(name: str, path: str) -> None:
    before = member(EXAMPLES[name]["body"], path)
    assert before is not None
    assert member(blanked(EXAMPLES[name])["body"], path) == before


def test_a_commitment_stays_for_nothing_can_be_computed_from_it() -> None:
    payload = json.loads(json.dumps(EXAMPLES["party.enrolled"]))
    payload["body"] |= {"name": {"commitment": "a" * 64}, "position": {"commitment": "b" * 64}}
    assert blanked(payload)["body"]["name"] == {"commitment": "a" * 64}
    assert blanked(payload)["body"]["position"] == {"commitment": "b" * 64}


def test_no_statement_grows_when_it_is_erased() -> None:
    """A court's order must not fail because a statement as long as can be has many short texts."""
    for text in ("x", "Asha", "1234567", "12345678", "नाम"):
        payload = json.loads(json.dumps(EXAMPLES["party.enrolled"]))
        payload["body"]["name"] = text
        assert len(encode_payload(blanked(payload))) <= len(encode_payload(payload))


def test_a_remnant_is_of_its_entry_and_no_statement() -> None:
    statement = enrolment(3)
    left = remnant_of(read_statement(statement))
    opened = open_remnant(left, entry_of(statement))
    assert opened.id == id_of(statement)
    assert len(left) < len(statement)
    with pytest.raises(SignatureInvalid):
        open_statement(left)


def test_what_still_holds_something_is_no_remnant() -> None:
    statement = enrolment(3)
    with pytest.raises(MalformedPayload, match="still holds"):
        open_remnant(statement, entry_of(statement))
    left = remnant_of(read_statement(statement))
    for broken in (left[:-1], b"", left.replace(b'"-"', b'"A"'), left + b"\0"):
        with pytest.raises(Malformed):
            open_remnant(broken, entry_of(statement))
