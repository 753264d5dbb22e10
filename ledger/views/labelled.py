"""Which lots a label means that names goods by a GTIN and a lot by what its maker called it.

A maker uses a lot's name once; another may use the same. What tells the goods is the item of a line, where that is the
GS1 Digital Link of its GTIN (GS1 Digital Link URI Syntax 1.2). Goods that a contract names otherwise have no GTIN here.
"""

from __future__ import annotations

import re
from typing import Final

from ledger.views.answers import Contract, Lot
from ledger.views.world import World

_LINK: Final = re.compile(r"https?://[^/?#]+(?:/[^?#]*)?/01/([0-9]{8}|[0-9]{12,14})(?:[/?#].*)?", re.ASCII)
_GTIN_DIGITS: Final = 14


def gtin_in(item: str) -> str | None:
    """The GTIN that an item's address names, at its full 14 digits; None where it names none."""
    link = _LINK.fullmatch(item)
    return link[1].zfill(_GTIN_DIGITS) if link else None


def lots_labelled(world: World, gtin: str, name: str, most: int) -> tuple[Lot, ...]:
    """The lots of that name of goods with that GTIN, at most `most`. O(contracts that have a lot of that name)."""
    query = "SELECT DISTINCT contract, line FROM lots WHERE name = ?"
    found: list[Lot] = []
    for row in list(world.db.query(query, [name])):
        lines = world.one(Contract, row["contract"]).lines
        [item] = [one.item for one in lines if one.line == row["line"]]
        if gtin_in(item) == gtin.zfill(_GTIN_DIGITS):
            asked = {"name": name, "contract": row["contract"], "line": row["line"]}
            found += world.page(Lot, asked, most=most - len(found)).items
        if len(found) == most:
            break
    return tuple(found)
