"""F6: a disk that is really full (a limit on the size of files): what was acknowledged is there, nothing is by half."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.log_world import (
    copied,
    enrolments,
    fsck_at,
    id_of,
    kept_statements,
    open_log,
    register,
)

ROOT = Path(__file__).parents[2]
CODE = """
import resource, signal, sys
from pathlib import Path
from ledger.errors import LogHalted
from ledger.units import LeafIndex
from tests.support.log_world import enrolments, open_log

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that a write beyond the limit fails with EFBIG
with open_log(Path(sys.argv[1])) as log:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
    try:
        for start in range(1_000, 1_400, 8):
            for outcome in log.append(enrolments(8, start)):
                print(outcome.index, outcome.id)
    except LogHalted as halted:
        with log.reader() as reader:
            assert reader.statement(LeafIndex(5))
        print("halted", halted.found, file=sys.stderr)
"""


@pytest.mark.parametrize("more", [0, 30_000, 100_003])
def test_a_full_disk_halts_and_a_larger_one_goes_on(nearly_full: Path, tmp_path: Path, more: int) -> None:
    path = copied(nearly_full, tmp_path / "log")
    run = subprocess.run(
        [sys.executable, "-c", CODE, str(path), str(40_000 + more)], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr.startswith("halted the log has stopped writing"), run.stderr
    acknowledged = dict(line.split() for line in run.stdout.splitlines())
    kept = kept_statements(path)
    assert len(acknowledged) == len(kept) - 250
    for index, id in acknowledged.items():
        assert id_of(kept[int(index)]) == id
    with open_log(path) as log:
        assert register(log, enrolments(400, 1_000)) == list(range(250, 650))
    assert fsck_at(path).size == 650
