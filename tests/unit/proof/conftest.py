"""RFC 9162 2.1 written down as it stands in the RFC: recursive, slow, and sharing no code with the ledger."""

from functools import cache
from hashlib import sha256

import pytest

LARGEST = 130


class NaiveTree:
    """MTH, PATH and PROOF over one fixed list of entries; `root(n)` is the root of its first n."""

    def __init__(self) -> None:
        self.entries = [b"entry %d" % i for i in range(LARGEST)]
        self.mth = cache(self._mth)

    def _mth(self, start: int, stop: int) -> bytes:
        if start == stop:
            return sha256(b"").digest()
        if stop - start == 1:
            return sha256(b"\x00" + self.entries[start]).digest()
        k = self.k(stop - start)
        return sha256(b"\x01" + self.mth(start, start + k) + self.mth(start + k, stop)).digest()

    @staticmethod
    def k(n: int) -> int:
        """The largest power of two smaller than n."""
        return max(2**i for i in range(8) if 2**i < n)

    def leaf(self, index: int) -> bytes:
        return self.mth(index, index + 1)

    def root(self, size: int) -> bytes:
        return self.mth(0, size)

    def path(self, m: int, start: int, stop: int) -> list[bytes]:
        """PATH(m, D[start:stop]) of 2.1.3.1."""
        if stop - start == 1:
            return []
        k = self.k(stop - start)
        if m < k:
            return [*self.path(m, start, start + k), self.mth(start + k, stop)]
        return [*self.path(m - k, start + k, stop), self.mth(start, start + k)]

    def proof(self, m: int, n: int) -> list[bytes]:
        """PROOF(m, D[n]) of 2.1.4.1."""
        return self._subproof(m, 0, n, True)

    def _subproof(self, m: int, start: int, stop: int, is_old_root: bool) -> list[bytes]:
        if m == stop - start:
            return [] if is_old_root else [self.mth(start, stop)]
        k = self.k(stop - start)
        if m <= k:
            return [*self._subproof(m, start, start + k, is_old_root), self.mth(start + k, stop)]
        return [*self._subproof(m - k, start + k, stop, False), self.mth(start, start + k)]

    def without(self, given: frozenset[int], start: int, stop: int) -> list[bytes]:
        """The roots of the maximal subtrees of D[start:stop] that hold none of the given indices."""
        if not any(start <= index < stop for index in given):
            return [self.mth(start, stop)]
        if stop - start == 1:
            return []
        middle = start + self.k(stop - start)
        return [*self.without(given, start, middle), *self.without(given, middle, stop)]


@pytest.fixture(scope="session")
def naive() -> NaiveTree:
    return NaiveTree()
