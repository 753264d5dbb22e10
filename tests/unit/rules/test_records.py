"""Records and the fold: what is stored and read back is what was folded, byte for byte and finding for finding."""

import msgspec
import pytest

from ledger.rules.admit import fold
from ledger.rules.catalogue import Odd
from ledger.rules.findings import contract_findings
from ledger.rules.records import TYPES, Kind, Lot, decode_record, encode_record
from ledger.rules.state import MemoryState, digest, memory_digest
from tests.support.world import World


class Stored(MemoryState):
    """A fold whose every record has been through its bytes, as in a store."""

    def apply(self, statement, known, changes):
        kept = {key: decode_record(key.kind, encode_record(record)) for key, record in changes.items()}
        super().apply(statement, known, kept)


@pytest.fixture
def world():
    """Everything there is, said from a place where the day is not the day of UTC."""
    world = World()
    world.framework(ceiling="1000 KGM", tolerance="2.5", keep_apart=["ordering and receiving"])
    order = world.accepted(world.calloff("1000 KGM", due="2026-05-05", to="Agency"))
    part = world.accepted(world.allot(order, "Asha", "400 KGM", due="2026-05-04"))
    lot = world.sign_off(part, "A1", "300.5 KGM", checks=[], at="2026-05-05T01:00:00+05:30")
    sent = world.dispatch("Asha", "Agency", {lot: "300.5 KGM"}, at="2026-05-05T02:00:00+05:30")
    world.dispatch("Prime", "Agency", unknown={"1": "2 KGM"}, calloff=order)
    world.receive(
        "Agency", {lot: ("290 KGM", "1 KGM", "9.5 KGM", "0 KGM")}, sent, at="2026-05-06T03:00:00+05:30"
    )
    return world


def refold(state, log):
    for recorded in log:
        fold(state, recorded)
    return state


def test_every_kind_of_record_is_read_back_as_it_was(world):
    kinds = set()
    for key, record in world.state.items():
        kinds.add(key.kind)
        assert decode_record(key.kind, encode_record(record)) == record
        assert repr(decode_record(key.kind, encode_record(record))) == repr(record)  # offsets and zeros too
    assert kinds == set(Kind) == set(TYPES)


def test_findings_are_the_same_from_stored_records(world):
    stored = refold(Stored(), world.log)
    assert memory_digest(stored) == memory_digest(world.state)
    found = contract_findings(world.state, world.contract)
    assert contract_findings(stored, world.contract) == found
    assert {Odd.LATE_SIGN_OFF, Odd.LATE_DELIVERY} <= {finding.odd for finding in found}


def test_days_are_the_signers_own(world):
    """01:00 of the 5th in India is the 4th in UTC; due on the 4th, the lot is a day late by its maker's calendar."""
    (late,) = world.findings(Odd.LATE_SIGN_OFF)
    assert dict(late.figures)["signed off"] == "2026-05-05"


def test_folded_again_from_the_log_the_state_is_equal_byte_for_byte(world):
    assert memory_digest(refold(MemoryState(), world.log)) == memory_digest(world.state)


def test_the_digest_tells_any_change(world):
    items = [(key, encode_record(record)) for key, record in world.state.items()]
    base = digest(items)
    assert digest(reversed(items)) == base
    assert digest(items[1:]) != base
    for position, (key, data) in enumerate(items):
        changed = [*items[:position], (key, data + b"\0"), *items[position + 1 :]]
        assert digest(changed) != base


def test_a_record_of_one_kind_does_not_read_as_another(world):
    (lot,) = world.state.scan(world.contract, Kind.LOT)
    assert isinstance(lot, Lot)
    with pytest.raises(msgspec.MsgspecError):
        decode_record(Kind.CALLOFF, encode_record(lot))


def test_records_are_scanned_in_the_order_of_their_names(world):
    names = [party.party for party in world.state.scan(world.contract, Kind.MEMBER)]
    assert names == sorted(names)
    assert len(names) == 3
