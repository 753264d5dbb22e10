"""A served log: small, with a contract in it where a test asks for `spine`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import build_app
from api.settings import Settings
from tests.support.log_world import enrolments, grown_log
from tests.support.spine import LOG_SIGNER


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log of its policy and nine enrolments, in three groups."""
    return grown_log(tmp_path / "log", [enrolments(4), enrolments(4, 4), enrolments(1, 8)])


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    """The application over that log, writing."""
    with TestClient(build_app(Settings(log=folder), LOG_SIGNER)) as client:
        yield client
