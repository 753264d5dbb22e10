"""What one server process holds: the open log, readers at its present size, who waits for a late answer.

Handlers reach it as `request.app.state.service`. Everything in it is safe for any thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import structlog
from starlette.requests import HTTPConnection

from api.desk import Desk
from api.late import LateAnswers
from api.settings import Settings
from api.streams import Streams
from api.telemetry import Metrics
from ledger.errors import LogBusy, LogError, LogHalted
from ledger.limits import NEWS_STREAMS
from ledger.log.folder import LogFolder
from ledger.log.log import Log
from ledger.log.reader import LogReader
from ledger.log.store.sqlite import SqliteStore
from ledger.proof.tiles import Tile
from ledger.statement.signer import Ed25519Signer
from ledger.units import LeafIndex, StatementId, TreeSize
from ledger.views.apart import RefresherApart
from ledger.views.refresher import Refresher
from ledger.views.scenes import Views

_READERS_KEPT: Final = 8
_lines = structlog.get_logger("tally.views")


class Service:
    """One log, served."""

    def __init__(
        self, settings: Settings, signer: Ed25519Signer | None, metrics: Metrics, *, apart: bool = False
    ) -> None:
        """Open the log for writing with its key, or, without, for reading alone.

        `apart` has the read models kept up by a process of their own. Raises what opening a log raises.
        """
        self.settings = settings
        self.metrics = metrics
        self.folder = LogFolder(settings.log)
        self.late = LateAnswers()
        self.streams = Streams(NEWS_STREAMS)
        self._bulk = threading.Lock()
        self._desk: Desk | None = None
        with ExitStack() as held:
            self._log = Log.open(settings.log, signer, expects_many=True) if signer else None
            if self._log:
                held.callback(self._log.close)
            with LogReader.open(settings.log) as reader:
                self.policy_id, self.vkey, self.policy = reader.policy_id, reader.vkey, reader.policy
            self._lock = threading.Lock()  # guards _present and _idle
            self._present = SqliteStore(self.folder.database, writable=False, snapshot=False)
            held.callback(self._present.close)
            self._idle: list[LogReader] = []
            held.callback(self._drop_idle)
            self.views = Views(settings.log)
            held.callback(self.streams.end)
            if apart:
                held.callback(RefresherApart(settings.log, self.views.hear, _say_fault).stop)
            else:
                held.callback(Refresher(self.views, self.reader, _say_fault).stop)
            self._held = held.pop_all()

    def close(self) -> None:
        """Write and answer what waits, and let the log go."""
        self._held.close()

    @property
    def log(self) -> Log:
        """The log as it may be written. Raises `LogError` on a server that only reads."""
        if self._log is None:
            raise LogError(
                "this server was started without the log's key: it reads, and registers nothing",
                hint="submit to the server that writes this log, or start this one with --key",
            )
        return self._log

    @property
    def writes(self) -> bool:
        """Whether this server was started to register statements."""
        return self._log is not None

    @property
    def desk(self) -> Desk:
        """Where statements are registered one by one. Raises `LogError` on a server that only reads."""
        if self._desk is None:
            self._desk = Desk(self.log)
            self._held.callback(self._desk.close)
        return self._desk

    @property
    def waiting(self) -> int:
        """How many statements wait to be registered."""
        return max(self._desk.waiting if self._desk else 0, self._log.waiting if self._log else 0)

    @property
    def halted(self) -> LogHalted | None:
        """Why nothing is written any more, or None."""
        return self._log.halted if self._log else None

    def size(self) -> TreeSize:
        """How many entries are committed now. One small query."""
        with self._lock:
            return self._present.size()

    def index_of(self, statement: StatementId) -> LeafIndex | None:
        """Where a statement is registered now. One small query."""
        with self._lock:
            return self._present.index_of(statement)

    def full_tile(self, tile: Tile) -> bytes | None:
        """The hashes of a full tile that is committed by now, which never change. One small query."""
        with self._lock:
            found = self._present.tile(tile.level, tile.index)
        return found.hashes if found else None

    @contextmanager
    def one_bulk(self) -> Iterator[None]:
        """Let one large set in at a time: each is held in memory, and takes all cores. Raises `LogBusy`."""
        if not self._bulk.acquire(blocking=False):
            raise LogBusy(
                "another large set is being registered",
                expected="one at a time",
                hint="send the same set again in a moment",
            )
        try:
            yield
        finally:
            self._bulk.release()

    @contextmanager
    def reader(self) -> Iterator[LogReader]:
        """A reader of the log as it is now, for one thread. Raises what opening one raises."""
        size = self.size()
        reader = self._take(size) or LogReader.open(self.folder.path)
        try:
            yield reader
        except BaseException:
            reader.close()
            raise
        self._give_back(reader)

    def tidy(self) -> None:
        """Close idle readers of an earlier size: what they see keeps the WAL from being moved. Note how the log is."""
        size = self.size()
        self.metrics.size.set(size)
        self.metrics.halted.set(self.halted is not None)
        self.metrics.waiting.set(self.waiting)
        for reader in self._exchange(size):
            reader.close()

    def _take(self, size: TreeSize) -> LogReader | None:
        stale = self._exchange(size)
        for reader in stale:
            reader.close()
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _exchange(self, size: TreeSize) -> list[LogReader]:
        """Keep the idle readers of this size only; answers the others."""
        with self._lock:
            stale = [reader for reader in self._idle if reader.size != size]
            self._idle = [reader for reader in self._idle if reader.size == size]
        return stale

    def _give_back(self, reader: LogReader) -> None:
        with self._lock:
            if len(self._idle) < _READERS_KEPT:
                self._idle.append(reader)
                return
        reader.close()

    def _drop_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for reader in idle:
            reader.close()


def _say_fault(found: str) -> None:
    """The log is not concerned; lists and search stay as they are until the views can be written again."""
    _lines.warning("views", found=found)


def service_of(connection: HTTPConnection) -> Service:
    """The service behind a request."""
    service = connection.app.state.service
    assert isinstance(service, Service)
    return service
