"""Promises in a story: the framework contract, the call-off, and what each holder allocates further.

Everything is offered by one party and accepted by another, so each function here answers two statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from ledger.scenario.cast import COUNTRY, Actor, statement_id
from ledger.scenario.goods import LINE, UNIT, quantity
from ledger.units import StatementId

ORDERED: Final = 200_000
"""Pieces, and the contract's ceiling."""
PRICE_INR: Final = "55"
"""Of one piece."""
ORDERED_ON: Final = date(2026, 3, 2)
DUE: Final = ORDERED_ON + timedelta(days=49)
"""When everything is due at the consignee."""
HUBS_DUE: Final = date(2026, 4, 13)
MAKERS_DUE: Final = date(2026, 4, 6)

_FRAMEWORK: Final[Mapping[str, Any]] = {
    "reference": "MRPA-2026-014",
    "title": "Face shields from small makers, 2026",
    "period": {"first": "2026-01-15", "last": "2026-12-31"},
    "lines": [
        {
            "line": LINE,
            "item": "https://demo.tallystick.example/item/face-shield",
            "description": "Face shield: PET visor 0.5 mm, foam headband, elastic strap",
            "unit": UNIT,
            "ceiling": quantity(ORDERED),
            "price": {"amount": PRICE_INR, "currency": "INR"},
        }
    ],
    "law": COUNTRY,
    "incoterm": "DAP",
    "warranty": "Defective pieces are replaced within 30 days of the claim; the maker's hub answers for it first.",
    "tolerance_percent": "0",
    "released_by": "maker",
    "keep_apart": ["ordering and receiving"],
}
_TERMS: Final = "Price, warranty and liability as in the contract. Packs of 10, lot id on every pack."


class Agreed(NamedTuple):
    """An offer and its acceptance."""

    offered: bytes
    accepted: bytes

    @property
    def id(self) -> StatementId:
        """Of the offer, which is what later statements rest on."""
        return statement_id(self.offered)


def agree_framework(agency: Actor, prime: Actor, offered_at: datetime) -> Agreed:
    """The contract; accepted two days later. Its id is the contract's."""
    body = {**_FRAMEWORK, "prime": prime.party}
    offered = agency.sign("framework.signed", sub=agency.party, refs={}, body=body, occurred_at=offered_at)
    contract = statement_id(offered)
    accepted = prime.sign(
        "framework.accepted",
        sub=contract,
        refs={"framework": contract},
        body={},
        occurred_at=offered_at + timedelta(days=2),
    )
    return Agreed(offered, accepted)


def agree_calloff(
    contract: StatementId, agency: Actor, prime: Actor, consignee: Actor, offered_at: datetime
) -> Agreed:
    """The order of all 200,000; accepted a day later."""
    offered = agency.sign(
        "calloff.issued",
        sub=contract,
        refs={"framework": contract},
        body={
            "reference": "MRPA-2026-014/1",
            "lines": _lines(ORDERED),
            "consignee": consignee.party,
            "place": consignee.place(),
            "due": DUE.isoformat(),
        },
        occurred_at=offered_at,
    )
    accepted = prime.sign(
        "calloff.accepted",
        sub=contract,
        refs={"calloff": statement_id(offered)},
        body={},
        occurred_at=offered_at + timedelta(days=1),
    )
    return Agreed(offered, accepted)


def offer_body(to: Actor, pieces: int, due: date) -> dict[str, Any]:
    """The body of an `allocation.offered`."""
    return {"maker": to.party, "lines": _lines(pieces), "due": due.isoformat(), "terms": _TERMS}


def agree_allocation(
    contract: StatementId,
    parent: StatementId,
    *,
    holder: Actor,
    to: Actor,
    pieces: int,
    due: date,
    offered_at: datetime,
) -> Agreed:
    """A part of what `holder` holds, for a hub or a maker; accepted a day later."""
    offered = holder.sign(
        "allocation.offered",
        sub=contract,
        refs={"parent": parent},
        body=offer_body(to, pieces, due),
        occurred_at=offered_at,
    )
    accepted = to.sign(
        "allocation.accepted",
        sub=contract,
        refs={"allocation": statement_id(offered)},
        body={},
        occurred_at=offered_at + timedelta(days=1),
    )
    return Agreed(offered, accepted)


def _lines(pieces: int) -> Sequence[Mapping[str, Any]]:
    return [{"line": LINE, "quantity": quantity(pieces)}]
