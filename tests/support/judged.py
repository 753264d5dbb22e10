"""Statements judged twice, by the fold and by the naive model, which have to agree on every one of them.

    judged = Judged()
    judged.submit(said)     # raises AssertionError where they differ, or where something no longer adds up

A disagreement is told with the fewest statements that still show it (`shortest`).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from ledger.errors import Refused
from ledger.events.base import Event, Recorded
from ledger.rules.admit import fold
from ledger.rules.state import MemoryState, memory_digest
from tests.support.adds_up import one_more_adds_up
from tests.support.naive import Naive, Said
from tests.support.world import World

STATEMENT_BYTES = 2_000
"""What the policy allows."""


class Judged:
    def __init__(self) -> None:
        self.world = World({}, statement_bytes=STATEMENT_BYTES)
        policy = self.world.log[0]
        self.naive = Naive(Said(policy.id, "Operator", policy.sub, dict(self.world.written[policy.id])))
        self.tried: list[Said] = []
        self.met = Counter[str]()
        """Types admitted, and rules that alone stood against a statement."""

    def said(
        self, signer: str, payload: dict[str, Any], sub: str, device: str = "", size: int = 1_000
    ) -> Said:
        """With the id that it has in the log."""
        draft = Said("", signer, sub, payload, device, size)
        return draft._replace(id=self.recorded(draft).id)

    def recorded(self, one: Said) -> Recorded[Event]:
        """As the next in the log."""
        return self.world.recorded(one.signer, one.payload, one.sub, one.size, one.device or None)

    def submit(self, one: Said) -> str:
        """`admitted`, or the rule that refuses: `R10`, or `R12 later` where it may come again.

        What is in the log already is answered as the log does: it is there.
        """
        if self.naive.find(one.id):
            return "admitted"
        self.tried.append(one)
        broken, before = self.naive.broken(one), dict(self.world.state.items())
        try:
            self.world.fold(self.recorded(one))
        except Refused as refusal:
            verdict = refusal.rule[:3] + (" later" if refusal.retriable else "")
            assert verdict in broken, f"refused as {verdict}, but breaks {broken or 'nothing'}: {one}"
            assert dict(self.world.state.items()) == before, f"refused, but changes the state: {one}"
            if broken == {verdict}:
                self.met[verdict] += 1
            return verdict
        assert not broken, f"admitted, but breaks {broken}: {one}"
        self.naive.take(one)
        self.met[one.type] += 1
        one_more_adds_up(self.naive, self.world.state, one)
        return "admitted"

    def folds_again(self) -> None:
        """From nothing, in the order of the log, everything is admitted again to the same state."""
        again = MemoryState()
        for recorded in self.world.log:
            fold(again, recorded)
        assert memory_digest(again) == memory_digest(self.world.state)


def shortest(tried: Sequence[Said], judged: Callable[[], Judged] = Judged) -> tuple[list[Said], str]:
    """The fewest of these statements that still make the two disagree, and how they do."""
    kept, why = list(tried), _disagreement(tried, judged)
    assert why, "they agree"
    size = len(kept)
    while size := size // 2:
        for start in range(len(kept) - size, -1, -size):
            fewer = kept[:start] + kept[start + size :]
            if still := _disagreement(fewer, judged):
                kept, why = fewer, still
    return kept, why


def _disagreement(tried: Sequence[Said], judged: Callable[[], Judged]) -> str:
    anew = judged()
    try:
        for one in tried:
            anew.submit(one)
    except AssertionError as error:
        return str(error)
    return ""
