"""Events of payloads that were accepted before, made from the same models without being checked again.

A log that folds what it has registered reads every statement a second time. What a model checks was checked then;
what is left is to turn each JSON value into its domain value (`ledger.events.fields.Reads`) and to put it in its place.
What comes out equals what `read_event` made of the payload when it was accepted. For any other
payload it means nothing: whoever takes nobody's word for that reads it with `read_event`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from ledger.events.base import Event
from ledger.events.catalogue import EVENTS
from ledger.events.fields import Commitment, Reads, Shape

_Reader = Callable[[Any], Any] | None
"""How a JSON value becomes what it is in an event; None where it is that already."""


def read_accepted(payload: Mapping[str, Any]) -> Event:
    """The event of a payload that `read_event` has accepted."""
    event: Event = _maker(EVENTS[payload["type"]])(payload)
    return event


@cache
def _maker(shape: type[Shape]) -> Callable[[Any], Any]:
    kinds = get_type_hints(shape, include_extras=True)
    readers = {name: _reader(kinds[name]) for name in shape.model_fields}
    becomes = tuple((name, read) for name, read in readers.items() if read is not None)
    defaults = {name: field.default for name, field in shape.model_fields.items() if not field.is_required()}
    make, put = shape.__new__, object.__setattr__  # a frozen model lets nothing be put in another way

    def made(value: Mapping[str, Any]) -> Shape:
        members = {**defaults, **value}
        for name, read in becomes:
            given = value.get(name)
            if given is not None:
                members[name] = read(given)
        one = make(shape)
        put(one, "__dict__", members)
        put(one, "__pydantic_fields_set__", set(value))
        put(one, "__pydantic_extra__", None)
        put(one, "__pydantic_private__", None)
        return one

    return made


def _reader(kind: Any) -> _Reader:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        reads = next((note for note in arguments[1:] if isinstance(note, Reads)), None)
        if reads is None:
            return _reader(arguments[0])
        return None if reads.as_is else reads.read
    if origin in (Union, UnionType):
        return _either(arguments)
    if origin is tuple:
        return _each(_reader(arguments[0]))
    if isinstance(kind, type) and issubclass(kind, Shape):
        return _maker(kind)
    return None


def _each(read: _Reader) -> _Reader:
    if read is None:
        return tuple
    return lambda values: tuple([read(value) for value in values])


def _either(kinds: tuple[Any, ...]) -> _Reader:
    """A value in the clear, or a commitment to it, or nothing, which no reader is asked about."""
    bare = {get_args(kind)[0] if get_origin(kind) is Annotated else kind: kind for kind in kinds}
    clear = [_reader(kind) for plain, kind in bare.items() if plain not in (NoneType, Commitment)]
    if Commitment not in bare or not clear:
        return clear[0] if clear else _maker(Commitment)
    [read] = clear
    committed = _maker(Commitment)
    return lambda value: (
        committed(value) if type(value) is dict and "commitment" in value else read(value) if read else value
    )
