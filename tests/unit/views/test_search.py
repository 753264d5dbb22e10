"""Finding things by words, and what cannot be searched for."""

from __future__ import annotations

import pytest

from ledger.errors import Ambiguous, Malformed, NotFound
from ledger.limits import SEARCH_CHARS, SEARCH_WORDS
from ledger.views.answers import Contract, Finding, Lot, Party
from ledger.views.world import World, quoted
from tests.unit.views.conftest import Followed
from tests.unit.views.test_lists import walk


def kinds(world: World, text: str) -> dict[str, str]:
    return {hit.title: hit.kind for hit in world.search(text, 50)}


def test_things_are_found_by_what_they_are_called(demo: Followed) -> None:
    with demo.world() as world:
        [contract] = walk(world, Contract)
        lot, *_ = walk(world, Lot)
        assert kinds(world, contract.reference)[f"{contract.reference} {contract.title}"] == "contract"
        assert kinds(world, lot.name)[lot.name] == "lot"
        assert kinds(world, "Lighthouse")["Lighthouse Self-Help Group"] == "party"
        assert kinds(world, "lighth self") == kinds(world, "Lighthouse Self"), "beginnings of words will do"
        assert kinds(world, lot.id[:12]).get(lot.name) == "lot"
        assert world.search("nothingiscalledso", 5) == ()
        assert len(world.search("a", 3)) == 3


def test_what_is_called_so_comes_before_what_has_to_do_with_it(demo: Followed) -> None:
    with demo.world() as world:
        first, *others = world.search("Lighthouse", 50)
        assert first.kind == "party"
        assert {one.kind for one in others} >= {"lot", "delivery"}


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "a OR b",
        "a AND NOT b",
        "NEAR(a b)",
        "title:x",
        "x*",
        "^x",
        "{x y} : z",
        "-x",
        "a\x00b",
        "é'; DROP TABLE",
        "((",
    ],
)
def test_no_word_is_an_operator(demo: Followed, text: str) -> None:
    with demo.world() as world:
        if any(one.isalnum() for one in text):
            world.search(text, 5)
        else:
            with pytest.raises(Malformed, match="cannot be searched for"):
                world.search(text, 5)


@pytest.mark.parametrize("text", ["", "   ", "...", "a " * (SEARCH_WORDS + 1), "a" * (SEARCH_CHARS + 1)])
def test_what_cannot_be_searched_for_is_said(text: str) -> None:
    with pytest.raises(Malformed, match="cannot be searched for"):
        quoted(text)


def test_accents_and_capitals_do_not_matter() -> None:
    assert quoted("Crème BRÛLÉE") == '"Crème"* "BRÛLÉE"*'


def test_a_thing_is_found_by_the_beginning_of_its_id(demo: Followed) -> None:
    with demo.world() as world:
        lots = walk(world, Lot, 50)
        for one in lots[:10]:
            assert world.one(Lot, one.id) == one
            assert world.one(Lot, one.id[:16]) == one
        party, *_ = walk(world, Party)
        assert world.one(Party, party.id) == party
        finding, *_ = walk(world, Finding)
        assert world.one(Finding, finding.id) == finding


@pytest.mark.parametrize("id", ["", "abc", "ABCD", "zzzz", "%", "abcd%", "a" * 65, "0000000000"])
def test_what_is_no_id_of_a_lot_is_not_found(demo: Followed, id: str) -> None:
    with demo.world() as world, pytest.raises(NotFound, match="lot"):
        world.one(Lot, id)


def test_a_beginning_of_several_ids_is_said_to_be_one(demo: Followed) -> None:
    with demo.world() as world, pytest.raises(Ambiguous, match="several"):
        world.one(Party, "did:key:")
    with demo.world() as world:
        ids = sorted(one.id for one in walk(world, Lot, 200))
        with pytest.raises(NotFound):
            world.one(Contract, ids[0])
