"""The rules once more, by hand: what must be refused, worked out from nothing but the statements admitted so far.

No record is kept, nothing is summed up as it comes, no code of the ledger is used: every question goes through the
whole list again. It is slow and plain, and there to disagree with the ledger. Quantities are fractions.
"""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

from tests.support.world import party

WHOLE = {"H87"}
STEP = {"H87": Fraction(1), "KGM": Fraction(1, 1000)}
OTHER_UNIT = {"H87": "KGM", "KGM": "H87"}
FITS = {
    "framework": {"framework.signed"},
    "calloff": {"calloff.issued"},
    "parent": {"calloff.issued", "allocation.offered"},
    "allocation": {"allocation.offered"},
    "dispatch": {"delivery.dispatched"},
    "lots": {"batch.signed_off"},
}
RETRIABLE = {"R04", "R07", "R12", "R21"}


class Said(NamedTuple):
    """One statement: who said what about which subject."""

    id: str
    signer: str
    sub: str
    payload: dict[str, Any]

    @property
    def type(self) -> str:
        return str(self.payload["type"])

    @property
    def refs(self) -> dict[str, Any]:
        return dict(self.payload["refs"])

    @property
    def body(self) -> dict[str, Any]:
        return dict(self.payload["body"])

    @property
    def did(self) -> str:
        return party(self.signer)

    def as_told(self) -> tuple[str, dict[str, Any], str]:
        return self.signer, self.payload, self.sub

    def lines(self) -> dict[str, tuple[Fraction, str]]:
        return {one["line"]: amount(one["quantity"]) for one in self.body["lines"]}


def amount(quantity: dict[str, str]) -> tuple[Fraction, str]:
    return Fraction(quantity["value"]), quantity["unit"]


def written(value: Fraction, unit: str) -> dict[str, str]:
    """A quantity of at least one step, rounded down to what can be written: whole pieces, six digits."""
    value = Fraction(floor(value)) if unit in WHOLE else value
    fine = max(value, STEP[unit]) * 10**6
    text = f"{int(fine) // 10**6}.{int(fine) % 10**6:06}"
    return {"value": text.rstrip("0").rstrip("."), "unit": unit}


