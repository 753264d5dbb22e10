"""Records and the fold: what is stored and read back is what was folded, byte for byte."""

from datetime import UTC, date

import msgspec
import pytest

from ledger.rules.admit import fold
from ledger.rules.records import TYPES, Kind, Lot, decode_record, encode_record
from ledger.rules.state import MemoryState, digest, memory_digest
from tests.support.everything import everything


class Stored(MemoryState):
    """A fold whose every record has been through its bytes, as in a store."""

    def apply(self, statement, known, changes):
        kept = {key: decode_record(key.kind, encode_record(record)) for key, record in changes.items()}
        super().apply(statement, known, kept)


@pytest.fixture(scope="module")
def world():
    return everything()


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


def test_the_state_is_the_same_from_stored_records(world):
    """What is decided on a stored record is what is decided on the one that was stored."""
    stored = refold(Stored(), world.log)
    assert memory_digest(stored) == memory_digest(world.state)
    assert dict(stored.items()) == dict(world.state.items())


def test_days_are_the_signers_own(world):
    """01:00 of the 5th in India is the 4th in UTC."""
    lot, _ = sorted(world.state.scan(world.contract, Kind.LOT), key=lambda lot: lot.name)
    assert lot.signed_off == date(2026, 5, 5)
    receipt = next(world.state.scan(world.contract, Kind.RECEIPT))
    assert (receipt.received, receipt.at.day, receipt.at.tzinfo) == (date(2026, 5, 6), 5, UTC)


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
    lot = next(world.state.scan(world.contract, Kind.LOT))
    assert isinstance(lot, Lot)
    with pytest.raises(msgspec.MsgspecError):
        decode_record(Kind.CALLOFF, encode_record(lot))


def test_records_are_scanned_in_the_order_of_their_names(world):
    names = [party.party for party in world.state.scan(world.contract, Kind.MEMBER)]
    assert names == sorted(names)
    assert len(names) == 5
