"""Rules of identity: who may sign at all, with which key; the policy, enrolment, keys added and revoked.

A signature is checked against the key whose thumbprint the statement carries, wherever that key was found: a
thumbprint fits one key only. Whether that key is one of its signer's, here and now, is a rule (R22), so that log,
audit and offline verifier judge it alike.
"""

from __future__ import annotations

from typing import Final

import msgspec

from ledger.errors import Malformed
from ledger.events.base import Event, Recorded, Subject
from ledger.events.party import KeyAdded, KeyRevoked, LogPolicy, PartyEnrolled
from ledger.limits import KEYS_BY_RECOVERY, KEYS_PER_PARTY
from ledger.proof.note import parse_vkey
from ledger.rules.catalogue import Rule
from ledger.rules.records import Approval, Key, Kind, Party, PartyKey, Policy
from ledger.rules.refusal import refuse, short_id, unfit, who
from ledger.rules.state import Changes, Lookup, find
from ledger.statement.keys import PublicKey, kid_of, parse_did_key
from ledger.units import KeyId, PartyId, StatementId

FIRST_DEVICE: Final = "first key"


def may_sign(view: Lookup, recorded: Recorded[Event]) -> None:
    """R01, R03, R04, R22, R06: what holds for every statement, whatever its type."""
    is_policy = recorded.event.type == "log.policy"
    if is_policy != (recorded.index == 0):
        raise refuse(
            Rule.POLICY_PLACE,
            f"a {recorded.event.type} at index {recorded.index}",
            limit="log.policy at index 0 and nowhere else",
            hint="nothing to do: a log's policy is made with the log, by `tally init`",
        )
    if not is_policy:
        _within_policy(view, recorded)
    if recorded.event.type in {"log.policy", "party.enrolled"}:
        _first_key(recorded)
    else:
        _valid_key(view, recorded)
    _subject(recorded)


