"""Makers of one contract in the order of any of their figures, how their shares lie, and how many things there are.

What `World.page` gives in one order with a cursor, a table of thousands of makers needs in any: so its stretches are
told by where they start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from ledger.units import StatementId
from ledger.views.answers import Answer, Maker
from ledger.views.keep import as_answer
from ledger.views.layout import SHELVES, SIGNED_OFF
from ledger.views.world import World, quoted

Role = Literal["maker", "hub"]

FIGURES: Final = ("ordered", "signed_off", "dispatched", "received", "accepted", "open")
COLUMNS: Final = ("name", "lots", *FIGURES)
"""What makers can be ordered by."""

_EXPRESSION: Final = {
    "name": "json_extract(party, '$.name') COLLATE NOCASE",
    "lots": "lots + parts",
    # As a float, which is exact for whole quantities below 2^53 and only decides who stands before whom.
    **{name: f"CAST(json_extract(figures, '$.{name}') AS REAL)" for name in FIGURES},
}
_LARGEST_FIRST: Final = "rank ASC"
"""By what was ordered, and an index has them so."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Which makers of a contract, in which order."""

    contract: StatementId
    role: Role
    by: str = "ordered"
    """One of `COLUMNS`."""
    descending: bool = True
    text: str | None = None
    """Beginnings of words of a name."""


def ranked(world: World, ranking: Ranking, start: int, most: int) -> tuple[Maker, ...]:
    """Makers from the `start`th on. Raises `Malformed` for a text that cannot be searched for. O(makers)."""
    where, values = _narrowed(ranking)
    order = f"{_EXPRESSION[ranking.by]} {'DESC' if ranking.descending else 'ASC'}"
    if ranking.by == "ordered" and ranking.descending:
        order = _LARGEST_FIRST
    query = (
        f"SELECT * FROM makers WHERE {where} "  # noqa: S608  # only names of this module
        f"ORDER BY {order}, id LIMIT ? OFFSET ?"
    )
    rows = world.db.query(query, [*values, most, start])
    answers = (as_answer("makers", row) for row in rows)
    return tuple(one for one in answers if isinstance(one, Maker))


def how_many_makers(world: World, ranking: Ranking) -> int:
    """How many there are in a ranking. Raises `Malformed` as `ranked` does."""
    where, values = _narrowed(ranking)
    [row] = world.db.query(f"SELECT count(*) AS n FROM makers WHERE {where}", values)  # noqa: S608
    return int(row["n"])


def shares(world: World, contract: StatementId, line: str) -> tuple[Decimal, ...]:
    """What each maker of a line signed off, the largest first. O(makers)."""
    query = (
        f"SELECT {SIGNED_OFF} AS made, count(*) AS makers FROM makers "  # noqa: S608  # only names of layout
        "WHERE contract = ? AND role = 'maker' AND line = ? GROUP BY made"
    )
    made = {Decimal(row["made"]): int(row["makers"]) for row in world.db.query(query, [contract, line])}
    return tuple(value for value in sorted(made, reverse=True) for _ in range(made[value]))


def how_many(world: World, model: type[Answer], asked: Mapping[str, str | bool | int]) -> int:
    """How many things of a kind have these values in these columns."""
    shelf = next(name for name, kept in SHELVES.items() if kept is model)
    where = " AND ".join(f'"{name}" = ?' for name in asked)
    assert set(asked) <= set(SHELVES[shelf].model_fields), "columns"
    [row] = world.db.query(f'SELECT count(*) AS n FROM "{shelf}" WHERE {where}', list(asked.values()))  # noqa: S608
    return int(row["n"])


def _narrowed(ranking: Ranking) -> tuple[str, list[Any]]:
    where = "contract = ? AND role = ?"
    values: list[Any] = [ranking.contract, ranking.role]
    if ranking.text:
        found = "SELECT t.id FROM texts_fts f JOIN texts t ON t.key = f.rowid WHERE texts_fts MATCH ? AND t.shelf = ?"
        where += f" AND id IN ({found})"
        values += [quoted(ranking.text), "makers"]
    return where, values
