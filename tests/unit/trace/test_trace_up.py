"""From any statement up to its contract: the path an auditor reads aloud."""

import pytest

from ledger.errors import NotFound
from ledger.trace.up import contract_under, lots_of, situation_around, trace_up
from ledger.units import StatementId
from tests.support.world import World, party


@pytest.fixture
def world():
    """Contract, call-off, hub, Asha below the hub, two lots, one waybill by the hub, one receipt."""
    world = World()
    world.framework(ceiling=1000)
    world.order = world.accepted(world.calloff(1000))
    world.hub = world.accepted(world.allot(world.order, "Hub", 600))
    world.asha = world.accepted(world.allot(world.hub, "Asha", 400))
    world.a1 = world.sign_off(world.asha, "A1", 300)
    world.h1 = world.sign_off(world.hub, "H1", 50)
    world.sent = world.dispatch("Hub", "Store", {world.a1: 300, world.h1: 50}, waybill="W-7")
    world.receipt = world.receive(
        "Store", {world.a1: (290, 4, 6, 0), world.h1: 50}, world.sent, waybill="W-7"
    )
    return world


def path(world, statement):
    return [step.statement for step in trace_up(world.at(), statement)]


def acceptance(world, offer):
    """The statement that accepted an offer."""
    role = {
        "framework.accepted": "framework",
        "calloff.accepted": "calloff",
        "allocation.accepted": "allocation",
    }
    (found,) = [
        one.id
        for one in world.log
        if one.event.type in role and getattr(one.event.refs, role[one.event.type]) == offer
    ]
    return found


def test_each_kind_of_target(world):
    to_asha = [world.contract, world.order, world.hub, world.asha]
    assert path(world, world.contract) == [world.contract]
    assert path(world, world.order) == [world.contract, world.order]
    assert path(world, world.hub) == [world.contract, world.order, world.hub]
    assert path(world, world.asha) == to_asha
    assert path(world, world.a1) == [*to_asha, world.a1]
    assert path(world, world.h1) == [world.contract, world.order, world.hub, world.h1]
    assert path(world, world.sent) == [*to_asha, world.a1, world.h1, world.sent]
    assert path(world, world.receipt) == [*to_asha, world.a1, world.h1, world.sent, world.receipt]


@pytest.mark.parametrize("offer", ["contract", "order", "hub", "asha"])
def test_an_acceptance_stands_with_what_it_accepts(world, offer):
    offered = getattr(world, offer)
    accepted = acceptance(world, offered)
    last = trace_up(world.at(), accepted)[-1]
    assert (last.statement, last.accepted) == (offered, accepted)
    assert path(world, accepted) == path(world, offered)


def test_every_promise_on_the_path_stands_with_its_acceptance(world):
    steps = trace_up(world.at(), world.receipt)
    for step in steps[:4]:
        assert step.accepted == acceptance(world, step.statement)
    assert [step.accepted for step in steps[4:]] == [None] * 4


def test_each_step_says_who_said_what(world):
    steps = trace_up(world.at(), world.receipt)
    assert [step.signer for step in steps] == [
        party(name) for name in ("Agency", "Agency", "Prime", "Hub", "Asha", "Hub", "Hub", "Store")
    ]
    said = [step.says.replace(f" (…{step.signer[-8:]})", "", 1) for step in steps]
    assert said[0].startswith("Agency signed contract LTA-7 with Prime (…")
    assert "Agency ordered 1,000 pieces of line 1 for Store (…" in said[1]
    assert said[1].endswith("call-off CO-1, due 2026-06-01")
    assert "Prime allotted 600 pieces of line 1 to Hub (…" in said[2]
    assert said[3].endswith("due 2026-05-20")
    assert said[4] == "Asha signed off lot A1: 300 pieces of line 1"
    assert "Hub dispatched 300 pieces of lot A1, 50 pieces of lot H1 to Store (…" in said[6]
    assert said[7] == (
        "Store received 290 pieces of lot A1 in good order, 4 pieces damaged, 6 pieces short; "
        "50 pieces of lot H1 in good order, waybill W-7"
    )


