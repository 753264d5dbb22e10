"""fsck: re-hash everything the log keeps and name the first entry that is not what it was.

For every entry: its place, SHA-256 of its statement (of an erased one, what is left of it and who ordered that), the
bookkeeping chain, the time that never falls. Over them: every full tile, the root and the signature of every
checkpoint, what the backend can say of its own files (a broken index would find a statement missing that is there),
and the high-water mark, where there is one (a backup has none). It needs no private key, changes nothing, keeps no
writer waiting, and is not confused by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Final

from ledger.errors import LogInconsistent
from ledger.limits import CLOCK_END_S, TILE_WIDTH
from ledger.log.erased import ErasedEntry, erased_entry, open_erased
from ledger.log.highwater import check_mark, read_mark
from ledger.log.recover import open_stored, read_latest, read_policy
from ledger.log.store.protocol import FullTile, Reader, Row, StoredCheckpoint
from ledger.log.tree import GrowingTree, StoredTree
from ledger.log.writer import CHAIN_START, chain
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.merkle import RightEdge, leaf_hash, root_at
from ledger.proof.note import VerifierKey
from ledger.units import Hash, LeafIndex, TreeSize

_BATCH: Final = TILE_WIDTH
"""Entries handed out at once: those under one tile, but for the last."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a finished check found sound."""

    size: TreeSize
    root: Hash
    checkpoints: int
    tiles: int
    erased: tuple[ErasedEntry, ...]
    """Entries whose contents were destroyed by order: their digests are sound, what they did is the log's word."""


def fsck(store: Reader, mark: Path | None, progress: Callable[[int], None] = lambda _done: None) -> Checked:
    """Check a whole log, and hold it against its mark if it has one.

    Raises `LogInconsistent` naming the first bad entry, tile or checkpoint.
    """
    check = EntryCheck(store)
    for rows in check.batches():
        progress(len(rows))
    return check.finish(mark)


class EntryCheck:
    """The running check, for whoever needs the entries as well (the audit opens each one)."""

    def __init__(self, store: Reader, size: TreeSize | None = None) -> None:
        """Of a log's first `size` entries, or of all of them."""
        self._store = store
        _, self._key = read_policy(store)
        self._latest = read_latest(store, self._key)
        self._size = self._latest.size if size is None else size
        self._tree = GrowingTree(RightEdge(), [])
        self._pending = store.checkpoints()
        self._next = next(self._pending, None)
        self._chain = CHAIN_START
        self._time = 0
        self._tiles = 0
        self._checkpoints = 0
        self._erased: list[ErasedEntry] = []

    def batches(self) -> Iterator[list[Row]]:
        """The entries in order, each checked before it is handed out."""
        rows = self._store.rows(LeafIndex(0), LeafIndex(self._size))
        while batch := list(islice(rows, _BATCH)):
            if self._is_whole_tile(batch):
                for index, row in enumerate(batch, self._tree.size):
                    self._check(index, row)
                self._check_tiles(self._tree.append_tile([leaf_hash(row.entry) for row in batch]))
            else:
                for row in batch:
                    self._check(self._tree.size, row)
                    self._check_tiles(self._tree.append(leaf_hash(row.entry)))
            yield batch

    def _is_whole_tile(self, batch: list[Row]) -> bool:
        """Whether it can be appended at once: a batch begins where a tile does, and no root is asked for within it."""
        size = self._tree.size
        within = self._next is not None and self._next.size < size + TILE_WIDTH
        return len(batch) == TILE_WIDTH and not within

    def entries(self) -> Checked:
        """What the entries came to, once all of them were handed out. Raises `LogInconsistent`."""
        size = self._tree.size
        if size != self._size:
            raise LogInconsistent(
                f"entry {size} is missing", expected=f"entries up to size {self._size}, as signed"
            )
        return Checked(size, self._tree.root(), self._checkpoints, self._tiles, tuple(self._erased))

    def finish(self, mark: Path | None) -> Checked:
        """`entries`, of all of them, and what can only be said at the end. Raises `LogInconsistent`."""
        checked = self.entries()
        if self._store.size() != checked.size:
            raise LogInconsistent(
                f"entry {checked.size} is kept and not signed for",
                expected=f"{checked.size} entries, as the newest checkpoint says",
            )
        if self._next is not None:
            raise LogInconsistent(
                f"there is a checkpoint of size {self._next.size}", expected=f"sizes from 1 to {checked.size}"
            )
        self._store.check()
        if mark is not None:
            check_against_mark(self._store, self._key, mark)
        return checked

    def _check(self, index: int, row: Row) -> None:
        if row.index != index:
            raise _bad(index, "is missing", f"the next one kept is {row.index}")
        if row.erased_by is not None:
            open_erased(self._store, row)
            self._erased.append(erased_entry(self._store, row))
        elif sha256(row.statement).digest() != row.entry:
            raise _bad(index, "holds another statement than the one registered", f"entry {row.entry.hex()}")
        self._chain = chain(self._chain, row.entry)
        if row.chain != self._chain:
            raise _bad(
                index, "does not continue the chain", f"chain {self._chain.hex()}, found {row.chain.hex()}"
            )
        if row.registered_at < self._time:
            raise _bad(index, "is registered before the one before it", f"at {self._time} or later")
        if row.registered_at >= CLOCK_END_S:
            raise _bad(
                index,
                "is registered at a time that no date can hold",
                f"before {CLOCK_END_S}, found {row.registered_at}",
            )
        self._time = row.registered_at

    def _check_tiles(self, tiles: list[FullTile]) -> None:
        """The tiles that became full, and the checkpoint of the size that was reached."""
        for tile in tiles:
            self._tiles += 1
            if self._store.tile(tile.level, tile.index) != tile:
                raise LogInconsistent(
                    f"tile {tile.level}/{tile.index} is not the one its entries make",
                    expected=f"root {tile.root.hex()}",
                )
        if self._next is not None and self._next.size == self._tree.size:
            self._check_root(self._next)
            self._next = next(self._pending, None)

    def _check_root(self, stored: StoredCheckpoint) -> None:
        checkpoint = open_stored(stored, self._key)
        root = self._tree.root()
        if checkpoint.root != root:
            raise LogInconsistent(
                f"up to entry {stored.size - 1} the log has root {root.hex()}",
                expected=f"{checkpoint.root.hex()}, as signed for size {checkpoint.size}",
                hint="an entry before this checkpoint is not the one that was registered",
            )
        self._checkpoints += 1


def check_against_mark(store: Reader, key: VerifierKey, path: Path) -> Checkpoint:
    """Hold a log as it is now against its mark, and answer the mark. Raises `LogInconsistent`.

    The mark is read first, then the store: a log that is being written is never behind it.
    """
    mark = read_mark(path, key)
    with closing(store.at_present()) as now:
        latest = read_latest(now, key)
        tree = StoredTree(now, latest.size)
        check_mark(mark, latest, root_at(mark.size, tree) if mark.size <= latest.size else None)
    return mark


def _bad(index: int, what: str, expected: str) -> LogInconsistent:
    return LogInconsistent(
        f"entry {index} {what}",
        expected=expected,
        hint="restore this log from a backup. See docs/operations.md",
    )
