"""specs/log.md: every value it shows is right, and it names every broken vector with its code."""

import json
import re
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

import pytest

from ledger import limits
from ledger.proof.merkle import (
    MemoryTree,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    right_edge_nodes,
    root_at,
)
from ledger.proof.multiproof import prove_many
from ledger.proof.tiles import encode_entry_bundle, tile_path, tiles_at

SPECS = Path(__file__).parents[3] / "specs"
VECTORS = SPECS / "vectors" / "proof"
PAGE = (SPECS / "log.md").read_text()
INDEX = json.loads((VECTORS / "index.json").read_text())

ENTRIES = [sha256(b"statement %d" % i).digest() for i in range(7)]
TREE = MemoryTree(map(leaf_hash, ENTRIES))
CHAIN = list(accumulate(ENTRIES, lambda chain, entry: sha256(chain + entry).digest(), initial=bytes(32)))[1:]


def in_order(hashes):
    return "\n".join(value.hex() for value in hashes)


def block_after(words):
    """The first fenced block behind these words."""
    return PAGE.split(words, 1)[1].split("```\n", 2)[1]


def test_entries_leaves_roots_and_chain():
    for index, entry in enumerate(ENTRIES):
        assert f"| {index} | `{entry.hex()}` | `{leaf_hash(entry).hex()}` |\n" in PAGE
        assert f"| {index} | `{CHAIN[index].hex()}` |\n" in PAGE
    for size in range(8):
        assert f"| {size} | `{root_at(size, TREE).hex()}` |\n" in PAGE


def test_the_right_edge():
    for node, value in zip(right_edge_nodes(7), TREE.read_nodes(right_edge_nodes(7)), strict=True):
        assert f"({node.level},{node.index})  {value.hex()}\n" in PAGE
    assert f"= {TREE.root().hex()}\n" in PAGE


@pytest.mark.parametrize(
    ("file", "hashes"),
    [
        ("inclusion/good.json", prove_inclusion(4, 7, TREE)),
        ("consistency/good.json", prove_consistency(3, 7, TREE)),
        ("multiproof/good.json", prove_many([2, 3], 7, TREE)),
    ],
)
def test_the_proofs_are_shown_as_they_stand_in_the_vectors(file, hashes):
    assert block_after(f"[{file}]") == in_order(hashes) + "\n"
    vector = json.loads((VECTORS / file).read_text())
    assert vector.get("path", vector.get("hashes")) == [value.hex() for value in hashes]


def test_the_checkpoint_and_the_key():
    assert block_after("[checkpoint/good.txt]") == (VECTORS / "checkpoint" / "good.txt").read_text()
    assert f"```\n{INDEX['log']['vkey']}\n```" in PAGE


def test_the_receipt_is_its_annotated_bytes_joined():
    rows = block_after("[receipt/good.cbor]").splitlines()
    assert (
        bytes.fromhex("".join(row.split()[0] for row in rows)) == (VECTORS / "receipt/good.cbor").read_bytes()
    )


def test_the_tiles():
    assert f"```\n{encode_entry_bundle(ENTRIES)[:36].hex()}\n```" in PAGE
    for size in (7, 256, 70_000):
        for tile in tiles_at(size):
            if not tile.is_full or size == 256:
                assert f"`{tile_path(tile)}`" in PAGE


def test_no_hash_is_shown_that_is_not_checked():
    known = {value.hex() for value in [*ENTRIES, *map(leaf_hash, ENTRIES), *CHAIN]}
    known |= {root_at(size, TREE).hex() for size in range(8)}
    known |= {value.hex() for value in TREE.read_nodes(right_edge_nodes(7))}
    for proof in prove_inclusion(4, 7, TREE), prove_consistency(3, 7, TREE), prove_many([2, 3], 7, TREE):
        known |= {value.hex() for value in proof}
    assert set(re.findall(r"\b[0-9a-f]{64}\b", PAGE)) <= known


def test_the_limits():
    for value in (limits.BUNDLE_STATEMENTS, limits.NOTE_BYTES, limits.RECEIPT_BYTES):
        assert f"{value:,}" in PAGE
    assert f"{limits.NOTE_SIGNATURES} signatures" in PAGE
    assert limits.TREE_SIZE_MAX == 2**63 - 1


def test_every_broken_vector_stands_beside_its_code_and_nowhere_else():
    shown = set()
    kinds: list[str] = []
    for line in PAGE.splitlines():
        if line.startswith("| code |"):
            kinds = re.findall(r"`([a-z-]+)/bad-`", line)
        elif match := re.fullmatch(r"\| `([a-z-]+)` \| .* \| (.*)\|", line):
            shown |= {(match[1], name) for name in re.findall(r"`([a-z0-9-]+)`", match[2])}
            assert kinds
    listed = {
        (row["expect"], Path(row["file"]).stem.removeprefix("bad-"))
        for row in INDEX["vectors"]
        if row["expect"] != "ok"
    }
    assert shown == listed
