"""Logs that many tests read, made once; who writes or tampers takes a copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.log_world import copied, enrolments, grown_log, new_log
from tests.support.spine import Spine

GROUPS = (100, 1, 132, 7, 256, 60, 64)  # so that checkpoints lie before, at and after full tiles


@pytest.fixture(scope="session")
def spine() -> Spine:
    return Spine()


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory, spine: Spine) -> Path:
    """A log of more than two full tiles: the spine, then enrolments. Read it only."""
    groups, first = [spine.statements], 0
    for count in GROUPS:
        groups.append(enrolments(count, first))
        first += count
    return grown_log(tmp_path_factory.mktemp("grown") / "log", groups)


@pytest.fixture(scope="session")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 10 entries in three groups. Read it only."""
    return grown_log(
        tmp_path_factory.mktemp("short") / "log", [enrolments(4), enrolments(3, 4), enrolments(2, 7)]
    )


@pytest.fixture
def a_copy(tmp_path: Path) -> Callable[[Path], Path]:
    """Copies a log to write to or to tamper with."""
    return lambda path: copied(path, tmp_path / "copy")


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A log that holds its policy alone."""
    return new_log(tmp_path / "log")
