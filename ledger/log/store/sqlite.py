"""The embedded store: one SQLite file, WAL, synchronous=FULL, STRICT tables, append-only by triggers.

`synchronous=NORMAL` may lose commits at power loss; FULL fsyncs the WAL at each commit, which is why commits
are grouped. A connection is opened `writable` by the one writer; readers open the file read-only and are never
in its way (WAL). Ids are kept as 32 raw bytes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache
from itertools import product
from pathlib import Path
from types import UnionType
from typing import Any, Final, get_args

from msgspec import MsgspecError

from ledger.errors import LogError, LogInconsistent, LogLocked, NotFound
from ledger.log.store.layout import FORMAT, connect, create
from ledger.log.store.protocol import FullTile, Row, StoredCheckpoint
from ledger.rules.records import Key, Kind, Record, decode_record, encode_record
from ledger.rules.state import Known
from ledger.units import Entry, Hash, LeafIndex, StatementId, TreeSize

_ROW: Final = (
    "SELECT e.idx, e.entry, e.chain, e.registered_at, e.type, e.contract, coalesce(c.statement, x.remnant), "
    "x.by_idx FROM entries e LEFT JOIN contents c ON c.idx = e.idx LEFT JOIN erasures x ON x.idx = e.idx "
    "WHERE coalesce(c.idx, x.idx) IS NOT NULL "
)
_ROW_TYPES: Final = (int, bytes, bytes, int, str, int | None, bytes, int | None)
_CHECKPOINT: Final = "SELECT size, root, note FROM checkpoints "
_CHECKPOINT_TYPES: Final = (int, bytes, bytes)
_Types = tuple[type | UnionType, ...]
_DAMAGED: Final = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What SQLite raises over a damaged file; the second where its own message quotes damaged text."""

_COPIED_PAGES: Final = 256  # of 4 KiB: a MiB
_SURROUNDINGS: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
"""Errors of the disk, the descriptors or the rights, which say nothing about the file; but for a file that is cut."""

_SOMEBODY_ELSE: Final = "somebody else has written to this log: stop, and run `tally fsck`"
_VARIABLES: Final = 500  # of one statement; SQLite's own bound is higher


