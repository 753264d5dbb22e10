"""Logs to be harmed, made once and copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.log_world import enrolments, grown_log
from tests.support.spine import Spine


@pytest.fixture(scope="session")
def nearly_full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 250 entries: the first tile becomes full in the next groups. Copy it."""
    return grown_log(tmp_path_factory.mktemp("fault") / "log", [enrolments(249)])


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with every table in use and one full tile. Copy it."""
    return grown_log(
        tmp_path_factory.mktemp("fault") / "log",
        [Spine().statements, enrolments(120), enrolments(1, 120), enrolments(179, 121)],
    )
