"""Group commit: many submitters, one writer thread, one fsync for all that wait.

The thread takes what waits (whichever first: a few milliseconds or a few hundred statements), writes it as one
group, and answers. The queue is bounded: a submitter who finds it full is told so at once. After any error but
a refusal the thread halts: everyone who waits and everyone who comes is told why, and reads go on.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from ledger.errors import LogBusy, LogError, LogHalted
from ledger.events.opened import Opened
from ledger.limits import GROUP_STATEMENTS, GROUP_WAIT_MS, QUEUE_STATEMENTS
from ledger.log.writer import Outcome, Writer


@dataclass(frozen=True, slots=True)
class _Waiting:
    opened: Sequence[Opened]
    answer: Future[list[Outcome]]


class GroupCommit:
    """The queue in front of a `Writer`, and the thread that owns it."""

    def __init__(self, writer: Writer) -> None:
        """Start the thread. Raises `LogError` where the machine has none to give."""
        self._writer = writer
        self._queue: queue.Queue[_Waiting | None] = queue.Queue()
        self._lock = threading.Lock()  # guards _queued and _halted
        self._queued = 0
        self._halted: LogHalted | None = None  # why nothing more is taken
        self._fault: LogHalted | None = None  # why nothing more is written; the thread's own
        self._thread = threading.Thread(target=self._run, name="tally-writer", daemon=True)
        try:
            self._thread.start()
        except (RuntimeError, MemoryError) as error:
            raise LogError(
                f"the writer cannot be started: {_why(error)}",
                hint="free threads or memory, then start again",
            ) from error

    @property
    def halted(self) -> LogHalted | None:
        """Why nothing is written any more, or None."""
        return self._halted

    @property
    def waiting(self) -> int:
        """How many statements wait to be written."""
        return self._queued

    def put(self, opened: Sequence[Opened], *, patient: bool = False) -> Future[list[Outcome]]:
        """Hand statements to the writer; the future has one outcome each, in order.

        Raises `LogHalted`; and `LogBusy` when the queue is full, unless `patient` (a caller that bounds
        itself by waiting for its earlier answers).
        """
        answer: Future[list[Outcome]] = Future()
        with self._lock:
            if self._halted:
                raise _anew(self._halted)
            if self._queued + len(opened) > QUEUE_STATEMENTS and not patient:
                raise LogBusy(
                    f"{self._queued} statements wait already",
                    expected=f"at most {QUEUE_STATEMENTS}",
                    hint="send the same bytes again in a moment",
                )
            self._queued += len(opened)
            self._queue.put(_Waiting(opened, answer))
        return answer

    def close(self) -> None:
        """Write what waits, answer it, and stop."""
        with self._lock:
            self._halted = self._halted or LogHalted("the log has been closed")
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        last = False
        while not last:
            group: list[_Waiting] = []
            try:
                last = self._gather(group)
                self._write(group)
            except Exception as fault:  # whatever it was, nobody waits for ever
                self._refuse(group, self._fault or self._halt(fault))

    def _gather(self, group: list[_Waiting]) -> bool:
        """Take what waits; whether it is the last."""
        count = 0
        until: float | None = None
        while count < GROUP_STATEMENTS:
            try:
                waiting = self._queue.get(timeout=None if until is None else max(0.0, until - monotonic()))
            except queue.Empty:
                return False
            if waiting is None:
                return True
            group.append(waiting)
            count += len(waiting.opened)
            until = until or monotonic() + GROUP_WAIT_MS / 1000
        return False

    def _write(self, gathered: Sequence[_Waiting]) -> None:
        with self._lock:
            self._queued -= sum(len(waiting.opened) for waiting in gathered)
        # Once a write has failed nothing more is tried: retrying an fsync proves nothing.
        if self._fault:
            raise self._fault
        # A submitter who has gone (cancelled its future) is left out; from here on nobody can cancel.
        group = [waiting for waiting in gathered if waiting.answer.set_running_or_notify_cancel()]
        outcomes = self._writer.write([one for waiting in group for one in waiting.opened])
        position = 0
        for waiting in group:
            waiting.answer.set_result(outcomes[position : position + len(waiting.opened)])
            position += len(waiting.opened)

    @staticmethod
    def _refuse(group: Sequence[_Waiting], halted: LogHalted) -> None:
        for waiting in group:
            with suppress(InvalidStateError):  # it has gone
                waiting.answer.set_exception(halted)

    def _halt(self, fault: Exception) -> LogHalted:
        halted = LogHalted(
            f"the log has stopped writing: {_why(fault)}",
            hint="reads go on; nothing unacknowledged was signed. Start the log again once the cause is "
            "mended: the start checks what became of the last group. See docs/operations.md",
        )
        halted.__cause__ = fault
        self._fault = halted
        with self._lock:
            self._halted = halted
        return halted


def _anew(halted: LogHalted) -> LogHalted:
    """The same to say again: one error raised twice has a longer traceback, and a halted log may be asked for days."""
    again = LogHalted(halted.found, hint=halted.hint)
    again.__cause__ = halted.__cause__
    return again


def _why(fault: Exception) -> str:
    """What a fault says, or its name: Python's want of memory says nothing."""
    return str(fault) or type(fault).__name__
