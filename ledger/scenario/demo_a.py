"""Demo A, "200k by 42": 200,000 face shields from forty-two small makers in 49 days, and what went wrong.

A relief agency signs one framework contract with a federation of makers and calls off 200,000 pieces at INR 55.
The federation allocates them to six hubs, the hubs to forty-two makers (`people` has the table). Makers sign off
lots, hubs collect them, trucks carry them to one medical store. All of it is made up; its size is that of relief
orders that were placed in 2020. The figures add up to the piece:

    lots           8 x 4 of 3,000, 14 x 2 of 2,500, 20 x 1 of 1,700                      80 lots
    ordered        8 x 12,000 + 14 x 5,000 + 20 x 1,700                             200,000
    allotted       39,100 + 39,100 + 44,100 + 33,800 + 16,800 + 27,100              200,000
    signed off     200,000 less 30 that one maker fell short                        199,970
    rejected       32 x 18 + 28 x 15 + 20 x 11                                        1,216
    made           199,970 + 1,216 + 80 x 5 samples kept back                       201,586
    dispatched     all that was signed off, on 23 waybills to the medical store     199,970
    unattributed   a bag without a maker's name, on one of these waybills                30
    damaged        by rain, on one waybill                                               12
    received       199,970 - 12 + 30 in good order                                  199,988
    open           200,000 - 199,988                                                     12

    entries        log.policy 1, enrolments 3 + 6 + 42 + a stranger's 1, contract 2, call-off 2, allocations
                   2 x (6 + 42), lots 80 x (sign-off, dispatch, receipt), trucks 23 x 2        439

What is wrong with a promise is refused, and is not in the log: a hub that allocates 7,100 where 1,700 are left
(R17), a stranger who signs off a lot of somebody else's (R10), a sign-off with one figure changed afterwards
(its signature), a lot id used twice (R20). What is odd about a fact is in the log and is found: 40 short on one
waybill and 40 over on the next (F07), 12 damaged (F08), a lot signed off ten days late (F11) that arrives two
days late (F12), 30 pieces without a maker (F14), and, of all this, 12 pieces still open on the first of May (F13).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from ledger.errors import SignatureInvalid
from ledger.rules.catalogue import Odd, Rule
from ledger.scenario import goods
from ledger.scenario.cast import IST, Actor, statement_id
from ledger.scenario.goods import UNIT, Load, Lot
from ledger.scenario.people import assemble
from ledger.scenario.promises import (
    MAKERS_DUE,
    agree_calloff,
    agree_framework,
    offer_body,
)
from ledger.scenario.story import Ending, Story
from ledger.scenario.telling import Telling
from ledger.units import Money, Quantity, TreeSize

ORIGIN: Final = "demo.tallystick.example/200k"
"""The log's name on its checkpoints."""


def _pieces(count: int) -> Quantity:
    return Quantity(Decimal(count), UNIT)


def _at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=IST)


EXPECTED: Final = Ending(
    as_of=_at(5, 1, 12),
    ordered=_pieces(200_000),
    worth=Money(Decimal(11_000_000), "INR"),
    allotted=_pieces(200_000),
    made=_pieces(201_586),
    rejected=_pieces(1_216),
    signed_off=_pieces(199_970),
    dispatched=_pieces(199_970),
    received=_pieces(199_988),
    damaged=_pieces(12),
    unattributed=_pieces(30),
    open=_pieces(12),
    hubs=6,
    makers=42,
    lots=80,
    waybills=23,
    entries=TreeSize(439),
    refusals={
        Rule.PARENT_LEFT.label: 1,
        Rule.SIGNER.label: 1,
        SignatureInvalid.code: 1,
        Rule.LOT_ONCE.label: 1,
    },
    findings={
        Odd.MADE_UP.label: 1,
        Odd.DAMAGED.label: 1,
        Odd.LATE_SIGN_OFF.label: 1,
        Odd.LATE_DELIVERY.label: 1,
        Odd.OVERDUE.label: 1,
        Odd.MAKER_UNKNOWN.label: 1,
    },
)
"""What the story comes to, worked out by hand in the docstring above."""


