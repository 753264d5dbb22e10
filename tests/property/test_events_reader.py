"""Whatever stands in a payload, reading it gives an event or `MalformedEvent`, and a screen can show what it says."""

import copy
from decimal import Decimal
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from ledger.errors import MalformedEvent
from ledger.events.base import Event
from ledger.events.catalogue import EVENTS, read_event
from ledger.units import UNITS
from tests.support.examples import EXAMPLES, fuller

names = st.sampled_from(list(EVENTS))
texts = st.text(st.characters(codec=None), max_size=12) | st.sampled_from(
    [
        "0",
        "1",
        "0.5",
        "H87",
        "KGM",
        "1e3",
        "2026-05-04",
        "2026-02-30",
        "2026-05-04T16:20:00+05:30",
        "did:key:z6Mk",
        "ab" * 32,
        "-90.5",
        "181",
        "pass",
        "conditional",
    ]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def put(payload: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    holder: Any = payload
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value


def at(payload: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        payload = payload[key]
    return payload


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *[deeper for key, one in inner for deeper in places(one, (*path, key))]]


def outcome(payload: Any) -> Event | MalformedEvent:
    """The event, or the one declared error."""
    try:
        return read_event(payload)
    except MalformedEvent as error:
        return error


def read_or_refuse(payload: Any) -> Event | None:
    result = outcome(payload)
    if isinstance(result, Event):
        return result
    assert result.found
    assert all(": " in problem and len(problem) < 1_000 for problem in result.problems)
    return None


@given(
    st.dictionaries(
        st.sampled_from(["type", "version", "occurred_at", "prev", "refs", "body"]) | texts, anything
    ),
    names,
)
def test_any_object_of_any_type(payload, name):
    read_or_refuse(payload)
    read_or_refuse(payload | {"type": name})


@given(names, st.data())
def test_an_event_with_anything_anywhere_in_it(name, data):
    payload = data.draw(st.sampled_from([copy.deepcopy(EXAMPLES[name]), fuller(name)]))
    path = data.draw(st.sampled_from(places(payload)[1:]))
    put(payload, path, data.draw(anything))
    event = read_or_refuse(payload)
    if event is not None and path[0] == "type":
        assert event.type == payload["type"]


@given(names, names, st.data())
def test_an_event_with_a_part_of_another_in_it(name, other, data):
    """Values of the right form in the wrong place, and what holds between members broken in every way."""
    payload, source = fuller(name), fuller(other)
    for _ in range(data.draw(st.integers(1, 3))):
        taken = at(source, data.draw(st.sampled_from(places(source)[1:])))
        put(payload, data.draw(st.sampled_from(places(payload)[1:])), copy.deepcopy(taken))
    read_or_refuse(payload)


@given(names, st.data())
def test_an_event_with_anything_left_out_of_it(name, data):
    payload = fuller(name)
    for _ in range(data.draw(st.integers(1, 4))):
        *way, last = data.draw(st.sampled_from(places(payload)[1:]))
        del at(payload, tuple(way))[last]
        if not payload:
            break
    read_or_refuse(payload)


@given(names, texts.filter(bool))
@example("framework.signed", "\x1b]0;owned\x07")
def test_an_unknown_member_is_named_on_one_line_that_can_be_printed(name, member):
    payload = EXAMPLES[name] | {member: 1}
    if member in EXAMPLES[name]:
        return
    result = outcome(payload)
    assert isinstance(result, MalformedEvent)
    (problem,) = result.problems
    assert problem.isprintable()
    assert problem.endswith(": is not a field of this event")


@given(st.decimals(0, 10**15, places=6, allow_nan=False), st.sampled_from(sorted(UNITS)))
def test_a_quantity_is_read_to_the_last_digit_or_not_at_all(value, unit):
    payload = copy.deepcopy(EXAMPLES["allocation.offered"])
    payload["body"]["lines"][0]["quantity"] = {"value": f"{value:f}", "unit": unit}
    event = read_or_refuse(payload)
    whole = value == value.to_integral_value() or unit not in {"H87", "EA", "PR", "SET"}
    assert (event is not None) == (whole and 0 < value < 10**15)
    if event is not None:
        assert event.body.lines[0].quantity.value == Decimal(f"{value:f}")
