"""Every tree of 0 to 130 entries: every proof against the RFC's own recursion, and every way to spoil it.

Spoiling by single bits has 29 million cases for these sizes. Here every bit of every hash is flipped up to
size 33, and beyond that one bit of every hash of every proof, another one each time. All of them are in
test_merkle_every_bit.py, which takes minutes.
"""

import pytest

from ledger.errors import TallyError
from ledger.proof.merkle import (
    MemoryTree,
    check_consistency,
    check_inclusion,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    root_at,
    root_from_inclusion,
)

LARGEST = 130
EVERY_BIT_UP_TO = 33


@pytest.fixture(scope="module")
def tree(naive):
    return MemoryTree(naive.leaf(i) for i in range(LARGEST))


def is_refused(check, *arguments) -> bool:
    try:
        check(*arguments)
    except TallyError:
        return True
    return False


def with_flipped(path, place, bit):
    number = int.from_bytes(path[place], "big") ^ 1 << bit
    return [*path[:place], number.to_bytes(32, "big"), *path[place + 1 :]]


def bits_to_flip(size, turn):
    return range(256) if size <= EVERY_BIT_UP_TO else [turn * 7 % 256]


def reshaped(path):
    """The path cut and lengthened at either end, in the middle, doubled, swapped and reversed."""
    stranger = leaf_hash(b"stranger")
    middle = len(path) // 2
    yield [stranger, *path]
    yield [*path, stranger]
    yield [*path[:middle], stranger, *path[middle:]]
    if path:
        yield path[1:]
        yield path[:-1]
        yield []
        yield [*path, path[-1]]
    for i in range(len(path) - 1):
        yield [*path[:i], path[i + 1], path[i], *path[i + 2 :]]
    if len(path) > 1:
        yield path[::-1]


def test_roots_are_those_of_the_definition(naive, tree):
    for size in range(LARGEST + 1):
        assert root_at(size, tree) == naive.root(size)


def test_inclusion_proofs_are_those_of_the_definition_and_check(naive, tree):
    for size in range(1, LARGEST + 1):
        for index in range(size):
            path = prove_inclusion(index, size, tree)
            assert list(path) == naive.path(index, 0, size)
            check_inclusion(naive.leaf(index), index, size, path, naive.root(size))


def test_consistency_proofs_are_those_of_the_definition_and_check(naive, tree):
    for new in range(1, LARGEST + 1):
        for old in range(1, new + 1):
            path = prove_consistency(old, new, tree)
            assert list(path) == naive.proof(old, new)
            check_consistency(old, naive.root(old), new, naive.root(new), path)


def test_no_inclusion_proof_survives_a_flipped_bit(naive):
    turn = 0
    for size in range(1, LARGEST + 1):
        root = naive.root(size)
        for index in range(size):
            leaf, path = naive.leaf(index), naive.path(index, 0, size)
            for place in range(len(path)):
                for bit in bits_to_flip(size, turn := turn + 1):
                    assert root_from_inclusion(leaf, index, size, with_flipped(path, place, bit)) != root
            for spoilt_leaf, spoilt_root in (
                (with_flipped([leaf], 0, turn % 256)[0], root),
                (leaf, with_flipped([root], 0, turn % 256)[0]),
            ):
                assert is_refused(check_inclusion, spoilt_leaf, index, size, path, spoilt_root)


def test_no_consistency_proof_survives_a_flipped_bit(naive):
    turn = 0
    for new in range(1, LARGEST + 1):
        for old in range(1, new + 1):
            roots, path = (naive.root(old), naive.root(new)), naive.proof(old, new)
            for place in range(len(path)):
                for bit in bits_to_flip(new, turn := turn + 1):
                    spoilt = with_flipped(path, place, bit)
                    assert is_refused(check_consistency, old, roots[0], new, roots[1], spoilt)
            for place in range(2):
                spoilt_old, spoilt_new = with_flipped(roots, place, turn % 256)
                assert is_refused(check_consistency, old, spoilt_old, new, spoilt_new, path)


def test_no_inclusion_proof_holds_for_another_place(naive):
    for size in range(1, LARGEST + 1):
        root = naive.root(size)
        for index in range(size):
            leaf, path = naive.leaf(index), naive.path(index, 0, size)
            for other in range(-1, size + 1):
                assert other == index or is_refused(check_inclusion, leaf, other, size, path, root)


