"""Demo B, "8,000 by 25": the contract of Demo A over eight thousand home makers, for the scale of it.

The federation allots 200,000 face shields to eighty hubs, each hub its part to a hundred homes, each home makes a
lot of 25. Vans of 25 lots carry them to the medical store. In full size:

    ordered        8,000 x 25                                                       200,000      INR 11,000,000
    signed off     200,000 less 1 of every fortieth maker                           199,800
    rejected       1 of every lot                                                     8,000
    made           199,800 + 8,000 + 8,000 samples kept back                        215,800
    dispatched     all that was signed off, on 80 x 4 vans                          199,800
    damaged        one piece on every eighth van                                         40
    received       199,800 - 40 in good order                                       199,760
    open           200,000 - 199,760                                                    240
    turned away    the 40 that were damaged                                              40
    accepted, paid                                                                  199,760      INR 10,986,800
    called back    the first van of the first hub of each of 8 regions: 200 lots, of which 8 are one piece short,
                   all found at the store                                             4,992

    entries        log.policy 1; enrolments 5 + 8 inspectors + 80 hubs + 8,000 makers; specification 1; contract 2,
                   call-off 2; allocations 2 x (80 + 8,000); first samples 8,000; lots 8,000 x (sign-off, dispatch,
                   receipt); vans 320 x (dispatch, receipt, decision); payments 80; recall and 8 answers 9   57,308

Nothing is refused. Found are 40 lots damaged (F08) and rejected (F26), the order that is not complete (F13), and the
recall (F31).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain
from multiprocessing import get_context
from typing import Final, NamedTuple

from ledger.rules.catalogue import Odd
from ledger.scenario import goods
from ledger.scenario.cast import Refs, ed25519_key, enrolments, on, statement_id
from ledger.scenario.homes import (
    PIECES,
    RECALLED_SHEET,
    SEED,
    HubPlan,
    Region,
    Told,
    Van,
    inspector,
    tell_region,
)
from ledger.scenario.people import Office, office
from ledger.scenario.product import PRICE_INR, SHEET, SPECIFICATION, UNIT, drawn, quantity
from ledger.scenario.promises import HUBS_DUE, Deal, agree_calloff, agree_framework, offer_body
from ledger.scenario.story import Chapter, Ending, Story, policy
from ledger.units import Money, Quantity, StatementId, TreeSize

ORIGIN: Final = "demo.tallystick.example/8000"
"""The log's name on its checkpoints."""


class Scale(NamedTuple):
    """How large the story is. It is the same at any size; only the figures differ."""

    makers: int = 8_000
    makers_per_hub: int = 100
    hubs_per_region: int = 10

    @property
    def pieces(self) -> int:
        """Ordered."""
        return self.makers * PIECES

    def regions(self) -> list[tuple[HubPlan, ...]]:
        """The hubs of each region."""
        starts = range(0, self.makers, self.makers_per_hub)
        hubs = [
            HubPlan(number, start, min(self.makers_per_hub, self.makers - start))
            for number, start in enumerate(starts)
        ]
        return [
            tuple(hubs[start : start + self.hubs_per_region])
            for start in range(0, len(hubs), self.hubs_per_region)
        ]


FULL: Final = Scale()


def expected(scale: Scale = FULL) -> Ending:
    """What the story comes to at a size."""
    regions = scale.regions()
    hubs = [hub for region in regions for hub in region]
    released = sum(hub.released(place) for hub in hubs for place in range(hub.makers))
    damaged = sum(hub.damaged(van) for hub in hubs for van in range(len(hub.vans())))
    vans = sum(len(hub.vans()) for hub in hubs)
    recalled = sum(hubs[0].released(place) for hubs in regions for place in hubs[0].vans()[0])
    good, people = released - damaged, 5 + len(regions) + len(hubs) + scale.makers
    per_maker, per_hub = 2 + 1 + 3, 2 + 1
    return Ending(
        as_of=on(5, 1, 12),
        ordered=_pieces(scale.pieces),
        worth=_inr(scale.pieces),
        allotted=_pieces(scale.pieces),
        made=_pieces(released + 2 * scale.makers),
        rejected=_pieces(scale.makers),
        signed_off=_pieces(released),
        held=_pieces(0),
        dispatched=_pieces(released),
        received=_pieces(good),
        damaged=_pieces(damaged),
        unattributed=_pieces(0),
        open=_pieces(scale.pieces - good),
        accepted=_pieces(good),
        turned_away=_pieces(damaged),
        paid=_pieces(good),
        paid_out=_inr(good),
        called_back=_pieces(recalled),
        located=_pieces(recalled),
        hubs=len(hubs),
        makers=scale.makers,
        lots=scale.makers,
        waybills=vans,
        entries=TreeSize(
            1 + people + 5 + per_hub * len(hubs) + per_maker * scale.makers + 3 * vans + 1 + len(regions)
        ),
        refusals={},
        findings={
            Odd.DAMAGED.label: damaged,
            Odd.REJECTED.label: damaged,
            Odd.OVERDUE.label: 1,
            Odd.RECALL_OPEN.label: 1,
        },
    )


