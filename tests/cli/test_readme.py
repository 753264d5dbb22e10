"""The README's commands are run as they stand, in a fresh folder, by a shell; each must succeed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def tour() -> str:
    """Every shell line of the tour."""
    text = (ROOT / "README.md").read_text()
    part = text.split("## Five minutes", 1)[1].split("## What is promised", 1)[0]
    return "".join(re.findall(r"```sh\n(.*?)```", part, re.DOTALL))


def test_the_tour_runs_as_written(tmp_path: Path) -> None:
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", tour()],
        cwd=tmp_path,
        env={"PATH": path, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=240,  # thirty commands, on a machine that may be busy
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert "VERIFIED: delivery.received" in done.stdout
    assert "lot AW-001 of Asha Workshop" in done.stdout
    assert "4 pieces short" in done.stdout
    assert len(list((tmp_path / "receipts").iterdir())) == 13
