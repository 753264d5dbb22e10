"""The tree's building blocks: hashes, right edge, readers, and what is refused before anything is hashed."""

import pytest

from ledger.errors import MalformedProof, ProofInvalid
from ledger.limits import TREE_SIZE_MAX
from ledger.proof.merkle import (
    EMPTY_ROOT,
    MemoryTree,
    Node,
    RightEdge,
    Subtree,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
    path_length,
    prove_consistency,
    prove_inclusion,
    right_edge_nodes,
    root_at,
    root_from_inclusion,
    subtree_nodes,
)

RFC_6962_LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]


def tree_of(count: int) -> MemoryTree:
    return MemoryTree(leaf_hash(b"%d" % i) for i in range(count))


class CountingReader:
    """A reader that remembers how it was called."""

    def __init__(self, tree: MemoryTree) -> None:
        self.tree = tree
        self.calls: list[list[Node]] = []

    def read_nodes(self, nodes):
        self.calls.append(list(nodes))
        return self.tree.read_nodes(nodes)


class TestHashing:
    def test_the_empty_root_is_the_hash_of_nothing(self):
        assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    def test_the_eight_leaves_of_rfc_6962_have_their_published_root(self):
        tree = MemoryTree(leaf_hash(bytes.fromhex(leaf)) for leaf in RFC_6962_LEAVES)
        assert tree.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"

    def test_the_leaf_without_bytes_has_its_published_hash(self):
        assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"

    def test_a_node_is_not_the_hash_of_the_same_bytes_as_an_entry(self):
        left, right = leaf_hash(b"left"), leaf_hash(b"right")
        assert node_hash(left, right) != leaf_hash(left + right)
        assert node_hash(left, right) != node_hash(right, left)


class TestRightEdge:
    def test_its_hashes_are_those_of_the_right_edge_nodes(self):
        edge, tree = RightEdge(), tree_of(0)
        for i in range(300):
            leaf = leaf_hash(b"%d" % i)
            edge.append(leaf)
            tree.append(leaf)
            assert list(edge.hashes) == tree.read_nodes(right_edge_nodes(edge.size))
            assert edge.root() == tree.root()

    def test_appending_returns_the_column_of_completed_nodes(self):
        edge, tree = RightEdge(), tree_of(70)
        for i in range(70):
            column = edge.append(tree.read_nodes([Node(0, i)])[0])
            nodes = [Node(level, i >> level) for level in range(len(column))]
            assert column == tree.read_nodes(nodes)
            assert (i + 1) % (1 << (len(column) - 1)) == 0
            assert (i + 1) % (1 << len(column)) != 0

    def test_every_eighth_hash_of_a_column_belongs_to_a_tile(self):
        edge = RightEdge()
        tiles: dict[int, int] = {}
        for i in range(70_000):
            for level, _ in enumerate(edge.append(leaf_hash(i.to_bytes(4, "big")))[::8]):
                tiles[level] = tiles.get(level, 0) + 1
        assert tiles == {0: 70_000, 1: 273, 2: 1}

    def test_it_goes_on_from_stored_hashes(self):
        whole = tree_of(100)
        for start in range(100):
            stored = whole.read_nodes(right_edge_nodes(start))
            edge = RightEdge(start, stored)
            for i in range(start, 100):
                edge.append(leaf_hash(b"%d" % i))
            assert edge.root() == whole.root()

    def test_complete_subtrees_are_appended_whole(self):
        tree = tree_of(22)
        edge = RightEdge()
        edge.append(tree.read_nodes([Node(4, 0)])[0], 4)
        assert edge.append(tree.read_nodes([Node(1, 8)])[0], 1) == tree.read_nodes([Node(1, 8)])
        assert edge.append(tree.read_nodes([Node(1, 9)])[0], 1) == tree.read_nodes([Node(1, 9), Node(2, 4)])
        edge.append(tree.read_nodes([Node(1, 10)])[0], 1)
        assert (edge.size, edge.root()) == (22, tree.root())

    def test_a_copy_is_independent(self):
        edge = RightEdge()
        edge.append(leaf_hash(b"0"))
        copy = edge.copy()
        copy.append(leaf_hash(b"1"))
        assert (edge.size, edge.root()) == (1, leaf_hash(b"0"))
        assert (copy.size, copy.root()) == (2, tree_of(2).root())

    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_another_number_of_hashes_than_the_size_has_is_refused(self, count):
        with pytest.raises(MalformedProof, match="exactly 2"):
            RightEdge(5, [leaf_hash(b"")] * count)

    def test_a_subtree_out_of_place_is_our_own_mistake(self):
        edge = RightEdge()
        edge.append(leaf_hash(b"0"))
        with pytest.raises(AssertionError):
            edge.append(leaf_hash(b"1"), 1)


