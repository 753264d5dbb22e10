"""What a log keeps of a statement whose contents were erased by order (specs/log.md).

A *remnant* is what the rules need to fold on: the statement's protected header, and its payload with every text in
which a person can be named blanked (`Blanked`, on the types of `ledger.events.fields`). It has no signature, for the
words it was given for are gone, so what it says is the log's word. It is never longer than the statement, and it is
its own remnant.

    remnant = 18([ << protected, as it was >>, {}, RFC 8785 payload, h'' ])

Types, ids, parties, keys, times, places in a chain, figures, codes and the names of lines, lots, revisions and
characteristics stay: others rest on them. Digests stay too, of documents and of commitments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from ledger.errors import MalformedPayload
from ledger.events.catalogue import event_type, read_event
from ledger.events.fields import Blanked, Commitment, Shape
from ledger.events.opened import Opened
from ledger.statement.cose import Sign1, decode_sign1, encode_sign1
from ledger.statement.envelope import Statement, read_statement
from ledger.statement.payload import encode_payload
from ledger.units import Entry, StatementId


def remnant_of(statement: Statement) -> bytes:
    """What is left of a statement, or of a remnant, when its contents are erased."""
    sign1 = decode_sign1(statement.data)
    return encode_sign1(Sign1(sign1.protected, {}, encode_payload(blanked(statement.payload)), b""))


def open_remnant(data: bytes, entry: Entry) -> Opened:
    """Read the remnant of the statement that an entry was made of. Raises a `Malformed` for anything else.

    That it is of that statement cannot be shown: nothing binds the two but the log's word.
    """
    left = read_statement(data)
    if remnant_of(left) != data:
        raise MalformedPayload("a remnant that still holds what is erased", expected="a mark in its place")
    statement = replace(left, id=StatementId(entry.hex()), entry=entry)
    return Opened(statement, read_event(statement.payload))


def blanked(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A payload that `read_event` takes, without the texts in which a person can be named."""
    model = event_type(payload["type"])
    return {**payload, "body": _blank(payload["body"], _members(model)["body"])}


def _blank(value: Any, kind: Any) -> Any:
    """A value of a field's type, blanked."""
    origin, arguments = get_origin(kind), get_args(kind)
    if value is None:
        return None
    if origin is Annotated:
        mark = next((note for note in arguments[1:] if isinstance(note, Blanked)), None)
        return mark.by(value) if mark else _blank(value, arguments[0])
    if origin in (Union, UnionType):
        return _blank(value, _meant(value, arguments))
    if origin is tuple:
        return [_blank(one, arguments[0]) for one in value]
    if isinstance(kind, type) and issubclass(kind, Shape):
        members = _members(kind)
        return {name: _blank(one, members[name]) for name, one in value.items()}
    return value


def _meant(value: Any, kinds: tuple[Any, ...]) -> Any:
    """Of a value or its commitment, or of nothing, the one that stands there."""
    if isinstance(value, dict) and "commitment" in value:
        return Commitment
    [clear] = [kind for kind in kinds if kind is not type(None) and not _is_commitment(kind)]
    return clear


def _is_commitment(kind: Any) -> bool:
    return kind is Commitment or (get_origin(kind) is Annotated and get_args(kind)[0] is Commitment)


@cache
def _members(shape: type[Shape]) -> dict[str, Any]:
    return get_type_hints(shape, include_extras=True)
