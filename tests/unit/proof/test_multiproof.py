"""Shared proofs: the subtrees they list, and everything that must not pass for one."""

from hashlib import sha256
from itertools import chain, combinations

import pytest

from ledger.errors import MalformedProof, ProofInvalid, TallyError, TooLarge
from ledger.limits import BUNDLE_STATEMENTS, TREE_SIZE_MAX
from ledger.proof.merkle import MemoryTree, Subtree, leaf_hash, node_hash, prove_inclusion
from ledger.proof.multiproof import check_many, multiproof_nodes, prove_many, root_from_many

SMALL = 10
LARGEST = 130


@pytest.fixture(scope="module")
def tree(naive):
    return MemoryTree(naive.leaf(i) for i in range(LARGEST))


def subsets(size):
    return chain.from_iterable(combinations(range(size), count) for count in range(1, size + 1))


def small_cases():
    return [(size, chosen) for size in range(1, SMALL + 1) for chosen in subsets(size)]


def arbitrary(size, seed):
    """A set of indices that follows no pattern, of one to all of them, the same in every run."""
    dice = [int.from_bytes(sha256(b"%d %d %d" % (size, seed, i)).digest()[:4], "big") for i in range(size)]
    limit = sorted(dice)[dice[0] % size]
    return tuple(index for index in range(size) if dice[index] <= limit)


def arbitrary_cases():
    return [(size, arbitrary(size, seed)) for size in range(SMALL + 1, LARGEST + 1) for seed in range(6)]


def is_refused(leaves, size, hashes, root) -> bool:
    try:
        check_many(leaves, size, hashes, root)
    except TallyError:
        return True
    return False


def flipped(value, bit):
    return (int.from_bytes(value, "big") ^ 1 << bit).to_bytes(32, "big")


@pytest.mark.parametrize("cases", [small_cases(), arbitrary_cases()], ids=["every subset", "arbitrary"])
def test_a_proof_lists_the_maximal_subtrees_without_a_given_leaf(naive, tree, cases):
    for size, chosen in cases:
        hashes = prove_many(chosen, size, tree)
        assert list(hashes) == naive.without(frozenset(chosen), 0, size)
        leaves = [(index, naive.leaf(index)) for index in chosen]
        check_many(leaves, size, hashes, naive.root(size))


@pytest.mark.parametrize("cases", [small_cases(), arbitrary_cases()], ids=["every subset", "arbitrary"])
def test_no_proof_survives_being_cut_lengthened_flipped_or_reordered(naive, tree, cases):
    turn = 0
    for size, chosen in cases:
        hashes, root = list(prove_many(chosen, size, tree)), naive.root(size)
        leaves = [(index, naive.leaf(index)) for index in chosen]
        stranger = leaf_hash(b"stranger")
        assert is_refused(leaves, size, [*hashes, stranger], root)
        assert is_refused(leaves, size, [stranger, *hashes], root)
        assert is_refused(leaves, size, hashes, flipped(root, turn % 256))
        for place in range(len(hashes)):
            turn += 1
            spoilt = flipped(hashes[place], turn * 7 % 256)
            assert is_refused(leaves, size, [*hashes[:place], spoilt, *hashes[place + 1 :]], root)
            assert is_refused(leaves, size, hashes[:place] + hashes[place + 1 :], root)
        if len(hashes) > 1:
            assert is_refused(leaves, size, hashes[::-1], root)


def test_every_bit_of_every_hash_counts(naive, tree):
    for size, chosen in (11, (0, 5)), (7, (2, 3)), (13, (1, 7, 12)):
        hashes, root = prove_many(chosen, size, tree), naive.root(size)
        leaves = [(index, naive.leaf(index)) for index in chosen]
        for place in range(len(hashes)):
            for bit in range(256):
                spoilt = [*hashes[:place], flipped(hashes[place], bit), *hashes[place + 1 :]]
                assert is_refused(leaves, size, spoilt, root)


def test_no_proof_holds_for_other_leaves(naive, tree):
    for size, chosen in small_cases():
        hashes, root = prove_many(chosen, size, tree), naive.root(size)
        leaves = [(index, naive.leaf(index)) for index in chosen]
        for place, (index, leaf) in enumerate(leaves):
            others = leaves[:place], leaves[place + 1 :]
            assert is_refused([*others[0], (index, flipped(leaf, size)), *others[1]], size, hashes, root)
            assert is_refused([*others[0], *others[1]], size, hashes, root)
            for moved in (index - 1, index + 1):
                assert is_refused([*others[0], (moved, leaf), *others[1]], size, hashes, root)


