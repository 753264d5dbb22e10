"""specs/events.md: its examples are admitted in their order, and it names every type, member and limit."""

import re

import pytest
from pydantic import BaseModel

from ledger import limits
from ledger.events.base import Nature
from ledger.events.catalogue import EVENTS, read_event
from ledger.events.codes import INCOTERMS
from ledger.events.party import Kind
from ledger.rules.admit import admit, fold
from ledger.rules.findings import contract_findings
from ledger.rules.state import Known, MemoryState
from ledger.statement.payload import decode_payload, encode_payload
from ledger.units import UNITS, StatementId
from tests.support.examples import EXAMPLES, IDS, PAGE, SIGNERS, example_at
from tests.support.world import World

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:1] == "|"
]


def section(name):
    return PAGE.split(f"### `{name}`\n", 1)[1].split("\n##", 1)[0]


def test_every_type_has_its_section_and_its_row_in_order():
    assert list(EXAMPLES) == list(EVENTS)
    assert re.findall(r"^### `(.*)`$", PAGE, re.MULTILINE) == list(EVENTS)
    assert [cells[0].strip("`") for cells in ROWS if len(cells) == 6 and cells[0][:1] == "`"] == list(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
def test_the_table_says_nature_subject_and_references_as_the_model_has_them(name):
    (cells,) = [cells for cells in ROWS if cells[0] == f"`{name}`"]
    model = EVENTS[name]
    assert cells[1] == model.nature.value
    assert cells[3] == ("the signer" if model.opens_subject else "the contract")
    refs = model.model_fields["refs"].annotation
    assert set(re.findall(r"`(\w+)`", cells[4])) == set(refs.model_fields)


@pytest.mark.parametrize("name", EVENTS)
def test_the_section_names_every_member_of_the_body_and_no_other(name):
    table = "".join(line for line in section(name).splitlines() if line.startswith("| `"))
    body = EVENTS[name].model_fields["body"].annotation
    rows = re.findall(r"\| ((?:`\w+`(?:, )?)+)(?: \(d\))? \|", table)
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == set(body.model_fields)
    for field_name, field in body.model_fields.items():
        optional = re.search(rf"\| `{field_name}` \(d\) \|", section(name)) is not None
        assert optional is not field.is_required(), field_name


def models(model, seen):
    """A model and all models inside it that are told of in the section of one type alone."""
    for field in model.model_fields.values():
        for inner in re.findall(r"ledger\.events\.(?:contract|goods|party)\.(\w+)", str(field.annotation)):
            seen.add(inner)
    return seen


@pytest.mark.parametrize("name", EVENTS)
def test_the_section_names_the_members_inside_its_lists(name):
    from ledger.events import contract, goods, party

    for inner in models(EVENTS[name].model_fields["body"].annotation, set()):
        if inner == "Period":
            continue  # a kind of value, told of once
        shape = next(getattr(module, inner) for module in (contract, goods, party) if hasattr(module, inner))
        assert issubclass(shape, BaseModel)
        for field_name in shape.model_fields:
            assert f"`{field_name}`" in section(name), f"{inner}.{field_name}"


def test_the_examples_are_admitted_one_after_the_other():
    state = MemoryState()
    cast = World()
    for index, name in enumerate(EXAMPLES):
        recorded = example_at(index, name)
        fold(state, recorded)
        if index == 0:  # the page tells of one enrolment; the others are as like as eggs
            for other in cast.log[1:]:
                if other.iss != example_at(1, "party.enrolled").iss:
                    state.apply(other.id, Known(other.index, "party.enrolled", ""), admit(state, other))
    found = contract_findings(state, StatementId(IDS["framework.signed"] * 32))
    assert {finding.odd.label[:3] for finding in found} == {"F05", "F08", "F14"}


@pytest.mark.parametrize("name", EVENTS)
def test_an_example_is_a_payload_of_its_type(name):
    event = read_event(EXAMPLES[name])
    assert isinstance(event, EVENTS[name])
    assert decode_payload(encode_payload(EXAMPLES[name])) == EXAMPLES[name]


def test_facts_are_what_the_page_says_they_are():
    assert {name for name, model in EVENTS.items() if model.nature is Nature.FACT} == {
        "delivery.dispatched",
        "delivery.received",
    }
    assert set(SIGNERS) == set(EVENTS)


def test_the_limits_and_code_lists():
    assert f"up to {limits.TEXT_CHARS:,} characters" in PAGE
    assert f"up to {limits.SHORT_TEXT_CHARS} characters" in PAGE
    assert f"at most {limits.INTEGER_DIGITS} digits before and {limits.FRACTION_DIGITS} after" in PAGE
    assert (
        f"Lists of lines hold 1 to {limits.LINES_PER_STATEMENT}, other lists up to {limits.LOTS_PER_STATEMENT}"
        in PAGE
    )
    assert limits.LOTS_PER_STATEMENT == limits.REFS_PER_ROLE == limits.PARTIES_PER_POLICY
    assert f"1024 to {limits.STATEMENT_BYTES}; {limits.STATEMENT_BYTES}" in PAGE
    assert " ".join(sorted(UNITS)) in PAGE
    assert set(PAGE.split("| Incoterms 2020 | ")[1].split(" |")[0].split()) == INCOTERMS
    for kind in Kind.__args__:
        assert kind in section("party.enrolled")
