"""What a statement needs beside it for a reason of its own, where the story of everything has none."""

from __future__ import annotations

import pytest

from ledger.units import StatementId
from tests.support.bundles import admitted_alone
from tests.support.world import World, party


@pytest.fixture
def world() -> World:
    world = World()
    world.framework(ceiling=1000, tolerance="10")
    return world


def two_lots(world: World, taken_back: int | None) -> tuple[StatementId, StatementId]:
    """Of two makers under one order, of which all, or so many pieces, were taken back between the two."""
    order = world.accepted(world.calloff(1000))
    one, other = (world.accepted(world.allot(order, maker, 500)) for maker in ("Asha", "Hub"))
    before = world.sign_off(one, "A1", 300)
    world.cancel(order, taken_back)
    return before, world.sign_off(other, "H1", 30)


def test_a_lot_under_an_order_that_was_taken_back_whole_needs_the_lots_made_by_then(world: World) -> None:
    """R18: what is left of the order is what was made by then; without those lots the tolerance is of nothing."""
    before, after = two_lots(world, None)
    assert before in admitted_alone(world, after)


def test_a_lot_under_an_order_of_which_a_part_was_taken_back_needs_no_other(world: World) -> None:
    before, after = two_lots(world, 100)
    assert before not in admitted_alone(world, after)


def test_a_statement_of_a_device_needs_what_added_its_key_and_not_what_revoked_it(
    world: World,
) -> None:
    part = world.accepted(world.allot(world.accepted(world.calloff(1000)), "Asha", 300))
    added = world.add_key("Asha", "Asha's tablet")
    lot = world.sign_off(part, "A1", 300, device="Asha's tablet")
    revoked = world.revoke_key("Asha", "Asha's tablet", "lost")
    beside = admitted_alone(world, lot)
    assert added in beside
    assert revoked not in beside


def test_a_statement_of_a_recovered_device_needs_every_word_that_added_its_key(world: World) -> None:
    world.enrol("Cy", recovery={"parties": [party("Hub"), party("Ines")], "needed": 2})
    words = {world.add_key("Cy", "Cy's phone", by=by) for by in ("Hub", "Ines")}
    order = world.accepted(world.calloff(1000))
    part = world.accepted(world.allot(order, "Cy", 300), device="Cy's phone")
    assert words <= admitted_alone(world, world.sign_off(part, "C1", 300, device="Cy's phone"))
