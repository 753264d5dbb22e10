"""Answers that stay open: how many there may be, and that they end when the server does."""

from __future__ import annotations

import threading

from ledger.errors import LogBusy


class Streams:
    """The open streams of one server. Safe for any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open = 0
        self._lock = threading.Lock()  # guards _open
        self._ended = threading.Event()

    @property
    def ended(self) -> bool:
        """Whether every stream is to end."""
        return self._ended.is_set()

    def end(self) -> None:
        """Let every stream end at its next look; the server stops."""
        self._ended.set()

    def enter(self) -> None:
        """Take a place. Raises `LogBusy` where there is none."""
        with self._lock:
            if self._open >= self._most:
                raise LogBusy(
                    f"{self._open} streams are open", expected=f"at most {self._most}", hint="try again later"
                )
            self._open += 1

    def leave(self) -> None:
        """Give the place back."""
        with self._lock:
            self._open -= 1
