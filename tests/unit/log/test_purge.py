"""The purge: what is ordered erased is gone from the files, and every proof and every check holds as before."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.audit.gather import make_bundle
from ledger.audit.verify import verify_bundle
from ledger.audit.whole import Audit, audit_log
from ledger.errors import ContentsErased, LogError, LogInconsistent, LogLocked, NotFound
from ledger.log import purge as purge_module
from ledger.log.folder import LogFolder
from ledger.log.past import state_at
from ledger.log.purge import purge
from ledger.log.reader import LogReader
from ledger.log.store.sqlite import SqliteStore
from ledger.proof.receipt import open_receipt
from ledger.rules.state import digest, memory_digest
from ledger.units import LeafIndex
from tests.support.erased_world import CLAIM, NAME, Erasures, bytes_in, ordered_log
from tests.support.log_world import (
    checkpoint_at,
    copied,
    enrolments,
    entry_of,
    extends,
    fsck_at,
    id_of,
    open_log,
    raw,
    register,
    tamper,
)
from tests.support.spine import LOG_SIGNER, ORIGIN, VKEY

NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def told() -> Erasures:
    return Erasures()


@pytest.fixture(scope="module")
def ordered(told: Erasures, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nothing is destroyed in it yet. Copy it."""
    return ordered_log(tmp_path_factory.mktemp("ordered") / "log", told)


