"""specs/schemas: made from the models, kept in step with them, and of one mind with them about shapes."""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from ledger.errors import MalformedEvent
from ledger.events.catalogue import EVENTS, read_event, schemas
from tests.support.examples import EXAMPLES

FOLDER = Path(__file__).parents[3] / "specs" / "schemas"
SCHEMAS = {name.removesuffix(".json"): json.loads(data) for name, data in schemas()}
VALIDATORS = {
    name: Draft202012Validator(schema, format_checker=FormatChecker()) for name, schema in SCHEMAS.items()
}


def test_the_folder_is_what_the_models_make():
    """`python -m tests.schemas` writes it again."""
    assert {path.name: path.read_bytes() for path in FOLDER.iterdir()} == dict(schemas())


@pytest.mark.parametrize("name", EVENTS)
def test_a_schema_is_a_schema_and_names_itself(name):
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"].endswith(f"/{name}.json")
    assert SCHEMAS[name]["title"] == name
    assert SCHEMAS[name]["description"]


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


def changed(payload, path, change):
    """The payload with `change` done to what holds `path`'s end."""
    copied = copy.deepcopy(payload)
    holder = copied
    for key in path[:-1]:
        holder = holder[key]
    change(holder, path[-1])
    return copied


def put(value):
    return lambda holder, key: holder.__setitem__(key, value)


def drop(holder, key):
    del holder[key]


OTHERS = (None, True, 7, 1.5, "", "x", "x" * 2_001, "2026-13-45", [], ["x"], {}, {"x": 1}, [{}] * 201)


def variants(payload):
    """Structural faults: each member dropped, replaced by every other kind of thing; each object with one more."""
    for path, value in places(payload):
        if path:
            if not isinstance(path[-1], int):
                yield f"without {path}", changed(payload, path, drop)
            for other in OTHERS:
                if type(other) is not type(value) or other != value:
                    yield f"{path} = {str(other)[:20]!r}", changed(payload, path, put(other))
        if isinstance(value, dict):
            yield f"{path} with more", changed(payload, (*path, "More"), put(1))


NOT_IN_THE_SCHEMA = (
    "the quantity is", "is not a whole number", "is more than 100", "is not a did:key", "blank",
    "control character", "more than one line", "ends before it begins", "stands twice",
    "the line's unit", "more failed than", "not in one unit", "all four quantities", "either short or",
    "refs.lots", "no goods", "unattributed goods need", "of the prime order group", "that exists",
)  # fmt: skip
"""What only the model says: the last table of specs/events.md."""


def verdict(payload):
    try:
        read_event(payload)
    except MalformedEvent as error:
        return error
    return None


@pytest.mark.parametrize("name", EVENTS)
def test_schema_and_model_are_of_one_mind_about_every_structural_fault(name):
    tried = refused = 0
    for what, payload in variants(EXAMPLES[name]):
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