class TestReading:
    def test_a_ragged_subtree_is_tiled_by_complete_ones_largest_first(self):
        assert subtree_nodes(Subtree(4, 7)) == [Node(1, 2), Node(0, 6)]
        assert right_edge_nodes(70_000) == subtree_nodes(Subtree(0, 70_000))
        assert right_edge_nodes(0) == []

    def test_each_proof_reads_once_and_only_complete_nodes_and_none_twice(self):
        reader = CountingReader(tree_of(100))
        for size in range(1, 101):
            for number in range(1, size + 1):
                reader.calls.clear()
                prove_inclusion(number - 1, size, reader)
                prove_consistency(number, size, reader)
                assert len(reader.calls) == 2
                for nodes in reader.calls:
                    assert len(set(nodes)) == len(nodes)
                    assert all((node.index + 1) << node.level <= size for node in nodes)

    def test_the_root_of_the_largest_tree_rests_on_63_nodes(self):
        assert len(right_edge_nodes(TREE_SIZE_MAX)) == 63

    def test_the_root_of_nothing_reads_nothing(self):
        assert root_at(0, tree_of(0)) == EMPTY_ROOT

    def test_a_reader_that_answers_too_little_is_our_own_mistake(self):
        class Short:
            def read_nodes(self, nodes):
                return [leaf_hash(b"")] * (len(nodes) - 1)

        with pytest.raises(AssertionError, match="contract"):
            root_at(7, Short())


class TestWhatIsRefused:
    @pytest.mark.parametrize("size", [-1, TREE_SIZE_MAX + 1])
    def test_sizes_out_of_bounds(self, size):
        tree = tree_of(3)
        for refused in (
            lambda: root_at(size, tree),
            lambda: right_edge_nodes(size),
            lambda: prove_inclusion(0, size, tree),
            lambda: prove_consistency(1, size, tree),
            lambda: check_inclusion(EMPTY_ROOT, 0, size, [], EMPTY_ROOT),
            lambda: check_consistency(1, EMPTY_ROOT, size, EMPTY_ROOT, []),
        ):
            with pytest.raises(MalformedProof):
                refused()

    @pytest.mark.parametrize("index", [-1, 5, 6])
    def test_an_index_outside_the_tree(self, index):
        with pytest.raises(MalformedProof, match="no entry"):
            prove_inclusion(index, 5, tree_of(5))
        with pytest.raises(MalformedProof, match="no entry"):
            root_from_inclusion(leaf_hash(b"4"), index, 5, [EMPTY_ROOT] * 3)

    @pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (6, 5), (-1, 5)])
    def test_consistency_from_nothing_or_backwards(self, old, new):
        with pytest.raises(MalformedProof, match="no consistency proof"):
            prove_consistency(old, new, tree_of(5))
        with pytest.raises(MalformedProof, match="no consistency proof"):
            check_consistency(old, EMPTY_ROOT, new, EMPTY_ROOT, [])

    @pytest.mark.parametrize("length", [0, 31, 33, 64])
    def test_hashes_of_another_length(self, length):
        tree = tree_of(6)
        bad = bytes(length)
        path = prove_inclusion(3, 6, tree)
        with pytest.raises(MalformedProof, match=f"{length} bytes"):
            check_inclusion(bad, 3, 6, path, tree.root())
        with pytest.raises(MalformedProof, match=f"{length} bytes"):
            check_inclusion(leaf_hash(b"3"), 3, 6, [*path[:-1], bad], tree.root())
        with pytest.raises(MalformedProof, match=f"{length} bytes"):
            check_consistency(4, bad, 6, tree.root(), prove_consistency(4, 6, tree))
        with pytest.raises(MalformedProof, match=f"{length} bytes"):
            check_consistency(3, tree.root(), 6, tree.root(), [bad] * 4)

    def test_equal_sizes_with_other_roots(self):
        with pytest.raises(ProofInvalid):
            check_consistency(5, tree_of(5).root(), 5, tree_of(4).root(), [])

    def test_a_message_names_both_roots_and_what_to_do(self):
        tree = tree_of(4)
        with pytest.raises(ProofInvalid) as refusal:
            check_inclusion(leaf_hash(b"x"), 1, 4, prove_inclusion(1, 4, tree), tree.root())
        assert tree.root().hex() in refusal.value.expected
        assert "entry 1 at size 4" in refusal.value.found
        assert refusal.value.hint

    def test_the_longest_path_there_is_can_be_checked(self):
        last = TREE_SIZE_MAX - 1
        assert path_length(last, TREE_SIZE_MAX) == 62
        assert path_length(0, TREE_SIZE_MAX) == 63
        path = [leaf_hash(b"%d" % i) for i in range(63)]
        root = root_from_inclusion(EMPTY_ROOT, 0, TREE_SIZE_MAX, path)
        check_inclusion(EMPTY_ROOT, 0, TREE_SIZE_MAX, path, root)
