"""Worker processes say of each statement what opening it here says, and a dead one is told."""

from __future__ import annotations

import io
import subprocess

import cbor2
import pytest

from ledger.errors import LogError, Malformed, SignatureInvalid
from ledger.events.opened import Opened, open_kept
from ledger.log import signature_worker, signatures
from ledger.log.signature_worker import Verdict
from ledger.log.signatures import SignaturePool, opened_windows
from ledger.statement.envelope import KeyResolver, sign_statement
from ledger.statement.keybook import KeyBook
from ledger.statement.signer import Signer, generate_ed25519
from tests.support.spine import CLOCK, Actor, Spine


@pytest.fixture(scope="module")
def statements() -> list[bytes]:
    """Both kinds of key; of every five one has a broken signature and one is cut."""
    signed = Spine().statements * 20
    spoil = {0: lambda one: one[:-1] + bytes([one[-1] ^ 1]), 1: lambda one: one[:-1]}
    return [spoil.get(n % 5, bytes)(one) for n, one in enumerate(signed)]


@pytest.fixture(scope="module")
def device() -> tuple[Signer, bytes]:
    """The key of a party's second device, and what it signed for the party."""
    signer, asha = generate_ed25519(), Actor("Asha", "maker")
    enrolled = open_kept(asha.sign("party.enrolled", {"kind": "maker", "country": "IN", "name": "Asha"}))
    payload = enrolled.statement.payload
    return signer, sign_statement(signer, iss=asha.party, sub=asha.party, iat=CLOCK, payload=payload)


@pytest.mark.parametrize("workers", [False, True])
def test_each_statement_is_opened_or_has_its_own_error(statements: list[bytes], workers: bool) -> None:
    windows = [statements[start : start + 150] for start in range(0, len(statements), 150)]
    keys = KeyBook()
    with SignaturePool(keys) as pool:
        opened = opened_windows(windows, open_kept, keys, pool if workers else None)
        results = [one for window in opened for one in window]
    assert len(results) == len(statements)
    for number, (data, result) in enumerate(zip(statements, results, strict=True)):
        if number % 5 < 2:
            assert isinstance(result, (SignatureInvalid, Malformed)[number % 5])
        else:
            assert result == open_kept(data)


def test_what_a_worker_does_not_accept_is_opened_here_as_the_caller_says(statements: list[bytes]) -> None:
    """A key the worker does not know of (or an unprotected header) is for this process to judge."""
    seen: list[bytes] = []

    def open_one(data: bytes, resolve: KeyResolver) -> Opened:
        seen.append(data)
        return open_kept(statements[2], resolve)

    keys = KeyBook()
    with SignaturePool(keys) as pool:
        list(opened_windows([statements[:5]], open_one, keys, pool))
    assert seen == statements[:2]


def test_a_dead_worker_is_an_error_not_a_verdict(
    statements: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = subprocess.Popen

    def dying(command: list[str], **options: object) -> object:
        return real([command[0], "-c", "pass"], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(signatures.subprocess, "Popen", dying)
    keys = KeyBook()
    with SignaturePool(keys) as pool, pytest.raises(LogError, match="has ended"):
        list(opened_windows([statements], open_kept, keys, pool))


def test_where_no_process_can_be_made_it_is_told_and_nobody_waits_for_ever(
    statements: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_process(*_: object, **__: object) -> object:
        raise OSError("cannot allocate memory")

    monkeypatch.setattr(signatures.subprocess, "Popen", no_process)
    keys = KeyBook()
    with SignaturePool(keys) as pool, pytest.raises(LogError, match="has ended"):
        list(opened_windows([statements], open_kept, keys, pool))


def test_the_worker_answers_one_byte_a_statement(statements: list[bytes]) -> None:
    assert _served([[], statements[:6]]) == bytes([0, 0, 1, 1, 1, 0])


def test_a_key_is_unknown_to_the_worker_until_it_is_told(device: tuple[Signer, bytes]) -> None:
    signer, signed = device
    assert _served([[], [signed]]) == bytes([Verdict.KEY_UNKNOWN])
    assert _served([[signer.public.did], [signed]]) == bytes([Verdict.ACCEPTED])


def test_a_statement_whose_key_was_added_before_it_is_sent_again_with_the_key(
    statements: list[bytes], device: tuple[Signer, bytes]
) -> None:
    """Two workers share the book; neither had the key when the set began."""
    signer, signed = device
    keys = KeyBook()
    good = [one for n, one in enumerate(statements) if n % 5 >= 2]
    with SignaturePool(keys) as pool:
        windows = opened_windows([good[:5], [signed]], open_kept, keys, pool)
        first = next(windows)
        keys.tell([signer.public.did])
        (second,) = windows
    assert all(isinstance(one, Opened) for one in first)
    assert isinstance(second[0], Opened)


def _served(*jobs: object) -> bytes:
    source, sink = io.BytesIO(), io.BytesIO()
    for job in map(cbor2.dumps, jobs):
        source.write(len(job).to_bytes(4, "big") + job)
    source.seek(0)
    signature_worker.serve(source, sink)
    return sink.getvalue()
