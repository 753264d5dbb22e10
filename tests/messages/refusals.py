"""One way to be refused by each rule: what docs/messages.md shows of it. Each says what is done, and does it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.errors import Refused
from ledger.limits import DIVISION_DEPTH
from ledger.rules.catalogue import Rule
from tests.support.world import World, party, policy_body, quantity

Act = Callable[[World], object]
ACTS: dict[Rule, Act] = {}


def refused_by(rule: Rule) -> Callable[[Act], Act]:
    """Marks the act that the rule refuses."""

    def mark(act: Act) -> Act:
        ACTS[rule] = act
        return act

    return mark


def refusal(rule: Rule) -> Refused:
    """What the log answers to the act of a rule, in a world of its own."""
    with pytest.raises(Refused) as caught:
        ACTS[rule](World())
    assert caught.value.rule == rule.label, f"{rule.label} was to refuse it, {caught.value.rule} did"
    return caught.value


def _order(world: World, **terms: object) -> str:
    """A contract over 1,000 pieces, all of them ordered and accepted."""
    world.framework(1000, roles={"inspectors": ["Ines"]}, **terms)
    return world.accepted(world.calloff(1000))


def _part(world: World, **terms: object) -> str:
    """400 of them allotted to Asha and accepted."""
    return world.accepted(world.allot(_order(world, **terms), "Asha", 400))


@refused_by(Rule.POLICY_PLACE)
def _(world: World) -> None:
    """A second policy."""
    world.say("Operator", "log.policy", policy_body())


@refused_by(Rule.POLICY_KEY)
def _(world: World) -> None:
    """A policy signed by another key than the one that signs checkpoints."""
    world.log.clear()
    world.say("Agency", "log.policy", policy_body())


@refused_by(Rule.POLICY_LIMITS)
def _(world: World) -> None:
    """A statement larger than the policy allows."""
    small = World(statement_bytes=2_000)
    small.say("Asha", "specification.published", _specification(), size=2_400)


@refused_by(Rule.ENROLLED)
def _(world: World) -> None:
    """A party that has not enrolled publishes a specification."""
    world.say("Eve", "specification.published", _specification())


@refused_by(Rule.ENROLS_ONCE)
def _(world: World) -> None:
    """A maker enrols again."""
    world.enrol("Asha")


@refused_by(Rule.SUBJECT)
def _(world: World) -> None:
    """A maker enrols with another party as its subject."""
    body = {"kind": "maker", "country": "IN", "name": "Cy"}
    world.say("Cy", "party.enrolled", body, sub=party("Asha"))


@refused_by(Rule.REF_REGISTERED)
def _(world: World) -> None:
    """An allocation of a call-off that the log does not have."""
    world.framework(1000)
    world.allot("7" * 64, "Asha", 400, by="Prime")


@refused_by(Rule.REF_FITS)
def _(world: World) -> None:
    """An allocation of a call-off of another contract."""
    order = _order(world)
    world.framework(500)
    world.allot(order, "Asha", 400, by="Prime")


@refused_by(Rule.AGENCY)
def _(world: World) -> None:
    """A hub opens a contract."""
    world.framework(1000, signer="Hub")


@refused_by(Rule.SIGNER)
def _(world: World) -> None:
    """A maker signs a lot off under another maker's allocation."""
    world.sign_off(_part(world), "A1", 100, by="Bo")


@refused_by(Rule.ACCEPTED_ONCE)
def _(world: World) -> None:
    """A maker accepts an allocation again."""
    part = _part(world)
    world.accepted(part, at="2026-05-05T09:00:00+05:30")


@refused_by(Rule.IN_FORCE)
def _(world: World) -> None:
    """A prime allocates a call-off it has not accepted."""
    world.framework(1000)
    world.allot(world.calloff(1000), "Asha", 400)


@refused_by(Rule.PERIOD)
def _(world: World) -> None:
    """A call-off after the contract's last day."""
    world.framework(1000)
    world.calloff(100, at="2027-01-04T09:00:00+05:30")


@refused_by(Rule.LINE)
def _(world: World) -> None:
    """A call-off of a line that the contract has not."""
    world.framework(1000)
    world.calloff({"2": 100})


@refused_by(Rule.UNIT)
def _(world: World) -> None:
    """A call-off in kilograms of a line in pieces."""
    world.framework(1000)
    world.calloff("100 KGM")


@refused_by(Rule.CEILING)
def _(world: World) -> None:
    """A call-off of 300 where 200 are left."""
    world.framework(1000)
    world.calloff(800)
    world.calloff(300)


@refused_by(Rule.PARENT_LEFT)
def _(world: World) -> None:
    """An allocation of 700 where 600 are left."""
    order = _order(world)
    world.allot(order, "Asha", 400)
    world.allot(order, "Bo", 700)


