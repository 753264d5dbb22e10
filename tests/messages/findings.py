"""One way to bring about each finding: what docs/messages.md shows of it. Each says what happened, and tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain

from ledger.rules.catalogue import Odd
from ledger.rules.findings import Finding
from ledger.rules.findings.signatures import (
    Link,
    chain_findings,
    key_findings,
    opened_otherwise,
    time_findings,
)
from ledger.units import StatementId
from tests.support.world import World

LATER = "2026-07-01T12:00:00+05:30"
SHEET = {"https://items.example/pet-sheet": "PET-0412"}
Act = Callable[[World], object]
ACTS: dict[Odd, Act] = {}


def shows(odd: Odd) -> Callable[[Act], Act]:
    """Marks the act that ends in the finding."""

    def mark(act: Act) -> Act:
        ACTS[odd] = act
        return act

    return mark


def finding(odd: Odd) -> Finding:
    """The finding that the act of `odd` ends in, on the first of July."""
    world = World()
    made = ACTS[odd](world)
    if isinstance(made, Finding):
        return made
    return next(one for one in _all(world) if one.odd is odd)


def _all(world: World) -> Iterator[Finding]:
    links = [
        Link(
            one.id, one.index, one.iss, one.kid, one.event.prev, one.event.occurred_at,
            int(datetime(2026, 5, 4, 12, tzinfo=UTC).timestamp()),
        )
        for one in world.log
    ]  # fmt: skip
    signed = chain(chain_findings(links), time_findings(links), key_findings(world.state, links))
    return chain(world.findings(as_of=LATER), signed)


def _lot(world: World, released: int = 300, **terms: object) -> StatementId:
    """A lot of Asha's, under an allocation of 400 of the 1,000 that are ordered for the store."""
    return world.sign_off(_part(world, **terms), "A1", released)


def _part(world: World, **terms: object) -> StatementId:
    world.framework(1000, roles={"inspectors": ["Ines"]}, **terms)
    return world.accepted(world.allot(world.accepted(world.calloff(1000)), "Asha", 400))


def _sent(
    world: World, quantity: int, lot: StatementId | None = None, **terms: object
) -> tuple[StatementId, StatementId]:
    lot = lot or _lot(world, **terms)
    return lot, world.dispatch("Asha", "Store", {lot: quantity})


def _received(world: World, *counted: int, **terms: object) -> tuple[StatementId, StatementId]:
    """300 sent; good, damaged, short and excess as counted."""
    lot, sent = _sent(world, 300, **terms)
    return lot, world.receive("Store", {lot: (*counted, *[0] * (4 - len(counted)))}, sent)


@shows(Odd.SENT_BEYOND_RELEASED)
def _(world: World) -> None:
    """A maker sends 340 of a lot of 300."""
    _sent(world, 340)


@shows(Odd.COUNTED_BEYOND_SENT)
def _(world: World) -> None:
    """A store counts the same 300 twice."""
    lot, _ = _received(world, 300)
    world.receive("Store", {lot: 300}, at="2026-05-05T09:00:00+05:30")


@shows(Odd.NO_DISPATCH)
def _(world: World) -> None:
    """Goods arrive that nobody wrote down as sent."""
    world.receive("Store", {_lot(world): 300})


@shows(Odd.NO_RECEIPT)
def _(world: World) -> None:
    """A truck left in May, and nobody has counted what it carried."""
    _sent(world, 300)


@shows(Odd.SHORT)
def _(world: World) -> None:
    """Of 300, 260 arrive."""
    _received(world, 260, 0, 40)


@shows(Odd.EXCESS)
def _(world: World) -> None:
    """Of 300, 340 arrive."""
    _received(world, 340, 0, 0, 40)


@shows(Odd.MADE_UP)
def _(world: World) -> None:
    """A waybill is 40 short, and the next of the same lot 40 over."""
    lot = _lot(world)
    first = world.dispatch("Asha", "Store", {lot: 150}, waybill="W-1")
    world.receive("Store", {lot: (110, 0, 40, 0)}, first, waybill="W-1")
    second = world.dispatch("Asha", "Store", {lot: 150}, waybill="W-2")
    world.receive("Store", {lot: (190, 0, 0, 40)}, second, waybill="W-2")


@shows(Odd.DAMAGED)
def _(world: World) -> None:
    """12 of 300 arrive wet."""
    _received(world, 288, 12)


