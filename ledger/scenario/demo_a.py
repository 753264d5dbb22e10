"""Demo A, "200k by 42": 200,000 face shields from forty-two small makers in 49 days, and what went wrong.

A relief agency signs one framework contract with a federation of makers and calls off 200,000 pieces at INR 55.
The federation allocates them to six hubs, the hubs to forty-two makers (`people` has the table). Makers sign off
lots, hubs collect them, trucks carry them to one medical store, a quality desk accepts them, a treasury pays. All of
it is made up; its size is that of relief orders that were placed in 2020. The figures add up to the piece:

    lots           8 x 4 of 3,000, 14 x 2 of 2,500, 20 x 1 of 1,700: 80; one of 3,000 was
                   split into 500 and 2,500, and the 500 were made again                 82 lots
    ordered        8 x 12,000 + 14 x 5,000 + 20 x 1,700                             200,000      INR 11,000,000
    allotted       39,100 + 39,100 + 44,100 + 33,800 + 16,800 + 27,100              200,000
    signed off     200,000 less 30 that one maker fell short, and 500 made again    200,470
    rejected       32 x 18 + 28 x 15 + 20 x 11, and 3 more of the 500 made again      1,219
    made           200,470 + 1,219 + 82 x 5 samples kept back                       202,099
    held           the 500 that failed inspection, at the Pune hub                      500
    dispatched     all other that was signed off, on 23 waybills to the store       199,970
    unattributed   a bag without a maker's name, on one of these waybills                30
    damaged        by rain, on one waybill                                               12
    received       199,970 - 12 + 30 in good order                                  199,988
    open           200,000 - 199,988                                                     12
    turned away    the 12 that were wet, and 20 whose headbands came off                 32      INR      1,760
    accepted       200,000 - 32                                                     199,968      INR 10,998,240
    paid           199,968 less 2,500 of the late lot, which are paid later         197,468      INR 10,860,740
    called back    2,500 + 1,700 + 1,700 of one lot of sheet                          5,900
    located        1,900 + 1,700 + 1,300 at the store, 600 and 380 sent on            5,880
    not located    given away by a health post                                           20

    entries        log.policy 1; enrolments 7 + 6 + 42 + the maker whose sample failed + a stranger + 2 hospitals: 59;
                   specification 1; contract 2, its amendment 2, call-off 2; allocations 2 x (6 + 42 + 1), withdrawn 1;
                   first samples 43; keys added and revoked 2; delegation granted, revoked, confirmed 3;
                   lots 82 x (sign-off, dispatch, receipt); inspections 8 + 1 again + 1 failed + 1 made again: 11;
                   held 2, cleared 1; trucks 23 x (dispatch, receipt, decision); sent on 2 x 2;
                   receipt counted again, corrected 2; decided again, corrected 2; dispute 2; payments 6;
                   recall and 3 answers 4; erasure 1                                                        564

What is wrong with a promise is refused, and is not in the log: a maker who signs off though its first sample failed
(R29), a hub that allocates 7,100 where 1,700 are left (R17), a stranger who signs off a lot of somebody else's (R10), a
sign-off with one figure changed afterwards (its signature), a lot id used twice (R20), a phone that signs after it was
reported lost (R22).

What is odd about a fact is in the log and is found: 40 short on one waybill and 40 over on the next (F07), 12 damaged
(F08), a lot signed off ten days late (F11) that arrives two days late (F12), 12 pieces still open on the first of May
(F13), 30 pieces without a maker (F14), 500 more than allotted within the tolerance (F19), two lots of which some were
rejected (F26), a recall (F31) with 20 pieces not found (F33), a lot that a hub signed for a maker who has not confirmed
it (F37), a receipt and a decision taken back (F38), a telephone number erased (F39).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ledger.errors import SignatureInvalid
from ledger.rules.catalogue import Odd, Rule
from ledger.scenario.cast import on
from ledger.scenario.chapters import (
    afterwards,
    contract,
    devices,
    making,
    moving,
    samples,
    settling,
)
from ledger.scenario.lots import plan_lots
from ledger.scenario.people import assemble
from ledger.scenario.product import UNIT
from ledger.scenario.story import Ending, Story, policy
from ledger.scenario.telling import Telling
from ledger.units import Money, Quantity, TreeSize

ORIGIN: Final = "demo.tallystick.example/200k"
"""The log's name on its checkpoints."""


