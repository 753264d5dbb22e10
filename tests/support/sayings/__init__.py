"""Short ways to say things, by theme: one method for each event type. `tests.support.world.World` is all of them."""
