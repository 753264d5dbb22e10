"""`tally init`, `submit`, `fsck`: making a log, adding to it, checking its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.common import (
    LOG_FOLDER,
    JsonOption,
    KeysOption,
    LogOption,
    PassphraseOption,
    key_store,
    read_file,
    read_party,
    unlock,
    unlock_log_key,
    write_new,
)
from cli.erased import erased_as_json, show_erased
from cli.output import errors, print_json, progress, say, table
from ledger.errors import KeyUnavailable, NotFound, TallyError, error_as_json, status_of
from ledger.limits import STATEMENT_BYTES
from ledger.log.folder import LogFolder
from ledger.log.fsck import fsck as check_log
from ledger.log.log import Log, create_log
from ledger.log.reader import LogReader
from ledger.log.writer import Outcome, Registered
from ledger.proof.note import format_vkey
from ledger.statement.signer import Ed25519Signer

ERASURE = (
    "Contents are erased on the written order of the controller named in a contract, or of a court; the digests, "
    "and so every proof made before, remain."
)


def init(
    origin: Annotated[str, typer.Argument(help="The log's name in every checkpoint, as example.org/log.")],
    *,
    key: Annotated[str, typer.Option("--key", "-k", help="The log's own key (Ed25519), from the key store.")],
    agency: Annotated[
        list[str], typer.Option("--agency", help="A party that may open contracts; repeatable.")
    ],
    erasure: Annotated[str, typer.Option(help="The rules of erasure, in words.")] = ERASURE,
    log: LogOption = LOG_FOLDER,
    keys: KeysOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a log. Its first entry is its policy: who it is, and who may open contracts in it."""
    store = key_store(keys)
    stored = store.find(key)
    agencies = [read_party(store, one) for one in agency]
    signer = unlock(store, stored, passphrase_file)
    if not isinstance(signer, Ed25519Signer):
        raise KeyUnavailable(f"key {stored.name} is not Ed25519", hint="make one with `tally key new NAME`")
    policy = {"origin": origin, "agencies": agencies, "erasure": erasure}
    create_log(log, signer, policy, datetime.now().astimezone().isoformat(timespec="seconds"))
    with LogReader.open(log) as reader:
        vkey = format_vkey(reader.vkey)
        if as_json:
            print_json({"log": str(log), "origin": origin, "vkey": vkey, "policy": reader.policy_id})
        else:
            say(f"the log {origin} is made in {log}. Give verifiers its key:")
            say(vkey)


def submit(
    paths: Annotated[list[Path], typer.Argument(help="Statement files, or folders of *.cose files.")],
    *,
    receipts: Annotated[
        Path | None, typer.Option(help="A folder for the receipts, one file for each id.")
    ] = None,
    log: LogOption = LOG_FOLDER,
    keys: KeysOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Submit statements to a log; any order, and twice without harm. Needs the log's own key."""
    files = _statement_files(paths)
    submitted = [read_file(path, STATEMENT_BYTES * 2) for path in files]
    with LogReader.open(log) as reader:
        signer = unlock_log_key(key_store(keys), reader, passphrase_file)
    with Log.open(log, signer) as opened:
        with progress("submitting", len(files)) as tick:
            outcomes = opened.append(submitted, tick)
        if receipts is not None:
            for outcome in outcomes:
                if isinstance(outcome, Registered):
                    path = receipts / f"{outcome.id}.receipt"
                    if not path.exists():
                        write_new(path, opened.receipt(outcome.index))
    _report(files, outcomes, as_json=as_json)


def _statement_files(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob("*.cose"))
            if not inside:
                raise NotFound(f"there are no *.cose files in {path}")
            files.extend(inside)
        else:
            files.append(path)
    return files


def _report(files: Sequence[Path], outcomes: Sequence[Outcome], *, as_json: bool) -> None:
    """Tell what became of each file; the exit status is the worst one's."""
    if as_json:
        print_json([_outcome_as_json(path, outcome) for path, outcome in zip(files, outcomes, strict=True)])
    else:
        rows = [
            [
                str(path),
                str(outcome.index),
                outcome.id[:12],
                "registered" if outcome.new else "was registered before",
            ]
            for path, outcome in zip(files, outcomes, strict=True)
            if isinstance(outcome, Registered)
        ]
        if rows:
            table("", ["file", "index", "id", "outcome"], rows, numbers=[1])
    refused = [
        (path, outcome)
        for path, outcome in zip(files, outcomes, strict=True)
        if isinstance(outcome, TallyError)
    ]
    if not as_json:
        for path, error in refused:
            errors().print(f"{path}\n{error.diagnostics()}\n", markup=False, soft_wrap=True)
    if refused:
        raise typer.Exit(max(status_of(error).exit for _, error in refused))


def _outcome_as_json(path: Path, outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Registered):
        return {"file": str(path), "id": outcome.id, "index": outcome.index, "new": outcome.new}
    return {"file": str(path), "error": error_as_json(outcome)}


def fsck(*, log: LogOption = LOG_FOLDER, as_json: JsonOption = False) -> None:
    """Re-hash everything a log keeps, and name the first bad entry."""
    mark = LogFolder(log).mark_to_check
    with LogReader.open(log) as reader, progress("checking", reader.size) as tick:
        checked = check_log(reader.store, mark, tick)
    if as_json:
        print_json(
            {
                "size": checked.size,
                "root": checked.root.hex(),
                "checkpoints": checked.checkpoints,
                "tiles": checked.tiles,
                "marked": mark is not None,
                "erased": erased_as_json(checked.erased),
            }
        )
    else:
        show_erased(checked.erased)
        say(
            f"sound: {checked.size} entries, {checked.tiles} full tiles, {checked.checkpoints} checkpoints; "
            f"root {checked.root.hex()}"
        )
        if mark is None:
            say("A backup, or just made of one: it has no high-water mark to be held against.")
