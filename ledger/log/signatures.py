"""Checking many signatures on all cores, beside the reading and ruling that this process does.

Verifying is most of the work of taking in or auditing a statement. In threads it contends for the interpreter
lock (a thread that comes back from libsodium waits milliseconds for its turn); so it is done by worker
processes over pipes, two jobs in flight each, and only bytes travel. Small sets are checked in place.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import IO, Final, Self, TypeVar

import cbor2

from ledger.errors import LogError, TallyError
from ledger.log.signature_worker import KINDS, LENGTH_BYTES
from ledger.statement.envelope import SignatureClaim

T = TypeVar("T")

WORTH_PROCESSES: Final = 2_000
"""From so many signatures on, starting processes (about 0.2 s) pays."""

_JOB: Final = 128
_IN_FLIGHT: Final = 2

_Job = tuple[Sequence[SignatureClaim], Future[list[bool]]]


class SignaturePool:
    """Worker processes, one a core. Started by the first `check`, stopped by `close`."""

    def __init__(self) -> None:
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def check(self, claims: Sequence[SignatureClaim]) -> list[Future[list[bool]]]:
        """Check signatures; the futures' lists, one after another, say of each whether it verified."""
        if not self._threads:
            for number in range(os.cpu_count() or 1):
                thread = threading.Thread(target=self._work, name=f"tally-signatures-{number}", daemon=True)
                thread.start()
                self._threads.append(thread)
        answers = []
        for start in range(0, len(claims), _JOB):
            answer: Future[list[bool]] = Future()
            self._jobs.put((claims[start : start + _JOB], answer))
            answers.append(answer)
        return answers

    def close(self) -> None:
        """Finish what was asked for and stop the workers."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _work(self) -> None:
        command = [sys.executable, "-P", "-m", "ledger.log.signature_worker"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:  # noqa: S603
            assert worker.stdin
            assert worker.stdout
            flying: deque[_Job] = deque()
            last = False
            while flying or not last:
                while not last and len(flying) < _IN_FLIGHT and (not flying or not self._jobs.empty()):
                    job = self._jobs.get()
                    if job is None:
                        last = True
                    elif _send(job, worker.stdin):
                        flying.append(job)
                if flying:
                    _receive(flying.popleft(), worker.stdout)


def _send(job: _Job, pipe: IO[bytes]) -> bool:
    claims, answer = job
    data = cbor2.dumps([[KINDS[type(c.key)], c.key.raw, c.message, c.signature] for c in claims])
    try:
        pipe.write(len(data).to_bytes(LENGTH_BYTES, "big") + data)
        pipe.flush()
    except OSError:
        answer.set_exception(_dead())
        return False
    return True


def _receive(job: _Job, pipe: IO[bytes]) -> None:
    claims, answer = job
    verdicts = pipe.read(len(claims))
    if len(verdicts) == len(claims):
        answer.set_result([verdict == 1 for verdict in verdicts])
    else:
        answer.set_exception(_dead())


def _dead() -> LogError:
    return LogError("a process that verifies signatures has ended", hint="nothing was taken in: submit again")


Read = tuple[T, SignatureClaim] | TallyError
"""What reading gave: something with the claim it stands on, or why it could not be read."""


def verified(
    windows: Iterable[Sequence[Read[T]]], pool: SignaturePool | None
) -> Iterator[list[T | TallyError]]:
    """Check the signatures of windows of things read; hands out each window with its bad ones turned to errors.

    With a pool the next window is read while this one is being checked; without one they are checked in place.
    """
    ahead: deque[tuple[Sequence[Read[T]], list[Future[list[bool]]]]] = deque()
    for window in windows:
        claims = [one[1] for one in window if not isinstance(one, TallyError)]
        if pool is None:
            yield [_in_place(one) for one in window]
            continue
        ahead.append((window, pool.check(claims)))
        if len(ahead) > _IN_FLIGHT:
            yield _settle(*ahead.popleft())
    while ahead:
        yield _settle(*ahead.popleft())


def _settle(window: Sequence[Read[T]], answers: list[Future[list[bool]]]) -> list[T | TallyError]:
    verdicts = iter([verdict for answer in answers for verdict in answer.result()])
    return [
        one if isinstance(one, TallyError) else (one[0] if next(verdicts) else _in_place(one))
        for one in window
    ]


def _in_place(one: Read[T]) -> T | TallyError:
    """The thing read if its signature verifies here, else the error that says what is wrong with it."""
    if isinstance(one, TallyError):
        return one
    try:
        one[1].check()
    except TallyError as error:
        return error
    return one[0]
