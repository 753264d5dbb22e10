"""What the machine says of making: first samples, sign-offs, inspections, lots held back and cleared."""

from typing import Any

from tests.support.machine.speaking import NAMES, PLACE, Odds, Speaking, says
from tests.support.naive import Said
from tests.support.naive.said import STEP, amount, written


def sign_off_body(
    lot: str, line: str, released: dict[str, str], rejected: int = 0, missing: int = 0
) -> dict[str, Any]:
    """All that was made and not rejected is released, and what is `missing` besides."""
    value, unit = amount(released)
    return {
        "line": line,
        "lot": lot,
        "made": written(value + rejected - missing * STEP[unit], unit),
        "rejected": {"value": str(rejected), "unit": unit},
        "released": released,
        "made_between": {"first": "2026-05-01", "last": "2026-05-03"},
        "place": PLACE,
    }


class MakersSpeak(Speaking):
    @says(4)
    def decides_on_a_sample(self, by: Odds) -> None:
        chance = self.chance
        allocation = self.some("allocation.offered", where=self._waits_for_a_sample)
        if allocation is None:
            return
        decision = chance.choice(["pass", "pass", "conditional", "fail"])
        body = {"line": chance.choice(sorted(allocation.lines())), "decision": decision}
        body |= {"conditions": "Round the corners."} if decision == "conditional" else {}
        self.tell(by, "Ines", "sample.decided", body, {"allocation": allocation.id}, allocation.sub)

    def _waits_for_a_sample(self, allocation: Said) -> bool:
        asked = self.naive.contract(allocation).body["first_sample"]
        return asked and self.naive.accepted(allocation) and self._unsampled(allocation) != set()

    def _unsampled(self, allocation: Said) -> set[str]:
        return {line for line in allocation.lines() if self.naive.sample(allocation, line) in {None, "fail"}}

    @says(10)
    def signs_off(self, by: Odds) -> None:
        chance = self.chance
        allocation = self.some("allocation.offered", where=self._may_be_made)
        if allocation is None:
            return
        line = chance.choice(sorted(allocation.lines()))
        limit, already = min(
            self.naive.room(allocation, line, allocation), key=lambda room: room[0] - room[1]
        )
        released = self.size(by, limit - already, allocation.lines()[line][1])
        missing = int(chance.random() < 0.1)
        body = sign_off_body(f"L{chance.randrange(15)}", line, released, chance.choice([0, 0, 2]), missing)
        inputs = [one.id for one in self.naive.of("batch.signed_off")[: chance.choice([0, 0, 0, 2])]]
        specifications = self.naive.terms(self.naive.contract(allocation)).lines[line]["specifications"]
        made_to = chance.choice(specifications or [None]) if chance.random() < 0.9 else None
        signer, lent = self.speaker(self.naive.holder(allocation), allocation.sub)
        refs = {"allocation": allocation.id, "specification": made_to, "inputs": inputs, "delegation": lent}
        self.tell(by, signer, "batch.signed_off", body, refs, allocation.sub)

    def _may_be_made(self, allocation: Said) -> bool:
        """Something is left of it, and where a first sample is asked for there is one."""
        waits = self.naive.contract(allocation).body["first_sample"] and self._unsampled(allocation)
        lines = allocation.lines()
        return (
            not waits
            and self.naive.accepted(allocation)
            and all(self.naive.left(allocation, x) > 0 for x in lines)
        )

    def a_lot(self) -> Said | None:
        return self.some("batch.signed_off")

    @says(2)
    def inspects(self, by: Odds) -> None:
        chance = self.chance
        lot = self.a_lot()
        if lot is None:
            self.signs_off(by)
        else:
            body = {"sample": 50, "verdict": chance.choice(["pass", "fail"])}
            signer = chance.choice(["Ines", "Ines", "Bo", "Eve"])
            self.tell(by, signer, "inspection.recorded", body, {"lot": lot.id}, lot.sub)

    @says(2)
    def holds_back(self, by: Odds) -> None:
        chance = self.chance
        lot = self.a_lot()
        if lot is None:
            self.signs_off(by)
        else:
            signer = NAMES[chance.choice(sorted(self.naive.answers_for(lot)))]
            self.tell(by, signer, "batch.held", {"reason": "Visors cloud."}, {"lot": lot.id}, lot.sub)

    @says(2)
    def clears(self, by: Odds) -> None:
        chance = self.chance
        hold = self.some("batch.held", where=lambda a: not self.naive.cleared(a))
        if hold is None:
            self.holds_back(by)
        else:
            signer = chance.choice(["Agency", hold.signer])
            self.tell(by, signer, "batch.cleared", {"reason": "Wiped."}, {"hold": hold.id}, hold.sub)
