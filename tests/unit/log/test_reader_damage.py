"""A damaged store is told by whoever reads it, and never becomes a wrong proof, tile or statement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import LogInconsistent
from ledger.log.reader import LogReader
from ledger.proof.tiles import Tile
from ledger.units import LeafIndex, TreeSize
from tests.support.log_world import checkpoint_at, copied, enrolment, tamper

Read = Callable[[LogReader], Any]


@pytest.fixture(scope="module")
def size(grown: Path) -> int:
    return checkpoint_at(grown).size


@pytest.fixture(scope="module")
def damaged(grown: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., LogReader]:
    """Opens a copy of the grown log with some rows changed."""

    def damage(*changes: str, **values: Any) -> LogReader:
        path = copied(grown, tmp_path_factory.mktemp("damaged") / "log")
        tamper(path, "PRAGMA foreign_keys = OFF")
        tamper(path, *changes, **values)
        return LogReader.open(path)

    return damage


LAST = "(SELECT max(idx) FROM entries)"
# By what they rest on: an entry of a full tile, an entry of the last, partial one, and a full tile itself.
IN_FULL = "UPDATE entries SET entry = randomblob(32) WHERE idx = 300"
IN_PARTIAL = f"UPDATE entries SET entry = randomblob(32) WHERE idx = {LAST} - 3"
TILE = "UPDATE tiles SET hashes = zeroblob(8192) WHERE level = 0 AND idx = 1"
ROOT = "UPDATE tiles SET root = zeroblob(32) WHERE level = 0 AND idx = 1"
WRONG_STATEMENT = "UPDATE contents SET statement = x'00' WHERE idx = 300"
GONE = "DELETE FROM entries WHERE idx = 300"

READS: dict[str, Read] = {
    "its inclusion": lambda reader: reader.inclusion(LeafIndex(300), reader.size),
    "its inclusion at an older size": lambda reader: reader.inclusion(LeafIndex(300), TreeSize(400)),
    "another's inclusion": lambda reader: reader.inclusion(LeafIndex(301), reader.size),
    "the last one's inclusion": lambda reader: reader.inclusion(LeafIndex(reader.size - 1), reader.size),
    "a root": lambda reader: reader.root(TreeSize(400)),
    "consistency": lambda reader: reader.consistency(TreeSize(400), reader.size),
    "consistency of older sizes": lambda reader: reader.consistency(TreeSize(300), TreeSize(400)),
    "a multiproof": lambda reader: reader.multiproof([LeafIndex(3), LeafIndex(300)]),
    "its tile": lambda reader: reader.tile(Tile(0, 1, 256)),
    "a part of its tile": lambda reader: reader.tile(Tile(0, 1, 99)),
    "the tile above": lambda reader: reader.tile(Tile(1, 0, 2)),
    "the last tile": lambda reader: reader.tile(Tile(0, 2, reader.size - 512)),
    "its bundle": lambda reader: reader.entry_bundle(Tile(0, 1, 256)),
    "the last bundle": lambda reader: reader.entry_bundle(Tile(0, 2, reader.size - 512)),
    "its statement": lambda reader: reader.statement(LeafIndex(300)),
}


@pytest.mark.parametrize("read", READS)
def test_the_sound_log_answers_all_of_them(grown: Path, read: str) -> None:
    with LogReader.open(grown) as reader:
        assert READS[read](reader)


@pytest.mark.parametrize(
    ("change", "reads"),
    [
        (IN_FULL, ["its inclusion", "its inclusion at an older size", "a multiproof", "its bundle", "its statement"]),
        (
            IN_PARTIAL,
            ["the last one's inclusion", "its inclusion", "consistency", "the last tile", "the last bundle"],
        ),
        (TILE, [
            "its inclusion", "another's inclusion", "a root", "consistency", "consistency of older sizes",
            "its tile", "a part of its tile", "its bundle",
        ]),
        (ROOT, ["the last one's inclusion", "the tile above", "its tile"]),
        (WRONG_STATEMENT, ["its statement"]),
        (GONE, ["its inclusion", "a multiproof", "its bundle", "its statement"]),
    ],
)  # fmt: skip
def test_what_rests_on_the_damage_is_not_handed_out(
    damaged: Callable[..., LogReader], change: str, reads: list[str]
) -> None:
    with damaged(change) as reader:
        for read in reads:
            with pytest.raises(LogInconsistent):
                READS[read](reader)


@pytest.mark.parametrize("change", [IN_FULL, IN_PARTIAL, TILE, ROOT, WRONG_STATEMENT, GONE])
def test_whatever_is_handed_out_is_what_the_sound_log_hands_out(
    grown: Path, damaged: Callable[..., LogReader], change: str
) -> None:
    answered = 0
    with LogReader.open(grown) as sound, damaged(change) as reader:
        for read in READS.values():
            try:
                got = read(reader)
            except LogInconsistent:
                continue
            assert got == read(sound)
            answered += 1
    assert answered, "one changed row does not silence the whole log"


def test_another_sound_statement_in_its_place_is_not_taken_for_it(damaged: Callable[..., LogReader]) -> None:
    with (
        damaged("UPDATE contents SET statement = ? WHERE idx = 300", values=[enrolment(9_999)]) as reader,
        pytest.raises(LogInconsistent, match="statement at index 300"),
    ):
        reader.statement(LeafIndex(300))


def test_a_broken_policy_or_checkpoint_opens_for_nobody(damaged: Callable[..., LogReader]) -> None:
    for change in (
        "UPDATE contents SET statement = x'00' WHERE idx = 0",
        "UPDATE checkpoints SET note = x'00' WHERE size = (SELECT max(size) FROM checkpoints)",
    ):
        with pytest.raises(LogInconsistent):
            damaged(change)
