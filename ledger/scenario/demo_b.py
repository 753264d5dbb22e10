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

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from multiprocessing import get_context
from typing import Final

from ledger.rules.catalogue import Odd
from ledger.scenario.cast import ed25519_key, on
from ledger.scenario.centre import Centre
from ledger.scenario.homes import PIECES, SEED, Region, Scale, Told, tell_region
from ledger.scenario.product import PRICE_INR, UNIT
from ledger.scenario.story import Ending, Story, policy
from ledger.units import Money, Quantity, TreeSize

ORIGIN: Final = "demo.tallystick.example/8000"
"""The log's name on its checkpoints."""

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
    findings = (
        (Odd.DAMAGED.label, damaged),
        (Odd.REJECTED.label, damaged),
        (Odd.OVERDUE.label, 1),
        (Odd.RECALL_OPEN.label, 1),
    )
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
        findings={label: count for label, count in findings if count},
    )


def demo_b(
    scale: Scale = FULL, *, processes: int = 1, progress: Callable[[int], None] = lambda _done: None
) -> Story:
    """Sign the whole story, the same bytes every time, however many processes share the work.

    In full size 57,307 signatures: half a minute of one core. `progress` is told how many more are signed.
    """
    centre = Centre(scale)
    told = list(_told(centre.works(), processes, progress))
    chapters = tuple(centre.chapters(told))
    progress(sum(len(chapter.statements) for chapter in chapters) - sum(one.count for one in told))
    people = centre.people
    return Story(
        title=f"{scale.makers:,} by {PIECES}",
        operator=ed25519_key(SEED, "log operator"),
        policy=policy(ORIGIN, people.agency),
        opened_at=on(1, 1, 9),
        contract=centre.contract,
        calloff=centre.calloff,
        chapters=chapters,
        keys={
            "agency": people.agency,
            "prime": people.prime,
            "consignee": people.consignee,
            "quality": people.quality,
            "payer": people.payer,
        },
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


def _pieces(count: int) -> Quantity:
    return Quantity(Decimal(count), UNIT)


def _inr(pieces: int) -> Money:
    return Money(Decimal(pieces * PRICE_INR), "INR")
