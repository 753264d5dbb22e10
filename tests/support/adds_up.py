"""What holds at every place in the log: the fold's sums are those of the statements, and no level goes beyond the one
above it."""

from collections import Counter
from datetime import date
from fractions import Fraction

from ledger.rules.records import Key, Kind
from ledger.rules.state import MemoryState
from tests.support.naive import Naive, Said
from tests.support.naive.contracts import Terms
from tests.support.naive.said import amount, most

OFFERS = ("calloff.issued", "allocation.offered")


def one_more_adds_up(naive: Naive, state: MemoryState, one: Said) -> None:
    """Looks at what an admitted statement moved."""
    if one.type == "framework.accepted":
        calls_stay_within_the_ceilings(naive, state, naive.contract(one))
        return
    moved = one if one.type in OFFERS else naive.referred(one, "calloff") or naive.referred(one, "allocation")
    if moved is None or one.type not in {
        *OFFERS,
        "calloff.cancelled",
        "allocation.withdrawn",
        "batch.signed_off",
    }:
        return
    for level in (moved, *naive.above(moved)):
        an_offer_adds_up(naive, state, level)
    if one.type.startswith("calloff."):
        calls_stay_within_the_ceilings(naive, state, naive.contract(one))
    if one.type == "batch.signed_off":
        a_delegation_adds_up(naive, state, one)


def all_adds_up(naive: Naive, state: MemoryState) -> None:
    """Looks at everything."""
    for contract in naive.of("framework.signed"):
        calls_stay_within_the_ceilings(naive, state, contract)
        offers = list(naive.of(*OFFERS, under=contract))
        kept = [
            record for kind in (Kind.CALLOFF, Kind.ALLOCATION) for record in state.scan(contract.id, kind)
        ]
        assert {record.id for record in kept} == {offer.id for offer in offers}
        for offer in offers:
            an_offer_adds_up(naive, state, offer)
    lots = Counter((naive.who(lot), lot.body["lot"]) for lot in naive.of("batch.signed_off"))
    assert all(times == 1 for times in lots.values()), "a maker used a lot id twice"


def an_offer_adds_up(naive: Naive, state: MemoryState, offer: Said) -> None:
    """What is promised on, and what is signed off here and below, stays within what is promised here; where less
    is left than was promised on, something was taken back."""
    kind = Kind.CALLOFF if offer.type == "calloff.issued" else Kind.ALLOCATION
    record = state.get(Key(naive.under(offer), kind, offer.id))
    percent = max(terms.tolerance for terms in ever(naive, naive.contract(offer)))
    for line, (_, unit) in offer.lines().items():
        promised, allotted = naive.promised(offer, line), naive.allotted(offer, line)
        released, signed_off = naive.released(offer, line), naive.signed_off(offer, line)
        share = record.line(line)
        kept = [Fraction(x) for x in (share.quantity, share.allotted, share.released, share.below)]
        assert kept == [promised, allotted, released, signed_off - released], (
            f"other sums are kept of {offer}"
        )
        assert signed_off <= most(promised, unit, percent), f"more is signed off than promised: {offer}"
        if not naive.taken_back(offer):
            assert allotted <= promised, f"more is promised on than promised: {offer}"
            assert released <= most(promised - allotted, unit, percent), f"more is made than is left: {offer}"


def calls_stay_within_the_ceilings(naive: Naive, state: MemoryState, contract: Said) -> None:
    record = state.get(Key(contract.id, Kind.FRAMEWORK, contract.id))
    assert {line.line for line in record.lines} == naive.terms(contract).lines.keys()
    for line in record.lines:
        called = naive.called(contract, line.line)
        assert Fraction(line.called) == called, f"another sum is called off of line {line.line}"
        limits = [
            naive.ceiling(terms, line.line) for terms in ever(naive, contract) if line.line in terms.lines
        ]
        assert None in limits or called <= max(limits), f"line {line.line} is called off beyond its ceiling"


def a_delegation_adds_up(naive: Naive, state: MemoryState, lot: Said) -> None:
    granted = naive.referred(lot, "delegation")
    if granted is None:
        return
    used, limit = naive.used(granted), granted.body.get("most")
    record = state.get(Key(granted.sub, Kind.DELEGATION, granted.id))
    assert limit is None or Fraction(record.used) == used <= amount(limit)[0], (
        f"too much is lent by {granted}"
    )


def ever(naive: Naive, contract: Said) -> list[Terms]:
    """The terms on every day on which they change, and before."""
    return [naive.terms(contract, day) for day in (date.min, *naive.days(contract))]
