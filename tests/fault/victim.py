"""A process that writes to a log until it is killed in the middle of it.

    python -m tests.fault.victim FOLDER STEP GROUP SEED

It appends the groups of SEED one by one and kills itself (SIGKILL: nothing is flushed, closed or undone) at STEP
of the GROUP-th group that is written. Every statement that was acknowledged is one line on stdout before the
next group is begun: its index and id.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

from ledger.log.writer import Registered, Step
from tests.support.log_world import enrolments, open_log
from tests.support.spine import Spine

GROUPS = 5


def groups(seed: int) -> list[list[bytes]]:
    """What a run of this seed submits: a contract with its goods and many enrolments, some sent twice.

    The log they are written to holds 250 entries, so a tile of 256 becomes full on the way.
    """
    choose = random.Random(seed)
    statements = Spine().statements + enrolments(60, 1_000)
    cuts = sorted(choose.sample(range(1, len(statements)), GROUPS - 1))
    made = [statements[start:stop] for start, stop in zip([0, *cuts], [*cuts, None], strict=True)]
    for number, group in enumerate(made[1:], 1):
        earlier = [one for before in made[:number] for one in before]
        group.insert(choose.randrange(len(group) + 1), choose.choice(earlier))
    return made


def main(folder: str, step: str, group: str, seed: str) -> None:
    reached = 0

    def on_step(now: Step) -> None:
        nonlocal reached
        if now == int(step):
            reached += 1
            if reached == int(group):
                os.kill(os.getpid(), signal.SIGKILL)

    with open_log(Path(folder), on_step=on_step) as log:
        for statements in groups(int(seed)):
            for outcome in log.append(statements):
                assert isinstance(outcome, Registered), outcome
                print(outcome.index, outcome.id)
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