def log_policy(_view: Lookup, recorded: Recorded[LogPolicy]) -> Changes:
    """R02: the policy is signed by the very key that signs the checkpoints."""
    body = recorded.event.body
    try:
        vkey = parse_vkey(body.vkey)
    except Malformed as problem:
        raise refuse(
            Rule.POLICY_KEY,
            f"its vkey cannot be read: {problem}",
            limit="a C2SP verifier key: origin, 8 hexadecimal digits, base64, joined by +",
            hint="make the log with `tally init`, which writes the key into the policy",
        ) from problem
    if vkey.name != body.origin or vkey.key != parse_did_key(recorded.iss):
        raise refuse(
            Rule.POLICY_KEY,
            f"the vkey is of {vkey.name}, key {vkey.key.did[-8:]}",
            limit=f"origin {body.origin}, signed with key {recorded.iss[-8:]}",
            hint="make the log with `tally init`, which writes the key that signs into the policy",
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


def party_enrolled(view: Lookup, recorded: Recorded[PartyEnrolled]) -> Changes:
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
    party = Party(
        id=recorded.iss,
        statement=recorded.id,
        kind=body.kind,
        country=body.country,
        name=body.name if isinstance(body.name, str) else None,
        keys=(PartyKey(recorded.kid, recorded.iss, FIRST_DEVICE, recorded.id),),
        recovery=body.recovery.parties if body.recovery else (),
        recovery_needed=body.recovery.needed if body.recovery else 0,
        approvals=(),
    )
    return {key: party}


def key_added(view: Lookup, recorded: Recorded[KeyAdded]) -> Changes:
    """R10, R23: by the party itself or enough of its recovery parties; a key once and never again."""
    party = _party(view, recorded, recorded.event.refs.party)
    public = parse_did_key(recorded.event.body.key)
    known = party.key(public.kid)
    if known is not None:
        state = f"revoked ({known.reason})" if known.revoked else "valid"
        raise refuse(
            Rule.KEY_ONCE,
            f"{who(view, party.id)} has had this key before, as {known.device!r}; it is {state}",
            limit="a key that was never added",
            rests_on=(known.added,),
            hint="make a new key on the device" if known.revoked else "nothing to do: it may sign already",
        )
    kept = KEYS_BY_RECOVERY if party.recovery and recorded.iss == party.id else 0
    if len(party.keys) >= KEYS_PER_PARTY - kept:
        raise refuse(
            Rule.KEY_ONCE,
            f"{who(view, party.id)} has had {len(party.keys)} keys",
            limit=f"{KEYS_PER_PARTY - kept} keys, revoked ones counted",
            rests_on=(party.statement,),
            hint=f"its recovery parties may add {kept} more" if kept else "",
        )
    added = PartyKey(public.kid, public.did, recorded.event.body.device, recorded.id)
    changed = msgspec.structs.replace(party, keys=(*party.keys, added))
    return _decided(view, recorded, party, changed, public.kid)


def key_revoked(view: Lookup, recorded: Recorded[KeyRevoked]) -> Changes:
    """R10, R23: by the party itself or enough of its recovery parties; what the key signed before stays valid."""
    refs, body = recorded.event.refs, recorded.event.body
    party = _party(view, recorded, refs.party)
    kid = parse_did_key(body.key).kid
    known = party.key(kid)
    if known is None:
        raise refuse(
            Rule.KEY_ONCE,
            f"the key …{body.key[-8:]} is none of {who(view, party.id)}",
            limit=_devices(party),
            rests_on=(party.statement,),
            hint="submit the key.added first, or both together",
            retriable=True,
        )
    if known.revoked is not None:
        raise refuse(
            Rule.KEY_ONCE,
            f"the key of {known.device!r} has been revoked already, by {short_id(known.revoked)}",
            rests_on=(known.revoked,),
            hint="nothing to do: it signs nothing more",
        )
    if refs.last_good is not None and view.known(refs.last_good) is None:
        raise unfit(view, refs.last_good, "last good statement", "")
    ended = msgspec.structs.replace(known, revoked=recorded.id, reason=body.reason, last_good=refs.last_good)
    keys = tuple(ended if key is known else key for key in party.keys)
    return _decided(view, recorded, party, msgspec.structs.replace(party, keys=keys), kid)


def public_key(view: Lookup, iss: PartyId, kid: KeyId) -> PublicKey | None:
    """The key of a party with this thumbprint, revoked or not, or None: for checking a signature, not a right."""
    party = find(view, "", Kind.PARTY, iss, Party)
    key = party.key(kid) if party else None
    return parse_did_key(key.public) if key else None


def key_in_force(view: Lookup, party: PartyId, kid: KeyId) -> PublicKey | None:
    """The key of a party with this thumbprint, if a statement signed with it would be admitted now (R22); or None."""
    known = find(view, "", Kind.PARTY, party, Party)
    key = known.key(kid) if known else None
    return parse_did_key(key.public) if key and key.revoked is None else None


def _within_policy(view: Lookup, recorded: Recorded[Event]) -> None:
    policy = find(view, "", Kind.POLICY, "", Policy)
    assert policy is not None, "index 0 was admitted before any other"
    if recorded.bytes > policy.statement_bytes:
        raise refuse(
            Rule.POLICY_LIMITS,
            "the statement is too large for this log",
            limit=f"{policy.statement_bytes} bytes",
            asked=f"{recorded.bytes} bytes",
            rests_on=(policy.id,),
            hint="put less into it: refer to long documents by their SHA-256, split many lots into several statements",
        )


def _first_key(recorded: Recorded[Event]) -> None:
    """What gives a party its first key is signed with the key its id names."""
    if recorded.kid != kid_of(recorded.iss):
        raise refuse(
            Rule.KEY_VALID,
            f"this {recorded.event.type} is signed with key {recorded.kid.hex()[:12]}",
            limit=f"the key that the signer's id names, …{recorded.iss[-8:]}",
            hint="sign it with the party's first key: a party is the key it enrols with",
        )


def _valid_key(view: Lookup, recorded: Recorded[Event]) -> None:
    party = find(view, "", Kind.PARTY, recorded.iss, Party)
    if party is None:
        raise refuse(
            Rule.ENROLLED,
            f"…{recorded.iss[-8:]} has not enrolled in this log",
            limit="a party.enrolled statement of the signer, registered before",
            hint="sign and submit party.enrolled first, or both together",
            retriable=True,
        )
    key = party.key(recorded.kid)
    if key is None:
        raise refuse(
            Rule.KEY_VALID,
            f"it is signed with key {recorded.kid.hex()[:12]}, which is none of {who(view, party.id)}",
            limit=_devices(party),
            rests_on=(party.statement,),
            hint="submit the key.added first, or both together; or sign with one of these",
            retriable=True,
        )
    if key.revoked is not None:
        raise refuse(
            Rule.KEY_VALID,
            f"the key of {key.device!r} of {who(view, party.id)} was revoked ({key.reason}) by "
            f"{short_id(key.revoked)}, whatever time a statement claims",
            limit=_devices(party),
            rests_on=(key.revoked,),
            hint="sign again with a key that is valid",
        )


def _subject(recorded: Recorded[Event]) -> None:
    """R06. That a contract is one is seen when its record is looked up (`contract_of`)."""
    subject, is_party = recorded.event.subject, recorded.sub.startswith("did:")
    if subject is Subject.SIGNER and recorded.sub != recorded.iss:
        raise refuse(
            Rule.SUBJECT,
            f"the subject of a {recorded.event.type} is {recorded.sub[:24]}",
            limit="the signer itself",
            hint="sign it again with the signer's own party id as its subject",
        )
    if subject is Subject.PARTY and not is_party:
        raise refuse(
            Rule.SUBJECT,
            f"the subject of a {recorded.event.type} is {recorded.sub[:24]}",
            limit="the party whose key it is about",
            hint="sign it again with that party's id as its subject",
        )


def _party(view: Lookup, recorded: Recorded[KeyAdded] | Recorded[KeyRevoked], ref: StatementId) -> Party:
    """The party a key statement is about; R07, R08 for its reference, R10 for who may speak for it."""
    party = find(view, "", Kind.PARTY, recorded.sub, Party)
    if party is None or party.statement != ref:
        if view.known(ref) is None:
            raise unfit(view, ref, "enrolment", "")
        raise refuse(
            Rule.REF_FITS,
            f"{short_id(ref)} is not the enrolment of …{recorded.sub[-8:]}",
            limit="the party.enrolled of the party that is the subject",
            rests_on=(ref,),
            hint="name the party whose key it is as the subject, and its own enrolment",
        )
    if recorded.iss != party.id and recorded.iss not in party.recovery:
        named = ", ".join(who(view, one) for one in party.recovery) or "no recovery party is named"
        raise refuse(
            Rule.SIGNER,
            f"{who(view, recorded.iss)} signed this {recorded.event.type}",
            limit=f"{who(view, party.id)} itself, or its recovery parties: {named}",
            rests_on=(party.statement,),
            hint=f"have {who(view, party.id)} sign it with another of its keys, or its recovery parties",
        )
    return party


def _decided(
    view: Lookup,
    recorded: Recorded[KeyAdded] | Recorded[KeyRevoked],
    party: Party,
    changed: Party,
    kid: bytes,
) -> Changes:
    """The change at once when the party itself signed; else when enough recovery parties have said the same."""
    key, after = Key("", Kind.PARTY, party.id), changed.key(kid)
    assert after is not None, "it was added or revoked just now"
    mine = Approval(recorded.id, recorded.event.type, kid, after.reason, after.last_good, recorded.iss)
    others = tuple(one for one in party.approvals if (one.act, one.kid) != (mine.act, mine.kid))
    if recorded.iss == party.id:
        return {key: msgspec.structs.replace(changed, approvals=others)}
    agreed = tuple(one for one in party.approvals if one.agrees_with(mine))
    if any(one.by == mine.by for one in agreed):
        raise refuse(
            Rule.KEY_ONCE,
            f"{who(view, recorded.iss)} has said so already",
            limit=f"{party.recovery_needed} different recovery parties",
            rests_on=(party.statement,),
            hint="have another recovery party sign",
        )
    if len(agreed) + 1 >= party.recovery_needed:
        said = tuple(one.statement for one in agreed)
        with_others = {"added_with": said} if mine.act == "key.added" else {"revoked_with": said}
        settled = msgspec.structs.replace(after, **with_others)
        keys = tuple(settled if one is after else one for one in changed.keys)
        return {key: msgspec.structs.replace(changed, keys=keys, approvals=others)}
    return {key: msgspec.structs.replace(party, approvals=(*_waiting(party, mine.by), mine))}


def _waiting(party: Party, by: PartyId) -> tuple[Approval, ...]:
    """The words that wait, with room for one more of `by`: its oldest gives way, so they never grow without end."""
    its_own = [one for one in party.approvals if one.by == by]
    oldest = its_own[0] if len(its_own) >= KEYS_PER_PARTY else None
    return tuple(one for one in party.approvals if one != oldest)


def _devices(party: Party) -> str:
    valid = [f"{key.device!r} ({key.kid.hex()[:12]})" for key in party.keys if key.revoked is None]
    if not valid and not party.recovery:
        return "it has no valid key, and named no recovery parties that could add one"
    if not valid:
        return "it has no valid key: only its recovery parties can add one"
    return "its valid keys: " + ", ".join(valid)
