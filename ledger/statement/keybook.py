"""The keys a reader of statements knows: every party's first, and those it has been told of.

A statement names its key by thumbprint, and a thumbprint fits one key only (RFC 9679): whoever names a key with that
thumbprint names the right one. So a key may be told from anywhere, from a statement that is not verified yet as well.
That the key is one of its issuer's, at this place of a log, is for the rules to say.
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.statement.envelope import KeyResolver, first_key
from ledger.statement.keys import PublicKey, parse_did_key
from ledger.units import KeyId, PartyId


class KeyBook:
    """Keys by thumbprint. `resolve` is a `KeyResolver`."""

    def __init__(self, elsewhere: KeyResolver = first_key) -> None:
        """`elsewhere` is asked for a key that is not known here, and raises `KeyUnknown`; what it finds is kept."""
        self._elsewhere = elsewhere
        self._told: dict[KeyId, PublicKey] = {}
        self._order: list[PartyId] = []  # of `_told`, so that others can be told what is new

    def tell(self, keys: Iterable[PartyId]) -> None:
        """Take keys in, each as its `did:key`. Raises `MalformedKey`."""
        for did in keys:
            self._keep(parse_did_key(did))

    def told_since(self, count: int) -> list[PartyId]:
        """The keys it has been told of or has found, but for the first `count` of them. Safe beside `tell`."""
        return self._order[count:]

    def resolve(self, iss: PartyId, kid: KeyId) -> PublicKey:
        """The key of this thumbprint. Raises `KeyUnknown`."""
        first = parse_did_key(iss)
        if first.kid == kid:
            return first
        found = self._told.get(kid)
        if found is None:
            found = self._elsewhere(iss, kid)
            self._keep(found)
        return found

    def _keep(self, key: PublicKey) -> None:
        if key.kid not in self._told:
            self._told[key.kid] = key
            self._order.append(key.did)
