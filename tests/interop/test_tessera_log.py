"""A whole log that Tessera wrote (transparency-dev/tessera): sizes 0 to 15, every checkpoint kept."""

from pathlib import Path

import pytest

from ledger.errors import TallyError
from ledger.proof.checkpoint import format_checkpoint, open_checkpoint
from ledger.proof.merkle import (
    EMPTY_ROOT,
    MemoryTree,
    Node,
    check_consistency,
    check_inclusion,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    right_edge_nodes,
    root_at,
)
from ledger.proof.multiproof import check_many, prove_many
from ledger.proof.note import parse_vkey
from ledger.proof.tiles import (
    Tile,
    decode_entry_bundle,
    decode_tile,
    encode_entry_bundle,
    encode_tile,
    entries_path,
    node_in_tile,
    parse_entries_path,
    parse_tile_path,
    tile_of,
    tile_path,
    tiles_at,
)

LOG = Path(__file__).parents[2].parent / "shared" / "vectors" / "tlog" / "tessera"
SIZES = range(16)
KEY = parse_vkey("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")

pytestmark = pytest.mark.skipif(not LOG.is_dir(), reason=f"no foreign log at {LOG}")


class Mirror:
    """Reads nodes from the files of the log at one size."""

    def __init__(self, size):
        self.size = size

    def read_nodes(self, nodes):
        return [self.read_node(node) for node in nodes]

    def read_node(self, node):
        tile = tile_of(node, self.size)
        return node_in_tile(node, decode_tile((LOG / tile_path(tile)).read_bytes(), tile))


def checkpoint_at(size):
    return open_checkpoint((LOG / f"checkpoint.{size}").read_bytes(), KEY)


def entries_at(size):
    if not size:
        return []
    return decode_entry_bundle((LOG / entries_path(Tile(0, 0, size))).read_bytes())


def test_the_current_checkpoint_is_the_last():
    assert (LOG / "checkpoint").read_bytes() == (LOG / "checkpoint.15").read_bytes()


@pytest.mark.parametrize("size", SIZES)
def test_every_checkpoint_opens_and_fits_the_entries(size):
    checkpoint = checkpoint_at(size)
    assert (checkpoint.origin, checkpoint.size) == (KEY.name, size)
    assert (LOG / f"checkpoint.{size}").read_text().startswith(format_checkpoint(checkpoint) + "\n")
    entries = entries_at(size)
    assert len(entries) == size
    assert MemoryTree(map(leaf_hash, entries)).root() == checkpoint.root


@pytest.mark.parametrize("size", SIZES)
def test_the_tiles_are_those_we_would_write(size):
    tree = MemoryTree(map(leaf_hash, entries_at(size)))
    for tile in tiles_at(size):
        ours = encode_tile(tree.read_nodes([Node(0, i) for i in range(tile.width)]))
        assert ours == (LOG / tile_path(tile)).read_bytes()
        assert encode_entry_bundle(entries_at(size)) == (LOG / entries_path(tile)).read_bytes()


def test_every_file_has_a_path_that_we_read_and_write_the_same():
    files = sorted(path.relative_to(LOG).as_posix() for path in (LOG / "tile").rglob("*") if path.is_file())
    assert len(files) == 30
    for path in files:
        if path.startswith("tile/entries/"):
            assert entries_path(parse_entries_path(path)) == path
        else:
            assert tile_path(parse_tile_path(path)) == path


@pytest.mark.parametrize("size", SIZES[1:])
def test_every_inclusion_is_proved_from_the_tiles(size):
    root, mirror = checkpoint_at(size).root, Mirror(size)
    for index, entry in enumerate(entries_at(size)):
        check_inclusion(leaf_hash(entry), index, size, prove_inclusion(index, size, mirror), root)


@pytest.mark.parametrize("new", SIZES[1:])
def test_every_checkpoint_extends_all_earlier_ones(new):
    mirror = Mirror(new)
    for old in range(1, new + 1):
        path = prove_consistency(old, new, mirror)
        check_consistency(old, checkpoint_at(old).root, new, checkpoint_at(new).root, path)
        assert root_at(old, mirror) == checkpoint_at(old).root
    assert checkpoint_at(0).root == EMPTY_ROOT


def test_many_entries_are_proved_at_once_from_the_tiles():
    entries = entries_at(15)
    for chosen in ([0, 14], [3, 4, 5], [1, 6, 7, 12], list(range(15))):
        hashes = prove_many(chosen, 15, Mirror(15))
        check_many([(i, leaf_hash(entries[i])) for i in chosen], 15, hashes, checkpoint_at(15).root)


def test_an_entry_of_the_log_with_one_bit_changed_is_found():
    entries, root = entries_at(15), checkpoint_at(15).root
    for index, entry in enumerate(entries):
        spoilt = bytes([entry[0] ^ 1]) + entry[1:]
        with pytest.raises(TallyError):
            check_inclusion(leaf_hash(spoilt), index, 15, prove_inclusion(index, 15, Mirror(15)), root)


def test_the_right_edge_is_read_from_tiles_alone():
    assert Mirror(15).read_nodes(right_edge_nodes(15)) == MemoryTree(
        map(leaf_hash, entries_at(15))
    ).read_nodes(right_edge_nodes(15))
