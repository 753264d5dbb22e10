"""Following a log: the read models are brought up to it as it grows.

New statements are taken in one by one, and at once. A contract that has changed is traced and told again as a whole,
which for a very large one takes seconds; so one that took long is left for a while, until no more than a fifth of the
time goes into it, and what is told of it says its size. A contract of which nothing new was said is told again when
the day has changed, for what is late depends on it.

What was erased by order must be nowhere: when more is erased than was known, everything is made again in a new file.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from ledger.log.folder import remove_database
from ledger.log.past import reopened
from ledger.log.reader import LogReader
from ledger.rules.gathering import situation
from ledger.rules.records import Kind, Party
from ledger.rules.state import find
from ledger.trace.branch import whole
from ledger.units import LeafIndex, PartyId, StatementId, TreeSize
from ledger.views.keep import as_row, count_of, forget, keep, keep_contract
from ledger.views.layout import LAYOUT, Known, create, known_to, open_file, swapping
from ledger.views.telling.people import tell_party, tell_statement
from ledger.views.telling.teller import Teller

_REST: Final = 4.0
"""A contract that took a second to tell rests for four."""
_BATCH: Final = 500
"""Statements told at once."""


_OF_PARTIES: Final = ("party.enrolled", "key.added", "key.revoked")
_HAVING_TO_DO: Final = """
INSERT OR IGNORE INTO waiting SELECT id FROM facets WHERE shelf = 'contracts' AND name = ? AND value = ?
"""
"""The contracts that show a party's name, or under which goods of another contract went into others."""


class Follower:
    """Brings one file up to its log. For one thread."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds, to measure with."""
        self._path = path
        self._clock = clock
        self._rests: dict[StatementId, float] = {}
        """Until when a contract is left as it is told."""

    def refresh(self, reader: LogReader, now: datetime) -> bool:
        """Bring the file up to what `reader` sees, judged as of `now`; answer whether all of it is told.

        Raises `LogInconsistent` where the log is damaged, `sqlite3.Error` where the file cannot be written.
        """
        if not self._fits(reader):
            self._make_again(reader, now)
            return True
        with closing(open_file(self._path, writable=True)) as db:
            return self._follow(db, reader, now)

    def _fits(self, reader: LogReader) -> bool:
        """Whether the file is of this layout, this log, a beginning of it, and holds nothing erased since."""
        try:
            with closing(open_file(self._path, writable=False)) as db:
                if db.execute("PRAGMA user_version").fetchone() != (LAYOUT,):
                    return False
                known = known_to(db)
        except sqlite3.Error:
            return False
        return (
            known.policy == reader.policy_id
            and known.size <= reader.size
            and known.root == reader.root(TreeSize(known.size)).hex()
            and known.erased == len(reader.store.erased())
        )

    def _make_again(self, reader: LogReader, now: datetime) -> None:
        """Make the file anew beside the old one, and put it in its place."""
        new = self._path.with_name(f"{self._path.name}.new")
        remove_database(new)
        with closing(open_file(new, writable=True)) as db:
            create(db)
            erased = len(reader.store.erased())
            db.table("meta").insert(Known(reader.policy_id, 0, "", erased, "")._asdict())
            self._rests.clear()
            self._follow(db, reader, now)
        with swapping(self._path, alone=True):
            remove_database(self._path)
            new.rename(self._path)
            with closing(open_file(self._path, writable=True)) as db:
                db.enable_wal()

    def _follow(self, db: Database, reader: LogReader, now: datetime) -> bool:
        known = known_to(db)
        with db.atomic():
            _take_in(db, reader, LeafIndex(known.size))
            if known.as_of[:10] != now.astimezone(UTC).isoformat()[:10]:
                db.execute("INSERT OR IGNORE INTO waiting SELECT id FROM statements WHERE id = contract")
            told = Known(
                reader.policy_id, reader.size, reader.root(reader.size).hex(), known.erased, now.isoformat()
            )
            db.table("meta").delete_where()
            db.table("meta").insert(told._asdict())
        waiting = [StatementId(one["contract"]) for one in db.query("SELECT contract FROM waiting")]
        ready = [one for one in waiting if self._rests.get(one, 0.0) <= self._clock()]
        for contract in ready:
            self._tell(db, reader, contract, now)
        return ready == waiting

    def _tell(self, db: Database, reader: LogReader, contract: StatementId, now: datetime) -> None:
        start = self._clock()
        at = situation(reader.store, contract, now)
        with db.atomic():
            keep_contract(db, Teller(at, whole(at), reader.size), count_of(db, contract))
            db.table("waiting").delete(contract)
        self._rests[contract] = self._clock() + _REST * (self._clock() - start)


def _take_in(db: Database, reader: LogReader, start: LeafIndex) -> None:
    """Take in the statements from `start` on, the parties they are about, and which contracts have changed."""
    rows = reader.store.rows(start, LeafIndex(reader.size))
    enrolled: dict[PartyId, None] = {}
    changed: dict[StatementId, None] = {}
    while batch := [(row, reopened(reader, row)) for row in islice(rows, _BATCH)]:
        told = [tell_statement(reader, row, opened) for row, opened in batch]
        db.table("statements").insert_all(as_row(one) for one in told)
        changed |= dict.fromkeys(one.contract for one in told if one.contract)
        enrolled |= dict.fromkeys(
            PartyId(opened.statement.sub) for _, opened in batch if opened.event.type in _OF_PARTIES
        )
    _tell_parties(db, reader, enrolled)
    db.table("waiting").insert_all(({"contract": one} for one in changed), ignore=True)
    for contract in changed:
        db.execute(_HAVING_TO_DO, ["upstream", contract])


def _tell_parties(db: Database, reader: LogReader, enrolled: Iterable[PartyId]) -> None:
    told = []
    for party in enrolled:
        record = find(reader.store, "", Kind.PARTY, party, Party)
        assert record is not None, "who enrolled has a record"
        if db.table("parties").count_where("id = ?", [party]):
            forget(db, "parties", party)
        told.append(tell_party(reader.store, record, reader.size))
        db.execute(_HAVING_TO_DO, ["member", party])
    keep(db, told, "")
