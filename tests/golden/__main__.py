"""Golden logs: what each format of the database left behind, kept for ever, so that every later release opens it.

    python -m tests.golden

writes the golden logs of today's format beside this file that are not there yet. A golden log is never written again:
what a release made is what it made. One is Demo A, told by that release: every incident, an erased commitment, full
tiles. The other is small: contents were ordered erased in it and purged. The database is compressed (LZMA), the mark
and the key are as they lie in the folder; `expected.json` says what the log must come to, by whatever release it is
opened.
"""

from __future__ import annotations

import json
import lzma
import tempfile
from pathlib import Path
from typing import Any, Final

from ledger.log.folder import LogFolder
from ledger.log.purge import purge
from ledger.log.reader import LogReader
from ledger.log.store.layout import FORMAT
from ledger.proof.note import format_vkey
from ledger.scenario.demo_a import EXPECTED, demo_a
from tests.support.erased_world import CLAIM, NAME, Erasures, ordered_log
from tests.support.told import tell

FOLDER: Final = Path(__file__).parent


def golden(number: int) -> Path:
    """Where the golden log of a format lies."""
    return FOLDER / f"format-{number}"


def erased(number: int) -> Path:
    """Where the golden log of a format lies in which contents were erased; there is one from format 2 on."""
    return FOLDER / f"erased-{number}"


def unpack(kept: Path, to: Path) -> Path:
    """A golden log as the folder that its release made."""
    to.mkdir()
    made = LogFolder(to)
    made.database.write_bytes(lzma.decompress((kept / "log.sqlite3.xz").read_bytes()))
    made.mark.write_bytes((kept / "high-water").read_bytes())
    made.vkey.write_bytes((kept / "vkey").read_bytes())
    return to


def write(path: Path) -> None:
    """Make the golden log of today's format."""
    with tempfile.TemporaryDirectory() as work:
        told = tell(Path(work) / "log", demo_a())
        judged = {"as_of": EXPECTED.as_of.isoformat(), "findings": dict(EXPECTED.findings)}
        _keep(told.folder, path, judged)


def write_erased(path: Path) -> None:
    """Make the golden log of today's format in which contents were erased."""
    with tempfile.TemporaryDirectory() as work:
        made = ordered_log(Path(work) / "log", Erasures())
        purged = [one._asdict() for one in purge(made).now]
        _keep(made, path, {"erased": purged, "texts": [CLAIM, NAME]})


def _keep(log: Path, path: Path, more: dict[str, Any]) -> None:
    made = LogFolder(log)
    with LogReader.open(log) as reader:
        expected = {
            "format": FORMAT,
            "vkey": format_vkey(reader.vkey),
            "size": reader.size,
            "root": reader.checkpoint.root.hex(),
            "checkpoints": len(list(reader.store.checkpoints())),
            **more,
        }
    path.mkdir()
    database = lzma.compress(made.database.read_bytes(), preset=9 | lzma.PRESET_EXTREME)
    (path / "log.sqlite3.xz").write_bytes(database)
    (path / "high-water").write_bytes(made.mark.read_bytes())
    (path / "vkey").write_bytes(made.vkey.read_bytes())
    (path / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")


if __name__ == "__main__":
    for today, make in ((golden(FORMAT), write), (erased(FORMAT), write_erased)):
        if today.exists():
            print(f"{today} is there: a golden log is never written again")
        else:
            make(today)
