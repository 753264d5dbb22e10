"""The world of the contract, as JSON: one router of all its parts. Each asks the read models and renders the answer."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api.routes import after, contracts, goods, news, orders, people

router: Final = APIRouter()
for part in (contracts, news, orders, goods, after, people):
    router.include_router(part.router)
