"""Test keys, an event, and the vectors of specs/vectors/statement."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from ledger.statement.envelope import sign_statement
from ledger.statement.signer import Ed25519Signer, P256Signer, Signer


@pytest.fixture
def vectors() -> Path:
    return Path(__file__).parents[3] / "specs" / "vectors" / "statement"


@pytest.fixture
def maker() -> Ed25519Signer:
    """The key `maker` of keys.json."""
    return Ed25519Signer.from_seed(hashlib.sha256(b"maker").digest())


@pytest.fixture
def browser() -> P256Signer:
    """The key `browser` of keys.json."""
    return P256Signer.from_scalar(hashlib.sha256(b"browser").digest())


@pytest.fixture(params=["ed25519", "p256"])
def signer(request: pytest.FixtureRequest, maker: Ed25519Signer, browser: P256Signer) -> Signer:
    return {"ed25519": maker, "p256": browser}[request.param]


@pytest.fixture
def event() -> dict[str, Any]:
    return {
        "type": "example.noted",
        "version": 1,
        "occurred_at": "2026-05-04T15:20:00+05:30",
        "prev": "ab" * 32,
        "refs": {"lot": "cd" * 32, "earlier": ["ef" * 32, "01" * 32]},
        "body": {"note": "120 baskets"},
    }


@pytest.fixture
def signed(signer: Signer, event: dict[str, Any]) -> bytes:
    return sign_statement(signer, iss=signer.public.did, sub="45" * 32, iat=1_777_888_200, payload=event)
