"""Restoring: a log made of a backup, checked, and for reading only until somebody answers for what came after.

The backup may be older than what its log gave out. Nothing in it can tell: what was given out since is known to those
who have it, and to the high-water mark of the log that was lost. So a restored log has no mark but `restored.json`, and
the writer refuses it until `ledger.log.resume` has been told.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Final

from ledger.durable import write_durably
from ledger.errors import LogInconsistent
from ledger.log.backup import Manifest, Stage, check_copy, read_manifest, silent, sync
from ledger.log.folder import LogFolder, new_folder
from ledger.log.store.layout import FORMAT
from ledger.log.store.sqlite import SqliteStore
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.note import parse_vkey
from ledger.units import Hash, TreeSize

_MIB: Final = 2**20


def restore(backup: Path, to: Path, stage: Stage = silent) -> Manifest:
    """Make a log's folder of a backup, and answer the backup's manifest. The folder appears whole or not at all.

    Raises `NotFound`, `LogError` if the folder is there already or cannot be made, `LogInconsistent` naming the first
    thing in the backup that is not as it was.
    """
    source = LogFolder(backup)
    manifest = read_manifest(source.manifest)
    if manifest.layout > FORMAT:
        raise LogInconsistent(
            f"{backup} has layout {manifest.layout}",
            expected=f"layout {FORMAT} or an earlier one",
            hint="restore it with the release that made it, or a later one",
        )
    with new_folder(to) as new:
        _copy(source.database, new.database, manifest, stage)
        key = parse_vkey(manifest.vkey)
        check_copy(
            new, Checkpoint(key.name, TreeSize(manifest.size), Hash(bytes.fromhex(manifest.root))), stage
        )
        with closing(SqliteStore(new.database, writable=True)):
            pass  # it lies in the backup as one file; here it has a WAL, and readers and a writer need not wait
        sync(new.database)
        write_durably(new.vkey, (manifest.vkey + "\n").encode())
        if source.resumed.exists():
            shutil.copyfile(source.resumed, new.resumed)
            sync(new.resumed)
        write_durably(new.restored, source.manifest.read_bytes())
    return manifest


def _copy(database: Path, to: Path, manifest: Manifest, stage: Stage) -> None:
    """Copy the database, and compare every byte of it with what was backed up."""
    digest = sha256()
    with (
        database.open("rb") as source,
        to.open("wb") as copy,
        stage("copying (MiB)", -(-os.fstat(source.fileno()).st_size // _MIB)) as tick,
    ):
        while part := source.read(_MIB):
            digest.update(part)
            copy.write(part)
            tick(1)
    if digest.hexdigest() != manifest.sha256:
        raise LogInconsistent(
            f"{database} is not the file that was backed up: its SHA-256 is {digest.hexdigest()}",
            expected=manifest.sha256,
            hint="use another backup; `tally fsck --log` on this one names the first bad entry",
        )
