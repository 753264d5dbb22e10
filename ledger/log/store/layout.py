"""The layout of the database file, how a file of an earlier one is brought up to it, and how one is opened.

A database keeps the history of its layout: every one, a new one too, has come from the first by the migrations.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ledger.errors import LogInconsistent

FORMAT: Final = 2
"""PRAGMA user_version of the layout. The writer migrates an older one, a reader reads it; a newer is refused."""

WAL_PAGES: Final = 16_384
"""Pages (of 4 KiB) after which the WAL is moved into the database. SQLite's 1,000 would do so at almost every group of
a bulk append; 64 MiB to read again after a crash take a fraction of a second."""

CACHE_KIB: Final = 64 * 1024
"""The writer's page cache: ids are random, so an index page is wanted again at any time."""

_TABLES: Final = """
CREATE TABLE entries (
  idx INTEGER PRIMARY KEY, entry BLOB NOT NULL UNIQUE CHECK (length(entry) = 32),
  chain BLOB NOT NULL CHECK (length(chain) = 32), registered_at INTEGER NOT NULL,
  type TEXT NOT NULL, contract INTEGER
) STRICT;
CREATE INDEX entries_of_contract ON entries (contract) WHERE contract IS NOT NULL;
CREATE TABLE contents (idx INTEGER PRIMARY KEY REFERENCES entries (idx), statement BLOB NOT NULL) STRICT;
CREATE TABLE tiles (
  level INTEGER NOT NULL, idx INTEGER NOT NULL, root BLOB NOT NULL CHECK (length(root) = 32),
  hashes BLOB NOT NULL CHECK (length(hashes) = 8192), PRIMARY KEY (level, idx)
) STRICT;
CREATE TABLE checkpoints (
  size INTEGER PRIMARY KEY, root BLOB NOT NULL CHECK (length(root) = 32), note BLOB NOT NULL
) STRICT;
CREATE TABLE state (
  contract BLOB NOT NULL, kind TEXT NOT NULL, name BLOB NOT NULL, record BLOB NOT NULL,
  PRIMARY KEY (contract, kind, name)
) STRICT, WITHOUT ROWID;
"""
_APPEND_ONLY: Final = (
    "CREATE TRIGGER {table}_never_{verb} BEFORE {verb} ON {table} "
    "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;"
)
_LAYOUT_1: Final = _TABLES + "\n".join(
    _APPEND_ONLY.format(table=table, verb=verb)
    for table in ("entries", "contents", "tiles", "checkpoints")
    for verb in ("update", "delete")
)
_ERASURES: Final = """erasures (
  idx INTEGER PRIMARY KEY, by_idx INTEGER NOT NULL CHECK (by_idx > idx), remnant BLOB NOT NULL
) STRICT;
"""
_MIGRATIONS: Final[Mapping[int, str]] = {
    1: f"""
CREATE TABLE {_ERASURES}
{_APPEND_ONLY.format(table="erasures", verb="update")}
{_APPEND_ONLY.format(table="erasures", verb="delete")}
CREATE TRIGGER erasures_by_order BEFORE INSERT ON erasures
WHEN NOT EXISTS (SELECT 1 FROM entries WHERE idx = NEW.by_idx AND type = 'erasure.recorded')
BEGIN SELECT RAISE(ABORT, 'contents are erased by an erasure.recorded'); END;
DROP TRIGGER contents_never_delete;
CREATE TRIGGER contents_never_delete BEFORE DELETE ON contents
WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE idx = OLD.idx)
BEGIN SELECT RAISE(ABORT, 'contents is append-only'); END;
CREATE TRIGGER contents_never_return BEFORE INSERT ON contents
WHEN EXISTS (SELECT 1 FROM erasures WHERE idx = NEW.idx)
BEGIN SELECT RAISE(ABORT, 'erased contents never return'); END;
""",  # noqa: S608  # only the names above
}
"""From a layout to the next: every database, a new one too, has come from the first by these."""


def create(path: Path) -> None:
    """Make an empty database of the first layout; whoever opens it to write brings it up."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.executescript(f"BEGIN; {_LAYOUT_1} PRAGMA user_version = 1; COMMIT;")
    db.close()


def connect(path: Path, *, writable: bool, snapshot: bool) -> sqlite3.Connection:
    """Open the file for the one writer, or for reading. Raises `LogInconsistent` for a layout of a later release."""
    # Every transaction is begun and ended in words: no implicit BEGIN.
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'rw' if writable else 'ro'}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        db.execute("PRAGMA busy_timeout = 5000")
        if writable:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
            db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            db.execute("PRAGMA recursive_triggers = ON")  # else REPLACE deletes behind the triggers' back
        elif snapshot:
            # One snapshot for as long as the store is open: a checkpoint and its entries are of one size.
            db.execute("BEGIN")
        _bring_up(db, path, writable=writable)
    except BaseException:
        db.close()
        raise
    return db


def _bring_up(db: sqlite3.Connection, path: Path, *, writable: bool) -> None:
    """Bring an older layout up to this one: for good by the writer, for as long as it reads by a reader."""
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found != FORMAT and found not in _MIGRATIONS:
        raise LogInconsistent(f"{path} has layout {found}", expected=f"layout {FORMAT}")
    if writable:
        for layout in range(found, FORMAT):
            db.executescript(
                f"BEGIN IMMEDIATE; {_MIGRATIONS[layout]} PRAGMA user_version = {layout + 1}; COMMIT;"
            )
    elif found < FORMAT:  # nothing was erased in it
        db.execute(f"CREATE TEMP TABLE {_ERASURES}")
