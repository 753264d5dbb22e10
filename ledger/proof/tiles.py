"""The tree cut into tiles of 256 hashes: the static files of C2SP tlog-tiles.

Tile n of level l holds the hashes of up to 256 consecutive complete subtrees of 256^l entries each:

    hash i of it = MTH(D[(256 n + i) 256^l : (256 n + i + 1) 256^l]) = Node(8 l, 256 n + i)

as 32 bytes each, so 8192 when full. A tile with fewer is *partial*; only at the right end, and never empty.
The seven levels of nodes between two levels of tiles are hashed from the tile below when needed, and the
root of a full tile is one hash in the tile above it. An *entry bundle* lies beside each tile of level 0 and
holds the entries themselves, each as a big-endian 16-bit length and that many bytes.

    tile/<L>/<N>[.p/<W>]           L: level, N: number of the tile, W: width of a partial tile, 1 to 255
    tile/entries/<N>[.p/<W>]

N is written in groups of three digits, all but the last after an `x`: 1234067 is `x001/x234/067`. Every
tile has exactly one path. A log of 70,000 entries has 273 full tiles and one of width 112 on level 0, one
full and one of width 17 on level 1, and one of width 1 on level 2: `tile/2/000.p/1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.errors import MalformedProof
from ledger.limits import TILE_WIDTH, TREE_SIZE_MAX
from ledger.proof.merkle import Node, node_hash
from ledger.units import HASH_BYTES, Hash, TreeSize

TILE_HEIGHT: Final = TILE_WIDTH.bit_length() - 1
"""Levels of nodes in a tile: 8."""

ENTRY_BYTES_MAX: Final = 2**16 - 1
_LENGTH_BYTES: Final = 2

# At most seven groups: 2^63 has 19 digits. The one canonical form is checked by writing it again.
_NUMBER: Final = r"(?P<number>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
_TILE_PATH: Final = re.compile(rf"tile/(?P<level>[0-9]{{1,2}})/{_NUMBER}")
_ENTRIES_PATH: Final = re.compile(rf"tile/entries/{_NUMBER}")


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A tile's place and width (1 to 256); on level 0 it also names the entry bundle beside it."""

    level: int
    index: int
    width: int

    @property
    def is_full(self) -> bool:
        """Whether it holds 256 hashes and will never be written again."""
        return self.width == TILE_WIDTH


def tile_path(tile: Tile) -> str:
    """The path of a tile's hashes, such as `tile/1/x001/x234/067.p/17`."""
    return f"tile/{tile.level}/{_format_number(tile)}"


def entries_path(tile: Tile) -> str:
    """The path of the entry bundle beside a tile of level 0, such as `tile/entries/067.p/17`."""
    assert tile.level == 0, "entries lie beside level 0"
    return f"tile/entries/{_format_number(tile)}"


def parse_tile_path(text: str) -> Tile:
    """Read a path of hashes; the inverse of `tile_path`. Raises `MalformedProof`."""
    match = _TILE_PATH.fullmatch(text)
    tile = _tile_named(match, int(match["level"])) if match else None
    if tile is None or tile_path(tile) != text:
        raise MalformedProof(f"{text[:80]!r} is not the path of a tile", expected="tile/<L>/<N>[.p/<W>]")
    return tile


def parse_entries_path(text: str) -> Tile:
    """Read a path of entries; the inverse of `entries_path`. Raises `MalformedProof`."""
    match = _ENTRIES_PATH.fullmatch(text)
    tile = _tile_named(match, 0) if match else None
    if tile is None or entries_path(tile) != text:
        raise MalformedProof(
            f"{text[:80]!r} is not the path of an entry bundle", expected="tile/entries/<N>[.p/<W>]"
        )
    return tile


def partial_width(size: TreeSize, level: int) -> int:
    """The width of the partial tile that ends `level` at `size`, 0 if there is none: size / 256^l mod 256."""
    return (size >> TILE_HEIGHT * level) % TILE_WIDTH


def tiles_at(size: TreeSize) -> Iterator[Tile]:
    """All tiles of a tree, level by level from the leaves, each from left to right."""
    return tiles_between(TreeSize(0), size)


