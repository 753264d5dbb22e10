"""The high-water mark: the last checkpoint given out, kept outside the database.

A database restored from an old backup is perfectly consistent with itself and would sign a second history.
The mark is the one thing that remembers: it is advanced (written beside, fsynced, renamed, folder fsynced)
after every commit and before any answer, so no acknowledged size is ever above it.
"""

from __future__ import annotations

from pathlib import Path

from ledger.durable import write_durably
from ledger.errors import LogError, LogInconsistent, Malformed, VerificationFailed
from ledger.limits import NOTE_BYTES
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.note import VerifierKey


def read_mark(path: Path, key: VerifierKey) -> Checkpoint:
    """The checkpoint of the mark.

    Raises `LogInconsistent` when it is missing or not signed by the log, `LogError` when it cannot be read now.
    """
    try:
        with path.open("rb") as file:
            data = file.read(NOTE_BYTES + 1)
    except FileNotFoundError as error:
        raise LogInconsistent(
            f"the high-water mark {path} is missing",
            expected="the last checkpoint this log gave out",
            hint="put it back; without it a restored backup could fork the log. If it is lost: `tally resume`. "
            "See docs/operations.md",
        ) from error
    except OSError as error:
        raise LogError(
            f"the high-water mark {path} cannot be read: {error}",
            hint="mend that, then start again; the mark itself may be sound",
        ) from error
    try:
        return open_checkpoint(data, key)
    except (Malformed, VerificationFailed) as error:
        raise LogInconsistent(
            f"the high-water mark {path} does not open: {error}",
            expected="a checkpoint that this log signed",
            hint="put the right one back. See docs/operations.md",
        ) from error


def advance_mark(path: Path, note: bytes) -> None:
    """Put a checkpoint in the mark's place, durably. Raises `LogError`: whether it is there is then unknown."""
    try:
        write_durably(path, note)
    except OSError as error:
        raise LogError(
            f"the high-water mark {path} cannot be written: {error}",
            hint="mend the disk, then start again: the start checks what became of it",
        ) from error


def check_mark(mark: Checkpoint, latest: Checkpoint, root_at_mark: bytes | None) -> None:
    """Hold the database against the mark. `root_at_mark` is the database's root at the mark's size, if it has it.

    Raises `LogInconsistent` naming both sides: a database that is behind, or one with another history.
    """
    if latest.size < mark.size:
        raise LogInconsistent(
            f"the database is at size {latest.size}, the high-water mark at {mark.size}",
            expected="a database that holds everything acknowledged",
            hint="this is an older backup: going on would sign a second history. Restore a newer one, or give back "
            f"entries {latest.size} to {mark.size - 1} with their receipts: `tally resume --missing`. "
            "See docs/operations.md",
        )
    if root_at_mark != mark.root:
        raise LogInconsistent(
            f"at size {mark.size} the database has root {(root_at_mark or b'').hex()}",
            expected=f"the high-water mark's root {mark.root.hex()}",
            hint="the database holds another history than the one given out. See docs/operations.md",
        )
