"""Letting a log write again that does not know what it gave out: restored, behind its mark, or without one.

What would make it fork is any checkpoint or receipt beyond what it holds. Files can refute that there is none, and none
can prove it. So two things are asked: whatever checkpoints and receipts can be found, which are held against the log;
and, where the mark is lost, the operator's word, with the size in it, which is kept in `resumed.jsonl`. What was given
out beyond the log is grown again first (`ledger.log.regrow`), or the log stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from ledger.durable import sync_folder, write_durably
from ledger.errors import KeyUnavailable, LogError, LogInconsistent
from ledger.log.backup import Stage, read_manifest, silent
from ledger.log.folder import LogFolder, WriterLock
from ledger.log.highwater import advance_mark, read_mark
from ledger.log.recover import read_policy, take_up
from ledger.log.regrow import Proved, regrow
from ledger.log.store.protocol import Reader
from ledger.log.store.sqlite import SqliteStore
from ledger.log.tree import StoredTree
from ledger.log.writer import Clock
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.merkle import root_at
from ledger.proof.note import VerifierKey
from ledger.statement.signer import Ed25519Signer
from ledger.units import TreeSize


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a log may go on from."""

    size: TreeSize
    grown: int
    """How many entries were grown again."""


def resume(
    folder: LogFolder,
    *,
    nothing_after: TreeSize | None,
    seen: Mapping[str, Checkpoint],
    given: Sequence[Proved],
    signer: Ed25519Signer | None,
    clock: Clock,
    stage: Stage = silent,
) -> Resumed:
    """Give a log its mark (again), if nothing speaks against it.

    `seen` are checkpoints of this log that were found, by where; `given` what it lost, which needs the log's own
    `signer`. `nothing_after` is the operator's word that nothing was given out beyond this size; it must be the log's.
    Raises `LogLocked`, `LogError` for what is still to be said or done, `LogInconsistent` for what speaks against it.
    """
    if folder.manifest.exists():
        folder.refuse_unresumed()
    restored = folder.restored.exists()
    with ExitStack() as held:
        held.callback(WriterLock(folder).release)
        store = SqliteStore(folder.database, writable=True)
        held.callback(store.close)
        store.settle()
        _, key = read_policy(store)
        known = dict(seen)
        if restored:
            known["the backup's manifest"] = read_manifest(folder.restored).checkpoint()
        marked = not restored and folder.mark.exists()
        if marked:
            known["the high-water mark"] = read_mark(folder.mark, key)
        grown = _grow(store, key, folder, signer=signer, given=given, stage=stage)
        _, latest = take_up(store, key)
        for where, checkpoint in known.items():
            _refute(store, latest, where, checkpoint)
        if marked:
            return Resumed(latest.size, grown)
        if nothing_after != latest.size:
            raise LogError(
                f"nobody has said that {key.name} gave out nothing after size {latest.size}",
                expected=f"--nothing-after {latest.size}, which it holds, if you know that it did not; "
                f"given: {nothing_after or 'nothing'}",
                hint="look for its last mark, for checkpoints and for receipts first: a log that signs a second "
                "history is worth nothing. What it did give out, give back with --missing. See docs/operations.md",
            )
        stored = store.latest_checkpoint()
        assert stored is not None, "taken up just now"
        _record(folder, latest, known, clock)
        advance_mark(folder.mark, stored.note)
        folder.restored.unlink(missing_ok=True)
        sync_folder(folder.path)
    return Resumed(latest.size, grown)


def _grow(
    store: SqliteStore,
    key: VerifierKey,
    folder: LogFolder,
    *,
    signer: Ed25519Signer | None,
    given: Sequence[Proved],
    stage: Stage,
) -> int:
    if not given:
        return 0
    if signer is None or signer.public != key.key:
        raise KeyUnavailable(
            "what is missing is signed for again", expected=f"{key.key.did}, the log's own key"
        )
    grown = 0
    with stage("growing again", len(given)) as tick:
        for count in regrow(store, key, signer, given, folder.path / "high-water.regrown"):
            grown += count
            tick(count)
    return grown


def _refute(store: Reader, latest: Checkpoint, where: str, seen: Checkpoint) -> None:
    if seen.size > latest.size:
        raise LogInconsistent(
            f"{where} is of size {seen.size}, the log of size {latest.size}",
            expected="a log that holds everything it gave out",
            hint="going on would sign a second history. Restore a newer backup, or give back entries "
            f"{latest.size} to {seen.size - 1} with their receipts: --missing. See docs/operations.md",
        )
    root = root_at(seen.size, StoredTree(store, latest.size))
    if root != seen.root:
        raise LogInconsistent(
            f"at size {seen.size} the log has root {root.hex()}",
            expected=f"{seen.root.hex()}, as {where} says",
            hint="these are two histories under one name: keep both for evidence. See docs/operations.md",
        )


def _record(folder: LogFolder, latest: Checkpoint, known: Mapping[str, Checkpoint], clock: Clock) -> None:
    """Who reads the log later must see that it went on by somebody's word."""
    told = {
        "resumed_at": datetime.fromtimestamp(clock(), UTC).isoformat(),
        "size": latest.size,
        "root": latest.root.hex(),
        "word": f"nothing was given out after size {latest.size}",
        "held_against": {where: one.size for where, one in known.items()},
    }
    before = folder.resumed.read_bytes() if folder.resumed.exists() else b""
    write_durably(folder.resumed, before + json.dumps(told, ensure_ascii=False).encode() + b"\n")
