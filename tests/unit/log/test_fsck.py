"""fsck re-hashes everything: each change of what is hashed is found, and the first bad entry is named."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.errors import LogInconsistent
from ledger.log.folder import LogFolder
from ledger.log.fsck import EntryCheck, fsck
from ledger.log.reader import LogReader
from ledger.log.tree import GrowingTree
from ledger.log.writer import CHAIN_START, chain
from ledger.proof.checkpoint import Checkpoint, sign_checkpoint
from ledger.proof.merkle import RightEdge, leaf_hash
from tests.support.log_world import (
    checkpoint_at,
    copied,
    enrolments,
    entry_of,
    fsck_at,
    grown_log,
    kept_statements,
    open_log,
    raw,
    register,
    tamper,
    tree_of,
)
from tests.support.spine import LOG_SIGNER, ORIGIN

FLIPS = 12  # of each column


@pytest.fixture(scope="module")
def open_to_change(grown: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The grown log without its triggers; every test puts back what it changed, by copying."""
    path = copied(grown, tmp_path_factory.mktemp("fsck") / "log")
    tamper(path, "PRAGMA foreign_keys = OFF")
    return path


@pytest.fixture
def path(open_to_change: Path, tmp_path: Path) -> Path:
    return copied(open_to_change, tmp_path / "log")


def found(path: Path) -> LogInconsistent:
    with pytest.raises(LogInconsistent) as caught:
        fsck_at(path)
    return caught.value


def test_a_sound_log_is_found_sound(grown: Path) -> None:
    told: list[int] = []
    with LogReader.open(grown) as reader:
        checked = fsck(reader.store, LogFolder(grown).mark, told.append)
    kept = kept_statements(grown)
    assert (checked.size, checked.root) == (len(kept), tree_of(kept).root())
    assert checked.tiles == 2
    assert checked.checkpoints == 9
    assert sum(told) == len(kept)


# Single bits


def flip(db: sqlite3.Connection, table: str, column: str, where: str, bit: int) -> None:
    (value,) = db.execute(f"SELECT {column} FROM {table} WHERE {where}").fetchone()
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (bytes(changed),))


@pytest.mark.parametrize("column", ["statement", "entry", "chain"])
def test_one_flipped_bit_of_a_row_is_found_and_its_entry_named(path: Path, column: str) -> None:
    choose = random.Random(column)
    table = "contents" if column == "statement" else "entries"
    size = checkpoint_at(path).size
    for index in [0, 1, 255, 256, size - 1, *choose.sample(range(2, size - 1), FLIPS - 5)]:
        with raw(path) as db:
            (bits,) = db.execute(f"SELECT 8 * length({column}) FROM {table} WHERE idx = {index}").fetchone()
            bit = choose.randrange(bits)
            flip(db, table, column, f"idx = {index}", bit)
            error = found(path)
            assert re.match(rf"entry {index}\b", error.found), (bit, error)
            flip(db, table, column, f"idx = {index}", bit)
    assert fsck_at(path).size == size


@pytest.mark.parametrize("column", ["root", "hashes"])
@pytest.mark.parametrize("tile", [0, 1])
def test_one_flipped_bit_of_a_tile_is_found_and_the_tile_named(path: Path, column: str, tile: int) -> None:
    choose = random.Random(f"{column} {tile}")
    bits = 8 * (32 if column == "root" else 8192)
    for bit in choose.sample(range(bits), 3):
        with raw(path) as db:
            flip(db, "tiles", column, f"level = 0 AND idx = {tile}", bit)
            assert found(path).found.startswith(f"tile 0/{tile} ")
            flip(db, "tiles", column, f"level = 0 AND idx = {tile}", bit)
    fsck_at(path)


