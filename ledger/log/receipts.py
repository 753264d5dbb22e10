"""Receipts of registered entries, made many a second: one signature for all entries registered together.

A receipt is for the checkpoint its entry was registered with, so the same bytes each time. What a group of entries
shares (the checkpoint, the signed root, most of the tree) is kept at hand.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from ledger.errors import LogHalted, LogInconsistent, TallyError
from ledger.log.reader import read_row
from ledger.log.recover import RUN_FSCK, open_stored
from ledger.log.store.protocol import Row
from ledger.log.store.sqlite import SqliteStore
from ledger.log.tree import StoredTree
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.merkle import check_inclusion, leaf_hash, prove_inclusion
from ledger.proof.note import VerifierKey
from ledger.proof.receipt import SignedRoot, sign_root
from ledger.statement.signer import Ed25519Signer
from ledger.units import LeafIndex, TreeSize

_GROUPS: Final = 256
"""Group commits of which what their entries share is kept: those whose submitters are being answered."""


@dataclass(frozen=True, slots=True)
class _Group:
    """What the receipts of one group commit share."""

    checkpoint: Checkpoint
    tree: StoredTree
    signed: SignedRoot
    registered_at: int


class Receipts:
    """Makes receipts for any thread, over a store of its own, which sees what is committed at each question."""

    def __init__(self, store: SqliteStore, signer: Ed25519Signer, key: VerifierKey) -> None:
        """`store` is closed with this."""
        self._store = store
        self.signer = signer
        self._key = key
        self._lock = threading.Lock()  # guards all below, and the store
        self._closed = False
        self._groups: OrderedDict[TreeSize, _Group] = OrderedDict()
        self._newest: _Group | None = None

    def receipt(self, index: LeafIndex) -> bytes:
        """The receipt of an entry (RFC 9942). Raises `NotFound`, `LogInconsistent`, `LogHalted` once closed.

        O(log size), and one signature for each group of entries that was committed together.
        """
        with self._lock:
            if self._closed:
                raise LogHalted("the log has been closed")
            row = read_row(self._store, index, self._store.size())
            group = self._group(row)
            path = prove_inclusion(index, group.checkpoint.size, group.tree)
            try:
                check_inclusion(
                    leaf_hash(row.entry), index, group.checkpoint.size, path, group.checkpoint.root
                )
            except TallyError as error:
                raise LogInconsistent(
                    f"a proof made from the store does not hold: {error}", hint=RUN_FSCK
                ) from error
            return group.signed.receipt(index, path)

    def close(self) -> None:
        """Let the store go."""
        with self._lock:
            self._closed = True
            self._store.close()

    def _group(self, row: Row) -> _Group:
        """What the entries registered with this one share."""
        newest = self._newest
        stored = self._store.checkpoint_covering(row.index)
        if stored is None:
            raise LogInconsistent(f"no checkpoint covers entry {row.index}", hint=RUN_FSCK)
        group = self._groups.get(stored.size)
        if group is None or group.registered_at != row.registered_at:
            checkpoint = open_stored(stored, self._key)
            grows = newest is not None and newest.checkpoint.size <= stored.size
            tree = (
                newest.tree.grown(stored.size) if newest and grows else StoredTree(self._store, stored.size)
            )
            group = self._keep(_Group(checkpoint, tree, self._sign(checkpoint, row), row.registered_at))
        return group

    def _keep(self, group: _Group) -> _Group:
        self._groups[group.checkpoint.size] = group
        if len(self._groups) > _GROUPS:
            self._groups.popitem(last=False)
        if self._newest is None or self._newest.checkpoint.size < group.checkpoint.size:
            self._newest = group
        return group

    def _sign(self, checkpoint: Checkpoint, row: Row) -> SignedRoot:
        return sign_root(
            self.signer,
            origin=checkpoint.origin,
            size=checkpoint.size,
            root=checkpoint.root,
            registered_at=row.registered_at,
        )