@shows(Odd.RECEIPT_SUM)
def _(world: World) -> None:
    """A receipt says what became of 290 of 300."""
    _received(world, 290)


@shows(Odd.OTHER_RECEIVER)
def _(world: World) -> None:
    """A hub counts what was sent to the store."""
    lot, sent = _sent(world, 300)
    world.allot(next(iter(world.at().calloffs)), "Hub", 100)
    world.receive("Hub", {lot: 300}, sent)


@shows(Odd.LATE_SIGN_OFF)
def _(world: World) -> None:
    """A lot that was due on 20 May is signed off on the 23rd."""
    world.sign_off(_part(world), "A1", 300, at="2026-05-23T09:00:00+05:30")


@shows(Odd.LATE_DELIVERY)
def _(world: World) -> None:
    """Goods that were due on 1 June arrive on the 3rd."""
    lot, sent = _sent(world, 300)
    world.receive("Store", {lot: 300}, sent, at="2026-06-03T09:00:00+05:30")


@shows(Odd.OVERDUE)
def _(world: World) -> None:
    """By July 300 of 1,000 have arrived that were due on 1 June."""
    _received(world, 300)


@shows(Odd.MAKER_UNKNOWN)
def _(world: World) -> None:
    """A bag without a name goes along."""
    _lot(world)
    order = next(iter(world.at().calloffs))
    world.dispatch("Asha", "Store", unknown={"1": 30}, calloff=order)


@shows(Odd.NOT_APART)
def _(world: World) -> None:
    """The agency counts what it ordered, though its contract keeps the two apart."""
    lot, sent = _sent(world, 300, keep_apart=["ordering and receiving"])
    world.receive("Agency", {lot: 300}, sent)


@shows(Odd.CHAIN_GAP)
def _(world: World) -> Finding:
    """A key names a statement before that the log does not have."""
    one = world.log[-1]
    link = Link(one.id, one.index, one.iss, one.kid, StatementId("7" * 64), one.event.occurred_at, None)
    return next(chain_findings([link]))


@shows(Odd.CHAIN_FORK)
def _(world: World) -> None:
    """A key is used on two devices: both sign after the same statement."""
    part = _part(world)
    world.sign_off(part, "A1", 100)
    world.sign_off(part, "A2", 100)


@shows(Odd.NO_CHECKS)
def _(world: World) -> None:
    """A lot is released without a word of what was checked."""
    world.sign_off(_part(world), "A1", 300, checks=[])


@shows(Odd.WITHIN_TOLERANCE)
def _(world: World) -> None:
    """410 are signed off of 400, and the contract tolerates five in a hundred."""
    world.sign_off(_part(world, tolerance="5"), "A1", 410)


@shows(Odd.BEFORE_CLAIMED)
def _(world: World) -> None:
    """A phone's clock is three days ahead."""
    world.sign_off(_part(world), "A1", 300, at="2026-05-07T17:30:00+05:30")


@shows(Odd.LONG_BEFORE)
def _(world: World) -> None:
    """A call-off of January reaches the log in May."""
    world.framework(1000)
    world.calloff(100, at="2026-01-10T09:00:00+05:30")


@shows(Odd.SENT_HELD)
def _(world: World) -> None:
    """An inspector holds a lot back, and it leaves all the same."""
    lot = _lot(world)
    world.hold(lot, at="2026-05-05T09:00:00+05:30")
    world.dispatch("Asha", "Store", {lot: 300}, at="2026-05-06T09:00:00+05:30")


@shows(Odd.SENT_UNINSPECTED)
def _(world: World) -> None:
    """A lot leaves that no inspector has passed, though the contract asks for it."""
    _sent(world, 300, released_by="maker and inspector")


@shows(Odd.FAILED_NOT_HELD)
def _(world: World) -> None:
    """A lot fails inspection, and nobody holds it back."""
    world.inspect(_lot(world), "fail")


@shows(Odd.ACCEPTED_BEYOND_RECEIVED)
def _(world: World) -> None:
    """300 are accepted of 260 that arrived in good order."""
    lot, receipt = _received(world, 260, 0, 40)
    world.decide(receipt, {lot: 300})


@shows(Odd.REJECTED)
def _(world: World) -> None:
    """20 of 300 are rejected."""
    lot, receipt = _received(world, 300)
    world.decide(receipt, {lot: (280, 20)})