def demo_a() -> Story:
    """Sign the whole story, the same bytes every time: 441 signatures, a small part of a second."""
    cast = assemble()
    t = Telling(cast, map(_as_it_went, goods.plan_lots(cast.hubs)))
    _contract_and_order(t)
    _allocations(t)
    _first_lots(t)
    _forgeries(t)
    _other_lots(t)
    _offline(t)
    _deliveries(t)
    _late_lot(t)
    pune = cast.hub("PUN")
    return Story(
        title="200k by 42",
        operator=cast.operator,
        policy=_policy(cast.agency),
        opened_at=_at(1, 1, 9),
        contract=t.contract,
        calloff=t.calloff,
        chapters=tuple(t.chapters),
        keys={
            "agency": cast.agency,
            "prime": cast.prime,
            "hub": pune.actor,
            "maker": pune.makers[0].actor,
            "maker-phone": pune.makers[3].actor,
            "consignee": cast.consignee,
        },
    )


def _contract_and_order(t: Telling) -> None:
    cast = t.cast
    t.chapter(
        "Three names",
        "A relief agency, a federation of small makers and a medical store enrol. Enrolling gives a name to "
        "a key, and no right to anything: only the agency is named in the log's policy as one that may buy.",
        _at(1, 5, 18),
        _enrolments([cast.agency, cast.prime, cast.consignee], _at(1, 5, 10)),
    )
    framework = agree_framework(cast.agency, cast.prime, _at(1, 12, 11))
    t.contract = framework.id
    t.chapter(
        "One contract",
        "The agency signs one framework contract with the federation: face shields at INR 55, at most "
        "200,000, whoever orders does not receive. The federation accepts it two days later.",
        _at(1, 14, 18),
        framework,
    )
    near = [hub for hub in cast.hubs if hub.code != "KOL"]
    makers = [maker.actor for hub in near for maker in hub.makers]
    t.chapter(
        "Six hubs and thirty-six workshops",
        "Hubs in six cities enrol, and the makers of five of them. The six makers who deliver to Kolkata "
        "have no network; they come later.",
        _at(2, 2, 18),
        _enrolments([*(hub.actor for hub in cast.hubs), *makers], _at(2, 2, 10)),
    )
    calloff = agree_calloff(t.contract, cast.agency, cast.prime, cast.consignee, _at(3, 2, 11))
    t.calloff = calloff.id
    t.chapter(
        "The order",
        "The agency calls off 200,000 pieces, INR 11,000,000 in all, due at the State Medical Store in Nagpur "
        "in 49 days. The federation accepts the next day.",
        _at(3, 3, 18),
        calloff,
    )


def _allocations(t: Telling) -> None:
    to_hubs = [
        statement
        for place, hub in enumerate(t.cast.hubs)
        for statement in t.to_hub(hub, _at(3, 4, 10) + timedelta(minutes=place))
    ]
    t.chapter(
        "Six parts",
        "The federation divides the order among the six hubs, from 16,800 to 44,100 pieces. Each accepts.",
        _at(3, 5, 18),
        to_hubs,
    )
    hyderabad = t.cast.hub("HYD")
    last = hyderabad.makers[-1]
    now = [
        (hub, maker) for hub in t.cast.hubs for maker in hub.makers if hub.code != "KOL" and maker is not last
    ]
    t.chapter(
        "Thirty-five parts of parts",
        "The hubs divide their parts among makers: 12,000 for a small factory, 5,000 for a workshop, 1,700 for "
        "two people and a table. Each accepts for itself, with its own key.",
        _at(3, 7, 18),
        [
            statement
            for place, (hub, maker) in enumerate(now)
            for statement in t.to_maker(hub, maker, _at(3, 6, 10) + timedelta(minutes=place))
        ],
    )
    too_much = hyderabad.actor.attempt(
        "allocation.offered",
        sub=t.contract,
        refs={"parent": t.held["HYD"]},
        body=offer_body(last.actor, 7_100, MAKERS_DUE),
        occurred_at=_at(3, 9, 10),
    )
    t.refused(
        "7,100 for 1,700",
        "The Hyderabad hub means to offer its last maker 1,700 pieces and types 7,100. No more than 1,700 of "
        "its part are left, and the log refuses to take a promise that nothing backs.",
        _at(3, 9, 11),
        too_much,
        answer=Rule.PARENT_LEFT.label,
    )
    t.chapter(
        "The right figure",
        "The hub offers 1,700, and the maker accepts.",
        _at(3, 10, 18),
        t.to_maker(hyderabad, last, _at(3, 9, 12)),
    )


