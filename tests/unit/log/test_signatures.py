"""Worker processes say of each statement what opening it here says, and a dead one is told."""

from __future__ import annotations

import io
import subprocess

import cbor2
import pytest

from ledger.errors import LogError, Malformed, SignatureInvalid
from ledger.events.opened import open_kept
from ledger.log import signature_worker, signatures
from ledger.log.signatures import SignaturePool, opened_windows
from tests.support.spine import Spine


@pytest.fixture(scope="module")
def statements() -> list[bytes]:
    """Both kinds of key; of every five one has a broken signature and one is cut."""
    signed = Spine().statements * 20
    spoil = {0: lambda one: one[:-1] + bytes([one[-1] ^ 1]), 1: lambda one: one[:-1]}
    return [spoil.get(n % 5, bytes)(one) for n, one in enumerate(signed)]


@pytest.mark.parametrize("workers", [False, True])
def test_each_statement_is_opened_or_has_its_own_error(statements: list[bytes], workers: bool) -> None:
    windows = [statements[start : start + 150] for start in range(0, len(statements), 150)]
    with SignaturePool() as pool:
        results = [
            one for window in opened_windows(windows, pool if workers else None, open_kept) for one in window
        ]
    assert len(results) == len(statements)
    for number, (data, result) in enumerate(zip(statements, results, strict=True)):
        if number % 5 < 2:
            assert isinstance(result, (SignatureInvalid, Malformed)[number % 5])
        else:
            assert result == open_kept(data)


def test_what_a_worker_does_not_accept_is_opened_here_as_the_caller_says(statements: list[bytes]) -> None:
    """A key the worker does not know of (or an unprotected header) is for this process to judge."""
    seen: list[bytes] = []

    def open_one(data: bytes) -> object:
        seen.append(data)
        return open_kept(statements[2])

    with SignaturePool() as pool:
        list(opened_windows([statements[:5]], pool, open_one))  # type: ignore[arg-type]
    assert seen == statements[:2]


def test_a_dead_worker_is_an_error_not_a_verdict(
    statements: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = subprocess.Popen

    def dying(command: list[str], **options: object) -> object:
        return real([command[0], "-c", "pass"], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(signatures.subprocess, "Popen", dying)
    with SignaturePool() as pool, pytest.raises(LogError, match="has ended"):
        list(opened_windows([statements], pool, open_kept))


def test_where_no_process_can_be_made_it_is_told_and_nobody_waits_for_ever(
    statements: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_process(*_: object, **__: object) -> object:
        raise OSError("cannot allocate memory")

    monkeypatch.setattr(signatures.subprocess, "Popen", no_process)
    with SignaturePool() as pool, pytest.raises(LogError, match="has ended"):
        list(opened_windows([statements], pool, open_kept))


def test_the_worker_answers_one_byte_a_statement(statements: list[bytes]) -> None:
    job = cbor2.dumps(statements[:6])
    sink = io.BytesIO()
    signature_worker.serve(io.BytesIO(len(job).to_bytes(4, "big") + job), sink)
    assert sink.getvalue() == bytes([0, 0, 1, 1, 1, 0])
