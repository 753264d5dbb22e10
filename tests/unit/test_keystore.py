"""Keys on disk: encrypted, owner-only, never overwritten, and a chain that two runs do not fork."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest

from ledger.errors import Ambiguous, KeyUnavailable, KeyUnknown, MalformedKey, NotFound
from ledger.keystore import KeyStore
from ledger.statement.signer import generate_ed25519, generate_p256
from ledger.units import StatementId

PASSPHRASE = b"correct horse"


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys")


@pytest.mark.parametrize("make", [generate_ed25519, generate_p256])
def test_a_key_opens_with_its_passphrase_and_with_no_other(store: KeyStore, make: object) -> None:
    signer = make()  # type: ignore[operator]
    key = store.add("asha", signer, PASSPHRASE)
    assert store.unlock(key, PASSPHRASE).public == signer.public
    with pytest.raises(KeyUnavailable):
        store.unlock(key, b"wrong passphrase")


def test_files_are_readable_by_their_owner_only(store: KeyStore) -> None:
    store.add("asha", generate_ed25519(), PASSPHRASE)
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    for file in store.folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_no_key_is_overwritten(store: KeyStore) -> None:
    first = store.add("asha", generate_ed25519(), PASSPHRASE)
    with pytest.raises(KeyUnavailable, match="already"):
        store.add("asha", generate_ed25519(), PASSPHRASE)
    assert store.find("asha") == first


@pytest.mark.parametrize("name", ["", "A", "../x", "a/b", "a" * 65, ".hidden", "a\n"])
def test_a_name_that_is_no_file_name_is_refused(store: KeyStore, name: str) -> None:
    with pytest.raises(MalformedKey):
        store.add(name, generate_ed25519(), PASSPHRASE)


def test_a_short_passphrase_is_refused(store: KeyStore) -> None:
    with pytest.raises(KeyUnavailable, match="short"):
        store.add("asha", generate_ed25519(), b"1234567")
    assert not store.folder.exists()


def test_a_key_is_found_by_name_and_by_either_end_of_its_party_id(store: KeyStore) -> None:
    key = store.add("asha", generate_ed25519(), PASSPHRASE)
    store.add("bo", generate_p256(), PASSPHRASE)
    assert (
        store.find("asha")
        == store.find(key.party)
        == store.find(key.party[-8:])
        == store.find(key.party[:24])
        == key
    )
    with pytest.raises(NotFound, match="asha, bo"):
        store.find("carol")
    store.add("dev", generate_ed25519(), PASSPHRASE)
    with pytest.raises(Ambiguous):
        store.find("did:key:z6Mk")


def test_the_key_of_one_more_device_signs_for_the_party_it_was_made_for(store: KeyStore) -> None:
    phone = store.add("phone", generate_ed25519(), PASSPHRASE)
    signer = generate_p256()
    tablet = store.add("tablet", signer, PASSPHRASE, phone.party)
    assert (tablet.did, tablet.party) == (signer.public.did, phone.did)
    assert (phone.is_first, tablet.is_first) == (True, False)
    assert store.find("tablet") == tablet
    assert store.unlock(tablet, PASSPHRASE).public == signer.public
    assert store.advance(tablet, StatementId("ab" * 32)) == store.find("tablet")
    assert store.party("tablet") == phone.party
    assert store.did("tablet") == store.did(signer.public.did[-8:]) == signer.public.did


def test_a_partys_id_finds_its_first_key_or_else_the_only_one_that_signs_for_it(store: KeyStore) -> None:
    party = generate_ed25519().public.did
    tablet = store.add("tablet", generate_ed25519(), PASSPHRASE, party)
    assert store.find(party) == store.find(party[-8:]) == tablet
    store.add("laptop", generate_ed25519(), PASSPHRASE, party)
    with pytest.raises(Ambiguous, match="laptop, tablet"):
        store.find(party)
    phone = store.add("phone", generate_ed25519(), PASSPHRASE)
    store.add("watch", generate_ed25519(), PASSPHRASE, phone.party)
    assert store.find(phone.party) == phone


def test_where_a_key_is_meant_the_id_of_its_party_finds_no_other_key(store: KeyStore) -> None:
    """Or who revokes the lost phone on the tablet, by its id, would revoke the tablet."""
    party = generate_ed25519().public.did
    store.add("tablet", generate_ed25519(), PASSPHRASE, party)
    with pytest.raises(NotFound):
        store.did(party)
    with pytest.raises(NotFound):
        store.did(party[-8:])


def test_signatures_are_checked_with_the_keys_at_hand_and_the_one_an_id_names(store: KeyStore) -> None:
    party, signer = generate_ed25519().public, generate_ed25519()
    store.add("tablet", signer, PASSPHRASE, party.did)
    assert store.resolve(party.did, signer.public.kid) == signer.public
    assert store.resolve(party.did, party.kid) == party
    with pytest.raises(KeyUnknown):
        store.resolve(signer.public.did, party.kid)


def test_a_file_from_when_there_were_only_first_keys_still_reads(store: KeyStore) -> None:
    key = store.add("asha", generate_ed25519(), PASSPHRASE)
    file = store.folder / "asha.json"
    content = json.loads(file.read_bytes())
    del content["did"]
    file.write_text(json.dumps(content))
    assert store.find("asha") == key
    store.unlock(key, PASSPHRASE)


def test_the_head_is_kept_and_advances(store: KeyStore) -> None:
    store.add("asha", generate_ed25519(), PASSPHRASE)
    head = StatementId("ab" * 32)
    with store.signing("asha") as key:
        assert key.head is None
        store.advance(key, head)
    assert store.find("asha").head == head


def test_two_runs_that_sign_at_once_wait_for_each_other(store: KeyStore) -> None:
    store.add("asha", generate_ed25519(), PASSPHRASE)
    seen: list[StatementId | None] = []

    def sign(number: int) -> None:
        with store.signing("asha") as key:
            seen.append(key.head)
            store.advance(key, StatementId(f"{number:064x}"))

    threads = [threading.Thread(target=sign, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 8, "each saw the head the one before left"


def test_a_key_file_of_another_key_is_refused(store: KeyStore) -> None:
    key = store.add("asha", generate_ed25519(), PASSPHRASE)
    store.add("bo", generate_ed25519(), PASSPHRASE)
    (store.folder / "asha.pem").write_bytes((store.folder / "bo.pem").read_bytes())
    with pytest.raises((KeyUnavailable, MalformedKey)):
        store.unlock(key, PASSPHRASE)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"party": "x", "head": null}', '{"party": 1, "head": 2}', "\x00"]
)
def test_a_damaged_public_side_is_told_apart_from_the_key(store: KeyStore, content: str) -> None:
    store.add("asha", generate_ed25519(), PASSPHRASE)
    (store.folder / "asha.json").write_text(content)
    with pytest.raises(MalformedKey, match=r"asha\.json"):
        store.find("asha")


def test_no_secret_stands_in_the_public_side(store: KeyStore) -> None:
    store.add("asha", generate_ed25519(), PASSPHRASE)
    content = json.loads((store.folder / "asha.json").read_bytes())
    assert set(content) == {"party", "did", "kid", "kind", "head"}
