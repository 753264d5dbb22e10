"""Actors sign as their devices do: a chain per key, from keys that follow from seed and name."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

import pytest

from ledger.events.catalogue import read_event
from ledger.events.fields import Place
from ledger.scenario.cast import IST, Actor, Device, actor, ed25519_key, p256_key, secret, statement_id
from ledger.scenario.people import HUBS, LARGE, MEDIUM, SMALL, Cast, assemble
from ledger.statement.envelope import open_statement, read_statement
from ledger.statement.keys import P256Key

NOON = datetime(2026, 3, 14, 12, tzinfo=IST)
SEED = b"a seed for tests"


@pytest.fixture(params=[False, True], ids=["ed25519", "p256"])
def asha(request: pytest.FixtureRequest) -> Actor:
    return actor(SEED, "Asha", "maker", "IN-MH", "Pune", p256=request.param)


def _everyone(cast: Cast) -> list[Actor]:
    makers = [maker.actor for hub in cast.hubs for maker in hub.makers]
    hubs = [hub.actor for hub in cast.hubs]
    others = (cast.stranger, cast.passed_over.actor, *cast.wards)
    return [*cast.office.everyone(), *hubs, *makers, *others]


def test_what_an_actor_signs_opens_with_the_key_its_id_names_and_is_an_event(asha: Actor) -> None:
    statement = open_statement(asha.enrol(NOON))
    assert (statement.iss, statement.sub) == (asha.party, asha.party)
    assert statement.iat == int(NOON.timestamp())
    event = read_event(statement.payload)
    assert (event.type, event.occurred_at, event.prev) == ("party.enrolled", NOON, None)


def test_each_statement_names_the_one_the_key_signed_before(asha: Actor) -> None:
    first = asha.enrol(NOON)
    assert asha.device.head == statement_id(first) == read_statement(first).id
    second = asha.enrol(NOON)
    assert read_statement(second).prev == statement_id(first)
    assert asha.device.head == statement_id(second)


def test_an_attempt_names_the_statement_before_and_is_not_the_one_the_next_follows(asha: Actor) -> None:
    first = asha.enrol(NOON)
    attempt = asha.attempt("party.enrolled", sub=asha.party, refs={}, body={}, occurred_at=NOON)
    assert read_statement(attempt).prev == statement_id(first)
    assert read_statement(asha.enrol(NOON)).prev == statement_id(first)


def test_another_device_signs_for_the_same_party_on_a_chain_of_its_own(asha: Actor) -> None:
    enrolled, first = asha.enrol(NOON), asha.device
    asha.device = Device(ed25519_key(SEED, "Asha's laptop"))
    told = read_statement(asha.sign("note", sub=asha.party, refs={}, body={}, occurred_at=NOON))
    assert (told.iss, told.prev) == (read_statement(enrolled).iss, None)
    assert told.kid == asha.device.signer.public.kid != first.signer.public.kid
    assert first.head == statement_id(enrolled)


def test_what_is_confidential_is_committed_to_and_nowhere_written() -> None:
    bina = actor(SEED, "Bina", "maker", "IN-MH", "Pune", phone=True, private=True)
    data = bina.enrol(NOON)
    body = read_event(open_statement(data).payload).body
    assert bina.phone
    assert bina.private
    for told, kept in ((body.phone, bina.phone), (body.name, bina.private)):
        assert told.commitment == sha256(kept.salt + f'"{kept.value}"'.encode()).hexdigest()
        assert kept.value.encode() not in data
    assert "name" not in bina.place()


def test_no_two_secrets_share_a_salt() -> None:
    assert secret(SEED, "phone of Asha", "1").salt != secret(SEED, "phone of Bina", "1").salt
    assert len(secret(SEED, "phone of Asha", "1").salt) == 32


def test_a_key_follows_from_seed_and_name_and_from_nothing_else() -> None:
    for make in (ed25519_key, p256_key):
        key = make(SEED, "Asha").public
        assert key == make(SEED, "Asha").public
        assert key != make(SEED, "Bina").public
        assert key != make(b"another seed", "Asha").public


def test_a_place_is_one_that_events_take(asha: Actor) -> None:
    place = Place.model_validate(asha.place())
    assert (place.country, place.region, place.locality, place.name) == ("IN", "IN-MH", "Pune", "Asha")


def test_nobody_in_the_cast_shares_a_name_or_a_key() -> None:
    everyone = _everyone(assemble())
    assert len({one.name for one in everyone}) == len({one.party for one in everyone}) == 59
    assert assemble().operator.public.did not in {one.party for one in everyone}


def test_the_table_of_makers_is_the_one_its_docstring_shows() -> None:
    table = {
        row.code: [sum(maker.pieces == size for maker in row.makers) for size in (LARGE, MEDIUM, SMALL)]
        for row in HUBS
    }
    assert table == {
        "PUN": [2, 2, 3],
        "MUM": [2, 2, 3],
        "DEL": [2, 3, 3],
        "CHE": [1, 3, 4],
        "KOL": [0, 2, 4],
        "HYD": [1, 2, 3],
    }
    assert [hub.pieces for hub in assemble().hubs] == [39_100, 39_100, 44_100, 33_800, 16_800, 27_100]


def test_one_maker_of_every_hub_signs_with_p256_and_nobody_else() -> None:
    cast = assemble()
    for hub in cast.hubs:
        assert sum(isinstance(maker.actor.device.signer.public, P256Key) for maker in hub.makers) == 1
    assert sum(isinstance(one.device.signer.public, P256Key) for one in _everyone(cast)) == len(cast.hubs)
