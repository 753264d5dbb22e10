"""Confidential values in drafts: `{confidential: VALUE}` wherever the event takes a commitment.

Signing puts a commitment with a fresh salt in its place and keeps the opening. A commitment is for ever, so its value
is checked first as if it stood there in clear: a price in a currency that does not exist is found now, and not when
somebody opens it. Where the field has no form in clear (a phone number), any value will do. What is wrong with a
value is never told by quoting it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from ledger.errors import MalformedEvent, MalformedPayload
from ledger.events.catalogue import event_type, read_event
from ledger.statement.commitment import Opening, Pointer, step

_MARK: Final = "confidential"
_BODY: Final = Pointer("/body")
_STAND_IN: Final = {"commitment": "0" * 64}


def hide(
    body: Mapping[str, Any], new_salt: Callable[[], bytes]
) -> tuple[dict[str, Any], tuple[Opening, ...]]:
    """A draft's body with commitments in place of its confidential values, and what opens them.

    Raises `MalformedPayload` for a value that cannot be committed to.
    """
    openings: list[Opening] = []
    return _hide(body, _BODY, new_salt, openings), tuple(openings)


def check_hidden(payload: Mapping[str, Any], body: Mapping[str, Any], openings: Sequence[Opening]) -> None:
    """Check confidential values as if they stood in the event in clear; `body` is the draft's, `payload` the event.

    Raises `MalformedEvent` that names the fields, and not what is in them.
    """
    try:
        read_event({**payload, "body": in_clear(payload["type"], body)})
    except MalformedEvent as error:
        places = [_path(one.pointer) for one in openings]
        found = [problem.split(":", 1)[0] + "." for problem in error.problems]
        wrong = [place for place in places if any(one.startswith(f"{place}.") for one in found)]
        raise MalformedEvent(
            "a confidential value is not one that its field takes",
            problems=tuple(
                f"{place}: the value under `confidential` does not fit" for place in wrong or places
            ),
            expected="what could stand there in clear (specs/events.md)",
        ) from None


def in_clear(type_name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A draft's body with its confidential values in clear, where the event has a form for that."""
    root = event_type(type_name).model_json_schema()
    clear: dict[str, Any] = _in_clear(body, list(_forms(root["properties"]["body"], root)), root)
    return clear


def is_marked(value: Any) -> bool:
    """Whether a value in a draft is `{confidential: ...}`."""
    return isinstance(value, Mapping) and value.keys() == {_MARK}


def mark(value: Any) -> dict[str, Any]:
    """A value as it stands in a draft when it is confidential."""
    return {_MARK: value}


def _hide(value: Any, pointer: Pointer, new_salt: Callable[[], bytes], openings: list[Opening]) -> Any:
    if is_marked(value):
        opening = Opening(pointer, new_salt(), value[_MARK])
        openings.append(opening)
        try:
            return {"commitment": opening.digest}
        except MalformedPayload as error:
            error.found = f"{_path(pointer)}: {error.found}"
            raise
    if isinstance(value, Mapping):
        return {name: _hide(one, step(pointer, name), new_salt, openings) for name, one in value.items()}
    if isinstance(value, list):
        return [_hide(one, step(pointer, place), new_salt, openings) for place, one in enumerate(value)]
    return value


def _in_clear(value: Any, forms: Sequence[Mapping[str, Any]], root: Mapping[str, Any]) -> Any:
    if is_marked(value):
        plain = any(form.get("title") != "Commitment" and form.get("type") != "null" for form in forms)
        return value[_MARK] if plain else _STAND_IN
    if isinstance(value, Mapping):
        return {
            name: _in_clear(
                one, [f for form in forms for f in _forms(form.get("properties", {}).get(name), root)], root
            )
            for name, one in value.items()
        }
    if isinstance(value, list):
        inside = [f for form in forms for f in _forms(form.get("items"), root)]
        return [_in_clear(one, inside, root) for one in value]
    return value


def _path(pointer: Pointer) -> str:
    """A place as the problems of an event name it; no member of an event has a character that would need escaping."""
    return pointer[1:].replace("/", ".")


def _forms(schema: Mapping[str, Any] | None, root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The alternatives of a JSON Schema that stand behind references and unions."""
    if schema is None:
        return
    if "$ref" in schema:
        yield from _forms(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    elif alternatives := schema.get("anyOf") or schema.get("oneOf"):
        for one in alternatives:
            yield from _forms(one, root)
    else:
        yield schema
