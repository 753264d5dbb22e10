"""The examples of specs/events.md: one payload of each type; told in the order of their times, they are one story."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from ledger.events.base import Event, Recorded, Subject
from ledger.events.catalogue import read_event
from ledger.units import LeafIndex, StatementId
from tests.support.world import key_of, party

PAGE = (Path(__file__).parents[2] / "specs" / "events.md").read_text()


class Example(NamedTuple):
    """A payload of the page, and what the page says of who signed it."""

    payload: dict[str, Any]
    signer: str
    device: str
    """Names the key: the signer's first, or its phone's."""
    id: StatementId
    """Two digits again and again."""


_FORM = re.compile(
    r"^### `([a-z_.]+)`$"
    r"(?:(?!^### ).)*?^For example, signed by (\w+)( on her phone)?, with the id `([0-9a-f]{2})…`:$"
    r"\n\n```json\n(.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
STATEMENTS = {
    name: Example(
        json.loads(payload), signer, f"{signer}'s phone" if phone else signer, StatementId(digits * 32)
    )
    for name, signer, phone, digits, payload in _FORM.findall(PAGE)
}
EXAMPLES: dict[str, dict[str, Any]] = {name: example.payload for name, example in STATEMENTS.items()}
STORY = sorted(EXAMPLES, key=lambda name: datetime.fromisoformat(EXAMPLES[name]["occurred_at"]))
"""The types in the order in which the page tells their examples."""

CONTRACT = STATEMENTS["framework.signed"].id
OWNER = party(STATEMENTS["party.enrolled"].signer)
"""Whose keys and whose erasure the page tells of."""


def subject_of(name: str) -> str:
    """The `sub` of an example."""
    match read_event(EXAMPLES[name]).subject:
        case Subject.SIGNER:
            return party(STATEMENTS[name].signer)
        case Subject.PARTY | Subject.EITHER:
            return OWNER
        case Subject.CONTRACT:
            return CONTRACT


def example_at(index: int, name: str) -> Recorded[Event]:
    """An example as if it had been signed and registered."""
    example = STATEMENTS[name]
    return Recorded(
        id=example.id,
        index=LeafIndex(index),
        iss=party(example.signer),
        kid=key_of(example.device).kid,
        sub=subject_of(name),
        bytes=1_000,
        event=read_event(example.payload),
    )
