"""The worlds that readers see: the file for who sees everything as it is, and tables in memory for everybody else.

A *scene* is a beginning of the log, or the part of one that a party sees (`ledger.views.staging`). A bounded number is
kept, the one longest unused goes first; a large one costs seconds, so they are made one at a time, and one of the
present serves for a while before it is made again.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from sqlite_utils import Database

from ledger.errors import LogBusy, ViewsNotReady
from ledger.limits import SCENE_STATEMENTS, SCENE_WAIT_S, SCENES
from ledger.log.folder import LogFolder
from ledger.log.reader import LogReader
from ledger.rules.state import MemoryState
from ledger.units import TreeSize
from ledger.views.follow import Follower
from ledger.views.layout import Known, known_to, open_file, swapping
from ledger.views.staging import Sight, Source, stage
from ledger.views.world import World

_REST: Final = 4.0
"""A scene of the present that took a second to make serves for four."""


class _Key(NamedTuple):
    sight: Sight
    as_of: datetime | None
    """The time that the past is judged by; the present goes with the time."""
    erased: int
    """How many entries are erased: the past is erased with the present."""


class _Scene(NamedTuple):
    world: World
    good_until: float
    lock: threading.RLock
    """One thread at a time; who looks at it already may ask within that whether something else is seen."""

    @property
    def weight(self) -> int:
        """Of how many statements it holds something: a fold of the past of each."""
        return self.world.size if self.world.past else self.world.db.table("statements").count


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
        self._making_present = threading.Lock()  # one scene at a time, so that each has a processor
        self._making_past = threading.Lock()

    @property
    def size(self) -> TreeSize:
        """How many entries are told as far as this process has heard; 0 before the first time."""
        return self._told

    def hear(self, size: TreeSize) -> None:
        """Take in how far another process has told the log."""
        self._told = size

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
        with self._open() as (db, known):
            if sight.everything and sight.past is None:
                yield World(db, TreeSize(known.size), datetime.fromisoformat(known.as_of), None)
                return
            scene = self._scene(Source(reader, db, known), sight, as_of)
        with scene.lock:
            yield scene.world

    @contextmanager
    def _open(self) -> Iterator[tuple[Database, Known]]:
        """The file, and how far the log is told in it. Raises `ViewsNotReady`."""
        try:
            with swapping(self._path, alone=False):
                db = open_file(self._path, writable=False)
                known = known_to(db)
        except (sqlite3.Error, OSError, ValueError) as error:
            raise ViewsNotReady(
                "what is told of this log is not there yet", hint="ask again in a moment"
            ) from error
        with closing(db):
            yield db, known

    def _scene(self, source: Source, sight: Sight, as_of: datetime) -> _Scene:
        """A scene that is kept and good, or a new one. Raises `LogBusy` where too many wait for one."""
        key = _Key(sight, as_of if sight.past else None, source.known.erased)
        making = self._making_past if sight.past else self._making_present
        if not making.acquire(timeout=SCENE_WAIT_S):
            raise LogBusy("what others see is being made ready", hint="ask again in a moment")
        try:
            scene = self._kept(key, TreeSize(source.known.size))
            if scene is None:
                start = self._clock()
                world = stage(source, sight, as_of, self._earlier(key))
                took = self._clock() - start
                scene = _Scene(world, self._clock() + _REST * took, threading.RLock())
                self._keep(key, scene)
        finally:
            making.release()
        return scene

    def _kept(self, key: _Key, size: TreeSize) -> _Scene | None:
        with self._lock:
            scene = self._scenes.get(key)
            if scene is None:
                return None
            self._scenes.move_to_end(key)
        stale = key.sight.past is None and scene.world.size < size and scene.good_until < self._clock()
        return None if stale else scene

    def _keep(self, key: _Key, scene: _Scene) -> None:
        with self._lock:
            self._scenes[key] = scene
            self._scenes.move_to_end(key)
            weight = sum(one.weight for one in self._scenes.values())
            while len(self._scenes) > 1 and (len(self._scenes) > SCENES or weight > SCENE_STATEMENTS):
                weight -= self._scenes.popitem(last=False)[1].weight

    def _earlier(self, key: _Key) -> MemoryState | None:
        """The latest fold that is kept of no more than is asked for, to go on from."""
        wanted = key.sight.past
        with self._lock:
            kept = [
                scene.world.past
                for other, scene in self._scenes.items()
                if wanted and other.sight.past and other.sight.past <= wanted and other.erased == key.erased
            ]
        return max((state for state in kept if state is not None), key=len, default=None)