def tiles_between(old: TreeSize, new: TreeSize) -> Iterator[Tile]:
    """The tiles of the tree of `new` that the tree of `old` did not have: what to publish after growth.

    A partial tile counts as another tile than a wider or the full one of the same number.
    """
    assert 0 <= old <= new <= TREE_SIZE_MAX
    level = 0
    while hashes := new >> TILE_HEIGHT * level:
        if hashes > old >> TILE_HEIGHT * level:
            for index in range(old >> TILE_HEIGHT * (level + 1), new >> TILE_HEIGHT * (level + 1)):
                yield Tile(level, index, TILE_WIDTH)
            if width := partial_width(new, level):
                yield Tile(level, hashes // TILE_WIDTH, width)
        level += 1


def tile_of(node: Node, size: TreeSize) -> Tile:
    """The tile of the tree of `size` from which `node`, complete at that size, is read or computed.

    Raises `MalformedProof` if the node is not complete at that size.
    """
    if not (node.level >= 0 and node.index >= 0 and (node.index + 1) << node.level <= size <= TREE_SIZE_MAX):
        raise MalformedProof(f"{node} is not a complete subtree at size {size}")
    level, rise = divmod(node.level, TILE_HEIGHT)
    index = (node.index << rise) // TILE_WIDTH
    width = min((size >> TILE_HEIGHT * level) - index * TILE_WIDTH, TILE_WIDTH)
    return Tile(level, index, width)


def node_in_tile(node: Node, hashes: Sequence[Hash]) -> Hash:
    """The hash of `node` from the hashes of its tile (see `tile_of`). Costs at most 127 hashes."""
    rise = node.level % TILE_HEIGHT
    start = (node.index << rise) % TILE_WIDTH
    covered = hashes[start : start + (1 << rise)]
    assert len(covered) == 1 << rise, "the node lies within its tile"
    return subtree_root(covered)


def subtree_root(hashes: Sequence[Hash]) -> Hash:
    """The root over 1, 2, 4, ... hashes; of a full tile it is the hash that goes into the tile above."""
    assert len(hashes).bit_count() == 1, "a complete subtree"
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def encode_tile(hashes: Sequence[Hash]) -> bytes:
    """The bytes of a tile: its hashes one after another."""
    assert 1 <= len(hashes) <= TILE_WIDTH
    return b"".join(hashes)


def decode_tile(data: bytes, tile: Tile) -> list[Hash]:
    """The hashes of `tile`; the inverse of `encode_tile`. Raises `MalformedProof` for any other width."""
    if len(data) != tile.width * HASH_BYTES:
        raise MalformedProof(
            f"{tile_path(tile)} has {len(data)} bytes", expected=f"{tile.width * HASH_BYTES}"
        )
    return [Hash(data[i : i + HASH_BYTES]) for i in range(0, len(data), HASH_BYTES)]


def encode_entry_bundle(entries: Sequence[bytes]) -> bytes:
    """The bytes of an entry bundle: each entry after its length (ours are 32 bytes, others' up to 65,535)."""
    assert 1 <= len(entries) <= TILE_WIDTH
    assert all(len(entry) <= ENTRY_BYTES_MAX for entry in entries)
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def decode_entry_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle, 1 to 256 of them; the inverse of `encode_entry_bundle`.

    Raises `MalformedProof` if they do not end where the data ends. Whether they are the right ones, and all
    of them, shows when `leaf_hash` of each is compared with the tile beside the bundle.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(data) and len(entries) < TILE_WIDTH:
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(data[at:start], "big")
        entries.append(data[start:at])
    if at != len(data) or not entries:
        raise MalformedProof(
            f"an entry bundle of {len(data)} bytes whose entry {len(entries)} ends at byte {at}",
            expected=f"1 to {TILE_WIDTH} entries, the last of which ends where the data ends",
        )
    return entries


def _format_number(tile: Tile) -> str:
    assert tile.index >= 0
    assert 1 <= tile.width <= TILE_WIDTH
    digits = str(tile.index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    number = "".join(f"x{group}/" for group in groups[:-1]) + groups[-1]
    return number if tile.is_full else f"{number}.p/{tile.width}"


def _tile_named(match: re.Match[str], level: int) -> Tile | None:
    """The tile of a path that fits the pattern; None if no tree is large enough to have it."""
    index = int(match["number"].replace("x", "").replace("/", ""))
    width = int(match["width"] or TILE_WIDTH)
    fits = width <= TILE_WIDTH and (index * TILE_WIDTH + width) << TILE_HEIGHT * level <= TREE_SIZE_MAX
    return Tile(level, index, width) if fits else None