@shows(Odd.CHECKS_MISSING)
def _(world: World) -> None:
    """The plan asks for two checks; one is not done, and one on too few."""
    plan = world.specification(
        checks=[{"characteristic": "visor clear", "least": 80}, {"characteristic": "headband strength"}]
    )
    world.sign_off(_part(world, made_to=plan), "A1", 300, specification=plan)


@shows(Odd.EARLIER_REVISION)
def _(world: World) -> None:
    """A lot is made to revision A after B has come into force."""
    old = world.specification("A")
    new = world.specification("B", supersedes=old)
    part = _part(world, made_to=old)
    world.amend(lines=[{"line": "1", "specification": {"was": old, "now": new}}])
    world.sign_off(part, "A1", 300, specification=old)


@shows(Odd.CONDITIONAL_SAMPLE)
def _(world: World) -> None:
    """Volume is made on a first sample that passed if its corners are rounded."""
    part = _part(world, first_sample=True)
    world.sample(part, "conditional")
    world.sign_off(part, "A1", 300)


@shows(Odd.OVERPROMISED)
def _(world: World) -> None:
    """The agency cancels 700 of 1,000, of which 400 are allotted."""
    _part(world)
    world.cancel(next(iter(world.at().calloffs)), 700)


@shows(Odd.RECALL_OPEN)
def _(world: World) -> None:
    """A sheet of plastic is called back, and with it what was made of it."""
    world.sign_off(_part(world), "A1", 300, materials=SHEET)
    world.recall(materials=SHEET)


@shows(Odd.RECALL_UNANSWERED)
def _(world: World) -> None:
    """The maker that holds recalled goods has not answered."""
    world.sign_off(_part(world), "A1", 300, materials=SHEET)
    world.recall(materials=SHEET)


@shows(Odd.NOT_LOCATED)
def _(world: World) -> None:
    """A store holds 300 recalled pieces and finds 260."""
    lot, _ = _received(world, 300)
    world.acknowledge("Store", world.recall([lot]), {lot: 260})


@shows(Odd.SENT_RECALLED)
def _(world: World) -> None:
    """Recalled goods are sent on to the store."""
    lot = _lot(world)
    world.recall([lot], at="2026-05-05T09:00:00+05:30")
    world.dispatch("Asha", "Store", {lot: 300}, at="2026-05-06T09:00:00+05:30")


@shows(Odd.DISPUTED)
def _(world: World) -> None:
    """A maker disputes a count."""
    _, receipt = _received(world, 260, 0, 40)
    world.dispute("Asha", receipt)


@shows(Odd.PAID_BEYOND_ACCEPTED)
def _(world: World) -> None:
    """300 are paid for of 280 that were accepted."""
    lot, receipt = _received(world, 300)
    world.pay(world.decide(receipt, {lot: (280, 20)}), 300)


@shows(Odd.PROXY_UNCONFIRMED)
def _(world: World) -> None:
    """A hub signs a lot off for a maker without a phone."""
    part = _part(world)
    lent = world.delegate("Asha", "Hub", "batch.signed_off")
    world.sign_off(part, "A1", 300, by="Hub", delegation=lent)


@shows(Odd.CORRECTED)
def _(world: World) -> None:
    """A store takes a receipt back that named the wrong waybill."""
    _, receipt = _received(world, 300)
    world.correct("Store", receipt)


@shows(Odd.ERASED)
def _(world: World) -> None:
    """The opening of a commitment is destroyed; later all that the statement says is ordered erased."""
    _, receipt = _received(world, 300)
    world.erase("Agency", receipt, "c" * 64)
    world.erase("Agency", receipt, contents=True)


@shows(Odd.KEY_COMPROMISED)
def _(world: World) -> None:
    """A copied key signs a lot before its owner notices."""
    part = _part(world)
    good = world.sign_off(part, "A1", 100)
    world.sign_off(part, "A2", 100)
    world.add_key("Asha", "Asha's new phone")
    world.revoke_key("Asha", "Asha", "compromised", last_good=good)


@shows(Odd.OPENED_OTHERWISE)
def _(_world: World) -> Finding:
    """A price is shown that is not the one the contract commits to."""
    return opened_otherwise(StatementId("5" * 64), "/body/lines/0/price", "c" * 64, "d" * 64)
