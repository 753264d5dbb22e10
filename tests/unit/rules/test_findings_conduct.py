"""Findings on who did what (F15, F35, F37 to F39): duties, disputes, proxies, what was taken back or erased."""

import re

import pytest

from ledger.rules.catalogue import Odd
from ledger.rules.findings import log_findings
from tests.support.world import World, party


@pytest.fixture
def world():
    return begun()


def begun(*apart):
    world = World()
    roles = {"inspectors": ["Ines", "Asha", "Hub"], "payers": ["Agency", "Store"]}
    world.framework(ceiling=1000, keep_apart=list(apart), roles=roles)
    world.order = world.accepted(world.calloff(1000))
    world.part = world.accepted(world.allot(world.order, "Asha", 400))
    world.lot = world.sign_off(world.part, "A1", 300)
    return world


def delivered(world):
    return world.receive("Store", {world.lot: 300}, world.dispatch("Asha", "Store", {world.lot: 300}))


def only(world, odd, **how):
    (finding,) = world.findings(odd, **how)
    return finding


# F15


def test_f15_a_maker_does_not_inspect_its_own_lot():
    world = begun("making and inspecting")
    world.inspect(world.lot)
    assert not world.findings(Odd.NOT_APART)
    inspection = world.inspect(world.lot, by="Asha")
    finding = only(world, Odd.NOT_APART)
    assert finding.statements == (world.lot, inspection, world.contract)
    assert finding.message.endswith("made or signed it off, and inspected it")
    world.correct("Asha", inspection)
    assert not world.findings(Odd.NOT_APART)


def test_f15_nor_decides_on_its_own_first_sample():
    world = begun("making and inspecting")
    sample = world.sample(world.part, by="Asha")
    finding = only(world, Odd.NOT_APART)
    assert finding.statements == (world.lot, sample, world.contract)
    assert finding.message.endswith("decided on its first sample")
    world.sample(world.part, by="Ines")
    assert not world.findings(Odd.NOT_APART)


def test_f15_nor_does_whoever_signed_the_lot_off_for_its_maker():
    world = begun("making and inspecting")
    lent = world.delegate("Asha", "Hub")
    lot = world.sign_off(world.part, "A2", 10, by="Hub", delegation=lent)
    world.inspect(world.lot, by="Hub")
    assert not world.findings(Odd.NOT_APART)
    world.inspect(lot, by="Hub")
    assert only(world, Odd.NOT_APART).statements[0] == lot


def test_f15_who_received_does_not_pay():
    world = begun("receiving and paying")
    receipt = delivered(world)
    decision = world.decide(receipt, {world.lot: 300})
    world.pay(decision, 200)
    assert not world.findings(Odd.NOT_APART)
    payment = world.pay(decision, 100, by="Store")
    finding = only(world, Odd.NOT_APART)
    assert finding.statements == (payment, receipt, world.contract)
    assert "payment P-1: Store (…" in finding.message
    world.correct("Store", payment)
    assert not world.findings(Odd.NOT_APART)


def test_f15_duties_the_contract_does_not_keep_apart_may_be_held_together(world):
    receipt = delivered(world)
    world.inspect(world.lot, by="Asha")
    world.pay(world.decide(receipt, {world.lot: 300}), 100, by="Store")
    world.receive("Agency", unknown={"1": 5}, calloff=world.order)
    assert not world.findings(Odd.NOT_APART)


# F35


def test_f35_a_dispute_until_it_is_resolved(world):
    receipt = delivered(world)
    dispute = world.dispute("Prime", receipt)
    finding = only(world, Odd.DISPUTED)
    assert finding.statements == (dispute, receipt)
    assert finding.message.endswith(f"on {receipt[:12]}: It was 40 more.")
    assert "Count again." in finding.closes
    world.resolve(dispute, by="Agency")
    assert not world.findings(Odd.DISPUTED)


def test_f35_names_against_whom_a_dispute_is(world):
    world.dispute("Prime", delivered(world), against="Store")
    assert re.match(r"Prime \(…\w{8}\) against Store \(…\w{8}\), on ", only(world, Odd.DISPUTED).message)


