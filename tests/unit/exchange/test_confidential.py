"""Confidential values in drafts: hidden where an event takes a commitment, checked as if in clear, never quoted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import pytest
import yaml

from ledger.errors import Malformed, MalformedDraft, MalformedEvent, MalformedPayload
from ledger.events import catalogue
from ledger.events.fields import Commitment, Price, Shape, ShortText, Some
from ledger.events.party import PartyEnrolled
from ledger.exchange import confidential
from ledger.exchange.confidential import check_hidden, hide, in_clear
from ledger.exchange.draft import Draft, Ready, complete, read_draft
from ledger.statement.commitment import commit, commitments
from ledger.statement.signer import Ed25519Signer
from tests.support.spine import framework_body

PARTY = Ed25519Signer.from_seed(bytes(32)).public.did
PRICE = {"amount": "55", "currency": "INR"}
NOW = "2026-05-04T16:20:00+05:30"


def salts() -> Iterator[bytes]:
    yield from (bytes([number]) * 32 for number in range(1, 200))


def framework(*prices: Any, **changes: Any) -> dict[str, Any]:
    """A body with a line for each price."""
    body = framework_body(PARTY)
    [line] = body["lines"]
    lines = [{**line, "line": str(number), "price": price} for number, price in enumerate(prices, 1)]
    return {**body, "lines": lines, **changes}


NO_NAMES: dict[str, Any] = {
    "iss": PARTY,
    "prev": None,
    "now": NOW,
    "id_in_file": None,
    "party_of": None,
    "key_of": None,
}
"""What completes a draft in which no file, party or key is named."""


def draft_of(type_name: str, **parts: Any) -> Draft:
    return replace(read_draft(f"type: {type_name}".encode()), **parts)


def ready(body: dict[str, Any], type_name: str = "framework.signed") -> Ready:
    following = salts()
    return complete(
        draft_of(type_name, body=body),
        iss=PARTY,
        prev=None,
        now=NOW,
        id_in_file=lambda _: pytest.fail("no file is named"),
        party_of=lambda _: pytest.fail("no party is named"),
        key_of=lambda _: pytest.fail("no key is named"),
        salt=lambda: next(following),
    )


def test_a_confidential_value_becomes_a_commitment_and_its_opening() -> None:
    done = ready(framework({"confidential": PRICE}))
    [opening] = done.openings
    assert (opening.pointer, opening.salt, opening.value) == ("/body/lines/0/price", b"\1" * 32, PRICE)
    assert done.payload["body"]["lines"][0]["price"] == {"commitment": commit(b"\1" * 32, PRICE)}
    assert done.event.body.lines[0].price == Commitment(commitment=opening.digest)  # type: ignore[attr-defined]


def test_every_value_has_a_salt_of_its_own_and_clear_ones_stay() -> None:
    done = ready(framework({"confidential": PRICE}, PRICE, {"confidential": PRICE}))
    assert [one.pointer for one in done.openings] == ["/body/lines/0/price", "/body/lines/2/price"]
    assert len({one.salt for one in done.openings}) == len({one.digest for one in done.openings}) == 2
    assert done.payload["body"]["lines"][1]["price"] == PRICE
    assert commitments(done.payload) == {one.pointer: one.digest for one in done.openings}


def test_by_default_the_salt_is_random() -> None:
    body = {"kind": "maker", "country": "IN", "name": {"confidential": "A"}}
    draft = draft_of("party.enrolled", body=body)
    digests = {complete(draft, **NO_NAMES).openings[0].digest for _ in range(3)}
    assert len(digests) == 3


def test_a_draft_in_yaml_may_say_so() -> None:
    draft = read_draft(
        b"type: party.enrolled\nbody: {kind: maker, country: IN, name: {confidential: Asha}}\n"
    )
    assert ready(dict(draft.body), draft.type).openings[0].value == "Asha"


def test_a_commitment_made_elsewhere_stays_and_has_no_opening_here() -> None:
    done = ready(framework({"commitment": "cd" * 32}))
    assert done.openings == ()
    assert done.payload["body"]["lines"][0]["price"] == {"commitment": "cd" * 32}


def test_text_that_names_a_file_or_a_key_stays_text_when_it_is_confidential() -> None:
    body = {"kind": "maker", "country": "IN", "name": {"confidential": "@/etc/hostname"}}
    assert ready(body, "party.enrolled").openings[0].value == "@/etc/hostname"


def test_names_inside_a_confidential_value_are_not_looked_up(hired: str) -> None:
    """`to` and `lot` elsewhere may name a key or a file; what is hidden is hidden as it was written."""
    value = {"to": "key:nobody", "lot": "@/etc/hostname"}
    assert ready({"phone": {"confidential": value}}, hired).openings[0].value == value


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "5500000000000000000", "currency": "INR"},
        {"amount": "sekrit", "currency": "INR"},
        {"amount": "55", "currency": "sekrit"},
        {"amount": "55", "currency": "INR", "sekrit": "1"},
        "sekrit",
        7777,
        {"confidential": PRICE},
        ["sekrit"],
    ],
    ids=str,
)
def test_a_value_that_its_field_would_not_take_is_found_now_and_not_quoted(wrong: Any) -> None:
    with pytest.raises(MalformedEvent) as caught:
        ready(framework(PRICE, {"confidential": wrong}))
    assert caught.value.problems == ("body.lines.1.price: the value under `confidential` does not fit",)
    told = caught.value.diagnostics() + repr(caught.value.__cause__)
    assert not any(secret in told for secret in ("sekrit", "5500", "7777"))


def test_a_value_that_cannot_be_committed_to_is_named_by_its_field() -> None:
    with pytest.raises(MalformedPayload) as caught:
        ready(framework({"confidential": {"amount": 77.25, "currency": "INR"}}))
    assert caught.value.found.startswith("body.lines.0.price: ")
    assert "77.25" not in caught.value.diagnostics()


@pytest.mark.parametrize("field", ["title", "period", "lines"])
def test_where_no_commitment_is_taken_the_hint_says_so(field: str) -> None:
    with pytest.raises(MalformedEvent) as caught:
        ready(framework({"confidential": PRICE}, **{field: {"confidential": "sekrit"}}))
    assert any(problem.startswith(f"body.{field}") for problem in caught.value.problems)
    assert "takes a commitment" in caught.value.hint
    assert "sekrit" not in caught.value.diagnostics()


def test_refs_hold_nothing_confidential() -> None:
    refs = {"framework": {"confidential": "ab" * 32}}
    draft = draft_of("framework.accepted", contract="ab" * 32, refs=refs)
    with pytest.raises(MalformedEvent):
        complete(draft, **NO_NAMES)


class _Body(Shape):
    price: Price | Commitment | None = None
    phone: Commitment | None = None
    names: Some[ShortText | Commitment] = ()


class _Hiring(PartyEnrolled):
    """Stands for an event with a field that has no form in clear."""

    type: Literal["party.hired"]  # type: ignore[assignment]
    body: _Body  # type: ignore[assignment]


@pytest.fixture
def hired(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(catalogue, "EVENTS", {"party.hired": _Hiring})
    assert confidential.event_type("party.hired") is _Hiring
    return "party.hired"


def test_a_field_without_a_form_in_clear_takes_any_value(hired: str) -> None:
    for value in ("+91 20 5550 1234", {"any": ["thing"]}, 7, None):
        assert ready({"phone": {"confidential": value}}, hired).openings[0].value == value


def test_a_value_in_a_list_is_checked_in_its_own_place(hired: str) -> None:
    names = ["Asha", {"confidential": "Bo"}, {"confidential": "Cy\n"}]
    with pytest.raises(MalformedEvent) as caught:
        ready({"names": names, "phone": {"confidential": 1}}, hired)
    assert caught.value.problems == ("body.names.2: the value under `confidential` does not fit",)
    assert len(ready({"names": names[:2]}, hired).openings) == 1


def test_in_clear_stands_what_may_and_a_commitment_where_nothing_may(hired: str) -> None:
    body = {
        "price": {"confidential": PRICE},
        "phone": {"confidential": "1"},
        "names": [{"confidential": "A"}, "B"],
    }
    assert in_clear(hired, body) == {"price": PRICE, "phone": {"commitment": "0" * 64}, "names": ["A", "B"]}


def test_a_rule_of_the_whole_event_that_fails_in_clear_names_every_hidden_field(hired: str) -> None:
    """Such a problem has no place; all of the hidden values are under suspicion."""
    body = {"price": {"confidential": PRICE}}
    _, openings = hide(body, lambda: bytes(32))
    with pytest.raises(MalformedEvent) as caught:
        check_hidden({"type": hired}, body, openings)
    assert caught.value.problems == ("body.price: the value under `confidential` does not fit",)


@pytest.mark.parametrize(
    "draft",
    [
        b'{"type": "party.enrolled", "body": {"name": {"confidential": 77.25}}}',
        b'{"type": "party.enrolled", "body": {"name": {"confidential": "sekrit", "sekrit": 1, "sekrit": 2}}}',
        b'{"type": "party.enrolled", "body": {"name": {"confidential": "sekrit}}}',
        b"type: party.enrolled\nbody:\n  name: {confidential: sekrit\n  phone: sekrit\n",
        b"type: party.enrolled\nbody: {name: {confidential: 'sekrit}}\n",
        b"type: party.enrolled\nbody: {name: {confidential: !sekrit x}}\n",
        b"type: party.enrolled\nbody: [{confidential: sekrit}]\n",
    ],
)
def test_an_unreadable_draft_with_a_confidential_value_is_not_quoted(draft: bytes) -> None:
    with pytest.raises(MalformedDraft) as caught:
        read_draft(draft)
    told = caught.value.diagnostics()
    assert "sekrit" not in told
    assert "77.25" not in told


def test_other_drafts_are_still_quoted_where_that_helps() -> None:
    with pytest.raises(MalformedDraft, match=r"1\.5"):
        read_draft(b'{"type": "party.enrolled", "body": {"a": 1.5}}')
    with pytest.raises(MalformedDraft, match="at line 2") as caught:
        read_draft(b"type: party.enrolled\nbody: {a: [1}\n")
    assert isinstance(caught.value, Malformed)


def test_what_yaml_makes_of_tags_is_no_value_to_commit_to() -> None:
    """`!!binary`, `!!set`: kinds that JSON has not."""
    for tagged in ("!!binary aGVsbG8=", "!!set {a, b}", "!!timestamp 2026-05-04"):
        body = yaml.safe_load(f"{{kind: maker, country: IN, name: {{confidential: {tagged}}}}}")
        with pytest.raises(MalformedPayload, match="cannot be committed to"):
            ready(body, "party.enrolled")
