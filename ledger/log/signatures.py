"""Opening many statements on all cores, beside the ruling and writing that this process does.

Reading a statement strictly and verifying its signature is most of the work of taking it in or auditing it. In threads
it contends for the interpreter lock (a thread that comes back from libsodium waits milliseconds for its turn); so it
is done by worker processes over pipes, two jobs in flight each. Bytes go there and one byte comes back; what was
accepted is read once more here without the checks, and what was not is opened here for the reason. Small sets are
opened in place.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import IO, Final, Self

import cbor2

from ledger.errors import LogError, TallyError
from ledger.events.opened import Opened, reopen
from ledger.log.signature_worker import LENGTH_BYTES

WORTH_PROCESSES: Final = 2_000
"""From so many statements on, starting processes (about 0.2 s) pays."""

_JOB: Final = 512
_IN_FLIGHT: Final = 2

_Job = tuple[Sequence[bytes], Future[list[bool]]]


class SignaturePool:
    """Worker processes, one a core. Started by the first `check`, stopped by `close`."""

    def __init__(self) -> None:
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def check(self, statements: Sequence[bytes]) -> list[Future[list[bool]]]:
        """Open statements; the futures' lists, one after another, say of each whether it was accepted."""
        if not self._threads:
            for number in range(os.cpu_count() or 1):
                thread = threading.Thread(target=self._work, name=f"tally-signatures-{number}", daemon=True)
                thread.start()
                self._threads.append(thread)
        answers = []
        for start in range(0, len(statements), _JOB):
            answer: Future[list[bool]] = Future()
            self._jobs.put((statements[start : start + _JOB], answer))
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
        try:
            worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        except (
            OSError
        ):  # no memory, no descriptors: whoever asks this thread is told, and nobody waits for ever
            while (job := self._jobs.get()) is not None:
                job[1].set_exception(_dead())
            return
        try:
            with worker:
                self._serve(worker)
        except BrokenPipeError:
            return  # on closing the pipe of a worker that has died; each of its jobs was answered with that

    def _serve(self, worker: subprocess.Popen[bytes]) -> None:
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
    statements, answer = job
    data = cbor2.dumps(list(statements))
    try:
        pipe.write(len(data).to_bytes(LENGTH_BYTES, "big") + data)
        pipe.flush()
    except OSError:
        answer.set_exception(_dead())
        return False
    return True


def _receive(job: _Job, pipe: IO[bytes]) -> None:
    statements, answer = job
    verdicts = pipe.read(len(statements))
    if len(verdicts) == len(statements):
        answer.set_result([verdict == 1 for verdict in verdicts])
    else:
        answer.set_exception(_dead())


def _dead() -> LogError:
    return LogError("a process that verifies signatures has ended", hint="nothing was taken in: submit again")


def opened_windows(
    windows: Iterable[Sequence[bytes]], pool: SignaturePool | None, open_one: Callable[[bytes], Opened]
) -> Iterator[list[Opened | TallyError]]:
    """Open statements a window at a time: one result each, in their order.

    With a pool the next windows are at the workers while this one is handed out; without one they are opened in place.
    """
    ahead: deque[tuple[Sequence[bytes], list[Future[list[bool]]]]] = deque()
    for window in windows:
        if pool is None:
            yield [_opened(data, open_one) for data in window]
            continue
        ahead.append((window, pool.check(window)))
        if len(ahead) > _IN_FLIGHT:
            yield _settle(*ahead.popleft(), open_one)
    while ahead:
        yield _settle(*ahead.popleft(), open_one)


def _settle(
    window: Sequence[bytes], answers: list[Future[list[bool]]], open_one: Callable[[bytes], Opened]
) -> list[Opened | TallyError]:
    accepted = [verdict for answer in answers for verdict in answer.result()]
    return [
        _opened(data, reopen if verdict else open_one) for data, verdict in zip(window, accepted, strict=True)
    ]


def _opened(data: bytes, open_one: Callable[[bytes], Opened]) -> Opened | TallyError:
    try:
        return open_one(data)
    except TallyError as error:
        return error
