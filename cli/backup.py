"""`tally backup`, `restore`, `resume`: a checked copy of a log, a log made of it, and what lets that one write."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.common import (
    LOG_FOLDER,
    JsonOption,
    KeysOption,
    LogOption,
    PassphraseOption,
    key_store,
    read_file,
    unlock_log_key,
)
from cli.output import errors, print_json, progress, say
from ledger.limits import NOTE_BYTES, RECEIPT_BYTES, STATEMENT_BYTES
from ledger.log.backup import Manifest, make_backup
from ledger.log.folder import LogFolder
from ledger.log.reader import LogReader
from ledger.log.regrow import Proved, prove
from ledger.log.restore import restore as restore_log
from ledger.log.resume import resume as resume_log
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.note import VerifierKey
from ledger.statement.envelope import drop_unprotected, read_statement
from ledger.units import TreeSize


def backup(
    to: Annotated[Path, typer.Argument(metavar="DEST", help="The folder to make.")],
    *,
    log: LogOption = LOG_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Copy a log while it is written, and check the copy. It holds no private key: back the key store up by itself."""
    with LogReader.open(log) as reader:
        manifest = make_backup(reader, LogFolder(log), to, lambda: int(time.time()), progress)
    if as_json:
        print_json({"backup": str(to), **_told(manifest)})
    else:
        say(f"backed up to {to}: {manifest.size} entries, every hash checked; root {manifest.root}")


def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="A folder made by `tally backup`.")],
    to: Annotated[Path, typer.Argument(metavar="LOG", help="The log's folder to make.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Make a log of a backup, for reading. What must be known before it may write is said at the end."""
    manifest = restore_log(source, to, progress)
    if as_json:
        print_json({"log": str(to), "writable": False, **_told(manifest)})
        return
    say(f"restored to {to}: {manifest.size} entries, every hash checked; root {manifest.root}")
    say(f"The backup was made at {manifest.made_at}. The log may be read, and may not sign yet.")
    beyond = manifest.checkpoint().size
    if beyond > manifest.size:
        say(
            f"It had given out {beyond} entries by the end of the backup: {manifest.size} to {beyond - 1} are missing. "
            "Collect these and all later ones with their receipts, or restore a newer backup:"
        )
        say(f"   tally resume --log {to} --missing FOLDER --nothing-after SIZE")
    else:
        say("Find out what it gave out after that: its last mark, checkpoints, receipts. If it was nothing:")
        say(f"   tally resume --log {to} --checkpoint MARK --nothing-after {manifest.size}")
    say("docs/operations.md says what to do.")


def _told(manifest: Manifest) -> dict[str, str | int]:
    return {
        "size": manifest.size,
        "root": manifest.root,
        "made_at": manifest.made_at,
        "given_out": manifest.checkpoint().size,
    }


def resume(
    *,
    nothing_after: Annotated[
        int | None,
        typer.Option(min=1, help="Your word that the log gave out nothing after this size: its own size."),
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint or mark of the log that was found anywhere; repeatable."),
    ] = None,
    missing: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folders of what the log has lost: NAME.cose, and ID.receipt for each. Needs its key. Repeatable."
        ),
    ] = None,
    log: LogOption = LOG_FOLDER,
    keys: KeysOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a log write that was restored, or is behind its mark, once nothing speaks against it.

    A log that signs a second history is worth nothing. Everything found is held against it; and what it lost is
    taken in again only as the same entries, at the same places, to the same roots that it has signed before.
    """
    with LogReader.open(log) as reader:
        seen = {
            str(path): open_checkpoint(read_file(path, NOTE_BYTES), reader.vkey) for path in checkpoint or []
        }
        given = list(_proved(missing or [], reader.vkey))
        signer = unlock_log_key(key_store(keys), reader, passphrase_file) if given else None
    resumed = resume_log(
        LogFolder(log),
        nothing_after=None if nothing_after is None else TreeSize(nothing_after),
        seen=seen,
        given=given,
        signer=signer,
        clock=lambda: int(time.time()),
        stage=progress,
    )
    if as_json:
        print_json({"log": str(log), "size": resumed.size, "grown": resumed.grown})
    else:
        grown = f" {resumed.grown} entries were grown again, the same as before." if resumed.grown else ""
        say(f"{log} may write, from size {resumed.size} on.{grown}")


def _proved(folders: Sequence[Path], key: VerifierKey) -> Iterator[Proved]:
    """The statements in the folders that have a receipt there; one without cannot be taken in again at its place."""
    receipts = {path.stem: path for folder in folders for path in folder.rglob("*.receipt")}
    for path in sorted(path for folder in folders for path in folder.rglob("*.cose")):
        statement = read_statement(drop_unprotected(read_file(path, STATEMENT_BYTES * 2)))
        if statement.id in receipts:
            yield prove(statement, read_file(receipts[statement.id], RECEIPT_BYTES), key)
        else:
            errors().print(
                f"{path} has no receipt {statement.id}.receipt: left out", markup=False, soft_wrap=True
            )
