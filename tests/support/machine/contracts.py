"""What the machine says of contracts: opening, accepting, amending, closing them."""

from typing import Any

from tests.support.machine.parties import ITEM
from tests.support.machine.speaking import Odds, Speaking, says
from tests.support.naive import Said
from tests.support.naive.contracts import Terms
from tests.support.naive.said import OTHER_UNIT, written
from tests.support.world import party

COMMITMENTS = [{"commitment": digit * 64} for digit in "ab"]
PRICES = [{"amount": amount, "currency": "INR"} for amount in ("55", "60")]
CHANGES = ("day", "tolerance", "ceiling", "ceiling", "price", "made to", "made to", "added")
OFFERED = ("framework.signed", "framework.amended", "framework.closed")


def contract_body(
    unit: str,
    *,
    tolerance: str = "0",
    ceiling: int | None = None,
    first_sample: bool = False,
    named: bool = False,
    price: str | None = None,
) -> dict[str, Any]:
    """Two lines; `price` is `clear` or `kept` (confidential); `named` who decides on quality and who pays."""
    lines = [{"line": name, "item": ITEM + name, "description": "It", "unit": unit} for name in "12"]
    lines[0] |= {"ceiling": {"value": str(ceiling), "unit": unit}} if ceiling else {}
    lines[0] |= {"price": PRICES[0] if price == "clear" else COMMITMENTS[0]} if price else {}
    return {
        "reference": "LTA-7",
        "title": "Face shields",
        "prime": party("Prime"),
        "period": {"first": "2026-01-01", "last": "2026-12-30"},
        "lines": lines,
        "law": "IN",
        "tolerance_percent": tolerance,
        "released_by": "maker",
        "first_sample": first_sample,
        "confidential": ["price"] if price == "kept" else [],
        "roles": {
            "inspectors": [party("Ines")],
            "quality": [party("Dee")] if named else [],
            "payers": [party("Store")] if named else [],
        },
    }


class BuyersSpeak(Speaking):
    @says()
    def opens_one_more(self, by: Odds) -> None:
        if len(self.contracts) < 3:
            self.open(by, contract_body("H87"))

    def open(
        self, by: Odds, body: dict[str, Any], *, accept: bool = True, made_to: str | None = None
    ) -> None:
        body["lines"][0] |= {"specification": made_to} if made_to else {}
        refs = {"specifications": [made_to]} if made_to else {}
        contract = self.tell(by, "Agency", "framework.signed", body, refs)
        if self.naive.find(contract.id):
            self.contracts.append(contract.id)
        if accept:
            self.agree(by, contract)

    @says()
    def agrees(self, by: Odds) -> None:
        offer = self.some(*OFFERED, where=lambda a: not self.naive.accepted(a))
        if offer and (offer.type != "framework.closed" or self.chance.random() < 0.2):
            self.agree(by, offer)

    def agree(self, by: Odds, offer: Said) -> None:
        """The prime does, to a contract or a change of it that was admitted."""
        if not self.naive.find(offer.id):
            return
        contract = self.naive.under(offer)
        refs = {"framework": contract, "change": None if offer.type == "framework.signed" else offer.id}
        self.tell(by, "Prime", "framework.accepted", {}, refs, contract)

    @says(6)
    def amends(self, by: Odds) -> None:
        """What is in force, or now and then what was signed, as if nothing had been changed since."""
        chance = self.chance
        contract = self.a_contract()
        agreed = self.naive.terms(contract)
        now = self.naive.as_signed(contract) if chance.random() < 0.2 else agreed
        body = self._change(by, contract, now, chance.choice(CHANGES))
        body |= {
            "reason": "As agreed.",
            "effective": chance.choice(["2026-04-01", "2026-05-01", "2026-05-11", "2026-07-01"]),
        }
        named = [line["specification"]["now"] for line in body.get("lines", []) if "specification" in line]
        refs = {"framework": contract.id, "specifications": named}
        offered = self.tell(by, "Agency", "framework.amended", body, refs, contract.id)
        if chance.random() < 0.5:
            self.agree(by.surely(), offered)

    def _change(self, by: Odds, contract: Said, now: Terms, what: str) -> dict[str, Any]:
        chance = self.chance
        if what == "day":
            return {
                "last_day": {
                    "was": now.last,
                    "now": chance.choice(["2026-12-31", "2026-06-10", "2025-12-31"]),
                }
            }
        if what == "tolerance":
            return {"tolerance_percent": {"was": str(float(now.tolerance)), "now": chance.choice("05")}}
        if what == "added":
            name, line = chance.choice("13345"), contract.body["lines"][0]
            return {"added": [{"line": name} | {k: line[k] for k in ("item", "description", "unit")}]}
        name = chance.choice(sorted(now.lines))
        line = now.lines[name]
        if what == "ceiling":
            limit = self.naive.called(contract, name) + chance.choice([-5, -1, 0, 30])
            other = line["ceiling"] is None and chance.random() < 0.1
            unit = OTHER_UNIT[line["unit"]] if other else line["unit"]
            change = {"was": line["ceiling"], "now": chance.choice([written(limit, unit)] * 4 + [None])}
        elif what == "price":
            change = {"was": line["price"], "now": chance.choice([*PRICES, *COMMITMENTS, None])}
        else:
            what = "specification"
            made_to = self.some("specification.published", where=lambda a: a.body["item"] == line["item"])
            change = {"was": ([None] + line["specifications"])[-1], "now": made_to.id}
        return {"lines": [{"line": name, what: change}]}

    @says()
    def closes(self, by: Odds) -> None:
        """Mostly the contract opened last: nothing is ordered under it any more."""
        chance = self.chance
        contract = self.naive.one(self.contracts[-1]) if chance.random() < 0.9 else self.a_contract()
        refs = {"framework": contract.id}
        offered = self.tell(
            by, "Agency", "framework.closed", {"reason": "All is ordered."}, refs, contract.id
        )
        if chance.random() < 0.5:
            self.agree(by, offered)
