"""Keeping answers in the tables, and reading them back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from typing import Any, Final

from sqlite_utils import Database

from ledger.trace.branch import parties_in
from ledger.trace.down import up_from
from ledger.units import PartyId, StatementId, TreeSize
from ledger.views.answers import (
    Allocation,
    Answer,
    Calloff,
    Contract,
    Delivery,
    Finding,
    Lot,
    Maker,
    Party,
    Recall,
)
from ledger.views.answers.base import Named
from ledger.views.layout import SHELVES, nested_in
from ledger.views.telling.contract import tell_contract, tell_findings, tell_makers, tell_recalls
from ledger.views.telling.goods import tell_deliveries, tell_lots
from ledger.views.telling.orders import tell_allocations, tell_calloffs
from ledger.views.telling.series import tell_flow, tell_progress
from ledger.views.telling.teller import Teller

Facet = tuple[str, str]
"""Its name and its value: whom or what a thing has to do with."""
Facets = Mapping[str, Sequence[Facet]]
"""By the id of the thing."""

_SHELF_OF: Final = {model: name for name, model in SHELVES.items()}


def keep_contract(db: Database, teller: Teller, statements: int) -> None:
    """Tell a contract again. What is told as before stays as it is, with the size at which it was first so."""
    contract = teller.at.framework.id
    makers, deliveries = list(tell_makers(teller)), list(tell_deliveries(teller))
    whole = tell_contract(teller, makers, len(deliveries), statements)
    told: dict[str, Iterable[Answer]] = {
        "contracts": [whole],
        "makers": makers,
        "calloffs": tell_calloffs(teller),
        "allocations": tell_allocations(teller),
        "lots": tell_lots(teller),
        "deliveries": deliveries,
        "findings": tell_findings(teller),
        "recalls": tell_recalls(teller),
    }
    also = _also(teller)
    for shelf, answers in told.items():
        keep(db, _changed(db, shelf, contract, answers), contract, also)
    for name, series in (("progress", tell_progress(teller)), ("flow", tell_flow(teller))):
        db.table(name).delete_where("contract = ?", [contract])
        rows = ({"contract": contract, "line": one.line, "told": one.model_dump_json()} for one in series)
        db.table(name).insert_all(rows)


def _changed(db: Database, shelf: str, contract: str, answers: Iterable[Answer]) -> list[Answer]:
    """The answers that are not kept as they are; what they were, and what is gone, is forgotten.

    Most of a large contract stays the same from one telling to the next, and an index is dear to write.
    """
    column = "id" if shelf == "contracts" else "contract"
    query = f'SELECT * FROM "{shelf}" WHERE {column} = ?'  # noqa: S608  # names of this module
    before = {row["id"]: row for row in db.query(query, [contract])}
    changed, kept = [], set()
    for one in answers:
        if _same(before.get(_id(one)), as_row(one)):
            kept.add(_id(one))
        else:
            changed.append(one)
    for id in before.keys() - kept:
        forget(db, shelf, id)
    return changed


def _same(before: dict[str, Any] | None, now: dict[str, Any]) -> bool:
    return before is not None and before | {"size": 0} == now | {"size": 0}


def forget(db: Database, shelf: str, id: str) -> None:
    """Take one answer away, with what it is found by."""
    db.table(shelf).delete_where("id = ?", [id])
    for name in ("facets", "texts"):
        db.table(name).delete_where("shelf = ? AND id = ?", [shelf, id])


def keep(db: Database, answers: Iterable[Answer], contract: str, also: Facets | None = None) -> None:
    """Add answers, and what they are found by; `also` are facets that an answer does not show."""
    for model, group in groupby(answers, type):
        shelf, same = _SHELF_OF[model], list(group)
        db.table(shelf).insert_all((as_row(one) for one in same), replace=True)
        db.table("facets").insert_all(
            {"shelf": shelf, "name": name, "value": value, "id": _id(one), "contract": contract}
            for one in same
            for name, value in _facets(one, (also or {}).get(_id(one), ()))
        )
        db.table("texts").insert_all(
            {"shelf": shelf, "id": _id(one), "contract": contract, "title": title, "words": " ".join(words)}
            for one in same
            for title, *words in _texts(one)
        )


def as_row(answer: Answer) -> dict[str, Any]:
    """An answer as the columns of its table."""
    shelf = nested_in(_SHELF_OF[type(answer)])
    told = answer.model_dump(mode="json")
    return {
        name: json.dumps(value, ensure_ascii=False) if name in shelf and value is not None else value
        for name, value in told.items()
    }


def as_answer(shelf: str, row: dict[str, Any]) -> Answer:
    """An answer out of the columns of its table."""
    nested = nested_in(shelf)
    told = {
        name: json.loads(value) if name in nested and value is not None else value
        for name, value in row.items()
    }
    return SHELVES[shelf].model_validate(told)


def _id(answer: Answer) -> str:
    found = getattr(answer, "id")  # noqa: B009  # every answer on a shelf has one
    assert isinstance(found, str), "ids are text"
    return found


def _also(teller: Teller) -> Facets:
    """What answers have to do with and do not name: whoever takes part in the contract, the contracts its goods come
    from, and of a lot who holds what it was made under."""
    at, contract = teller.at, teller.at.framework.id
    taking_part = members(teller)
    also: dict[str, Sequence[Facet]] = {
        lot.id: [("party", one.holder) for one in up_from(at, lot.allocation)] for lot in at.lots.values()
    }
    also[contract] = [
        *(("member", party) for party in taking_part),
        *(("party", party) for party in taking_part),
        *(("upstream", other) for other in at.upstream if other != contract),
    ]
    return also


def members(teller: Teller) -> dict[PartyId, None]:
    """Everybody who signed something that is seen of a contract, or whom it names."""
    records = (*teller.at.records.values(), *teller.at.proxies.values())
    return dict.fromkeys(party for record in records for party in parties_in(record))


def _facets(answer: Answer, also: Iterable[Facet]) -> Iterator[Facet]:
    """What a list can be narrowed to, each once."""
    found: list[Facet] = [*(("party", party) for party in _parties(answer)), *also]
    match answer:
        case Contract() | Calloff() | Allocation():
            found += [("line", one.line) for one in answer.lines]
        case Lot() | Maker():
            found += [("line", answer.line)]
        case Delivery():
            found += [("line", one.line) for one in answer.goods]
            found += [("lot", one.lot) for one in answer.goods if one.lot]
        case Recall():
            found += [("lot", one.lot) for one in answer.lots]
        case Finding():
            found += [("statement", one) for one in answer.statements]
    yield from dict.fromkeys(found)


def _parties(told: object) -> Iterator[str]:
    """Everybody an answer names, however deep."""
    match told:
        case Named():
            yield told.id
        case Answer():
            yield from chain.from_iterable(_parties(value) for _, value in told)
        case tuple():
            yield from chain.from_iterable(map(_parties, told))


def _texts(answer: Answer) -> Iterator[tuple[str, ...]]:
    """What a thing is called, and what else it can be found by."""
    match answer:
        case Contract():
            lines = (line.description for line in answer.lines)
            yield (
                f"{answer.reference} {answer.title}",
                answer.id,
                answer.buyer.name,
                answer.prime.name,
                *lines,
            )
        case Maker():
            yield answer.party.name, answer.line
        case Calloff():
            yield answer.reference, answer.id, answer.consignee.name
        case Allocation():
            yield answer.holder.name, answer.id, answer.offered_by.name
        case Lot():
            materials = (f"{one.item} {one.lot}" for one in answer.materials)
            yield answer.name, answer.id, answer.maker.name, *materials
        case Delivery():
            sender = answer.sender.name if answer.sender else ""
            yield (
                answer.waybill,
                answer.id,
                sender,
                answer.receiver.name,
                *(one.name or "" for one in answer.goods),
            )
        case Finding():
            yield answer.label, answer.message
        case Recall():
            yield answer.reason, answer.id, answer.by.name, *(one.name for one in answer.lots)
        case Party():
            yield answer.name or answer.id, answer.id, answer.statement


def copy_statements(
    source: Database,
    target: Database,
    contract: StatementId | None,
    sees: Callable[[StatementId], bool],
    size: TreeSize,
) -> int:
    """Copy the statements that are seen of a contract (None: of those under none) among the first `size`; answer how
    many there are."""
    query = 'SELECT * FROM statements WHERE contract IS ? AND "index" < ?'
    rows = [row for row in source.query(query, [contract, size]) if sees(row["id"])]
    target.table("statements").insert_all(rows)
    return len(rows)


def count_of(db: Database, contract: StatementId) -> int:
    """How many statements under a contract are known here."""
    return int(db.table("statements").count_where("contract = ?", [contract]))
