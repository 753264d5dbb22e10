"""Names for a table: what parties call themselves, and the end of an id only where the name alone would mislead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ledger.rules.situation import Situation
from ledger.units import PartyId


def short_names(at: Situation, parties: Iterable[PartyId]) -> dict[PartyId, str]:
    """A name for each party; two that call themselves the same keep the ends of their ids."""
    full = {party: at.who(party) for party in parties}
    bare = {party: name.rsplit(" (", 1)[0] for party, name in full.items()}
    times = Counter(bare.values())
    return {party: bare[party] if times[bare[party]] == 1 else full[party] for party in full}
