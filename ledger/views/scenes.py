"""The worlds that readers see: the file for who sees everything as it is, and tables in memory for everybody else.

A *scene* is a beginning of the log, or the part of one that a party sees. It is made by folding as far as is asked for
(`ledger.log.past`), cutting each contract down to the party's branch (`ledger.trace.branch`) and telling that by the
same words. Few are kept, the least used goes first; a large one costs seconds, so they are made one at a time, and one
of the present serves for a while before it is made again.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from sqlite_utils import Database

from ledger.errors import ViewsNotReady
from ledger.limits import SCENES
from ledger.log.folder import LogFolder
from ledger.log.past import state_at
from ledger.log.reader import LogReader
from ledger.rules.gathering import situation
from ledger.rules.records import Key, Kind, Party
from ledger.rules.state import View, each
from ledger.trace.branch import branch, part_of, whole
from ledger.units import PartyId, StatementId, TreeSize
from ledger.views.follow import Follower
from ledger.views.keep import copy_statements, keep, keep_contract, members
from ledger.views.layout import in_memory, known_to, open_file
from ledger.views.telling.people import tell_party
from ledger.views.telling.teller import Teller
from ledger.views.world import World

_REST: Final = 4.0
"""A scene of the present that took a second to make serves for four."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Who looks, and at what."""

    party: PartyId | None
    """Whose part of each contract is shown; None with `everything` False shows nothing at all."""
    everything: bool
    past: TreeSize | None = None
    """How much of the log; None for the log as it is."""


class _Key(NamedTuple):
    sight: Sight
    as_of: datetime | None
    """The day that the past is judged by; the present goes with the day."""


class _Scene(NamedTuple):
    world: World
    good_until: float
    lock: threading.Lock
    """One question at a time."""


class Views:
    """The read models of one log. Any thread may ask."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds, to measure with."""
        self._path = LogFolder(folder).views
        self._clock = clock
        self._follower = Follower(self._path, clock)
        self._told = TreeSize(0)
        self._following = threading.Lock()  # guards _follower
        self._scenes: OrderedDict[_Key, _Scene] = OrderedDict()
        self._lock = threading.Lock()  # guards _scenes
        self._making = threading.Lock()  # one scene at a time

    @property
    def size(self) -> TreeSize:
        """How many entries this process has told so far; 0 before the first time."""
        return self._told

    def refresh(self, reader: LogReader, now: datetime) -> bool:
        """Bring the read models up to what `reader` sees; answer whether all of it is told.

        Raises `LogInconsistent` where the log is damaged, `sqlite3.Error` where the file cannot be written.
        """
        with self._following:
            told = self._follower.refresh(reader, now)
            self._told = reader.size
            return told

    @contextmanager
    def world(self, reader: LogReader, sight: Sight, as_of: datetime) -> Iterator[World]:
        """What is seen, to be asked about; `as_of` is the time by which it is judged what is late.

        Raises `ViewsNotReady`, `LogInconsistent`.
        """
        with closing(self._open()) as db:
            if sight.everything and sight.past is None:
                known = known_to(db)
                yield World(db, TreeSize(known.size), datetime.fromisoformat(known.as_of), None)
                return
            scene = self._scene(reader, sight, db, as_of)
        with scene.lock:
            yield scene.world

    def _open(self) -> Database:
        try:
            return open_file(self._path, writable=False)
        except sqlite3.Error as error:
            raise ViewsNotReady(
                "the read models of this log are not made yet", hint="ask again in a moment"
            ) from error

    def _scene(self, reader: LogReader, sight: Sight, db: Database, as_of: datetime) -> _Scene:
        """A scene that is kept and good, or a new one."""
        key = _Key(sight, as_of if sight.past else None)
        with self._making:
            scene = self._kept(key, TreeSize(known_to(db).size))
            if scene is None:
                start = self._clock()
                world = _make(reader, sight, db, as_of)
                took = self._clock() - start
                scene = _Scene(world, self._clock() + _REST * took, threading.Lock())
                self._keep(key, scene)
        return scene

    def _kept(self, key: _Key, size: TreeSize) -> _Scene | None:
        with self._lock:
            scene = self._scenes.get(key)
            if scene is None:
                return None
            stale = key.as_of is None and scene.world.size < size and scene.good_until < self._clock()
            self._scenes.move_to_end(key)
            return None if stale else scene

    def _keep(self, key: _Key, scene: _Scene) -> None:
        with self._lock:
            self._scenes[key] = scene
            self._scenes.move_to_end(key)
            while len(self._scenes) > SCENES:
                self._scenes.popitem(last=False)


def _make(reader: LogReader, sight: Sight, db: Database, as_of: datetime) -> World:
    """Tell what is seen in tables of its own. O(what is seen), and the fold of the past."""
    known = known_to(db)
    size = sight.past or TreeSize(known.size)
    if size > known.size:
        raise ViewsNotReady(
            f"the log is told up to its first {known.size} entries so far", hint="ask again in a moment"
        )
    state = state_at(reader, size) if sight.past else None
    view: View = state or reader.store
    tables = in_memory()
    with tables.atomic():
        seen: dict[PartyId, None] = {sight.party: None} if sight.party else {}
        for contract in state.contracts() if state else reader.store.contracts():
            teller = _teller(view, contract, sight, size, as_of)
            if teller is not None:
                keep_contract(tables, teller, copy_statements(db, tables, teller.seen, size))
                seen |= members(teller)
        everybody = each(view, "", Kind.PARTY, Party)
        keep(
            tables,
            (tell_party(view, one, size) for one in everybody if sight.everything or one.id in seen),
            "",
        )
    return World(tables, size, as_of, state)


def _teller(
    view: View, contract: StatementId, sight: Sight, size: TreeSize, as_of: datetime
) -> Teller | None:
    """A contract as far as it is seen; None where nothing of it is."""
    if sight.everything:
        at = situation(view, contract, as_of)
        return Teller(at, whole(at), size)
    if sight.party is None or view.get(Key(contract, Kind.MEMBER, sight.party)) is None:
        return None
    at = situation(view, contract, as_of)
    seen = branch(at, sight.party)
    return None if seen.empty else Teller(part_of(at, seen), seen, size)
