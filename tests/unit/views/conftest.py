"""Logs with read models: the worked example, told once, and small ones that grow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.events.opened import Opened
from ledger.log.past import reopened
from ledger.log.reader import LogReader
from ledger.scenario.demo_a import demo_a
from ledger.units import LeafIndex, PartyId, TreeSize
from ledger.views.scenes import Views
from ledger.views.staging import Sight
from ledger.views.world import World
from tests.support.told import tell

NOW = datetime(2026, 6, 10, 6, 30, tzinfo=UTC)


@dataclass
class Followed:
    """A log and the read models beside it."""

    folder: Path
    views: Views

    @classmethod
    def at(cls, folder: Path) -> Followed:
        """With a clock that stands still: nothing takes long, so nothing rests."""
        return cls(folder, Views(folder, lambda: 0.0))

    def refresh(self, now: datetime = NOW) -> bool:
        with LogReader.open(self.folder) as reader:
            return self.views.refresh(reader, now)

    @contextmanager
    def world(
        self, party: PartyId | None = None, *, everything: bool | None = None, past: int | None = None
    ) -> Iterator[World]:
        """What everybody sees, or where a party is given it; at a size of the past, where one is given."""
        sight = Sight(
            party, everything if everything is not None else party is None, TreeSize(past) if past else None
        )
        with LogReader.open(self.folder) as reader, self.views.world(reader, sight, NOW) as world:
            yield world

    def entries(self) -> list[Opened]:
        """What the log holds, in its order."""
        with LogReader.open(self.folder) as reader:
            rows = reader.store.rows(LeafIndex(0), LeafIndex(reader.size))
            return [reopened(reader, row) for row in rows]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    """The worked example, told; nobody changes it."""
    folder = tmp_path_factory.mktemp("views") / "log"
    tell(folder, demo_a())
    followed = Followed.at(folder)
    assert followed.refresh()
    return followed