def test_no_proof_holds_under_the_root_of_another_size(naive, tree):
    for size, chosen in small_cases():
        leaves = [(index, naive.leaf(index)) for index in chosen]
        hashes = prove_many(chosen, size, tree)
        for other in (size - 1, size + 1):
            assert is_refused(leaves, other, hashes, naive.root(other))
            assert is_refused(leaves, size, hashes, naive.root(other))


def test_one_entry_needs_the_hashes_of_its_inclusion_path(tree):
    for size in range(1, LARGEST + 1):
        for index in range(0, size, 7):
            assert set(prove_many([index], size, tree)) == set(prove_inclusion(index, size, tree))


def test_all_entries_need_no_hash(tree):
    for size in range(1, LARGEST + 1):
        assert prove_many(range(size), size, tree) == ()


def test_the_example_of_the_specification(tree, naive):
    assert multiproof_nodes([2, 3], 7) == [Subtree(0, 2), Subtree(4, 7)]
    assert multiproof_nodes([5], 7) == [Subtree(0, 4), Subtree(4, 5), Subtree(6, 7)]
    ragged = node_hash(naive.mth(4, 6), naive.leaf(6))
    assert prove_many([2, 3], 7, tree) == (naive.mth(0, 2), ragged)


def test_an_interior_node_is_no_leaf(naive, tree):
    hashes, root = prove_many([2, 3], 8, tree), naive.root(8)
    pair = naive.leaf(2) + naive.leaf(3)
    assert is_refused([(1, leaf_hash(pair))], 4, hashes, root)
    assert is_refused([(1, leaf_hash(b"\x01" + pair))], 4, hashes, root)


@pytest.mark.parametrize(
    ("indices", "size"),
    [
        ([], 5),
        ([1, 1], 5),
        ([2, 1], 5),
        ([0, 3, 2, 4], 5),
        ([5], 5),
        ([-1, 2], 5),
        ([0], 0),
        ([0], -1),
        ([0], TREE_SIZE_MAX + 1),
    ],
)
def test_indices_that_name_no_set_of_entries_are_refused(indices, size, tree):
    leaves = [(index, leaf_hash(b"")) for index in indices]
    with pytest.raises(MalformedProof):
        prove_many(indices, size, tree)
    with pytest.raises(MalformedProof):
        root_from_many(leaves, size, [])


def test_more_entries_than_a_bundle_may_hold_are_refused():
    with pytest.raises(TooLarge):
        multiproof_nodes(range(BUNDLE_STATEMENTS + 1), TREE_SIZE_MAX)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_hashes_of_another_length_are_refused(tree, length):
    hashes = prove_many([2, 3], 7, tree)
    leaves = tree.read_nodes([(0, 2), (0, 3)])
    with pytest.raises(MalformedProof, match=f"a hash has {length} bytes"):
        root_from_many([(2, leaves[0]), (3, leaves[1])], 7, [hashes[0], bytes(length)])
    with pytest.raises(MalformedProof, match=f"a leaf has {length} bytes"):
        root_from_many([(2, leaves[0]), (3, bytes(length))], 7, hashes)


def test_a_refusal_says_how_many_hashes_there_should_be(tree):
    with pytest.raises(MalformedProof, match=r"has 1 hashes .*exactly 2"):
        root_from_many([(2, leaf_hash(b"")), (3, leaf_hash(b""))], 7, [leaf_hash(b"")])
    with pytest.raises(ProofInvalid) as refusal:
        check_many([(0, leaf_hash(b""))], 1, [], tree.root())
    assert refusal.value.expected == tree.root().hex()


def test_a_claimed_size_costs_nothing_before_the_hashes_are_counted():
    """200,000 entries of the largest tree would need nine million hashes: the count alone refuses them."""
    step = TREE_SIZE_MAX // BUNDLE_STATEMENTS
    leaves = [(i * step, leaf_hash(b"")) for i in range(BUNDLE_STATEMENTS)]
    with pytest.raises(MalformedProof, match="exactly"):
        root_from_many(leaves, TREE_SIZE_MAX, [leaf_hash(b"")])


def test_fifty_thousand_entries_are_checked_at_once():
    count = 50_000
    tree = MemoryTree(leaf_hash(i.to_bytes(4, "big")) for i in range(2 * count + 77))
    chosen = arbitrary(tree.size, 1)[:count]
    assert len(chosen) == count
    leaves = [(index, leaf_hash(index.to_bytes(4, "big"))) for index in chosen]
    hashes = prove_many(chosen, tree.size, tree)
    check_many(leaves, tree.size, hashes, tree.root())
    leaves[count // 2] = (leaves[count // 2][0], leaf_hash(b"another"))
    with pytest.raises(ProofInvalid):
        check_many(leaves, tree.size, hashes, tree.root())
