"""A contract with a bit of everything, and the report on it."""

from datetime import UTC, datetime

import pytest

from ledger.report.build import build_report
from ledger.report.model import Evidence, Report
from ledger.rules.findings import findings_in
from ledger.rules.situation import Situation
from tests.support.world import World, framework_body

HOSTILE = '<script>alert("1")</script> & "quotes" #pagebreak() $x$ @here'
"""What must come out as text, in HTML and in Typst alike."""

EVIDENCE = Evidence(
    origin="log.example/world",
    vkey="log.example/world+8b5f3ec1+AasxFd26X0X5oLkiVjw6LihPLNXLghKnPROvjWwGL7Ky",
    size=40,
    root="ab" * 32,
    registered_at=datetime(2026, 6, 9, 8, 30, tzinfo=UTC),
    note="log.example/world\n40\nq6s=\n\n— log.example/world i1==\n",
    entries=40,
    of_contract=30,
)


def told(title: str = "Face shields", maker: str = "Cy") -> World:
    """1,000 ordered; 600 by a hub's two makers, 400 by a third; 40 short, 8 rejected, a lot late."""
    world = World()
    world.enrol("Cy", name=maker)
    [line] = framework_body({"1": 1000})["lines"]
    terms = framework_body({"1": 1000}) | {
        "title": title,
        "lines": [line | {"price": {"amount": "55", "currency": "INR"}}],
    }
    world.contract = world.say("Agency", "framework.signed", terms)
    world.say("Prime", "framework.accepted", refs={"framework": world.contract})
    order = world.accepted(world.calloff(1000))
    hub = world.accepted(world.allot(order, "Hub", 600))
    asha = world.accepted(world.allot(hub, "Asha", 350))
    bo = world.accepted(world.allot(hub, "Bo", 250))
    cy = world.accepted(world.allot(order, "Cy", 400))
    lots = {
        world.sign_off(asha, "A1", 350): (310, 0, 40, 0),
        world.sign_off(bo, "B1", 250, at="2026-05-22T10:00:00+05:30"): 250,
        world.sign_off(cy, "C1", 400): 400,
    }
    sizes = dict(zip(lots, (350, 250, 400), strict=True))
    sent = world.dispatch("Hub", "Store", sizes, at="2026-05-24T10:00:00+05:30")
    receipt = world.receive("Store", lots, sent, at="2026-05-26T10:00:00+05:30")
    first, *_ = lots
    decision = world.decide(receipt, {first: (302, 8)}, at="2026-05-27T10:00:00+05:30")
    world.pay(decision, 302, "16610 INR", at="2026-05-28T10:00:00+05:30")
    world.amend(last_day={"was": "2026-12-31", "now": "2027-06-30"})
    return world


def report_on(at: Situation) -> Report:
    return build_report(at, findings_in(at), EVIDENCE)


@pytest.fixture(scope="session")
def report() -> Report:
    return report_on(told().at("2026-06-10T12:00:00+05:30"))


@pytest.fixture(scope="session")
def hostile() -> Report:
    """The same, with a title and a maker's name that mean to be markup."""
    return report_on(told(HOSTILE, HOSTILE).at("2026-06-10T12:00:00+05:30"))