@refused_by(Rule.SIGN_OFF_LEFT)
def _(world: World) -> None:
    """A lot of 150 under an allocation that has 100 left."""
    part = _part(world)
    world.sign_off(part, "A1", 300)
    world.sign_off(part, "A2", 150)


@refused_by(Rule.RELEASED_MADE)
def _(world: World) -> None:
    """100 released of 100 made, of which 4 were rejected."""
    world.sign_off(_part(world), "A1", 100, made=100, rejected=4)


@refused_by(Rule.LOT_ONCE)
def _(world: World) -> None:
    """Two lots of one name."""
    part = _part(world)
    world.sign_off(part, "A1", 100)
    world.sign_off(part, "A1", 120)


@refused_by(Rule.PARTY_TO_CONTRACT)
def _(world: World) -> None:
    """A party that the contract has nothing to do with sends goods of it."""
    lot = world.sign_off(_part(world), "A1", 100)
    world.enrol("Eve")
    world.dispatch("Eve", "Store", {lot: 100})


@refused_by(Rule.KEY_VALID)
def _(world: World) -> None:
    """A lot signed off with the key of a phone that was lost, at a time before it was."""
    part = _part(world)
    world.add_key("Asha", "Asha's new phone")
    lost = {"key": party("Asha"), "reason": "lost"}
    refs = {"party": world.enrolment("Asha")}
    world.say("Asha", "key.revoked", lost, refs, device="Asha's new phone")
    world.sign_off(part, "A1", 100, at="2026-05-01T09:00:00+05:30")


@refused_by(Rule.KEY_ONCE)
def _(world: World) -> None:
    """A key is added again after it was revoked."""
    world.add_key("Asha", "Asha's new phone")
    world.revoke_key("Asha", "Asha's new phone")
    world.add_key("Asha", "Asha's new phone", at="2026-05-06T09:00:00+05:30")


@refused_by(Rule.DELEGATION)
def _(world: World) -> None:
    """A hub signs off 150 for a maker that let it sign off 100."""
    part = _part(world)
    lent = world.delegate("Asha", "Hub", "batch.signed_off", most=100)
    world.sign_off(part, "A1", 150, by="Hub", delegation=lent)


@refused_by(Rule.SETTLED_ONCE)
def _(world: World) -> None:
    """A hold is cleared again."""
    held = world.hold(world.sign_off(_part(world), "A1", 100))
    world.clear(held)
    world.clear(held, at="2026-05-06T09:00:00+05:30")


@refused_by(Rule.WITHDRAWN)
def _(world: World) -> None:
    """A maker accepts an allocation that was withdrawn."""
    part = world.allot(_order(world), "Asha", 400)
    world.withdraw(part)
    world.accepted(part)


@refused_by(Rule.MADE_ALREADY)
def _(world: World) -> None:
    """A prime withdraws 200 of 400, of which 300 are signed off."""
    part = _part(world)
    world.sign_off(part, "A1", 300)
    world.withdraw(part, 200)


@refused_by(Rule.CHANGE_FROM)
def _(world: World) -> None:
    """An amendment of a ceiling that was amended meanwhile."""
    world.framework(1000)
    world.amend(lines=[{"line": "1", "ceiling": {"was": quantity(1000), "now": quantity(1200)}}])
    world.amend(lines=[{"line": "1", "ceiling": {"was": quantity(1000), "now": quantity(1500)}}])


@refused_by(Rule.FIRST_SAMPLE)
def _(world: World) -> None:
    """Volume is signed off after the first sample failed."""
    part = _part(world, first_sample=True)
    world.sample(part, "fail")
    world.sign_off(part, "A1", 100)


@refused_by(Rule.SPECIFICATION)
def _(world: World) -> None:
    """A lot that says nothing of the specification its line has."""
    world.sign_off(_part(world, made_to=world.specification()), "A1", 100)


@refused_by(Rule.REVISION_ONCE)
def _(world: World) -> None:
    """A revision is published again with other contents."""
    world.specification("B")
    world.specification("B", checks=[{"characteristic": "visor clear"}])


@refused_by(Rule.CONFIDENTIAL)
def _(world: World) -> None:
    """A payment in the clear under a contract that keeps prices confidential."""
    lot = world.sign_off(_part(world, confidential=["price"]), "A1", 100)
    receipt = world.receive("Store", {lot: 100}, world.dispatch("Asha", "Store", {lot: 100}))
    world.pay(world.decide(receipt, {lot: 100}), 100, "5500 INR")


@refused_by(Rule.DEPTH)
def _(world: World) -> None:
    """A chain of allocations that never ends."""
    parent = _order(world)
    for level in range(DIVISION_DEPTH + 1):
        parent = world.accepted(world.allot(parent, ("Hub", "Prime")[level % 2], 400))


def _specification() -> dict[str, object]:
    design = {"sha256": "d" * 64, "size": 9_000, "media_type": "application/yaml"}
    return {"item": "https://items.example/1", "revision": "A", "design": design}