def test_no_inclusion_proof_holds_under_the_root_of_another_size(naive):
    for size in range(1, LARGEST):
        for index in range(size):
            leaf, path = naive.leaf(index), naive.path(index, 0, size)
            for other in (size - 1, size + 1):
                assert is_refused(check_inclusion, leaf, index, other, path, naive.root(other))
                assert is_refused(check_inclusion, leaf, index, size, path, naive.root(other))


def test_a_size_off_by_one_is_refused_wherever_the_path_can_tell(naive):
    """An audit path alone does not fix the size: RFC 9162 lets one path and root stand for several sizes.

    It must be refused whenever the way to the root has another shape at the other size. Where it has the
    same shape the same root comes out, which is why checkpoints and receipts sign the size beside the root.
    """
    for size in range(1, LARGEST):
        root = naive.root(size)
        for index in range(size):
            leaf, path = naive.leaf(index), naive.path(index, 0, size)
            for other in (size - 1, size + 1):
                same_shape = index < other and sides(naive, index, other) == sides(naive, index, size)
                assert is_refused(check_inclusion, leaf, index, other, path, root) is not same_shape


def sides(naive, index, size) -> list[str]:
    """On which side each hash of a path stands, from the root down."""
    if size == 1:
        return []
    k = naive.k(size)
    return ["right", *sides(naive, index, k)] if index < k else ["left", *sides(naive, index - k, size - k)]


def test_no_consistency_proof_holds_for_other_sizes_with_their_roots(naive):
    for new in range(1, LARGEST):
        for old in range(1, new + 1):
            path = naive.proof(old, new)
            for other_old, other_new in (old - 1, new), (old + 1, new), (old, new - 1), (old, new + 1):
                if path or other_old != other_new:
                    roots = naive.root(other_old), naive.root(other_new)
                    assert is_refused(check_consistency, other_old, roots[0], other_new, roots[1], path), (
                        old,
                        new,
                        other_old,
                        other_new,
                    )


def test_no_consistency_proof_holds_between_other_roots(naive):
    for new in range(2, LARGEST + 1):
        for old in range(1, new):
            roots, path = (naive.root(old), naive.root(new)), naive.proof(old, new)
            assert is_refused(check_consistency, old, roots[1], new, roots[0], path)
            assert is_refused(check_consistency, new, roots[1], old, roots[0], path)
            assert is_refused(check_consistency, old, naive.root(old - 1), new, roots[1], path)
            assert is_refused(check_consistency, old, roots[0], new, naive.root(new - 1), path)


def test_no_path_survives_being_cut_lengthened_or_reordered(naive):
    for size in range(1, LARGEST + 1):
        root = naive.root(size)
        for number in range(1, size + 1):
            leaf, path = naive.leaf(number - 1), naive.path(number - 1, 0, size)
            for spoilt in reshaped(path):
                assert is_refused(check_inclusion, leaf, number - 1, size, spoilt, root)
            for spoilt in reshaped(naive.proof(number, size)):
                assert is_refused(check_consistency, number, naive.root(number), size, root, spoilt)


def test_no_inclusion_proof_holds_for_another_entry(naive):
    for size in range(2, LARGEST + 1):
        for index in range(size):
            path, other = naive.path(index, 0, size), naive.leaf((index + 1) % size)
            assert is_refused(check_inclusion, other, index, size, path, naive.root(size))


def test_an_interior_node_is_no_entry(naive):
    """Second preimage: the bytes under a node, offered as an entry one level higher up."""
    for size in range(2, LARGEST + 1):
        for index in range(0, size - 1, 2):
            node_bytes = naive.leaf(index) + naive.leaf(index + 1)
            upper, path = (size + 1) // 2, naive.path(index, 0, size)[1:]
            root = naive.root(size)
            assert is_refused(check_inclusion, leaf_hash(node_bytes), index // 2, upper, path, root)
            assert is_refused(check_inclusion, leaf_hash(b"\x01" + node_bytes), index // 2, upper, path, root)


def test_the_root_is_no_entry(naive):
    for size in range(2, LARGEST + 1):
        root = naive.root(size)
        assert is_refused(check_inclusion, root, 0, size, [], root)
        assert is_refused(check_inclusion, leaf_hash(root), 0, 1, [], root)
        assert is_refused(check_inclusion, root, 0, size, naive.path(0, 0, size), root)
