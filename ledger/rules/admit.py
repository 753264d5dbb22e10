"""Admission: one statement against the state before it; the whole of what a log may add.

`admit` is a pure function of the state and the recorded event. It returns what changes, or raises `Refused`
with the rule's number, the limit, what was asked and the statements that set the limit. The live log, the
audit and the offline verifier call this one function, in the order of the log.

Rules that hold for every statement, in this order: R01 entry 0 is the policy; R03 its size; R04 its signer
has enrolled; R22 with a key valid here; R06 its subject; R24 for whom it is signed. Then the rules of its type,
for which the signer is the party on whose behalf it was signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from ledger.events.base import Event, Recorded
from ledger.events.catalogue import EVENTS
from ledger.rules import after, delegation, delivery, framework, holding, identity, orders, production, recall
from ledger.rules.state import Changes, Known, Lookup, MemoryState


def admit(view: Lookup, recorded: Recorded[Event]) -> Changes:
    """What the statement changes, or the rule that refuses it. Raises `Refused`."""
    identity.may_sign(view, recorded)
    principal, lent = delegation.acts_for(view, recorded)
    acting = recorded if principal == recorded.iss else msgspec.structs.replace(recorded, iss=principal)
    changes = _RULES[recorded.event.type](view, acting)
    return {**changes, **lent} if lent else changes


def fold(state: MemoryState, recorded: Recorded[Event]) -> Changes:
    """`admit`, and take the changes in."""
    changes = admit(state, recorded)
    state.apply(recorded.id, Known(recorded.index, recorded.event.type, recorded.contract), changes)
    return changes


_RULES: Final[Mapping[str, Callable[[Lookup, Recorded[Any]], Changes]]] = {
    "log.policy": identity.log_policy,
    "party.enrolled": identity.party_enrolled,
    "key.added": identity.key_added,
    "key.revoked": identity.key_revoked,
    "specification.published": production.specification_published,
    "framework.signed": framework.framework_signed,
    "framework.accepted": framework.framework_accepted,
    "framework.amended": framework.framework_amended,
    "framework.closed": framework.framework_closed,
    "calloff.issued": orders.calloff_issued,
    "calloff.accepted": orders.calloff_accepted,
    "calloff.cancelled": orders.calloff_cancelled,
    "allocation.offered": orders.allocation_offered,
    "allocation.accepted": orders.allocation_accepted,
    "allocation.withdrawn": orders.allocation_withdrawn,
    "delegation.granted": delegation.delegation_granted,
    "delegation.revoked": delegation.delegation_revoked,
    "proxy.confirmed": delegation.proxy_confirmed,
    "sample.decided": production.sample_decided,
    "batch.signed_off": production.batch_signed_off,
    "inspection.recorded": holding.inspection_recorded,
    "batch.held": holding.batch_held,
    "batch.cleared": holding.batch_cleared,
    "delivery.dispatched": delivery.delivery_dispatched,
    "delivery.received": delivery.delivery_received,
    "delivery.decided": delivery.delivery_decided,
    "payment.recorded": after.payment_recorded,
    "recall.opened": recall.recall_opened,
    "recall.acknowledged": recall.recall_acknowledged,
    "recall.closed": recall.recall_closed,
    "dispute.raised": after.dispute_raised,
    "dispute.resolved": after.dispute_resolved,
    "correction.declared": after.correction_declared,
    "erasure.recorded": after.erasure_recorded,
}
assert _RULES.keys() == EVENTS.keys(), "every event type has its rules"
