"""F4: one flipped bit anywhere in any file: harmless, or told by a declared error; never a wrong proof."""

from __future__ import annotations

import random
import shutil
from contextlib import closing, suppress
from pathlib import Path

import pytest

from ledger.errors import LogError, LogHalted, LogInconsistent, TallyError
from ledger.keystore import KeyStore
from ledger.log.folder import LogFolder
from ledger.log.reader import LogReader
from ledger.log.store.sqlite import SqliteStore
from ledger.proof.merkle import check_consistency, check_inclusion, leaf_hash
from ledger.proof.tiles import tiles_at
from ledger.rules.state import digest
from ledger.units import LeafIndex, TreeSize
from tests.support.log_world import (
    copied,
    enrolments,
    entry_of,
    fsck_at,
    id_of,
    open_log,
    register,
    tree_of,
)
from tests.support.spine import LOG_SIGNER

FLIPS = 100
SEEDS = range(3)


class Sound:
    """What the log says before anything is flipped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = LogFolder(path).database
        with LogReader.open(path) as reader:
            self.checkpoint = reader.checkpoint
            self.rows = list(reader.store.rows(LeafIndex(0), LeafIndex(reader.size)))
            self.roots = [reader.root(TreeSize(size)) for size in range(reader.size + 1)]
            self.tiles = {tile: reader.tile(tile) for tile in tiles_at(reader.size)}
            self.hashed = hashed(reader)


def hashed(reader: LogReader) -> list[object]:
    """Everything fsck answers for: what is hashed or signed, not the columns that only the audit compares."""
    rows = [
        (row.index, row.entry, row.chain, row.statement)
        for row in reader.store.rows(LeafIndex(0), LeafIndex(reader.size))
    ]
    tiles = [reader.store.tile(0, 0), *reader.store.tile_roots(0, 0, 9)]
    return [rows, tiles, list(reader.store.checkpoints())]


@pytest.fixture(scope="module")
def sound(mixed: Path, tmp_path_factory: pytest.TempPathFactory) -> Sound:
    return Sound(copied(mixed, tmp_path_factory.mktemp("flips") / "log"))


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def read_all(reader: LogReader, sound: Sound, choose: random.Random) -> int:
    """Ask for all kinds of evidence; whatever is answered must be true. Returns how often nothing was answered."""
    told = 0
    assert reader.checkpoint == sound.checkpoint
    size, root = sound.checkpoint.size, sound.checkpoint.root
    for row in choose.sample(sound.rows, 12):
        leaf = leaf_hash(entry_of(row.statement))
        try:
            assert reader.statement(row.index) == row.statement
            check_inclusion(leaf, row.index, size, reader.inclusion(row.index, size), root)
        except LogInconsistent:
            told += 1
        with suppress(LogInconsistent):
            assert reader.store.index_of(id_of(row.statement)) in {row.index, None}
    for old in choose.sample(range(1, size), 4):
        try:
            path = reader.consistency(TreeSize(old), size)
            check_consistency(old, sound.roots[old], size, root, path)
        except LogInconsistent:
            told += 1
    for tile, data in sound.tiles.items():
        try:
            assert reader.tile(tile) == data
        except LogInconsistent:
            told += 1
    with suppress(LogInconsistent):
        digest(reader.store.state())
    return told


def check_first_bad_entry_is_named(sound: Sound, found: LogInconsistent) -> None:
    """Where all rows can still be read, and the first of them that changed is an entry, fsck has named that one."""
    with suppress(LogInconsistent), closing(SqliteStore(sound.database, writable=False)) as store:
        rows = [(row.index, *row[1:3], row.statement) for row in store.rows(LeafIndex(0), LeafIndex(10_000))]
        whole = [(row.index, *row[1:3], row.statement) for row in sound.rows]
        changed = [index for index, row in enumerate(whole) if index >= len(rows) or rows[index] != row]
        if changed and changed[0] > 0 and "cannot be read" not in found.found:
            assert found.found.startswith(f"entry {changed[0]} "), found.found


@pytest.mark.parametrize("seed", SEEDS)
def test_one_bit_anywhere_in_the_database(sound: Sound, seed: int) -> None:
    choose = random.Random(seed)
    database = sound.database
    data = database.read_bytes()
    clean = 0
    try:
        for _ in range(FLIPS):
            bit = choose.randrange(8 * len(data))
            database.write_bytes(flipped(data, bit))
            told = 0
            try:
                with LogReader.open(sound.path) as reader:
                    told = read_all(reader, sound, choose)
                fsck_at(sound.path)
            except LogInconsistent as found:
                check_first_bad_entry_is_named(sound, found)
                continue
            clean += 1
            assert not told, f"bit {bit}: fsck is content with what a reader is not"
            with LogReader.open(sound.path) as reader:
                assert hashed(reader) == sound.hashed, f"bit {bit}: fsck is content with a change"
    finally:
        database.write_bytes(data)
    assert 0 < clean < FLIPS  # free space is no fault; most of the file is not free


@pytest.mark.parametrize("seed", SEEDS)
def test_a_writer_that_starts_on_a_flipped_bit_signs_no_second_history(
    mixed: Path, tmp_path: Path, seed: int
) -> None:
    """It refuses, or it halts, or what it signs extends what was given out."""
    choose = random.Random(seed)
    path = copied(mixed, tmp_path / "log")
    sound = Sound(path)
    files = {one: one.read_bytes() for one in path.iterdir()}
    data = files[LogFolder(path).database]
    started = 0
    for _ in range(FLIPS // 4):
        LogFolder(path).database.write_bytes(flipped(data, choose.randrange(8 * len(data))))
        again = [row.statement for row in sound.rows[5:9]]
        with suppress(LogInconsistent), open_log(path) as log, suppress(LogHalted):
            log.append([*again, *enrolments(5, 5_000)])
        with suppress(LogInconsistent), LogReader.open(path) as reader:
            started += reader.size > sound.checkpoint.size
            new = reader.store.rows(LeafIndex(sound.checkpoint.size), LeafIndex(reader.size))
            history = [row.statement for row in sound.rows] + [row.statement for row in new]
            assert reader.checkpoint.root == tree_of(history).root()
        for name in path.iterdir():
            name.unlink()
        for name, content in files.items():
            name.write_bytes(content)
    assert started


def test_one_bit_anywhere_in_the_mark(mixed: Path, tmp_path: Path) -> None:
    path = copied(mixed, tmp_path / "log")
    mark = LogFolder(path).mark
    note = mark.read_bytes()
    for bit in range(0, 8 * len(note), 5):
        mark.write_bytes(flipped(note, bit))
        with pytest.raises(LogInconsistent):
            open_log(path)
    mark.write_bytes(note)
    open_log(path).close()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_one_bit_anywhere_in_what_a_crash_left_beside_the_database(
    mixed: Path, tmp_path: Path, suffix: str, seed: int
) -> None:
    """A reader that comes first after the crash, and a writer after it: what is answered is true, or told."""
    choose = random.Random(seed)
    live, crashed = copied(mixed, tmp_path / "live"), tmp_path / "crashed"
    with open_log(live) as log:
        for first in (5_000, 5_010, 5_020):
            register(log, enrolments(7, first))
        shutil.copytree(live, crashed)
    sound = Sound(live)
    data = (crashed / f"log.sqlite3{suffix}").read_bytes()
    for number in range(8):
        path = copied(crashed, tmp_path / f"flip-{number}")
        (path / f"log.sqlite3{suffix}").write_bytes(flipped(data, choose.randrange(8 * len(data))))
        with suppress(LogInconsistent), LogReader.open(path) as reader:
            if reader.checkpoint == sound.checkpoint:
                read_all(reader, sound, choose)
            else:  # SQLite left out what its checksums do not cover: a beginning, and no start from it
                assert reader.checkpoint.root == sound.roots[reader.size]
                with pytest.raises(LogError):
                    open_log(path)
        with suppress(LogError), open_log(path) as log:
            register(log, enrolments(2, 6_000))
            assert log.halted is None
            with log.reader() as reader:
                assert reader.root(sound.checkpoint.size) == sound.checkpoint.root
        if suffix == "-shm":
            assert fsck_at(path).size == sound.checkpoint.size + 2  # it is made anew by whoever comes first


def test_one_bit_in_the_key_file_opens_no_other_key(tmp_path: Path) -> None:
    store = KeyStore(tmp_path / "keys")
    key = store.add("log", LOG_SIGNER, b"a long passphrase")
    file = store.folder / "log.pem"
    data = file.read_bytes()
    choose = random.Random(4)
    opened = 0
    for _ in range(16):
        file.write_bytes(flipped(data, choose.randrange(8 * len(data))))
        with suppress(TallyError):
            assert store.unlock(key, b"a long passphrase").public == LOG_SIGNER.public
            opened += 1
    assert opened < 16


@pytest.mark.parametrize("name", ["vkey", "writer.lock"])
def test_one_bit_in_what_nobody_reads_is_nobodys_truth(mixed: Path, tmp_path: Path, name: str) -> None:
    path = copied(mixed, tmp_path / "log")
    (path / name).write_bytes(flipped((path / name).read_bytes() or b"\0", 3))
    with open_log(path) as log:
        register(log, enrolments(2, 6_000))
    fsck_at(path)


def test_every_file_of_a_log_is_flipped_here(mixed: Path, tmp_path: Path) -> None:
    """A new file in the folder wants a test of its own."""
    path = copied(mixed, tmp_path / "log")
    with open_log(path) as log:
        register(log, enrolments(2, 6_000))
        assert {one.name for one in path.iterdir()} == {
            "log.sqlite3",
            "log.sqlite3-wal",
            "log.sqlite3-shm",
            "high-water",
            "vkey",
            "writer.lock",
        }
