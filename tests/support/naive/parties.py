"""Who may sign at all, with which key; who signs for another; who takes part in a contract."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from tests.support.naive.said import Said, amount
from tests.support.naive.told import BY_PROXY, Told


class Parties(Told):
    # Keys

    def enrolment(self, did: str) -> Said | None:
        return next((a for a in self.of("party.enrolled") if a.did == did), None)

    def recovery(self, did: str) -> tuple[list[str], int]:
        """Who may add and revoke keys in a party's stead, and how many of them it takes."""
        enrolled = self.enrolment(did)
        named = (enrolled.body.get("recovery") if enrolled else None) or {"parties": [], "needed": 1}
        return named["parties"], named["needed"]

    def keys(self, did: str) -> dict[str, bool]:
        """Every key a party ever had, and whether it is valid now."""
        if self.enrolment(did) is None:
            return {}
        found = {did: True}
        _, needed = self.recovery(did)
        agreed = Counter[tuple[str | None, ...]]()
        for a in self.log:
            if a.sub == did and a.type in {"key.added", "key.revoked"}:
                agreed[_word(a)] += 1
                if a.did == did or agreed[_word(a)] >= needed:
                    found[a.body["key"]] = a.type == "key.added"
        return found

    def _signing(self, one: Said) -> Iterator[str]:
        """R01, R03, R04, R22, R06: of every statement."""
        policy = self.log[0]
        if one.type == "log.policy":
            yield "R01"
        if one.size > policy.body["limits"].get("statement_bytes", 16 * 1024):
            yield "R03"
        if one.type in {"log.policy", "party.enrolled"}:
            if one.key != one.did:
                yield "R22"
        elif self.enrolment(one.did) is None:
            yield "R04 later"
        else:
            keys = self.keys(one.did)
            if one.key not in keys:
                yield "R22 later"
            elif not keys[one.key]:
                yield "R22"

    def _party_enrolled(self, one: Said) -> Iterator[str]:
        if self.enrolment(one.did):
            yield "R05"

    def _speaks_for(self, one: Said) -> Iterator[str]:
        recovery, _ = self.recovery(one.sub)
        if one.did != one.sub and one.did not in recovery:
            yield "R10"
        said = [a for a in self.of(one.type) if (a.did, a.sub) == (one.did, one.sub)]
        if one.did != one.sub and _word(one) in map(_word, said):
            yield "R23"

    def _key_added(self, one: Said) -> Iterator[str]:
        yield from self._speaks_for(one)
        if one.body["key"] in self.keys(one.sub):
            yield "R23"

    def _key_revoked(self, one: Said) -> Iterator[str]:
        yield from self._speaks_for(one)
        keys = self.keys(one.sub)
        if one.body["key"] not in keys:
            yield "R23 later"
        elif not keys[one.body["key"]]:
            yield "R23"

    # Signing for another

    def used(self, granted: Said) -> Fraction:
        """What was signed off under a delegation."""
        lots = self.naming("delegation", granted.id, "batch.signed_off")
        return sum((amount(lot.body["released"])[0] for lot in lots), Fraction(0))

    def revoked(self, granted: Said) -> bool:
        return bool(self.naming("delegation", granted.id, "delegation.revoked"))

    def _by_proxy(self, one: Said) -> Iterator[str]:
        """R24: to this party, for this type, for so long, so much, and not revoked."""
        granted = self.referred(one, "delegation") if one.type in BY_PROXY else None
        if granted is None:
            return
        lent = granted.body
        if (
            lent["to"] != one.did
            or one.type not in lent["types"]
            or one.day > date.fromisoformat(lent["until"])
            or self.revoked(granted)
        ):
            yield "R24"
        if one.type == "batch.signed_off" and lent.get("most"):
            (limit, unit), (released, its_unit) = amount(lent["most"]), amount(one.body["released"])
            if unit != its_unit or self.used(granted) + released > limit:
                yield "R24"

    def _delegation_granted(self, one: Said) -> Iterator[str]:
        yield from self._takes_part(one)
        if one.body["to"] == one.did:
            yield "R24"

    def _delegation_revoked(self, one: Said) -> Iterator[str]:
        granted = self.referred(one, "delegation")
        if granted and granted.did != one.did:
            yield "R10"
        if granted and self.revoked(granted):
            yield "R25"

    def confirmed(self, id: str) -> bool:
        return bool(self.naming("statements", id, "proxy.confirmed"))

    def _proxy_confirmed(self, one: Said) -> Iterator[str]:
        named = one.named("statements")
        for signed in self.all_referred(one, "statements"):
            if self.who(signed) != one.did:
                yield "R10"
            if self.confirmed(signed.id) or named.count(signed.id) > 1:
                yield "R25"

    # Taking part

    def roles(self, contract: Said) -> dict[str, set[str]]:
        """The parties to a contract, and as what: whoever it, or a statement under it, names."""
        found = defaultdict[str, set[str]](set)
        found[contract.did].add("buyer")
        found[contract.body["prime"]].add("prime")
        for role, named in contract.body["roles"].items():
            for did in named:
                found[did].add(role)
        for a in self.log:
            if a.sub == contract.id:
                for named, role in (
                    ("consignee", "consignee"),
                    ("maker", "maker"),
                    ("to", "receiver or delegate"),
                ):
                    if named in a.body:
                        found[a.body[named]].add(role)
        return found

    def named(self, contract: Said, role: str) -> list[str]:
        return contract.body["roles"].get(role) or []  # type: ignore[no-any-return]

    def _takes_part(self, one: Said) -> Iterator[str]:
        if self.who(one) not in self.roles(self.contract(one)):
            yield "R21 later"


def _word(one: Said) -> tuple[str | None, ...]:
    """What recovery parties have to agree on: the act, the key, and why and since when it is not good any more."""
    return (one.type, one.body["key"], one.body.get("reason"), one.refs.get("last_good"))