def _first_lots(t: Telling) -> None:
    ready = [lot for lot in t.lots if lot.signed_at < _at(3, 17, 0)]
    t.chapter(
        "The first lots",
        "Eight makers sign off their first 3,000 pieces: how many were made, rejected and released, and what "
        "was checked on how many. The next day each lot goes to the hub, which counts it.",
        _at(3, 16, 18),
        t.made(ready),
    )
    t.repeated(
        "Sent three times",
        "A phone in Andheri got no answer and sends its sign-off again, and again. The log answers each time "
        "with the place the statement has had since the first.",
        _at(3, 17, 9),
        [t.signed_off["MUM-01-01"]] * 2,
    )


def _forgeries(t: Telling) -> None:
    stranger, first = t.cast.stranger, t.lot("PUN-01-01")
    t.chapter(
        "A stranger",
        "A trader who has no part in the contract enrols. The log takes that: it gives no right to anything.",
        _at(3, 18, 9),
        _enrolments([stranger], _at(3, 18, 8)),
    )
    forged = stranger.attempt(
        "batch.signed_off",
        sub=t.contract,
        refs={"allocation": t.held["PUN-01"]},
        body=goods.sign_off_body(replace(first, number=9, signed_at=_at(3, 18, 10))),
        occurred_at=_at(3, 18, 10),
    )
    t.refused(
        "A forged lot",
        "The trader signs off 3,000 pieces of its own as made by a workshop in Bhosari. Its signature is right, "
        "but it is not the workshop's, and only the maker an allocation names may sign off under it.",
        _at(3, 18, 11),
        forged,
        answer=Rule.SIGNER.label,
    )
    t.refused(
        "A changed figure",
        "Somebody takes the workshop's own sign-off and turns 3,000 released into 9,000. One digit, and the "
        "signature no longer fits.",
        _at(3, 18, 12),
        _tampered(t.signed_off[first.name]),
        answer=SignatureInvalid.code,
    )
    second = t.lot("MUM-01-02")
    again = second.maker.actor.attempt(
        "batch.signed_off",
        sub=t.contract,
        refs={"allocation": t.held[second.maker.code]},
        body={**goods.sign_off_body(second), "lot": "MUM-01-01"},
        occurred_at=second.signed_at - timedelta(minutes=10),
    )
    t.refused(
        "A lot id used twice",
        "The workshop in Andheri signs off its second lot under the first one's id. Two lots of one name could "
        "never be told apart in a recall; the log refuses, and names the first.",
        second.signed_at - timedelta(minutes=5),
        again,
        answer=Rule.LOT_ONCE.label,
    )


def _other_lots(t: Telling) -> None:
    ready = [
        lot
        for lot in t.lots
        if lot.name not in t.signed_off and lot.hub.code != "KOL" and lot.signed_at < _at(4, 6, 0)
    ]
    t.chapter(
        "The other lots",
        "By the sixth of April the makers of five hubs have signed off all their lots but one. A maker in "
        "Patancheru releases 1,670 of its 1,700: it will not make the other 30.",
        _at(4, 6, 18),
        t.made(ready),
    )