def _pieces(count: int) -> Quantity:
    return Quantity(Decimal(count), UNIT)


EXPECTED: Final = Ending(
    as_of=on(5, 1, 12),
    ordered=_pieces(200_000),
    worth=Money(Decimal(11_000_000), "INR"),
    allotted=_pieces(200_000),
    made=_pieces(202_099),
    rejected=_pieces(1_219),
    signed_off=_pieces(200_470),
    held=_pieces(500),
    dispatched=_pieces(199_970),
    received=_pieces(199_988),
    damaged=_pieces(12),
    unattributed=_pieces(30),
    open=_pieces(12),
    accepted=_pieces(199_968),
    turned_away=_pieces(32),
    paid=_pieces(197_468),
    paid_out=Money(Decimal(10_860_740), "INR"),
    called_back=_pieces(5_900),
    located=_pieces(5_880),
    hubs=6,
    makers=42,
    lots=82,
    waybills=23,
    entries=TreeSize(564),
    refusals={
        Rule.FIRST_SAMPLE.label: 1,
        Rule.PARENT_LEFT.label: 1,
        Rule.SIGNER.label: 1,
        SignatureInvalid.code: 1,
        Rule.LOT_ONCE.label: 1,
        Rule.KEY_VALID.label: 1,
    },
    findings={
        Odd.MADE_UP.label: 1,
        Odd.DAMAGED.label: 1,
        Odd.LATE_SIGN_OFF.label: 1,
        Odd.LATE_DELIVERY.label: 1,
        Odd.OVERDUE.label: 1,
        Odd.MAKER_UNKNOWN.label: 1,
        Odd.WITHIN_TOLERANCE.label: 1,
        Odd.REJECTED.label: 2,
        Odd.RECALL_OPEN.label: 1,
        Odd.NOT_LOCATED.label: 1,
        Odd.PROXY_UNCONFIRMED.label: 2,
        Odd.CORRECTED.label: 2,
        Odd.ERASED.label: 1,
    },
)
"""What the story comes to, worked out by hand in the docstring above."""

_CHAPTERS: Final = (
    contract.seven_names,
    contract.design,
    contract.one_contract,
    contract.hubs_and_workshops,
    contract.order,
    contract.six_parts,
    contract.parts_of_parts,
    samples.first_samples,
    samples.signs_all_the_same,
    samples.taken_back,
    samples.mistyped,
    samples.right_figure,
    devices.second_device,
    devices.phone_in_repair,
    making.first_lots,
    making.sent_three_times,
    making.forgeries,
    making.inspected,
    making.lot_id_twice,
    making.more_lots,
    making.five_hundred_fail,
    devices.lost_phone,
    contract.five_percent,
    devices.finder_signs,
    making.other_lots,
    making.five_hundred_more,
    making.offline,
    devices.phone_is_back,
    moving.on_the_road,
    moving.wrong_count,
    moving.bag_without_a_name,
    moving.rain,
    moving.forty_short,
    settling.accepted,
    settling.disputed,
    moving.sent_on,
    moving.late_lot,
    settling.late_accepted,
    settling.paid,
    afterwards.recall,
    afterwards.forgotten,
)
"""In the order of time: each signs with keys whose chains the ones before have moved on."""


def demo_a() -> Story:
    """Sign the whole story, the same bytes every time: 569 signatures, a small part of a second."""
    cast = assemble()
    t = Telling(cast, making.as_it_went(plan_lots(cast.hubs)))
    for tell in _CHAPTERS:
        tell(t)
    pune = cast.hub("PUN")
    return Story(
        title="200k by 42",
        operator=cast.operator,
        policy=policy(ORIGIN, cast.office.agency),
        opened_at=on(1, 1, 9),
        contract=t.contract,
        calloff=t.calloff,
        chapters=tuple(t.chapters),
        keys={
            "agency": cast.office.agency,
            "prime": cast.office.prime,
            "hub": pune.actor,
            "maker": pune.makers[0].actor,
            "maker-phone": pune.makers[3].actor,
            "consignee": cast.office.consignee,
            "quality": cast.office.quality,
            "payer": cast.office.payer,
            "inspector": cast.inspector,
        },
    )
