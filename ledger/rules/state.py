"""State is a fold over the log: what a rule may look at (`Lookup`, `View`), and the fold kept in memory.

They are all that rules, findings and traces know of the world. The log's store implements them over SQLite,
`MemoryState` over dictionaries; an auditor folds with the second what the first claims, and compares.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol, TypeVar

from ledger.rules.records import Key, Kind, Record, encode_record
from ledger.units import LeafIndex, StatementId

R = TypeVar("R", bound=Record)

Changes = Mapping[Key, Record]
"""What admitting one statement changes: new records by key. Nothing is ever removed."""


class Known(NamedTuple):
    """What can be said of a registered statement without opening it."""

    index: LeafIndex  # type: ignore[assignment]  # tuple.index is not used on these
    type: str
    contract: str
    """The contract it stands under (its own id for framework.signed), or "" for the policy and parties."""


class Lookup(Protocol):
    """What admitting a statement may ask: single records and statements, never a sweep. So its cost does not
    grow with the log."""

    def get(self, key: Key) -> Record | None:
        """The record under a key, or None."""

    def known(self, statement: StatementId) -> Known | None:
        """What a registered statement is, or None when it is not registered."""


class View(Lookup, Protocol):
    """Reading access to the whole fold at one size of the log, for findings and traces."""

    def scan(self, contract: str, kind: Kind) -> Iterator[Record]:
        """All records of one kind under one contract, ordered by name."""


def find(view: Lookup, contract: str, kind: Kind, name: str, record_type: type[R]) -> R | None:
    """`view.get` with the record's type checked."""
    record = view.get(Key(contract, kind, name))
    assert record is None or isinstance(record, record_type), f"{kind} {name} is a {type(record).__name__}"
    return record


def each(view: View, contract: str, kind: Kind, record_type: type[R]) -> Iterator[R]:
    """`view.scan` with the records' type checked."""
    for record in view.scan(contract, kind):
        assert isinstance(record, record_type), f"a {kind} is a {type(record).__name__}"
        yield record


class MemoryState:
    """The fold in memory. Owned by one folding loop; everyone else only reads it."""

    def __init__(self) -> None:
        self._records: dict[Key, Record] = {}
        self._known: dict[StatementId, Known] = {}
        self._shelves: dict[tuple[str, Kind], list[Key]] | None = None
        """What there is of each kind, by name; made for a sweep, and again when something was taken in since."""

    def get(self, key: Key) -> Record | None:
        return self._records.get(key)

    def scan(self, contract: str, kind: Kind) -> Iterator[Record]:
        if self._shelves is None:
            self._shelves = {}
            for key in sorted(self._records):
                self._shelves.setdefault((key.contract, key.kind), []).append(key)
        for key in self._shelves.get((contract, kind), ()):
            yield self._records[key]

    def known(self, statement: StatementId) -> Known | None:
        return self._known.get(statement)

    def apply(self, statement: StatementId, known: Known, changes: Changes) -> None:
        """Take in one admitted statement."""
        self._known[statement] = known
        self._records.update(changes)
        self._shelves = None

    def contracts(self) -> list[StatementId]:
        """Every contract, in the order of the log."""
        opened = [(known.index, id) for id, known in self._known.items() if known.contract == id]
        return [contract for _, contract in sorted(opened)]

    def copy(self) -> MemoryState:
        """The fold as it is now, to fold on from; records are values and are shared."""
        other = MemoryState()
        other._records = dict(self._records)
        other._known = dict(self._known)
        return other

    def items(self) -> Iterable[tuple[Key, Record]]:
        return self._records.items()

    def __len__(self) -> int:
        return len(self._known)


def digest(items: Iterable[tuple[Key, bytes]]) -> str:
    """SHA-256 over all records in key order: equal digests mean equal states, byte for byte."""
    hasher = hashlib.sha256()
    for key, value in sorted(items):
        for part in (*key, value):
            data = part if isinstance(part, bytes) else part.encode()
            hasher.update(len(data).to_bytes(8, "big") + data)
    return hasher.hexdigest()


def memory_digest(state: MemoryState) -> str:
    """`digest` of a state in memory."""
    return digest((key, encode_record(record)) for key, record in state.items())
