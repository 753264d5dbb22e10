"""The contract: what it is made to, its terms and their changes."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.units import StatementId
from tests.support.sayings.base import Saying
from tests.support.words import MORNING, framework_body, party


class ContractSayings(Saying):
    """What is made, under which terms."""

    def specification(
        self, revision: str = "A", *, by: str = "Agency", checks: Sequence[Mapping[str, Any]] = (), **how: Any
    ) -> StatementId:
        """Of line 1's item; a check is given as `{"characteristic": ..., "by": "maker", "least": 20}`."""
        plan = [
            {"method": "by eye", "limit": "none", "sampling": "at random", "by": "maker"} | one
            for one in checks
        ]
        design = {"sha256": "d" * 64, "size": 9_000, "media_type": "application/yaml"}
        body = {"item": how.pop("item", "https://items.example/1"), "revision": revision, "design": design}
        return self.say(
            by,
            "specification.published",
            body | {"checks": plan},
            {"supersedes": how.pop("supersedes", None)},
            **how,
        )

    def framework(
        self,
        ceiling: object = None,
        *,
        tolerance: str = "0",
        lines: Mapping[str, object] | None = None,
        signer: str = "Agency",
        accept: bool = True,
        made_to: StatementId | None = None,
        **body: Any,
    ) -> StatementId:
        """One line named 1 with the ceiling; or several, each with its ceiling (a unit alone is no ceiling).

        `made_to` is the specification of every line; roles are given as `roles={"inspectors": ["Ines"]}`.
        """
        told = framework_body(lines or {"1": ceiling or "H87"}, tolerance) | body
        told["roles"] = {role: [party(one) for one in named] for role, named in told.get("roles", {}).items()}
        if made_to is not None:
            told["lines"] = [line | {"specification": made_to} for line in told["lines"]]
        refs = {"specifications": [made_to] if made_to else None}
        self.contract = self.say(signer, "framework.signed", told, refs)
        if accept:
            self.say("Prime", "framework.accepted", refs={"framework": self.contract})
        return self.contract

    def amend(self, *, by: str = "Agency", accept: bool = True, **body: Any) -> StatementId:
        specifications = [
            one["specification"]["now"] for one in body.get("lines", ()) if "specification" in one
        ]
        specifications += [one["specification"] for one in body.get("added", ()) if "specification" in one]
        refs = {"framework": self.contract, "specifications": specifications or None}
        at = body.pop("at", MORNING)
        told = {"reason": "As agreed.", "effective": "2026-05-01"} | body
        return self._changed(self.say(by, "framework.amended", told, refs, at=at), accept)

    def close(self, *, by: str = "Agency", accept: bool = True, **how: Any) -> StatementId:
        body, refs = {"reason": "All is ordered."}, {"framework": self.contract}
        return self._changed(self.say(by, "framework.closed", body, refs, **how), accept)

    def accept_change(self, change: StatementId, *, by: str = "Prime", **how: Any) -> StatementId:
        refs = {"framework": self.contract, "change": change}
        return self.say(by, "framework.accepted", refs=refs, **how)

    def _changed(self, change: StatementId, accept: bool) -> StatementId:
        if accept:
            self.accept_change(change)
        return change
