"""Receipts of registered entries, made many a second: one signature for all entries registered together.

A receipt is for the checkpoint its entry was registered with, so the same bytes each time. What a group of entries
shares (the checkpoint, the signed root, most of the tree) is kept at hand.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from typing import Final

from ledger.errors import LogHalted, LogInconsistent, TallyError
from ledger.log.reader import read_row
from ledger.log.recover import RUN_FSCK, open_stored
from ledger.log.store.sqlite import SqliteStore
from ledger.log.tree import StoredTree
from ledger.log.writer import Published
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.merkle import Subtree, check_inclusion, leaf_hash, prove_inclusion
from ledger.proof.note import VerifierKey
from ledger.proof.receipt import SignedRoot, sign_root
from ledger.statement.signer import Ed25519Signer
from ledger.units import Hash, LeafIndex, TreeSize

_GROUPS: Final = 256
"""Group commits of which what their entries share is kept: those whose submitters are being answered."""


class Receipts:
    """Makes receipts for any thread: of what was just committed from memory, of the rest from a store of its own, which
    sees what is committed at each question."""

    def __init__(self, store: SqliteStore, signer: Ed25519Signer, key: VerifierKey) -> None:
        """`store` is closed with this."""
        self._store = store
        self.signer = signer
        self._key = key
        self._lock = threading.Lock()  # guards all below, and the store
        self._closed = False
        self._recent: list[Published] = []
        self._proved: Published | None = None
        self._known: dict[Subtree, Hash] = {}
        """What the paths of `_proved` were made of: who asks for one receipt of a group asks for the others next."""
        self._signed: OrderedDict[tuple[TreeSize, int], SignedRoot] = OrderedDict()

    def publish(self, published: Published) -> None:
        """Take up what was just committed."""
        with self._lock:
            self._recent.append(published)
            del self._recent[:-_GROUPS]

    def receipt(self, index: LeafIndex) -> bytes:
        """The receipt of an entry (RFC 9942). Raises `NotFound`, `LogInconsistent`, `LogHalted` once closed.

        O(log size), and one signature for each group of entries that was committed together.
        """
        with self._lock:
            if self._closed:
                raise LogHalted("the log has been closed")
            return self._from_memory(index) or self._from_store(index)

    def close(self) -> None:
        """Let the store go."""
        with self._lock:
            self._closed = True
            self._store.close()

    def _from_memory(self, index: LeafIndex) -> bytes | None:
        """By the very hashes that the signed root was made of: read back and hashed by the writer."""
        at = bisect_right(self._recent, index, key=lambda one: one.first) - 1
        if at < 0 or index >= self._recent[at].checkpoint.size:
            return None
        published = self._recent[at]
        if published is not self._proved:
            self._proved, self._known = published, {}
        path = prove_inclusion(index, published.checkpoint.size, published.tree, self._known)
        return self._sign(published.checkpoint, published.registered_at).receipt(index, path)

    def _from_store(self, index: LeafIndex) -> bytes:
        row = read_row(self._store, index, self._store.size())
        stored = self._store.checkpoint_covering(index)
        if stored is None:
            raise LogInconsistent(f"no checkpoint covers entry {index}", hint=RUN_FSCK)
        checkpoint = open_stored(stored, self._key)
        path = prove_inclusion(index, stored.size, StoredTree(self._store, stored.size))
        try:
            check_inclusion(leaf_hash(row.entry), index, stored.size, path, stored.root)
        except TallyError as error:
            raise LogInconsistent(
                f"a proof made from the store does not hold: {error}", hint=RUN_FSCK
            ) from error
        return self._sign(checkpoint, row.registered_at).receipt(index, path)

    def _sign(self, checkpoint: Checkpoint, registered_at: int) -> SignedRoot:
        """A root's signature for receipts, the latest kept at hand."""
        name = (checkpoint.size, registered_at)
        signed = self._signed.get(name)
        if signed is None:
            signed = self._signed[name] = sign_root(
                self.signer,
                origin=checkpoint.origin,
                size=checkpoint.size,
                root=checkpoint.root,
                registered_at=registered_at,
            )
            if len(self._signed) > _GROUPS:
                self._signed.popitem(last=False)
        return signed
