"""Specifications, first samples, sign-offs; inspecting a lot and holding it back."""

from collections.abc import Iterator
from fractions import Fraction

from tests.support.naive.orders import Orders
from tests.support.naive.said import Said, amount, most


class Making(Orders):
    def _specification_published(self, one: Said) -> Iterator[str]:
        told = one.body
        if any(
            (a.did, a.body["item"], a.body["revision"]) == (one.did, told["item"], told["revision"])
            for a in self.of(one.type)
        ):
            yield "R31"
        earlier = self.referred(one, "supersedes")
        if earlier and earlier.did != one.did:
            yield "R10"
        if earlier and earlier.body["item"] != told["item"]:
            yield "R08"

    def _sample_decided(self, one: Said) -> Iterator[str]:
        if one.did not in self.named(self.contract(one), "inspectors"):
            yield "R10"
        allocation = self.referred(one, "allocation")
        if allocation:
            yield from self._drawn_on(allocation)
        if allocation and one.body["line"] not in allocation.lines():
            yield "R14"

    def sample(self, allocation: Said, line: str) -> str | None:
        """The latest decision on the first sample."""
        decided = self.naming("allocation", allocation.id, "sample.decided")
        return ([None] + [a.body["decision"] for a in decided if a.body["line"] == line])[-1]

    def room(self, allocation: Said, line: str, lot: Said) -> list[tuple[Fraction, Fraction]]:
        """What may be signed off, the tolerance of the day on it, and what is; here and at each level above."""
        tolerance = self.terms(self.contract(lot), lot.day).tolerance
        unit = allocation.lines()[line][1]
        own = max(self.promised(allocation, line) - self.allotted(allocation, line), 0)
        here = (most(own, unit, tolerance), self.released(allocation, line))
        return [here] + [
            (most(self.promised(level, line), unit, tolerance), self.signed_off(level, line))
            for level in self.above(allocation)
        ]

    def _batch_signed_off(self, one: Said) -> Iterator[str]:
        body, maker = one.body, self.who(one)
        used = [a for a in self.of(one.type) if a.body["lot"] == body["lot"]]
        if any(self.who(a) == maker for a in used):
            yield "R20"
        (made, _), (rejected, _), (released, _) = told = [
            amount(body[x]) for x in ("made", "rejected", "released")
        ]
        units = {unit for _, unit in told}
        if len(units) > 1:
            yield "R15"
        elif released > made - rejected:
            yield "R19"
        allocation = self.referred(one, "allocation")
        if allocation is None:
            return
        if maker != self.holder(allocation):
            yield "R10"
        yield from self._drawn_on(allocation)
        line = body["line"]
        if line not in allocation.lines():
            yield "R14"
            return
        yield from self._made_to_plan(one, allocation)
        if units != {allocation.lines()[line][1]}:
            yield "R15"
        elif any(already + released > limit for limit, already in self.room(allocation, line, one)):
            yield "R18"

    def _made_to_plan(self, one: Said, allocation: Said) -> Iterator[str]:
        """R29: after the first sample; R30: to a specification that the contract has or had for the line, or to none
        where it has none on that day."""
        contract, line = self.contract(one), one.body["line"]
        if contract.body["first_sample"] and self.sample(allocation, line) in {None, "fail"}:
            yield "R29 later"
        ever, made_to = self.terms(contract).lines[line], one.refs.get("specification")
        on_its_day = self.terms(contract, one.day).lines.get(line, ever)
        if made_to not in ever["specifications"] if made_to else on_its_day["specifications"]:
            yield "R30"

    # Looking at a lot and holding it back

    def unit(self, lot: Said) -> str:
        return amount(lot.body["released"])[1]

    def answers_for(self, lot: Said) -> set[str]:
        """Its maker, everyone above it up to the prime, the buyer, the inspectors."""
        contract, allocation = self.contract(lot), self.one(lot.refs["allocation"])
        hubs = {self.holder(level) for level in self.above(allocation)}
        return {self.who(lot), *hubs, contract.did, *self.named(contract, "inspectors")}

    def _inspection_recorded(self, one: Said) -> Iterator[str]:
        return self._takes_part(one)

    def _batch_held(self, one: Said) -> Iterator[str]:
        lot = self.referred(one, "lot")
        if lot and one.did not in self.answers_for(lot):
            yield "R10"

    def _batch_cleared(self, one: Said) -> Iterator[str]:
        hold = self.referred(one, "hold")
        if hold and one.did not in {hold.did, self.contract(one).did}:
            yield "R10"
        if hold and self.cleared(hold):
            yield "R25"

    def cleared(self, hold: Said) -> bool:
        return bool(self.naming("hold", hold.id, "batch.cleared"))
