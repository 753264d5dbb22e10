"""Do seeded runs again, outside the tests, and tell what became of each.

    python -m tests.fault.replay SEED [SEED-SEED ...]

Exit status 1 if any run failed; each failure is told with its plan and the command that does it again.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import traceback
from pathlib import Path

from tests.fault.run import Bases, Plan, run, seeds

MEMORY = Path("/dev/shm")
"""A folder in memory, where there is one: what is killed here is a process, so the disk under it may be fast."""


def main(words: list[str]) -> int:
    """Do the runs; how many failed is told last."""
    failed = 0
    chosen = list(seeds(words))
    with tempfile.TemporaryDirectory(prefix="tally-fault-", dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name)
        bases = Bases(folder)
        gc.freeze()  # what is forked copies no page to count on it
        for seed in chosen:
            try:
                told = run(seed, bases, folder / f"run-{seed}")
            except Exception:
                failed += 1
                print(f"seed {seed} FAILED: {Plan.of(seed)}\n{traceback.format_exc()}")
                print(f"again: python -m tests.fault.replay {seed}\n")
            else:
                if len(chosen) <= 20:
                    print(f"seed {seed}: {Plan.of(seed)}\n  {told}")
    print(f"{len(chosen)} runs, {failed} failed")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
