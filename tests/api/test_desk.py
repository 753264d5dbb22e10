"""Statements that come one by one are handed on together, and each is answered with its own."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from api import desk as desks
from api.desk import Desk
from ledger.errors import LogBusy, LogError, MalformedCbor, SignatureInvalid
from ledger.log.log import Log
from ledger.log.signatures import SignaturePool
from ledger.log.writer import Outcome, Registered
from ledger.statement.signer import generate_ed25519
from tests.support.log_world import enrolment, enrolments, id_of, open_log
from tests.support.spine import Actor

Ask = Callable[[Log, Desk], Awaitable[None]]


def at_desk(folder: Path, ask: Ask) -> None:
    async def run() -> None:
        with open_log(folder) as log:
            desk = Desk(log)
            try:
                await ask(log, desk)
            finally:
                desk.close()

    asyncio.run(run())


async def all_of(desk: Desk, statements: list[bytes]) -> list[Outcome]:
    return await asyncio.gather(*map(desk.register, statements))


def ids(outcomes: list[Outcome]) -> list[object]:
    return [one.id if isinstance(one, Registered) else type(one) for one in outcomes]


def altered(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


async def with_workers(desk: Desk) -> None:
    """Have them started, and wait until they are there."""
    assert not desk._workers_are_there()
    assert desk._workers
    await asyncio.wrap_future(desk._workers)


@pytest.mark.parametrize("workers", [False, True])
def test_each_is_answered_with_its_own(folder: Path, workers: bool) -> None:
    sent = enrolments(20, 100)
    sent[3], sent[7] = altered(sent[3]), b"\xd2\x84"

    async def ask(_log: Log, desk: Desk) -> None:
        if workers:
            await with_workers(desk)
        outcomes = await all_of(desk, sent)
        expected: list[object] = [id_of(one) for one in sent]
        expected[3], expected[7] = SignatureInvalid, MalformedCbor
        assert ids(outcomes) == expected
        assert desk.waiting == 0

    at_desk(folder, ask)


def test_what_comes_together_is_written_together(folder: Path) -> None:
    async def ask(log: Log, desk: Desk) -> None:
        await all_of(desk, enrolments(5, 100))
        with log.reader() as reader:
            assert [one.size for one in reader.store.checkpoints()][-2:] == [10, 15]

    at_desk(folder, ask)


def test_a_key_that_the_workers_were_not_told_of_is_found_in_the_log(folder: Path) -> None:
    asha, phone = Actor("Asha", "maker"), generate_ed25519()
    enrolled = asha.enrol()
    added = asha.sign("key.added", {"key": phone.public.did, "device": "phone"}, {"party": id_of(enrolled)})

    async def ask(log: Log, desk: Desk) -> None:
        await with_workers(desk)
        assert ids(log.append([enrolled, added])) == [id_of(enrolled), id_of(added)]
        asha.signer = phone
        keys = [generate_ed25519().public.did for _ in range(10)]
        sent = [
            asha.sign("key.added", {"key": key, "device": key[-6:]}, {"party": id_of(enrolled)})
            for key in keys
        ]
        assert ids(await all_of(desk, sent)) == [id_of(one) for one in sent]

    at_desk(folder, ask)


def test_a_worker_that_dies_takes_nothing_with_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    serve = SignaturePool._serve

    def noting(self: SignaturePool, worker):  # type: ignore[no-untyped-def]
        started.append(worker.pid)
        serve(self, worker)

    monkeypatch.setattr(SignaturePool, "_serve", noting)

    async def ask(_log: Log, desk: Desk) -> None:
        await with_workers(desk)
        for pid in started:
            os.kill(pid, signal.SIGKILL)
        sent = enrolments(20, 100)
        assert ids(await all_of(desk, sent)) == [id_of(one) for one in sent]

    at_desk(folder, ask)


def test_without_a_thread_for_workers_statements_are_opened_here(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_self: SignaturePool, _statements: list[bytes]) -> None:
        raise LogError("no thread")

    monkeypatch.setattr(SignaturePool, "check", none)

    async def ask(_log: Log, desk: Desk) -> None:
        sent = enrolments(20, 100)
        assert ids(await all_of(desk, sent)) == [id_of(one) for one in sent]

    at_desk(folder, ask)


def test_beyond_its_bound_it_says_that_it_is_busy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "QUEUE_STATEMENTS", 2)

    async def ask(_log: Log, desk: Desk) -> None:
        outcomes = await asyncio.gather(*map(desk.register, enrolments(3, 100)), return_exceptions=True)
        assert [type(one) for one in outcomes] == [Registered, Registered, LogBusy]

    at_desk(folder, ask)


def test_one_who_has_gone_is_not_in_the_others_way(folder: Path) -> None:
    async def ask(_log: Log, desk: Desk) -> None:
        gone = asyncio.create_task(desk.register(enrolment(100)))
        stays = asyncio.create_task(desk.register(enrolment(101)))
        await asyncio.sleep(0)
        gone.cancel()
        assert isinstance(await stays, Registered)
        assert desk.waiting == 0

    at_desk(folder, ask)
