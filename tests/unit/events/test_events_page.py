"""specs/events.md: its examples are admitted in their order, and it names every type, member and limit."""

import re
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from pydantic import BaseModel

from ledger import limits
from ledger.events.base import Event, Nature, Recorded
from ledger.events.catalogue import EVENTS, read_event
from ledger.events.codes import INCOTERMS
from ledger.events.delegation import ALL_DELEGABLE
from ledger.events.party import Kind
from ledger.rules.admit import fold
from ledger.rules.after import CORRECTABLE
from ledger.rules.findings import contract_findings, log_findings
from ledger.rules.records import Framework, Key
from ledger.rules.records import Kind as RecordKind
from ledger.rules.state import MemoryState
from ledger.statement.payload import decode_payload, encode_payload
from ledger.units import UNITS, StatementId
from tests.support.examples import CONTRACT, EXAMPLES, PAGE, STATEMENTS, STORY, example_at
from tests.support.world import key_of, party, payload_of

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:1] == "|"
]
KINDS_OF_VALUE = {"Period", "Place", "Position", "Document", "Commitment", "Check", "Input"}
"""Told of once, in the table of kinds of value."""


def section(name: str) -> str:
    return PAGE.split(f"### `{name}`\n", 1)[1].split("\n##", 1)[0]


def table(name: str, of: str) -> str:
    """The rows about members of `refs` or of `body`."""
    _, found, rest = section(name).partition(f"| member of `{of}` | | |\n|---|---|---|\n")
    return rest.split("\n\n", 1)[0] if found else ""


