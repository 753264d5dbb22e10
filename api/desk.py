"""Where statements that come one by one are opened and handed to the writer together.

What a request costs the server's one interpreter is what limits it, so what requests can share they share: those that
have come by the time the last ones were handed on go together. Opening them (decoding, the signature, the event) is for
worker processes as soon as many come at once; a few are opened here, sooner than they could be sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Final, NamedTuple

from ledger.errors import LogBusy, LogError, TallyError
from ledger.events.opened import Opened, reopen_accepted
from ledger.limits import QUEUE_STATEMENTS
from ledger.log.intake import open_submitted
from ledger.log.log import Log
from ledger.log.signature_worker import Verdict
from ledger.log.signatures import SignaturePool
from ledger.log.writer import Outcome

WORTH_WORKERS: Final = 4
"""From so many statements at once on, they are opened by worker processes."""


class _Waiting(NamedTuple):
    data: bytes
    answer: asyncio.Future[Outcome]


class Desk:
    """Takes statements for one log. For the thread of the event loop it is made on."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._keys = log.key_book()
        self._pool = SignaturePool(self._keys)
        self._workers: Future[bytes] | None = None
        self._new: list[_Waiting] = []
        self._batches: set[asyncio.Task[None]] = set()
        self._opening = False  # a batch; what comes meanwhile waits, and makes the next one larger
        self._taken = 0

    @property
    def waiting(self) -> int:
        """How many statements were taken and are not answered yet."""
        return self._taken

    def close(self) -> None:
        """Let the worker processes go. Any thread; nobody waits here any more."""
        self._pool.close()

    async def register(self, data: bytes) -> Outcome:
        """What became of a statement: it is registered, or the error that says why not. Raises `LogBusy`."""
        if self._taken >= QUEUE_STATEMENTS:
            raise LogBusy(
                f"{self._taken} statements wait already",
                expected=f"at most {QUEUE_STATEMENTS}",
                hint="send the same bytes again in a moment",
            )
        one = _Waiting(data, self._loop.create_future())
        self._new.append(one)
        if len(self._new) == 1:
            self._loop.call_soon(self._hand_on)  # after whatever else has come by now
        self._taken += 1
        try:
            return await one.answer
        finally:
            self._taken -= 1

    def _hand_on(self) -> None:
        if self._new and not self._opening:
            batch, self._new = self._new, []
            self._opening = True
            task = self._loop.create_task(self._take(batch))
            self._batches.add(task)
            task.add_done_callback(self._batches.discard)

    async def _take(self, batch: Sequence[_Waiting]) -> None:
        """Answer a batch, whatever comes."""
        try:
            try:
                results = await self._opened([one.data for one in batch])
            finally:
                self._opening = False
                self._hand_on()
            outcomes = await self._written(results)
        except TallyError as error:
            outcomes = [error] * len(batch)
        except BaseException as error:
            for one in batch:
                if not one.answer.done():
                    one.answer.set_exception(error)
            raise
        for one, outcome in zip(batch, outcomes, strict=True):
            if not one.answer.done():  # whoever sent it may have gone
                one.answer.set_result(outcome)

    async def _opened(self, statements: list[bytes]) -> list[Opened | TallyError]:
        verdicts = bytes(len(statements))
        if len(statements) >= WORTH_WORKERS:
            with suppress(LogError):  # none can be started, or one has died: nothing is lost but its help
                if self._workers_are_there():
                    verdicts = await self._verdicts(statements)
        return [self._open(data, verdict) for data, verdict in zip(statements, verdicts, strict=True)]

    async def _verdicts(self, statements: list[bytes]) -> bytes:
        """What the workers say, in two jobs: half the time, where two are free. Raises `LogError`."""
        half = -(-len(statements) // 2)
        jobs = self._pool.check(statements[:half]) + self._pool.check(statements[half:])
        answers = await asyncio.gather(*map(asyncio.wrap_future, jobs), return_exceptions=True)
        return b"".join(_sound(one) for one in answers)

    def _workers_are_there(self) -> bool:
        """Start them at the first question; nobody waits for that (about a second on a busy machine)."""
        if self._workers is None:
            [self._workers] = self._pool.check([b""])
        return self._workers.done()

    def _open(self, data: bytes, verdict: int) -> Opened | TallyError:
        """What a worker has accepted is read once more, without the checks; the rest is opened for the reason."""
        try:
            if verdict == Verdict.ACCEPTED:
                return reopen_accepted(data)
            return open_submitted(data, self._keys.resolve)
        except TallyError as error:
            return error

    async def _written(self, results: Sequence[Opened | TallyError]) -> list[Outcome]:
        opened = [one for one in results if isinstance(one, Opened)]
        outcomes = await asyncio.wrap_future(self._log.put(opened)) if opened else []
        answers = iter(outcomes)
        return [next(answers) if isinstance(one, Opened) else one for one in results]


def _sound(answer: bytes | BaseException) -> bytes:
    if isinstance(answer, BaseException):
        raise answer
    return answer
