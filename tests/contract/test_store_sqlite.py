"""What SQLite itself is told to refuse, and what the store makes of a file that is not as it was written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import LogInconsistent, NotFound
from ledger.log.store.layout import FORMAT
from ledger.log.store.protocol import FullTile, Row, StoredCheckpoint
from ledger.log.store.sqlite import SqliteStore
from ledger.rules.records import Key, Kind, LotName
from ledger.units import Entry, Hash, LeafIndex, StatementId, TreeSize

A, B = bytes(32), bytes([1]) * 32
KEY = Key("", Kind.LOT_NAME, "p")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with two entries, a tile, a checkpoint and a record."""
    path = tmp_path / "log.sqlite3"
    with closing(SqliteStore.create(path)) as store:
        transaction = store.begin()
        rows = [
            Row(LeafIndex(n), Entry(entry), A, 5, "party.enrolled", None, b"s")
            for n, entry in ((0, A), (1, B))
        ]
        transaction.insert(rows)
        transaction.put_tiles([FullTile(0, 0, Hash(A), A * 256)])
        transaction.put_records({KEY: LotName(StatementId("0" * 64))})
        transaction.swap_checkpoint(None, StoredCheckpoint(TreeSize(2), Hash(A), b"note\n"))
        transaction.commit()
    return path


@pytest.fixture
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        yield db


@pytest.mark.parametrize(
    ("table", "column"),
    [("entries", "type"), ("contents", "statement"), ("tiles", "hashes"), ("checkpoints", "note")],
)
def test_nothing_of_the_log_can_be_changed_or_removed(
    raw: sqlite3.Connection, table: str, column: str
) -> None:
    before = raw.execute(f"SELECT * FROM {table}").fetchall()
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only"):
            raw.execute(statement)
    assert raw.execute(f"SELECT * FROM {table}").fetchall() == before


