"""The tables of the read models, in a file or in memory: one a kind of answer, a column a field.

    contracts, makers, calloffs, allocations, lots, deliveries, findings, recalls, parties, statements
                what `ledger.views.answers` says of each; what is nested in an answer is JSON
    facets      whom and what a thing has to do with: the parties, lines, lots and statements it names
    texts       what it can be found by in words; texts_fts is the full-text index over it (FTS5)
    progress    running totals of a line of a contract; `flow` how its goods go, to be drawn
    waiting     contracts that have changed and are not told again yet
    meta        of which log this is, how far it was followed

Any SQLite tool opens the file. Nothing rests on it: deleted, or of another layout, it is made again from the log.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlite_utils import Database

from ledger.views.answers import (
    Allocation,
    Answer,
    Calloff,
    Contract,
    Delivery,
    Finding,
    Lot,
    Maker,
    Party,
    Recall,
    Statement,
)
from ledger.views.answers.base import nested

LAYOUT: Final = 2
"""PRAGMA user_version. A file of another is made again."""

SHELVES: Final[Mapping[str, type[Answer]]] = {
    "contracts": Contract,
    "makers": Maker,
    "calloffs": Calloff,
    "allocations": Allocation,
    "lots": Lot,
    "deliveries": Delivery,
    "findings": Finding,
    "recalls": Recall,
    "parties": Party,
    "statements": Statement,
}

_SOUGHT_BY: Final[Mapping[str, list[str]]] = {
    "lots": ["name", "contract", "line", "index", "id"],  # what a label names
    "makers": ["contract", "role", "rank", "id"],
    "allocations": ["contract", "late", "index", "id"],
    "deliveries": ["contract", "state", "index", "id"],
}
"""What the pages of a contract of thousands of makers ask for, beside each kind's own order."""

SIGNED_OFF: Final = "json_extract(figures, '$.signed_off')"
"""Of a maker, in a question as in the index: spelt alike, else SQLite opens the figures of each."""


def create(db: Database) -> None:
    """Make the tables in an empty database."""
    for name, model in SHELVES.items():
        table = db.table(name)
        table.create(
            {
                field: int if _is_number(info.annotation) else str
                for field, info in model.model_fields.items()
            },
            pk="id",
            strict=True,
        )
        table.create_index([model.order, "id"])
        if "contract" in model.model_fields:
            table.create_index(["contract", model.order, "id"])
    for name, columns in _SOUGHT_BY.items():
        db.table(name).create_index(columns)
    db.execute(f"CREATE INDEX makers_by_share ON makers (contract, role, line, {SIGNED_OFF})")
    db.table("facets").create(
        {"shelf": str, "name": str, "value": str, "id": str, "contract": str}, strict=True
    )
    db.table("facets").create_index(["shelf", "name", "value", "id"])
    db.table("facets").create_index(["contract"])
    db.table("facets").create_index(["shelf", "id"])
    db.table("texts").create(
        {"key": int, "shelf": str, "id": str, "contract": str, "title": str, "words": str},
        pk="key",
        strict=True,
    )
    db.table("texts").create_index(["contract"])
    db.table("texts").create_index(["shelf", "id"])
    db.table("texts").enable_fts(
        ["title", "words"], create_triggers=True, tokenize="unicode61 remove_diacritics 2"
    )
    for name in ("progress", "flow"):
        db.table(name).create(
            {"contract": str, "line": str, "told": str}, pk=("contract", "line"), strict=True
        )
    db.table("waiting").create({"contract": str}, pk="contract", strict=True)
    db.table("meta").create(
        {"policy": str, "size": int, "root": str, "erased": int, "as_of": str}, strict=True
    )
    db.execute(f"PRAGMA user_version = {LAYOUT}")


def _is_number(annotation: Any) -> bool:
    return annotation in (int, bool)


@cache
def nested_in(shelf: str) -> frozenset[str]:
    """The columns of a shelf that hold JSON."""
    return nested(SHELVES[shelf])


def open_file(path: Path, *, writable: bool) -> Database:
    """Open the file of the read models. Raises `sqlite3.Error` where it is not there or is none."""
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if writable else 'ro'}"
    connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
    try:
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("PRAGMA synchronous = NORMAL")  # what a crash takes is told again
        if not writable:
            connection.execute("BEGIN")  # one snapshot for as long as it is open
        return Database(connection, execute_plugins=False)
    except BaseException:
        connection.close()
        raise


@contextmanager
def swapping(path: Path, *, alone: bool) -> Iterator[None]:
    """Hold the file while it is put in another's place (`alone`) or opened, over threads and processes alike.

    A connection opens what lies beside its file at its first question, so it must not be opened on one file and ask on
    another. Raises `OSError` where there is no folder for it, or no right to write in it.
    """
    with path.with_name(f"{path.name}.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def in_memory() -> Database:
    """Tables of their own, that any thread may read."""
    db = Database(sqlite3.connect(":memory:", check_same_thread=False), execute_plugins=False)
    create(db)
    return db


class Known(NamedTuple):
    """What a file was made from."""

    policy: str
    size: int
    root: str
    """Of the log at that size, hexadecimal."""
    erased: int
    """How many entries had been erased by order."""
    as_of: str
    """When it was last brought up."""


def known_to(db: Database) -> Known:
    """How far the log was followed."""
    [row] = db.query("SELECT * FROM meta")
    return Known(**row)
