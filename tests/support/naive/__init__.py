"""The rules once more, by hand: what must be refused, worked out from nothing but the statements admitted so far.

No record is kept, nothing is summed up as it comes, no code of the ledger is used: every question goes through the
whole list again. It is slow and plain, and there to disagree with the ledger. Quantities are fractions.

A verdict is the set of all rules that stand against a statement: `R10` for good, `R12 later` where the same bytes may
be admitted when something else has come.
"""

from collections.abc import Iterator

from tests.support.naive.after import After
from tests.support.naive.said import Said
from tests.support.naive.told import OF_A_PARTY, OF_EITHER, OF_ITS_SIGNER


class Naive(After):
    """What was admitted, and every question anew."""

    def broken(self, one: Said) -> set[str]:
        """All that stands against a statement; nothing: it must be admitted."""
        against = {*self._signing(one), *self._about(one), *self.unfit(one), *self._by_proxy(one)}
        if one.type == "log.policy" or self._has_no_contract(one):
            return against
        return against | set(getattr(self, "_" + one.type.replace(".", "_"))(one))

    def _about(self, one: Said) -> Iterator[str]:
        """R06, R07: what its subject is."""
        is_party = one.sub.startswith("did:")
        if one.type in OF_ITS_SIGNER:
            if one.sub != one.did:
                yield "R06"
        elif one.type in OF_A_PARTY:
            if not is_party:
                yield "R06"
        elif not (is_party and one.type in OF_EITHER) and self._has_no_contract(one):
            yield "R06" if is_party or self.find(one.sub) else "R07 later"

    def _has_no_contract(self, one: Said) -> bool:
        if one.type in OF_ITS_SIGNER | OF_A_PARTY or (one.type in OF_EITHER and one.sub.startswith("did:")):
            return False
        found = self.find(one.sub)
        return found is None or found.type != "framework.signed"


__all__ = ["Naive", "Said"]
