"""What was admitted so far, in the order of the log, and what a statement's references have to be."""

from collections import defaultdict
from collections.abc import Iterator

from tests.support.naive.said import Said

OF_ITS_SIGNER = {"log.policy", "party.enrolled", "specification.published", "framework.signed"}
OF_A_PARTY = {"key.added", "key.revoked"}
OF_EITHER = {"erasure.recorded"}
BY_PROXY = {
    "allocation.accepted",
    "batch.signed_off",
    "delivery.dispatched",
    "delivery.received",
    "recall.acknowledged",
}
CORRECTABLE = {
    "inspection.recorded",
    "delivery.dispatched",
    "delivery.received",
    "delivery.decided",
    "payment.recorded",
    "recall.opened",
    "recall.acknowledged",
    "dispute.raised",
}
SPECIFICATION, LOT = {"specification.published"}, {"batch.signed_off"}
FITS = {
    "framework": {"framework.signed"},
    "change": {"framework.amended", "framework.closed"},
    "calloff": {"calloff.issued"},
    "parent": {"calloff.issued", "allocation.offered"},
    "allocation": {"allocation.offered"},
    "delegation": {"delegation.granted"},
    "lots": LOT,
    "lot": LOT,
    "hold": {"batch.held"},
    "dispatch": {"delivery.dispatched"},
    "receipt": {"delivery.received"},
    "decisions": {"delivery.decided"},
    "recall": {"recall.opened"},
    "dispute": {"dispute.raised"},
}
"""Of the same contract."""
FITS_ANYWHERE = {
    "supersedes": SPECIFICATION,
    "specification": SPECIFICATION,
    "specifications": SPECIFICATION,
    "inputs": LOT,
}


class Told:
    """The list, and every question to it anew."""

    def __init__(self, policy: Said) -> None:
        self.log: list[Said] = []
        self._by_id: dict[str, Said] = {}
        self._by_type = defaultdict[str, list[Said]](list)
        self._naming = defaultdict[tuple[str, str, str], list[Said]](list)
        self.take(policy)

    def take(self, one: Said) -> None:
        self.log.append(one)
        self._by_id[one.id] = one
        self._by_type[one.type].append(one)
        for role in one.refs:
            for ref in one.named(role):
                self._naming[role, ref, one.type].append(one)

    def of(self, *types: str, under: Said | None = None) -> list[Said]:
        """All of these types, one type after the other; under one contract where it is named."""
        found = [a for type_name in types for a in self._by_type[type_name]]
        return [a for a in found if a.sub == under.id] if under else found

    def naming(self, role: str, id: str, type_name: str) -> list[Said]:
        """All of this type that name `id` in this role."""
        return self._naming.get((role, id, type_name), [])

    def find(self, id: str) -> Said | None:
        return self._by_id.get(id)

    def one(self, id: str) -> Said:
        return self._by_id[id]

    def under(self, one: Said) -> str:
        """The contract it stands under; "" where it is about a party."""
        if one.type == "framework.signed":
            return one.id
        return "" if one.sub.startswith("did:") else one.sub

    def contract(self, one: Said) -> Said:
        return self.one(self.under(one))

    def who(self, one: Said) -> str:
        """Whose act it is: its signer's, or of the party that delegated it."""
        granted = self.referred(one, "delegation") if one.type in BY_PROXY else None
        return granted.did if granted else one.did

    def referred(self, one: Said, role: str) -> Said | None:
        """The first a role names, where it is there and what it has to be."""
        return next(iter(self.all_referred(one, role)), None)

    def all_referred(self, one: Said, role: str) -> list[Said]:
        return [self.one(ref) for ref in one.named(role) if not self.against(one, role, ref)]

    def unfit(self, one: Said) -> Iterator[str]:
        """R07, R08: what stands against its references."""
        return (
            broken for role in one.refs for ref in one.named(role) if (broken := self.against(one, role, ref))
        )

    def against(self, one: Said, role: str, ref: str) -> str | None:
        """What stands against one reference."""
        found = self.find(ref)
        if found is None:
            return "R07 later"
        return None if self._is_fit(one, role, found) else "R08"

    def _is_fit(self, one: Said, role: str, found: Said) -> bool:
        if role in FITS_ANYWHERE:
            return found.type in FITS_ANYWHERE[role]
        if role == "party":
            return found.type == "party.enrolled" and found.did == one.sub
        if role == "last_good":
            return True
        if self.under(found) != self.under(one):
            return False
        if role == "target":
            return one.type != "correction.declared" or found.type in CORRECTABLE
        if role == "replacement":
            return self._stands_in(one, found)
        if role == "statements":
            return found.type in BY_PROXY and bool(found.refs.get("delegation"))
        return found.type in FITS[role]

    def _stands_in(self, one: Said, found: Said) -> bool:
        """The same kind of fact by the same party, that is not itself what is corrected, nor was corrected."""
        target = self.find(one.refs["target"])
        if target is None:
            return True
        same = found.type == target.type and self.who(found) == self.who(target)
        return same and found.id != target.id and not self.corrected(found)

    def corrected(self, fact: Said) -> bool:
        return bool(self.naming("target", fact.id, "correction.declared"))
