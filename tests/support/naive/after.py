"""Recalls, disputes, corrections and erasures: whose word it is, and that it settles something once."""

from collections.abc import Iterator

from tests.support.naive.goods import Goods
from tests.support.naive.said import Said


class After(Goods):
    def _recall_opened(self, one: Said) -> Iterator[str]:
        """By who answers for each lot; for a design also its specifier; of a material by who makes or buys."""
        contract, roles = self.contract(one), self.roles(self.contract(one))
        if any(one.did not in self.answers_for(lot) for lot in self.all_referred(one, "lots")):
            yield "R10"
        design = self.referred(one, "specification")
        if design:
            answer = {design.did, contract.did, contract.body["prime"], *self.named(contract, "inspectors")}
            if one.did not in answer:
                yield "R10"
            lines = self.terms(contract).lines.values()
            if not any(design.id in line["specifications"] for line in lines):
                yield "R08"
        if one.body["inputs"]:
            yield from self._takes_part(one)
            if not roles.get(one.did, set()) & {"buyer", "prime", "maker", "inspectors"}:
                yield "R10"

    def _recall_acknowledged(self, one: Said) -> Iterator[str]:
        yield from self._takes_part(one)
        yield from self._lots_in_unit(one, "located")

    def _recall_closed(self, one: Said) -> Iterator[str]:
        return self._settles(one, "recall")

    def _dispute_raised(self, one: Said) -> Iterator[str]:
        return self._takes_part(one)

    def _dispute_resolved(self, one: Said) -> Iterator[str]:
        return self._settles(one, "dispute")

    def _settles(self, one: Said, role: str) -> Iterator[str]:
        """By who opened it or the buyer, once."""
        opened = self.referred(one, role)
        if opened and one.did not in {opened.did, self.contract(one).did}:
            yield "R10"
        if opened and self.naming(role, opened.id, one.type):
            yield "R25"

    def _correction_declared(self, one: Said) -> Iterator[str]:
        """By whose act it was, and by who signed it for another, as long as that one has not confirmed it."""
        target = self.referred(one, "target")
        if target and one.did not in {self.who(target), target.did if not self.confirmed(target.id) else ""}:
            yield "R10"
        if target and self.corrected(target):
            yield "R25"

    def _erasure_recorded(self, one: Said) -> Iterator[str]:
        """The log's operator; under a contract its parties, of whole contents the buyer; else a party of what it
        committed to when it enrolled."""
        target = self.referred(one, "target")
        if target and one.body["contents"] and target.type in {"log.policy", "erasure.recorded"}:
            yield "R08"
        if one.did == self.log[0].did:
            return
        contract = self.find(self.under(one))
        if contract is None:
            own = self.enrolment(one.did)
            if one.did != one.sub or one.body["contents"] or own is None or one.refs["target"] != own.id:
                yield "R10"
            return
        yield from self._takes_part(one)
        if one.body["contents"] and one.did != contract.did:
            yield "R10"
