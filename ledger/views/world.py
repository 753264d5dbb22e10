"""What one reader sees of the log at one size: lists, single things, search. All questions to the read models.

A world is all of the log, a beginning of it, or the part of either that one party sees; it holds nothing else, so no
question needs to ask who is asking.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from sqlite_utils import Database

from ledger.errors import Ambiguous, Malformed, NotFound
from ledger.limits import SEARCH_CHARS, SEARCH_WORDS
from ledger.rules.state import MemoryState
from ledger.units import StatementId, TreeSize
from ledger.views.answers import Answer, Statement
from ledger.views.answers.base import Hit
from ledger.views.answers.series import Flow, Progress
from ledger.views.cursor import Cursor, read_cursor, write_cursor
from ledger.views.keep import as_answer
from ledger.views.layout import SHELVES

A = TypeVar("A", bound=Answer)

_PREFIX: Final = re.compile(r"[0-9a-f]{4,64}", re.ASCII)
_FACETS: Final = ("party", "line", "lot", "statement")
_NOUNS: Final = {
    "contracts": "contract",
    "calloffs": "call-off",
    "allocations": "allocation",
    "lots": "lot",
    "deliveries": "delivery",
    "findings": "finding",
    "recalls": "recall",
    "parties": "party",
    "statements": "statement",
}
_SOUGHT: Final = ("contracts", "calloffs", "lots", "deliveries", "findings", "recalls", "parties")
"""What a search over everything finds."""


@dataclass(frozen=True, slots=True)
class Some(Generic[A]):
    """A stretch of a list."""

    items: tuple[A, ...]
    next: str | None
    """The cursor behind the last of them; None where there are no more."""


@dataclass(frozen=True)
class World:
    """The read models of what one reader sees. Any thread may ask, one at a time."""

    db: Database
    size: TreeSize
    """How many entries of the log it is about; single things may say a smaller size at which they were told."""
    as_of: datetime
    """The time by which it is judged what is late."""
    past: MemoryState | None
    """The fold of the beginning that is seen; None for the log as it is."""

    def page(
        self,
        model: type[A],
        asked: Mapping[str, str | bool | None],
        *,
        text: str | None = None,
        after: str | None = None,
        newest: bool = False,
        most: int,
    ) -> Some[A]:
        """A stretch of the list of a kind, in the order of the log (findings: worst first; makers: largest first).

        `asked` are values of columns and facets (`party`, `line`, `lot`, `statement`), None where it does not matter;
        of parties `contract` are those who take part in it;
        `after` is the cursor behind the stretch before. Raises `Malformed` for a cursor of another list.
        """
        shelf = _shelf(model)
        named = {
            "shelf": shelf,
            "text": text,
            "newest": newest,
            "at": self.size if self.past else None,
            **asked,
        }
        where, values = _narrowed(shelf, asked, text)
        ascending = not newest
        if after is not None:
            last = read_cursor(named, after)
            where.append(f'("{model.order}", id) {">" if ascending else "<"} (?, ?)')
            values += last
        direction = "" if ascending else " DESC"
        query = (
            f'SELECT * FROM "{shelf}" WHERE {" AND ".join(where)} '  # noqa: S608  # only names of this module
            f'ORDER BY "{model.order}"{direction}, id{direction} LIMIT ?'
        )
        rows = list(self.db.query(query, [*values, most + 1]))
        items = tuple(_typed(model, as_answer(shelf, row)) for row in rows[:most])
        if len(rows) <= most:
            return Some(items, None)
        return Some(items, write_cursor(named, Cursor(rows[most - 1][model.order], rows[most - 1]["id"])))

    def one(self, model: type[A], id: str) -> A:
        """One thing by its id, or by the beginning of it. Raises `NotFound`, `Ambiguous`."""
        shelf = _shelf(model)
        noun = _NOUNS[shelf]
        if shelf != "parties" and not _PREFIX.fullmatch(id):
            raise NotFound(
                f"{id[:80]!r} is not the id of a {noun}",
                expected="at least 4 lower-case hexadecimal digits of one",
            )
        query = f'SELECT * FROM "{shelf}" WHERE id >= ? AND id <= ? ORDER BY id LIMIT 2'  # noqa: S608
        rows = list(self.db.query(query, [id, id + "~"]))  # '~' stands behind every character of an id
        if not rows:
            raise NotFound(f"there is no {noun} {id[:80]}", hint="look it up in the list, or search for it")
        if len(rows) > 1 and rows[0]["id"] != id:
            raise Ambiguous(f"several ids start with {id[:80]}", hint="give more of it")
        return _typed(model, as_answer(shelf, rows[0]))

    def news(self, contract: StatementId, after: int, most: int) -> tuple[Statement, ...]:
        """The statements under a contract behind an index, in the order of the log."""
        query = 'SELECT * FROM statements WHERE contract = ? AND "index" > ? ORDER BY "index" LIMIT ?'
        rows = self.db.query(query, [contract, after, most])
        return tuple(_typed(Statement, as_answer("statements", row)) for row in rows)

    def sees(self, statements: Iterable[StatementId]) -> frozenset[StatementId]:
        """Those of some statements that are seen."""
        query = "SELECT id FROM statements WHERE id IN (SELECT value FROM json_each(?))"
        return frozenset(row["id"] for row in self.db.query(query, [json.dumps(list(statements))]))

    def progress(self, contract: StatementId, line: str | None = None) -> tuple[Progress, ...]:
        """Running totals of each line of a contract, or of one."""
        return tuple(Progress.model_validate_json(told) for told in self._drawn("progress", contract, line))

    def flow(self, contract: StatementId, line: str | None = None) -> tuple[Flow, ...]:
        """How the goods of each line of a contract flow, or of one."""
        return tuple(Flow.model_validate_json(told) for told in self._drawn("flow", contract, line))

    def _drawn(self, table: str, contract: StatementId, line: str | None) -> list[str]:
        where = "contract = ?" + ("" if line is None else " AND line = ?")
        values = [contract] if line is None else [contract, line]
        query = f'SELECT told FROM "{table}" WHERE {where} ORDER BY rowid'  # noqa: S608
        rows = self.db.query(query, values)
        return [row["told"] for row in rows]

    def search(self, text: str, most: int, kind: str | None = None) -> tuple[Hit, ...]:
        """What is called so, or has to do with something called so; best first. Raises `Malformed`."""
        shelves = (kind,) if kind else _SOUGHT
        query = f"""
            SELECT t.shelf, t.id, t.contract, t.title, t.words FROM texts_fts f JOIN texts t ON t.key = f.rowid
            WHERE texts_fts MATCH ? AND t.shelf IN ({",".join("?" * len(shelves))})
            ORDER BY bm25(texts_fts, 10.0, 1.0), t.key LIMIT ?
        """  # noqa: S608
        rows = self.db.query(query, [quoted(text), *shelves, most])
        return tuple(
            Hit(
                kind=_NOUNS[row["shelf"]], id=row["id"], contract=row["contract"] or None, title=row["title"],
                words=row["words"],
            )
            for row in rows
        )  # fmt: skip


def quoted(text: str) -> str:
    """What a person typed, as an FTS5 query: every word or a beginning of it, none of it an operator.

    Raises `Malformed` for no word, or for too many.
    """
    words = re.findall(r"\w+", text)
    if not words or len(text) > SEARCH_CHARS or len(words) > SEARCH_WORDS:
        raise Malformed(
            f"{text[:40]!r} cannot be searched for",
            expected=f"1 to {SEARCH_WORDS} words, at most {SEARCH_CHARS} characters in all",
        )
    return " ".join(f'"{word}"*' for word in words)


def _narrowed(
    shelf: str, asked: Mapping[str, str | bool | None], text: str | None
) -> tuple[list[str], list[Any]]:
    where = ["TRUE"]
    values: list[Any] = []
    columns = SHELVES[shelf].model_fields
    for name, value in asked.items():
        if value is None:
            continue
        if name in _FACETS and (name not in columns or name == "party"):
            where.append("id IN (SELECT id FROM facets WHERE shelf = ? AND name = ? AND value = ?)")
            values += [shelf, name, value]
        elif name == "contract" and name not in columns:  # a party stands under none, and takes part in some
            where.append(
                "id IN (SELECT value FROM facets WHERE shelf = 'contracts' AND name = 'member' AND id = ?)"
            )
            values.append(value)
        else:
            assert name in columns, f"{shelf} have no {name}"
            where.append(f'"{name}" = ?')
            values.append(value)
    if text is not None:
        found = "SELECT t.id FROM texts_fts f JOIN texts t ON t.key = f.rowid WHERE texts_fts MATCH ? AND t.shelf = ?"
        where.append(f"id IN ({found})")
        values += [quoted(text), shelf]
    return where, values


def _shelf(model: type[Answer]) -> str:
    return next(name for name, kept in SHELVES.items() if kept is model)


def _typed(model: type[A], answer: Answer) -> A:
    assert isinstance(answer, model), "a shelf holds one kind"
    return answer
