"""The pages: what an agency, a maker or whoever scans a box sees in a browser. One router of all of them.

They obey the same rules as the JSON routes, by the same dependencies: what a reader may not see is not there.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api.pages import contract, find, goods, labelled, party, provenance, statement

router: Final = APIRouter(include_in_schema=False)
for part in (find, provenance, contract, goods, labelled, party, statement):
    router.include_router(part.router)