class SqliteStore:
    """A `Store` over one file. One thread at a time uses an instance; open as many as needed for reading."""

    def __init__(self, path: Path, *, writable: bool, snapshot: bool = True) -> None:
        """Open an existing database. Raises `NotFound`, `LogInconsistent` for another format, `LogError`.

        A reader stays at the size the log has when it is opened; one without `snapshot` sees at each question what is
        committed by then, and may stay open for long without keeping the WAL from being moved.
        """
        if not path.is_file():
            raise NotFound(
                f"there is no log at {path}", hint="make one with `tally init`, or name it with --log"
            )
        self._path = path
        try:
            self._db = connect(path, writable=writable, snapshot=snapshot)
        except _DAMAGED as error:
            if _is_of_surroundings(error):
                raise LogError(
                    f"{path} cannot be opened: {error}",
                    hint="mend that, then try again; the log may be sound",
                ) from error
            raise LogInconsistent(f"{path} cannot be read as a log's database: {error}") from error

    @classmethod
    def create(cls, path: Path) -> SqliteStore:
        """Make an empty database. The caller has checked that nothing is there."""
        create(path)
        return cls(path, writable=True)

    def close(self) -> None:
        self._db.close()

    def settle(self) -> None:
        # SQLite reads back from the WAL what the machine's cache may be alone to hold. Moving it into the database
        # writes and syncs it anew; what an old reader keeps from being moved is synced by a commit behind it.
        try:
            _, written, moved = self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if moved < written:
                self._db.execute(f"PRAGMA user_version = {FORMAT}")
        except sqlite3.Error as error:
            raise LogError(
                f"what {self._path} holds cannot be made durable: {error}",
                hint="mend the disk, then start again: nobody is answered from it before",
            ) from error

    def begin(self) -> SqliteTransaction:
        self._db.execute("BEGIN IMMEDIATE")
        return SqliteTransaction(self._db)

    def scrub(self) -> None:
        """Write every page anew and empty the WAL; takes as much disk again while it runs.

        A page keeps what earlier rows left in it: old records of the state, above all.
        """
        for step in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            busy = self._db.execute(step).fetchone()
            if busy and busy[0]:
                raise LogLocked(
                    f"what was erased is still in the file of {self._path}: somebody reads it",
                    hint="let the readers of this log end, then run `tally purge` again",
                )

    # The log beneath

    def size(self) -> TreeSize:
        last = next(self._ask("SELECT max(idx) FROM entries", (int | None,)))[0]
        return TreeSize(0 if last is None else last + 1)

    def latest_checkpoint(self) -> StoredCheckpoint | None:
        return _checkpoint(self._ask(_CHECKPOINT + "ORDER BY size DESC LIMIT 1", _CHECKPOINT_TYPES))

    def checkpoint_covering(self, index: LeafIndex) -> StoredCheckpoint | None:
        query = _CHECKPOINT + "WHERE size > ? ORDER BY size LIMIT 1"
        return _checkpoint(self._ask(query, _CHECKPOINT_TYPES, (index,)))

    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        for size, root, note in self._ask(_CHECKPOINT + "ORDER BY size", _CHECKPOINT_TYPES):
            yield StoredCheckpoint(TreeSize(size), Hash(root), note)

    def row(self, index: LeafIndex) -> Row | None:
        found = self._first(_ROW + "AND e.idx = ?", _ROW_TYPES, (index,))
        return Row(*found) if found else None

    def rows(self, start: LeafIndex, stop: LeafIndex) -> Iterator[Row]:
        query = _ROW + "AND e.idx >= ? AND e.idx < ? ORDER BY e.idx"
        for found in self._ask(query, _ROW_TYPES, (start, stop)):
            yield Row(*found)

    def entries(self, start: LeafIndex, stop: LeafIndex) -> list[Entry]:
        query = "SELECT entry FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx"
        return [entry for (entry,) in self._ask(query, (bytes,), (start, stop))]

    def index_of(self, statement: StatementId) -> LeafIndex | None:
        return self.indices_of([statement]).get(statement)

    def indices_of(self, statements: Sequence[StatementId]) -> Mapping[StatementId, LeafIndex]:
        found: dict[StatementId, LeafIndex] = {}
        for start in range(0, len(statements), _VARIABLES):
            part = [bytes.fromhex(one) for one in statements[start : start + _VARIABLES]]
            marks = ",".join("?" * len(part))
            query = f"SELECT entry, idx FROM entries WHERE entry IN ({marks})"  # noqa: S608  # only marks
            rows = self._ask(query, (bytes, int), part)
            found.update((StatementId(entry.hex()), LeafIndex(idx)) for entry, idx in rows)
        return found

    def ids_with_prefix(self, prefix: str, limit: int) -> list[StatementId]:
        low, high = bytes.fromhex(prefix.ljust(64, "0")), bytes.fromhex(prefix.ljust(64, "f"))
        query = "SELECT entry FROM entries WHERE entry BETWEEN ? AND ? LIMIT ?"
        return [StatementId(entry.hex()) for (entry,) in self._ask(query, (bytes,), (low, high, limit))]

    def contract_indices(self, contract: StatementId) -> list[LeafIndex]:
        query = "SELECT idx FROM entries WHERE contract = ? ORDER BY idx"
        return [LeafIndex(idx) for (idx,) in self._ask(query, (int,), (self.index_of(contract),))]

    def contracts(self) -> list[StatementId]:
        query = "SELECT entry FROM entries WHERE contract = idx ORDER BY idx"
        return [StatementId(entry.hex()) for (entry,) in self._ask(query, (bytes,))]

    def tile(self, level: int, index: int) -> FullTile | None:
        query = "SELECT level, idx, root, hashes FROM tiles WHERE level = ? AND idx = ?"
        found = self._first(query, (int, int, bytes, bytes), (level, index))
        return FullTile(*found) if found else None

    def tile_roots(self, level: int, start: int, stop: int) -> list[Hash]:
        query = "SELECT root FROM tiles WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx"
        return [Hash(root) for (root,) in self._ask(query, (bytes,), (level, start, stop))]

    # The fold

    def get(self, key: Key) -> Record | None:
        query = "SELECT record FROM state WHERE contract = ? AND kind = ? AND name = ?"
        found = self._first(query, (bytes,), (_pack(key.contract), key.kind, _pack(key.name)))
        return self._decode(key.kind, found[0]) if found else None

    def scan(self, contract: str, kind: Kind) -> Iterator[Record]:
        query = "SELECT record FROM state WHERE contract = ? AND kind = ? ORDER BY name"
        for (record,) in self._ask(query, (bytes,), (_pack(contract), kind)):
            yield self._decode(kind, record)

    def known(self, statement: StatementId) -> Known | None:
        query = (
            "SELECT e.idx, e.type, f.entry FROM entries e "
            "LEFT JOIN entries f ON f.idx = e.contract WHERE e.entry = ?"
        )
        found = self._first(query, (int, str, bytes | None), (bytes.fromhex(statement),))
        if found is None:
            return None
        index, type_name, contract = found
        return Known(LeafIndex(index), type_name, contract.hex() if contract else "")

    def statements(self) -> Iterator[tuple[StatementId, Known]]:
        query = (
            "SELECT e.entry, e.idx, e.type, f.entry FROM entries e "
            "LEFT JOIN entries f ON f.idx = e.contract ORDER BY e.idx"
        )
        for entry, index, type_name, contract in self._ask(query, (bytes, int, str, bytes | None)):
            known = Known(LeafIndex(index), type_name, contract.hex() if contract else "")
            yield StatementId(entry.hex()), known

    def erased(self) -> list[LeafIndex]:
        return [LeafIndex(idx) for (idx,) in self._ask("SELECT idx FROM erasures ORDER BY idx", (int,))]

    def state(self) -> Iterator[tuple[Key, bytes]]:
        query = "SELECT contract, kind, name, record FROM state"
        for contract, kind, name, record in self._ask(query, (bytes, str, bytes, bytes)):
            try:
                yield Key(_unpack(contract), Kind(kind), _unpack(name)), record
            except ValueError as error:
                raise self._unreadable(f"the key of a record: {error}") from error

    # The file

    def check(self) -> None:
        for (found,) in self._ask("PRAGMA integrity_check(1)", (str,)):
            if found != "ok":
                raise self._unreadable(found)

    def layout(self) -> int:
        """The format the file has, which is not today's where an earlier release made it."""
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def file_bytes(self) -> int:
        """How long the file is as this reader sees it."""
        pages, each = (
            self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
        )
        return int(pages * each)

    def copy_to(self, path: Path, progress: Callable[[int], None]) -> None:
        """Copy the file as this reader sees it, a MiB at a time; `progress` is told how many more are copied.

        It copies one snapshot, so it ends however much is written meanwhile, and keeps no writer waiting; the WAL
        cannot be moved past the snapshot until then and grows. The copy is one file (no WAL), and is not synced.
        """
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = OFF")  # the whole is synced once, by the caller
            self._db.backup(copy, pages=_COPIED_PAGES, progress=lambda *_: progress(1))
            copy.execute("PRAGMA journal_mode = DELETE")

    def at_present(self) -> SqliteStore:
        return SqliteStore(self._path, writable=False)

    def _ask(self, query: str, types: _Types, values: Sequence[object] = ()) -> Iterator[Any]:
        """Run a reading query for columns of these types. Raises `LogInconsistent` where the file is damaged.

        STRICT checks a type when it is written; one bit of a record's header makes it another when it is read.
        """
        allowed = _spelled_out(types)
        try:
            for found in self._db.execute(query, values):
                if tuple(map(type, found)) not in allowed:
                    raise self._unreadable("a column is not of its type")
                yield found
        except _DAMAGED as error:
            if _is_of_surroundings(error):
                raise LogError(
                    f"{self._path} cannot be read now: {error}",
                    hint="mend that, then try again; the log may be sound",
                ) from error
            raise self._unreadable(str(error)) from error

    def _first(self, query: str, types: _Types, values: Sequence[object]) -> Any:
        return next(self._ask(query, types, values), None)

    def _unreadable(self, why: str) -> LogInconsistent:
        return LogInconsistent(
            f"{self._path} cannot be read: {why}", hint="run `tally fsck`; restore from a backup"
        )

    def _decode(self, kind: Kind, data: bytes) -> Record:
        try:
            return decode_record(kind, data)
        except MsgspecError as error:
            raise self._unreadable(f"a {kind} record: {error}") from error


