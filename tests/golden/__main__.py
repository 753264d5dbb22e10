"""Golden logs: what each format of the database left behind, kept for ever, so that every later release opens it.

    python -m tests.golden

writes the golden log of today's format beside this file if it is not there yet. A golden log is never written again:
what a release made is what it made. It is Demo A, told by that release: every incident, an erased commitment, full
tiles. The database is compressed (LZMA), the mark and the key are as they lie in the folder; `expected.json` says what
the log must come to, by whatever release it is opened.
"""

from __future__ import annotations

import json
import lzma
import sys
import tempfile
from pathlib import Path
from typing import Final

from ledger.log.folder import LogFolder
from ledger.log.reader import LogReader
from ledger.log.store.layout import FORMAT
from ledger.proof.note import format_vkey
from ledger.scenario.demo_a import EXPECTED, demo_a
from tests.support.told import tell

FOLDER: Final = Path(__file__).parent


def golden(number: int) -> Path:
    """Where the golden log of a format lies."""
    return FOLDER / f"format-{number}"


def unpack(number: int, to: Path) -> Path:
    """The golden log of a format as the folder that its release made."""
    to.mkdir()
    kept, made = golden(number), LogFolder(to)
    made.database.write_bytes(lzma.decompress((kept / "log.sqlite3.xz").read_bytes()))
    made.mark.write_bytes((kept / "high-water").read_bytes())
    made.vkey.write_bytes((kept / "vkey").read_bytes())
    return to


def write(path: Path) -> None:
    """Make the golden log of today's format."""
    with tempfile.TemporaryDirectory() as work:
        told = tell(Path(work) / "log", demo_a())
        made = LogFolder(told.folder)
        with LogReader.open(told.folder) as reader:
            expected = {
                "format": FORMAT,
                "vkey": format_vkey(reader.vkey),
                "size": reader.size,
                "root": reader.checkpoint.root.hex(),
                "checkpoints": len(list(reader.store.checkpoints())),
                "as_of": EXPECTED.as_of.isoformat(),
                "findings": dict(EXPECTED.findings),
            }
        path.mkdir()
        database = lzma.compress(made.database.read_bytes(), preset=9 | lzma.PRESET_EXTREME)
        (path / "log.sqlite3.xz").write_bytes(database)
        (path / "high-water").write_bytes(made.mark.read_bytes())
        (path / "vkey").write_bytes(made.vkey.read_bytes())
        (path / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")


if __name__ == "__main__":
    today = golden(FORMAT)
    if today.exists():
        sys.exit(f"{today} is there: a golden log is never written again")
    write(today)
