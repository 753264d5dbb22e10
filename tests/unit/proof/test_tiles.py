"""Tiles: their one path each, which there are at a size, and what can be read from them."""

import pytest

from ledger.errors import MalformedProof
from ledger.limits import TREE_SIZE_MAX
from ledger.proof.merkle import (
    MemoryTree,
    Node,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    right_edge_nodes,
    root_at,
)
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
    partial_width,
    subtree_root,
    tile_of,
    tile_path,
    tiles_at,
    tiles_between,
)

PATHS = {
    "tile/0/x001/x234/067": Tile(0, 1_234_067, 256),
    "tile/0/000": Tile(0, 0, 256),
    "tile/0/000.p/1": Tile(0, 0, 1),
    "tile/0/273.p/112": Tile(0, 273, 112),
    "tile/1/x001/000.p/255": Tile(1, 1_000, 255),
    "tile/2/999": Tile(2, 999, 256),
    "tile/7/127.p/255": None,
    "tile/7/000.p/127": Tile(7, 0, 127),
    "tile/0/x036/x028/x797/x018/x963/967.p/255": Tile(0, 36_028_797_018_963_967, 255),
    "tile/0/x036/x028/x797/x018/x963/967": None,
}
BROKEN_PATHS = [
    *(path for path, tile in PATHS.items() if tile is None),
    "",
    "tile",
    "/tile/0/000",
    "tile/0/000/",
    "tile/00/000",
    "tile/+1/000",
    "tile/-1/000",
    "tile/64/000",
    "tile/8/000",
    "tile/٠/000",
    "tile/0/٠٠٠",
    "tile/0/0",
    "tile/0/0000",
    "tile/0/x000/001",
    "tile/0/001/002",
    "tile/0/x001/x002",
    "tile/0/X001/002",
    "tile/0/1_0",
    "tile/0/../000",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000.p/+1",
    "tile/0/000.p/",
    "tile/0/000.p",
    "tile/0/000.P/1",
    "tile/0/000\n",
    "tile/0/000.p/1\n",
    "tile/0/000 ",
    "tile/0/000?",
    "tile/data/000",
    "tile/0/" + "x000/" * 7 + "000",
    "tile/0/" + "x999/" * 6 + "999",
]


class TileReader:
    """Reads nodes from encoded tiles, as a client of a mirror does."""

    def __init__(self, size, files):
        self.size, self.files = size, files

    def read_nodes(self, nodes):
        read = []
        for node in nodes:
            tile = tile_of(node, self.size)
            read.append(node_in_tile(node, decode_tile(self.files[tile_path(tile)], tile)))
        return read


def files_of(tree: MemoryTree) -> dict[str, bytes]:
    files = {}
    for tile in tiles_at(tree.size):
        nodes = [Node(8 * tile.level, 256 * tile.index + i) for i in range(tile.width)]
        files[tile_path(tile)] = encode_tile(tree.read_nodes(nodes))
    return files


class TestPaths:
    @pytest.mark.parametrize(("path", "tile"), [(p, t) for p, t in PATHS.items() if t])
    def test_a_tile_has_one_path(self, path, tile):
        assert tile_path(tile) == path
        assert parse_tile_path(path) == tile

    @pytest.mark.parametrize("path", BROKEN_PATHS)
    def test_any_other_spelling_is_refused(self, path):
        with pytest.raises(MalformedProof):
            parse_tile_path(path)
        with pytest.raises(MalformedProof):
            parse_entries_path(path.replace("tile/0/", "tile/entries/"))

    def test_entries_lie_beside_level_0(self):
        assert entries_path(Tile(0, 1_234_067, 8)) == "tile/entries/x001/x234/067.p/8"
        assert parse_entries_path("tile/entries/x001/x234/067.p/8") == Tile(0, 1_234_067, 8)

    def test_the_two_kinds_of_path_are_not_taken_for_each_other(self):
        with pytest.raises(MalformedProof):
            parse_tile_path("tile/entries/000")
        with pytest.raises(MalformedProof):
            parse_entries_path("tile/0/000")

    def test_numbers_of_every_length_come_back(self):
        for exponent in range(17):
            for index in (10**exponent - 1, 10**exponent, 10**exponent + 1):
                assert parse_tile_path(tile_path(Tile(0, index, 256))) == Tile(0, index, 256)


