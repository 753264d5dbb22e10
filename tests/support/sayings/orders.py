"""Orders, their division, and taking back."""

from typing import Any

from ledger.rules.records import Allocation, Kind
from ledger.units import StatementId
from tests.support.sayings.base import Saying
from tests.support.words import MORNING, calloff_body, drawn, party


class OrderSayings(Saying):
    """Call-offs, allocations, and what is taken back of them."""

    def calloff(self, quantity_or_lines: object, *, signer: str = "Agency", **how: Any) -> StatementId:
        at = how.pop("at", MORNING)
        body = calloff_body(drawn(quantity_or_lines), how.pop("to", "Store"), how.pop("due", "2026-06-01"))
        assert not how
        return self.say(signer, "calloff.issued", body, {"framework": self.contract}, at=at)

    def allot(
        self, parent: StatementId, maker: str, quantity_or_lines: object, *, by: str = "", **how: Any
    ) -> StatementId:
        """By the holder of the parent, where nobody else is named."""
        body = {
            "maker": party(maker),
            "lines": drawn(quantity_or_lines),
            "due": how.pop("due", "2026-05-20"),
        }
        return self.say(by or self.holder(parent), "allocation.offered", body, {"parent": parent}, **how)

    def accepted(self, offer: StatementId, *, by: str = "", **how: Any) -> StatementId:
        """Have an offer accepted by whom it is made to; answers the offer."""
        role = "calloff" if self.offer(offer, Kind.CALLOFF) else "allocation"
        refs = {role: offer, "delegation": how.pop("delegation", None)}
        self.say(by or self.holder(offer), f"{role}.accepted", refs=refs, **how)
        return offer

    def cancel(
        self, calloff: StatementId, lines: object = None, *, by: str = "Agency", **how: Any
    ) -> StatementId:
        """So much of line 1 (or of the lines), or all that is not made."""
        body = {"reason": "Not needed.", "lines": drawn(lines) if lines else []}
        return self.say(by, "calloff.cancelled", body, {"calloff": calloff}, **how)

    def withdraw(
        self, allocation: StatementId, lines: object = None, *, by: str = "", **how: Any
    ) -> StatementId:
        offer = self.offer(allocation, Kind.ALLOCATION)
        assert isinstance(offer, Allocation)
        body = {"reason": "Given to others.", "lines": drawn(lines) if lines else []}
        signer = by or self.name(offer.offered_by)
        return self.say(signer, "allocation.withdrawn", body, {"allocation": allocation}, **how)
