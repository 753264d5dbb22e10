"""Rules of signing for another: R24 keeps a delegate to what was delegated, and shows it until it is confirmed.

The rules of a type never see a delegate: `acts_for` puts the party on whose behalf it signed in its place.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from ledger.events.base import Event, Recorded
from ledger.events.delegation import ALL_DELEGABLE, DelegationGranted, DelegationRevoked, ProxyConfirmed
from ledger.events.production import BatchSignedOff
from ledger.rules.catalogue import Rule
from ledger.rules.membership import add_member
from ledger.rules.records import Delegation, Key, Kind, Proxy, Record
from ledger.rules.refusal import contract_of, once, only, party_to_contract, referred, refuse, short_id, who
from ledger.rules.state import Changes, Lookup
from ledger.units import EXACT, PartyId, Quantity, StatementId


def delegation_granted(view: Lookup, recorded: Recorded[DelegationGranted]) -> Changes:
    """R21, R24: by a party to the contract, to another."""
    contract_of(view, recorded)
    party_to_contract(view, recorded)
    body = recorded.event.body
    if body.to == recorded.iss:
        raise refuse(
            Rule.DELEGATION,
            f"{who(view, recorded.iss)} delegates to itself",
            limit="another party",
            hint="nothing to do: it may sign for itself",
        )
    granted = Delegation(
        id=recorded.id,
        by=recorded.iss,
        to=body.to,
        types=body.types,
        most=body.most.value if body.most else None,
        unit=body.most.unit if body.most else None,
        used=Decimal(0),
        until=body.until,
        revoked=None,
    )
    changes: dict[Key, Record] = {Key(recorded.sub, Kind.DELEGATION, recorded.id): granted}
    add_member(view, changes, recorded, body.to, "delegate")
    return changes


def delegation_revoked(view: Lookup, recorded: Recorded[DelegationRevoked]) -> Changes:
    """R10, R25: by who granted it, once."""
    contract_of(view, recorded)
    granted = referred(view, recorded, recorded.event.refs.delegation, (Kind.DELEGATION, Delegation))
    only(view, recorded, granted.by, "who granted it", granted.id)
    once(granted.revoked, "delegation", granted.id)
    key = Key(recorded.sub, Kind.DELEGATION, granted.id)
    return {key: msgspec.structs.replace(granted, revoked=recorded.id)}


def proxy_confirmed(view: Lookup, recorded: Recorded[ProxyConfirmed]) -> Changes:
    """R10, R25: by the party itself for which each statement was signed, once."""
    contract_of(view, recorded)
    changes: dict[Key, Record] = {}
    for statement in recorded.event.refs.statements:
        proxy = referred(view, recorded, statement, (Kind.PROXY, Proxy))
        only(view, recorded, proxy.principal, "the party for which it was signed", proxy.delegation)
        key = Key(recorded.sub, Kind.PROXY, statement)
        once(recorded.id if key in changes else proxy.confirmed, "signature by proxy", statement)
        changes[key] = msgspec.structs.replace(proxy, confirmed=recorded.id)
    return changes


def acts_for(view: Lookup, recorded: Recorded[Event]) -> tuple[PartyId, Changes]:
    """On whose behalf a statement was signed, and what that uses up. Raises `Refused` R24, R07, R08."""
    if recorded.event.type not in ALL_DELEGABLE:
        return recorded.iss, {}
    refs: Any = recorded.event.refs  # each of these types has the reference
    ref: StatementId | None = refs.delegation
    if ref is None:
        return recorded.iss, {}
    contract_of(view, recorded)
    granted = referred(view, recorded, ref, (Kind.DELEGATION, Delegation))
    _within(view, recorded, granted)
    released = recorded.event.body.released if isinstance(recorded.event, BatchSignedOff) else None
    if released is not None:
        granted = _used(granted, released)
    proxy = Proxy(recorded.id, recorded.event.type, granted.by, recorded.iss, granted.id, confirmed=None)
    return granted.by, {
        Key(recorded.sub, Kind.DELEGATION, granted.id): granted,
        Key(recorded.sub, Kind.PROXY, recorded.id): proxy,
    }


def _within(view: Lookup, recorded: Recorded[Any], granted: Delegation) -> None:
    """To this signer, for this type, not over and not revoked."""
    day = recorded.event.occurred_at.date()
    wrong = (
        (granted.to != recorded.iss, f"to {who(view, granted.to)}"),
        (granted.revoked is not None, f"until it was revoked by {short_id(granted.revoked or '')}"),
        (recorded.event.type not in granted.types, "for " + ", ".join(granted.types)),
        (day > granted.until, f"until {granted.until}"),
    )
    for is_wrong, limit in wrong:
        if is_wrong:
            raise refuse(
                Rule.DELEGATION,
                f"{who(view, recorded.iss)} signed this {recorded.event.type} of {day} for {who(view, granted.by)}",
                limit=f"the delegation holds {limit}",
                rests_on=(granted.id,),
                hint=f"have {who(view, granted.by)} sign it, or grant a further delegation",
            )


def _used(granted: Delegation, released: Quantity) -> Delegation:
    """The delegation with a sign-off taken off it."""
    if granted.most is None or granted.unit is None:
        return granted
    most, used = Quantity(granted.most, granted.unit), Quantity(granted.used, granted.unit)
    if released.unit != granted.unit or used + released > most:
        raise refuse(
            Rule.DELEGATION,
            "more would be signed off for another than was delegated",
            limit=f"{most} in all, {used} already signed off under it",
            asked=str(released),
            rests_on=(granted.id,),
            hint="have the party itself sign it off, or grant a further delegation",
        )
    return msgspec.structs.replace(granted, used=EXACT.add(granted.used, released.value))
