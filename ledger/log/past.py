"""The past of a log: what it said at any size it ever had, and which size it had at a time.

State is a fold, so every beginning of a log has one of its own. What is folded here is what was signed: the entries
make the root the log had at that size, by its proof a beginning of the newest checkpoint, and each statement makes its
entry. Of an entry erased by order what is left is folded, at every size: the past is erased with the present.
Signatures are not verified again: the log accepted these very bytes when it registered them. Whoever takes no log's
word for that audits it (`ledger.audit.whole`).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import Final

from ledger.bulk import uncollected
from ledger.errors import LogInconsistent, Malformed, NotFound, Refused
from ledger.events.fields import read_time
from ledger.events.opened import Opened, reopen_accepted
from ledger.log.erased import open_erased
from ledger.log.reader import LogReader
from ledger.log.recover import RUN_FSCK
from ledger.log.store.protocol import Row
from ledger.proof.merkle import RightEdge, leaf_hash
from ledger.rules.admit import fold
from ledger.rules.state import MemoryState
from ledger.units import Hash, LeafIndex, TreeSize

_BATCH: Final = 32
"""Statements read before they are folded: few enough to stay in a processor's cache, where one by one the two kinds of
work would push each other out of it."""
_ENTRIES: Final = 8_192  # of 32 bytes, read at once
_SIZE: Final = re.compile(r"[0-9]{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Moment:
    """A size that a log has had, and what shows it."""

    size: TreeSize
    root: Hash
    """By its proof a beginning of the newest checkpoint."""
    published: bool
    """Whether a checkpoint of exactly this size was signed; a group of entries has one, at its last."""
    registered_at: datetime
    """When the last of its entries was registered (UTC): the log's own word, which no proof covers."""


def moment_at(reader: LogReader, size: TreeSize) -> Moment:
    """A log as it was with its first `size` entries. O(log size). Raises `NotFound` for a size it has not had."""
    if not 1 <= size <= reader.size:
        raise NotFound(f"this log has not had size {size}", expected=f"a size from 1 to {reader.size}")
    last = LeafIndex(size - 1)
    covering = reader.store.checkpoint_covering(last)
    return Moment(
        size=size,
        root=reader.root(size),
        published=covering is not None and covering.size == size,
        registered_at=_registered_at(reader, last),
    )


def state_at(
    reader: LogReader,
    size: TreeSize,
    progress: Callable[[int], None] = lambda _done: None,
    *,
    since: MemoryState | None = None,
) -> MemoryState:
    """The fold of a log's first `size` entries; `progress` is told how many more are folded.

    It goes on from `since`, the fold of no more entries of the same log, which stays as it is. Raises `NotFound` for
    a size the log has not had, `LogInconsistent` where what is kept is not what was signed.
    """
    _check_entries(reader, moment_at(reader, size))
    state = since.copy() if since else MemoryState()
    assert len(state) <= size, "the fold goes forward only"
    with uncollected():
        _fold_rows(reader, state, size, progress)
    return state


def size_at(reader: LogReader, time: datetime) -> TreeSize:
    """How many entries were registered at or before a time: by the log's own clock, whose word alone it is.

    O(log size): that time never falls with the index. Raises `NotFound` for a time before the first entry.
    """
    seconds = math.floor(time.timestamp())
    size = bisect_right(range(reader.size), seconds, key=lambda n: reader.row(LeafIndex(n)).registered_at)
    if size == 0:
        first = _registered_at(reader, LeafIndex(0))
        raise NotFound(
            f"nothing was registered in this log by {time.isoformat()}",
            expected=f"a time from {first.isoformat()} on, when its policy was registered",
        )
    return TreeSize(size)


@dataclass(frozen=True, slots=True)
class Asked:
    """A size the log has had, and the day to judge by."""

    moment: Moment
    as_of: datetime
    past: bool
    """Whether it was asked for, and is not merely how the log is."""

    def judged(self, as_of: str | None) -> Asked:
        """By the day that was given, where one was. Raises `Malformed`."""
        return Asked(self.moment, read_time(as_of), self.past) if as_of else self


def read_moment(reader: LogReader, given: str) -> Asked:
    """A size, judged by when its last entry was registered; or a time, and the size the log had then.

    Raises `Malformed`, `NotFound`.
    """
    if _SIZE.fullmatch(given):
        moment = moment_at(reader, TreeSize(int(given)))
        return Asked(moment, moment.registered_at, past=True)
    try:
        time = read_time(given)
    except Malformed as error:
        raise Malformed(
            f"{given[:40]!r} is neither a size nor a time",
            expected="how many entries the log had, as 564, or RFC 3339 with its offset, as 2026-05-04T16:20:00+05:30",
        ) from error
    return Asked(moment_at(reader, size_at(reader, time)), time, past=True)


def take_in(state: MemoryState, row: Row, opened: Opened) -> None:
    """Fold one entry. Raises `LogInconsistent` where a rule refuses what the log has registered."""
    try:
        fold(state, opened.at(row.index))
    except Refused as refusal:
        raise LogInconsistent(
            f"entry {row.index} ({opened.event.type}) breaks rule {refusal.rule}: {refusal.found}",
            expected=refusal.limit,
            hint="the log registered what its rules forbid",
        ) from refusal


def _check_entries(reader: LogReader, moment: Moment) -> None:
    """The entries as they are kept make the root that was signed. O(size): two hashes each."""
    edge = RightEdge()
    for start in range(0, moment.size, _ENTRIES):
        for entry in reader.store.entries(LeafIndex(start), LeafIndex(min(start + _ENTRIES, moment.size))):
            edge.append(leaf_hash(entry))
    if (edge.size, edge.root()) != (moment.size, moment.root):
        raise LogInconsistent(
            f"the {edge.size} entries kept have root {edge.root().hex()}",
            expected=f"{moment.root.hex()}, as signed for size {moment.size}",
            hint=RUN_FSCK,
        )


def _fold_rows(
    reader: LogReader, state: MemoryState, size: TreeSize, progress: Callable[[int], None]
) -> None:
    rows = reader.store.rows(LeafIndex(len(state)), LeafIndex(size))
    while batch := list(islice(rows, _BATCH)):
        opened = [reopened(reader, row) for row in batch]
        for row, one in zip(batch, opened, strict=True):
            if row.index != len(state):
                break
            take_in(state, row, one)
        progress(len(batch))
    if len(state) != size:
        raise LogInconsistent(
            f"the statement of entry {len(state)} is missing", expected=f"{size} statements", hint=RUN_FSCK
        )


def reopened(reader: LogReader, row: Row) -> Opened:
    """What a row says; of an erased entry what is left of it. Raises `LogInconsistent` where neither is sound."""
    if row.erased_by is not None:
        return open_erased(reader.store, row)
    if sha256(row.statement).digest() != row.entry:
        raise LogInconsistent(
            f"the statement at index {row.index} is not the one its entry was made of", hint=RUN_FSCK
        )
    return reopen_accepted(row.statement)


def _registered_at(reader: LogReader, index: LeafIndex) -> datetime:
    return datetime.fromtimestamp(reader.row(index).registered_at, UTC)
