"""The chapters of Demo A by theme; `ledger.scenario.demo_a` tells them in the order of time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from ledger.scenario.cast import IST, Actor


def on(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A time in the year of the story, as clocks in India show it."""
    return datetime(2026, month, day, hour, minute, tzinfo=IST)


def enrolments(actors: Iterable[Actor], first_at: datetime) -> list[bytes]:
    """Each enrols, a minute after the one before."""
    return [actor.enrol(first_at + timedelta(minutes=place)) for place, actor in enumerate(actors)]
