"""Whatever is claimed, its bundle is enough: the rules admit what was gathered for it alone, type by type."""

from __future__ import annotations

import pytest

from ledger.events.catalogue import EVENTS
from tests.support.bundles import admitted_alone
from tests.support.everything import everything
from tests.support.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return everything()


@pytest.mark.parametrize("type_name", EVENTS)
def test_every_statement_of_a_type_stands_on_what_is_gathered_for_it(world: World, type_name: str) -> None:
    claims = [one.id for one in world.log if one.event.type == type_name]
    assert claims, f"no {type_name} in the story"
    for claim in claims:
        assert claim in admitted_alone(world, claim)