def _offline(t: Telling) -> None:
    """Everything of the Kolkata branch after the hub's acceptance, in no order at all."""
    kolkata = t.cast.hub("KOL")
    statements = _enrolments([maker.actor for maker in kolkata.makers], _at(3, 6, 8))
    for place, maker in enumerate(kolkata.makers):
        statements.extend(t.to_maker(kolkata, maker, _at(3, 6, 12) + timedelta(minutes=place)))
    statements.extend(t.made(lot for lot in t.lots if lot.hub is kolkata))
    t.chapter(
        "Four weeks without a network",
        "The hub in Kolkata and its six makers in the delta have signed on their phones all the time: "
        "enrolments, offers, acceptances, lots. Now all of it arrives in one folder, shuffled. The log puts it "
        "in the order of its references, and not one statement is lost.",
        _at(4, 7, 9),
        sorted(statements, key=statement_id),
    )


def _deliveries(t: Telling) -> None:
    t.chapter(
        "On the road",
        "Ten trucks leave Pune, Mumbai and Kolkata. At the medical store every lot on every waybill is counted.",
        _at(4, 12, 18),
        [
            statement
            for day, code in enumerate(("PUN", "MUM", "KOL"), 8)
            for statement in t.driven(code, t.trucks(code, _at(4, day, 7)))
        ],
    )
    t.chapter(
        "A bag without a name",
        "Somebody left 30 good pieces in the drop box of the Hyderabad hub. The hub sends them along and says "
        "so: maker unknown. The gap in their provenance is shown, not papered over.",
        _at(4, 13, 18),
        t.driven("HYD", t.trucks("HYD", _at(4, 11, 7), unattributed=30)),
    )
    t.chapter(
        "Rain on the road",
        "A tarpaulin tears on the way from Chennai, and 12 pieces arrive wet. The store writes it on the "
        "receipt the moment it signs: later it could not be claimed.",
        _at(4, 14, 18),
        t.driven("CHE", goods.rained_on(t.trucks("CHE", _at(4, 12, 7)), 12)),
    )
    t.chapter(
        "Forty short, forty over",
        "A lot from Delhi travels on two trucks. The first arrives 40 pieces short and the next 40 over: four "
        "packs were put on the wrong truck. Both receipts stand as counted; together they add up.",
        _at(4, 15, 18),
        t.driven("DEL", goods.misloaded(t.trucks("DEL", _at(4, 13, 7)), 40)),
    )


def _late_lot(t: Telling) -> None:
    late = t.lot("MUM-04-02")
    made = t.made([late])
    load = Load(statement_id(t.signed_off[late.name]), late.released)
    trucks = goods.load_trucks(late.hub, [load], _at(4, 20, 7), number=5)
    t.chapter(
        "A late lot",
        "A press broke in Kurla. The maker signs off its last 2,500 pieces ten days late, and they reach the "
        "store two days after everything was due.",
        _at(4, 22, 18),
        [*made, *t.driven("MUM", trucks)],
    )


def _as_it_went(lot: Lot) -> Lot:
    """Two lots do not go as planned: one falls short of its allocation, and one is late."""
    if lot.name == "HYD-06-01":
        return replace(lot, released=lot.released - 30)
    if lot.name == "MUM-04-02":
        return replace(lot, signed_at=_at(4, 16, 13))
    return lot


def _enrolments(actors: Iterable[Actor], first_at: datetime) -> list[bytes]:
    return [actor.enrol(first_at + timedelta(minutes=place)) for place, actor in enumerate(actors)]


def _tampered(data: bytes) -> bytes:
    """A sign-off of 3,000 that now says 9,000, otherwise as it was: well-formed, of the same length."""
    genuine = b'"released":{"unit":"H87","value":"3000"}'
    assert data.count(genuine) == 1, "the payload is RFC 8785 JSON, so its text is known"
    return data.replace(genuine, genuine.replace(b"3000", b"9000"))


def _policy(agency: Actor) -> dict[str, Any]:
    return {
        "origin": ORIGIN,
        "agencies": [agency.party],
        "reading": "public",
        "limits": {"receipt_due_days": 30},
        "erasure": "Confidential values are erased on request of the person they concern, or by order of a court, by "
        "destroying value and salt. The statement and all hashes stay. Each erasure is recorded in the log.",
    }
