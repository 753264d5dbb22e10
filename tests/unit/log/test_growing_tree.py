"""The tree as the store keeps it, past the size where a tile of the second level becomes full (65,536)."""

from __future__ import annotations

from hashlib import sha256
from typing import cast

import pytest

from ledger.errors import LogInconsistent
from ledger.log.store.protocol import FullTile, Reader
from ledger.log.tree import GrowingTree, StoredTree
from ledger.proof.merkle import MemoryTree, RightEdge, check_inclusion, leaf_hash, prove_inclusion, root_at
from ledger.proof.tiles import Tile, decode_tile, subtree_root
from ledger.units import Entry, Hash, LeafIndex, TreeSize

SIZE = 65_536 + 700
ENTRIES = [Entry(sha256(b"%d" % n).digest()) for n in range(SIZE)]


class Kept:
    """What a store would keep, in memory: as much of `Reader` as the tree asks for."""

    def __init__(self, size: int, tiles: list[FullTile]) -> None:
        self.size = size
        self.tiles = {(one.level, one.index): one for one in tiles}

    def entries(self, start: int, stop: int) -> list[Entry]:
        return ENTRIES[start : min(stop, self.size)]

    def tile(self, level: int, index: int) -> FullTile | None:
        return self.tiles.get((level, index))

    def tile_roots(self, level: int, start: int, stop: int) -> list[Hash]:
        return [self.tiles[level, n].root for n in range(start, stop) if (level, n) in self.tiles]

    def tree(self) -> StoredTree:
        return StoredTree(cast(Reader, self), TreeSize(self.size))


def grow(tree: GrowingTree, to: int) -> list[FullTile]:
    return [tile for entry in ENTRIES[tree.size : to] for tile in tree.append(leaf_hash(entry))]


@pytest.fixture(scope="module")
def whole() -> tuple[MemoryTree, list[FullTile]]:
    """The tree by the proof floor, and the tiles that one uninterrupted writer makes."""
    growing = GrowingTree(RightEdge(), [])
    tiles = grow(growing, SIZE)
    memory = MemoryTree(map(leaf_hash, ENTRIES))
    assert growing.root() == memory.root()
    return memory, tiles


def at(size: int, tiles: list[FullTile]) -> Kept:
    return Kept(size, [one for one in tiles if (one.index + 1) * 256 ** (one.level + 1) <= size])


def test_full_tiles_are_made_once_each_lowest_first(whole: tuple[MemoryTree, list[FullTile]]) -> None:
    _, tiles = whole
    assert [(one.level, one.index) for one in tiles] == [
        *((0, n) for n in range(256)), (1, 0), (0, 256), (0, 257),
    ]  # fmt: skip
    for one in tiles:
        assert subtree_root(decode_tile(one.hashes, Tile(one.level, one.index, 256))) == one.root


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 65_279, 65_280, 65_535, 65_536, 65_537, 66_000])
def test_a_tree_taken_up_at_any_size_goes_on_as_if_never_interrupted(
    whole: tuple[MemoryTree, list[FullTile]], size: int
) -> None:
    memory, tiles = whole
    kept = at(size, tiles)
    taken_up = GrowingTree.load(kept.tree())
    assert taken_up.root() == root_at(TreeSize(size), memory)
    made = grow(taken_up, SIZE)
    assert list(kept.tiles.values()) + made == sorted(tiles, key=_made_at)
    assert taken_up.root() == memory.root()


def _made_at(tile: FullTile) -> tuple[int, int]:
    return (tile.index + 1) * 256 ** (tile.level + 1), tile.level


def test_a_copy_grows_by_itself(whole: tuple[MemoryTree, list[FullTile]]) -> None:
    memory, tiles = whole
    tree = GrowingTree.load(at(65_535, tiles).tree())
    copy = tree.copy()
    assert [one.level for one in grow(copy, 65_536)] == [0, 1]
    assert (tree.size, copy.size) == (65_535, 65_536)
    assert [one.level for one in grow(tree, 65_536)] == [0, 1]
    assert tree.root() == copy.root() == root_at(TreeSize(65_536), memory)


def test_proofs_come_from_three_levels_of_tiles(whole: tuple[MemoryTree, list[FullTile]]) -> None:
    memory, tiles = whole
    stored = at(SIZE, tiles).tree()
    for index in (0, 255, 256, 40_000, 65_535, 65_536, SIZE - 1):
        path = prove_inclusion(LeafIndex(index), TreeSize(SIZE), stored)
        assert path == prove_inclusion(LeafIndex(index), TreeSize(SIZE), memory)
        check_inclusion(leaf_hash(ENTRIES[index]), LeafIndex(index), TreeSize(SIZE), path, memory.root())


def test_a_tile_that_is_gone_or_cut_is_told(whole: tuple[MemoryTree, list[FullTile]]) -> None:
    _, tiles = whole
    kept = at(SIZE, tiles)
    kept.tiles[0, 3] = kept.tiles[0, 3]._replace(hashes=b"short")
    del kept.tiles[0, 4]
    tree = kept.tree()
    for index in (3, 4):
        with pytest.raises(LogInconsistent, match=f"tile 0/{index} is not there"):
            tree.tile_hashes(Tile(0, index, 256))
    del kept.tiles[0, 257]
    with pytest.raises(LogInconsistent, match="1 hashes for tile 1/1"):
        kept.tree().tile_hashes(Tile(1, 1, 2))
    kept.tiles[0, 257] = FullTile(0, 257, Hash(b"short"), b"")
    with pytest.raises(LogInconsistent, match="2 hashes for tile 1/1"):
        kept.tree().tile_hashes(Tile(1, 1, 2))


@pytest.mark.parametrize("start", [0, 256, 65_280, 65_536])
def test_a_whole_tile_at_once_is_the_same_as_one_by_one(
    whole: tuple[MemoryTree, list[FullTile]], start: int
) -> None:
    """Also where it fills the tile above."""
    one_by_one = GrowingTree.load(at(start, whole[1]).tree()) if start else GrowingTree(RightEdge(), [])
    at_once = one_by_one.copy()
    leaves = [leaf_hash(entry) for entry in ENTRIES[start : start + 256]]
    assert at_once.append_tile(leaves) == grow(one_by_one, start + 256)
    assert at_once.root() == one_by_one.root()
    assert at_once.append(leaves[0]) == one_by_one.append(leaves[0])
    assert grow(at_once, start + 600) == grow(one_by_one, start + 600)