@pytest.mark.parametrize("column", ["root", "note"])
def test_one_flipped_bit_of_a_checkpoint_is_found_and_its_size_named(path: Path, column: str) -> None:
    choose = random.Random(column)
    with raw(path) as db:
        sizes = [size for (size,) in db.execute("SELECT size FROM checkpoints ORDER BY size")]
        for size in (sizes[0], sizes[4], sizes[-1]):
            (bits,) = db.execute(
                f"SELECT 8 * length({column}) FROM checkpoints WHERE size = {size}"
            ).fetchone()
            for bit in choose.sample(range(bits), FLIPS // 3):
                flip(db, "checkpoints", column, f"size = {size}", bit)
                assert f"size {size}" in str(found(path)), bit
                flip(db, "checkpoints", column, f"size = {size}", bit)
    fsck_at(path)


# Rows


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        (["DELETE FROM entries WHERE idx = 300"], "entry 300 is missing"),
        (["DELETE FROM contents WHERE idx = 300"], "entry 300 is missing"),
        (["DELETE FROM entries WHERE idx >= 300"], "entry 300 is missing"),
        (["DELETE FROM entries WHERE idx = (SELECT max(idx) FROM entries)"], "entry {last} is missing"),
        (["UPDATE entries SET idx = 9999 WHERE idx = 300"], "entry 300 is missing"),
        (["UPDATE entries SET registered_at = 1 WHERE idx = 300"], "entry 300 is registered before"),
        (
            ["UPDATE entries SET registered_at = registered_at + 1 WHERE idx = 300"],
            "entry 301 is registered before",
        ),
        (["UPDATE contents SET statement = x'00' WHERE idx IN (400, 200, 300)"], "entry 200 holds another"),
        (["DELETE FROM tiles WHERE level = 0 AND idx = 0"], "tile 0/0 "),
        (["INSERT INTO checkpoints VALUES (9999, zeroblob(32), x'00')"], "the checkpoint of size 9999"),
        (["INSERT INTO checkpoints VALUES (0, zeroblob(32), x'00')"], "there is a checkpoint of size 0"),
        (["INSERT INTO checkpoints VALUES (300, zeroblob(32), x'00')"], "the checkpoint of size 300"),
        (["DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)"], "entry {before} "),
        (["DELETE FROM checkpoints"], "there is no checkpoint"),
    ],
)
def test_missing_moved_and_added_rows_are_found(path: Path, changes: list[str], first: str) -> None:
    with LogReader.open(path) as reader:
        last, before = reader.size - 1, list(reader.store.checkpoints())[-2].size
    tamper(path, *changes)
    assert found(path).found.startswith(first.format(last=last, before=before))


@pytest.mark.parametrize(("low", "high"), [(1, 2), (255, 256), (300, 500)])
@pytest.mark.parametrize(
    ("columns", "first"), [("statement", "low"), ("entry", "low"), ("entry, statement", "low")]
)
def test_swapped_rows_are_found_at_the_first_of_them(
    path: Path, low: int, high: int, columns: str, first: str
) -> None:
    def swap(table: str, column: str) -> None:
        with raw(path) as db:
            one, other = (
                db.execute(f"SELECT {column} FROM {table} WHERE idx = {n}").fetchone()[0] for n in (low, high)
            )
            db.execute(f"UPDATE {table} SET {column} = zeroblob(32) WHERE idx = {low}")
            db.execute(f"UPDATE {table} SET {column} = ? WHERE idx = {high}", (one,))
            db.execute(f"UPDATE {table} SET {column} = ? WHERE idx = {low}", (other,))

    for column in columns.split(", "):
        swap("contents" if column == "statement" else "entries", column)
    assert found(path).found.startswith(f"entry {low} ")


def test_swapped_tiles_are_found(path: Path) -> None:
    tamper(
        path,
        "UPDATE tiles SET idx = 9 WHERE idx = 0",
        "UPDATE tiles SET idx = 0 WHERE idx = 1",
        "UPDATE tiles SET idx = 1 WHERE idx = 9",
    )
    assert found(path).found.startswith("tile 0/0 ")


