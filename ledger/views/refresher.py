"""One thread that keeps the read models up to a log that grows."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Final

from ledger.errors import TallyError
from ledger.log.reader import LogReader
from ledger.units import TreeSize
from ledger.views.scenes import Views

_PAUSE_S: Final = 0.25
"""Between two looks at the log."""
_PAUSE_AFTER_FAULT_S: Final = 5.0


class Refresher:
    """Refreshes until it is stopped. A fault (a full disk) is told, and tried again; the log is not concerned."""

    def __init__(
        self,
        views: Views,
        reader: Callable[[], AbstractContextManager[LogReader]],
        faulty: Callable[[str], None],
        told: Callable[[TreeSize], None] = lambda _size: None,
    ) -> None:
        """`reader` opens the log as it is now; `faulty` is told of each fault, `told` how far the log is told."""
        self._views = views
        self._reader = reader
        self._faulty = faulty
        self._told = told
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="views", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let it end what it is at, and wait for that."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        pause, told = 0.0, (-1, date.min)
        while not self._stopping.wait(pause):
            now = datetime.now(UTC)
            try:
                with self._reader() as reader:
                    there = (int(reader.size), now.date())
                    if there != told:
                        if self._views.refresh(reader, now):
                            told = there
                        self._told(reader.size)
                pause = _PAUSE_S
            except (TallyError, sqlite3.Error, OSError) as error:
                self._faulty(str(error))
                pause = _PAUSE_AFTER_FAULT_S
