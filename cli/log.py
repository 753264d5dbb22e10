"""`tally init`, `submit`, `fsck`: making a log, adding to it, checking its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.common import (
    LOG_FOLDER,
    JsonOption,
    KeysOption,
    LogOption,
    PassphraseOption,
    keep_receipt,
    key_store,
    read_file,
    read_party,
    unlock,
    unlock_log_key,
)
from cli.erased import erased_as_json, show_erased
from cli.output import print_json, progress, say
from cli.remote import (
    WAIT_S,
    FirstUseOption,
    LogKeyOption,
    MemoryOption,
    Remote,
    TokenOption,
    UrlOption,
    WaitOption,
    show_put,
)
from cli.render.submitted import Submitted, report_submitted
from ledger.errors import KeyUnavailable, NotFound, TallyError
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
    url: UrlOption = None,
    later: Annotated[
        bool,
        typer.Option(
            "--later",
            help="Put them into the outbox; `tally outbox send` sends them.",
            rich_help_panel="Another machine's log",
        ),
    ] = False,
    log_key: LogKeyOption = None,
    first_use: FirstUseOption = False,
    memory: MemoryOption = None,
    token_file: TokenOption = None,
    wait: WaitOption = WAIT_S,
    as_json: JsonOption = False,
) -> None:
    """Submit statements to a log; any order, and twice without harm.

    A log on this machine needs its own key. What one at a URL answers is verified before it is believed.
    """
    files = _statement_files(paths)
    submitted = [read_file(path, STATEMENT_BYTES * 2) for path in files]
    names = [str(path) for path in files]
    if url is None:
        if later or log_key or first_use:
            raise typer.BadParameter("--later, --log-key and --trust-on-first-use go with --url")
        report_submitted(
            names, _submit_here(log, submitted, receipts, keys, passphrase_file), as_json=as_json
        )
        return
    remote = Remote(url, log_key, first_use, memory, token_file, wait)
    if later:
        show_put(names, remote.put_later(submitted), url, as_json=as_json)
    else:
        report_submitted(names, remote.submit(submitted, receipts), as_json=as_json)


def _submit_here(
    log: Path,
    submitted: Sequence[bytes],
    receipts: Path | None,
    keys: Path | None,
    passphrase_file: Path | None,
) -> list[Submitted | TallyError]:
    """Register statements in a log on this machine; one outcome each, in their order."""
    with LogReader.open(log) as reader:
        signer = unlock_log_key(key_store(keys), reader, passphrase_file)
    with Log.open(log, signer) as opened:
        with progress("submitting", len(submitted)) as tick:
            outcomes = opened.append(submitted, tick)
        if receipts is not None:
            for outcome in outcomes:
                if isinstance(outcome, Registered):
                    keep_receipt(receipts, outcome.id, opened.receipt(outcome.index))
    return [_as_submitted(outcome) for outcome in outcomes]


def _as_submitted(outcome: Outcome) -> Submitted | TallyError:
    if isinstance(outcome, TallyError):
        return outcome
    said = "registered" if outcome.new else "was registered before"
    return Submitted(outcome.id, outcome.index, said, {"new": outcome.new})


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