def test_f35_a_dispute_that_was_taken_back(world):
    world.correct("Prime", world.dispute("Prime", world.lot))
    assert not world.findings(Odd.DISPUTED)


# F37


def test_f37_a_signature_by_proxy_until_it_is_confirmed(world):
    lent = world.delegate("Asha", "Hub")
    lot = world.sign_off(world.part, "A2", 10, by="Hub", delegation=lent)
    sent = world.dispatch("Hub", "Store", {lot: 10}, delegation=lent)
    assert {one.statements for one in world.findings(Odd.PROXY_UNCONFIRMED)} == {(lot, lent), (sent, lent)}
    world.confirm("Asha", lot)
    finding = only(world, Odd.PROXY_UNCONFIRMED)
    assert finding.statements == (sent, lent)
    assert f"for Asha (…{party('Asha')[-8:]}), who has not confirmed it" in finding.message
    world.confirm("Asha", sent)
    assert not world.findings(Odd.PROXY_UNCONFIRMED)


# F38


def test_f38_shows_every_fact_that_was_taken_back_and_what_stands_instead(world):
    wrong = world.dispatch("Asha", "Store", {world.lot: 3000})
    assert not world.findings(Odd.CORRECTED)
    right = world.dispatch("Asha", "Store", {world.lot: 300})
    correction = world.correct("Asha", wrong, right)
    finding = only(world, Odd.CORRECTED)
    assert finding.statements == (wrong, correction, right)
    assert (
        f"took back the delivery.dispatched {wrong[:12]}: incorrect data; {right[:12]} stands"
        in finding.message
    )
    assert not world.findings(Odd.SENT_BEYOND_RELEASED)
    receipt = world.receive("Store", {world.lot: 300}, right)
    gone = world.correct("Store", receipt)
    assert (receipt, gone) in {one.statements for one in world.findings(Odd.CORRECTED)}


def test_f03_a_receipt_of_a_dispatch_that_was_taken_back(world):
    sent = world.dispatch("Asha", "Store", {world.lot: 300})
    receipt = world.receive("Store", {world.lot: 300}, sent)
    assert not world.findings(Odd.NO_DISPATCH)
    world.correct("Asha", sent)
    finding = only(world, Odd.NO_DISPATCH)
    assert finding.statements == (receipt, sent)
    assert "goods whose dispatch was taken back" in finding.message


# F39


def test_f39_once_for_each_statement_of_which_something_was_erased(world):
    receipt = delivered(world)
    payment = world.pay(world.decide(receipt, {world.lot: 300}), 1, {"commitment": "d" * 64})
    assert not world.findings(Odd.ERASED)
    first = world.erase("Agency", payment, "d" * 64)
    finding = only(world, Odd.ERASED)
    assert finding.message.endswith("the openings of 1 commitment were destroyed: On request.")
    assert dict(finding.figures) == {"commitments": "1", "content": "kept"}
    assert finding.closes == "nothing: it was erased on that ground; its digest and every proof of it stay"
    second = world.erase("Agency", payment, contents=True)
    assert only(world, Odd.ERASED).statements == (payment, first, second)


def test_f39_counts_the_commitments(world):
    world.erase("Agency", delivered(world), "d" * 64, "e" * 64)
    assert "the openings of 2 commitments were destroyed" in only(world, Odd.ERASED).message


def test_f39_says_nothing_of_contents_but_that_they_are_ordered_erased(world):
    """An order can be seen in the state; whether it was carried out, only in the log the contents lie in."""
    receipt = delivered(world)
    world.erase("Agency", receipt, contents=True)
    finding = only(world, Odd.ERASED)
    assert finding.message.endswith(", its content is ordered erased: On request.")
    assert dict(finding.figures) == {"commitments": "0", "content": "ordered erased"}
    assert finding.closes.startswith("`tally purge` destroys the content if it is still there")


def test_f39_what_was_erased_of_a_party_is_found_over_the_whole_log(world):
    target = world.enrolment("Asha")
    erasure = world.erase("Asha", target, "d" * 64, sub=party("Asha"))
    assert not world.findings(Odd.ERASED)
    (finding,) = log_findings(world.state, [])
    assert (finding.odd, finding.statements) == (Odd.ERASED, (target, erasure))
