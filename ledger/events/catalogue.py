"""The vocabulary: every event type once, and how a payload becomes an event. `read_event` is the only way in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ledger.errors import MalformedEvent
from ledger.events.amends import CorrectionDeclared, ErasureRecorded
from ledger.events.base import Event
from ledger.events.claims import DisputeRaised, DisputeResolved, PaymentRecorded
from ledger.events.delegation import DelegationGranted, DelegationRevoked, ProxyConfirmed
from ledger.events.delivery import DeliveryDecided, DeliveryDispatched, DeliveryReceived
from ledger.events.fields import FORMS, SHA256_PATTERN, Commitment
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

_PYTHONIC: Final = re.compile(r"^(Input|String|Tuple) | after validation|(?<=should match )pattern ")
"""What pydantic says to a programmer and not to a person."""

_IN_JSON: Final = {"model_type": "should be an object", "tuple_type": "should be a list"}
"""Where pydantic names a Python type, the JSON one."""

_IN_WORDS: Final = {SHA256_PATTERN: "should be all 64 hexadecimal digits, lower-case"}
"""What a pattern that people meet often says to them."""


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
    if detail["type"] == "model_type" and detail["ctx"]["class_name"] == Commitment.__name__:
        return f"{path}: should be a commitment; in a draft write {{confidential: VALUE}}"
    pattern = detail.get("ctx", {}).get("pattern", "")
    words = _IN_JSON.get(detail["type"]) or _IN_WORDS.get(pattern) or _PYTHONIC.sub("", detail["msg"])
    found = detail.get("input")
    shown = (
        ""
        if detail["type"] == "malformed"
        or isinstance(found, (dict, list))
        or detail["loc"][-1:] == ("commitment",)
        else f" (found {str(found)[:60]!r})"
    )
    return f"{path}: {words}{shown}"


def _is_echo(detail: ErrorDetails) -> bool:
    """A list is also reported as too short when it is not, but holds something wrong, which is reported itself."""
    return detail["type"] == "too_short" and len(detail["input"]) > detail["ctx"]["actual_length"]


def _path(detail: ErrorDetails) -> str:
    loc = detail["loc"]
    unknown = detail["type"] == "extra_forbidden"
    names = [str(part) for part in (loc[:-1] if unknown else loc) if part not in FORMS]
    if unknown:  # its name is the submitter's own word: shown whatever it is, and on one line
        names.append(ascii(str(loc[-1])[:60])[1:-1])
    return ".".join(names) or "the event as a whole"
