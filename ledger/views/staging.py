"""Telling the past, or the part that a party sees, in tables of its own in memory.

The log is folded as far as is asked for (`ledger.log.past`), each contract cut down to the party's branch
(`ledger.trace.branch`), and what is left told by the same words as the whole. So a world holds only what its reader
may see, and no question to it needs to ask who is asking.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlite_utils import Database

from ledger.errors import ViewsNotReady
from ledger.log.past import state_at
from ledger.log.reader import LogReader
from ledger.rules.gathering import situation
from ledger.rules.records import Key, Kind, Party
from ledger.rules.state import MemoryState, View, each
from ledger.trace.branch import branch, part_of, whole
from ledger.units import PartyId, StatementId, TreeSize
from ledger.views.keep import copy_statements, keep, keep_contract, members
from ledger.views.layout import Known, in_memory
from ledger.views.telling.people import tell_party
from ledger.views.telling.teller import Teller
from ledger.views.world import World


@dataclass(frozen=True, slots=True)
class Sight:
    """Who looks, and at what."""

    party: PartyId | None
    """Whose part of each contract is shown; None with `everything` False shows nothing at all."""
    everything: bool
    past: TreeSize | None = None
    """How much of the log; None for the log as it is."""


class Source(NamedTuple):
    """What a world is told from: the log, and what is told of all of it."""

    reader: LogReader
    db: Database
    known: Known


def stage(source: Source, sight: Sight, as_of: datetime, earlier: MemoryState | None) -> World:
    """Tell what is seen in tables of its own; a fold of the past goes on from `earlier`. O(what is seen), and the fold.

    Raises `ViewsNotReady`, `LogInconsistent`.
    """
    size = sight.past or TreeSize(source.known.size)
    if size > source.known.size:
        raise ViewsNotReady(
            f"the log is told up to its first {source.known.size} entries so far",
            hint="ask again in a moment",
        )
    state = state_at(source.reader, size, since=earlier) if sight.past else None
    view: View = state or source.reader.store
    tables = in_memory()
    parties: dict[PartyId, None] = {sight.party: None} if sight.party else {}
    designs: dict[StatementId, None] = {}
    with tables.atomic():
        for contract in state.contracts() if state else source.reader.store.contracts():
            teller = _teller(view, contract, sight, size, as_of)
            if teller is not None:
                copied = copy_statements(source.db, tables, contract, teller.seen.sees, size)
                keep_contract(tables, teller, copied)
                parties |= members(teller)
                designs |= {one.specification: None for one in teller.at.lots.values() if one.specification}
        copy_statements(source.db, tables, None, lambda one: sight.everything or one in designs, size)
        everybody = (
            one for one in each(view, "", Kind.PARTY, Party) if sight.everything or one.id in parties
        )
        keep(tables, (tell_party(view, one, size) for one in everybody), "")
    return World(tables, size, as_of, state)


def _teller(
    view: View, contract: StatementId, sight: Sight, size: TreeSize, as_of: datetime
) -> Teller | None:
    """A contract as far as it is seen; None where nothing of it is."""
    if sight.everything:
        at = situation(view, contract, as_of)
        return Teller(at, whole(at), size)
    if sight.party is None or view.get(Key(contract, Kind.MEMBER, sight.party)) is None:
        return None
    at = situation(view, contract, as_of)
    seen = branch(at, sight.party)
    return None if seen.empty else Teller(part_of(at, seen), seen, size)
