"""merkletools as an independent second implementation of the tree.

It knows no domain separation of its own; with RFC 9162's prefix in its hash function and ready leaf hashes
its roots and audit paths are those of the RFC. Nothing of it is used outside this test.
"""

import warnings
from hashlib import sha256

import pytest

from ledger.proof.merkle import MemoryTree, check_inclusion, leaf_hash, prove_inclusion

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns that it lacks SHA-3, which is not needed
    merkletools = pytest.importorskip("merkletools", reason="merkletools is not installed")

SMALL = range(1, 301)
AROUND_POWERS_OF_TWO = [*range(509, 516), *range(1021, 1028)]


def their_tree(leaves):
    tree = merkletools.MerkleTools()
    tree.hash_function = lambda data: sha256(b"\x01" + data)
    tree.add_leaf([leaf.hex() for leaf in leaves], do_hash=False)
    tree.make_tree()
    return tree


def their_path(tree, index):
    return [bytes.fromhex(value) for step in tree.get_proof(index) for value in step.values()]


@pytest.fixture(scope="module")
def leaves():
    return [leaf_hash(b"%d" % i) for i in range(max(AROUND_POWERS_OF_TWO))]


@pytest.mark.parametrize("sizes", [SMALL, AROUND_POWERS_OF_TWO], ids=["1 to 300", "around 512 and 1024"])
def test_roots_and_paths_are_the_same(leaves, sizes):
    for size in sizes:
        theirs, ours = their_tree(leaves[:size]), MemoryTree(leaves[:size])
        assert theirs.get_merkle_root() == ours.root().hex()
        for index in {*range(0, size, 13), size // 2, size - 2, size - 1} & set(range(size)):
            path = their_path(theirs, index)
            assert path == list(prove_inclusion(index, size, ours))
            check_inclusion(leaves[index], index, size, path, ours.root())


def test_our_paths_satisfy_their_check(leaves):
    size = 300
    theirs, ours = their_tree(leaves[:size]), MemoryTree(leaves[:size])
    for index in range(size):
        sides = [next(iter(step)) for step in theirs.get_proof(index)]
        path = prove_inclusion(index, size, ours)
        steps = [{side: value.hex()} for side, value in zip(sides, path, strict=True)]
        assert theirs.validate_proof(steps, leaves[index].hex(), ours.root().hex())
