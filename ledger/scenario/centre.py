"""The centre of Demo B: the contract, its division among hubs, and what becomes of every van at the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain

from ledger.scenario import goods
from ledger.scenario.cast import Refs, enrolments, on, statement_id
from ledger.scenario.homes import (
    PIECES,
    RECALLED_SHEET,
    SEED,
    HubPlan,
    Region,
    Scale,
    Told,
    Van,
    inspector,
)
from ledger.scenario.people import office
from ledger.scenario.product import PRICE_INR, SHEET, SPECIFICATION, drawn, quantity
from ledger.scenario.promises import HUBS_DUE, Deal, agree_calloff, agree_framework, offer_body
from ledger.scenario.story import Chapter
from ledger.units import StatementId


class Centre:
    """What is signed centrally. `works` is what the regions need to be told; `chapters` takes what they told."""

    def __init__(self, scale: Scale) -> None:
        self._regions = scale.regions()
        self.people = people = office(SEED, *(inspector(number) for number in range(len(self._regions))))
        names = (people.agency, people.prime, people.consignee, people.quality, people.payer)
        enrolled = enrolments(names, on(1, 5, 10))
        design = people.agency.sign(
            "specification.published",
            sub=people.agency.party,
            refs={},
            body=SPECIFICATION,
            occurred_at=on(1, 8, 11),
        )
        deal = Deal("MRPA-2026-015", "Face shields from home makers, 2026", scale.makers * PIECES)
        self._specification = statement_id(design)
        framework = agree_framework(deal, people, self._specification, on(1, 12, 11))
        self.contract = framework.id
        order = agree_calloff(deal, people, self.contract, on(3, 2, 11))
        self.calloff = order.id
        self._agreed = [*enrolled, design, *framework]
        self._parts = [[self._offer(hub) for hub in hubs] for hubs in self._regions]
        self._ordered = [*order, *chain.from_iterable(self._parts)]
        self._receipts: dict[str, StatementId] = {}
        self._accepted: defaultdict[int, dict[StatementId, int]] = defaultdict(dict)
        """By hub: the decisions on its vans, and how many pieces each accepts."""

    def works(self) -> list[Region]:
        """The regions, each with what it rests on."""
        return [
            Region(
                number,
                hubs,
                self.contract,
                self._specification,
                self.calloff,
                tuple(statement_id(part) for part in parts),
            )
            for number, (hubs, parts) in enumerate(zip(self._regions, self._parts, strict=True))
        ]

    def chapters(self, told: Sequence[Told]) -> Iterator[Chapter]:
        """The whole story, in the order of time."""
        vans = sorted((van for one in told for van in one.vans), key=lambda van: van.truck.left_at)
        parts = (one.accepted for one in told)
        yield _chapter("The contract", on(1, 14, 18), self._agreed)
        yield _chapter("Enrolments", on(2, 2, 23), *(one.enrolled for one in told))
        yield _chapter("The order, divided among hubs", on(3, 5, 18), self._ordered, *parts)
        yield _chapter("The hubs' parts, divided among homes", on(3, 7, 18), *(one.allotted for one in told))
        yield _chapter("First samples", on(3, 10, 18), *(one.sampled for one in told))
        yield _chapter("Lots signed off, collected, counted", on(3, 22, 18), *(one.made for one in told))
        yield _chapter("Vans to the store", on(4, 11, 18), *map(self._carried, vans))
        yield _chapter("Accepted and paid", on(4, 24, 18), self._decided(vans), self._paid())
        yield _chapter("A lot of sheet called back", on(4, 28, 18), self._recalled(vans))

    def _offer(self, hub: HubPlan) -> bytes:
        return self.people.prime.sign(
            "allocation.offered",
            sub=self.contract,
            refs={"parent": self.calloff},
            body=offer_body(hub.actor(), hub.makers * PIECES, HUBS_DUE),
            occurred_at=on(3, 4, 10) + timedelta(minutes=hub.number),
        )

    def _carried(self, van: Van) -> tuple[bytes, bytes]:
        sent = statement_id(van.dispatch)
        received = goods.receive(self.contract, self.calloff, self.people.consignee, van.truck, sent)
        self._receipts[van.truck.waybill] = statement_id(received)
        return van.dispatch, received

    def _decided(self, vans: Iterable[Van]) -> Iterator[bytes]:
        for place, van in enumerate(vans):
            loads = van.truck.loads
            refs: Refs = {
                "receipt": self._receipts[van.truck.waybill],
                "lots": [load.lot for load in loads],
            }
            decided = self.people.quality.sign(
                "delivery.decided",
                sub=self.contract,
                refs=refs,
                body=goods.decision(van.truck, {}, "Wet, visor warped."),
                occurred_at=on(4, 16, 9) + timedelta(minutes=place),
            )
            self._accepted[van.hub.number][statement_id(decided)] = sum(load.good for load in loads)
            yield decided

    def _paid(self) -> Iterator[bytes]:
        for hub in chain.from_iterable(self._regions):
            pieces = sum(self._accepted[hub.number].values())
            yield self.people.payer.sign(
                "payment.recorded",
                sub=self.contract,
                refs={"decisions": list(self._accepted[hub.number])},
                body={
                    "payee": self.people.prime.party,
                    "amount": {"amount": str(pieces * PRICE_INR), "currency": "INR"},
                    "lines": drawn(pieces),
                    "reference": f"MRT-2026-05-{hub.name}",
                },
                occurred_at=on(4, 24, 10) + timedelta(minutes=hub.number),
            )

    def _recalled(self, vans: Iterable[Van]) -> Iterator[bytes]:
        """A lot of sheet called back; the store answers for all that came on the vans cut from it."""
        opened = self.people.prime.sign(
            "recall.opened",
            sub=self.contract,
            refs={},
            body={
                "inputs": [{"item": SHEET, "lot": RECALLED_SHEET}],
                "grade": "danger to health",
                "action": "quarantine",
                "reason": "The sheet was treated with an anti-fog agent that irritates the eyes.",
            },
            occurred_at=on(4, 27, 10),
        )
        yield opened
        first_hubs = {hubs[0] for hubs in self._regions}
        for van in vans:
            if van.hub in first_hubs and van.number == 0:
                yield self._found(statement_id(opened), van, on(4, 28, 10))

    def _found(self, recall: StatementId, van: Van, at: datetime) -> bytes:
        loads = van.truck.loads
        refs: Refs = {"recall": recall, "lots": [load.lot for load in loads]}
        items = [
            {"lot": load.lot, "located": quantity(load.pieces), "quarantined": quantity(load.pieces)}
            for load in loads
        ]
        return self.people.consignee.sign(
            "recall.acknowledged", sub=self.contract, refs=refs, body={"items": items}, occurred_at=at
        )


def _chapter(title: str, at: datetime, *parts: Iterable[bytes]) -> Chapter:
    """A chapter of the statements of its parts, signed in their order."""
    return Chapter(title, "", at, tuple(chain.from_iterable(parts)))
