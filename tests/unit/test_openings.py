"""Openings on disk: owner-only, durable before they are needed, and gone when they are destroyed."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger import durable, openings
from ledger.errors import Ambiguous, MalformedDisclosure, NotFound
from ledger.openings import OpeningStore, choose
from ledger.statement import cbor
from ledger.statement.commitment import Opening, Pointer
from ledger.units import StatementId

ID = StatementId("ab" * 32)
OTHER = StatementId("abcd" * 16)
SECRET = "INR 55, whisper it"


def opening(name: str, value: Any = SECRET) -> Opening:
    return Opening(Pointer(f"/body/{name}"), name.ljust(32, "s").encode(), value)


NAME, PHONE, PRICE = opening("name"), opening("phone"), opening("price")


@pytest.fixture
def store(tmp_path: Path) -> OpeningStore:
    return OpeningStore(tmp_path / "keys" / "openings")


@pytest.fixture
def kept(store: OpeningStore) -> OpeningStore:
    store.keep(ID, [PRICE, NAME, PHONE])
    return store


def on_disk(store: OpeningStore) -> bytes:
    return b"".join(path.read_bytes() for path in store.folder.rglob("*") if path.is_file())


def test_what_is_kept_is_read_back_by_place(kept: OpeningStore) -> None:
    assert kept.read(ID) == (NAME, PHONE, PRICE)


def test_the_file_is_what_the_page_says(kept: OpeningStore) -> None:
    [path] = kept.folder.iterdir()
    assert path.name == f"{ID}.openings"
    assert cbor.decode(path.read_bytes()) == {
        "openings": 1,
        "statement": bytes.fromhex(ID),
        "values": [[one.pointer, one.salt, f'"{SECRET}"'.encode()] for one in (NAME, PHONE, PRICE)],
    }


def test_folder_and_files_are_their_owner_s_only(kept: OpeningStore) -> None:
    kept.destroy(ID, [NAME.pointer])
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in kept.folder.iterdir()] == [0o600]


def test_a_wide_umask_does_not_open_the_files(store: OpeningStore) -> None:
    before = os.umask(0)
    try:
        store.keep(ID, [PRICE])
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in store.folder.iterdir()] == [0o600]


def test_keeping_is_synced_down_to_the_new_folder(
    store: OpeningStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    for module in (durable, openings):
        monkeypatch.setattr(module, "sync_folder", synced.append)
    store.folder.parent.mkdir()
    store.keep(ID, [PRICE])
    assert synced == [store.folder.parent, store.folder]


def test_all_of_a_statement_s_openings_are_destroyed(kept: OpeningStore) -> None:
    kept.keep(OTHER, [opening("name", "somebody else")])
    assert kept.destroy(ID) == (NAME, PHONE, PRICE)
    assert [path.stem for path in kept.folder.iterdir()] == [OTHER]
    assert SECRET.encode() not in on_disk(kept)
    with pytest.raises(NotFound, match="no openings are kept"):
        kept.read(ID)


def test_some_are_destroyed_and_the_others_stay(kept: OpeningStore) -> None:
    assert kept.destroy(ID, [PHONE.pointer, NAME.pointer]) == (NAME, PHONE)
    assert kept.read(ID) == (PRICE,)
    data = on_disk(kept)
    assert PRICE.salt in data
    assert NAME.salt not in data
    assert PHONE.salt not in data


def test_the_last_one_destroyed_takes_the_file_with_it(kept: OpeningStore) -> None:
    for one in (NAME, PHONE, PRICE):
        kept.destroy(ID, [one.pointer])
    assert list(kept.folder.iterdir()) == []


def test_nothing_is_destroyed_when_one_of_the_places_is_wrong(kept: OpeningStore) -> None:
    with pytest.raises(NotFound, match="/body/fax"):
        kept.destroy(ID, [NAME.pointer, "/body/fax"])
    assert kept.read(ID) == (NAME, PHONE, PRICE)


def test_what_is_not_there_cannot_be_destroyed(store: OpeningStore) -> None:
    with pytest.raises(NotFound):
        store.destroy(ID)
    assert not store.folder.exists()


def test_destroying_returns_after_the_folder_is_synced(
    kept: OpeningStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[bool] = []
    monkeypatch.setattr(openings, "sync_folder", lambda folder: there.append(any(folder.iterdir())))
    kept.destroy(ID)
    assert there == [False], "synced once, when the file was gone"


def test_a_failing_disk_is_told_and_nothing_is_lost(
    kept: OpeningStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        kept.destroy(ID, [NAME.pointer])
    monkeypatch.undo()
    assert kept.read(ID) == (NAME, PHONE, PRICE)


@pytest.mark.parametrize(
    "change", [lambda store: store.destroy(OTHER), lambda store: store.keep(OTHER, [NAME])]
)
def test_what_a_killed_process_left_half_written_goes_with_the_next_change(
    kept: OpeningStore, change: Callable[[OpeningStore], object]
) -> None:
    """Otherwise a destroyed value could stay in a file that nobody looks at."""
    kept.keep(OTHER, [PRICE])
    (kept.folder / f"{ID}.openings.new").write_bytes(b"half of a secret")
    change(kept)
    assert b"half of a secret" not in on_disk(kept)
    assert kept.read(ID) == (NAME, PHONE, PRICE)


def test_two_that_destroy_at_once_do_not_bring_back_what_the_other_removed(store: OpeningStore) -> None:
    many = [opening(f"field{number}") for number in range(24)]
    store.keep(ID, many)
    threads = [threading.Thread(target=store.destroy, args=(ID, [one.pointer])) for one in many[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read(ID) == (many[0],)


def test_a_statement_is_found_by_the_beginning_of_its_id(kept: OpeningStore) -> None:
    assert kept.find("abab") == kept.find(ID) == ID
    kept.keep(OTHER, [PRICE])
    assert kept.find("abcd") == OTHER
    (kept.folder / "abcdef.openings").write_bytes(b"not one of ours")
    assert kept.find("abcd") == OTHER
    for nothing in ("abc", "", "ffff", "../x"):
        with pytest.raises(NotFound):
            kept.find(nothing)


def test_a_beginning_that_fits_several_is_ambiguous(kept: OpeningStore) -> None:
    kept.keep(StatementId("abab" + "c" * 60), [PRICE])
    with pytest.raises(Ambiguous):
        kept.find("abab")


def broken(data: bytes) -> dict[str, bytes]:
    content = cbor.decode(data)
    return {
        "empty": b"",
        "cut": data[:-1],
        "longer": data + b"\0",
        "text": b'{"openings": 1}',
        "version 2": cbor.encode({**content, "openings": 2}),
        "version true": cbor.encode({**content, "openings": True}),
        "another statement's": cbor.encode({**content, "statement": bytes(32)}),
        "one member more": cbor.encode({**content, "note": "x"}),
        "no values": cbor.encode({**content, "values": []}),
        "a value twice": cbor.encode({**content, "values": content["values"][:1] * 2}),
        "a short salt": cbor.encode({**content, "values": [["/body/name", b"short", b"1"]]}),
        "too long": data + bytes(4 * 1024 * 1024),
    }


@pytest.mark.parametrize("fault", broken(cbor.encode({"values": [0]})))
def test_nothing_malformed_is_tolerated_nor_quoted(kept: OpeningStore, fault: str) -> None:
    [path] = kept.folder.iterdir()
    path.write_bytes(broken(path.read_bytes())[fault])
    for act in (kept.read, kept.destroy):
        with pytest.raises(MalformedDisclosure, match="is damaged") as caught:
            act(ID)
        assert SECRET not in caught.value.diagnostics()
        assert str(path) in caught.value.diagnostics()
    assert path.exists(), "only its owner deletes what cannot be read"


def test_a_flipped_bit_is_never_another_opening_unnoticed(kept: OpeningStore) -> None:
    """A file may still read, with another salt or value; then its digest is another, and no statement has it."""
    [path] = kept.folder.iterdir()
    data = path.read_bytes()
    sound = {one.pointer: one.digest for one in kept.read(ID)}
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :])
        try:
            read = {one.pointer: one.digest for one in kept.read(ID)}
        except MalformedDisclosure:
            continue
        assert read != sound


def test_choosing_names_what_is_missing_and_what_is_there() -> None:
    assert choose([NAME, PRICE], [PRICE.pointer], ID) == (PRICE,)
    with pytest.raises(NotFound) as caught:
        choose([NAME, PRICE], [PHONE.pointer, PRICE.pointer], ID)
    told = caught.value.diagnostics()
    assert PHONE.pointer in told.splitlines()[0]
    assert NAME.pointer in told
    assert SECRET not in told
