"""The examples of specs/events.md: one payload of each type; told in the order of their times, they are one story."""

import copy
import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from ledger.events.base import Event, Recorded, Subject
from ledger.events.catalogue import read_event
from ledger.units import LeafIndex, StatementId
from tests.support.world import key_of, party, quantity

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


# Changed, and filled up

MISSING = object()


def changed(name: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """An example with other values at some places, each written `body.lines.0.line`; `MISSING` takes one out."""
    payload = copy.deepcopy(EXAMPLES[name])
    for place, value in changes.items():
        *way, last = [int(part) if part.isdigit() else part for part in place.split(".")]
        holder: Any = payload
        for part in way:
            holder = holder[part]
        if value is MISSING:
            del holder[last]
        else:
            holder[last] = copy.deepcopy(value)
    return payload


HIDDEN = {"commitment": "cd" * 32}
DOCUMENT = {"sha256": "94" * 32, "size": 900, "media_type": "application/pdf", "name": "order.pdf"}
LEFT_OUT = {
    "party.enrolled": {"body.name": HIDDEN, "body.position": HIDDEN},
    "specification.published": {"refs.supersedes": "f0" * 32},
    "framework.signed": {
        "body.lines.0.price": HIDDEN,
        "body.source": {"ocid": "ocds-1", "release": "r-1", "document": DOCUMENT},
    },
    "framework.accepted": {"refs.change": "c6" * 32},
    "framework.amended": {
        "refs.specifications": ["f2" * 32, "f3" * 32],
        "body.tolerance_percent": {"was": "2.5", "now": "5"},
        "body.lines.0.ceiling.now": None,
        "body.lines.0.price": {"was": HIDDEN, "now": HIDDEN},
        "body.lines.0.specification": {"was": None, "now": "f2" * 32},
        "body.added.0.ceiling": quantity(500),
        "body.added.0.price": HIDDEN,
        "body.added.0.specification": "f3" * 32,
    },
    "calloff.issued": {"body.place.facility": "https://map.example/store"},
    "allocation.accepted": {"refs.delegation": "71" * 32},
    "sample.decided": {
        "body.decision": "conditional",
        "body.conditions": "Round the corners.",
        "body.results.0.remark": "sharp",
    },
    "batch.signed_off": {
        "refs.inputs": ["b0" * 32],
        "refs.delegation": "71" * 32,
        "body.place.facility": "https://map.example/shed-4",
        "body.remarks": "Rain.",
    },
    "inspection.recorded": {"body.remarks": "Rain."},
    "delivery.dispatched": {
        "body.origin.facility": "https://map.example/shed-4",
        "body.destination.facility": "https://map.example/store",
    },
    "delivery.received": {
        "refs.delegation": "71" * 32,
        "body.place.facility": "https://map.example/store",
        "body.photos.0.name": "carton.jpg",
    },
    "payment.recorded": {"body.amount": HIDDEN},
    "recall.opened": {"refs.specification": "f1" * 32},
    "recall.acknowledged": {"refs.delegation": "71" * 32},
    "correction.declared": {"refs.replacement": "d5" * 32, "body.reason": "incorrect data"},
    "erasure.recorded": {"body.contents": True, "body.order": DOCUMENT},
}
"""What the examples of the page leave out, and the other form of what has two: put into them, each is said once."""


def fuller(name: str) -> dict[str, Any]:
    """The example with what it leaves out."""
    return changed(name, LEFT_OUT.get(name, {}))
