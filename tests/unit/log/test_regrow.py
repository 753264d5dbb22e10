"""What a log lost is grown again from statements and receipts: the same to the byte, or nothing at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger.errors import KeyUnavailable, LogError, LogInconsistent, Refused
from ledger.log.folder import LogFolder
from ledger.log.log import Log
from ledger.log.reader import LogReader
from ledger.log.recover import take_up
from ledger.log.regrow import Proved, prove, regrow
from ledger.log.restore import restore
from ledger.log.resume import Resumed, resume
from ledger.log.store.sqlite import SqliteStore
from ledger.log.writer import Writer
from ledger.statement.envelope import read_statement
from ledger.statement.signer import Ed25519Signer
from ledger.units import LeafIndex, TreeSize
from tests.support.log_world import (
    OTHER_SIGNER,
    Clock,
    backed_up,
    checkpoint_at,
    copied,
    enrolments,
    extends,
    fsck_at,
    grown_log,
    kept_statements,
    open_log,
    raw,
    register,
)
from tests.support.spine import CLOCK, LOG_SIGNER, VKEY, Spine

TABLES = ("entries", "contents", "tiles", "checkpoints", "state")


class Lost:
    """A log that was backed up at size 250, went on to 335 in three groups, and was lost."""

    def __init__(self, nearly: Path, tmp_path: Path) -> None:
        self.path = copied(nearly, tmp_path / "lost")
        self.backup = backed_up(self.path, tmp_path / "backup")
        for number, group in enumerate([Spine().statements, enrolments(40, 1_000), enrolments(22, 1_040)]):
            with open_log(self.path, clock=Clock(CLOCK + 60 * number)) as log:
                register(log, group)
        kept = kept_statements(self.path)
        with open_log(self.path) as log:
            self.receipts = [log.receipt(LeafIndex(n)) for n in range(len(kept))]
        self.given = [
            prove(read_statement(one), receipt, VKEY)
            for one, receipt in zip(kept[250:], self.receipts[250:], strict=True)
        ]
        restore(self.backup, tmp_path / "restored")
        self.restored = tmp_path / "restored"

    def tables(self, path: Path) -> dict[str, list[Any]]:
        with raw(path) as db:
            return {name: sorted(db.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in TABLES}


@pytest.fixture
def lost(nearly: Path, tmp_path: Path) -> Lost:
    return Lost(nearly, tmp_path)


@pytest.fixture(scope="session")
def nearly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 250 entries: the first tile becomes full in the next group. Copy it."""
    return grown_log(tmp_path_factory.mktemp("nearly") / "log", [enrolments(249)])


def give_back(
    path: Path,
    given: list[Proved],
    nothing_after: int | None = None,
    signer: Ed25519Signer | None = LOG_SIGNER,
) -> Resumed:
    return resume(
        LogFolder(path),
        nothing_after=None if nothing_after is None else TreeSize(nothing_after),
        seen={},
        given=given,
        signer=signer,
        clock=lambda: CLOCK,
    )


def refused(lost: Lost, given: list[Proved]) -> LogInconsistent:
    """Nothing was written, and it still does not sign."""
    before = lost.tables(lost.restored)
    with pytest.raises(LogInconsistent) as caught:
        give_back(lost.restored, given, 335)
    assert lost.tables(lost.restored) == before
    with pytest.raises(LogError):
        Log.open(lost.restored, LOG_SIGNER)
    return caught.value


def test_what_grows_again_is_the_same_to_the_byte(lost: Lost) -> None:
    """In whatever order it is given; times, groups, tiles, checkpoints and state with it."""
    size = checkpoint_at(lost.path).size
    resumed = give_back(lost.restored, lost.given[::-1], size)
    assert resumed == Resumed(size, size - 250)
    assert lost.tables(lost.restored) == lost.tables(lost.path)
    assert LogFolder(lost.restored).mark.read_bytes() == LogFolder(lost.path).mark.read_bytes()
    with open_log(lost.restored) as log:
        assert [log.receipt(LeafIndex(n)) for n in range(size)] == lost.receipts
        assert register(log, enrolments(1, 7_000)) == [size]
    extends(lost.restored, checkpoint_at(lost.path))


def test_nothing_but_the_log_is_left_in_its_folder(lost: Lost) -> None:
    give_back(lost.restored, lost.given, checkpoint_at(lost.path).size)
    assert {one.name for one in lost.restored.iterdir()} == {
        "high-water",
        "log.sqlite3",
        "resumed.jsonl",
        "vkey",
        "writer.lock",
    }


