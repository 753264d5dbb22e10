"""Parties, their keys, and who signs for whom."""

from typing import Any

from ledger.events.delegation import ALL_DELEGABLE
from ledger.units import StatementId
from tests.support.sayings.base import Saying
from tests.support.words import party, quantity


class PartySayings(Saying):
    """Enrolment, keys, delegations."""

    def enrol(self, who: str, kind: str = "maker", **more: Any) -> StatementId:
        return self.say(who, "party.enrolled", {"kind": kind, "country": "IN", "name": who, **more})

    def add_key(
        self, who: str, device: str, *, by: str = "", using: str | None = None, **how: Any
    ) -> StatementId:
        """The key of `device` becomes one more of `who`; said `using` the key of another device, or the first."""
        body = {"key": party(device), "device": how.pop("label", device)}
        refs = {"party": self.enrolment(who)}
        return self.say(by or who, "key.added", body, refs, sub=party(who), device=using, **how)

    def revoke_key(
        self,
        who: str,
        device: str,
        reason: str = "lost",
        *,
        by: str = "",
        using: str | None = None,
        last_good: str | None = None,
        **how: Any,
    ) -> StatementId:
        refs = {"party": self.enrolment(who), "last_good": last_good}
        body = {"key": party(device), "reason": reason}
        return self.say(by or who, "key.revoked", body, refs, sub=party(who), device=using, **how)

    def delegate(self, by: str, to: str, *types: str, **how: Any) -> StatementId:
        body: dict[str, Any] = {"to": party(to), "types": list(types or ALL_DELEGABLE)}
        body["until"] = how.pop("until", "2026-12-31")
        if "most" in how:
            body["most"] = quantity(how.pop("most"))
        return self.say(by, "delegation.granted", body, **how)

    def revoke(self, by: str, delegation: StatementId, **how: Any) -> StatementId:
        return self.say(by, "delegation.revoked", refs={"delegation": delegation}, **how)

    def confirm(self, by: str, *statements: StatementId) -> StatementId:
        return self.say(by, "proxy.confirmed", refs={"statements": list(statements)})
