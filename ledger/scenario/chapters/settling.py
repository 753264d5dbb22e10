"""What is accepted of the deliveries, what is disputed, and what is paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from ledger.scenario import goods
from ledger.scenario.cast import Refs, on, statement_id
from ledger.scenario.product import PRICE_INR, drawn
from ledger.scenario.telling import Arrival, Telling, Verdict
from ledger.units import StatementId

_DISPUTED: Final = "DEL-05-01"
_REASON: Final = "Headbands come off the visor when pulled: glue not cured."


def accepted(t: Telling) -> None:
    disputed = _first_with(t, t.lot_id(_DISPUTED))
    t.chapter(
        "Accepted, rejected",
        "The quality desk decides on 22 receipts. It rejects the 12 wet pieces, and 60 of a lot from Wazirpur whose "
        "headbands come off. The bag without a name passes its own test and is accepted.",
        on(4, 16, 18),
        [
            _decide(t, arrival, at, {t.lot_id(_DISPUTED): 60} if arrival is disputed else {})
            for arrival, at in _one_by_one(t.arrivals.values(), on(4, 16, 9))
        ],
    )


def disputed(t: Telling) -> None:
    arrival = _first_with(t, t.lot_id(_DISPUTED))
    hub, quality = t.cast.hub("DEL").actor, t.office.quality
    first = t.verdicts[arrival.truck.waybill].decision
    raised = t.sign(
        hub,
        "dispute.raised",
        on(4, 17, 10),
        {"target": first},
        {
            "against": quality.party,
            "claim": "Six packs were rejected for two pieces that came apart.",
            "wanted": "Every one of the 60 is pulled in the presence of the hub.",
        },
    )
    instead = _decide(t, arrival, on(4, 18, 14), {t.lot_id(_DISPUTED): 20})
    refs = {"target": first, "replacement": statement_id(instead)}
    body = {"reason": "incorrect data", "explanation": "60 pieces pulled one by one: 20 fail, 40 hold."}
    t.chapter(
        "Sixty or twenty",
        "The Delhi hub disputes the 60. Both sides pull them one by one: 20 come apart, 40 hold. The desk corrects "
        "its decision, and the dispute is resolved as agreed.",
        on(4, 18, 18),
        [
            raised,
            instead,
            t.sign(quality, "correction.declared", on(4, 18, 15), refs, body),
            t.sign(
                hub,
                "dispute.resolved",
                on(4, 18, 16),
                {"dispute": statement_id(raised)},
                {"ended": "agreed", "outcome": "20 rejected, 40 accepted; the hub takes the 20 back."},
            ),
        ],
    )


def late_accepted(t: Telling) -> None:
    waiting = [arrival for waybill, arrival in t.arrivals.items() if waybill not in t.verdicts]
    t.chapter(
        "Late, and accepted",
        "The late lot is in order and accepted. It will be paid with the next run.",
        on(4, 23, 18),
        [_decide(t, arrival, at, {}) for arrival, at in _one_by_one(waiting, on(4, 23, 9))],
    )


def paid(t: Telling) -> None:
    statements = []
    for place, hub in enumerate(t.cast.hubs):
        due = [
            t.verdicts[waybill]
            for waybill, arrival in t.arrivals.items()
            if arrival.hub == hub.code and arrival.truck.left_at < on(4, 20, 0)
        ]
        pieces = sum(verdict.accepted for verdict in due)
        statements.append(
            t.sign(
                t.office.payer,
                "payment.recorded",
                on(4, 24, 10) + timedelta(minutes=place),
                {"decisions": [verdict.decision for verdict in due]},
                {
                    "payee": t.office.prime.party,
                    "amount": {"amount": str(pieces * PRICE_INR), "currency": "INR"},
                    "lines": drawn(pieces),
                    "reference": f"MRT-2026-04-{hub.code}",
                },
            )
        )
    t.chapter(
        "Paid",
        "The treasury pays 197,468 accepted pieces, hub by hub: INR 10,860,740. What is rejected is not paid.",
        on(4, 24, 18),
        statements,
    )


def _decide(t: Telling, arrival: Arrival, at: datetime, rejected: Mapping[StatementId, int]) -> bytes:
    body = goods.decision(arrival.truck, rejected, _REASON if rejected else "Wet, visors warped.")
    refs: Refs = {"receipt": arrival.receipt, "lots": [load.lot for load in arrival.truck.loads]}
    data = t.sign(t.office.quality, "delivery.decided", at, refs, body)
    good = sum(load.good for load in arrival.truck.loads) + arrival.truck.unattributed
    t.verdicts[arrival.truck.waybill] = Verdict(statement_id(data), good - sum(rejected.values()))
    return data


def _one_by_one(arrivals: Iterable[Arrival], first_at: datetime) -> list[tuple[Arrival, datetime]]:
    return [(arrival, first_at + timedelta(minutes=10 * place)) for place, arrival in enumerate(arrivals)]


def _first_with(t: Telling, lot: StatementId) -> Arrival:
    """The first truck that carries some of a lot."""
    return next(
        arrival for arrival in t.arrivals.values() if lot in {load.lot for load in arrival.truck.loads}
    )
