"""Everything that stands before the routes, in its order: fields for browsers, bounds, budgets."""

from __future__ import annotations

from starlette.types import ASGIApp

from api.access.bounds import Bounds
from api.access.budgets import Budgets, Kind, SpendByAddress
from api.access.headers import SecurityHeaders
from api.settings import Settings


def budgets_of(settings: Settings) -> Budgets:
    """The full buckets of a server that starts."""
    return Budgets(
        {
            Kind.READING: settings.reads_per_minute,
            Kind.WRITING: settings.writes_per_minute,
            Kind.COSTLY: settings.costly_per_minute,
        }
    )


def guarded(app: ASGIApp, settings: Settings, budgets: Budgets) -> ASGIApp:
    """An application behind the guards: fields are on every answer, a budget is spent before a body is read."""
    within = Bounds(SpendByAddress(app, budgets))
    return SecurityHeaders(within, https=(settings.url or "").startswith("https:"))
