"""The contract: a design with its check plan, one agreement, one order, and its division down to the makers."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ledger.scenario.cast import enrolments, on, statement_id
from ledger.scenario.people import Hub, Maker
from ledger.scenario.product import SPECIFICATION
from ledger.scenario.promises import Deal, agree_amendment, agree_calloff, agree_framework
from ledger.scenario.telling import Telling

DEAL: Final = Deal("MRPA-2026-014", "Face shields from small makers, 2026", pieces=200_000)


def seven_names(t: Telling) -> None:
    t.chapter(
        "Seven names",
        "A relief agency, its quality desk and its treasury, a federation of small makers, a medical store and two "
        "test houses enrol. Enrolling gives a name to a key, and no right to anything.",
        on(1, 5, 18),
        enrolments(t.office.everyone(), on(1, 5, 10)),
    )


def design(t: Telling) -> None:
    agency = t.office.agency
    published = agency.sign(
        "specification.published", sub=agency.party, refs={}, body=SPECIFICATION, occurred_at=on(1, 8, 11)
    )
    t.specification = statement_id(published)
    t.chapter(
        "A design and its check plan",
        "The agency publishes revision C of the face shield: the digest of its design files, and what is to be "
        "checked on every lot, how, on how many, by whom.",
        on(1, 8, 18),
        [published],
    )


def one_contract(t: Telling) -> None:
    framework = agree_framework(DEAL, t.office, t.specification, on(1, 12, 11))
    t.contract = framework.id
    t.chapter(
        "One contract",
        "The agency signs one framework contract with the federation: at most 200,000 shields at INR 55, a first "
        "sample of every maker, duties kept apart. The federation accepts two days later.",
        on(1, 14, 18),
        framework,
    )


def hubs_and_workshops(t: Telling) -> None:
    near = [hub for hub in t.cast.hubs if hub.code != "KOL"]
    makers = [maker.actor for hub in near for maker in hub.makers]
    t.chapter(
        "Six hubs and thirty-seven workshops",
        "Hubs in six cities enrol, and the makers of five; the six of Kolkata have no network and come later. Phone "
        "numbers are committed to, not written out; two sisters who work at home hide their name.",
        on(2, 2, 18),
        enrolments([*(hub.actor for hub in t.cast.hubs), *makers, t.cast.passed_over.actor], on(2, 2, 10)),
    )


def order(t: Telling) -> None:
    calloff = agree_calloff(DEAL, t.office, t.contract, on(3, 2, 11))
    t.calloff = calloff.id
    t.chapter(
        "The order",
        "The agency calls off 200,000 pieces, INR 11,000,000 in all, due at the State Medical Store in Nagpur "
        "in 49 days. The federation accepts the next day.",
        on(3, 3, 18),
        calloff,
    )


def six_parts(t: Telling) -> None:
    t.chapter(
        "Six parts",
        "The federation divides the order among the six hubs, from 16,800 to 44,100 pieces. Each accepts.",
        on(3, 5, 18),
        [
            statement
            for place, hub in enumerate(t.cast.hubs)
            for statement in t.to_hub(hub, on(3, 4, 10) + timedelta(minutes=place))
        ],
    )


def parts_of_parts(t: Telling) -> None:
    t.chapter(
        "Thirty-six parts of parts",
        "The hubs divide their parts among makers: 12,000 for a small factory, 5,000 for a workshop, 1,700 for "
        "two people and a table. Each accepts for itself, with its own key.",
        on(3, 7, 18),
        [
            statement
            for place, (hub, maker) in enumerate(first_choices(t))
            for statement in t.to_maker(hub, maker, on(3, 6, 10) + timedelta(minutes=place))
        ],
    )


def first_choices(t: Telling) -> list[tuple[Hub, Maker]]:
    """Who is asked first in five cities; for the last place at Hyderabad that is somebody else in the end."""
    last = t.cast.maker("HYD-06")
    return [
        (hub, t.cast.passed_over if maker is last else maker)
        for hub in t.cast.hubs
        for maker in hub.makers
        if hub.code != "KOL"
    ]


def five_percent(t: Telling) -> None:
    t.chapter(
        "Five in a hundred",
        "What failed is to be replaced, but no piece more may be signed off than was allotted. Agency and "
        "federation amend the contract: from April on it has a tolerance of five percent.",
        on(3, 31, 18),
        agree_amendment(t.office, t.contract, on(3, 30, 15)),
    )
