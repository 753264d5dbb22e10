"""The tree as the store keeps it: full tiles, and the ragged right edge computed from the entries.

Nothing of the tree is ever rewritten: a tile is stored once, when its 256th hash arrives, with the root that
goes into the tile above. Partial tiles are the last entries (level 0) or the roots of the last full tiles
below (level 1 and up): at most 255 reads a level.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from ledger.errors import LogInconsistent
from ledger.limits import TILE_WIDTH
from ledger.log.store.protocol import FullTile, Reader
from ledger.proof.merkle import Node, RightEdge, leaf_hash, right_edge_nodes
from ledger.proof.tiles import (
    TILE_HEIGHT,
    Tile,
    decode_tile,
    encode_tile,
    node_in_tile,
    subtree_root,
    tile_of,
)
from ledger.units import HASH_BYTES, Hash, LeafIndex, TreeSize

_CACHED_TILES: Final = 256  # about 4 MB


class StoredTree:
    """A `NodeReader` over a store at one size. Not for use by several threads at once."""

    def __init__(self, store: Reader, size: TreeSize) -> None:
        self._store = store
        self.size = size
        self._tile = lru_cache(maxsize=_CACHED_TILES)(self._read_tile)

    def read_nodes(self, nodes: Sequence[Node]) -> list[Hash]:
        """See `ledger.proof.merkle.NodeReader`. Costs one tile read and at most 127 hashes a node."""
        return [node_in_tile(node, self._tile(tile_of(node, self.size))) for node in nodes]

    def tile_hashes(self, tile: Tile) -> Sequence[Hash]:
        """The hashes of a tile of this size, full or partial."""
        return self._tile(tile)

    def _read_tile(self, tile: Tile) -> list[Hash]:
        if tile.is_full:
            stored = self._store.tile(tile.level, tile.index)
            if stored is None or len(stored.hashes) != TILE_WIDTH * HASH_BYTES:
                raise LogInconsistent(
                    f"tile {tile.level}/{tile.index} is not there", expected=f"full at size {self.size}"
                )
            return decode_tile(stored.hashes, tile)
        start = tile.index * TILE_WIDTH
        stop = start + tile.width
        if tile.level == 0:
            hashes = [leaf_hash(entry) for entry in self._store.entries(LeafIndex(start), LeafIndex(stop))]
        else:
            hashes = self._store.tile_roots(tile.level - 1, start, stop)
        if len(hashes) != tile.width or any(len(one) != HASH_BYTES for one in hashes):
            raise LogInconsistent(
                f"{len(hashes)} hashes for tile {tile.level}/{tile.index}",
                expected=f"{tile.width} at size {self.size}",
            )
        return hashes


class CommittedTree:
    """A `NodeReader` over what one commit left in memory, for the proofs of the entries that came with it.

    Such a proof needs hashes of the partial tiles and of those that the commit filled, and no others.
    """

    def __init__(self, size: TreeSize, partial: Sequence[Sequence[Hash]], full: Sequence[FullTile]) -> None:
        self.size = size
        self._partial = partial
        self._full = {
            (tile.level, tile.index): decode_tile(tile.hashes, Tile(tile.level, tile.index, TILE_WIDTH))
            for tile in full
        }

    def read_nodes(self, nodes: Sequence[Node]) -> list[Hash]:
        """See `ledger.proof.merkle.NodeReader`."""
        return [self._read_node(node) for node in nodes]

    def _read_node(self, node: Node) -> Hash:
        tile = tile_of(node, self.size)
        hashes = self._full.get((tile.level, tile.index)) or self._partial[tile.level]
        return node_in_tile(node, hashes)


class GrowingTree:
    """The right edge of the tree, and the tiles that become full as it grows. Owned by the writer.

    `copy` before a group, so that a group that is not committed leaves no trace.
    """

    def __init__(self, edge: RightEdge, partial: list[list[Hash]]) -> None:
        self._edge = edge
        self._partial = partial

    @classmethod
    def load(cls, tree: StoredTree) -> GrowingTree:
        """Take up the tree where the store has it."""
        partial = []
        level, hashes = 0, int(tree.size)
        while hashes:
            width = hashes % TILE_WIDTH
            partial.append(list(tree.tile_hashes(Tile(level, hashes // TILE_WIDTH, width))) if width else [])
            level, hashes = level + 1, hashes // TILE_WIDTH
        return cls(RightEdge(tree.size, tree.read_nodes(right_edge_nodes(tree.size))), partial)

    @property
    def size(self) -> TreeSize:
        return self._edge.size

    def root(self) -> Hash:
        return self._edge.root()

    def committed(self, full: Sequence[FullTile]) -> CommittedTree:
        """The tree as it is, with the tiles that became full on the way here; not to be grown any more."""
        return CommittedTree(self.size, self._partial, full)

    def copy(self) -> GrowingTree:
        return GrowingTree(self._edge.copy(), [list(level) for level in self._partial])

    def append_tile(self, leaves: list[Hash]) -> list[FullTile]:
        """Append the leaf hashes of one whole tile, where a tile begins; the same as one by one, in half the time."""
        assert self._edge.size % TILE_WIDTH == 0, "a tile begins where one ends"
        assert len(leaves) == TILE_WIDTH
        column = self._edge.append(subtree_root(leaves), TILE_HEIGHT)
        if not self._partial:
            self._partial.append([])
        self._partial[0] = leaves
        return self._fill(1, column[::TILE_HEIGHT])

    def append(self, leaf: Hash) -> list[FullTile]:
        """Append a leaf hash; returns the tiles it completes, lowest first."""
        # Of the column of completed subtrees every eighth is a hash in a tile of the next level.
        return self._fill(0, self._edge.append(leaf)[::TILE_HEIGHT])

    def _fill(self, lowest: int, completed_hashes: Sequence[Hash]) -> list[FullTile]:
        """Put what was just completed, from level `lowest` up, into its tiles; answers those that are full now."""
        last = int(self._edge.size) - 1
        full = []
        for level, completed in enumerate(completed_hashes, lowest):
            if level == len(self._partial):
                self._partial.append([])
            if level:
                below = self._partial[level - 1]
                full.append(FullTile(level - 1, last >> (TILE_HEIGHT * level), completed, encode_tile(below)))
                self._partial[level - 1] = []
            self._partial[level].append(completed)
        return full
