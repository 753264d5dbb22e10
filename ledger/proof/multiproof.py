"""One shared proof that many entries are in one tree: what a bundle of evidence carries.

A path for each of a thousand entries repeats most of its hashes. A multiproof lists every hash once: the
roots of the *maximal subtrees* (nodes of the RFC 9162 2.1.1 split) that contain none of the given entries,
from left to right. Together with the given leaves they tile the tree:

    entries 2 and 3 of 7:           *
                                  /   \\
                             (2,0)     [4,7)           proof: (1,0), [4,7)
                             /   \\
                        (1,0)   (1,1)
                                /   \\
                               2     3

The last hash may be that of a ragged subtree, here [4,7), which the prover composes from complete ones.
How many hashes there must be follows from the indices and the size alone, and is checked before anything
is hashed. The order of the entries in the proof is that of the tree; the wire form around it belongs to the
file that carries it (specs/bundle.md).

The root is computed in one pass from left to right: leaves and proof hashes are appended to a right edge,
so the work is one hash for each of them, whatever size the tree claims to have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ledger.errors import MalformedProof, ProofInvalid, TooLarge
from ledger.limits import BUNDLE_STATEMENTS, TREE_SIZE_MAX
from ledger.proof.merkle import (
    NodeReader,
    RightEdge,
    Subtree,
    fold,
    path_length,
    read_subtrees,
)
from ledger.units import HASH_BYTES, Hash, LeafIndex, TreeSize


def multiproof_nodes(indices: Sequence[LeafIndex], size: TreeSize) -> list[Subtree]:
    """The maximal subtrees without any of the given entries, from left to right.

    `indices` are strictly ascending, at least one. Raises `MalformedProof`, `TooLarge`. Costs O(1) for each
    index and each subtree.
    """
    _require_indices(indices, size)
    return [subtree for gap in _gaps(indices, size) for subtree in gap]


def prove_many(indices: Sequence[LeafIndex], size: TreeSize, reader: NodeReader) -> tuple[Hash, ...]:
    """The shared proof that the entries at `indices` (strictly ascending) are in the tree of `size`.

    One call of the reader. Raises `MalformedProof`, `TooLarge`.
    """
    return read_subtrees(multiproof_nodes(indices, size), reader)


def root_from_many(leaves: Sequence[tuple[LeafIndex, Hash]], size: TreeSize, hashes: Sequence[Hash]) -> Hash:
    """The root that the tree of `size` has if `leaves` (index, leaf hash) and `hashes` are right.

    Proves nothing until the result is compared with a root that is trusted. Raises `MalformedProof`,
    `TooLarge`.
    """
    indices = [index for index, _ in leaves]
    _require_indices(indices, size)
    _require_hashes(indices, size, [leaf for _, leaf in leaves], hashes)
    edge = RightEdge()
    supply = iter(hashes)
    given = iter(leaves)
    for gap in _gaps(indices, size):
        for start, stop in gap:
            width = stop - start
            if width & (width - 1):  # ragged, so the last of all: it closes the tree
                return fold([*edge.hashes, next(supply)])
            edge.append(next(supply), width.bit_length() - 1)
        if edge.size < size:
            edge.append(next(given)[1])
    return edge.root()


def check_many(
    leaves: Sequence[tuple[LeafIndex, Hash]], size: TreeSize, hashes: Sequence[Hash], root: Hash
) -> None:
    """Check that the tree of `size` with `root` has all of `leaves` (index, leaf hash; strictly ascending).

    Raises `MalformedProof` or `TooLarge` if the numbers and lengths cannot be a proof, `ProofInvalid` if it
    proves another root. Costs one hash for each leaf and each proof hash.
    """
    computed = root_from_many(leaves, size, hashes)
    if computed != root:
        raise ProofInvalid(
            f"the proof of {len(leaves)} entries at size {size} leads to the root {computed.hex()}",
            expected=root.hex(),
            hint="an entry, its place, a hash or the root is not the one this proof was made for",
        )


def _gaps(indices: Sequence[LeafIndex], size: TreeSize) -> Iterator[list[Subtree]]:
    """The subtrees before the first index, between each two and after the last: one more than indices."""
    yield _before(indices[0], indices[0].bit_length())
    for left, right in pairwise(indices):
        # Where the ways to the two part, both keep to the inside of that node.
        parting = (left ^ right).bit_length() - 1
        yield _after(left, parting, size) + _before(right, parting)
    yield _after(indices[-1], (size - 1).bit_length(), size)


def _before(index: int, levels: int) -> list[Subtree]:
    """The left siblings on the lowest `levels` levels of the way to an entry: from the highest down."""
    siblings = []
    for level in range(levels - 1, -1, -1):
        if index >> level & 1:
            stop = index >> level << level
            siblings.append(Subtree(stop - (1 << level), stop))
    return siblings


def _after(index: int, levels: int, size: int) -> list[Subtree]:
    """The right siblings on the lowest `levels` levels of the way to an entry, cut at `size`: upwards."""
    siblings = []
    for level in range(levels):
        start = (index >> level) + 1 << level
        if start >= size:
            break
        if not index >> level & 1:
            siblings.append(Subtree(start, min(start + (1 << level), size)))
    return siblings


def _hash_count(indices: Sequence[LeafIndex], size: TreeSize) -> int:
    """How many subtrees `_gaps` yields, counted without listing them (a claimed size may be 2^63 - 1)."""
    first, last = indices[0], indices[-1]
    count = first.bit_count() + path_length(last, size) - last.bit_count()
    for left, right in pairwise(indices):
        parting = (left ^ right).bit_length() - 1
        below = (1 << parting) - 1
        count += (~left & below).bit_count() + (right & below).bit_count()
    return count


def _require_indices(indices: Sequence[LeafIndex], size: TreeSize) -> None:
    if len(indices) > BUNDLE_STATEMENTS:
        raise TooLarge(f"a proof of {len(indices)} entries", expected=f"at most {BUNDLE_STATEMENTS}")
    if not indices:
        raise MalformedProof("a proof of no entry", expected="at least one")
    if not size <= TREE_SIZE_MAX or not 0 <= indices[0] <= indices[-1] < size:
        raise MalformedProof(
            f"entries {indices[0]} to {indices[-1]} do not lie in a tree of size {size}",
            expected="indices below the size, a size of at most 2^63 - 1",
        )
    for left, right in pairwise(indices):
        if left >= right:
            raise MalformedProof(
                f"index {right} after index {left}", expected="strictly ascending indices, each once"
            )


def _require_hashes(
    indices: Sequence[LeafIndex], size: TreeSize, leaves: Sequence[Hash], hashes: Sequence[Hash]
) -> None:
    count = _hash_count(indices, size)
    if len(hashes) != count:
        raise MalformedProof(
            f"the proof of {len(indices)} entries at size {size} has {len(hashes)} hashes",
            expected=f"exactly {count}",
        )
    for part, what in (leaves, "a leaf"), (hashes, "a hash"):
        for found in part:
            if len(found) != HASH_BYTES:
                raise MalformedProof(f"{what} has {len(found)} bytes", expected=f"{HASH_BYTES}")
