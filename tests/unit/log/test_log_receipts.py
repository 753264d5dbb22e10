"""Receipts of every entry: they open, bind one statement to one place, and are the same bytes each time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from ledger.errors import LogInconsistent, NotFound, ProofInvalid, SignatureInvalid
from ledger.log.reader import LogReader
from ledger.proof.receipt import open_receipt
from ledger.units import LeafIndex
from tests.support.log_world import (
    copied,
    enrolment,
    enrolments,
    entry_of,
    kept_statements,
    open_log,
    public_pem,
    register,
    tamper,
)
from tests.support.spine import CLOCK, LOG_SIGNER, ORIGIN

PUBLIC = LOG_SIGNER.public


@pytest.fixture(scope="module")
def writable(grown: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The grown log where a writer may lock it."""
    return copied(grown, tmp_path_factory.mktemp("receipts") / "log")


def test_the_receipt_of_any_entry_opens_at_its_index_under_the_checkpoint_it_came_with(
    writable: Path,
) -> None:
    kept = kept_statements(writable)
    with LogReader.open(writable) as reader:
        sizes = [one.size for one in reader.store.checkpoints()]
    chosen = {
        0,
        len(kept) - 1,
        *(size for size in sizes[:-1]),
        *(size - 1 for size in sizes),
        255,
        256,
        511,
        512,
    }
    with open_log(writable) as log:
        for index in sorted(chosen):
            receipt = open_receipt(log.receipt(LeafIndex(index)), entry_of(kept[index]), PUBLIC, ORIGIN)
            assert (receipt.index, receipt.registered_at) == (index, CLOCK)
            assert receipt.size == min(size for size in sizes if size > index)


def test_a_receipt_is_the_same_bytes_each_time_and_after_the_log_has_grown(fresh: Path) -> None:
    with open_log(fresh) as log:
        register(log, enrolments(5))
        first = [log.receipt(LeafIndex(n)) for n in range(6)]
        assert [log.receipt(LeafIndex(n)) for n in range(6)] == first
        register(log, enrolments(300, 5))
        assert [log.receipt(LeafIndex(n)) for n in range(6)] == first
    with open_log(fresh) as log:
        assert [log.receipt(LeafIndex(n)) for n in range(6)] == first


def test_a_receipt_holds_for_its_statement_alone(fresh: Path) -> None:
    with open_log(fresh) as log:
        register(log, enrolments(6))
        receipts = [log.receipt(LeafIndex(n)) for n in range(7)]
    entries = [entry_of(one) for one in kept_statements(fresh)]
    for n, receipt in enumerate(receipts):
        for m, entry in enumerate(entries):
            if n == m:
                open_receipt(receipt, entry, PUBLIC, ORIGIN)
            else:
                with pytest.raises(SignatureInvalid):
                    open_receipt(receipt, entry, PUBLIC, ORIGIN)
        with pytest.raises(ProofInvalid):
            open_receipt(receipt, entries[n], PUBLIC, "another.example/log")


@pytest.mark.parametrize("index", [-1, 1, 2**63, 2**70])
def test_there_is_no_receipt_of_what_is_not_there(fresh: Path, index: int) -> None:
    with open_log(fresh) as log, pytest.raises(NotFound, match="no entry"):
        log.receipt(LeafIndex(index))


def test_an_independent_verifier_takes_it(fresh: Path) -> None:
    scitt_cose = pytest.importorskip("scitt_cose", reason="scitt-cose is not installed")
    with open_log(fresh) as log:
        register(log, enrolments(6))
        receipt = log.receipt(LeafIndex(3))
    verdict = scitt_cose.verify_receipt(
        receipt, leaf_entry_hex=entry_of(enrolment(2)).hex(), log_public_key_pem=public_pem()
    )
    assert verdict.ok, verdict.errors
    assert (verdict.leaf_index, verdict.tree_size, verdict.iat) == (3, 7, CLOCK)


@pytest.mark.parametrize(
    ("index", "change"),
    [
        (4, "UPDATE entries SET entry = randomblob(32) WHERE idx = 4"),
        (100, "UPDATE tiles SET hashes = zeroblob(8192) WHERE level = 0 AND idx = 0"),
        (7, "DELETE FROM entries WHERE idx = 7"),
        (7, "DELETE FROM contents WHERE idx = 7"),
        (9, "UPDATE checkpoints SET note = zeroblob(200) WHERE size = 10"),
        (9, "UPDATE checkpoints SET root = zeroblob(32) WHERE size = 10"),
        (9, "UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = 8) WHERE size = 10"),
    ],
)
def test_no_receipt_is_signed_over_what_was_changed_under_the_writer(
    short: Path, a_copy: Callable[[Path], Path], index: int, change: str
) -> None:
    path = a_copy(short)
    with open_log(path) as log:
        register(log, enrolments(300, 9))
        good = [log.receipt(LeafIndex(n)) for n in range(101)]
    with open_log(path) as log:
        tamper(path, change)
        with pytest.raises(LogInconsistent):
            log.receipt(LeafIndex(index))
        for n, before in enumerate(good):  # what does not rest on the change stays the same
            with suppress(LogInconsistent):
                assert log.receipt(LeafIndex(n)) == before


def test_a_receipt_that_was_given_is_given_again_whatever_became_of_the_store(
    short: Path, a_copy: Callable[[Path], Path]
) -> None:
    path = a_copy(short)
    with open_log(path) as log:
        given = log.receipt(LeafIndex(4))
        tamper(path, "UPDATE tiles SET hashes = zeroblob(8192) WHERE level = 0 AND idx = 0")
        assert log.receipt(LeafIndex(4)) == given


def test_a_receipt_made_from_memory_is_the_one_made_from_the_store(fresh: Path) -> None:
    with open_log(fresh) as log:
        for first, count in [(0, 3), (3, 700), (703, 1), (704, 64), (768, 256), (1024, 5)]:
            register(log, enrolments(count, first))
        made = [log.receipt(LeafIndex(n)) for n in range(1030)]
    with open_log(fresh) as log:
        assert [log.receipt(LeafIndex(n)) for n in range(0, 1030, 7)] == made[::7]
    for n, one in enumerate(kept_statements(fresh)):
        assert open_receipt(made[n], entry_of(one), PUBLIC, ORIGIN).index == n
