"""Logs for tests of the log itself: many cheap statements, a few dear ones, a clock that is set by hand.

Cheap statements are enrolments: each rests on nothing, so any number goes in in any order. What the rules may
refuse comes from `tests.support.spine`.

    path = new_log(tmp_path / "log")
    with open_log(path) as log:
        log.append(enrolments(600))
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.log.backup import make_backup
from ledger.log.folder import LogFolder
from ledger.log.fsck import Checked, fsck
from ledger.log.log import Log, create_log
from ledger.log.reader import LogReader
from ledger.log.writer import Registered
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.merkle import MemoryTree, check_consistency, leaf_hash
from ledger.statement.envelope import sign_statement
from ledger.statement.signer import Ed25519Signer
from ledger.units import Entry, LeafIndex, StatementId
from tests.support.spine import CLOCK, LOG_SIGNER, ORIGIN, Actor

OTHER_SIGNER = Ed25519Signer.from_seed(sha256(b"another log").digest())
MORNING = "2026-05-04T09:00:00Z"


class Clock:
    """Seconds, as they are set."""

    def __init__(self, now: int = CLOCK) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@cache
def enrolment(number: int) -> bytes:
    """The statement by which party `number` enrols; about 330 bytes."""
    signer = Ed25519Signer.from_seed(sha256(b"party %d" % number).digest())
    payload = {
        "type": "party.enrolled",
        "version": 1,
        "occurred_at": MORNING,
        "prev": None,
        "refs": {},
        "body": {"kind": "maker", "country": "IN", "name": f"Maker {number}"},
    }
    party = signer.public.did
    return sign_statement(signer, iss=party, sub=party, iat=CLOCK, payload=payload)


def enrolments(count: int, first: int = 0) -> list[bytes]:
    return [enrolment(number) for number in range(first, first + count)]


def public_pem() -> bytes:
    """The log's public key as foreign tools read it."""
    key = Ed25519PublicKey.from_public_bytes(LOG_SIGNER.public.raw)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def id_of(statement: bytes) -> StatementId:
    return StatementId(sha256(statement).hexdigest())


def entry_of(statement: bytes) -> Entry:
    return Entry(sha256(statement).digest())


def tree_of(statements: Sequence[bytes]) -> MemoryTree:
    """The tree these statements make, by the proof floor alone."""
    return MemoryTree(leaf_hash(entry_of(one)) for one in statements)


def new_log(path: Path, *, signer: Ed25519Signer = LOG_SIGNER, agencies: Sequence[str] = ()) -> Path:
    """A log that holds its policy alone."""
    named = list(agencies) or [Actor("Relief Agency", "agency").party]
    policy = {"origin": ORIGIN, "agencies": named, "erasure": "On a court's order."}
    create_log(path, signer, policy, "2026-05-04T00:00:00Z", clock=lambda: CLOCK)
    return path


def open_log(path: Path, **how: Any) -> Log:
    """Open with the log's own key and a clock that stands still, where nothing else is given."""
    return Log.open(path, LOG_SIGNER, **{"clock": Clock(), **how})


def grown_log(path: Path, groups: Sequence[Sequence[bytes]]) -> Path:
    """A log to which each group was appended as one."""
    new_log(path)
    with open_log(path) as log:
        for group in groups:
            register(log, group)
    return path


def register(log: Log, statements: Sequence[bytes]) -> list[LeafIndex]:
    """Append, and answer the indices; every one must be admitted."""
    outcomes = log.append(statements)
    assert all(isinstance(one, Registered) for one in outcomes), outcomes
    return [one.index for one in outcomes if isinstance(one, Registered)]


def copied(path: Path, to: Path) -> Path:
    """A log's folder as a backup takes it: every file, byte for byte."""
    shutil.copytree(path, to)
    return to


def kept_statements(path: Path) -> list[bytes]:
    """All that a log holds, in its order."""
    with LogReader.open(path) as reader:
        return [row.statement for row in reader.store.rows(LeafIndex(0), LeafIndex(reader.size))]


def fsck_at(path: Path) -> Checked:
    with LogReader.open(path) as reader:
        return fsck(reader.store, LogFolder(path).mark)


def sound(path: Path) -> Checked:
    """Check a backup, or a log just made of one: there is no mark to hold it against."""
    assert LogFolder(path).mark_to_check is None
    with LogReader.open(path) as reader:
        return fsck(reader.store, None)


def backed_up(path: Path, to: Path) -> Path:
    """What `tally backup` makes of a log."""
    with LogReader.open(path) as reader:
        make_backup(reader, LogFolder(path), to, lambda: CLOCK)
    return to


def checkpoint_at(path: Path) -> Checkpoint:
    with LogReader.open(path) as reader:
        return reader.checkpoint


def extends(path: Path, older: Checkpoint) -> None:
    """The log's newest checkpoint extends an older one that was seen, by a proof that is checked here."""
    with LogReader.open(path) as reader:
        proof = reader.consistency(older.size, reader.size)
        check_consistency(older.size, older.root, reader.size, reader.checkpoint.root, proof)


def raw(path: Path) -> closing[sqlite3.Connection]:
    """The log's database past the store, as someone with the file has it."""
    return closing(sqlite3.connect(LogFolder(path).database, isolation_level=None))


def tamper(path: Path, *statements: str, values: Sequence[object] = ()) -> None:
    """Change rows past the triggers; `values` go with the first statement."""
    with raw(path) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute(statements[0], values)
        for statement in statements[1:]:
            db.execute(statement)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
