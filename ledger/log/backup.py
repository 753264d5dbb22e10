"""Backups: a copy of a log taken beside its writer, checked before it counts, that can be read and never written.

    log.sqlite3    one snapshot of the database, whole in one file
    vkey           the log's public checkpoint key
    resumed.jsonl  if the log has one
    backup.json    the manifest: what this is a backup of, its size and root, and what the log had given out by then

A backup has no high-water mark. The mark says that nothing was given out beyond it; a backup can only say what was
given out *at least*, and a log that went on from it as if that were all would sign a second history. So `given_out` is
in the manifest, where it can refute that nothing was given out since, and never prove it. See `ledger.log.restore`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from ledger.durable import write_durably
from ledger.errors import LogInconsistent, Malformed, NotFound, VerificationFailed
from ledger.limits import NOTE_BYTES
from ledger.log.folder import LogFolder, new_folder
from ledger.log.fsck import EntryCheck, check_against_mark
from ledger.log.reader import LogReader
from ledger.log.store.sqlite import SqliteStore
from ledger.log.writer import Clock
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.note import format_vkey, parse_vkey

Stage: TypeAlias = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""Told what is begun and how much of it there is; its context is told how much more is done."""

_MANIFEST_BYTES: Final = 2 * NOTE_BYTES
_MIB: Final = 2**20
_Hex = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


def silent(_what: str, _total: int) -> AbstractContextManager[Callable[[int], None]]:
    """A `Stage` that tells nobody."""
    return nullcontext(lambda _done: None)


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """backup.json. Byte strings in lower-case hex."""

    backup: Literal[1]
    """The version of the manifest."""
    layout: int
    """The format of the database."""
    vkey: str
    made_at: str
    """RFC 3339, UTC: when the copy was begun, by the clock of the machine that made it."""
    size: Annotated[int, msgspec.Meta(ge=1)]
    root: _Hex
    """Of the log's newest checkpoint in it."""
    sha256: _Hex
    """Of log.sqlite3, as it lies in the backup."""
    given_out: str
    """The log's high-water mark when the copy was complete: a signed note, of this size or a larger one."""

    def checkpoint(self) -> Checkpoint:
        """What the log had given out. Raises a `Malformed` or a `VerificationFailed`."""
        return open_checkpoint(self.given_out.encode(), parse_vkey(self.vkey))


def read_manifest(path: Path) -> Manifest:
    """A backup's manifest. Raises `NotFound`, `LogInconsistent`."""
    try:
        with path.open("rb") as file:
            manifest = msgspec.json.decode(file.read(_MANIFEST_BYTES), type=Manifest)
        manifest.checkpoint()
    except FileNotFoundError as error:
        raise NotFound(
            f"there is no backup at {path.parent}", expected=f"{path.name} in it, as `tally backup` writes it"
        ) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, Malformed, VerificationFailed) as error:
        raise LogInconsistent(
            f"the manifest {path} cannot be read: {error}",
            expected="what `tally backup` wrote",
            hint="use another backup; if its database is whole, `tally audit` still reads it",
        ) from error
    return manifest


def make_backup(reader: LogReader, log: LogFolder, to: Path, clock: Clock, stage: Stage = silent) -> Manifest:
    """Copy a log as `reader` sees it to a new folder, check the copy, and answer its manifest.

    The folder appears whole, durable and checked, or not at all. Raises `LogError` if it is there already or cannot be
    made, or if the log is a backup itself; `LogInconsistent` naming what is wrong with the log or with the copy.
    """
    log.refuse_unresumed()
    check_against_mark(reader.store, reader.vkey, log.mark)
    made_at = datetime.fromtimestamp(clock(), UTC).isoformat().replace("+00:00", "Z")
    with new_folder(to) as new:
        assert isinstance(reader.store, SqliteStore), "the embedded store is the one there is"
        with stage("copying (MiB)", -(-reader.store.file_bytes() // _MIB)) as tick:
            reader.store.copy_to(new.database, tick)
        sync(new.database)
        check_copy(new, reader.checkpoint, stage)
        write_durably(new.vkey, (format_vkey(reader.vkey) + "\n").encode())
        if log.resumed.exists():
            shutil.copyfile(log.resumed, new.resumed)
            sync(new.resumed)
        # Last, so that it knows as much as can be: with a writer at work more has been given out by now.
        manifest = Manifest(
            backup=1,
            layout=reader.store.layout(),
            vkey=format_vkey(reader.vkey),
            made_at=made_at,
            size=reader.size,
            root=reader.checkpoint.root.hex(),
            sha256=digest_of(new.database),
            given_out=_newest(reader, log),
        )
        write_durably(new.manifest, msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    return manifest


def _newest(reader: LogReader, log: LogFolder) -> str:
    """The mark; or what was copied, where its writer died between commit and mark."""
    mark = log.mark.read_bytes()
    behind = open_checkpoint(mark, reader.vkey).size < reader.size
    return (reader.checkpoint_note() if behind else mark).decode()


def check_copy(copy: LogFolder, expected: Checkpoint, stage: Stage = silent) -> None:
    """Re-hash a copy of a log from its first entry to its last. Raises `LogInconsistent` if it is another one."""
    with LogReader.open(copy.path) as reader:
        with stage("checking", reader.size) as tick:
            check = EntryCheck(reader.store)
            for rows in check.batches():
                tick(len(rows))
            check.finish(None)
        if reader.checkpoint != expected:
            raise LogInconsistent(
                f"the copy is at size {reader.size} with root {reader.checkpoint.root.hex()}",
                expected=f"size {expected.size} with root {expected.root.hex()}",
            )


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Make a file durable. Raises `OSError`."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
