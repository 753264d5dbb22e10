"""Admission: one statement against the state before it; the whole of what a log may add.

`admit` is a pure function of the state and the recorded event. It returns what changes, or raises `Refused`
with the rule's number, the limit, what was asked and the statements that set the limit. The live log, the
audit and the offline verifier call this one function, in the order of the log.

Rules that hold for every statement, in this order: R01 entry 0 is the policy; R03 its size; R04 its signer
has enrolled; R06 its subject. Then the rules of its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ledger.errors import Malformed
from ledger.events.base import Event, Recorded
from ledger.events.catalogue import EVENTS
from ledger.events.party import LogPolicy, PartyEnrolled
from ledger.proof.note import parse_vkey
from ledger.rules import contract, goods
from ledger.rules.catalogue import Rule
from ledger.rules.records import Key, Kind, Party, Policy
from ledger.rules.refusal import refuse, short_id
from ledger.rules.state import Changes, Known, Lookup, MemoryState, find
from ledger.statement.keys import parse_did_key


def admit(view: Lookup, recorded: Recorded[Event]) -> Changes:
    """What the statement changes, or the rule that refuses it. Raises `Refused`."""
    _common(view, recorded)
    return _RULES[recorded.event.type](view, recorded)


def fold(state: MemoryState, recorded: Recorded[Event]) -> Changes:
    """`admit`, and take the changes in."""
    changes = admit(state, recorded)
    state.apply(recorded.id, Known(recorded.index, recorded.event.type, recorded.contract), changes)
    return changes


def _common(view: Lookup, recorded: Recorded[Event]) -> None:
    is_policy = recorded.event.type == "log.policy"
    if is_policy != (recorded.index == 0):
        raise refuse(
            Rule.POLICY_PLACE,
            f"a {recorded.event.type} at index {recorded.index}",
            limit="log.policy at index 0 and nowhere else",
        )
    if not is_policy:
        _policy_and_enrolment(view, recorded)
    if recorded.event.opens_subject and recorded.sub != recorded.iss:
        raise refuse(
            Rule.SUBJECT,
            f"the subject of a {recorded.event.type} is {recorded.sub[:24]}",
            limit="the signer itself",
            hint="sign it again with the signer's own party id as its subject",
        )


def _policy_and_enrolment(view: Lookup, recorded: Recorded[Event]) -> None:
    policy = find(view, "", Kind.POLICY, "", Policy)
    assert policy is not None, "index 0 was admitted before any other"
    if recorded.bytes > policy.statement_bytes:
        raise refuse(
            Rule.POLICY_LIMITS,
            "the statement is too large for this log",
            limit=f"{policy.statement_bytes} bytes",
            asked=f"{recorded.bytes} bytes",
            rests_on=(policy.id,),
        )
    enrolled = view.get(Key("", Kind.PARTY, recorded.iss)) is not None
    if not enrolled and recorded.event.type != "party.enrolled":
        raise refuse(
            Rule.ENROLLED,
            f"…{recorded.iss[-8:]} has not enrolled in this log",
            limit="a party.enrolled statement of the signer, registered before",
            hint="sign and submit party.enrolled first, or both together",
            retriable=True,
        )


def _log_policy(_view: Lookup, recorded: Recorded[LogPolicy]) -> Changes:
    """R02: the policy is signed by the very key that signs the checkpoints."""
    body = recorded.event.body
    try:
        vkey = parse_vkey(body.vkey)
    except Malformed as problem:
        raise refuse(Rule.POLICY_KEY, f"its vkey cannot be read: {problem}") from problem
    if vkey.name != body.origin or vkey.key != parse_did_key(recorded.iss):
        raise refuse(
            Rule.POLICY_KEY,
            f"the vkey is of {vkey.name}, key {vkey.key.did[-8:]}",
            limit=f"origin {body.origin}, signed with key {recorded.iss[-8:]}",
        )
    policy = Policy(
        id=recorded.id,
        operator=recorded.iss,
        origin=body.origin,
        agencies=body.agencies,
        statement_bytes=body.limits.statement_bytes,
        receipt_due_days=body.limits.receipt_due_days,
    )
    return {Key("", Kind.POLICY, ""): policy}


def _party_enrolled(view: Lookup, recorded: Recorded[PartyEnrolled]) -> Changes:
    """R05: once."""
    key = Key("", Kind.PARTY, recorded.iss)
    known = view.get(key)
    if isinstance(known, Party):
        raise refuse(
            Rule.ENROLS_ONCE,
            f"this party has enrolled already, by {short_id(known.statement)}",
            rests_on=(known.statement,),
            hint="nothing to do",
        )
    body = recorded.event.body
    name = body.name if isinstance(body.name, str) else None
    return {key: Party(recorded.iss, recorded.id, body.kind, body.country, name)}


_RULES: Final[Mapping[str, Callable[[Lookup, Recorded[Any]], Changes]]] = {
    "log.policy": _log_policy,
    "party.enrolled": _party_enrolled,
    "framework.signed": contract.framework_signed,
    "framework.accepted": contract.framework_accepted,
    "calloff.issued": contract.calloff_issued,
    "calloff.accepted": contract.calloff_accepted,
    "allocation.offered": contract.allocation_offered,
    "allocation.accepted": contract.allocation_accepted,
    "batch.signed_off": goods.batch_signed_off,
    "delivery.dispatched": goods.delivery_dispatched,
    "delivery.received": goods.delivery_received,
}
assert _RULES.keys() == EVENTS.keys(), "every event type has its rules"
