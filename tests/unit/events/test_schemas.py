"""specs/schemas: made from the models, kept in step with them, and of one mind with them about shapes."""

import copy
import json
import re

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from ledger.errors import MalformedEvent, MalformedPayload
from ledger.events.catalogue import EVENTS, read_event
from ledger.rules.catalogue import Rule
from ledger.statement.payload import decode_payload
from tests.schemas import FOLDER, build
from tests.support.examples import EXAMPLES, changed, fuller
from tests.support.faults import FAULTS
from tests.support.refusals import refusals, refusals_of_all

FILES = build()
SCHEMAS = {name: json.loads(FILES[f"{name}.json"]) for name in EVENTS}
VALIDATORS = {
    name: Draft202012Validator(schema, format_checker=FormatChecker()) for name, schema in SCHEMAS.items()
}


def test_the_folder_is_what_the_models_and_the_page_make():
    """`make vectors` writes it again."""
    assert {path.name: path.read_bytes() for path in FOLDER.iterdir()} == FILES


def test_the_index_names_every_type_and_every_rule():
    index = FILES["README.md"].decode()
    assert re.findall(r"^\| \[`(.*?)`\]", index, re.MULTILINE) == list(EVENTS)
    told = {rule for name in EVENTS for rule in refusals(name)} | refusals_of_all()
    assert told == set(Rule)
    assert {rule.label.split()[0] for rule in told} == set(re.findall(r"\bR\d\d\b", index))


@pytest.mark.parametrize("name", EVENTS)
def test_a_schema_is_a_schema_and_names_itself(name):
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"].endswith(f"/{name}.json")
    assert SCHEMAS[name]["title"] == name
    assert SCHEMAS[name]["description"]


@pytest.mark.parametrize("name", EVENTS)
def test_every_member_is_described(name):
    bare = [
        (*path, member)
        for path, node in places(SCHEMAS[name])
        if path[-1:] == ("properties",)
        for member, schema in node.items()
        if not schema.get("description", "").endswith(".")
    ]
    assert bare == []


@pytest.mark.parametrize("name", EVENTS)
def test_every_definition_is_used_and_every_reference_is_defined(name):
    schema = SCHEMAS[name]
    used = {node.rpartition("/")[2] for path, node in places(schema) if path[-1:] == ("$ref",)}
    assert used == set(schema["$defs"])


@pytest.mark.parametrize("name", EVENTS)
def test_the_examples_of_a_schema_fit_it(name):
    for path, node in places(SCHEMAS[name]):
        if path[-1:] == ("examples",):
            holder = SCHEMAS[name]
            for key in path[:-1]:
                holder = holder[key]
            validator = VALIDATORS[name].evolve(schema=holder)
            assert all(validator.is_valid(example) for example in node), path


@pytest.mark.parametrize("name", EVENTS)
def test_the_example_fits_its_own_schema_and_no_other(name):
    fits = {other for other, validator in VALIDATORS.items() if validator.is_valid(EXAMPLES[name])}
    assert fits == {name}


def places(value, path=()):
    """Every place in a payload: its path and what stands there."""
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from places(inner, (*path, position))


def put(payload, path, value):
    """The payload with another value at the path's end."""
    copied = copy.deepcopy(payload)
    holder = copied
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return copied


def dropped(payload, path):
    """The payload without what stands at the path's end."""
    copied = put(payload, path, None)
    holder = copied
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    return copied


OTHERS = (None, True, 7, 1.5, "", "x", "x" * 2_001, "2026-13-45", [], ["x"], {}, {"x": 1}, [{}] * 201)


def variants(payload, tried=()):
    """Structural faults: each member dropped, replaced by every other kind of thing; each object with one more.

    Places of `tried` are left out.
    """
    for path, value in places(payload):
        if path in tried:
            continue
        if path:
            if not isinstance(path[-1], int):
                yield f"without {path}", dropped(payload, path)
            for other in OTHERS:
                if type(other) is not type(value) or other != value:
                    yield f"{path} = {str(other)[:20]!r}", put(payload, path, other)
        if isinstance(value, dict):
            yield f"{path} with more", put(payload, (*path, "More"), 1)


def members(schema, node):
    """Every object's member names in a payload's schema, by the object's place, lists aside."""
    if "$ref" in node:
        yield from members(schema, schema["$defs"][node["$ref"].rpartition("/")[2]])
    for branch in node.get("anyOf", node.get("oneOf", ())):
        yield from members(schema, branch)
    if "items" in node:
        yield from members(schema, node["items"])
    for member, inner in node.get("properties", {}).items():
        yield (member,)
        yield from ((member, *deeper) for deeper in members(schema, inner))


@pytest.mark.parametrize("name", EVENTS)
def test_every_member_stands_in_an_example_or_in_what_it_leaves_out(name):
    """So that the faults below are tried in each."""
    wanted = set(members(SCHEMAS[name], SCHEMAS[name]))
    for payload in (EXAMPLES[name], fuller(name)):
        assert verdict(payload) is None
        VALIDATORS[name].validate(payload)
        wanted -= {tuple(key for key in path if isinstance(key, str)) for path, _ in places(payload)}
    assert wanted == set()


NOT_IN_THE_SCHEMA = (
    "refs.lots", "refs.specifications", "nothing is decided", "unattributed goods need", "conditions go with",
    "goods are rejected", "nothing is erased", "by order only", "recovery parties are needed", "more failed than",
)  # fmt: skip
"""What only the model says of these: see `tests.support.faults` and the last table of specs/events.md."""


def verdict(payload):
    """Why a payload is refused, or None: as it comes in, as bytes."""
    try:
        read_event(decode_payload(json.dumps(payload).encode()))
    except (MalformedPayload, MalformedEvent) as error:
        return error
    return None


def faults(name):
    """Of the example, and of what it leaves out."""
    yield from variants(EXAMPLES[name])
    known = dict(places(EXAMPLES[name]))
    told = dict(places(fuller(name)))
    yield from variants(fuller(name), {path for path in known if type(known[path]) is type(told.get(path))})


@pytest.mark.parametrize("name", EVENTS)
def test_schema_and_model_are_of_one_mind_about_every_structural_fault(name):
    tried = refused = 0
    for what, payload in faults(name):
        tried += 1
        error, fits = verdict(payload), VALIDATORS[name].is_valid(payload)
        if error is None:
            assert fits, f"the schema refuses what the model reads: {what}"
        elif fits:
            words = str(error)
            assert any(known in words for known in NOT_IN_THE_SCHEMA), (
                f"only the model refuses {what}: {words}"
            )
        else:
            refused += 1
    assert refused > tried * 0.7


@pytest.mark.parametrize(("name", "changes", "problem"), FAULTS)
def test_what_only_the_models_say_the_schemas_let_pass(name, changes, problem):
    VALIDATORS[name].validate(changed(name, changes))