def demo_b(
    scale: Scale = FULL, *, processes: int = 1, progress: Callable[[int], None] = lambda _done: None
) -> Story:
    """Sign the whole story, the same bytes every time, however many processes share the work.

    In full size 57,307 signatures: half a minute of one core. `progress` is told how many more are signed.
    """
    regions = scale.regions()
    people = office(SEED, *(inspector(number) for number in range(len(regions))))
    agency, prime = people.agency, people.prime
    names = enrolments((agency, prime, people.consignee, people.quality, people.payer), on(1, 5, 10))
    design = agency.sign(
        "specification.published", sub=agency.party, refs={}, body=SPECIFICATION, occurred_at=on(1, 8, 11)
    )
    deal = Deal("MRPA-2026-015", "Face shields from home makers, 2026", scale.pieces)
    framework = agree_framework(deal, people, statement_id(design), on(1, 12, 11))
    calloff = agree_calloff(deal, people, framework.id, on(3, 2, 11))
    store = _Store(people, framework.id, calloff.id)
    parts = [[store.offer(hub) for hub in hubs] for hubs in regions]
    works = [
        Region(number, hubs, framework.id, statement_id(design), calloff.id, tuple(map(statement_id, part)))
        for number, (hubs, part) in enumerate(zip(regions, parts, strict=True))
    ]
    told = list(_told(works, processes, progress))
    vans = sorted((van for one in told for van in one.vans), key=lambda van: van.truck.left_at)
    carried = [statement for van in vans for statement in (van.dispatch, store.receive(van))]
    accepted = [store.decide(van, on(4, 16, 9) + timedelta(minutes=n)) for n, van in enumerate(vans)]
    hubs = [hub for region in regions for hub in region]
    paid = [store.pay(hub, on(4, 24, 10) + timedelta(minutes=hub.number)) for hub in hubs]
    recalled = store.recall(
        [van for van in vans if van.hub in {hubs[0] for hubs in regions} and van.number == 0]
    )
    progress(len(carried) + len(accepted) + len(paid) + len(recalled))
    return Story(
        title=f"{scale.makers:,} by {PIECES}",
        operator=ed25519_key(SEED, "log operator"),
        policy=policy(ORIGIN, agency),
        opened_at=on(1, 1, 9),
        contract=framework.id,
        calloff=calloff.id,
        chapters=(
            _chapter("The contract", on(1, 14, 18), [names, [design, *framework]]),
            _chapter("Enrolments", on(2, 2, 23), (one.enrolled for one in told)),
            _chapter(
                "The order, divided among hubs",
                on(3, 5, 18),
                [calloff, *parts, *(one.accepted for one in told)],
            ),
            _chapter("The hubs' parts, divided among homes", on(3, 7, 18), (one.allotted for one in told)),
            _chapter("First samples", on(3, 10, 18), (one.sampled for one in told)),
            _chapter("Lots signed off, collected and counted", on(3, 22, 18), (one.made for one in told)),
            _chapter("Vans to the store", on(4, 11, 18), [carried]),
            _chapter("Accepted and paid", on(4, 24, 18), [accepted, paid]),
            _chapter("A lot of sheet called back", on(4, 28, 18), [recalled]),
        ),
        keys={
            "agency": agency,
            "prime": prime,
            "consignee": people.consignee,
            "quality": people.quality,
            "payer": people.payer,
        },
    )


