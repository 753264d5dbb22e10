"""What a reader hands out: proofs, roots, tiles and bundles of any size the log ever had, as the proof floor
makes them from the statements alone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ledger.errors import Ambiguous, MalformedProof, NotFound
from ledger.log.reader import LogReader
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.merkle import EMPTY_ROOT, MemoryTree, check_consistency, check_inclusion, leaf_hash
from ledger.proof.multiproof import check_many
from ledger.proof.tiles import Tile, decode_entry_bundle, decode_tile, subtree_root, tiles_at
from ledger.units import LeafIndex, TreeSize
from tests.support.log_world import entry_of, grown_log, id_of, kept_statements, tree_of
from tests.support.spine import VKEY


@pytest.fixture(scope="module")
def reader(grown: Path):
    with LogReader.open(grown) as reader:
        yield reader


@pytest.fixture(scope="module")
def kept(grown: Path) -> list[bytes]:
    return kept_statements(grown)


@pytest.fixture(scope="module")
def leaves(kept: list[bytes]) -> list[bytes]:
    return [leaf_hash(entry_of(one)) for one in kept]


@pytest.fixture(scope="module")
def roots(leaves: list[bytes]) -> list[bytes]:
    """The root at every size, from one growing tree."""
    tree, roots = MemoryTree(), [EMPTY_ROOT]
    for leaf in leaves:
        tree.append(leaf)
        roots.append(tree.root())
    return roots


@pytest.fixture(scope="module")
def sizes(kept: list[bytes]) -> list[int]:
    """Sizes around everything that has an edge, and some others."""
    edges = [1, 2, 3, 255, 256, 257, 300, 511, 512, 513, len(kept) - 1, len(kept)]
    return sorted({*edges, *random.Random(5).sample(range(1, len(kept)), 12)})


def test_the_log_is_large_enough_to_have_full_tiles(kept: list[bytes]) -> None:
    assert len(kept) > 600


def test_every_root_is_the_one_the_statements_make(reader: LogReader, roots: list[bytes]) -> None:
    assert [reader.root(TreeSize(size)) for size in range(len(roots))] == roots


def test_every_checkpoint_is_signed_over_the_root_of_its_size(reader: LogReader, roots: list[bytes]) -> None:
    for stored in reader.store.checkpoints():
        checkpoint = open_checkpoint(stored.note, VKEY)
        assert (checkpoint.size, checkpoint.root) == (stored.size, roots[stored.size])


def test_inclusion_of_any_entry_at_any_size(
    reader: LogReader, leaves: list[bytes], roots: list[bytes], sizes: list[int]
) -> None:
    choose = random.Random(6)
    for size in sizes:
        for index in {0, size - 1, size // 2, choose.randrange(size), choose.randrange(size)}:
            path = reader.inclusion(LeafIndex(index), TreeSize(size))
            check_inclusion(leaves[index], index, size, path, roots[size])


def test_consistency_between_any_two_sizes(reader: LogReader, roots: list[bytes], sizes: list[int]) -> None:
    for new in sizes:
        for old in (size for size in sizes if size <= new):
            path = reader.consistency(TreeSize(old), TreeSize(new))
            check_consistency(old, roots[old], new, roots[new], path)


def test_one_proof_for_many_entries(reader: LogReader, leaves: list[bytes], roots: list[bytes]) -> None:
    chosen = sorted(random.Random(7).sample(range(len(leaves)), 40))
    hashes = reader.multiproof(chosen)
    check_many([(n, leaves[n]) for n in chosen], len(leaves), hashes, roots[-1])


def test_tiles_of_every_size_are_those_the_statements_make(
    reader: LogReader, leaves: list[bytes], sizes: list[int]
) -> None:
    for size in sizes:
        for tile in tiles_at(TreeSize(size)):
            hashes = decode_tile(reader.tile(tile), tile)
            width = 256**tile.level
            start = tile.index * 256 * width
            if tile.level == 0:
                assert hashes == leaves[start : start + tile.width]
            else:
                groups = [leaves[start + n * width : start + (n + 1) * width] for n in range(tile.width)]
                assert hashes == [subtree_root(group) for group in groups]


def test_entry_bundles_hold_the_entries_beside_their_tile(
    reader: LogReader, kept: list[bytes], sizes: list[int]
) -> None:
    for size in sizes:
        for tile in (tile for tile in tiles_at(TreeSize(size)) if tile.level == 0):
            start = tile.index * 256
            bundle = decode_entry_bundle(reader.entry_bundle(tile))
            assert bundle == [entry_of(one) for one in kept[start : start + tile.width]]


def test_what_the_log_does_not_reach_is_not_found(reader: LogReader) -> None:
    size = reader.size
    for tile in (Tile(0, 9, 256), Tile(0, 2, size - 512 + 1), Tile(1, 0, 3), Tile(1, 0, 256), Tile(2, 0, 1)):
        with pytest.raises(NotFound, match="no tile"):
            reader.tile(tile)
    with pytest.raises(NotFound):
        reader.entry_bundle(Tile(0, 2, size - 512 + 1))
    for index in (-1, size, 2**70):
        with pytest.raises(NotFound, match=f"below {size}|no entry"):
            reader.statement(LeafIndex(index))


def test_proofs_beyond_the_log_are_no_proofs(reader: LogReader) -> None:
    size = reader.size
    for index, at in ((size, size), (0, size + 1), (5, 5), (-1, size), (0, 0)):
        with pytest.raises(MalformedProof):
            reader.inclusion(LeafIndex(index), TreeSize(at))
    for old, new in ((0, size), (5, 4), (1, size + 1)):
        with pytest.raises(MalformedProof):
            reader.consistency(TreeSize(old), TreeSize(new))


def test_statements_come_back_byte_for_byte(reader: LogReader, kept: list[bytes]) -> None:
    for index in range(0, len(kept), 50):
        assert reader.statement(LeafIndex(index)) == kept[index]


def test_ids_resolve_by_their_beginning(reader: LogReader, kept: list[bytes]) -> None:
    ids = [id_of(one) for one in kept]
    assert reader.resolve(ids[3]) == ids[3]
    assert reader.resolve(ids[3][:16]) == ids[3]
    for wrong in ("", "abc", "ABCD", "xyzw", ids[0] + "0", "abcd\n", "٠٠٠٠"):
        with pytest.raises(NotFound, match="not a statement id"):
            reader.resolve(wrong)
    absent = next(f"{n:04x}" for n in range(65_536) if not any(one.startswith(f"{n:04x}") for one in ids))
    with pytest.raises(NotFound, match="starts with"):
        reader.resolve(absent)
    twice = [one[:4] for one in ids if sum(other.startswith(one[:4]) for other in ids) > 1]
    for prefix in twice:
        with pytest.raises(Ambiguous):
            reader.resolve(prefix)
    assert twice, "of so many ids two begin alike"


def test_however_it_was_grouped_the_same_statements_make_the_same_log(
    tmp_path: Path, kept: list[bytes]
) -> None:
    """Roots and tiles depend on the statements alone; so do the checkpoints of equal sizes."""
    statements = kept[1:300]
    one = grown_log(tmp_path / "one", [statements])
    many = grown_log(tmp_path / "many", [statements[n : n + 30] for n in range(0, 299, 30)])
    with LogReader.open(one) as first, LogReader.open(many) as second:
        assert first.checkpoint_note() == second.checkpoint_note()
        assert first.checkpoint.root == tree_of(kept[:300]).root()
        assert dict(first.store.state()) == dict(second.store.state())
        assert first.tile(Tile(0, 0, 256)) == second.tile(Tile(0, 0, 256))
