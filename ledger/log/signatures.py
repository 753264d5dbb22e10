"""Opening many statements on all cores, beside the ruling and writing that this process does.

Reading a statement strictly and verifying its signature is most of the work of taking it in or auditing it. In threads
it contends for the interpreter lock (a thread that comes back from libsodium waits milliseconds for its turn); so it
is done by worker processes over pipes, two jobs in flight each. Bytes go there and one byte comes back; what was
accepted is read once more here without the checks, and what was not is opened here for the reason. Small sets are
opened in place.

Keys go to the workers with the jobs, each once, as soon as the `KeyBook` here knows them. A worker that meets another
says so: where the key is found here, the statement is sent again together with it.
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

from ledger.errors import KeyUnknown, LogError, TallyError
from ledger.events.opened import Opened, learn, reopen_accepted
from ledger.log.signature_worker import LENGTH_BYTES, Verdict
from ledger.statement.envelope import KeyResolver, read_statement
from ledger.statement.keybook import KeyBook
from ledger.units import PartyId

WORTH_PROCESSES: Final = 2_000
"""From so many statements on, starting processes (about 0.2 s) pays."""

_JOB: Final = 512
_IN_FLIGHT: Final = 2

_Job = tuple[Sequence[bytes], Future[bytes]]


class SignaturePool:
    """Worker processes, one a core, that share a book of keys. Started by the first `check`, stopped by `close`."""

    def __init__(self, keys: KeyBook) -> None:
        self._keys = keys
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def check(self, statements: Sequence[bytes]) -> list[Future[bytes]]:
        """Open statements; the futures' bytes, one after another, are a `Verdict` on each."""
        if not self._threads:
            for number in range(os.cpu_count() or 1):
                thread = threading.Thread(target=self._work, name=f"tally-signatures-{number}", daemon=True)
                try:
                    thread.start()
                except (RuntimeError, MemoryError) as error:  # fewer will do; without any nobody would answer
                    if not self._threads:
                        raise _dead() from error
                    break
                self._threads.append(thread)
        answers = []
        for start in range(0, len(statements), _JOB):
            answer: Future[bytes] = Future()
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
        except (OSError, MemoryError):  # whoever asks this thread is told, and nobody waits for ever
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
        told = 0
        last = False
        while flying or not last:
            while not last and len(flying) < _IN_FLIGHT and (not flying or not self._jobs.empty()):
                job = self._jobs.get()
                if job is None:
                    last = True
                    continue
                new_keys = self._keys.told_since(told)
                told += len(new_keys)
                if _send(job, new_keys, worker.stdin):
                    flying.append(job)
            if flying:
                _receive(flying.popleft(), worker.stdout)


def _send(job: _Job, new_keys: list[PartyId], pipe: IO[bytes]) -> bool:
    statements, answer = job
    try:
        data = cbor2.dumps([new_keys, list(statements)])
        pipe.write(len(data).to_bytes(LENGTH_BYTES, "big") + data)
        pipe.flush()
    except (OSError, MemoryError):
        answer.set_exception(_dead())
        return False
    return True


def _receive(job: _Job, pipe: IO[bytes]) -> None:
    statements, answer = job
    verdicts = pipe.read(len(statements))
    if len(verdicts) == len(statements):
        answer.set_result(verdicts)
    else:
        answer.set_exception(_dead())


def _dead() -> LogError:
    return LogError("a process that verifies signatures has ended", hint="nothing was taken in: submit again")


def opened_windows(
    windows: Iterable[Sequence[bytes]],
    open_one: Callable[[bytes, KeyResolver], Opened],
    keys: KeyBook,
    pool: SignaturePool | None,
) -> Iterator[list[Opened | TallyError]]:
    """Open statements a window at a time: one result each, in their order.

    The book learns the keys that the statements add, in their order. With a pool, which is of the same book, the next
    windows are at the workers while this one is handed out; without one they are opened in place.
    """
    ahead: deque[tuple[Sequence[bytes], list[Future[bytes]]]] = deque()
    for window in windows:
        if pool is None:
            yield [_opened(data, open_one, keys) for data in window]
            continue
        ahead.append((window, pool.check(window)))
        if len(ahead) > _IN_FLIGHT:
            yield _settle(*ahead.popleft(), open_one, keys, pool)
    while ahead:
        assert pool
        yield _settle(*ahead.popleft(), open_one, keys, pool)


def _settle(
    window: Sequence[bytes],
    answers: list[Future[bytes]],
    open_one: Callable[[bytes, KeyResolver], Opened],
    keys: KeyBook,
    pool: SignaturePool,
) -> list[Opened | TallyError]:
    verdicts = bytearray().join(answer.result() for answer in answers)
    late = [n for n, verdict in enumerate(verdicts) if verdict == Verdict.KEY_UNKNOWN]
    late = [n for n in late if _is_known(window[n], keys)]
    again = b"".join(answer.result() for answer in pool.check([window[n] for n in late]))
    for n, verdict in zip(late, again, strict=True):
        verdicts[n] = verdict
    return [
        _opened(data, _reopen if verdict == Verdict.ACCEPTED else open_one, keys)
        for data, verdict in zip(window, verdicts, strict=True)
    ]


def _is_known(data: bytes, keys: KeyBook) -> bool:
    """Whether the key of a statement that reads well is known here, or found."""
    statement = read_statement(data)
    try:
        keys.resolve(statement.iss, statement.kid)
    except KeyUnknown:
        return False
    return True


def _reopen(data: bytes, _resolve: KeyResolver) -> Opened:
    return reopen_accepted(data)


def _opened(
    data: bytes, open_one: Callable[[bytes, KeyResolver], Opened], keys: KeyBook
) -> Opened | TallyError:
    try:
        opened = open_one(data, keys.resolve)
    except TallyError as error:
        return error
    learn(keys, opened)
    return opened
