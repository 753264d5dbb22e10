"""Promises in a story: the framework contract and its change, the call-off, and what each holder allocates further.

Everything is offered by one party and accepted by another, so each function here answers two statements.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from ledger.scenario.cast import COUNTRY, Actor, statement_id
from ledger.scenario.people import Office
from ledger.scenario.product import DESCRIPTION, ITEM, LINE, PRICE_INR, UNIT, drawn, quantity
from ledger.units import StatementId

ORDERED_ON: Final = date(2026, 3, 2)
DUE: Final = ORDERED_ON + timedelta(days=49)
"""When everything is due at the consignee."""
HUBS_DUE: Final = date(2026, 4, 13)
MAKERS_DUE: Final = date(2026, 4, 6)

_FRAMEWORK: Final[Mapping[str, Any]] = {
    "period": {"first": "2026-01-15", "last": "2026-12-31"},
    "law": COUNTRY,
    "incoterm": "DAP",
    "warranty": "Defective pieces are replaced within 30 days of the claim; the maker's hub answers for it first.",
    "tolerance_percent": "0",
    "released_by": "maker",
    "first_sample": True,
    "keep_apart": ["ordering and receiving", "making and inspecting", "receiving and paying"],
    "confidential": ["phone"],
}
_LINE: Final[Mapping[str, Any]] = {
    "line": LINE,
    "item": ITEM,
    "description": DESCRIPTION,
    "unit": UNIT,
    "price": {"amount": str(PRICE_INR), "currency": "INR"},
}
_AMENDMENT: Final[Mapping[str, Any]] = {
    "reason": "Lots that fail inspection are to be replaced without a new order; before, not one piece more "
    "could be signed off than was allotted.",
    "effective": "2026-04-01",
    "tolerance_percent": {"was": "0", "now": "5"},
}
_TERMS: Final = "Price, warranty and liability as in the contract. Packs of 10, lot id on every pack."


class Deal(NamedTuple):
    """What one story's contract is called, and how much is ordered under it: all that it allows."""

    reference: str
    title: str
    pieces: int


class Agreed(NamedTuple):
    """An offer and its acceptance."""

    offered: bytes
    accepted: bytes

    @property
    def id(self) -> StatementId:
        """Of the offer, which is what later statements rest on."""
        return statement_id(self.offered)


def agree_framework(deal: Deal, office: Office, specification: StatementId, offered_at: datetime) -> Agreed:
    """The contract; accepted two days later. Its id is the contract's."""
    agency = office.agency
    body = {
        **_FRAMEWORK,
        "reference": deal.reference,
        "title": deal.title,
        "prime": office.prime.party,
        "lines": [{**_LINE, "ceiling": quantity(deal.pieces), "specification": specification}],
        "roles": {
            "inspectors": [inspector.party for inspector in office.inspectors],
            "quality": [office.quality.party],
            "payers": [office.payer.party],
        },
    }
    offered = agency.sign(
        "framework.signed",
        sub=agency.party,
        refs={"specifications": [specification]},
        body=body,
        occurred_at=offered_at,
    )
    contract = statement_id(offered)
    accepted = office.prime.sign(
        "framework.accepted",
        sub=contract,
        refs={"framework": contract},
        body={},
        occurred_at=offered_at + timedelta(days=2),
    )
    return Agreed(offered, accepted)


def agree_amendment(office: Office, contract: StatementId, offered_at: datetime) -> Agreed:
    """A tolerance, so that what fails may be replaced; accepted a day later."""
    refs = {"framework": contract}
    offered = office.agency.sign(
        "framework.amended", sub=contract, refs=refs, body=_AMENDMENT, occurred_at=offered_at
    )
    accepted = office.prime.sign(
        "framework.accepted",
        sub=contract,
        refs={**refs, "change": statement_id(offered)},
        body={},
        occurred_at=offered_at + timedelta(days=1),
    )
    return Agreed(offered, accepted)


def agree_calloff(deal: Deal, office: Office, contract: StatementId, offered_at: datetime) -> Agreed:
    """The order of all the contract allows; accepted a day later."""
    offered = office.agency.sign(
        "calloff.issued",
        sub=contract,
        refs={"framework": contract},
        body={
            "reference": f"{deal.reference}/1",
            "lines": drawn(deal.pieces),
            "consignee": office.consignee.party,
            "place": office.consignee.place(),
            "due": DUE.isoformat(),
        },
        occurred_at=offered_at,
    )
    accepted = office.prime.sign(
        "calloff.accepted",
        sub=contract,
        refs={"calloff": statement_id(offered)},
        body={},
        occurred_at=offered_at + timedelta(days=1),
    )
    return Agreed(offered, accepted)


def offer_body(to: Actor, pieces: int, due: date) -> dict[str, Any]:
    """The body of an `allocation.offered`."""
    return {"maker": to.party, "lines": drawn(pieces), "due": due.isoformat(), "terms": _TERMS}


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
