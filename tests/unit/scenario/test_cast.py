"""Actors sign as a device does: a chain per key, from keys that follow from seed and name."""

from __future__ import annotations

from datetime import datetime

import pytest

from ledger.events.catalogue import read_event
from ledger.events.fields import Place
from ledger.scenario.cast import IST, Actor, ed25519_key, p256_key, statement_id
from ledger.scenario.people import HUBS, LARGE, MEDIUM, SMALL, Cast, assemble
from ledger.statement.envelope import open_statement, read_statement
from ledger.statement.keys import P256Key
from ledger.statement.signer import Signer

NOON = datetime(2026, 3, 14, 12, tzinfo=IST)
SEED = b"a seed for tests"


@pytest.fixture(params=[ed25519_key, p256_key])
def actor(request: pytest.FixtureRequest) -> Actor:
    signer: Signer = request.param(SEED, "Asha")
    return Actor("Asha", "maker", "IN-MH", "Pune", signer)


def _everyone(cast: Cast) -> list[Actor]:
    makers = [maker.actor for hub in cast.hubs for maker in hub.makers]
    hubs = [hub.actor for hub in cast.hubs]
    return [cast.agency, cast.prime, cast.consignee, cast.stranger, *hubs, *makers]


def test_what_an_actor_signs_opens_with_the_key_its_id_names_and_is_an_event(actor: Actor) -> None:
    statement = open_statement(actor.enrol(NOON))
    assert (statement.iss, statement.sub) == (actor.party, actor.party)
    assert statement.iat == int(NOON.timestamp())
    event = read_event(statement.payload)
    assert (event.type, event.occurred_at, event.prev) == ("party.enrolled", NOON, None)


def test_each_statement_names_the_one_the_key_signed_before(actor: Actor) -> None:
    first = actor.enrol(NOON)
    assert actor.head == statement_id(first) == read_statement(first).id
    second = actor.enrol(NOON)
    assert read_statement(second).prev == statement_id(first)
    assert actor.head == statement_id(second)


def test_an_attempt_names_the_statement_before_and_is_not_the_one_the_next_follows(actor: Actor) -> None:
    first = actor.enrol(NOON)
    attempt = actor.attempt("party.enrolled", sub=actor.party, refs={}, body={}, occurred_at=NOON)
    assert read_statement(attempt).prev == statement_id(first)
    assert read_statement(actor.enrol(NOON)).prev == statement_id(first)


def test_a_key_follows_from_seed_and_name_and_from_nothing_else() -> None:
    for make in (ed25519_key, p256_key):
        key = make(SEED, "Asha").public
        assert key == make(SEED, "Asha").public
        assert key != make(SEED, "Bina").public
        assert key != make(b"another seed", "Asha").public


def test_a_place_is_one_that_events_take(actor: Actor) -> None:
    place = Place.model_validate(actor.place())
    assert (place.country, place.region, place.locality, place.name) == ("IN", "IN-MH", "Pune", "Asha")


def test_nobody_in_the_cast_shares_a_name_or_a_key() -> None:
    everyone = _everyone(assemble())
    assert len({actor.name for actor in everyone}) == len({actor.party for actor in everyone}) == 52
    assert assemble().operator.public.did not in {actor.party for actor in everyone}


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
        assert sum(isinstance(maker.actor.signer.public, P256Key) for maker in hub.makers) == 1
    assert sum(isinstance(actor.signer.public, P256Key) for actor in _everyone(cast)) == len(cast.hubs)
