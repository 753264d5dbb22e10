"""Worker processes say of each signature what checking it here says, and a dead one is told."""

from __future__ import annotations

import io
import subprocess

import pytest

from ledger.errors import LogError, SignatureInvalid, TallyError
from ledger.events.opened import read_kept
from ledger.log import signature_worker, signatures
from ledger.log.signatures import SignaturePool, verified
from ledger.statement import cbor
from tests.support.spine import Spine


@pytest.fixture(scope="module")
def statements() -> list[bytes]:
    """Both kinds of key; every fifth signature broken."""
    signed = Spine().statements * 20
    return [one[:-1] + bytes([one[-1] ^ 1]) if n % 5 == 0 else one for n, one in enumerate(signed)]


def read(data: bytes) -> object:
    opened, claim = read_kept(data)
    return opened, claim


@pytest.mark.parametrize("workers", [False, True])
def test_each_bad_signature_becomes_its_own_error(statements: list[bytes], workers: bool) -> None:
    windows = [
        [read(one) for one in statements[start : start + 150]] for start in range(0, len(statements), 150)
    ]
    with SignaturePool() as pool:
        results = [one for window in verified(windows, pool if workers else None) for one in window]  # type: ignore[arg-type]
    assert len(results) == len(statements)
    for number, (data, result) in enumerate(zip(statements, results, strict=True)):
        if number % 5 == 0:
            assert isinstance(result, SignatureInvalid)
        else:
            assert result.statement.data == data  # type: ignore[union-attr]


def test_what_could_not_be_read_keeps_its_error_and_place(statements: list[bytes]) -> None:
    error = TallyError("unreadable")
    window = [error, read(statements[1]), error]
    with SignaturePool() as pool:
        [results] = verified([window], pool)  # type: ignore[list-item]
    assert results[0] is error
    assert results[2] is error
    assert not isinstance(results[1], TallyError)


def test_a_dead_worker_is_an_error_not_a_verdict(
    statements: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = subprocess.Popen

    def dying(command: list[str], **options: object) -> object:
        return real([command[0], "-c", "pass"], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(signatures.subprocess, "Popen", dying)
    pool = SignaturePool()
    with pytest.raises(LogError, match="has ended"):
        list(verified([[read(one) for one in statements]], pool))  # type: ignore[list-item]


def test_the_worker_answers_one_byte_a_signature(statements: list[bytes]) -> None:
    claims = [read_kept(one)[1] for one in statements[:6]]
    job = cbor.encode(
        [[signature_worker.KINDS[type(c.key)], c.key.raw, c.message, c.signature] for c in claims]
    )
    sink = io.BytesIO()
    signature_worker.serve(io.BytesIO(len(job).to_bytes(4, "big") + job), sink)
    assert sink.getvalue() == bytes([0, 1, 1, 1, 1, 0])
