"""First samples: each maker's is decided on before it may make volume. One fails, and its part goes to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from ledger.rules.catalogue import Rule
from ledger.scenario.cast import Actor, on
from ledger.scenario.chapters.contract import first_choices
from ledger.scenario.lots import sign_off_body
from ledger.scenario.people import Maker
from ledger.scenario.product import LINE
from ledger.scenario.promises import MAKERS_DUE, offer_body
from ledger.scenario.telling import Telling

_PASSED: Final[Mapping[str, Any]] = {"line": LINE, "decision": "pass"}
_FAILED: Final[Mapping[str, Any]] = {
    "line": LINE,
    "decision": "fail",
    "results": [
        {
            "characteristic": "visor thickness",
            "method": "micrometer, at three points",
            "sample": 1,
            "failed": 1,
            "remark": "0.31 mm: cut from packaging film",
        }
    ],
}


def first_samples(t: Telling) -> None:
    makers = [maker for _, maker in first_choices(t)]
    t.chapter(
        "Thirty-six first samples",
        "Each maker has sent one finished shield to the test house. Thirty-five pass; that of a shed in Miyapur is "
        "cut from film, and fails.",
        on(3, 10, 18),
        decided(t, t.cast.inspector, makers, on(3, 10, 9)),
    )


def signs_all_the_same(t: Telling) -> None:
    lot = t.lot("HYD-06-01")
    failed = t.cast.passed_over
    t.refused(
        "Signed off all the same",
        "The shed signs off 1,700 pieces regardless. The contract asks for a first sample that has passed, so the "
        "log refuses to take them for made.",
        on(3, 11, 10),
        t.attempt(failed.actor, "batch.signed_off", on(3, 11, 9), t.sign_off_refs(lot), sign_off_body(lot)),
        answer=Rule.FIRST_SAMPLE.label,
    )


def taken_back(t: Telling) -> None:
    hub = t.cast.hub("HYD").actor
    refs = {"allocation": t.held["HYD-06"]}
    body = {"reason": "The first sample failed, and there is no sheet for another in time."}
    t.chapter(
        "Taken back",
        "The Hyderabad hub withdraws the shed's allocation: 1,700 of the hub's part are free again.",
        on(3, 11, 13),
        [t.sign(hub, "allocation.withdrawn", on(3, 11, 12), refs, body)],
    )


def mistyped(t: Telling) -> None:
    hub, instead = t.cast.hub("HYD").actor, t.cast.maker("HYD-06").actor
    offer = offer_body(instead, 7_100, MAKERS_DUE)
    t.refused(
        "7,100 for 1,700",
        "The hub means to offer them to a maker in Patancheru and types 7,100. No more than 1,700 of its part are "
        "left, and the log refuses to take a promise that nothing backs.",
        on(3, 11, 16),
        t.attempt(hub, "allocation.offered", on(3, 11, 15), {"parent": t.held["HYD"]}, offer),
        answer=Rule.PARENT_LEFT.label,
    )


def right_figure(t: Telling) -> None:
    hub, instead = t.cast.hub("HYD"), t.cast.maker("HYD-06")
    agreed = t.to_maker(hub, instead, on(3, 11, 17))
    t.chapter(
        "The forty-second maker",
        "The hub offers 1,700, the maker accepts, and its first sample passes.",
        on(3, 13, 18),
        [*agreed, *decided(t, t.cast.inspector, [instead], on(3, 13, 10))],
    )


def decided(t: Telling, inspector: Actor, makers: Iterable[Maker], first_at: datetime) -> list[bytes]:
    """The first sample of each decided on, ten minutes after the one before; all but one pass."""
    return [
        t.sign(
            inspector,
            "sample.decided",
            first_at + timedelta(minutes=10 * place),
            {"allocation": t.held[maker.code]},
            _FAILED if maker is t.cast.passed_over else _PASSED,
        )
        for place, maker in enumerate(makers)
    ]
