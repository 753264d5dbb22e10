"""Everything that stands before the routes, in its order: fields for browsers, bounds, budgets."""

from __future__ import annotations

from starlette.applications import Starlette

from api.access.bounds import Bounds
from api.access.budgets import Budgets, Kind, SpendByAddress
from api.access.headers import SecurityHeaders
from api.settings import Settings


def guard(app: Starlette, settings: Settings) -> None:
    """Put the guards before an application; each one that is added stands outside the ones before."""
    app.state.budgets = Budgets(
        {
            Kind.READING: settings.reads_per_minute,
            Kind.WRITING: settings.writes_per_minute,
            Kind.COSTLY: settings.costly_per_minute,
        }
    )
    app.add_middleware(SpendByAddress, budgets=app.state.budgets)
    app.add_middleware(Bounds)
    app.add_middleware(SecurityHeaders, https=(settings.url or "").startswith("https:"))
