"""Call-offs and allocations: what each promises now, what is promised on of it, what is made of it."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from tests.support.naive.contracts import Contracts
from tests.support.naive.said import Said, amount

LEVELS = 16


class Orders(Contracts):
    # Sums

    def holder(self, offer: Said) -> str:
        if offer.type == "allocation.offered":
            return str(offer.body["maker"])
        return str(self.contract(offer).body["prime"])

    def above(self, allocation: Said) -> list[Said]:
        """From what an allocation is a part of, up to its call-off."""
        found = []
        while allocation.type == "allocation.offered":
            allocation = self.one(allocation.refs["parent"])
            found.append(allocation)
        return found

    def parts(self, offer: Said) -> list[Said]:
        return list(self.naming("parent", offer.id, "allocation.offered"))

    def lots_of(self, allocation: Said, line: str) -> list[Said]:
        lots = self.naming("allocation", allocation.id, "batch.signed_off")
        return [lot for lot in lots if lot.body["line"] == line]

    def released(self, allocation: Said, line: str) -> Fraction:
        """Signed off directly under it."""
        return sum((amount(lot.body["released"])[0] for lot in self.lots_of(allocation, line)), Fraction(0))

    def signed_off(self, offer: Said, line: str) -> Fraction:
        """Under it and under all that was allotted from it."""
        below = [self.signed_off(part, line) for part in self.parts(offer) if line in part.lines()]
        return sum(below, self.released(offer, line))

    def taken_back(self, offer: Said) -> list[Said]:
        return [
            *self.naming("calloff", offer.id, "calloff.cancelled"),
            *self.naming("allocation", offer.id, "allocation.withdrawn"),
        ]

    def promised(self, offer: Said, line: str) -> Fraction:
        """What was offered, less what was taken back: so much, or all that was not signed off by then."""
        left = offer.lines()[line][0]
        back = {a.id for a in self.taken_back(offer)}
        if not back:
            return left
        made = Fraction(0)
        for a in self.log:
            if a.id in back:
                left = left - a.lines().get(line, (0, ""))[0] if a.body["lines"] else min(left, made)
            elif a.type == "batch.signed_off" and a.body["line"] == line:
                allocation = self.one(a.refs["allocation"])
                if offer in (allocation, *self.above(allocation)):
                    made += amount(a.body["released"])[0]
        return left

    def allotted(self, parent: Said, line: str) -> Fraction:
        """Promised on, accepted or not."""
        parts = [part for part in self.parts(parent) if line in part.lines()]
        return sum((self.promised(part, line) for part in parts), Fraction(0))

    def left(self, offer: Said, line: str) -> Fraction:
        return self.promised(offer, line) - self.allotted(offer, line) - self.released(offer, line)

    def called(self, contract: Said, line: str) -> Fraction:
        issued = [a for a in self.of("calloff.issued", under=contract) if line in a.lines()]
        return sum((self.promised(a, line) for a in issued), Fraction(0))

    # Verdicts

    def _calloff_issued(self, one: Said) -> Iterator[str]:
        contract = self.contract(one)
        if one.did != contract.did:
            yield "R10"
        if not self.accepted(contract):
            yield "R12 later"
        if self.closed(contract):
            yield "R26"
        terms = self.terms(contract, one.day)
        if (
            not date.fromisoformat(contract.body["period"]["first"])
            <= one.day
            <= date.fromisoformat(terms.last)
        ):
            yield "R13"
        for line, (quantity, unit) in one.lines().items():
            if line not in terms.lines:
                yield "R14"
            elif unit != terms.lines[line]["unit"]:
                yield "R15"
            else:
                ceiling = self.ceiling(terms, line)
                if ceiling is not None and self.called(contract, line) + quantity > ceiling:
                    yield "R16"

    def _acceptance(self, one: Said, role: str) -> Iterator[str]:
        offer = self.referred(one, role)
        if offer is None:
            return
        if self.who(one) != self.holder(offer):
            yield "R10"
        if self.accepted(offer):
            yield "R11"
        elif self.taken_back(offer):
            yield "R26"

    def _calloff_accepted(self, one: Said) -> Iterator[str]:
        return self._acceptance(one, "calloff")

    def _allocation_accepted(self, one: Said) -> Iterator[str]:
        return self._acceptance(one, "allocation")

    def _allocation_offered(self, one: Said) -> Iterator[str]:
        parent = self.referred(one, "parent")
        if parent is None:
            return
        if one.did != self.holder(parent):
            yield "R10"
        yield from self._drawn_on(parent)
        if len(self.above(parent)) + 1 > LEVELS:
            yield "R33"
        for line, (quantity, unit) in one.lines().items():
            if line not in parent.lines():
                yield "R14"
            elif unit != parent.lines()[line][1]:
                yield "R15"
            elif quantity > self.left(parent, line):
                yield "R17"

    def _drawn_on(self, offer: Said) -> Iterator[str]:
        """R12, R26: what was taken back before it was accepted never will be in force."""
        if not self.accepted(offer):
            yield "R26" if self.taken_back(offer) else "R12 later"

    def _calloff_cancelled(self, one: Said) -> Iterator[str]:
        offer = self.referred(one, "calloff")
        return self._takes_back(one, offer, self.contract(one).did) if offer else iter(())

    def _allocation_withdrawn(self, one: Said) -> Iterator[str]:
        offer = self.referred(one, "allocation")
        return self._takes_back(one, offer, offer.did) if offer else iter(())

    def _takes_back(self, one: Said, offer: Said, by: str) -> Iterator[str]:
        """Not below what is signed off; of what is not accepted not a part, as it is accepted whole."""
        if one.did != by:
            yield "R10"
        accepted, asked = self.accepted(offer), one.lines()
        if asked:
            yield from self._drawn_on(offer)
        not_made = {line: self.promised(offer, line) - self.signed_off(offer, line) for line in offer.lines()}
        for line, (quantity, unit) in asked.items():
            if line not in not_made:
                yield "R14"
            elif unit != offer.lines()[line][1]:
                yield "R15"
            elif quantity > not_made[line]:
                yield "R27"
        if not asked and all(quantity <= 0 for quantity in not_made.values()):
            yield "R27" if accepted else "R26"
