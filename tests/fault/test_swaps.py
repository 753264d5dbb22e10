"""F5: rows and tiles that are sound and stand in place of others, or come from another log: told by their hashes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ledger.errors import LogInconsistent
from ledger.log.reader import LogReader
from ledger.proof.merkle import check_inclusion, leaf_hash
from ledger.proof.tiles import tiles_at
from ledger.units import LeafIndex
from tests.support.log_world import copied, enrolments, entry_of, fsck_at, grown_log, open_log, raw, tamper

COLUMNS = {
    "statements": ("contents", "statement", "idx"),
    "entries": ("entries", "entry", "idx"),
    "chains": ("entries", "chain", "idx"),
    "tiles": ("tiles", "hashes", "idx"),
    "roots of tiles": ("tiles", "root", "idx"),
    "checkpoints": ("checkpoints", "note", "size"),
    "roots of checkpoints": ("checkpoints", "root", "size"),
}


@pytest.fixture(scope="module")
def three_tiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 780 entries in 13 groups."""
    statements = enrolments(779)
    groups = [statements[start : start + 60] for start in range(0, 779, 60)]
    return grown_log(tmp_path_factory.mktemp("swaps") / "log", groups)


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound log of the same key and length, with other parties in the same groups."""
    statements = enrolments(779, 5_000)
    groups = [statements[start : start + 60] for start in range(0, 779, 60)]
    return grown_log(tmp_path_factory.mktemp("swaps") / "other", groups)


def answers_truly(path: Path, sound: Path, chance: random.Random) -> int:
    """Whatever a reader hands out is what the sound log hands out; how often it told that it could not."""
    told = 0
    try:
        reader = LogReader.open(path)
    except LogInconsistent:
        return 1
    with reader, LogReader.open(sound) as true:
        assert reader.checkpoint == true.checkpoint
        for index in map(LeafIndex, [*chance.sample(range(true.size), 25), 0, true.size - 1]):
            try:
                statement = reader.statement(index)
                assert statement == true.statement(index)
                proof = reader.inclusion(index, reader.size)
                check_inclusion(leaf_hash(entry_of(statement)), index, true.size, proof, true.checkpoint.root)
            except LogInconsistent:
                told += 1
        for tile in tiles_at(true.size):
            try:
                assert reader.tile(tile) == true.tile(tile)
            except LogInconsistent:
                told += 1
    return told


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("what", COLUMNS)
def test_two_that_changed_places_are_told(three_tiles: Path, tmp_path: Path, what: str, seed: int) -> None:
    chance = random.Random(seed)
    path = copied(three_tiles, tmp_path / "log")
    table, column, key = COLUMNS[what]
    with raw(path) as db:
        keys = [one for (one,) in db.execute(f"SELECT {key} FROM {table} WHERE {_level(table)}")]
        low, high = sorted(chance.sample(keys[:-1], 2))  # the newest checkpoint is told before any other
        values = dict(db.execute(f"SELECT {key}, {column} FROM {table} WHERE {_level(table)}"))
    unused = b"\0" * 31 + b"\1" if column == "entry" else values[low]
    changes = [(low, unused), (high, values[low]), (low, values[high])]
    for at, value in changes:
        tamper(
            path, f"UPDATE {table} SET {column} = ? WHERE {key} = {at} AND {_level(table)}", values=[value]
        )
    with pytest.raises(LogInconsistent) as told:
        fsck_at(path)
    assert _named(what, low) in told.value.found
    answers_truly(path, three_tiles, chance)


@pytest.mark.parametrize("what", COLUMNS)
def test_what_comes_from_another_log_of_the_same_key_is_told(
    three_tiles: Path, another: Path, tmp_path: Path, what: str
) -> None:
    chance = random.Random(7)
    path = copied(three_tiles, tmp_path / "log")
    table, column, key = COLUMNS[what]
    with raw(another) as db:
        other = dict(db.execute(f"SELECT {key}, {column} FROM {table} WHERE {_level(table)} AND {key} > 0"))
    at = chance.choice(sorted(other))
    tamper(
        path, f"UPDATE {table} SET {column} = ? WHERE {key} = {at} AND {_level(table)}", values=[other[at]]
    )
    with pytest.raises(LogInconsistent) as told:
        fsck_at(path)
    assert _named(what, at) in told.value.found
    answers_truly(path, three_tiles, chance)


def test_a_whole_tile_with_its_root_of_another_log_is_told_by_everyone(
    three_tiles: Path, another: Path, tmp_path: Path
) -> None:
    """It fits itself. It does not fit the entries, nor the root that was signed."""
    path = copied(three_tiles, tmp_path / "log")
    with raw(another) as db:
        root, hashes = db.execute("SELECT root, hashes FROM tiles WHERE level = 0 AND idx = 1").fetchone()
    tamper(path, "UPDATE tiles SET root = ?, hashes = ? WHERE level = 0 AND idx = 1", values=[root, hashes])
    with pytest.raises(LogInconsistent, match="tile 0/1 is not the one its entries make"):
        fsck_at(path)
    assert answers_truly(path, three_tiles, random.Random(1))
    with pytest.raises(LogInconsistent, match="the entries have root"):
        open_log(path)


def test_a_stale_tile_that_was_full_only_in_part_is_told(three_tiles: Path, tmp_path: Path) -> None:
    """What a tile was before it was full: its last hashes are not there yet."""
    path = copied(three_tiles, tmp_path / "log")
    with raw(path) as db:
        [hashes] = db.execute("SELECT hashes FROM tiles WHERE level = 0 AND idx = 2").fetchone()
    stale = hashes[: 200 * 32] + bytes(56 * 32)
    tamper(path, "UPDATE tiles SET hashes = ? WHERE level = 0 AND idx = 2", values=[stale])
    with pytest.raises(LogInconsistent, match="tile 0/2 is not the one its entries make"):
        fsck_at(path)
    assert answers_truly(path, three_tiles, random.Random(2))


def _level(table: str) -> str:
    return "level = 0" if table == "tiles" else "1"


def _named(what: str, at: int) -> str:
    """How fsck names the first of the two."""
    if "tile" in what:
        return f"tile 0/{at} "
    if "checkpoint" in what:
        return f"size {at} "
    return f"entry {at} "
