"""What one party has to do with under one contract: what it holds and makes, and what was found of it."""

from __future__ import annotations

from typing import Final, TypeVar

from ledger.units import PartyId, StatementId
from ledger.views.answers import Allocation, Answer, Finding, Maker
from ledger.views.keep import as_answer
from ledger.views.layout import SHELVES
from ledger.views.world import World

A = TypeVar("A", bound=Answer)

_FOUND_ON: Final = ("calloffs", "allocations", "lots", "deliveries")
"""Findings about these are findings about whom they name."""


def rows_of(world: World, contract: StatementId, party: PartyId) -> tuple[Maker, ...]:
    """What it makes, or has made below it, of each line. O(what names it under the contract)."""
    return _whose(world, Maker, "party", contract, party)


def held_by(world: World, contract: StatementId, party: PartyId) -> tuple[Allocation, ...]:
    """The allocations it holds, in the order of the log. O(what names it under the contract)."""
    return _whose(world, Allocation, "holder", contract, party)


def _whose(world: World, model: type[A], role: str, contract: StatementId, party: PartyId) -> tuple[A, ...]:
    shelf = _shelf(model)
    query = (
        f'SELECT t.* FROM facets f JOIN "{shelf}" t ON t.id = f.id '  # noqa: S608  # only names of this module
        "WHERE f.shelf = ? AND f.name = 'party' AND f.value = ? AND t.contract = ? "
        f"""AND json_extract(t."{role}", '$.id') = ? ORDER BY t."{model.order}", t.id"""
    )
    rows = world.db.query(query, [shelf, party, contract, party])
    answers = (as_answer(shelf, row) for row in rows)
    return tuple(one for one in answers if isinstance(one, model))


def how_many_name(world: World, model: type[Answer], contract: StatementId, party: PartyId) -> int:
    """How many things of a kind there are that have to do with it."""
    query = (
        "SELECT count(*) AS n FROM facets WHERE shelf = ? AND name = 'party' AND value = ? AND contract = ?"
    )
    [row] = world.db.query(query, [_shelf(model), party, contract])
    return int(row["n"])


def findings_about(world: World, contract: StatementId, party: PartyId, most: int) -> tuple[Finding, ...]:
    """The worst findings about promises and goods that it has to do with. O(what names it under the contract)."""
    query = f"""
        SELECT * FROM findings WHERE contract = ? AND id IN (
            SELECT f.id FROM facets p JOIN facets f ON f.shelf = 'findings' AND f.name = 'statement' AND f.value = p.id
            WHERE p.shelf IN ({",".join("?" * len(_FOUND_ON))}) AND p.name = 'party' AND p.value = ? AND p.contract = ?
        ) ORDER BY rank, id LIMIT ?
    """  # noqa: S608
    rows = world.db.query(query, [contract, *_FOUND_ON, party, contract, most])
    answers = (as_answer("findings", row) for row in rows)
    return tuple(one for one in answers if isinstance(one, Finding))


def _shelf(model: type[Answer]) -> str:
    return next(name for name, kept in SHELVES.items() if kept is model)
