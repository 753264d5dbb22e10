"""F1, F2, F3, F6, F14: seeded runs, every fault at every call of a group commit. `tests.fault.run` says what must hold.

One run again: `make fault SEED=123`, or `python -m tests.fault.replay 123`. More of them: `make faults`, of which every
CI run does thousands.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fault.run import Plan
from tests.fault.striking import STRIKES, Fault, Real, Site

ROOT = Path(__file__).parents[2]
CHUNK = 2 * len(STRIKES)  # each strike at least twice


def replay(first: int, count: int) -> None:
    """In a process of its own, which has one thread and may fork."""
    command = [sys.executable, "-m", "tests.fault.replay", f"{first}-{first + count - 1}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(f"{count} runs, 0 failed\n")


@pytest.mark.parametrize("chunk", range(3))
def test_no_fault_at_any_call_breaks_a_promise(chunk: int) -> None:
    replay(chunk * CHUNK, CHUNK)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(3, 25))
def test_no_fault_at_any_call_breaks_a_promise_by_many_more_seeds(chunk: int) -> None:
    replay(chunk * CHUNK, CHUNK)


def test_the_seeds_of_a_chunk_go_through_every_call_and_every_fault() -> None:
    struck = {(turn.strike.site, turn.strike.fault) for n in range(CHUNK) for turn in Plan.of(n).turns[:1]}
    assert struck == set(STRIKES)
    assert {site for site, _ in struck if site} == set(Site)
    assert {fault for _, fault in struck} == {*Fault, *Real}
    assert {turn.strike.time for n in range(CHUNK) for turn in Plan.of(n).turns} == {1, 2, 3}


def test_a_seed_says_all_of_a_run() -> None:
    assert Plan.of(11) == Plan.of(11)
    assert str(Plan.of(11)) != str(Plan.of(11 + len(STRIKES)))
