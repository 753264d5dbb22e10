"""A served log of its policy and four enrolments, the spoilable network to it, and what is remembered here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.client.client import Client
from ledger.client.memory import Memory
from ledger.statement.envelope import read_statement, sign_statement
from ledger.statement.signer import Ed25519Signer
from tests.support.between import KEY, URL, Hours, Net, served
from tests.support.log_world import enrolment, enrolments, grown_log

Connect = Callable[[], Client]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return grown_log(tmp_path / "log", [enrolments(4)])


@pytest.fixture
def net(folder: Path) -> Iterator[Net]:
    with served(folder) as server:
        yield Net(server)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "memory")


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def connect(net: Net, memory: Memory, hours: Hours) -> Iterator[Connect]:
    """Connects to whatever the network leads to, each time it is called."""
    with ExitStack() as held:
        yield lambda: held.enter_context(
            Client.connect(URL, memory, key=KEY, transport=net.transport, patience=hours.patience())
        )


def enrolled_again(number: int) -> bytes:
    """A second enrolment of party `number`, which a rule refuses."""
    kept = read_statement(enrolment(number))
    signer = Ed25519Signer.from_seed(sha256(b"party %d" % number).digest())
    payload = {**kept.payload, "occurred_at": "2026-05-04T10:00:00Z"}
    return sign_statement(signer, iss=kept.iss, sub=kept.sub, iat=kept.iat, payload=payload)
