"""The Merkle tree of RFC 9162 2.1: roots, inclusion proofs and consistency proofs.

The tree over the entries d[0], ..., d[n-1] has this root, all hashes being SHA-256:

    MTH()     = SHA-256("")
    MTH(d)    = SHA-256(0x00 || d)                                  a leaf hash
    MTH(D[n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n]))         k: the largest power of two below n

The two prefixes keep leaves and interior nodes apart, so that no node can be passed off as an entry. Five
entries make this tree; the node marked * is *ragged*, it lies on the right edge and is not complete:

                *                 root: changes with every append
              /   \\
          (2,0)    \\              a complete subtree `Node(level, index)` covers the entries
          /   \\     \\             [index << level, (index + 1) << level) and never changes again
      (1,0)   (1,1)   \\
      /  \\    /  \\     \\
     0    1  2    3     4         `Node(0, i)` is the leaf hash of entry i

Everything a growing log must remember to go on is its *right edge*: the roots of the complete subtrees that
tile it, largest first, here (2,0) and (0,4). The root folds them from right to left.

An inclusion path lists, from the leaf upwards, the subtrees that the way to the root passes by: for entry 2
of these five (0,3), (1,0), (0,4). A consistency path lists the subtrees from which both the old and the new
root can be computed: from size 3 to size 5 they are (0,2), (0,3), (1,0), (0,4). The length of either is
fixed by the numbers alone, at most 64 hashes, and is checked before anything is hashed.

Nothing can be learned about a log from its empty tree, so there is no consistency proof from size 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final, NamedTuple, Protocol

from ledger.errors import MalformedProof, ProofInvalid
from ledger.limits import TREE_SIZE_MAX
from ledger.units import HASH_BYTES, Hash, LeafIndex, TreeSize

EMPTY_ROOT: Final = Hash(sha256(b"").digest())
"""The root of the tree without entries."""

_NO_ENTRIES: Final = TreeSize(0)


def leaf_hash(entry: bytes) -> Hash:
    """SHA-256(0x00 || entry), RFC 9162 2.1.1."""
    return Hash(sha256(b"\x00" + entry).digest())


def node_hash(left: Hash, right: Hash) -> Hash:
    """SHA-256(0x01 || left || right), RFC 9162 2.1.1."""
    return Hash(sha256(b"\x01" + left + right).digest())


class Node(NamedTuple):
    """A complete subtree: the entries [index << level, (index + 1) << level). Its hash never changes."""

    level: int
    index: int  # type: ignore[assignment]  # the specifications' word; tuple.index is not used on nodes


class Subtree(NamedTuple):
    """Any node of the tree, complete or ragged, by the entries [start, stop) that it covers."""

    start: int
    stop: int


class NodeReader(Protocol):
    """Where the hashes of complete subtrees come from: a list, a store, tiles fetched from a mirror."""

    def read_nodes(self, nodes: Sequence[Node]) -> list[Hash]:
        """The hashes of `nodes`, as many as were asked for and in their order.

        Only nodes that are complete in the tree proved about are asked for, each proof in a single call and
        none of them twice, so an implementation may read each tile once. It raises its own declared error
        if a hash is missing, and never answers with fewer.
        """
        ...


class RightEdge:
    """A growing tree reduced to what appending needs: at most 63 hashes (a compact range)."""

    __slots__ = ("_hashes", "_size")

    def __init__(self, size: TreeSize = _NO_ENTRIES, hashes: Sequence[Hash] = ()) -> None:
        """Go on at `size` with the hashes of `right_edge_nodes(size)`. Raises `MalformedProof`."""
        _require_size(size)
        _require_hashes(hashes, size.bit_count(), f"the right edge of size {size}")
        self._size = size
        self._hashes = list(hashes)

    @property
    def size(self) -> TreeSize:
        """How many entries have been appended."""
        return self._size

    @property
    def hashes(self) -> tuple[Hash, ...]:
        """The hashes of `right_edge_nodes(size)`, largest subtree first."""
        return tuple(self._hashes)

    def append(self, subtree: Hash, level: int = 0) -> list[Hash]:
        """Append a leaf hash, or at `level` l the root of 2^l entries at once, where the size allows it.

        Returns the hashes that this completes, from the given one upwards: element i belongs to
        `Node(level + i, old_size >> (level + i))`. Of a leaf's column every eighth (`column[::8]`) goes into
        a tile, of level 0, 1, 2, ... Costs one hash on average, log2(size) at most.
        """
        added = 1 << level
        assert len(subtree) == HASH_BYTES
        assert self._size % added == 0, "a subtree starts where subtrees of its size start"
        assert self._size + added <= TREE_SIZE_MAX
        edge = self._hashes
        column = [subtree]
        # As in adding 1 to a binary number: each carry joins two equal subtrees.
        carry = self._size >> level
        while carry & 1:
            subtree = node_hash(edge.pop(), subtree)
            column.append(subtree)
            carry >>= 1
        edge.append(subtree)
        self._size = TreeSize(self._size + added)
        return column

    def root(self) -> Hash:
        """The root at this size. Costs one hash for each subtree on the edge but the first."""
        return fold(self._hashes) if self._hashes else EMPTY_ROOT

    def copy(self) -> RightEdge:
        """An independent copy, to append to tentatively."""
        return RightEdge(self._size, self._hashes)


class MemoryTree:
    """A whole tree in memory, two hashes an entry: for clients, bundles and tests. A `NodeReader`."""

    __slots__ = ("_edge", "_levels")

    def __init__(self, leaves: Iterable[Hash] = ()) -> None:
        self._edge = RightEdge()
        self._levels: list[list[Hash]] = []
        for leaf in leaves:
            self.append(leaf)

    @property
    def size(self) -> TreeSize:
        """How many leaves have been appended."""
        return self._edge.size

    def append(self, leaf: Hash) -> None:
        """Append a leaf hash."""
        for level, completed in enumerate(self._edge.append(leaf)):
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(completed)

    def root(self) -> Hash:
        """The root at the present size."""
        return self._edge.root()

    def read_nodes(self, nodes: Sequence[Node]) -> list[Hash]:
        """See `NodeReader`; every complete subtree is there."""
        return [self._levels[level][index] for level, index in nodes]


def fold(hashes: Sequence[Hash]) -> Hash:
    """The root of adjacent subtrees of falling size, the way MTH joins them: from right to left."""
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def subtree_nodes(subtree: Subtree) -> list[Node]:
    """The complete subtrees that tile a subtree, largest first: one if it is complete, else several."""
    nodes = []
    start, stop = subtree
    while start < stop:
        level = (stop - start).bit_length() - 1
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return nodes


def right_edge_nodes(size: TreeSize) -> list[Node]:
    """The complete subtrees that tile a whole tree, largest first: one for each 1 in the size's binary form.

    Raises `MalformedProof` if the size is out of bounds.
    """
    _require_size(size)
    return subtree_nodes(Subtree(0, size))


def read_subtrees(subtrees: Sequence[Subtree], reader: NodeReader) -> tuple[Hash, ...]:
    """The hashes of subtrees, complete or ragged, in their order, with one call of the reader."""
    tilings = [subtree_nodes(subtree) for subtree in subtrees]
    wanted = [node for tiling in tilings for node in tiling]
    hashes = reader.read_nodes(wanted)
    assert len(hashes) == len(wanted), "the reader's contract"
    supply = iter(hashes)
    return tuple(fold([next(supply) for _ in tiling]) for tiling in tilings)


def root_at(size: TreeSize, reader: NodeReader) -> Hash:
    """The root the tree had at `size`, from at most 63 nodes. Raises `MalformedProof` for the size."""
    _require_size(size)
    return read_subtrees([Subtree(0, size)], reader)[0] if size else EMPTY_ROOT


def prove_inclusion(
    index: LeafIndex, size: TreeSize, reader: NodeReader, known: dict[Subtree, Hash] | None = None
) -> tuple[Hash, ...]:
    """PATH(index, D[size]) of RFC 9162 2.1.3.1: the proof that entry `index` is in the tree of `size`.

    Reads at most 63 + 62 nodes. Who proves many entries of one tree gives `known` each time, and what their paths share
    is read once. Raises `MalformedProof` if there is no such entry.
    """
    _require_index(index, size)
    passed_by = []
    start, stop = 0, int(size)
    while stop - start > 1:
        middle = start + _left_width(stop - start)
        if index < middle:
            passed_by.append(Subtree(middle, stop))
            stop = middle
        else:
            passed_by.append(Subtree(start, middle))
            start = middle
    passed_by.reverse()
    if known is None:
        return read_subtrees(passed_by, reader)
    missing = [subtree for subtree in passed_by if subtree not in known]
    known.update(zip(missing, read_subtrees(missing, reader), strict=True))
    return tuple(known[subtree] for subtree in passed_by)


def root_from_inclusion(leaf: Hash, index: LeafIndex, size: TreeSize, path: Sequence[Hash]) -> Hash:
    """The root that the tree of `size` has if `leaf` is at `index` and `path` is right: RFC 9162 2.1.3.2.

    Proves nothing until the result is compared with a root that is trusted. Raises `MalformedProof`.
    """
    _require_index(index, size)
    _require_hashes([leaf], 1, "the leaf")
    _require_hashes(path, path_length(index, size), f"the path of entry {index} at size {size}")
    # Names of the RFC: fn and sn are the places of this node and of the last node on the present level.
    fn, sn = int(index), size - 1
    root = leaf
    for sibling in path:
        if fn & 1 or fn == sn:
            root = node_hash(sibling, root)
            while not fn & 1 and fn:  # levels on which this ragged node has no sibling
                fn, sn = fn >> 1, sn >> 1
        else:
            root = node_hash(root, sibling)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0, "a path of the right length ends at the root"
    return root


def check_inclusion(leaf: Hash, index: LeafIndex, size: TreeSize, path: Sequence[Hash], root: Hash) -> None:
    """Check that the tree of `size` with `root` has `leaf` at `index`: RFC 9162 2.1.3.2.

    Raises `MalformedProof` if the numbers and lengths cannot be a proof, `ProofInvalid` if it proves another
    root. Costs one hash for each element of the path.
    """
    computed = root_from_inclusion(leaf, index, size, path)
    if computed != root:
        raise ProofInvalid(
            f"the inclusion proof of entry {index} at size {size} leads to the root {computed.hex()}",
            expected=root.hex(),
            hint="the entry, its place, the path or the root is not the one this proof was made for",
        )


def prove_consistency(old: TreeSize, new: TreeSize, reader: NodeReader) -> tuple[Hash, ...]:
    """PROOF(old, D[new]) of RFC 9162 2.1.4.1: the proof that the tree of `new` only extends that of `old`.

    Empty if the sizes are equal. Reads at most 64 + 62 nodes. Raises `MalformedProof` if `old` is 0 or
    above `new`.
    """
    _require_sizes(old, new)
    passed_by = []
    start, stop = 0, int(new)
    while stop != old:
        middle = start + _left_width(stop - start)
        if old <= middle:
            passed_by.append(Subtree(middle, stop))
            stop = middle
        else:
            passed_by.append(Subtree(start, middle))
            start = middle
    if start:  # else this subtree is the whole old tree, whose root the checker holds
        passed_by.append(Subtree(start, stop))
    return read_subtrees(passed_by[::-1], reader)


def check_consistency(
    old_size: TreeSize, old_root: Hash, new_size: TreeSize, new_root: Hash, path: Sequence[Hash]
) -> None:
    """Check that the tree with `new_root` starts with all entries of the one with `old_root`.

    RFC 9162 2.1.4.2, and for equal sizes that the roots are equal and the path empty. Raises
    `MalformedProof` if the numbers and lengths cannot be a proof, `ProofInvalid` if either root differs.
    Costs at most two hashes for each element of the path.
    """
    computed = root_from_consistency(old_size, old_root, new_size, path)
    _require_root(old_size, new_size, new_size, computed, new_root)


def root_from_consistency(
    old_size: TreeSize, old_root: Hash, new_size: TreeSize, path: Sequence[Hash]
) -> Hash:
    """The root that a tree of `new_size` has if it starts with the one of `old_root` and the path is right.

    RFC 9162 2.1.4.2. Proves nothing until the result is compared with a root that is trusted. Raises as
    `check_consistency`.
    """
    _require_sizes(old_size, new_size)
    what = f"the path from size {old_size} to {new_size}"
    if old_size == new_size:
        _require_hashes(path, 0, what)
        return old_root
    width = old_size & -old_size  # of the old tree's last complete subtree: on its level the path starts
    length = path_length(LeafIndex(old_size // width - 1), TreeSize((new_size - 1) // width + 1))
    is_whole = width == old_size  # that subtree is the old tree, which the path leaves out
    _require_hashes(path, length if is_whole else 1 + length, what)
    if is_whole:
        _require_hashes([old_root], 1, "the old root")
        path = [old_root, *path]
    old_computed, new_computed = _climb_both(path, old_size, new_size)
    _require_root(old_size, new_size, old_size, old_computed, old_root)
    return new_computed


def _require_root(old_size: TreeSize, new_size: TreeSize, size: TreeSize, computed: Hash, root: Hash) -> None:
    if computed != root:
        raise ProofInvalid(
            f"the consistency proof from size {old_size} to {new_size} leads to the root "
            f"{computed.hex()} at size {size}",
            expected=root.hex(),
            hint="fetch the proof again; if none fits two checkpoints that the log signed, keep both: "
            "they are evidence of two histories",
        )


def _climb_both(path: Sequence[Hash], old: TreeSize, new: TreeSize) -> tuple[Hash, Hash]:
    """Steps 3 to 6 of RFC 9162 2.1.4.2: the old and the new root, computed side by side."""
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old_root = new_root = path[0]
    for sibling in path[1:]:
        if fn & 1 or fn == sn:
            old_root = node_hash(sibling, old_root)
            new_root = node_hash(sibling, new_root)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new_root = node_hash(new_root, sibling)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0, "a path of the right length ends at the root"
    return old_root, new_root


def path_length(index: LeafIndex, size: TreeSize) -> int:
    """How many hashes an inclusion path has.

    Below the level where the ways to this entry and to the last one part there is a sibling on every level;
    above it the way runs along the right edge, where only the left siblings exist.
    """
    parting = (index ^ (size - 1)).bit_length()
    return parting + (index >> parting).bit_count()


def _left_width(width: int) -> int:
    """k of RFC 9162 2.1.1: the largest power of two below `width`, which is at least 2."""
    return 1 << ((width - 1).bit_length() - 1)


def _require_size(size: int) -> None:
    if not 0 <= size <= TREE_SIZE_MAX:
        raise MalformedProof(f"{size} is not a tree size", expected="0 to 2^63 - 1")


def _require_index(index: int, size: int) -> None:
    _require_size(size)
    if not 0 <= index < size:
        raise MalformedProof(f"no entry {index} in a tree of size {size}", expected="an index below the size")


def _require_sizes(old: int, new: int) -> None:
    _require_size(new)
    if not 0 < old <= new:
        raise MalformedProof(
            f"no consistency proof leads from size {old} to size {new}",
            expected="0 < old size <= new size: an empty tree is the start of every log",
        )


def _require_hashes(hashes: Sequence[Hash], count: int, what: str) -> None:
    if len(hashes) != count:
        raise MalformedProof(f"{what} has {len(hashes)} hashes", expected=f"exactly {count}")
    for found in hashes:
        if len(found) != HASH_BYTES:
            raise MalformedProof(f"a hash of {what} has {len(found)} bytes", expected=f"{HASH_BYTES}")
