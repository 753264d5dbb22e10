"""JSON Schemas (2020-12) of the vocabulary, made from its models.

They are written to specs/schemas, with the examples of specs/events.md; a test says when models and schemas drift. What
a schema cannot say stands at the end of that page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from ledger.events.base import Event
from ledger.events.catalogue import EVENTS
from ledger.events.kinds import KINDS

_BASE: Final = "https://tallystick.example/schemas/"


class _Described(GenerateJsonSchema):
    """Members go by their names and descriptions: a title made from the name, and null for what is left out, say
    nothing more."""

    def field_title_should_be_set(self, _schema: object) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> dict[str, Any]:
        told = super().default_schema(schema)
        return {key: value for key, value in told.items() if (key, value) != ("default", None)}


def schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every event type and its schema, in the vocabulary's order."""
    for name, model in EVENTS.items():
        yield name, _schema(name, model)


def _schema(name: str, model: type[Event]) -> dict[str, Any]:
    kinds: dict[str, Any] = {}
    schema = _by_reference(model.model_json_schema(schema_generator=_Described), kinds)
    for member, field in Event.model_fields.items():  # a type narrows them and says nothing more of them
        schema["properties"][member].setdefault("description", field.description)
    schema["$defs"] = dict(sorted({**schema["$defs"], **kinds}.items()))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{_BASE}{name}.json",
        **schema,
        "title": name,
    }


def _by_reference(node: Any, kinds: dict[str, Any]) -> Any:
    """The schema with every kind of value told of once, in `kinds`, and referred to by its name."""
    if isinstance(node, list):
        return [_by_reference(one, kinds) for one in node]
    if not isinstance(node, dict):
        return node
    title = node.get("title")
    if isinstance(title, str) and title in KINDS:
        kinds[title] = {"title": title, **KINDS[title]}
        return {"$ref": f"#/$defs/{title}"} | {
            key: value for key, value in node.items() if kinds[title].get(key) != value
        }
    return {key: _by_reference(value, kinds) for key, value in node.items()}
