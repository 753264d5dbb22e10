"""Bundles without bytes: what is gathered for a claim of a `World`, and whether its rules admit that alone."""

from ledger.audit.gather import gather
from ledger.events.opened import Opened
from ledger.rules.admit import fold
from ledger.rules.findings import findings_in
from ledger.rules.state import MemoryState
from ledger.trace.up import situation_around, trace_up
from ledger.units import LeafIndex, StatementId
from tests.support.world import World, opened


def gathered(world: World, claim: StatementId) -> list[tuple[LeafIndex, Opened]]:
    """The entries of the claim's bundle, in the order of the log."""

    def open_at(index: LeafIndex) -> Opened:
        recorded = world.log[index]
        return opened(recorded, world.written[recorded.id])

    known = world.state.known(claim)
    assert known
    within = [one.index for one in world.log if one.contract == claim]
    return gather(world.state, open_at, claim, within if known.type == "framework.signed" else ())


def admitted_alone(world: World, claim: StatementId) -> set[StatementId]:
    """Run the rules over the claim's bundle alone, as its verifier does, and look at the claim; what is in it."""
    state = MemoryState()
    entries = gathered(world, claim)
    for index, one in entries:
        fold(state, one.at(index))
    known = state.known(claim)
    assert known, "the claim is among them"
    if known.contract:
        [one] = [one for index, one in entries if index == known.index]
        at = situation_around(state, claim, one.statement.referred)
        assert trace_up(at, claim)
        findings_in(at)
    return {one.id for _, one in entries}