def test_a_history_rewritten_with_care_fails_at_the_first_checkpoint_after_it(path: Path) -> None:
    """Someone with the database but not the log's key changes an entry and mends chain and tiles."""
    kept = kept_statements(path)
    kept[150] = b"another statement"
    link, tree = CHAIN_START, GrowingTree(RightEdge(), [])
    with raw(path) as db:
        sizes = [size for (size,) in db.execute("SELECT size FROM checkpoints ORDER BY size")]
        for index, statement in enumerate(kept):
            entry = entry_of(statement)
            link = chain(link, entry)
            if index >= 150:
                db.execute("UPDATE entries SET entry = ?, chain = ? WHERE idx = ?", (entry, link, index))
                db.execute("UPDATE contents SET statement = ? WHERE idx = ?", (statement, index))
            for tile in tree.append(leaf_hash(entry)):
                values = (tile.root, tile.hashes, tile.level, tile.index)
                db.execute("UPDATE tiles SET root = ?, hashes = ? WHERE level = ? AND idx = ?", values)
    first = next(size for size in sizes if size > 150)
    assert found(path).found.startswith(f"up to entry {first - 1} ")


def test_a_history_rewritten_with_the_logs_own_key_is_told_by_the_mark(path: Path, tmp_path: Path) -> None:
    """Whoever has the key makes another sound history; only what was given out before tells."""
    other = grown_log(tmp_path / "other", [enrolments(900)])
    shutil.copy(LogFolder(other).database, LogFolder(path).database)
    assert fsck_at(other).size == 901
    assert "high-water mark's root" in found(path).expected


# The mark, and the file


def test_a_database_behind_the_mark_is_found(path: Path, tmp_path: Path) -> None:
    backup = LogFolder(path).database.read_bytes()
    with open_log(path) as log:
        register(log, enrolments(1, 5_000))
    LogFolder(path).database.write_bytes(backup)
    assert "high-water mark" in found(path).found


def test_a_mark_for_a_size_the_log_never_had_is_found(path: Path) -> None:
    """Its root is compared at any size, not only where the log keeps a checkpoint."""
    kept = kept_statements(path)
    true = Checkpoint(ORIGIN, 77, tree_of(kept[:77]).root())
    LogFolder(path).mark.write_bytes(sign_checkpoint(true, LOG_SIGNER))
    fsck_at(path)
    false = Checkpoint(ORIGIN, 77, tree_of([*kept[:76], b"x"]).root())
    LogFolder(path).mark.write_bytes(sign_checkpoint(false, LOG_SIGNER))
    assert "at size 77" in found(path).found


def test_a_missing_mark_is_found(path: Path) -> None:
    LogFolder(path).mark.unlink()
    assert "missing" in found(path).found


def test_an_index_that_would_hide_a_statement_is_found(path: Path) -> None:
    """Every row is sound; but the same statement sent again would be taken for a new one."""
    with raw(path) as db:
        (page,) = db.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'entries_of_contract'"
        ).fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    data = bytearray(LogFolder(path).database.read_bytes())
    data[page * size - 1] ^= 2  # the last cell's row number
    LogFolder(path).database.write_bytes(data)
    assert "index" in found(path).found


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_found(path: Path, share: float) -> None:
    database = LogFolder(path).database
    data = database.read_bytes()
    database.write_bytes(data[: int(len(data) * share)])
    found(path)


# Beside a writer


def test_fsck_beside_a_writer_checks_the_size_it_found_and_is_not_confused(
    short: Path, a_copy: Callable[[Path], Path]
) -> None:
    path = a_copy(short)
    with open_log(path) as log, LogReader.open(path) as reader:
        check = EntryCheck(reader.store)
        register(log, enrolments(40, 20))
        for _ in check.batches():
            register(log, enrolments(40, 60))
        checked = check.finish(LogFolder(path).mark)
    assert checked.size == 10
    assert fsck_at(path).size == 90


def test_fsck_while_many_submit(fresh: Path) -> None:
    stop = threading.Event()
    with open_log(fresh) as log:

        def submit() -> None:
            for statement in enrolments(400):
                if stop.is_set():
                    return
                log.submit(statement).result()

        thread = threading.Thread(target=submit)
        thread.start()
        try:
            sizes = [fsck_at(fresh).size for _ in range(8)]
        finally:
            stop.set()
            thread.join()
    assert sizes == sorted(sizes)
