"""The examples of specs/events.md: one payload of each type, in the order of their story."""

import json
import re
from pathlib import Path
from typing import Any

from ledger.events.base import Event, Recorded
from ledger.events.catalogue import read_event
from ledger.units import LeafIndex, StatementId
from tests.support.world import key_of, party

PAGE = (Path(__file__).parents[2] / "specs" / "events.md").read_text()
EXAMPLES: dict[str, dict[str, Any]] = {
    name: json.loads(example)
    for name, example in re.findall(
        r"^### `([a-z_.]+)`$.*?^```json\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE
    )
}
SIGNERS = {
    "log.policy": "Operator",
    "party.enrolled": "Asha",
    "framework.signed": "Agency",
    "framework.accepted": "Prime",
    "calloff.issued": "Agency",
    "calloff.accepted": "Prime",
    "allocation.offered": "Prime",
    "allocation.accepted": "Asha",
    "batch.signed_off": "Asha",
    "delivery.dispatched": "Asha",
    "delivery.received": "Store",
}
IDS = {
    "framework.signed": "c1",
    "calloff.issued": "c2",
    "allocation.offered": "a1",
    "batch.signed_off": "b1",
    "delivery.dispatched": "d1",
}
"""The ids the examples go by: two digits again and again."""


def example_at(index: int, name: str) -> Recorded[Event]:
    """An example as if it had been signed and registered."""
    signer = SIGNERS[name]
    event = read_event(EXAMPLES[name])
    return Recorded(
        id=StatementId(IDS.get(name, f"{index:02x}") * 32),
        index=LeafIndex(index),
        iss=party(signer),
        kid=key_of(signer).kid,
        sub=party(signer) if event.opens_subject else IDS["framework.signed"] * 32,
        bytes=1_000,
        event=event,
    )