class SqliteTransaction:
    """A `Transaction` on the writer's connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def insert(self, rows: Sequence[Row]) -> None:
        try:
            self._db.executemany(
                "INSERT INTO entries (idx, entry, chain, registered_at, type, contract) VALUES (?, ?, ?, ?, ?, ?)",
                [row[:6] for row in rows],
            )
            self._db.executemany(
                "INSERT INTO contents (idx, statement) VALUES (?, ?)",
                [(row.index, row.statement) for row in rows],
            )
        except sqlite3.IntegrityError as error:
            raise LogInconsistent(
                f"the entries from {rows[0].index} on cannot be added: {error}",
                expected=f"a store of {rows[0].index} entries, which this writer extends",
                hint=_SOMEBODY_ELSE,
            ) from error

    def read_back(self, start: LeafIndex) -> Iterator[Row]:
        for found in self._db.execute(_ROW + "AND e.idx >= ? ORDER BY e.idx", (start,)):
            yield Row(*found)

    def put_tiles(self, tiles: Sequence[FullTile]) -> None:
        self._db.executemany("INSERT INTO tiles (level, idx, root, hashes) VALUES (?, ?, ?, ?)", tiles)

    def put_records(self, records: Mapping[Key, Record]) -> None:
        self._db.executemany(
            "INSERT INTO state (contract, kind, name, record) VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET record = excluded.record",
            [
                (_pack(key.contract), key.kind, _pack(key.name), encode_record(one))
                for key, one in records.items()
            ],
        )

    def erase(self, index: LeafIndex, order: LeafIndex, remnant: bytes) -> None:
        self._db.execute("PRAGMA secure_delete = ON")
        self._db.execute(
            "INSERT INTO erasures (idx, by_idx, remnant) VALUES (?, ?, ?)", (index, order, remnant)
        )
        self._db.execute("DELETE FROM contents WHERE idx = ?", (index,))

    def swap_checkpoint(self, old: StoredCheckpoint | None, new: StoredCheckpoint) -> None:
        latest = _checkpoint(self._db.execute(_CHECKPOINT + "ORDER BY size DESC LIMIT 1"))
        if latest != old:
            raise LogInconsistent(
                f"the store's latest checkpoint is of size {latest.size if latest else 0}",
                expected=f"size {old.size if old else 0}, which this writer extends",
                hint=_SOMEBODY_ELSE,
            )
        self._db.execute("INSERT INTO checkpoints (size, root, note) VALUES (?, ?, ?)", new)

    def commit(self) -> None:
        self._db.execute("COMMIT")

    def abandon(self) -> None:
        if self._db.in_transaction:
            try:
                self._db.execute("ROLLBACK")
            except sqlite3.Error:
                # The connection is closed next, and an open transaction is rolled back by the next opener.
                self._db.close()


@cache
def _spelled_out(types: _Types) -> frozenset[tuple[type, ...]]:
    """Every combination that columns of these types may have: one look-up a row, where `isinstance` is one a column."""
    return frozenset(product(*(get_args(one) or (one,) for one in types)))


def _is_of_surroundings(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return code != sqlite3.SQLITE_IOERR_SHORT_READ and code & 0xFF in _SURROUNDINGS


def _checkpoint(found: Iterator[Any]) -> StoredCheckpoint | None:
    return next((StoredCheckpoint(TreeSize(size), Hash(root), note) for size, root, note in found), None)


def _pack(text: str) -> bytes:
    """Ids as their 32 bytes, anything else (a party, a maker with a lot name) as text."""
    if len(text) == 64:
        try:
            return bytes.fromhex(text)
        except ValueError:
            pass
    return text.encode()


def _unpack(data: bytes) -> str:
    return data.hex() if len(data) == 32 else data.decode()
