"""What follows a delivery: payments, recalls, disputes, corrections, erasures."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.units import StatementId
from tests.support.sayings.base import Saying
from tests.support.words import drawn, party, quantity


class AfterSayings(Saying):
    """Money, recalls, disputes, and putting the record right."""

    def pay(
        self,
        decision: StatementId,
        lines: object,
        amount: object = "100 INR",
        *,
        by: str = "Agency",
        **how: Any,
    ) -> StatementId:
        """`amount` as `"100 INR"`, or as a commitment."""
        if isinstance(amount, str):
            value, currency = amount.split()
            amount = {"amount": value, "currency": currency}
        body = {
            "payee": party(how.pop("to", "Prime")),
            "amount": amount,
            "lines": drawn(lines),
            "reference": "P-1",
        }
        return self.say(by, "payment.recorded", body, {"decisions": [decision]}, **how)

    def recall(
        self,
        lots: Sequence[StatementId] = (),
        *,
        by: str = "Agency",
        materials: Mapping[str, str] | None = None,
        **how: Any,
    ) -> StatementId:
        """`materials` is item -> lot of bought-in material."""
        body = {
            "inputs": [{"item": item, "lot": lot} for item, lot in (materials or {}).items()],
            "grade": "danger to health",
            "action": "quarantine",
            "reason": "The sheet gives off fumes.",
        }
        return self.say(
            by, "recall.opened", body, {"lots": list(lots), "specification": how.pop("made_to", None)}, **how
        )

    def acknowledge(
        self, by: str, recall: StatementId, lots: Mapping[StatementId, object], **how: Any
    ) -> StatementId:
        """Per lot what was located, all of it quarantined, or (located, quarantined)."""
        items = []
        for lot, said in lots.items():
            located, quarantined = said if isinstance(said, tuple) else (said, said)
            items.append({"lot": lot, "located": quantity(located), "quarantined": quantity(quarantined)})
        refs = {"recall": recall, "lots": list(lots), "delegation": how.pop("delegation", None)}
        return self.say(by, "recall.acknowledged", {"items": items}, refs, **how)

    def close_recall(self, recall: StatementId, *, by: str = "Agency", **how: Any) -> StatementId:
        return self.say(by, "recall.closed", {"outcome": "All destroyed."}, {"recall": recall}, **how)

    def dispute(self, by: str, target: StatementId, *, against: str = "", **how: Any) -> StatementId:
        body = {"claim": "It was 40 more.", "wanted": "Count again."}
        if against:
            body["against"] = party(against)
        return self.say(by, "dispute.raised", body, {"target": target}, **how)

    def resolve(self, dispute: StatementId, *, by: str, **how: Any) -> StatementId:
        body = {"ended": "agreed", "outcome": "Counted again."}
        return self.say(by, "dispute.resolved", body, {"dispute": dispute}, **how)

    def correct(
        self, by: str, target: StatementId, replacement: StatementId | None = None, **how: Any
    ) -> StatementId:
        reason = "incorrect data" if replacement else "did not occur"
        body = {"reason": how.pop("reason", reason), "explanation": "Wrong waybill."}
        return self.say(
            by, "correction.declared", body, {"target": target, "replacement": replacement}, **how
        )

    def erase(
        self, by: str, target: StatementId, *commitments: str, contents: bool = False, **how: Any
    ) -> StatementId:
        body: dict[str, Any] = {
            "commitments": list(commitments),
            "contents": contents,
            "ground": "On request.",
        }
        if contents:
            body["order"] = {"sha256": "e" * 64, "size": 900, "media_type": "application/pdf"}
        return self.say(by, "erasure.recorded", body, {"target": target}, **how)
