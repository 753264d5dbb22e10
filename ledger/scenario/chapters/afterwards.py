"""Afterwards: a lot of sheet is called back wherever it went, and a telephone number is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ledger.scenario.cast import Actor, Refs, on, statement_id
from ledger.scenario.chapters.making import RECALLED_LOTS, RECALLED_SHEET
from ledger.scenario.product import SHEET, SHEET_SUPPLIER, quantity
from ledger.scenario.telling import Telling
from ledger.units import StatementId


def recall(t: Telling) -> None:
    body = {
        "inputs": [{"item": SHEET, "lot": RECALLED_SHEET, "supplier": SHEET_SUPPLIER}],
        "grade": "danger to health",
        "action": "quarantine",
        "reason": "The sheet was treated with an anti-fog agent that irritates the eyes.",
    }
    opened = t.sign(t.office.prime, "recall.opened", on(4, 27, 10), {}, body)
    t.chapter(
        "One sheet, three makers",
        "A lot of PET sheet turns out to irritate the eyes. The federation calls it back, and the sign-offs say at "
        "once what was cut from it: three lots of three makers, 5,900 pieces.",
        on(4, 27, 12),
        [opened],
    )
    _acknowledged(t, statement_id(opened))


def forgotten(t: Telling) -> None:
    group = t.cast.maker("KOL-04").actor
    assert group.phone is not None, "makers commit to their numbers"
    body = {
        "commitments": [group.phone.commitment()["commitment"]],
        "ground": "At the request of the person whose number it is; the order is done.",
    }
    erased = group.sign(
        "erasure.recorded",
        sub=group.party,
        refs={"target": group.enrolment},
        body=body,
        occurred_at=on(4, 30, 10),
    )
    t.chapter(
        "A number forgotten",
        "A women's group in Canning asks that its telephone number be forgotten. Value and salt are destroyed; the "
        "commitment and every proof stay as they were.",
        on(4, 30, 12),
        [erased],
    )


def _acknowledged(t: Telling, recall: StatementId) -> None:
    sheets, shelf, post = RECALLED_LOTS
    store, (hospital, health_post) = t.office.consignee, t.cast.wards
    t.chapter(
        "Who has them",
        "The store, the hospital and the health post answer for what they hold: 5,880 are found and set apart. The "
        "health post has given 20 away that nobody can find: the recall stays open.",
        on(4, 29, 18),
        [
            _found(t, store, on(4, 28, 10), recall, {sheets: 1_900, shelf: 1_700, post: 1_300}),
            _found(t, hospital, on(4, 28, 12), recall, {sheets: 600}),
            _found(t, health_post, on(4, 29, 10), recall, {post: 380}),
        ],
    )


def _found(t: Telling, holder: Actor, at: datetime, recall: StatementId, pieces: Mapping[str, int]) -> bytes:
    lots = {t.lot_id(name): quantity(count) for name, count in pieces.items()}
    items = [{"lot": lot, "located": found, "quarantined": found} for lot, found in lots.items()]
    refs: Refs = {"recall": recall, "lots": list(lots)}
    return t.sign(holder, "recall.acknowledged", at, refs, {"items": items})