class _Store:
    """What is signed centrally: the prime's offers to hubs, and whatever happens once a van has arrived."""

    def __init__(self, people: Office, contract: StatementId, calloff: StatementId) -> None:
        self._people = people
        self._contract = contract
        self._calloff = calloff
        self._receipts: dict[str, StatementId] = {}
        self._accepted: defaultdict[int, dict[StatementId, int]] = defaultdict(dict)
        """By hub: the decisions on its vans, and how many pieces each accepts."""

    def offer(self, hub: HubPlan) -> bytes:
        return self._people.prime.sign(
            "allocation.offered",
            sub=self._contract,
            refs={"parent": self._calloff},
            body=offer_body(hub.actor(), hub.makers * PIECES, HUBS_DUE),
            occurred_at=on(3, 4, 10) + timedelta(minutes=hub.number),
        )

    def receive(self, van: Van) -> bytes:
        sent = statement_id(van.dispatch)
        received = goods.receive(self._contract, self._calloff, self._people.consignee, van.truck, sent)
        self._receipts[van.truck.waybill] = statement_id(received)
        return received

    def decide(self, van: Van, at: datetime) -> bytes:
        loads = van.truck.loads
        refs: Refs = {"receipt": self._receipts[van.truck.waybill], "lots": [load.lot for load in loads]}
        body = goods.decision(van.truck, {}, "Wet, visor warped.")
        decided = self._people.quality.sign(
            "delivery.decided", sub=self._contract, refs=refs, body=body, occurred_at=at
        )
        self._accepted[van.hub.number][statement_id(decided)] = sum(load.good for load in loads)
        return decided

    def pay(self, hub: HubPlan, at: datetime) -> bytes:
        pieces = sum(self._accepted[hub.number].values())
        return self._people.payer.sign(
            "payment.recorded",
            sub=self._contract,
            refs={"decisions": list(self._accepted[hub.number])},
            body={
                "payee": self._people.prime.party,
                "amount": {"amount": str(pieces * PRICE_INR), "currency": "INR"},
                "lines": drawn(pieces),
                "reference": f"MRT-2026-05-{hub.name}",
            },
            occurred_at=at,
        )

    def recall(self, vans: Iterable[Van]) -> list[bytes]:
        """A lot of sheet called back; the store answers for all that came on these vans."""
        opened = self._people.prime.sign(
            "recall.opened",
            sub=self._contract,
            refs={},
            body={
                "inputs": [{"item": SHEET, "lot": RECALLED_SHEET}],
                "grade": "danger to health",
                "action": "quarantine",
                "reason": "The sheet was treated with an anti-fog agent that irritates the eyes.",
            },
            occurred_at=on(4, 27, 10),
        )
        return [opened, *(self._found(statement_id(opened), van) for van in vans)]

    def _found(self, recall: StatementId, van: Van) -> bytes:
        refs: Refs = {"recall": recall, "lots": [load.lot for load in van.truck.loads]}
        items = [
            {"lot": load.lot, "located": quantity(load.pieces), "quarantined": quantity(load.pieces)}
            for load in van.truck.loads
        ]
        return self._people.consignee.sign(
            "recall.acknowledged",
            sub=self._contract,
            refs=refs,
            body={"items": items},
            occurred_at=on(4, 28, 10) + timedelta(minutes=van.hub.number),
        )


def _told(works: Sequence[Region], processes: int, progress: Callable[[int], None]) -> Iterator[Told]:
    """Every region, in their order, in so many processes."""
    if processes < 2:
        telling: Iterable[Told] = map(tell_region, works)
        yield from _counted(telling, progress)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from _counted(pool.map(tell_region, works), progress)


def _counted(telling: Iterable[Told], progress: Callable[[int], None]) -> Iterator[Told]:
    for told in telling:
        progress(told.count)
        yield told


def _chapter(title: str, at: datetime, statements: Iterable[Iterable[bytes]]) -> Chapter:
    return Chapter(title, "", at, tuple(chain.from_iterable(statements)))


def _pieces(count: int) -> Quantity:
    return Quantity(Decimal(count), UNIT)


def _inr(pieces: int) -> Money:
    return Money(Decimal(pieces * PRICE_INR), "INR")