@pytest.fixture(scope="module")
def purged(ordered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = copied(ordered, tmp_path_factory.mktemp("purged") / "log")
    assert len(purge(path).now) == 2
    return path


@pytest.fixture
def path(ordered: Path, tmp_path: Path) -> Path:
    return copied(ordered, tmp_path / "log")


def audited(path: Path) -> Audit:
    with LogReader.open(path) as reader:
        return audit_log(reader, LogFolder(path).mark, as_of=NOW)


# What is gone


def test_the_bytes_are_in_no_file_of_the_log(ordered: Path, purged: Path) -> None:
    for text in (CLAIM, CLAIM[10:30], NAME, NAME[3:20]):
        assert bytes_in(ordered, text)
        assert not bytes_in(purged, text)


def test_what_earlier_rows_left_behind_is_gone_too(path: Path, told: Erasures) -> None:
    """Pages keep the bytes of rows that were replaced: here of a record that has held the claim."""
    with raw(path) as db:
        db.execute("INSERT INTO state VALUES (x'00', 'x', x'00', ?)", (CLAIM.encode() * 3,))
        db.execute("DELETE FROM state WHERE kind = 'x'")
    purge(path)
    assert not bytes_in(path, CLAIM)


def test_whoever_asks_for_the_statement_is_told_who_ordered_it(purged: Path, told: Erasures) -> None:
    with LogReader.open(purged) as reader:
        for statement, by in zip((told.dispute, told.enrolled), told.later, strict=True):
            index = reader.store.index_of(id_of(statement))
            assert index is not None
            with pytest.raises(ContentsErased, match=f"erased by order of {id_of(by)}"):
                reader.statement(index)
        with pytest.raises(ContentsErased):
            make_bundle(reader, id_of(told.dispute))


def test_a_bundle_that_rests_on_nothing_erased_is_made_as_before(purged: Path, told: Erasures) -> None:
    with LogReader.open(purged) as reader:
        assert verify_bundle(make_bundle(reader, told.spine.id("lot B1")), VKEY)


# What stays


def test_entries_tree_checkpoints_and_mark_are_not_touched(ordered: Path, purged: Path) -> None:
    for query in ("entries ORDER BY idx", "tiles ORDER BY level, idx", "checkpoints ORDER BY size"):
        with raw(ordered) as before, raw(purged) as after:
            assert (
                after.execute(f"SELECT * FROM {query}").fetchall()
                == before.execute(f"SELECT * FROM {query}").fetchall()
            )
    assert LogFolder(purged).mark.read_bytes() == LogFolder(ordered).mark.read_bytes()
    extends(purged, checkpoint_at(ordered))


def test_every_proof_made_before_still_verifies_and_the_same_is_made_again(
    path: Path, told: Erasures
) -> None:
    with LogReader.open(path) as reader:
        index = reader.store.index_of(id_of(told.dispute))
        assert index is not None
        bundle = make_bundle(reader, id_of(told.dispute))
        proof = reader.inclusion(index, reader.size)
    with open_log(path) as log:
        receipt = log.receipt(index)
    purge(path)
    assert verify_bundle(bundle, VKEY).claim == id_of(told.dispute)
    assert open_receipt(receipt, entry_of(told.dispute), LOG_SIGNER.public, ORIGIN).index == index
    with LogReader.open(path) as reader:
        assert reader.inclusion(index, reader.size) == proof
    with open_log(path) as log:
        assert log.receipt(index) == receipt


def test_fsck_finds_it_sound_and_names_what_was_erased(purged: Path, told: Erasures) -> None:
    erased = fsck_at(purged).erased
    assert [(one.statement, one.type, one.order) for one in erased] == [
        (id_of(told.dispute), "dispute.raised", id_of(told.later[0])),
        (id_of(told.enrolled), "party.enrolled", id_of(told.later[1])),
    ]
    assert [one.by for one in erased] == [told.spine.agency.party, told.operator.party]
    assert {one.ground for one in erased} == {"Order 7 of 2026."}


def test_what_is_ordered_waits_in_the_audit_until_it_is_gone(ordered: Path, purged: Path) -> None:
    before, after = audited(ordered), audited(purged)
    assert (before.checked.erased, before.waiting) == ((), fsck_at(purged).erased)
    assert (after.checked.erased, after.waiting) == (before.waiting, ())


@pytest.mark.parametrize("workers", [False, True])
def test_the_audit_folds_what_is_left_to_the_state_that_is_kept(
    ordered: Path, purged: Path, monkeypatch: pytest.MonkeyPatch, workers: bool
) -> None:
    before = audited(ordered)
    if workers:
        monkeypatch.setattr("ledger.audit.whole.WORTH_PROCESSES", 1)
    after = audited(purged)
    assert after.checked.erased == fsck_at(purged).erased
    assert (after.types, after.keys) == (before.types, before.keys)
    assert after.state != before.state
    assert [one.odd for one in after.findings] == [one.odd for one in before.findings]
    assert all(CLAIM[:20] not in one.message for one in after.findings)


def test_the_past_is_erased_with_the_present(purged: Path, told: Erasures) -> None:
    """At the size before the orders too: what is destroyed is destroyed."""
    with LogReader.open(purged) as reader:
        state = state_at(reader, LeafIndex(len(told.before) + 1))
        assert all(CLAIM[:20] not in str(record) for _, record in state.items())
        assert memory_digest(state_at(reader, reader.size)) == digest(reader.store.state())


def test_the_log_goes_on(path: Path, told: Erasures) -> None:
    purge(path)
    with open_log(path) as log:
        [outcome] = log.append([told.dispute])
        assert outcome.index == len(told.before) - 1, "sent again, it has the place it had, and stays erased"
        register(log, [told.person.sign("specification.published", specification()), *enrolments(3, 900)])
    assert len(fsck_at(path).erased) == 2
    audited(path)
    assert not bytes_in(path, CLAIM)


def specification() -> dict[str, object]:
    check = {"characteristic": "clear", "method": "by eye", "limit": "none", "sampling": "all", "least": 1}
    design = {"sha256": "f" * 64, "size": 1, "media_type": "text/plain"}
    return {"item": "urn:x:visor", "revision": "A", "design": design, "checks": [check | {"by": "maker"}]}


def test_run_again_it_erases_nothing_more(purged: Path, tmp_path: Path) -> None:
    path = copied(purged, tmp_path / "log")
    assert purge(path) == ((), 2)


def test_what_is_not_ordered_is_not_erased(told: Erasures, tmp_path: Path) -> None:
    path = ordered_log(tmp_path / "log", told)
    found = purge(path)
    assert {one.statement for one in found.now} == {id_of(told.dispute), id_of(told.enrolled)}
    with LogReader.open(path) as reader:
        kept = list(reader.store.rows(LeafIndex(0), LeafIndex(reader.size)))
    assert sum(row.erased_by is not None for row in kept) == 2


# What stops it


def test_beside_a_writer_it_does_nothing(path: Path) -> None:
    with open_log(path), pytest.raises(LogLocked):
        purge(path)
    assert bytes_in(path, CLAIM)


def test_while_somebody_reads_it_says_that_the_bytes_are_still_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = SqliteStore.begin

    def impatient(self: SqliteStore) -> object:
        self._db.execute("PRAGMA busy_timeout = 0")
        return begin(self)

    monkeypatch.setattr(SqliteStore, "begin", impatient)
    with LogReader.open(path), pytest.raises(LogLocked, match="somebody reads it"):
        purge(path)
    assert bytes_in(path, CLAIM)
    assert purge(path) == ((), 2), "erased already; now out of the file too"
    assert not bytes_in(path, CLAIM)


def test_no_log_no_purge(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        purge(tmp_path)


def test_a_disk_that_fails_is_told_and_nothing_is_half_done(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: SqliteStore) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(SqliteStore, "scrub", full)
        with pytest.raises(LogError, match=r"may still be in .*: database or disk is full"):
            purge(path)
    assert purge(path) == ((), 2)


def test_what_does_not_fold_to_the_same_records_is_not_erased(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = purge_module.state_at
    monkeypatch.setattr(purge_module, "state_at", lambda reader, size, _told: real(reader, size - 30))
    with pytest.raises(LogInconsistent, match="does not fold"):
        purge(path)
    assert not fsck_at(path).erased
    assert bytes_in(path, CLAIM)


# What is damage, and not erasure


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM contents WHERE idx = 5", "entry 5 is missing"),
        (
            "UPDATE contents SET statement = (SELECT remnant FROM erasures LIMIT 1) WHERE idx = 5",
            "entry 5 holds",
        ),
        ("DELETE FROM erasures", "entry .* is missing"),
        ("UPDATE erasures SET by_idx = by_idx + 1", "erased by no order of its own|order that is not there"),
        ("UPDATE erasures SET by_idx = 9999", "entry .* is erased by an order that is not there"),
        ("UPDATE erasures SET remnant = x'00'", "what is left of it is damaged"),
        ("INSERT INTO contents SELECT idx, x'00' FROM erasures", "what is left of it is damaged"),
    ],
)
def test_what_is_gone_or_changed_without_an_order_is_damage(
    purged: Path, tmp_path: Path, statement: str, found: str
) -> None:
    path = copied(purged, tmp_path / "log")
    tamper(path, "PRAGMA foreign_keys = OFF", statement)
    with pytest.raises(LogInconsistent, match=found):
        fsck_at(path)
    with pytest.raises(LogInconsistent):
        audited(path)
    with LogReader.open(path) as reader, pytest.raises(LogInconsistent):
        state_at(reader, reader.size)


def test_an_entry_erased_by_somebody_elses_order_is_damage(purged: Path, tmp_path: Path) -> None:
    path = copied(purged, tmp_path / "log")
    tamper(
        path,
        "INSERT INTO erasures SELECT 5, by_idx, remnant FROM erasures ORDER BY idx LIMIT 1",
        "DELETE FROM contents WHERE idx = 5",
    )
    with pytest.raises(LogInconsistent, match="entry 5 is erased by no order of its own"):
        fsck_at(path)


def test_a_remnant_that_says_something_else_does_not_fold(
    purged: Path, tmp_path: Path, told: Erasures
) -> None:
    """It is the log's word, but one word: the state has it too."""
    path = copied(purged, tmp_path / "log")
    with raw(path) as db:
        (left,) = db.execute("SELECT remnant FROM erasures ORDER BY idx DESC LIMIT 1").fetchone()
    tamper(
        path,
        "UPDATE erasures SET remnant = ? WHERE idx = (SELECT max(idx) FROM erasures)",
        values=(left.replace(b'"maker"', b'"prime"'),),
    )
    fsck_at(path)
    with pytest.raises(LogInconsistent, match="the state the log keeps"):
        audited(path)
