"""Every single bit of every hash of every proof of every tree of up to 130 entries, flipped: minutes of work.

The normal run flips a documented part of them (test_merkle_exhaustive.py).
"""

import pytest

from ledger.errors import TallyError
from ledger.proof.merkle import check_consistency, check_inclusion

pytestmark = pytest.mark.slow

STEPS = [range(1, 40), *(range(start, min(start + 10, 131)) for start in range(40, 131, 10))]


def every_flip(path):
    for place, value in enumerate(path):
        number = int.from_bytes(value, "big")
        spoilt = list(path)
        for bit in range(256):
            spoilt[place] = (number ^ 1 << bit).to_bytes(32, "big")
            yield spoilt


@pytest.mark.parametrize("sizes", STEPS, ids=str)
def test_no_inclusion_proof_survives_any_flipped_bit(naive, sizes):
    for size in sizes:
        root = naive.root(size)
        for index in range(size):
            leaf = naive.leaf(index)
            for spoilt in every_flip(naive.path(index, 0, size)):
                try:
                    check_inclusion(leaf, index, size, spoilt, root)
                except TallyError:
                    continue
                pytest.fail(f"entry {index} of {size} with {spoilt}")


@pytest.mark.parametrize("sizes", STEPS, ids=str)
def test_no_consistency_proof_survives_any_flipped_bit(naive, sizes):
    for new in sizes:
        new_root = naive.root(new)
        for old in range(1, new + 1):
            old_root = naive.root(old)
            for spoilt in every_flip(naive.proof(old, new)):
                try:
                    check_consistency(old, old_root, new, new_root, spoilt)
                except TallyError:
                    continue
                pytest.fail(f"size {old} to {new} with {spoilt}")
