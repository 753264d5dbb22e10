"""What every store guarantees (ledger/log/store/protocol.py), whatever it is built on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.errors import LogInconsistent
from ledger.log.store.protocol import FullTile, Row, Store, StoredCheckpoint
from ledger.log.store.sqlite import SqliteStore
from ledger.rules.records import Calloff, Key, Kind, LotName, Member, Party, Record, Share, encode_record
from ledger.rules.state import Known
from ledger.units import Entry, Hash, LeafIndex, PartyId, StatementId, TreeSize

Opener = Callable[[], Store]


def sqlite_backend(folder: Path) -> tuple[Store, Opener]:
    path = folder / "log.sqlite3"
    return SqliteStore.create(path), lambda: SqliteStore(path, writable=False)


BACKENDS = {"sqlite": sqlite_backend}


@pytest.fixture(params=BACKENDS.values(), ids=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Opener]]:
    store, reader = request.param(tmp_path)
    with closing(store):
        yield store, reader


@pytest.fixture
def store(backend: tuple[Store, Opener]) -> Store:
    return backend[0]


@pytest.fixture
def reader(backend: tuple[Store, Opener]) -> Opener:
    """Opens another reader of the same store."""
    return backend[1]


def statement(number: int) -> bytes:
    return b"statement %d" % number


def id_at(number: int) -> StatementId:
    return StatementId(sha256(statement(number)).hexdigest())


def row(number: int, contract: int | None = None) -> Row:
    return Row(
        LeafIndex(number),
        Entry(sha256(statement(number)).digest()),
        sha256(b"chain %d" % number).digest(),
        1_777_900_000 + number,
        "batch.signed_off" if contract is not None else "party.enrolled",
        None if contract is None else LeafIndex(contract),
        statement(number),
    )


def checkpoint(size: int) -> StoredCheckpoint:
    return StoredCheckpoint(
        TreeSize(size), Hash(sha256(b"root %d" % size).digest()), f"note {size}\n".encode()
    )


def tile(level: int, index: int) -> FullTile:
    hashes = b"".join(sha256(b"%d/%d/%d" % (level, index, n)).digest() for n in range(256))
    return FullTile(level, index, Hash(sha256(hashes).digest()), hashes)


def put(
    store: Store,
    rows: Sequence[Row],
    *,
    records: dict[Key, Record] | None = None,
    tiles: Sequence[FullTile] = (),
) -> None:
    transaction = store.begin()
    transaction.insert(rows)
    transaction.put_tiles(tiles)
    transaction.put_records(records or {})
    transaction.swap_checkpoint(store.latest_checkpoint(), checkpoint(rows[-1].index + 1))
    transaction.commit()


def member(name: str, *roles: str) -> Member:
    return Member(PartyId(name), roles, since=(id_at(1),) * len(roles))


def enrolled(name: str) -> Party:
    return Party(PartyId(name), id_at(0), "maker", "IN", None, (), (), 0, ())


CONTRACT = id_at(1)


# A transaction


def test_an_empty_store_says_so(store: Store) -> None:
    assert store.size() == 0
    assert store.latest_checkpoint() is None
    assert store.row(LeafIndex(0)) is None
    assert store.entries(LeafIndex(0), LeafIndex(9)) == []
    assert list(store.state()) == []
    store.check()


def test_what_is_committed_is_there_for_everyone(store: Store, reader: Opener) -> None:
    put(store, [row(0), row(1)], tiles=[tile(0, 0)], records={Key("", Kind.MEMBER, "a"): member("a")})
    with closing(reader()) as other:
        for view in (store, other):
            assert view.size() == 2
            assert [view.row(LeafIndex(n)) for n in (0, 1, 2)] == [row(0), row(1), None]
            assert view.latest_checkpoint() == checkpoint(2)
            assert view.tile(0, 0) == tile(0, 0)
            assert view.get(Key("", Kind.MEMBER, "a")) == member("a")
            view.check()


def test_nothing_is_seen_before_the_commit_and_nothing_after_abandoning(store: Store, reader: Opener) -> None:
    put(store, [row(0)])
    transaction = store.begin()
    transaction.insert([row(1)])
    transaction.put_tiles([tile(0, 0)])
    transaction.put_records({Key("", Kind.MEMBER, "a"): member("a")})
    transaction.swap_checkpoint(checkpoint(1), checkpoint(2))
    with closing(reader()) as other:
        assert (other.size(), other.latest_checkpoint()) == (1, checkpoint(1))
    transaction.abandon()
    transaction.abandon()  # never raises
    with closing(reader()) as other:
        for view in (store, other):
            assert view.size() == 1
            assert view.row(LeafIndex(1)) is None
            assert view.index_of(id_at(1)) is None
            assert view.latest_checkpoint() == checkpoint(1)
            assert view.tile(0, 0) is None
            assert list(view.state()) == []


def test_after_an_abandoned_transaction_the_next_one_works(store: Store) -> None:
    store.begin().abandon()
    put(store, [row(0)])
    assert store.size() == 1


def test_one_refused_row_takes_its_whole_transaction_with_it(store: Store, reader: Opener) -> None:
    put(store, [row(0)])
    transaction = store.begin()
    transaction.insert([row(1)])
    with pytest.raises(Exception, match="UNIQUE"):
        transaction.insert([row(2), row(0)._replace(index=LeafIndex(3))])
    transaction.abandon()
    with closing(reader()) as other:
        assert other.size() == 1


def test_the_same_statement_is_never_kept_at_two_places(store: Store) -> None:
    put(store, [row(0)])
    transaction = store.begin()
    with pytest.raises(Exception, match="UNIQUE"):
        transaction.insert([row(0)._replace(index=LeafIndex(1))])
    transaction.abandon()


def test_reading_back_gives_the_rows_of_the_open_transaction_in_order(store: Store) -> None:
    put(store, [row(0), row(1)])
    transaction = store.begin()
    transaction.insert([row(2, contract=1), row(3)])
    assert list(transaction.read_back(LeafIndex(2))) == [row(2, contract=1), row(3)]
    assert list(transaction.read_back(LeafIndex(1))) == [row(1), row(2, contract=1), row(3)]
    transaction.abandon()


def test_a_checkpoint_is_stored_only_over_the_one_it_extends(store: Store) -> None:
    put(store, [row(0)])
    put(store, [row(1)])
    for stale in (None, checkpoint(1), checkpoint(2)._replace(note=b"another note")):
        transaction = store.begin()
        with pytest.raises(LogInconsistent, match="size 2") as caught:
            transaction.swap_checkpoint(stale, checkpoint(3))
        assert caught.value.expected.startswith(f"size {stale.size if stale else 0}")
        transaction.abandon()
    assert store.latest_checkpoint() == checkpoint(2)


def test_an_open_reader_keeps_its_size_while_the_log_grows(store: Store, reader: Opener) -> None:
    put(store, [row(0)], records={Key("", Kind.MEMBER, "a"): member("a")})
    with closing(reader()) as old:
        put(store, [row(1)], records={Key("", Kind.MEMBER, "a"): member("a", "buyer")})
        assert (old.size(), old.latest_checkpoint()) == (1, checkpoint(1))
        assert old.get(Key("", Kind.MEMBER, "a")) == member("a")
        with closing(old.at_present()) as now:
            assert (now.size(), now.latest_checkpoint()) == (2, checkpoint(2))
        assert old.size() == 1


# Reading


def test_rows_and_entries_come_in_order_from_start_to_before_stop(store: Store) -> None:
    put(store, [row(n) for n in range(4)])
    assert list(store.rows(LeafIndex(1), LeafIndex(3))) == [row(1), row(2)]
    assert list(store.rows(LeafIndex(2), LeafIndex(99))) == [row(2), row(3)]
    assert list(store.rows(LeafIndex(3), LeafIndex(3))) == []
    assert store.entries(LeafIndex(1), LeafIndex(4)) == [row(n).entry for n in (1, 2, 3)]


def test_a_statement_is_found_by_its_id(store: Store) -> None:
    put(store, [row(n) for n in range(5)])
    assert [store.index_of(id_at(n)) for n in (0, 4, 5)] == [0, 4, None]


def test_many_statements_are_found_at_once(store: Store) -> None:
    put(store, [row(n) for n in range(1_200)])
    asked = [id_at(n) for n in range(100, 1_300)]
    assert store.indices_of(asked) == {id_at(n): n for n in range(100, 1_200)}
    assert store.indices_of([]) == {}


@pytest.mark.parametrize("digits", [4, 5, 63, 64])
def test_ids_are_found_by_an_even_or_odd_prefix(store: Store, digits: int) -> None:
    put(store, [row(n) for n in range(300)])
    every = [id_at(n) for n in range(300)]
    for one in every[:20]:
        found = store.ids_with_prefix(one[:digits], 500)
        assert sorted(found) == sorted(other for other in every if other.startswith(one[:digits]))


def test_a_prefix_answers_at_most_as_many_as_asked_for(store: Store) -> None:
    put(store, [row(n) for n in range(300)])
    first = id_at(0)[0]
    assert len(store.ids_with_prefix(first, 3)) == 3


def test_what_a_registered_statement_is(store: Store) -> None:
    put(store, [row(0), row(1, contract=1), row(2, contract=1)])
    assert store.known(id_at(0)) == Known(LeafIndex(0), "party.enrolled", "")
    assert store.known(id_at(1)) == Known(LeafIndex(1), "batch.signed_off", CONTRACT)
    assert store.known(id_at(2)) == Known(LeafIndex(2), "batch.signed_off", CONTRACT)
    assert store.known(id_at(3)) is None


def test_the_entries_of_a_contract_are_its_own_and_in_order(store: Store) -> None:
    rows = [row(0), row(1, contract=1), row(2, contract=2), row(3, contract=1), row(4, contract=2)]
    put(store, rows)
    assert store.contract_indices(id_at(1)) == [1, 3]
    assert store.contract_indices(id_at(2)) == [2, 4]
    assert store.contract_indices(id_at(0)) == []  # registered, no contract
    assert store.contract_indices(id_at(9)) == []  # not registered
    assert store.contracts() == [id_at(1), id_at(2)]


def test_checkpoints_are_kept_all_and_found_by_what_they_cover(store: Store) -> None:
    put(store, [row(0)])
    put(store, [row(1), row(2)])
    put(store, [row(3)])
    assert list(store.checkpoints()) == [checkpoint(1), checkpoint(3), checkpoint(4)]
    covering = [store.checkpoint_covering(LeafIndex(n)) for n in range(5)]
    assert covering == [checkpoint(1), checkpoint(3), checkpoint(3), checkpoint(4), None]


def test_tiles_and_their_roots_are_kept_by_level_and_number(store: Store) -> None:
    tiles = [tile(0, 0), tile(0, 1), tile(0, 2), tile(1, 0)]
    put(store, [row(0)], tiles=tiles)
    assert [store.tile(one.level, one.index) for one in tiles] == tiles
    assert store.tile(1, 1) is None
    assert store.tile_roots(0, 1, 3) == [tile(0, 1).root, tile(0, 2).root]
    assert store.tile_roots(0, 2, 9) == [tile(0, 2).root]


# The fold

RECORDS: dict[Key, Record] = {
    Key("", Kind.PARTY, "did:key:zA"): enrolled("did:key:zA"),
    Key(CONTRACT, Kind.MEMBER, "did:key:zB"): member("did:key:zB", "maker"),
    Key(CONTRACT, Kind.MEMBER, "did:key:zA"): member("did:key:zA", "buyer", "consignee"),
    Key("", Kind.LOT_NAME, "did:key:zA L-1"): LotName(id_at(3)),
    Key(id_at(2), Kind.MEMBER, "did:key:zA"): member("did:key:zA"),
}


def test_records_come_back_as_they_were_put(store: Store) -> None:
    put(store, [row(0)], records=RECORDS)
    for key, record in RECORDS.items():
        assert store.get(key) == record
    assert store.get(Key("", Kind.MEMBER, "did:key:zA")) is None
    assert store.get(Key(id_at(7), Kind.MEMBER, "did:key:zA")) is None


def test_a_changed_record_takes_the_old_ones_place(store: Store) -> None:
    key = Key(CONTRACT, Kind.MEMBER, "did:key:zA")
    put(store, [row(0)], records=RECORDS)
    put(store, [row(1)], records={key: member("did:key:zA", "prime")})
    assert store.get(key) == member("did:key:zA", "prime")
    assert len(list(store.state())) == len(RECORDS)


def test_a_scan_gives_one_kind_of_one_contract_ordered_by_name(store: Store) -> None:
    put(store, [row(0)], records=RECORDS)
    assert list(store.scan(CONTRACT, Kind.MEMBER)) == [
        member("did:key:zA", "buyer", "consignee"),
        member("did:key:zB", "maker"),
    ]
    assert list(store.scan(CONTRACT, Kind.LOT)) == []


def test_the_state_is_every_record_with_its_key_byte_for_byte(store: Store) -> None:
    put(store, [row(0)], records=RECORDS)
    assert dict(store.state()) == {key: encode_record(record) for key, record in RECORDS.items()}


def test_decimals_keep_every_digit(store: Store) -> None:
    share = Share("1", "KGM", Decimal("123456789012345.000001"), Decimal("0.10"), Decimal(0), Decimal(0))
    due = date(2026, 6, 1)
    order = Calloff(id_at(2), "CO-1", None, (), PartyId("p"), PartyId("c"), due, due, (share,))
    key = Key(CONTRACT, Kind.CALLOFF, id_at(2))
    put(store, [row(0)], records={key: order})
    found = store.get(key)
    assert found == order
    assert encode_record(found) == encode_record(order)  # 0.10 is not 0.1, byte for byte
