"""What a log asks of a store, stated as guarantees. Backends share this page and a contract suite, no code.

* **Reads** see one committed size of the log; what was committed never changes.
* **A transaction** is all or nothing, and `commit` returns only when it is durable (fsync). After a failed
  `commit` it is *unknown* whether it happened; the writer stops and finds out at the next start.
* **Compare and swap**: a checkpoint is stored only over the one it extends.
* **Append-only**: the store itself refuses to change or remove entries, tiles and checkpoints. The contents of an
  entry go in one way alone: with what is left of them, and the entry that orders it, in their place (`erase`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from ledger.rules.records import Key, Record
from ledger.rules.state import Known, View
from ledger.units import Entry, Hash, LeafIndex, StatementId, TreeSize


class Row(NamedTuple):
    """One entry as it is kept."""

    index: LeafIndex  # type: ignore[assignment]  # tuple.index is not used on rows
    entry: Entry
    chain: bytes
    """SHA-256(previous chain || entry): bookkeeping by which fsck names the first bad row, never a proof."""
    registered_at: int
    """Unix seconds, never falling."""
    type: str
    contract: LeafIndex | None
    """Index of the framework.signed it stands under, or None."""
    statement: bytes
    """The statement; of an erased entry, what is left of it (`ledger.events.remnant`)."""
    erased_by: LeafIndex | None = None
    """The entry whose order the contents were destroyed by; None while they are there."""


class FullTile(NamedTuple):
    """A complete tile: 256 hashes and the root over them, which is a hash of the tile above."""

    level: int
    index: int  # type: ignore[assignment]  # tuple.index is not used on tiles
    root: Hash
    hashes: bytes


class StoredCheckpoint(NamedTuple):
    """A signed checkpoint; `note` is the C2SP signed note as published."""

    size: TreeSize
    root: Hash
    note: bytes


class Reader(View, Protocol):
    """Reading access, to the fold (`View`) and to the log beneath it."""

    def size(self) -> TreeSize:
        """How many entries are committed."""

    def latest_checkpoint(self) -> StoredCheckpoint | None:
        """The newest checkpoint, or None in a store without entries."""

    def checkpoint_covering(self, index: LeafIndex) -> StoredCheckpoint | None:
        """The first checkpoint whose tree holds the entry: the one it was registered with."""

    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        """All checkpoints, smallest first."""

    def row(self, index: LeafIndex) -> Row | None:
        """One entry with its statement."""

    def rows(self, start: LeafIndex, stop: LeafIndex) -> Iterator[Row]:
        """Entries [start, stop) in order, streaming."""

    def entries(self, start: LeafIndex, stop: LeafIndex) -> list[Entry]:
        """The 32-byte entries of [start, stop), without their statements."""

    def index_of(self, statement: StatementId) -> LeafIndex | None:
        """Where a statement is registered."""

    def indices_of(self, statements: Sequence[StatementId]) -> Mapping[StatementId, LeafIndex]:
        """Where each of the statements that are registered is, in one query."""

    def ids_with_prefix(self, prefix: str, limit: int) -> list[StatementId]:
        """Up to `limit` registered ids that start with the hexadecimal prefix."""

    def statements(self) -> Iterator[tuple[StatementId, Known]]:
        """What every registered statement is, in the order of the log."""

    def contract_indices(self, contract: StatementId) -> list[LeafIndex]:
        """Every entry under a contract, the contract itself included, in order."""

    def contracts(self) -> list[StatementId]:
        """Every contract, in the order of the log."""

    def tile(self, level: int, index: int) -> FullTile | None:
        """A full tile, or None while it is partial."""

    def tile_roots(self, level: int, start: int, stop: int) -> list[Hash]:
        """The roots of the full tiles [start, stop) of one level."""

    def erased(self) -> list[LeafIndex]:
        """Every entry whose contents were destroyed, in order."""

    def state(self) -> Iterator[tuple[Key, bytes]]:
        """Every record of the fold as it is kept, for comparison."""

    def check(self) -> None:
        """What the backend itself can say of its files: pages, indexes, types. Raises `LogInconsistent`."""

    def at_present(self) -> Store:
        """The same log opened anew, for reading, at the size it has now. The caller closes it."""


class Transaction(Protocol):
    """One group commit. Used by the single writer only; `commit` or `abandon` ends it."""

    def insert(self, rows: Sequence[Row]) -> None:
        """Add entries behind the last one. Raises `LogInconsistent` if others stand there."""

    def read_back(self, start: LeafIndex) -> Iterator[Row]:
        """The entries from `start` on, read from the store inside the transaction."""

    def put_tiles(self, tiles: Sequence[FullTile]) -> None:
        """Add tiles that have become full."""

    def put_records(self, records: Mapping[Key, Record]) -> None:
        """Put the changed records of the fold in the old ones' place."""

    def erase(self, index: LeafIndex, order: LeafIndex, remnant: bytes) -> None:
        """Destroy an entry's contents, once and for good; what is left stands in their place, and by whose order."""

    def swap_checkpoint(self, old: StoredCheckpoint | None, new: StoredCheckpoint) -> None:
        """Store `new` if the latest is still `old`. Raises `LogInconsistent` naming both if it is not."""

    def commit(self) -> None:
        """Make all of it durable, or raise the backend's error with the outcome unknown."""

    def abandon(self) -> None:
        """Undo all of it; never raises."""


class Store(Reader, Protocol):
    """A backend."""

    def settle(self) -> None:
        """Make all that a reader finds durable, whatever became of the process that wrote it. Raises `LogError`."""

    def begin(self) -> Transaction:
        """Start the one transaction."""

    def scrub(self) -> None:
        """Rewrite the backend's files, so that nothing destroyed is left in them. Raises `LogLocked` while somebody
        reads."""

    def close(self) -> None:
        """Let go of files and connections."""