def test_an_offer_nobody_accepted_yet_has_no_acceptance(world):
    offered = world.allot(world.order, "Bo", 10)
    assert trace_up(world.at(), offered)[-1].accepted is None


def test_a_contract_nobody_accepted_yet():
    world = World()
    contract = world.framework(accept=False)
    (step,) = trace_up(world.at(), contract)
    assert step.accepted is None


def test_goods_without_a_maker_lead_to_their_call_off(world):
    sent = world.dispatch("Hub", "Store", unknown={"1": 20}, calloff=world.order, waybill="W-8")
    receipt = world.receive("Store", dispatch=sent, unknown={"1": 20}, calloff=world.order, waybill="W-8")
    assert path(world, receipt) == [world.contract, world.order, sent, receipt]
    steps = trace_up(world.at(), receipt)
    assert "20 pieces of line 1, maker unknown to Store" in steps[2].says
    assert "20 pieces of line 1, maker unknown in good order" in steps[3].says


def test_a_receipt_without_a_dispatch_has_no_dispatch_on_its_path(world):
    receipt = world.receive("Store", {world.h1: 1}, waybill="W-9")
    assert path(world, receipt) == [world.contract, world.order, world.hub, world.h1, receipt]


def test_what_was_received_off_the_waybill_is_on_the_path_as_well(world):
    extra = world.sign_off(world.asha, "A2", 10)
    receipt = world.receive("Store", {extra: 10}, world.sent, waybill="W-7b")
    assert path(world, receipt)[-3:] == [world.sent, extra, receipt]


def test_lots_of_a_lot_a_dispatch_and_a_receipt(world):
    at = world.at()
    for statement in (world.sent, world.receipt):
        assert [lot.id for lot in lots_of(at, statement)] == [world.a1, world.h1]
    assert [lot.id for lot in lots_of(at, world.a1)] == [world.a1]
    assert lots_of(at, world.order) == ()
    loose = world.dispatch("Hub", "Store", unknown={"1": 20}, calloff=world.order)
    assert lots_of(world.at(), loose) == ()


def test_an_earlier_cancellation_withdrawal_or_sample_is_on_a_path_as_well():
    """Each is one of several about the same promise, of which the last is not the only one."""
    world = World()
    world.framework(ceiling=1000, roles={"inspectors": ["Ines"]})
    order = world.accepted(world.calloff(1000))
    part = world.accepted(world.allot(order, "Asha", 600))
    said = [world.sample(part, decision) for decision in ("fail", "pass")]
    said += [world.withdraw(part, quantity) for quantity in (100, 200)]
    said += [world.cancel(order, quantity) for quantity in (10, 20)]
    for statement in said:
        assert path(world, statement)[-1] == statement


def test_an_erasure_of_the_contract_itself_is_on_a_path():
    world = World()
    contract = world.framework(ceiling=1000)
    erasure = world.erase("Agency", contract, "c" * 64)
    part = situation_around(world.state, erasure, [contract])
    assert [step.statement for step in trace_up(part, erasure)] == [contract, erasure]


def test_what_stands_under_no_contract_or_another_is_not_on_any_path(world):
    at = world.at()
    world.framework(reference="LTA-8")
    for statement in (world.log[0].id, world.log[1].id, world.contract, StatementId("ab" * 32)):
        with pytest.raises(NotFound, match="not on any path"):
            trace_up(at, statement)


def test_the_contract_a_statement_stands_under(world):
    first = world.contract
    second = world.framework(reference="LTA-8")
    for statement in (first, world.order, acceptance(world, world.asha), world.a1, world.receipt):
        assert contract_under(world.state, statement) == first
    assert contract_under(world.state, second) == second
    with pytest.raises(NotFound, match="is not registered"):
        contract_under(world.state, StatementId("ab" * 32))
    with pytest.raises(NotFound, match=r"is a party\.enrolled"):
        contract_under(world.state, world.log[1].id)
