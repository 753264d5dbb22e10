"""What the machine says of deliveries and money."""

from fractions import Fraction
from typing import Any

from tests.support.machine.contracts import COMMITMENTS, PRICES
from tests.support.machine.making import MakersSpeak
from tests.support.machine.speaking import NAMES, PARTIES, PLACE, Odds, says
from tests.support.naive import Said
from tests.support.naive.said import written
from tests.support.world import party


class CarriersSpeak(MakersSpeak):
    @says(4)
    def dispatches(self, by: Odds) -> None:
        chance = self.chance
        lots = self._together(chance.choice([0, 1, 1, 2]))
        items = [
            {"lot": lot.id, "quantity": self.size(by, Fraction(10), self.naive.unit(lot))} for lot in lots
        ]
        to = chance.choice(["Store", "Store", *PARTIES])
        body = {"waybill": "W", "to": party(to), "origin": PLACE, "destination": PLACE, "items": items}
        maker = self.naive.who(lots[0]) if lots and chance.random() < 0.7 else party(chance.choice(PARTIES))
        self._carry(by, maker, "delivery.dispatched", body, {}, lots)

    @says(4)
    def receives(self, by: Odds) -> None:
        """What a dispatch carried, or what came on none."""
        chance = self.chance
        sent = self.some("delivery.dispatched") if chance.random() < 0.8 else None
        lots = [self.naive.one(item["lot"]) for item in sent.body["items"]] if sent else self._together(1)
        counts = {"good": chance.randrange(6), "damaged": 0, "short": 0, "excess": 0}
        counts[chance.choice(["damaged", "short", "excess"])] = 1
        items = [
            {"lot": lot.id}
            | {name: {"value": str(n), "unit": self.naive.unit(lot)} for name, n in counts.items()}
            for lot in lots
        ]
        body = {"waybill": "W", "place": PLACE, "items": items}
        to = sent.body["to"] if sent and chance.random() < 0.7 else party(chance.choice(PARTIES))
        self._carry(by, to, "delivery.received", body, {"dispatch": sent.id if sent else None}, lots)

    def _together(self, many: int) -> list[Said]:
        """Lots of one contract."""
        first = self.a_lot() if many else None
        return self.naive.of("batch.signed_off", under=self.naive.contract(first))[-many:] if first else []

    def _carry(
        self, by: Odds, did: str, type_name: str, body: dict[str, Any], refs: dict[str, Any], lots: list[Said]
    ) -> None:
        """A waybill with its lots, and now and then with goods whose maker is not known."""
        chance = self.chance
        contract = self.naive.contract(lots[0]) if lots else self.a_contract()
        order = self.some("calloff.issued", under=contract)
        body["unattributed"] = []
        if order and (chance.random() < 0.2 or not lots):
            line, (_, unit) = chance.choice(sorted(order.lines().items()))
            body["unattributed"] = [{"line": line, "quantity": written(Fraction(2), unit)}]
            refs["calloff"] = order.id
        if lots or body["unattributed"]:
            signer, refs["delegation"] = self.speaker(did, contract.id)
            self.tell(by, signer, type_name, body, refs | {"lots": [lot.id for lot in lots]}, contract.id)

    @says(3)
    def decides(self, by: Odds) -> None:
        chance = self.chance
        receipt = self.some("delivery.received")
        if receipt is None:
            self.receives(by)
            return
        contract = self.naive.contract(receipt)
        lots = [self.naive.one(item["lot"]) for item in receipt.body["items"]]
        if chance.random() < 0.1:  # which the receipt may not count
            lots = self._together(1) or lots
        accepted = chance.randrange(6)
        rejected = chance.choice([0, 1]) or int(accepted == 0)

        def told(unit: str) -> dict[str, Any]:
            return {
                "accepted": {"value": str(accepted), "unit": unit},
                "rejected": {"value": str(rejected), "unit": unit},
            }

        body = {
            "items": [{"lot": lot.id, **told(self.naive.unit(lot))} for lot in lots],
            "unattributed": [
                {"line": one["line"], **told(one["quantity"]["unit"])} for one in receipt.body["unattributed"]
            ],
            "reason": "Scratched.",
        }
        signer = (self.naive.named(contract, "quality") or [contract.did])[0]
        refs = {"receipt": receipt.id, "lots": [lot.id for lot in lots]}
        self.tell(by, NAMES[signer], "delivery.decided", body, refs, contract.id)

    @says(3)
    def pays(self, by: Odds) -> None:
        chance = self.chance
        decision = self.some("delivery.decided")
        if decision is None:
            self.decides(by)
            return
        contract = self.naive.contract(decision)
        line = chance.choice(contract.body["lines"])
        kept = "price" in contract.body["confidential"] and chance.random() < 0.7
        body = {
            "payee": party("Prime"),
            "amount": COMMITMENTS[0] if kept else PRICES[0],
            "lines": [{"line": line["line"], "quantity": self.size(by, Fraction(9), line["unit"])}],
            "reference": "P-1",
        }
        signer = (self.naive.named(contract, "payers") or [contract.did])[0]
        self.tell(by, NAMES[signer], "payment.recorded", body, {"decisions": [decision.id]}, contract.id)
