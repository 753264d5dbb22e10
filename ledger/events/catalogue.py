"""The vocabulary: every event type once, how a payload becomes an event, and its JSON Schemas.

`read_event` is the only way in. Schemas are made from the models (`schemas`) and kept under specs/schemas;
a test says when the two drift.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ledger.errors import MalformedEvent
from ledger.events.amends import CorrectionDeclared, ErasureRecorded
from ledger.events.base import Event
from ledger.events.claims import DisputeRaised, DisputeResolved, PaymentRecorded
from ledger.events.delegation import DelegationGranted, DelegationRevoked, ProxyConfirmed
from ledger.events.delivery import DeliveryDecided, DeliveryDispatched, DeliveryReceived
from ledger.events.framework import FrameworkAccepted, FrameworkAmended, FrameworkClosed, FrameworkSigned
from ledger.events.orders import (
    AllocationAccepted,
    AllocationOffered,
    AllocationWithdrawn,
    CalloffAccepted,
    CalloffCancelled,
    CalloffIssued,
)
from ledger.events.party import KeyAdded, KeyRevoked, LogPolicy, PartyEnrolled
from ledger.events.production import (
    BatchCleared,
    BatchHeld,
    BatchSignedOff,
    InspectionRecorded,
    SampleDecided,
)
from ledger.events.recall import RecallAcknowledged, RecallClosed, RecallOpened
from ledger.events.specification import SpecificationPublished

EVENTS: Final[Mapping[str, type[Event]]] = {
    "log.policy": LogPolicy,
    "party.enrolled": PartyEnrolled,
    "key.added": KeyAdded,
    "key.revoked": KeyRevoked,
    "specification.published": SpecificationPublished,
    "framework.signed": FrameworkSigned,
    "framework.accepted": FrameworkAccepted,
    "framework.amended": FrameworkAmended,
    "framework.closed": FrameworkClosed,
    "calloff.issued": CalloffIssued,
    "calloff.accepted": CalloffAccepted,
    "calloff.cancelled": CalloffCancelled,
    "allocation.offered": AllocationOffered,
    "allocation.accepted": AllocationAccepted,
    "allocation.withdrawn": AllocationWithdrawn,
    "delegation.granted": DelegationGranted,
    "delegation.revoked": DelegationRevoked,
    "proxy.confirmed": ProxyConfirmed,
    "sample.decided": SampleDecided,
    "batch.signed_off": BatchSignedOff,
    "inspection.recorded": InspectionRecorded,
    "batch.held": BatchHeld,
    "batch.cleared": BatchCleared,
    "delivery.dispatched": DeliveryDispatched,
    "delivery.received": DeliveryReceived,
    "delivery.decided": DeliveryDecided,
    "payment.recorded": PaymentRecorded,
    "recall.opened": RecallOpened,
    "recall.acknowledged": RecallAcknowledged,
    "recall.closed": RecallClosed,
    "dispute.raised": DisputeRaised,
    "dispute.resolved": DisputeResolved,
    "correction.declared": CorrectionDeclared,
    "erasure.recorded": ErasureRecorded,
}

_PYTHONIC: Final = re.compile(
    r"^(Input|String|Tuple) | after validation|(?<=should match )pattern | dictionary or instance of"
)
"""What pydantic says to a programmer and not to a person."""

_SCHEMA_BASE: Final = "https://tallystick.example/schemas/"


def event_type(name: object) -> type[Event]:
    """The model of an event type. Raises `MalformedEvent` for an unknown one, listing the known."""
    model = EVENTS.get(name) if isinstance(name, str) else None
    if model is None:
        raise MalformedEvent(
            f"{str(name)[:60]!r} is not an event type known here", expected="one of " + ", ".join(EVENTS)
        )
    return model


def read_event(payload: Mapping[str, Any]) -> Event:
    """Read a decoded payload (see `ledger.statement.payload`) as an event of the vocabulary.

    Raises `MalformedEvent`, whose `problems` name every wrong field by its path and say what is wrong.
    """
    model = event_type(payload.get("type"))
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=True)
        problems = tuple(_problem(detail) for detail in details if not _is_echo(detail))
        raise MalformedEvent(f"this is not a valid {payload['type']}", problems=problems) from None


def _problem(detail: ErrorDetails) -> str:
    path = _path(detail)
    if detail["type"] == "missing":
        return f"{path}: is missing"
    if detail["type"] == "extra_forbidden":
        return f"{path}: is not a field of this event"
    words = _PYTHONIC.sub("", detail["msg"])
    found = detail.get("input")
    shown = (
        ""
        if detail["type"] == "malformed" or isinstance(found, (dict, list))
        else f" (found {str(found)[:60]!r})"
    )
    return f"{path}: {words}{shown}"


def _is_echo(detail: ErrorDetails) -> bool:
    """A list is also reported as too short when it is not, but holds something wrong, which is reported itself."""
    return detail["type"] == "too_short" and len(detail["input"]) > detail["ctx"]["actual_length"]


def _path(detail: ErrorDetails) -> str:
    loc = detail["loc"]
    unknown = detail["type"] == "extra_forbidden"
    names = [str(part) for part in (loc[:-1] if unknown else loc) if not _is_union_branch(part)]
    if unknown:  # its name is the submitter's own word: shown whatever it is, and on one line
        names.append(ascii(str(loc[-1])[:60])[1:-1])
    return ".".join(names) or "the event as a whole"


def _is_union_branch(part: int | str) -> bool:
    """Pydantic names the branch of a union it tried (`Commitment`, `function-plain[...]`); a person's path does not."""
    return isinstance(part, str) and (part[:1].isupper() or "[" in part or part in {"str", "none"})


def schemas() -> Iterator[tuple[str, bytes]]:
    """Every event type's JSON Schema (2020-12) as (file name, bytes), in the vocabulary's order."""
    for name, model in EVENTS.items():
        schema = model.model_json_schema(mode="validation")
        document = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"{_SCHEMA_BASE}{name}.json",
            **schema,
            "title": name,
        }
        yield f"{name}.json", (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
