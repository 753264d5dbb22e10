"""Destroying the contents of entries, as `erasure.recorded` statements of the log order it (specs/log.md).

The steps are numbered (`Step`), because at each of them the machine may die. What then holds:

1. FOUND      nothing is written.
2. ERASED     the transaction is open; the database forgets it. In it, remnants stand in the contents' place.
3. REFOLDED   the same. The state was folded anew over what is left; had a rule refused that, nothing would be erased.
4. COMMITTED  the contents are gone from the log; their bytes may still be in free places of its files.
5. SCRUBBED   they are gone from the files, and the read models with them.

Run again, it erases what is still to be erased and scrubs. No key is needed, for nothing is signed: entries, chain,
tiles, checkpoints and the high-water mark are not touched.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from ledger.errors import LogError, LogInconsistent, NotFound
from ledger.events.remnant import remnant_of
from ledger.log.erased import ErasedEntry, erased_entry
from ledger.log.folder import LogFolder, WriterLock, remove_database
from ledger.log.ordered import Ordered, ordered
from ledger.log.past import state_at
from ledger.log.reader import LogReader
from ledger.log.recover import recover
from ledger.log.store.protocol import Store, Transaction
from ledger.log.store.sqlite import SqliteStore
from ledger.rules.records import Key, Record, encode_record
from ledger.rules.state import MemoryState
from ledger.statement.envelope import read_statement


class Step(IntEnum):
    """The durable steps of a purge, in order."""

    FOUND = 1
    ERASED = 2
    REFOLDED = 3
    COMMITTED = 4
    SCRUBBED = 5


class Purged(NamedTuple):
    """What a purge found and did."""

    now: tuple[ErasedEntry, ...]
    """Entries whose contents it destroyed."""
    before: int
    """How many had been destroyed earlier."""


def _no_step(_step: Step) -> None:
    return None


def purge(
    path: Path,
    *,
    on_step: Callable[[Step], None] = _no_step,
    progress: Callable[[int], None] = lambda _done: None,
) -> Purged:
    """Destroy what the log orders destroyed and still holds; `progress` is told how many more entries are folded.

    Folds the whole log and rewrites its files, where there is anything erased. Raises `NotFound`, `LogLocked`,
    `LogInconsistent`, and `LogBusy` where a reader keeps the old bytes in the files.
    """
    folder = LogFolder(path)
    if not folder.database.is_file():
        raise NotFound(f"there is no log in {path}", hint="name it with --log")
    with ExitStack() as held:
        held.callback(WriterLock(folder).release)
        store = held.enter_context(closing(SqliteStore(folder.database, writable=True)))
        reader = LogReader(store)
        recover(store, reader.key, folder.mark)
        try:
            return _purge(folder, reader, store, on_step, progress)
        except sqlite3.Error as error:
            raise LogError(
                f"what is to be erased may still be in {path}: {error}",
                hint="mend that, then run `tally purge` again",
            ) from error


def _purge(
    folder: LogFolder,
    reader: LogReader,
    store: Store,
    on_step: Callable[[Step], None],
    progress: Callable[[int], None],
) -> Purged:
    before = set(store.erased())
    everything = ordered(reader, store, store.contracts())
    wanted = sorted(one for one in everything if one.index not in before)
    on_step(Step.FOUND)
    if wanted:
        _erase(reader, store, wanted, on_step, progress)
        on_step(Step.COMMITTED)
    if wanted or before:
        store.scrub()
        remove_database(folder.views)  # they tell what was said; a server makes them again from what is left
    on_step(Step.SCRUBBED)
    return Purged(tuple(erased_entry(store, reader.row(one.index)) for one in wanted), len(before))


def _erase(
    reader: LogReader,
    store: Store,
    wanted: list[Ordered],
    on_step: Callable[[Step], None],
    progress: Callable[[int], None],
) -> None:
    transaction = store.begin()
    try:
        for one in wanted:
            statement = read_statement(reader.statement(one.index))
            transaction.erase(one.index, one.order, remnant_of(statement))
        on_step(Step.ERASED)
        _refold(reader, transaction, progress)
        on_step(Step.REFOLDED)
        transaction.commit()
    except BaseException:
        transaction.abandon()
        raise


def _refold(reader: LogReader, transaction: Transaction, progress: Callable[[int], None]) -> None:
    """Put the records that held what was erased right. They are the same records, with less in them."""
    state = state_at(reader, reader.size, progress)
    transaction.put_records(dict(_changed(reader, state)))


def _changed(reader: LogReader, state: MemoryState) -> Iterator[tuple[Key, Record]]:
    count = 0
    for key, kept in reader.store.state():
        record = state.get(key)
        if record is None:
            break
        count += 1
        if encode_record(record) != kept:
            yield key, record
    if count != len(list(state.items())):
        raise LogInconsistent(
            "what is left of the entries does not fold to the records the log keeps",
            expected="the same records; nothing was erased",
            hint="run `tally audit`",
        )
