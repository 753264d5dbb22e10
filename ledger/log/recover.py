"""Starting: everything the log keeps must agree, or the writer refuses to start and names both sides.

The cost is bounded, whatever the size: two rows, the right edge of the tree, two roots, two signatures.
`ledger.log.fsck` is the check that re-hashes everything.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final

from ledger.errors import LogInconsistent, Malformed, VerificationFailed
from ledger.events.opened import Opened, open_kept
from ledger.events.party import LogPolicy
from ledger.log.highwater import advance_mark, check_mark, read_mark
from ledger.log.store.protocol import Reader, Store, StoredCheckpoint
from ledger.log.tree import GrowingTree, StoredTree
from ledger.log.writer import CHAIN_START, chain
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.merkle import root_at
from ledger.proof.note import VerifierKey, parse_vkey
from ledger.units import LeafIndex

RUN_FSCK: Final = "an entry or a tile was changed: run `tally fsck`"


def read_policy(store: Reader) -> tuple[Opened, VerifierKey]:
    """Entry 0 and the log's checkpoint key. Raises `LogInconsistent`."""
    row = store.row(LeafIndex(0))
    if row is None:
        raise LogInconsistent("the log is empty", expected="its policy at index 0")
    try:
        opened = open_kept(row.statement)
        if not isinstance(opened.event, LogPolicy):
            raise LogInconsistent(f"entry 0 is a {opened.event.type}", expected="log.policy")
        return opened, parse_vkey(opened.event.body.vkey)
    except (Malformed, VerificationFailed) as error:
        raise LogInconsistent(
            f"entry 0 does not open: {error}", expected="the log's signed policy"
        ) from error


def read_latest(store: Reader, key: VerifierKey) -> Checkpoint:
    """The newest checkpoint, its signature checked. Raises `LogInconsistent`."""
    stored = store.latest_checkpoint()
    if stored is None:
        raise LogInconsistent("there is no checkpoint", expected="one for every group of entries")
    return open_stored(stored, key)


def open_stored(stored: StoredCheckpoint, key: VerifierKey) -> Checkpoint:
    """A checkpoint as the store has it, its signature checked. Raises `LogInconsistent`."""
    try:
        checkpoint = open_checkpoint(stored.note, key)
    except (Malformed, VerificationFailed) as error:
        raise LogInconsistent(f"the checkpoint of size {stored.size} does not open: {error}") from error
    if (checkpoint.size, checkpoint.root) != (stored.size, stored.root):
        raise LogInconsistent(
            f"the checkpoint stored for size {stored.size} is signed for size {checkpoint.size}",
            expected="what is stored and what is signed to be the same",
        )
    return checkpoint


def recover(store: Store, key: VerifierKey, mark_path: Path) -> GrowingTree:
    """Check what the log keeps against itself and against the high-water mark; take up the tree.

    What is found is made durable before anybody is answered from it: after a process was killed in a commit, or an
    fsync failed, the last group and the last mark may be in the machine's cache alone. A mark that is behind is
    advanced: the process died after a commit and before the mark. Raises `LogInconsistent`, `LogError`.
    """
    store.settle()
    growing, latest = take_up(store, key)
    mark = read_mark(mark_path, key)
    check_mark(
        mark, latest, root_at(mark.size, StoredTree(store, latest.size)) if mark.size <= latest.size else None
    )
    stored = store.latest_checkpoint()
    assert stored is not None, "read just now"
    advance_mark(mark_path, stored.note)
    return growing


def take_up(store: Reader, key: VerifierKey) -> tuple[GrowingTree, Checkpoint]:
    """Check what the log keeps against itself; the tree to go on from, and its checkpoint. Raises `LogInconsistent`."""
    latest = read_latest(store, key)
    size = store.size()
    if latest.size != size:
        raise LogInconsistent(
            f"the database holds {size} entries", expected=f"{latest.size}, as its newest checkpoint says"
        )
    growing = GrowingTree.load(StoredTree(store, size))
    if growing.root() != latest.root:
        raise LogInconsistent(
            f"the entries have root {growing.root().hex()}",
            expected=f"{latest.root.hex()}, as signed for size {size}",
            hint=RUN_FSCK,
        )
    _check_last(store, LeafIndex(size - 1))
    return growing, latest


def _check_last(store: Reader, index: LeafIndex) -> None:
    """The row that the writer goes on from: its statement and its chain."""
    last = store.row(index)
    if last is None or sha256(last.statement).digest() != last.entry:
        raise LogInconsistent(
            f"the statement at index {index} is not the one its entry was made of", hint=RUN_FSCK
        )
    before = store.row(LeafIndex(index - 1)) if index else None
    expected = chain(before.chain if before else CHAIN_START, last.entry)
    if last.chain != expected:
        raise LogInconsistent(
            f"the chain at index {index} is {last.chain.hex()}", expected=expected.hex(), hint=RUN_FSCK
        )