class Naive:
    """What was admitted, and every question anew."""

    def __init__(self) -> None:
        self.log: list[Said] = []

    def of(self, type_name: str, contract: str | None = None) -> Iterator[Said]:
        return (a for a in self.log if a.type == type_name and contract in {None, a.sub})

    def find(self, id: str) -> Said | None:
        return next((a for a in self.log if a.id == id), None)

    def contract_of(self, one: Said) -> str:
        if one.type == "framework.signed":
            return one.id
        return "" if one.type in {"log.policy", "party.enrolled"} else one.sub

    # Sums

    def accepted(self, offer: str) -> bool:
        return any(offer in a.refs.values() for a in self.log if a.type.endswith(".accepted"))

    def allotted(self, parent: str, line: str) -> Fraction:
        children = [a for a in self.of("allocation.offered") if a.refs["parent"] == parent]
        return sum((a.lines()[line][0] for a in children if line in a.lines()), Fraction(0))

    def released(self, allocation: str, line: str) -> Fraction:
        lots = [a for a in self.of("batch.signed_off") if a.refs["allocation"] == allocation]
        return sum((amount(a.body["released"])[0] for a in lots if a.body["line"] == line), Fraction(0))

    def left(self, offer: Said, line: str) -> Fraction:
        return offer.lines()[line][0] - self.allotted(offer.id, line) - self.released(offer.id, line)

    def most(self, contract: Said, quantity: Fraction, unit: str) -> Fraction:
        most = quantity * (1 + Fraction(contract.body["tolerance_percent"]) / 100)
        return Fraction(floor(most)) if unit in WHOLE else most

    def room(self, offer: Said, line: str) -> Fraction:
        """What may still be signed off under an allocation."""
        quantity, unit = offer.lines()[line]
        most = self.most(self.one(offer.sub), quantity - self.allotted(offer.id, line), unit)
        return most - self.released(offer.id, line)

    def called(self, contract: Said, line: str) -> Fraction:
        issued = self.of("calloff.issued", contract.id)
        return sum((a.lines()[line][0] for a in issued if line in a.lines()), Fraction(0))

    def ceiling(self, contract: Said, line: str) -> Fraction | None:
        told = next(one for one in contract.body["lines"] if one["line"] == line)
        return self.most(contract, *amount(told["ceiling"])) if "ceiling" in told else None

    def holder(self, offer: Said) -> str:
        if offer.type == "allocation.offered":
            return str(offer.body["maker"])
        return str(self.one(self.contract_of(offer)).body["prime"])

    def unit(self, lot: Said) -> str:
        return amount(lot.body["released"])[1]

    def members(self, contract: Said) -> set[str]:
        found = {contract.did, contract.body["prime"]}
        for role in ("consignee", "maker", "to"):
            found |= {a.body[role] for a in self.log if a.sub == contract.id and role in a.body}
        return found

    # Verdict

    def broken(self, one: Said) -> set[str]:
        """The numbers of all rules that stand against it; none: it must be admitted."""
        against = set()
        if one.type != "party.enrolled" and not any(
            a.signer == one.signer for a in self.of("party.enrolled")
        ):
            against.add("R04")
        if one.type in {"party.enrolled", "framework.signed"} and one.sub != one.did:
            against.add("R06")
        if one.type == "party.enrolled":
            return against | ({"R05"} if any(a.signer == one.signer for a in self.of(one.type)) else set())
        if one.type == "framework.signed":
            return against | ({"R09"} if one.signer != "Agency" else set())
        contract = self.find(one.sub)
        if contract is None or contract.type != "framework.signed":
            return against | ({"R06"} if contract or one.sub.startswith("did:") else {"R07"})
        against |= self._unfit(one)
        if against & {"R07", "R08"} and not one.type.startswith("delivery."):
            return against
        return against | set(getattr(self, "_" + one.type.replace(".", "_"))(one, contract))

    def _unfit(self, one: Said) -> set[str]:
        named = [
            (role, ref)
            for role, refs in one.refs.items()
            for ref in ([refs] if isinstance(refs, str) else refs)
        ]
        return {number for role, ref in named for number in self._fits(one, role, ref)}

    def _fits(self, one: Said, role: str, ref: str) -> set[str]:
        """What stands against one reference."""
        found = self.find(ref)
        if found is None:
            return {"R07"}
        return set() if found.type in FITS[role] and self.contract_of(found) == one.sub else {"R08"}

    def _acceptance(self, one: Said, offer: Said) -> Iterator[str]:
        if one.did != self.holder(offer):
            yield "R10"
        if self.accepted(offer.id):
            yield "R11"

    def _framework_accepted(self, one: Said, contract: Said) -> Iterator[str]:
        if one.did != contract.body["prime"]:
            yield "R10"
        if self.accepted(contract.id):
            yield "R11"

    def _calloff_accepted(self, one: Said, _contract: Said) -> Iterator[str]:
        return self._acceptance(one, self.one(one.refs["calloff"]))

    def _allocation_accepted(self, one: Said, _contract: Said) -> Iterator[str]:
        return self._acceptance(one, self.one(one.refs["allocation"]))

    def _calloff_issued(self, one: Said, contract: Said) -> Iterator[str]:
        if one.did != contract.did:
            yield "R10"
        if not self.accepted(contract.id):
            yield "R12"
        day = date.fromisoformat(one.payload["occurred_at"][:10])
        period = contract.body["period"]
        if not date.fromisoformat(period["first"]) <= day <= date.fromisoformat(period["last"]):
            yield "R13"
        units = {line["line"]: line["unit"] for line in contract.body["lines"]}
        for line, (quantity, unit) in one.lines().items():
            if line not in units:
                yield "R14"
            elif unit != units[line]:
                yield "R15"
            else:
                ceiling = self.ceiling(contract, line)
                if ceiling is not None and self.called(contract, line) + quantity > ceiling:
                    yield "R16"

    def _allocation_offered(self, one: Said, _contract: Said) -> Iterator[str]:
        parent = self.one(one.refs["parent"])
        if one.did != self.holder(parent):
            yield "R10"
        if not self.accepted(parent.id):
            yield "R12"
        for line, (quantity, unit) in one.lines().items():
            if line not in parent.lines():
                yield "R14"
            elif unit != parent.lines()[line][1]:
                yield "R15"
            elif quantity > self.left(parent, line):
                yield "R17"

    def _batch_signed_off(self, one: Said, _contract: Said) -> Iterator[str]:
        allocation, body = self.one(one.refs["allocation"]), one.body
        if one.did != self.holder(allocation):
            yield "R10"
        if not self.accepted(allocation.id):
            yield "R12"
        if any(a.signer == one.signer and a.body["lot"] == body["lot"] for a in self.of(one.type)):
            yield "R20"
        if body["line"] not in allocation.lines():
            yield "R14"
            return
        (made, _), (rejected, _), (released, _) = told = [
            amount(body[x]) for x in ("made", "rejected", "released")
        ]
        if {unit for _, unit in told} != {allocation.lines()[body["line"]][1]}:
            yield "R15"
            return
        if released > made - rejected:
            yield "R19"
        if released > self.room(allocation, body["line"]):
            yield "R18"

    def _delivery(self, one: Said, contract: Said, units: dict[str, str]) -> Iterator[str]:
        if one.did not in self.members(contract):
            yield "R21"
        lots = [lot for lot in units if not self._fits(one, "lots", lot)]
        if any(self.unit(self.one(lot)) != units[lot] for lot in lots):
            yield "R15"
        if "calloff" in one.refs and not self._fits(one, "calloff", one.refs["calloff"]):
            lines = self.one(one.refs["calloff"]).lines()
            for goods in one.body["unattributed"]:
                if goods["line"] not in lines:
                    yield "R14"
                elif goods["quantity"]["unit"] != lines[goods["line"]][1]:
                    yield "R15"

    def _delivery_dispatched(self, one: Said, contract: Said) -> Iterator[str]:
        units = {item["lot"]: item["quantity"]["unit"] for item in one.body["items"]}
        return self._delivery(one, contract, units)

    def _delivery_received(self, one: Said, contract: Said) -> Iterator[str]:
        units = {item["lot"]: item["good"]["unit"] for item in one.body["items"]}
        return self._delivery(one, contract, units)

    def one(self, id: str) -> Said:
        found = self.find(id)
        assert found
        return found