class TestWhichTilesThereAre:
    def test_at_size_70000(self):
        tiles = list(tiles_at(70_000))
        assert [t for t in tiles if not t.is_full] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
        assert [t for t in tiles if t.is_full] == [*(Tile(0, i, 256) for i in range(273)), Tile(1, 0, 256)]

    def test_at_size_256_and_around(self):
        assert list(tiles_at(0)) == []
        assert list(tiles_at(255)) == [Tile(0, 0, 255)]
        assert list(tiles_at(256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]
        assert list(tiles_at(257)) == [Tile(0, 0, 256), Tile(0, 1, 1), Tile(1, 0, 1)]

    def test_partial_widths_follow_the_formula(self):
        assert [partial_width(70_000, level) for level in range(4)] == [112, 17, 1, 0]
        assert partial_width(TREE_SIZE_MAX, 7) == 127

    @pytest.mark.parametrize("new", [1, 255, 256, 257, 511, 600, 65_535, 65_536, 65_537, 70_000])
    def test_growth_publishes_what_was_not_there(self, new):
        at_new = list(tiles_at(new))
        for old in {0, 1, 255, 256, 257, new - 257, new - 256, new - 1, new}:
            if 0 <= old <= new:
                before = set(tiles_at(old))
                assert list(tiles_between(old, new)) == [tile for tile in at_new if tile not in before]


class TestReadingFromTiles:
    def test_every_node_is_found_in_its_tile(self):
        tree = MemoryTree(leaf_hash(i.to_bytes(4, "big")) for i in range(1_000))
        for size in (1, 255, 256, 257, 600, 1_000):
            reader = TileReader(size, files_of(MemoryTree(tree.read_nodes([(0, i) for i in range(size)]))))
            for level in range(10):
                nodes = [Node(level, index) for index in range(size >> level)]
                assert reader.read_nodes(nodes) == tree.read_nodes(nodes)

    def test_proofs_from_tiles_are_those_from_the_tree(self):
        tree = MemoryTree(leaf_hash(i.to_bytes(4, "big")) for i in range(66_000))
        reader = TileReader(tree.size, files_of(tree))
        assert root_at(tree.size, reader) == tree.root()
        for number in (1, 2, 256, 257, 1_000, 65_535, 65_536, 65_537, 65_999, 66_000):
            in_tree = prove_inclusion(number - 1, tree.size, tree)
            assert prove_inclusion(number - 1, tree.size, reader) == in_tree
            assert prove_consistency(number, tree.size, reader) == prove_consistency(number, tree.size, tree)

    def test_a_full_tile_hashes_into_the_tile_above(self):
        tree = MemoryTree(leaf_hash(i.to_bytes(4, "big")) for i in range(512))
        hashes = tree.read_nodes([Node(0, i) for i in range(256, 512)])
        assert [subtree_root(hashes)] == tree.read_nodes([Node(8, 1)])

    @pytest.mark.parametrize("node", [Node(0, 7), Node(1, 3), Node(3, 0), Node(-1, 0), Node(0, -1)])
    def test_a_node_that_is_not_complete_has_no_tile(self, node):
        with pytest.raises(MalformedProof, match="not a complete subtree at size 7"):
            tile_of(node, 7)

    def test_the_largest_tree_has_tiles_for_its_right_edge(self):
        tiles = {tile_of(node, TREE_SIZE_MAX) for node in right_edge_nodes(TREE_SIZE_MAX)}
        assert sorted(tile.width for tile in tiles) == [127, *[255] * 7]


class TestBytes:
    def test_a_tile_of_another_length_than_its_width_is_refused(self):
        data = encode_tile([leaf_hash(b"a"), leaf_hash(b"b")])
        assert decode_tile(data, Tile(0, 0, 2)) == [leaf_hash(b"a"), leaf_hash(b"b")]
        for other in (data[:-1], data + b"\0", data[:32], b""):
            with pytest.raises(MalformedProof, match=r"tile/0/000\.p/2"):
                decode_tile(other, Tile(0, 0, 2))

    def test_entries_come_back(self):
        entries = [b"", b"one", bytes(32), bytes(65_535)]
        data = encode_entry_bundle(entries)
        assert data[:7] == b"\x00\x00\x00\x03one"
        assert decode_entry_bundle(data) == entries

    def test_entries_that_do_not_end_where_the_data_ends_are_refused(self):
        data = encode_entry_bundle([b"one", b"two"])
        for cut in range(len(data)):
            if cut != 5:
                with pytest.raises(MalformedProof):
                    decode_entry_bundle(data[:cut])
        with pytest.raises(MalformedProof):
            decode_entry_bundle(data + b"\0")

    def test_a_bundle_holds_1_to_256_entries(self):
        full = encode_entry_bundle([b"x"] * 256)
        assert len(decode_entry_bundle(full)) == 256
        for data in (b"", full + b"\0\1x"):
            with pytest.raises(MalformedProof, match="1 to 256"):
                decode_entry_bundle(data)
        for count in (0, 257):
            with pytest.raises(AssertionError):
                encode_entry_bundle([b"x"] * count)
