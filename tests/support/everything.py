"""A contract in which everything that can be said is said: every type of event, every kind of record."""

from ledger.units import StatementId
from tests.support.world import World, party

NIGHT = "2026-05-05T01:00:00+05:30"
"""By the calendar of whoever signs; in UTC it is still the day before."""


def everything() -> World:
    """Asha makes for the hub, which signs for her; a first sample, a hold, a recall, a correction, an erasure."""
    world = World()
    world.enrol("Cy", recovery={"parties": [party("Hub"), party("Ines")], "needed": 2})
    world.add_key("Asha", "Asha's phone")
    world.revoke_key("Asha", "Asha's phone", "compromised", last_good=world.enrolment("Asha"))
    world.add_key("Cy", "Cy's phone", by="Hub")  # waits for another's word
    world.erase("Cy", world.enrolment("Cy"), "c" * 64, sub=party("Cy"))
    first = world.specification(checks=[{"characteristic": "visor clear", "least": 5}])
    second = world.specification("B", supersedes=first)
    world.framework(
        ceiling="1000 KGM",
        tolerance="2.5",
        made_to=first,
        first_sample=True,
        roles={"inspectors": ["Ines"], "payers": ["Agency"]},
        keep_apart=["ordering and receiving"],
    )
    order, part, lent = _promises(world, first, second)
    _after(world, order, _goods(world, part, lent, second), second)
    return world


def _promises(world: World, first: StatementId, second: StatementId) -> tuple[StatementId, ...]:
    """The order, the part of it that is Asha's, and her word that the hub signs for her."""
    added = {"line": "2", "item": "https://items.example/2", "description": "Strap", "unit": "MTR"}
    world.amend(lines=[{"line": "1", "specification": {"was": first, "now": second}}], added=[added])
    order = world.accepted(world.calloff("1000 KGM", due="2026-05-05", to="Agency"))
    hub = world.accepted(world.allot(order, "Hub", "600 KGM"))
    part = world.allot(hub, "Asha", "400 KGM", due="2026-05-04")
    lent = world.delegate("Asha", "Hub", most="400 KGM")
    world.accepted(part, by="Hub", delegation=lent)
    world.sample(part, "conditional")
    world.withdraw(part, "50 KGM")
    world.cancel(order, "100 KGM")
    world.close()
    return order, part, lent


def _goods(world: World, part: StatementId, lent: StatementId, made_to: StatementId) -> StatementId:
    """A lot of Asha's, signed off by the hub, made again into another, inspected and held."""
    how = {"specification": made_to, "materials": {"urn:sheet": "P-77"}, "at": NIGHT}
    lot = world.sign_off(part, "A1", "300.5 KGM", by="Hub", delegation=lent, **how)
    world.sign_off(part, "A2", "1 KGM", inputs=[lot], **how)
    world.confirm("Asha", lot)
    world.revoke("Asha", lent)
    world.inspect(lot, "fail")
    world.clear(world.hold(lot))
    return lot


def _after(world: World, order: StatementId, lot: StatementId, made_to: StatementId) -> None:
    """It is sent, counted, decided, paid, called back; what was wrong is corrected, what was confidential erased."""
    wrong = world.dispatch("Asha", "Agency", {lot: "300 KGM"}, at=NIGHT)
    sent = world.dispatch("Asha", "Agency", {lot: "300.5 KGM"}, at=NIGHT)
    world.correct("Asha", wrong, sent)
    world.dispatch("Prime", "Agency", unknown={"1": "2 KGM"}, calloff=order)
    counted = {lot: ("290 KGM", "1 KGM", "9.5 KGM", "0 KGM")}
    receipt = world.receive("Agency", counted, sent, at="2026-05-06T03:00:00+05:30")
    decision = world.decide(receipt, {lot: ("280 KGM", "10 KGM")})
    world.erase("Prime", world.pay(decision, "280 KGM", {"commitment": "d" * 64}), "d" * 64)
    recall = world.recall([lot], made_to=made_to, materials={"urn:sheet": "P-77"})
    world.acknowledge("Asha", recall, {lot: ("10 KGM", "9 KGM")})
    world.close_recall(recall)
    world.resolve(world.dispute("Prime", decision), by="Prime")