def test_every_type_has_its_section_and_its_row_in_order():
    assert list(EXAMPLES) == list(EVENTS)
    assert re.findall(r"^### `(.*)`$", PAGE, re.MULTILINE) == list(EVENTS)
    assert [cells[0].strip("`") for cells in ROWS if len(cells) == 6 and cells[0][:1] == "`"] == list(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
def test_the_table_says_nature_subject_and_references_as_the_model_has_them(name):
    (cells,) = [cells for cells in ROWS if cells[0] == f"`{name}`" and len(cells) == 6]
    model = EVENTS[name]
    refs = model.model_fields["refs"].annotation
    assert cells[1] == model.nature.value
    assert ("delegation" in refs.model_fields) is (cells[2].endswith("*") or name == "delegation.revoked")
    assert cells[3] == model.subject.value
    assert re.findall(r"`(\w+)`", cells[4]) == list(refs.model_fields)
    assert cells[4] == "none" or refs.model_fields


@pytest.mark.parametrize("of", ["refs", "body"])
@pytest.mark.parametrize("name", EVENTS)
def test_the_section_names_every_member_and_whether_it_may_be_left_out(name, of):
    shape = EVENTS[name].model_fields[of].annotation
    told = {}
    for names, optional in re.findall(r"^\| ((?:`\w+`(?:, )?)+)( \(d\))? \|", table(name, of), re.MULTILINE):
        told |= dict.fromkeys(re.findall(r"`(\w+)`", names), not optional)
    assert told == {member: field.is_required() for member, field in shape.model_fields.items()}


def shapes(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """All models inside a model."""
    for field in model.model_fields.values():
        for inner in inside(field.annotation):
            yield inner
            yield from shapes(inner)


def inside(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from inside(argument)


@pytest.mark.parametrize("name", EVENTS)
def test_the_section_names_the_members_inside_its_members(name):
    """Of lines that an amendment adds it says that they are as in framework.signed."""
    for inner in set(shapes(EVENTS[name].model_fields["body"].annotation)):
        if inner.__name__ in KINDS_OF_VALUE or (name, inner.__name__) == (
            "framework.amended",
            "FrameworkLine",
        ):
            continue
        for member in inner.model_fields:
            assert f"`{member}`" in table(name, "body"), f"{inner.__name__}.{member}"


@pytest.mark.parametrize("kind", sorted(KINDS_OF_VALUE))
def test_a_kind_of_value_names_its_members(kind):
    (shape,) = {one for model in EVENTS.values() for one in shapes(model) if one.__name__ == kind}
    label = {"Input": "material"}.get(kind, kind.lower())
    kinds = PAGE.split("## Kinds of value\n", 1)[1].split("\n## ", 1)[0]
    (row,) = [line for line in kinds.splitlines() if line.startswith(f"| {label} |")]
    for member in shape.model_fields:
        assert f"`{member}`" in row or f'"{member}"' in row


# The story


def enrolment(index: int, name: str) -> Recorded[Event]:
    """Of somebody of whose enrolment the page does not tell: they are as like as eggs."""
    payload = payload_of("party.enrolled", {"kind": "verifier", "country": "IN", "name": name}, {})
    return replace(
        example_at(index, "party.enrolled"),
        id=StatementId(f"{index:064x}"),
        iss=party(name),
        kid=key_of(name).kid,
        sub=party(name),
        event=read_event(payload),
    )


def told() -> MemoryState:
    """The state after the whole story."""
    state = MemoryState()
    signers = {example.signer for example in STATEMENTS.values()}
    for name in STORY:
        fold(state, example_at(len(state), name))
        if name == "log.policy":
            for signer in sorted(signers - {"Operator", STATEMENTS["party.enrolled"].signer}):
                fold(state, enrolment(len(state), signer))
    return state


def test_the_examples_are_admitted_in_the_order_of_their_times():
    state = told()
    assert len({EXAMPLES[name]["occurred_at"] for name in STORY}) == len(EVENTS)
    assert len({example.id for example in STATEMENTS.values()}) == len(EVENTS)
    for name in STORY:
        assert state.known(STATEMENTS[name].id).type == name
    found = [*contract_findings(state, CONTRACT), *log_findings(state, [])]
    assert [finding.odd.label[:3] for finding in found] == ["F05", "F08", "F14", "F26", "F38", "F39"]


def test_each_example_names_the_statement_its_key_signed_before():
    last: dict[str, StatementId] = {}
    for name in STORY:
        example = STATEMENTS[name]
        assert example.payload["prev"] == last.get(example.device), name
        last[example.device] = example.id


@pytest.mark.parametrize("change", ["framework.amended", "framework.closed"])
def test_the_prime_accepts_a_change_as_the_page_says(change):
    assert '`{"framework": "c1…", "change": "c6…"}`' in section("framework.accepted")
    assert STATEMENTS["framework.amended"].id[:2] == "c6"
    state = told()
    refs = {"framework": CONTRACT, "change": STATEMENTS[change].id}
    acceptance = read_event(payload_of("framework.accepted", {}, refs))
    recorded = replace(
        example_at(len(state), "framework.accepted"), id=StatementId("ee" * 32), event=acceptance
    )
    fold(state, recorded)
    framework = state.get(Key(CONTRACT, RecordKind.FRAMEWORK, CONTRACT))
    assert isinstance(framework, Framework)
    assert (len(framework.changes), framework.closed is not None) == {
        "framework.amended": (1, False),
        "framework.closed": (0, True),
    }[change]


@pytest.mark.parametrize("name", EVENTS)
def test_an_example_is_a_payload_of_its_type(name):
    event = read_event(EXAMPLES[name])
    assert isinstance(event, EVENTS[name])
    assert decode_payload(encode_payload(EXAMPLES[name])) == EXAMPLES[name]


# Lists of words, and limits


def test_facts_are_what_the_page_says_they_are():
    assert {name for name, model in EVENTS.items() if model.nature is Nature.FACT} == {
        "inspection.recorded", "delivery.dispatched", "delivery.received", "delivery.decided", "payment.recorded",
        "recall.opened", "recall.acknowledged", "recall.closed", "dispute.raised", "dispute.resolved",
        "correction.declared", "erasure.recorded",
    }  # fmt: skip


def test_what_may_be_delegated_and_what_may_be_corrected():
    for name in ALL_DELEGABLE:
        assert f'`"{name}"`' in table("delegation.granted", "body")
        assert "delegation" in EVENTS[name].model_fields["refs"].annotation.model_fields
    assert set(re.findall(r"`(\w+\.\w+)`", table("correction.declared", "refs"))) == set(CORRECTABLE)


WORDS = {
    "log.policy": ["reading"],
    "key.revoked": ["reason"],
    "framework.signed": ["released_by", "keep_apart", "confidential"],
    "sample.decided": ["decision"],
    "inspection.recorded": ["verdict"],
    "recall.opened": ["grade", "action"],
    "dispute.resolved": ["ended"],
    "correction.declared": ["reason"],
}


def literals(annotation: object) -> Iterator[str]:
    for argument in getattr(annotation, "__args__", ()):
        if isinstance(argument, str):
            yield argument
        else:
            yield from literals(argument)


@pytest.mark.parametrize("name", WORDS)
def test_every_word_that_a_member_takes_stands_in_its_row(name):
    for member in WORDS[name]:
        annotation = EVENTS[name].model_fields["body"].annotation.model_fields[member].annotation
        (row,) = [line for line in table(name, "body").splitlines() if line.startswith(f"| `{member}`")]
        assert set(re.findall(r'`"([^"]+)"`', row)) == set(literals(annotation))


def test_the_limits_and_code_lists():
    assert f"up to {limits.TEXT_CHARS:,} characters" in PAGE
    assert f"up to {limits.SHORT_TEXT_CHARS} characters" in PAGE
    assert f"at most {limits.INTEGER_DIGITS} digits before and {limits.FRACTION_DIGITS} after" in PAGE
    assert (
        f"Lists of lines hold 1 to {limits.LINES_PER_STATEMENT}, other lists up to {limits.LOTS_PER_STATEMENT}"
        in PAGE
    )
    assert limits.LOTS_PER_STATEMENT == limits.REFS_PER_ROLE == limits.PARTIES_PER_POLICY
    assert f"each a list of up to {limits.PARTIES_PER_ROLE} parties" in section("framework.signed")
    assert f"`parties`: 1 to {limits.RECOVERY_PARTIES} parties" in section("party.enrolled")
    assert f"has up to\n{limits.KEYS_PER_PARTY} keys" in section("key.added")
    assert f"only they add the last {limits.KEYS_BY_RECOVERY} of these" in section("key.added")
    assert f"Up to {limits.DIVISION_DEPTH} allocations" in section("allocation.offered")
    assert f"1024 to {limits.STATEMENT_BYTES}; {limits.STATEMENT_BYTES}" in PAGE
    assert " ".join(sorted(UNITS)) in PAGE
    assert set(PAGE.split("| Incoterms 2020 | ")[1].split(" |")[0].split()) == INCOTERMS
    for kind in Kind.__args__:
        assert kind in section("party.enrolled")
