"""What the machine says afterwards: recalls, disputes, corrections, erasures."""

from typing import Any

from tests.support.machine.making import MakersSpeak
from tests.support.machine.speaking import NAMES, PARTIES, Odds, says
from tests.support.naive.told import CORRECTABLE
from tests.support.world import party


class ClaimantsSpeak(MakersSpeak):
    @says(3)
    def recalls(self, by: Odds) -> None:
        chance = self.chance
        lot, contract, what = self.a_lot(), self.a_contract(), chance.choice(["lot", "design", "material"])
        body = {"inputs": [], "grade": "quality", "action": "quarantine", "reason": "Fumes."}
        refs: dict[str, Any] = {}
        signer = chance.choice(PARTIES)
        if what == "material":
            body["inputs"] = [{"item": "https://items.example/pet", "lot": "P1"}]
        elif what == "lot" and lot:
            contract, refs["lots"] = self.naive.contract(lot), [lot.id]
            signer = NAMES[chance.choice(sorted(self.naive.answers_for(lot)))]
        else:
            design = self.some("specification.published")
            refs["specification"] = design.id
            signer = chance.choice([design.signer, "Agency", "Prime", "Ines"])
        self.tell(by, signer, "recall.opened", body, refs, contract.id)

    @says(2)
    def acknowledges(self, by: Odds) -> None:
        chance = self.chance
        recall = self.some("recall.opened")
        lot = self.some("batch.signed_off", under=self.naive.contract(recall)) if recall else None
        if lot is None:
            self.recalls(by)
            return
        found = {"value": str(chance.randrange(9)), "unit": self.naive.unit(lot)}
        body = {"items": [{"lot": lot.id, "located": found, "quarantined": found}]}
        holder = chance.choice([self.naive.who(lot), party(chance.choice(PARTIES))])
        signer, lent = self.speaker(holder, recall.sub)
        refs = {"recall": recall.id, "lots": [lot.id], "delegation": lent}
        self.tell(by, signer, "recall.acknowledged", body, refs, recall.sub)

    @says()
    def closes_a_recall(self, by: Odds) -> None:
        if not self._settles(by, "recall", "recall.opened", "recall.closed", {"outcome": "Destroyed."}):
            self.recalls(by)

    @says(2)
    def disputes(self, by: Odds) -> None:
        chance = self.chance
        contract = self.a_contract()
        target = chance.choice([one for one in self.naive.log if self.naive.under(one) == contract.id])
        body = {"claim": "It was 40 more.", "wanted": "Count again."}
        self.tell(by, chance.choice(PARTIES), "dispute.raised", body, {"target": target.id}, contract.id)

    @says()
    def resolves(self, by: Odds) -> None:
        body = {"ended": "agreed", "outcome": "Counted again."}
        if not self._settles(by, "dispute", "dispute.raised", "dispute.resolved", body):
            self.disputes(by)

    def _settles(self, by: Odds, role: str, opening: str, closing: str, body: dict[str, str]) -> bool:
        chance = self.chance
        opened = self.some(opening, where=lambda a: not self.naive.naming(role, a.id, closing))
        if opened:
            signer = chance.choice(["Agency", opened.signer])
            self.tell(by, signer, closing, body, {role: opened.id}, opened.sub)
        return opened is not None

    @says(3)
    def corrects(self, by: Odds) -> None:
        """With another of the same kind by the same party, or, as it must not be, of whoever, or with itself."""
        chance = self.chance
        fact = self.some(*sorted(CORRECTABLE), where=lambda a: not self.naive.corrected(a))
        if fact is None:
            return
        whose, same = self.naive.who(fact), [a for a in self.naive.of(fact.type) if a.sub == fact.sub]
        mine = [a for a in same if self.naive.who(a) == whose and a.id != fact.id]
        instead = chance.choice([*(mine if chance.random() < 0.7 else same), None])
        body = {"reason": "incorrect data" if instead else "did not occur", "explanation": "Wrong waybill."}
        refs = {"target": fact.id, "replacement": instead.id if instead else None}
        self.tell(by, NAMES[whose], "correction.declared", body, refs, fact.sub)

    @says(3)
    def erases(self, by: Odds) -> None:
        chance = self.chance
        target = chance.choice([*self.naive.log, *self.naive.of("party.enrolled")])
        signer = chance.choice([target.signer, target.signer, "Operator", *PARTIES])
        body: dict[str, Any] = {
            "commitments": ["c" * 64],
            "contents": chance.random() < 0.4,
            "ground": "On request.",
        }
        body |= (
            {"order": {"sha256": "e" * 64, "size": 900, "media_type": "application/pdf"}}
            if body["contents"]
            else {}
        )
        own = party(signer) if chance.random() < 0.3 else target.sub
        subject = self.naive.under(target) or own
        self.tell(by, signer, "erasure.recorded", body, {"target": target.id}, subject)
