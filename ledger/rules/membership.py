"""Who takes part in a contract: whoever a statement under it names. Parties to it may record facts under it."""

from __future__ import annotations

from ledger.events.base import Event, Recorded
from ledger.rules.records import Key, Kind, Member, Record
from ledger.rules.state import Lookup
from ledger.units import PartyId


def add_member(
    view: Lookup, changes: dict[Key, Record], recorded: Recorded[Event], party: PartyId, role: str
) -> None:
    """Write down that by this statement `party` takes part in its contract."""
    key = Key(recorded.contract, Kind.MEMBER, party)
    known = changes.get(key) or view.get(key)
    roles, since = (known.roles, known.since) if isinstance(known, Member) else ((), ())
    if role not in roles:
        changes[key] = Member(party, (*roles, role), (*since, recorded.id))
