"""What the machine says of the division: call-offs and allocations, offered, accepted, divided on, taken back."""

from fractions import Fraction
from typing import Any

from tests.support.machine.speaking import NAMES, PARTIES, PLACE, Odds, Speaking, says
from tests.support.naive import Said
from tests.support.world import party

MAKERS = ("Hub", "Asha", "Bo", "Cy", "Dee")
OFFERS = ("calloff.issued", "allocation.offered")
LEVELS_AND_ONE = 17


class OrdersSpeak(Speaking):
    @says(4)
    def calls_off(self, by: Odds) -> None:
        chance = self.chance
        contract = self.a_contract()
        terms = self.naive.terms(contract)
        lines = []
        for line in chance.sample(sorted(terms.lines), chance.choice([1, 2])):
            ceiling = self.naive.ceiling(terms, line)
            room = Fraction(40) if ceiling is None else ceiling - self.naive.called(contract, line)
            lines.append({"line": line, "quantity": self.size(by, room, terms.lines[line]["unit"])})
        order = self.call_off(by, contract.id, lines, chance.choice(["Store", "Store", "Agency"]))
        if chance.random() < 0.8:
            self.accept(by.surely(), order)

    def call_off(self, by: Odds, contract: str, lines: list[dict[str, Any]], to: str = "Store") -> Said:
        body = {
            "reference": "CO-1",
            "lines": lines,
            "consignee": party(to),
            "place": PLACE,
            "due": "2026-06-01",
        }
        return self.tell(by, "Agency", "calloff.issued", body, {"framework": contract}, contract)

    @says(2)
    def accepts(self, by: Odds) -> None:
        offer = self.some(*OFFERS, where=lambda a: not self.naive.accepted(a))
        if offer:
            self.accept(by, offer)

    def accept(self, by: Odds, offer: Said) -> None:
        if not self.naive.find(offer.id):
            return
        role, holder = offer.type.split(".")[0], self.naive.holder(offer)
        signer, lent = NAMES[holder], None
        if role == "allocation":
            signer, lent = self.speaker(holder, offer.sub)
        self.tell(by, signer, f"{role}.accepted", {}, {role: offer.id, "delegation": lent}, offer.sub)

    @says(5)
    def allots(self, by: Odds) -> None:
        chance = self.chance
        parent = self.some(*OFFERS, where=self.has_some_left)
        if parent is None:
            return
        offer = self.allot(by, parent, chance.choice(MAKERS if chance.random() < 0.8 else PARTIES))
        if chance.random() < 0.8:
            self.accept(by.surely(), offer)

    def allot(self, by: Odds, parent: Said, maker: str) -> Said:
        """The same share of each of its lines."""
        lines = [
            {"line": line, "quantity": self.size(by, self.naive.left(parent, line), unit)}
            for line, (_, unit) in parent.lines().items()
        ]
        body = {"maker": party(maker), "lines": lines, "due": "2026-05-20"}
        holder = NAMES[self.naive.holder(parent)]
        return self.tell(by, holder, "allocation.offered", body, {"parent": parent.id}, parent.sub)

    def has_some_left(self, offer: Said) -> bool:
        return self.naive.accepted(offer) and all(self.naive.left(offer, line) > 0 for line in offer.lines())

    @says()
    def divides_on_and_on(self, by: Odds) -> None:
        """From hub to hub, each passing on all it has."""
        chance = self.chance
        parent = self.some(*OFFERS, where=self.has_some_left)
        for level in range(chance.choice([2, 3, 4, LEVELS_AND_ONE])):
            if parent is None or not self.naive.find(parent.id) or not self.naive.accepted(parent):
                return
            sure = by.surely()._replace(size="all")
            parent = self.allot(sure, parent, MAKERS[level % 3])
            self.accept(sure, parent)

    @says(2)
    def cancels(self, by: Odds) -> None:
        order = self.some("calloff.issued")
        if order:
            refs = {"calloff": order.id}
            self.tell(by, "Agency", "calloff.cancelled", self._back(by, order), refs, order.sub)

    @says(2)
    def withdraws(self, by: Odds) -> None:
        part = self.some("allocation.offered")
        if part:
            refs = {"allocation": part.id}
            self.tell(by, part.signer, "allocation.withdrawn", self._back(by, part), refs, part.sub)

    def _back(self, by: Odds, offer: Said) -> dict[str, Any]:
        """All that is not made, or some of each line."""
        lines = []
        for line, (_, unit) in offer.lines().items():
            not_made = self.naive.promised(offer, line) - self.naive.signed_off(offer, line)
            lines.append({"line": line, "quantity": self.size(by, not_made, unit)})
        return {"lines": self.chance.choice([[], lines]), "reason": "Not needed."}
