"""The keys that are in the log, for whoever opens a statement before the writer sees it."""

from __future__ import annotations

import threading

from ledger.errors import KeyUnknown, LogHalted
from ledger.log.store.protocol import Store
from ledger.rules.identity import public_key
from ledger.statement.keys import PublicKey
from ledger.units import KeyId, PartyId


class RegisteredKeys:
    """Looks keys up for any thread, in a store of its own: one thread at a time uses a store, and the writer's is
    busy. `resolve` is a `KeyResolver`."""

    def __init__(self, store: Store) -> None:
        """`store` reads what is committed at the time of each look-up, and is closed with this."""
        self._store = store
        self._lock = threading.Lock()  # guards _store and _closed
        self._closed = False

    def resolve(self, iss: PartyId, kid: KeyId) -> PublicKey:
        """A key that the party has or had. Raises `KeyUnknown`, `LogHalted`. O(1)."""
        with self._lock:
            if self._closed:
                raise LogHalted("the log has been closed")
            key = public_key(self._store, iss, kid)
        if key is None:
            raise KeyUnknown(
                f"no key {kid.hex()} was added for {iss}",
                expected="a key of this party that is in the log, or is added in the same set",
                hint="submit the key.added first, or both together",
            )
        return key

    def close(self) -> None:
        """Let the store go."""
        with self._lock:
            self._closed = True
            self._store.close()
