"""F1, F2: killed at any step of any group, the log holds what it acknowledged, and a retry finds its place.

Whole processes are started here, which write a contract with its goods. `test_seeded_runs` goes through many seeds.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.log.folder import LogFolder
from ledger.log.log import Log
from ledger.log.writer import Registered, Step
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.receipt import open_receipt
from tests.fault.victim import GROUPS, groups, main
from tests.support.log_world import (
    checkpoint_at,
    copied,
    entry_of,
    extends,
    fsck_at,
    id_of,
    kept_statements,
    new_log,
    open_log,
)
from tests.support.spine import LOG_SIGNER, ORIGIN, VKEY

ROOT = Path(__file__).parents[2]
STRUCK = {1: 1, 2: 3, GROUPS: 5}
"""Which group is struck -> by which seed."""


def killed(path: Path, step: Step, group: int, seed: int) -> dict[str, int]:
    """Run the victim until it is dead; what it acknowledged, id -> index."""
    command = [sys.executable, "-m", "tests.fault.victim", str(path), str(int(step)), str(group), str(seed)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == -signal.SIGKILL, run.stderr
    return {id: int(index) for index, id in (line.split() for line in run.stdout.splitlines())}


@pytest.mark.parametrize(
    ("step", "group"),
    [
        (Step.ADMITTED, 2),
        (Step.INSERTED, GROUPS),
        (Step.READ_BACK, 1),
        (Step.EXTENDED, 2),
        (Step.SIGNED, GROUPS),
        (Step.COMMITTED, 1),
        (Step.MARKED, 2),
    ],
)
def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(
    nearly_full: Path, tmp_path: Path, step: Step, group: int
) -> None:
    path, seed = copied(nearly_full, tmp_path / "log"), STRUCK[group]
    submitted = groups(seed)
    seen = [checkpoint_at(path)]

    acknowledged = killed(path, step, group, seed)
    assert set(acknowledged) == {id_of(one) for before in submitted[: group - 1] for one in before}
    seen.append(_mark(path))
    seen.append(checkpoint_at(path))  # readers need no recovery

    with open_log(path) as log:
        seen.append(_mark(path))
        assert _sizes(seen) == sorted(_sizes(seen))
        kept = kept_statements(path)
        committed = submitted[: group if step >= Step.COMMITTED else group - 1]
        assert set(kept[250:]) == {one for before in committed for one in before}
        assert len(kept) == len(set(kept)) == seen[-1].size
        for id, index in acknowledged.items():
            assert id_of(kept[index]) == id
        _retry(log, submitted, {id_of(one): index for index, one in enumerate(kept)})

    kept = kept_statements(path)
    assert len(kept) == len(set(kept))
    assert set(kept[250:]) == {one for before in submitted for one in before}
    assert fsck_at(path).size == len(kept)
    for older in seen:
        extends(path, older)


def _mark(path: Path) -> Checkpoint:
    return open_checkpoint(LogFolder(path).mark.read_bytes(), VKEY)


def _sizes(seen: list[Checkpoint]) -> list[int]:
    return [one.size for one in seen]


def _retry(log: Log, submitted: list[list[bytes]], places: dict[str, int]) -> None:
    """Send everything again: what is there keeps its place, what is not gets one, and either has a receipt."""
    for statements in submitted:
        outcomes = log.append(statements)
        for outcome in outcomes:
            assert isinstance(outcome, Registered)
            assert outcome.index == places.setdefault(outcome.id, outcome.index)
        receipt = log.receipt(outcome.index)
        opened = open_receipt(receipt, entry_of(statements[-1]), LOG_SIGNER.public, ORIGIN)
        assert opened.index == outcome.index
    assert len(set(places.values())) == len(places)


def test_killed_again_and_again_it_still_ends_with_every_statement_once(
    nearly_full: Path, tmp_path: Path
) -> None:
    path = copied(nearly_full, tmp_path / "log")
    acknowledged: dict[str, int] = {}
    seen: list[Checkpoint] = []
    for step in (Step.COMMITTED, Step.SIGNED, Step.COMMITTED, Step.MARKED):
        for id, index in killed(path, step, 1, 7).items():
            assert acknowledged.setdefault(id, index) == index
        seen.append(checkpoint_at(path))
    with open_log(path) as log:
        _retry(log, groups(7), dict(acknowledged))
    kept = kept_statements(path)
    assert len(kept) == len(set(kept)) == 250 + len({one for group in groups(7) for one in group})
    fsck_at(path)
    for older in seen:
        extends(path, older)


def test_a_victim_that_is_not_struck_writes_everything(nearly_full: Path, tmp_path: Path) -> None:
    """Otherwise the tests above would pass on a victim that never does anything."""
    path = copied(nearly_full, tmp_path / "log")
    main(str(path), str(int(Step.MARKED)), str(GROUPS + 1), "1")
    assert set(kept_statements(path)[250:]) == {one for group in groups(1) for one in group}


def test_killed_while_it_is_made_a_log_is_not_there(tmp_path: Path) -> None:
    """The folder appears whole or not at all; what is left beside it is in nobody's way."""
    path = tmp_path / "log"
    code = f"""
import os, pathlib, signal
import ledger.log.log as log
from tests.support.log_world import new_log
log.write_durably = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
new_log(pathlib.Path({str(path)!r}))
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True)
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert not path.exists()
    [beside] = tmp_path.iterdir()
    assert beside.name.startswith(".log.")
    assert fsck_at(new_log(path)).size == 1
