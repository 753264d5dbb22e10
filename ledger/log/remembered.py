"""What the writer knows of the fold without asking the store.

A statement's rules ask for a few records, and asking the store for one costs as much as a rule itself; many times that
where another thread wants the interpreter, which SQLite lets go of at every step. So what was read or written stays at
hand, up to a bound; and a log that is small, or of which many statements are expected, is remembered whole: then what
is not at hand is nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import MsgspecError

from ledger.log.store.protocol import Reader
from ledger.rules.records import Key, Record, decode_record
from ledger.rules.state import Known
from ledger.units import StatementId

SMALL_ENTRIES: Final = 1
"""A new log is remembered whole: there is nothing to read. Opening a longer one costs what opening a short one does."""
WHOLE_ENTRIES: Final = 60_000
"""A larger one is not remembered whole, however many statements are expected (a second, and about 150 MB)."""
RECORDS: Final = 150_000


class Remembered:
    """A `Lookup` over what is committed. Owned by the writer."""

    def __init__(self, store: Reader, *, whole: bool) -> None:
        """`whole` where many statements are expected. Raises `LogInconsistent`."""
        self._store = store
        self._records: dict[Key, Record | bytes] = {}
        self._known: dict[StatementId, Known] = {}
        self._is_whole = store.size() <= (WHOLE_ENTRIES if whole else SMALL_ENTRIES)
        if self._is_whole:
            self._records.update(store.state())
            self._known.update(store.statements())

    def get(self, key: Key) -> Record | None:
        """The record under a key, or None."""
        found = self._records.get(key)
        if found is None:
            if self._is_whole or (found := self._store.get(key)) is None:
                return None
        elif isinstance(found, bytes):
            try:
                found = decode_record(key.kind, found)
            except MsgspecError:
                return self._store.get(key)  # which says where the damage is
        else:
            return found
        self._records[key] = found
        return found

    def known(self, statement: StatementId) -> Known | None:
        """What a registered statement is, or None."""
        found = self._known.get(statement)
        return found if found or self._is_whole else self._store.known(statement)

    def keep(self, changes: Mapping[Key, Record], added: Mapping[StatementId, Known]) -> None:
        """Take in what was just committed; the oldest half goes when there is too much."""
        self._records.update(changes)
        self._known.update(added)
        if len(self._records) + len(self._known) > RECORDS:
            self._is_whole = False
            _halve(self._records)
            _halve(self._known)


def _halve(kept: dict[Any, Any]) -> None:
    for key in list(kept)[: len(kept) // 2]:
        del kept[key]