@pytest.mark.parametrize(
    "statement",
    [
        "REPLACE INTO entries VALUES (1, zeroblob(32), zeroblob(32), 9, 'x', NULL)",
        "REPLACE INTO checkpoints VALUES (2, zeroblob(32), x'00')",
        "REPLACE INTO contents VALUES (0, x'00')",
    ],
)
def test_replacing_a_row_from_the_stores_connection_is_refused_too(path: Path, statement: str) -> None:
    """REPLACE deletes without firing triggers, unless they are recursive."""
    with closing(SqliteStore(path, writable=True)) as store, pytest.raises(sqlite3.IntegrityError):
        store._db.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO entries VALUES ('two', zeroblob(32), zeroblob(32), 5, 'x', NULL)",
        "INSERT INTO entries VALUES (2, 'text', zeroblob(32), 5, 'x', NULL)",
        "INSERT INTO entries VALUES (2, zeroblob(31), zeroblob(32), 5, 'x', NULL)",
        "INSERT INTO entries VALUES (2, zeroblob(33), zeroblob(31), 5, 'x', NULL)",
        "INSERT INTO entries VALUES (2, randomblob(32), zeroblob(32), 5.5, 'x', NULL)",
        "INSERT INTO entries VALUES (2, randomblob(32), zeroblob(32), 5, NULL, NULL)",
        "INSERT INTO contents VALUES (1, 'text')",
        "INSERT INTO tiles VALUES (0, 1, zeroblob(32), zeroblob(8191))",
        "INSERT INTO tiles VALUES (0, 1, zeroblob(8), zeroblob(8192))",
        "INSERT INTO checkpoints VALUES (3, zeroblob(31), x'00')",
        "INSERT INTO state VALUES (x'', 'member', x'00', 'text')",
    ],
)
def test_a_value_of_another_type_or_length_is_refused(raw: sqlite3.Connection, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute(statement)


def test_commits_are_synced_and_written_ahead(path: Path) -> None:
    with closing(SqliteStore(path, writable=True)) as store:
        assert store._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_a_reader_cannot_write(path: Path) -> None:
    with closing(SqliteStore(path, writable=False)) as store, pytest.raises(sqlite3.OperationalError):
        store._db.execute("DELETE FROM state")


def test_no_database_no_store(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no log"):
        SqliteStore(tmp_path / "log.sqlite3", writable=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a#b", "a?b", "a%41b", "mode=ro&x", "ä ö"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    SqliteStore.create(folder / "log.sqlite3").close()
    for writable in (True, False):
        with closing(SqliteStore(folder / "log.sqlite3", writable=writable)) as store:
            assert store.size() == 0
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_a_relative_path_is_as_good_as_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    SqliteStore.create(Path("log.sqlite3")).close()
    with closing(SqliteStore(Path("log.sqlite3"), writable=False)) as store:
        assert store.size() == 0


@pytest.mark.parametrize("layout", [0, FORMAT + 1])
def test_another_layout_is_refused_and_both_are_named(
    path: Path, raw: sqlite3.Connection, layout: int
) -> None:
    raw.execute(f"PRAGMA user_version = {layout}")
    for writable in (True, False):
        with pytest.raises(LogInconsistent, match=f"layout {layout}") as caught:
            SqliteStore(path, writable=writable)
        assert caught.value.expected == f"layout {FORMAT}"


def test_an_older_layout_is_read_as_it_is_and_migrated_by_the_writer(
    path: Path, raw: sqlite3.Connection
) -> None:
    now = _schema(raw)
    for name in ("contents_never_delete", "contents_never_return"):
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute("DROP TABLE erasures")
    raw.execute(
        "CREATE TRIGGER contents_never_delete BEFORE DELETE ON contents "
        "BEGIN SELECT RAISE(ABORT, 'contents is append-only'); END"
    )
    raw.execute("PRAGMA user_version = 1")
    before = _schema(raw)
    with closing(SqliteStore(path, writable=False)) as store:
        assert [row.erased_by for row in store.rows(LeafIndex(0), LeafIndex(2))] == [None, None]
        assert store.erased() == []
    assert _schema(raw) == before, "reading changes nothing"
    SqliteStore(path, writable=True).close()
    assert _schema(raw) == now
    assert raw.execute("PRAGMA user_version").fetchone() == (FORMAT,)


def _schema(db: sqlite3.Connection) -> set[tuple[str, str]]:
    return set(db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


def test_contents_go_in_one_way_alone(path: Path, raw: sqlite3.Connection) -> None:
    """By a row that names the entry and a later erasure.recorded, once and for good."""
    raw.execute("INSERT INTO entries VALUES (2, randomblob(32), zeroblob(32), 5, 'erasure.recorded', NULL)")
    raw.execute("INSERT INTO contents VALUES (2, x'00')")
    for refused in (
        "INSERT INTO erasures VALUES (0, 1, x'00')",  # entry 1 is a party.enrolled
        "INSERT INTO erasures VALUES (0, 9, x'00')",
        "INSERT INTO erasures VALUES (2, 2, x'00')",
        "DELETE FROM contents WHERE idx = 0",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(refused)
    with closing(SqliteStore(path, writable=True)) as store:
        transaction = store.begin()
        transaction.erase(LeafIndex(0), LeafIndex(2), b"left")
        transaction.commit()
        row = store.row(LeafIndex(0))
        assert row is not None
        assert (row.statement, row.erased_by) == (b"left", 2)
        assert store.erased() == [0]
    for refused in (
        "INSERT INTO contents VALUES (0, x'00')",
        "UPDATE erasures SET remnant = x'00'",
        "DELETE FROM erasures",
        "DELETE FROM contents WHERE idx = 1",
        "UPDATE contents SET statement = x'00'",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(refused)


@pytest.mark.parametrize("data", [b"", b"no database at all" * 500, b"SQLite format 3\0" + bytes(4080)])
def test_a_file_that_is_no_database_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "log.sqlite3"
    path.write_bytes(data)
    for writable in (True, False):
        with pytest.raises(LogInconsistent):
            SqliteStore(path, writable=writable)


def _without_checks(raw: sqlite3.Connection) -> None:
    """Let anything be written, as a flipped bit does: the tables are made again without types."""
    for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {trigger}")
    for table in ("entries", "contents", "tiles", "checkpoints", "state"):
        raw.execute(f"CREATE TABLE loose AS SELECT * FROM {table}")
        raw.execute(f"DROP TABLE {table}")
        raw.execute(f"ALTER TABLE loose RENAME TO {table}")


ID = StatementId(B.hex())
READS = {
    "size": lambda store: store.size(),
    "row": lambda store: store.row(LeafIndex(1)),
    "rows": lambda store: list(store.rows(LeafIndex(0), LeafIndex(2))),
    "entries": lambda store: store.entries(LeafIndex(0), LeafIndex(2)),
    "ids_with_prefix": lambda store: store.ids_with_prefix("0101", 3),
    "known": lambda store: store.known(ID),
    "tile": lambda store: store.tile(0, 0),
    "tile_roots": lambda store: store.tile_roots(0, 0, 1),
    "latest_checkpoint": lambda store: store.latest_checkpoint(),
    "checkpoint_covering": lambda store: store.checkpoint_covering(LeafIndex(0)),
    "checkpoints": lambda store: list(store.checkpoints()),
    "get": lambda store: store.get(KEY),
    "scan": lambda store: list(store.scan("", Kind.LOT_NAME)),
    "state": lambda store: list(store.state()),
}


@pytest.mark.parametrize(
    ("change", "reads"),
    [
        ("UPDATE entries SET registered_at = x'05' WHERE idx = 1", "row rows"),
        ("UPDATE entries SET entry = 'text' WHERE idx = 0", "rows entries"),
        ("UPDATE entries SET chain = NULL WHERE idx = 1", "row rows"),
        ("UPDATE entries SET type = x'05' WHERE idx = 1", "row rows known"),
        ("UPDATE entries SET type = CAST(x'ff' AS TEXT) WHERE idx = 1", "row rows known"),
        ("UPDATE entries SET idx = 'text' WHERE idx = 1", "size"),
        ("UPDATE contents SET statement = NULL WHERE idx = 1", "row rows"),
        ("UPDATE tiles SET hashes = 'text'", "tile"),
        ("UPDATE tiles SET root = NULL", "tile tile_roots"),
        ("UPDATE checkpoints SET note = 'text'", "latest_checkpoint checkpoint_covering checkpoints"),
        ("UPDATE checkpoints SET root = 1.5", "latest_checkpoint checkpoint_covering checkpoints"),
        ("UPDATE state SET record = NULL", "get scan state"),
        ("UPDATE state SET record = 'text'", "get scan state"),
        ("UPDATE state SET record = x'c1'", "get scan"),
        ("UPDATE state SET kind = 'another'", "state"),
        ("UPDATE state SET name = x'ff'", "state"),
    ],
)
def test_a_value_that_cannot_be_read_is_told_by_whoever_reads_it(
    path: Path, raw: sqlite3.Connection, change: str, reads: str
) -> None:
    _without_checks(raw)
    with closing(SqliteStore(path, writable=False)) as store:
        for read in reads.split():
            READS[read](store)  # as it was written it can be read
    raw.execute(change)
    with closing(SqliteStore(path, writable=False)) as store:
        for read in reads.split():
            with pytest.raises(LogInconsistent, match="cannot be read"):
                READS[read](store)


def test_a_broken_index_is_found_by_the_check(path: Path, raw: sqlite3.Connection) -> None:
    (page,) = raw.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_entries_1'"
    ).fetchone()
    (size,) = raw.execute("PRAGMA page_size").fetchone()
    raw.close()
    data = bytearray(path.read_bytes())
    at = data.index(B, (page - 1) * size)
    assert at < page * size
    data[at] ^= 1
    path.write_bytes(data)
    with closing(SqliteStore(path, writable=False)) as store:
        assert store.index_of(ID) is None  # what a retry would be told
        with pytest.raises(LogInconsistent, match="index"):
            store.check()


def test_damaged_text_in_sqlites_own_message_is_told_too(path: Path, raw: sqlite3.Connection) -> None:
    """SQLite quotes the damaged schema, and Python cannot read the quotation."""
    raw.close()
    path.write_bytes(path.read_bytes().replace(b"ON entries (contract)", b"ON entri\xec\xff (contract)"))
    with (
        closing(SqliteStore(path, writable=False)) as store,
        pytest.raises(LogInconsistent, match="cannot be read"),
    ):
        store.size()
