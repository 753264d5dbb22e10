"""What is asked of a large contract, and how long it may take: Demo B, eight thousand makers and 57,308 entries.

These bounds are times, for what a person waits for; nothing beside them could be measured as their limit.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ledger.log.past import state_at
from ledger.log.reader import LogReader
from ledger.rules.gathering import situation, situation_of
from ledger.scenario.demo_b import FULL, demo_b, expected
from ledger.trace.down import trace_down
from ledger.trace.up import trace_up
from ledger.units import StatementId
from tests.bench.figure import Figure
from tests.support.told import tell

RUNS = 3
LOTS = 101
"""One lot is traced in milliseconds: so many of them, spread over the contract."""


def figures_at_scale(folder: Path) -> list[Figure]:
    """Tell Demo B to a log in a new folder and ask it: each figure with its bound, and what it is of the bound."""
    story, as_of = demo_b(FULL, processes=os.cpu_count() or 1), expected(FULL).as_of
    tell(folder, story)
    with LogReader.open(folder) as reader:
        at = situation(reader.store, story.contract, as_of)
        lots = sorted(at.lots)[:: len(at.lots) // LOTS]

        def trace_contract() -> object:
            return trace_down(situation(reader.store, story.contract, as_of))

        def trace_lot(lot: StatementId) -> object:
            return trace_up(situation_of(reader.store, story.contract, [lot], as_of), lot)

        return [
            _bound("fold of 57,308 statements", [lambda: state_at(reader, reader.size)] * RUNS, 5_000),
            _bound("trace of a contract of 8,000 makers", [trace_contract] * RUNS, 1_000),
            _bound("trace of one lot of it", [lambda lot=lot: trace_lot(lot) for lot in lots], 50),
        ]


def _bound(name: str, asked: Sequence[Callable[[], object]], most_ms: int) -> Figure:
    """The median time of some questions, in milliseconds, and its part of what it may be."""
    times = []
    for ask in asked:
        start = time.perf_counter()
        ask()
        times.append((time.perf_counter() - start) * 1e3)
    middle = statistics.median(times)
    return Figure(f"{name}, at most {most_ms:,}", middle, "ms", middle / most_ms)
