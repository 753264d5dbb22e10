"""Reading a log: checkpoints, proofs and tiles of any size it ever had. Needs no private key and no lock.

Every proof is checked against its root before it is handed out: a flipped bit in the store becomes
`LogInconsistent` here and never a wrong proof in somebody's hands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ledger.errors import Ambiguous, LogInconsistent, NotFound, TallyError
from ledger.events.party import LogPolicy
from ledger.limits import CLOCK_END_S, TILE_WIDTH
from ledger.log.erased import contents_erased
from ledger.log.folder import LogFolder
from ledger.log.recover import RUN_FSCK, read_latest, read_policy
from ledger.log.store.protocol import Reader, Row
from ledger.log.store.sqlite import SqliteStore
from ledger.log.tree import StoredTree
from ledger.proof.merkle import (
    Node,
    check_consistency,
    check_inclusion,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    root_at,
)
from ledger.proof.multiproof import check_many, prove_many
from ledger.proof.note import VerifierKey
from ledger.proof.tiles import (
    TILE_HEIGHT,
    Tile,
    encode_entry_bundle,
    encode_tile,
    subtree_root,
    tile_of,
    tile_path,
)
from ledger.units import Hash, LeafIndex, StatementId, TreeSize

_PREFIX: Final = re.compile(r"[0-9a-f]{4,64}", re.ASCII)


class LogReader:
    """A log at the size it had when opened."""

    def __init__(self, store: Reader) -> None:
        """Raises `LogInconsistent` where policy, checkpoint and entries do not fit together."""
        self.store = store
        opened, self.key = read_policy(store)
        assert isinstance(opened.event, LogPolicy)
        self.policy = opened.event.body
        self.policy_id = opened.id
        self.checkpoint = read_latest(store, self.key)
        self._tree = StoredTree(store, self.checkpoint.size)

    @classmethod
    def open(cls, path: Path) -> LogReader:
        """Open a log's folder for reading. Raises `NotFound`, `LogInconsistent`."""
        store = SqliteStore(LogFolder(path).database, writable=False)
        try:
            return cls(store)
        except BaseException:
            store.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if isinstance(self.store, SqliteStore):
            self.store.close()

    @property
    def size(self) -> TreeSize:
        return self.checkpoint.size

    @property
    def vkey(self) -> VerifierKey:
        """The log's checkpoint key, as its policy states it."""
        return self.key

    def checkpoint_note(self) -> bytes:
        """The newest checkpoint as the signed note that was given out."""
        stored = self.store.latest_checkpoint()
        assert stored is not None, "read_latest found one"
        return stored.note

    def resolve(self, prefix: str) -> StatementId:
        """The registered statement whose id starts so. Raises `NotFound`, `Ambiguous`."""
        if not _PREFIX.fullmatch(prefix):
            raise NotFound(
                f"{prefix[:80]!r} is not a statement id",
                expected="at least 4 lower-case hexadecimal digits of one",
            )
        found = self.store.ids_with_prefix(prefix, 3)
        if not found:
            raise NotFound(
                f"no statement id starts with {prefix}", hint="`tally trace` lists what is in the log"
            )
        if len(found) > 1:
            raise Ambiguous(
                f"several statement ids start with {prefix}: {', '.join(one[:16] for one in found)}, ...",
                hint="give more digits",
            )
        return found[0]

    def statement(self, index: LeafIndex) -> bytes:
        """The bytes at an index. Raises `NotFound`, `ContentsErased` if they were destroyed by order, `LogInconsistent`
        if they are not those of the entry."""
        row = self.row(index)
        if row.erased_by is not None:
            raise contents_erased(self.store, row)
        if sha256(row.statement).digest() != row.entry:
            raise LogInconsistent(
                f"the statement at index {index} is not the one its entry was made of", hint=RUN_FSCK
            )
        return row.statement

    def row(self, index: LeafIndex) -> Row:
        """What the log keeps at an index, as it is kept. Raises `NotFound`; `LogInconsistent` if it is gone."""
        return read_row(self.store, index, self.size)

    def root(self, size: TreeSize) -> Hash:
        """The root the log had at any size up to now: by its proof a beginning of what was signed last."""
        if size == self.size:
            return self.checkpoint.root
        root = root_at(size, self._tree)
        if size:
            path = prove_consistency(size, self.size, self._tree)
            self._recheck(lambda: check_consistency(size, root, self.size, self.checkpoint.root, path))
        return root

    def inclusion(self, index: LeafIndex, size: TreeSize) -> tuple[Hash, ...]:
        """The inclusion proof of an entry in the tree of `size` (RFC 9162 2.1.3)."""
        path = prove_inclusion(index, size, self._tree)
        leaf, root = leaf_hash(self.row(index).entry), self.root(size)
        self._recheck(lambda: check_inclusion(leaf, index, size, path, root))
        return path

    def consistency(self, old: TreeSize, new: TreeSize) -> tuple[Hash, ...]:
        """The consistency proof between any two sizes up to now (RFC 9162 2.1.4)."""
        path = prove_consistency(old, new, self._tree)
        old_root, new_root = self.root(old), self.root(new)
        self._recheck(lambda: check_consistency(old, old_root, new, new_root, path))
        return path

    def multiproof(self, indices: Sequence[LeafIndex]) -> tuple[Hash, ...]:
        """One proof for many entries in the newest tree (specs/log.md)."""
        hashes = prove_many(indices, self.size, self._tree)
        leaves = [
            (index, leaf_hash(entry))
            for index in indices
            for entry in self.store.entries(index, LeafIndex(index + 1))
        ]
        self._recheck(lambda: check_many(leaves, self.size, hashes, self.checkpoint.root))
        return hashes

    def tile(self, tile: Tile) -> bytes:
        """A tile's bytes (C2SP tlog-tiles). Raises `NotFound` for one that is not (wholly) there."""
        return encode_tile(self._hashes(tile))

    def entry_bundle(self, tile: Tile) -> bytes:
        """The entries under a level-0 tile, length-prefixed (C2SP tlog-tiles). Raises `NotFound`."""
        assert tile.level == 0, "entries lie beside level 0"
        hashes = self._hashes(tile)
        start = tile.index * TILE_WIDTH
        entries = self.store.entries(LeafIndex(start), LeafIndex(start + tile.width))
        if [leaf_hash(entry) for entry in entries] != hashes:
            raise LogInconsistent(
                f"entries {start} to {start + tile.width - 1} are not those of {tile_path(tile)}",
                hint=RUN_FSCK,
            )
        return encode_entry_bundle(entries)

    def _hashes(self, tile: Tile) -> Sequence[Hash]:
        """The hashes of a tile, under the signed root."""
        available = (self.size >> (TILE_HEIGHT * tile.level)) - tile.index * TILE_WIDTH
        if not tile.width <= available:
            raise NotFound(
                f"no tile {tile.level}/{tile.index} of width {tile.width}", expected=f"at size {self.size}"
            )
        kept = Tile(tile.level, tile.index, min(available, TILE_WIDTH))
        hashes = self._tree.tile_hashes(kept)
        if not self._is_signed(kept, hashes):
            raise LogInconsistent(
                f"{tile_path(kept)} is not the one that was signed for size {self.size}", hint=RUN_FSCK
            )
        return hashes[: tile.width]

    def _is_signed(self, tile: Tile, hashes: Sequence[Hash]) -> bool:
        """A full tile is a hash of the tile above it, and so on up; the partial ones together make the signed root."""
        if not tile.is_full:
            return root_at(self.size, self._tree) == self.checkpoint.root
        above = tile_of(Node(TILE_HEIGHT * (tile.level + 1), tile.index), self.size)
        over = self._tree.tile_hashes(above)
        return over[tile.index % TILE_WIDTH] == subtree_root(hashes) and self._is_signed(above, over)

    @staticmethod
    def _recheck(check: Callable[[], object]) -> None:
        try:
            check()
        except TallyError as error:
            raise LogInconsistent(
                f"a proof made from the store does not hold: {error}",
                hint=RUN_FSCK,
            ) from error


def read_row(store: Reader, index: LeafIndex, size: TreeSize) -> Row:
    """What a log of `size` keeps at an index. Raises `NotFound`; `LogInconsistent` if it is gone."""
    if not 0 <= index < size:
        raise NotFound(f"there is no entry {index}", expected=f"an index below {size}")
    row = store.row(index)
    if row is None:
        raise LogInconsistent(f"entry {index} is missing", expected=f"{size} entries", hint=RUN_FSCK)
    if not 0 <= row.registered_at < CLOCK_END_S:
        raise LogInconsistent(
            f"entry {index} is registered at a time that no date can hold",
            expected=f"seconds from 0 to {CLOCK_END_S}, found {row.registered_at}",
            hint=RUN_FSCK,
        )
    return row