def test_it_may_be_given_back_in_parts_along_the_groups(lost: Lost) -> None:
    first = [one for one in lost.given if one.receipt.size == lost.given[0].receipt.size]
    with pytest.raises(LogError, match="nobody has said"):
        give_back(lost.restored, first)
    with pytest.raises(LogError, match="may not sign yet"):
        Log.open(lost.restored, LOG_SIGNER)
    give_back(lost.restored, lost.given, checkpoint_at(lost.path).size)
    assert lost.tables(lost.restored) == lost.tables(lost.path)


def test_a_database_put_back_by_hand_grows_up_to_its_mark_and_needs_no_word(lost: Lost) -> None:
    """F11: the mark is there, and knows."""
    before, mark = lost.tables(lost.path), LogFolder(lost.path).mark.read_bytes()
    LogFolder(lost.path).database.write_bytes(LogFolder(lost.backup).database.read_bytes())
    first = [one for one in lost.given if one.receipt.size == lost.given[0].receipt.size]
    with pytest.raises(LogInconsistent, match="the high-water mark is of size"):
        give_back(lost.path, first)
    assert LogFolder(lost.path).mark.read_bytes() == mark  # it never goes back
    with pytest.raises(LogInconsistent, match="high-water mark at"):
        Log.open(lost.path, LOG_SIGNER)
    give_back(lost.path, lost.given)
    assert lost.tables(lost.path) == before
    assert fsck_at(lost.path).root == checkpoint_at(lost.path).root


def test_a_gap_is_named_and_nothing_is_taken_in(lost: Lost) -> None:
    assert refused(lost, lost.given[:7] + lost.given[8:]).found == "entry 257 is not among what was given"
    assert refused(lost, lost.given[1:]).found == "entry 250 is not among what was given"


def test_a_group_without_its_end_is_a_gap(lost: Lost) -> None:
    last = checkpoint_at(lost.path).size - 1
    assert refused(lost, lost.given[:-1]).found == f"entry {last} is not among what was given"


def test_two_receipts_for_one_place_are_told_for_what_they_prove(lost: Lost, tmp_path: Path) -> None:
    """Signed with the log's own key, each sound by itself: somebody let a restored log write too early."""
    fork = tmp_path / "fork"
    restore(lost.backup, fork)
    give_back(fork, [], 250)
    with open_log(fork) as log:
        register(log, enrolments(1, 5_000))
        receipt = log.receipt(LeafIndex(250))
    forked = prove(read_statement(kept_statements(fork)[250]), receipt, VKEY)
    error = refused(lost, [*lost.given, forked])
    assert error.found.startswith("two statements have a receipt for entry 250: ")
    assert "prove it" in error.hint
    with pytest.raises(LogInconsistent, match="entry 250 is not the statement that has a receipt"):
        give_back(fork, lost.given)


def test_a_receipt_for_another_statement_at_a_place_the_log_holds_is_refused(lost: Lost) -> None:
    one = lost.given[0]
    backup_holds = prove(read_statement(kept_statements(lost.path)[9]), lost.receipts[9], VKEY)
    give_back(lost.path, [backup_holds])  # what is there anyway is no harm
    wrong = Proved(one.statement, backup_holds.receipt)
    assert "entry 9 is not the statement" in refused(lost, [wrong, *lost.given]).found


def test_statements_that_make_another_root_are_refused_before_anything_is_written(lost: Lost) -> None:
    """Receipts that were checked against other statements: whoever calls this must not be believed either."""
    first, second = lost.given[:2]
    swapped = [Proved(second.statement, first.receipt), Proved(first.statement, second.receipt)]
    assert "make root" in refused(lost, [*swapped, *lost.given[2:]]).found


def test_another_key_grows_nothing(lost: Lost) -> None:
    for signer in (OTHER_SIGNER, None):
        with pytest.raises(KeyUnavailable, match="signed for again"):
            give_back(lost.restored, lost.given, 335, signer)


def test_even_if_every_check_before_it_failed_no_new_root_would_be_signed(
    lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer holds a signer that signs what was signed before and nothing else."""
    write = Writer.write
    monkeypatch.setattr(Writer, "write", lambda self, group: write(self, group[:-1]))
    assert "has another root" in refused(lost, lost.given).found


def test_what_the_rules_would_now_refuse_is_not_signed_for(
    lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Refused("no", rule="R99")

    monkeypatch.setattr("ledger.log.writer.admit", refuse)
    assert "is not taken in again" in refused(lost, lost.given).found


def test_a_regrown_log_takes_up_where_it_was(lost: Lost) -> None:
    with LogReader.open(lost.path) as reader:
        key = reader.vkey
    store = SqliteStore(LogFolder(lost.restored).database, writable=True)
    try:
        counts = list(regrow(store, key, LOG_SIGNER, lost.given, lost.restored / "scratch"))
        _, latest = take_up(store, key)
    finally:
        store.close()
    assert sum(counts) == len(lost.given)
    assert len(counts) == 3
    assert latest == checkpoint_at(lost.path)
