"""One group commit: what the single writer does with the statements that wait, in one transaction.

The steps are numbered (`Step`), because at each of them the machine may die. What then holds:

1. ADMITTED    nothing is written; nobody was answered.
2. INSERTED    the transaction is open; the database forgets it.
3. READ_BACK   the same. The tree was extended over bytes read back and hashed again, not over those sent.
4. EXTENDED    the same; tiles and the fold are in the transaction too.
5. SIGNED      the same. The checkpoint exists only in memory and in the open transaction: nobody has seen it.
6. COMMITTED   all is durable, nobody was answered. The next start finds the database ahead of the high-water
               mark, with the mark's root at the mark's size, and advances the mark. A client that sends again
               is answered with the index it had.
7. MARKED      the mark is durable too. As before.

A fault of the store leaves it unknown whether the commit happened. The writer then halts and never signs
again; the next start finds out by the same steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from ledger.errors import LogInconsistent, Refused, TallyError
from ledger.events.opened import Opened
from ledger.limits import CLOCK_BACK_MAX_S, CLOCK_END_S
from ledger.log.highwater import advance_mark
from ledger.log.remembered import Remembered
from ledger.log.store.protocol import FullTile, Row, Store, StoredCheckpoint, Transaction
from ledger.log.tree import CommittedTree, GrowingTree
from ledger.proof.checkpoint import Checkpoint, sign_checkpoint
from ledger.proof.merkle import leaf_hash
from ledger.rules.admit import admit
from ledger.rules.records import Key, Record
from ledger.rules.state import Known, Lookup
from ledger.statement.signer import Ed25519Signer
from ledger.units import Entry, LeafIndex, StatementId

CHAIN_START: Final = bytes(32)
"""The chain value before entry 0."""


class Step(IntEnum):
    """The durable steps of a group commit, in order."""

    ADMITTED = 1
    INSERTED = 2
    READ_BACK = 3
    EXTENDED = 4
    SIGNED = 5
    COMMITTED = 6
    MARKED = 7


@dataclass(frozen=True, slots=True)
class Registered:
    """The answer to a statement that is in the log."""

    id: StatementId
    index: LeafIndex
    new: bool
    """False when the same bytes had been registered before."""


@dataclass(frozen=True, slots=True)
class Published:
    """What one group commit made durable: all that the receipts of its entries share."""

    first: LeafIndex
    checkpoint: Checkpoint
    registered_at: int
    tree: CommittedTree


Outcome = Registered | TallyError
Clock = Callable[[], int]
"""Unix seconds."""


def chain(previous: bytes, entry: bytes) -> bytes:
    """The next value of the bookkeeping chain: SHA-256(previous || entry)."""
    return sha256(previous + entry).digest()


class _Pending:
    """The fold as it would be after the statements of this group that were admitted so far (a `Lookup`)."""

    def __init__(self, base: Lookup) -> None:
        self._base = base
        self.changes: dict[Key, Record] = {}
        self.added: dict[StatementId, Known] = {}

    def get(self, key: Key) -> Record | None:
        return self.changes.get(key) or self._base.get(key)

    def known(self, statement: StatementId) -> Known | None:
        return self.added.get(statement) or self._base.known(statement)


class Writer:
    """Owned by one thread. Holds what appending needs: the right edge, the last checkpoint, the last row."""

    def __init__(
        self,
        store: Store,
        tree: GrowingTree,
        *,
        signer: Ed25519Signer,
        origin: str,
        mark: Path,
        clock: Clock,
        on_step: Callable[[Step], None],
        on_published: Callable[[Published], None] = lambda _published: None,
        expects_many: bool = False,
    ) -> None:
        """`expects_many` statements: then the fold is worth reading into memory first, where it fits."""
        self._store = store
        self._tree = tree
        self._signer = signer
        self._origin = origin
        self._mark = mark
        self._clock = clock
        self._on_step = on_step
        self._on_published = on_published
        self._latest = store.latest_checkpoint()
        last = store.row(LeafIndex(tree.size - 1)) if tree.size else None
        self._chain = last.chain if last else CHAIN_START
        self._time = last.registered_at if last else 0
        self._remembered = Remembered(store, whole=expects_many)
        self._contracts: dict[str, LeafIndex] = {}

    def write(self, group: Sequence[Opened]) -> list[Outcome]:
        """Register what the rules admit, durably; one outcome each, in order.

        A refusal concerns its statement alone. Any other error means that nothing of the group may be
        acknowledged and that this writer must not be used again.
        """
        now = self._now()
        pending = _Pending(self._remembered)
        outcomes, accepted = self._admit(group, pending)
        if accepted:
            self._on_step(Step.ADMITTED)
            self._commit(accepted, pending, now)
        return outcomes

    def _now(self) -> int:
        """The clock, never falling. Raises `LogInconsistent` when it has fallen far: no time is made up."""
        now = self._clock()
        if not 0 <= now < CLOCK_END_S:
            raise LogInconsistent(
                f"the clock says {now}",
                expected="seconds of a year from 1970 to 9998",
                hint="set the machine's clock, then start again",
            )
        if now < self._time - CLOCK_BACK_MAX_S:
            raise LogInconsistent(
                f"the clock says {now}, the last entry was registered at {self._time}",
                expected=f"a clock at most {CLOCK_BACK_MAX_S} s behind",
                hint="set the machine's clock, then start again",
            )
        return max(now, self._time)

    def _admit(self, group: Sequence[Opened], pending: _Pending) -> tuple[list[Outcome], list[Opened]]:
        before = self._store.indices_of([one.id for one in group])
        outcomes: list[Outcome] = []
        accepted: list[Opened] = []
        for one in group:
            if one.id in before:
                outcomes.append(Registered(one.id, before[one.id], new=False))
                continue
            if one.id in pending.added:
                outcomes.append(Registered(one.id, pending.added[one.id].index, new=False))
                continue
            index = LeafIndex(self._tree.size + len(accepted))
            recorded = one.at(index)
            try:
                changes = admit(pending, recorded)
            except Refused as refusal:
                outcomes.append(refusal)
                continue
            pending.changes.update(changes)
            pending.added[one.id] = Known(index, one.event.type, recorded.contract)
            accepted.append(one)
            outcomes.append(Registered(one.id, index, new=True))
        return outcomes, accepted

    def _commit(self, accepted: Sequence[Opened], pending: _Pending, now: int) -> None:
        tree = self._tree.copy()
        transaction = self._store.begin()
        try:
            rows = self._rows(accepted, pending, now)
            transaction.insert(rows)
            self._on_step(Step.INSERTED)
            tiles = self._extend(tree, rows, transaction)
            self._on_step(Step.READ_BACK)
            transaction.put_tiles(tiles)
            transaction.put_records(pending.changes)
            self._on_step(Step.EXTENDED)
            signed = Checkpoint(self._origin, tree.size, tree.root())
            checkpoint = StoredCheckpoint(signed.size, signed.root, sign_checkpoint(signed, self._signer))
            transaction.swap_checkpoint(self._latest, checkpoint)
            self._on_step(Step.SIGNED)
            transaction.commit()
        except BaseException:
            transaction.abandon()
            raise
        self._on_step(Step.COMMITTED)
        advance_mark(self._mark, checkpoint.note)
        self._on_step(Step.MARKED)
        self._on_published(Published(rows[0].index, signed, now, tree.committed(tiles)))
        self._tree, self._latest = tree, checkpoint
        self._chain, self._time = rows[-1].chain, now
        self._remembered.keep(pending.changes, pending.added)

    def _rows(self, accepted: Sequence[Opened], pending: _Pending, now: int) -> list[Row]:
        rows = []
        link = self._chain
        for one in accepted:
            known = pending.added[one.id]
            link = chain(link, one.statement.entry)
            contract = self._index_of_contract(known, pending)
            rows.append(
                Row(known.index, one.statement.entry, link, now, known.type, contract, one.statement.data)
            )
        return rows

    def _index_of_contract(self, known: Known, pending: _Pending) -> LeafIndex | None:
        if not known.contract:
            return None
        index = self._contracts.get(known.contract)
        if index is None:
            contract = pending.known(StatementId(known.contract))
            assert contract is not None, "the rules admit nothing under an unknown contract"
            index = contract.index
        if index < self._tree.size:  # committed: it will not be another's
            self._contracts[known.contract] = index
        return index

    def _extend(self, tree: GrowingTree, rows: Sequence[Row], transaction: Transaction) -> list[FullTile]:
        """Grow the tree over what the store gives back. Raises `LogInconsistent` if that is not what was put in."""
        tiles: list[FullTile] = []
        count = 0
        for sent, kept in zip(rows, transaction.read_back(rows[0].index), strict=False):
            entry = Entry(sha256(kept.statement).digest())
            if kept != sent or entry != sent.entry:
                raise LogInconsistent(
                    f"entry {sent.index} reads back as {entry.hex()}",
                    expected=f"{sent.entry.hex()}, as written",
                )
            tiles.extend(tree.append(leaf_hash(entry)))
            count += 1
        if count != len(rows):
            raise LogInconsistent(f"{count} entries read back", expected=f"{len(rows)}, as written")
        return tiles
