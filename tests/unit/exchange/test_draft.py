"""Drafts: JSON or YAML as people write it, completed into an event, or told field by field what is wrong."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Malformed, MalformedDraft, MalformedEvent, TooLarge
from ledger.exchange.draft import DRAFT_BYTES, Ready, complete, read_draft
from ledger.statement.signer import Ed25519Signer
from ledger.units import PartyId, StatementId

ID = StatementId("ab" * 32)
PARTY: PartyId = Ed25519Signer.from_seed(bytes(32)).public.did
TABLET: PartyId = Ed25519Signer.from_seed(bytes([1] * 32)).public.did
ENROL = "type: party.enrolled\nbody: {kind: maker, country: IN, name: Asha}\n"


def ready(text: str, **changes: Any) -> Ready:
    given: dict[str, Any] = {
        "iss": PARTY,
        "prev": None,
        "now": "2026-05-04T16:20:00+05:30",
        "id_in_file": lambda name: {"lot.cose": ID}[name],
        "party_of": lambda name: {"asha": PARTY, "asha-tablet": PARTY}[name],
        "key_of": lambda name: {"asha": PARTY, "asha-tablet": TABLET}[name],
    }
    return complete(read_draft(text.encode()), **(given | changes))


def test_yaml_and_json_give_the_same_event() -> None:
    as_json = '{"type":"party.enrolled","body":{"kind":"maker","country":"IN","name":"Asha"}}'
    assert ready(ENROL) == ready(as_json)


def test_signing_adds_version_prev_and_time() -> None:
    payload = ready(ENROL, prev=ID).payload
    assert payload["version"] == 1
    assert payload["prev"] == ID
    assert payload["occurred_at"] == "2026-05-04T16:20:00+05:30"
    assert payload["refs"] == {}


def test_a_stated_time_stands() -> None:
    assert (
        ready(ENROL + "occurred_at: 2026-01-01T00:00:00Z\n").payload["occurred_at"] == "2026-01-01T00:00:00Z"
    )


def test_what_stands_under_no_contract_has_its_signer_as_subject() -> None:
    assert ready(ENROL).sub == PARTY
    with pytest.raises(MalformedDraft, match="names a contract"):
        ready(ENROL + f"contract: {ID}\n")


def test_what_stands_under_a_contract_needs_its_whole_id() -> None:
    accept = "type: framework.accepted\nrefs: {framework: '@lot.cose'}\n"
    assert ready(accept + "contract: '@lot.cose'\n").sub == ID
    with pytest.raises(MalformedDraft, match="names no contract"):
        ready(accept)
    with pytest.raises(MalformedDraft, match="not an id"):
        ready(accept + "contract: abcd\n")


def test_files_and_keys_by_name_become_ids() -> None:
    text = (
        "type: delivery.dispatched\ncontract: '@lot.cose'\nrefs: {lots: ['@lot.cose']}\nbody:\n  waybill: W-1\n"
        "  to: key:asha\n  origin: {country: IN}\n  destination: {country: IN}\n"
        "  items: [{lot: '@lot.cose', quantity: {value: '3', unit: H87}}]\n"
    )
    payload = ready(text).payload
    assert payload["refs"] == {"lots": [ID]}
    assert payload["body"]["to"] == PARTY
    assert payload["body"]["items"][0]["lot"] == ID


@pytest.mark.parametrize("type_name", ["key.added", "key.revoked"])
def test_a_keys_name_is_the_key_where_one_is_meant_and_its_party_where_that_is(type_name: str) -> None:
    about = {"key.added": "device: tablet", "key.revoked": "reason: lost"}[type_name]
    done = ready(
        f"type: {type_name}\nparty: key:asha-tablet\nrefs: {{party: '@lot.cose'}}\n"
        f"body: {{key: key:asha-tablet, {about}}}\n"
    )
    assert done.payload["body"]["key"] == TABLET
    assert done.sub == PARTY


@pytest.mark.parametrize("name", ["@/etc/hostname", "key:asha", "@lot.cose"])
def test_free_text_names_no_file_and_no_key(name: str) -> None:
    """A title or a remark may come from a foreign document: it is text and stays text."""
    payload = ready(f"type: party.enrolled\nbody: {{kind: maker, country: IN, name: '{name}'}}\n").payload
    assert payload["body"]["name"] == name


def test_dates_and_decimals_in_yaml_stay_the_text_they_are() -> None:
    draft = read_draft(
        b"type: party.enrolled\nbody: {a: 2026-05-04, b: 12.50, c: 1e3, d: 007, e: 7, f: true, g: ~, h: yes}\n"
    )
    assert draft.body == {
        "a": "2026-05-04", "b": "12.50", "c": "1e3", "d": "007", "e": 7, "f": True, "g": None, "h": "yes",
    }  # fmt: skip


def test_every_wrong_field_is_named() -> None:
    text = "type: party.enrolled\nbody: {kind: wizard, country: XX, nom: Asha}\n"
    with pytest.raises(MalformedEvent) as caught:
        ready(text)
    fields = {problem.split(":")[0] for problem in caught.value.problems}
    assert fields == {"body.kind", "body.country", "body.name", "body.nom"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just words",
        "- a list",
        "{",
        "type: [",
        "type: party.enrolled\ntype: party.enrolled\n",
        "type: party.enrolled\nbody: {a: &x 1, b: *x}\n",
        "type: party.enrolled\nprev: null\n",
        "type: party.enrolled\nbody: []\n",
        "type: party.enrolled\ncontract: 7\n",
        "type: nobody.knows\n",
        "type: !!python/object/apply:os.system [true]\n",
        '{"type": "party.enrolled", "type": "party.enrolled"}',
        '{"type": "party.enrolled", "body": {"a": 1.5}}',
        "type: party.enrolled\nbody: {? [a] : b}\n",
        "\x00",
    ],
)
def test_what_is_no_draft_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_draft(text.encode())


def test_a_large_file_is_refused_unread() -> None:
    with pytest.raises(TooLarge):
        read_draft(b"a" * (DRAFT_BYTES + 1))


def test_a_deep_file_is_refused() -> None:
    with pytest.raises(MalformedDraft):
        read_draft(b"type: " + b"[" * 5_000)


@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
    )
)
def test_only_declared_errors_escape(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        read_draft(data)


@given(st.text(alphabet="abc:{}[]&*!|>-'\"\n ,#?%@~", max_size=60))
def test_only_declared_errors_escape_from_near_yaml(text: str) -> None:
    with contextlib.suppress(Malformed):
        read_draft(b"type: party.enrolled\nbody: " + text.encode())
