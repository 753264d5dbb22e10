"""Asking a person for an event, field by field, along its JSON Schema.

What is optional may be left empty. What is wrong is explained, and only that is asked for again. When all is right,
what may be confidential can be made so; what can only be confidential is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import typer

from cli.output import say
from ledger.errors import MalformedEvent
from ledger.events.base import Subject
from ledger.events.catalogue import EVENTS, event_type, read_event
from ledger.exchange.confidential import in_clear, is_marked, mark
from ledger.exchange.draft import Draft

_ASKED: Final = [name for name in EVENTS if name != "log.policy"]  # a policy is made by `tally init`


def ask_draft(type_name: str | None, contract: str | None) -> Draft:
    """Ask for a whole draft on the terminal."""
    if type_name is None:
        for number, name in enumerate(_ASKED, 1):
            say(f"{number:3} {name}")
        type_name = _choose("What do you sign", _ASKED)
    model = event_type(type_name)
    say(f"{type_name}: {(model.__doc__ or '').strip()}")
    schema = model.model_json_schema()
    if contract is None and model.subject is Subject.CONTRACT:
        contract = typer.prompt("contract (id, or @FILE)")
    parts = {part: _object(_member(schema, part), schema, part) for part in ("refs", "body")}
    while problems := _problems(type_name, parts):
        for problem in problems:
            say(f"  - {problem}")
        for part, name in sorted({_field(problem) for problem in problems if "." in problem.split(":")[0]}):
            value = _value(
                _member(schema, part)["properties"][name], schema, f"{part}.{name}", required=False
            )
            parts[part].pop(name, None)
            if value is not None:
                parts[part][name] = value
    body = _hidden(parts["body"], schema["properties"]["body"], schema, "body")
    return Draft(type_name, contract, None, None, parts["refs"], body)


def _choose(question: str, names: list[str]) -> str:
    while True:
        answer: str = typer.prompt(question)
        if answer in names:
            return answer
        if answer.isascii() and answer.isdecimal() and 1 <= int(answer) <= len(names):
            return names[int(answer) - 1]
        say(f"  - a number from 1 to {len(names)}, or the name")


def _problems(type_name: str, parts: Mapping[str, Any]) -> tuple[str, ...]:
    stand_in = {"version": 1, "occurred_at": "2026-01-01T00:00:00Z", "prev": None}
    try:
        body = in_clear(type_name, parts["body"])
        read_event({"type": type_name, **stand_in, "refs": _without_files(parts["refs"]), "body": body})
    except MalformedEvent as error:
        return error.problems
    return ()


def _without_files(refs: Mapping[str, Any]) -> dict[str, Any]:
    """References as they will be: a file stands for an id."""

    def stand_in(value: Any) -> Any:
        if isinstance(value, list):
            return [stand_in(one) for one in value]
        return "0" * 64 if isinstance(value, str) and value.startswith("@") else value

    return {role: stand_in(value) for role, value in refs.items()}


def _field(problem: str) -> tuple[str, str]:
    part, name, *_ = problem.split(":", maxsplit=1)[0].split(".")
    return part, name


def _member(schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return _resolved(schema["properties"][name], schema)


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow $ref, and of alternatives take the first that is not null."""
    while True:
        if "$ref" in schema:
            schema = {
                **root["$defs"][schema["$ref"].rsplit("/", 1)[1]],
                **{k: v for k, v in schema.items() if k != "$ref"},
            }
        elif alternatives := _alternatives(schema):
            chosen = next(one for one in alternatives if one.get("type") != "null")
            schema = {**chosen, **{k: v for k, v in schema.items() if k in {"description", "default"}}}
        else:
            return schema


def _alternatives(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a value may be: something or null (anyOf), and in the clear or a commitment (oneOf)."""
    return list(schema.get("anyOf", ())) or list(schema.get("oneOf", ()))


def _may_be_hidden(schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    alternatives = _alternatives(schema)
    if any(map(_alternatives, alternatives)):
        return any(_may_be_hidden(one, root) for one in alternatives)
    return any(_is_commitment(_resolved(one, root)) for one in alternatives)


def _hidden(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], path: str) -> Any:
    """The answers, marked where they may be confidential and the person wants it."""
    if is_marked(value):
        return value
    if _may_be_hidden(schema, root) and typer.confirm(f"{path}: confidential?", default=False):
        return mark(value)
    schema = _resolved(schema, root)
    if isinstance(value, dict) and "properties" in schema:
        members = schema["properties"]
        return {name: _hidden(one, members[name], root, f"{path}.{name}") for name, one in value.items()}
    if isinstance(value, list):
        return [_hidden(one, schema["items"], root, f"{path}.{place}") for place, one in enumerate(value)]
    return value


def _is_commitment(schema: Mapping[str, Any]) -> bool:
    return schema.get("title") == "Commitment"


def _object(schema: Mapping[str, Any], root: Mapping[str, Any], path: str) -> dict[str, Any]:
    answers = {}
    for name, member in schema.get("properties", {}).items():
        value = _value(member, root, f"{path}.{name}", required=name in schema.get("required", ()))
        if value is not None:
            answers[name] = value
    return answers


def _value(schema: Mapping[str, Any], root: Mapping[str, Any], path: str, *, required: bool) -> Any:
    schema = _resolved(schema, root)
    if "const" in schema:
        return schema["const"]
    if _is_commitment(schema):
        text = f"{schema['description']} Kept confidential."
        value = _scalar({"description": text}, path, required=required)
        return None if value is None else mark(value)
    if schema.get("type") == "object":
        if not required and not typer.confirm(f"{path}?", default=False):
            return None
        return _object(schema, root, path)
    if schema.get("type") == "array":
        return _array(schema, root, path, required=required) or None
    return _scalar(schema, path, required=required)


def _array(schema: Mapping[str, Any], root: Mapping[str, Any], path: str, *, required: bool) -> list[Any]:
    values: list[Any] = []
    wanted = max(schema.get("minItems", 0), 1 if required else 0)
    while len(values) < wanted or typer.confirm(f"{path}: {'another' if values else 'one'}?", default=False):
        values.append(_value(schema["items"], root, f"{path}.{len(values)}", required=True))
    return values


def _scalar(schema: Mapping[str, Any], path: str, *, required: bool) -> str | int | None:
    few = schema.get("enum", [])
    hint = f" ({', '.join(few)})" if 0 < len(few) <= 20 else ""
    text = schema.get("description", "").split("\n")[0]
    prompt = f"{path}{hint}" + (f" - {text}" if text else "") + ("" if required else " [may be left empty]")
    while True:
        answer: str = typer.prompt(prompt, default=None if required else "", show_default=False)
        if not answer:
            return None
        if schema.get("type") != "integer":
            return answer
        if answer.isascii() and answer.isdecimal():
            return int(answer)
        say(f"  - {path}: {answer!r} is not a whole number")
