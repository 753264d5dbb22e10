"""What was accepted is made again from the same models: equal to what was read when it was checked."""

from typing import Any

import pytest
from pydantic import BaseModel

from ledger.events.accepted import read_accepted
from ledger.events.catalogue import EVENTS, read_event
from tests.support.examples import EXAMPLES, fuller


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_made_again_as_it_was_read(name: str) -> None:
    for payload in (EXAMPLES[name], fuller(name)):
        read, made = read_event(payload), read_accepted(payload)
        assert made == read
        assert _in_depth(made) == _in_depth(read)


def test_what_is_made_is_as_frozen_as_what_is_read() -> None:
    made = read_accepted(EXAMPLES["batch.signed_off"])
    with pytest.raises(ValueError, match="frozen"):
        made.version = 2


def _in_depth(value: Any) -> Any:
    """Every part with its type, and of an object which of its members were said."""
    if isinstance(value, BaseModel):
        members = {name: _in_depth(getattr(value, name)) for name in type(value).model_fields}
        return type(value), members, value.model_fields_set, value.model_extra
    if isinstance(value, tuple):
        return [_in_depth(one) for one in value]
    return type(value), value
