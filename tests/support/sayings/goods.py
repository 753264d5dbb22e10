"""Goods: made, looked at, held back, sent, counted and decided."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.units import StatementId
from tests.support.sayings.base import Saying
from tests.support.words import CHECK, MORNING, PLACE, drawn, none_of, party, quantity, sign_off_body


class GoodsSayings(Saying):
    """From the first sample to the buyer's decision."""

    def sample(
        self, allocation: StatementId, decision: str = "pass", *, by: str = "Ines", **how: Any
    ) -> StatementId:
        body = {"line": how.pop("line", "1"), "decision": decision}
        if decision == "conditional":
            body["conditions"] = "Round the corners."
        return self.say(by, "sample.decided", body, {"allocation": allocation}, **how)

    def sign_off(
        self, allocation: StatementId, lot: str, released: object, *, by: str = "", **how: Any
    ) -> StatementId:
        """`materials` is item -> lot of bought-in material; the rest of `how` goes into refs or the body."""
        at, device = how.pop("at", MORNING), how.pop("device", None)
        materials = [{"item": item, "lot": one} for item, one in how.pop("materials", {}).items()]
        body = sign_off_body(lot, "1", quantity(released)) | {
            name: quantity(how.pop(name)) for name in ("made", "rejected") if name in how
        }
        refs = {"allocation": allocation} | {
            role: how.pop(role, None) for role in ("specification", "inputs", "delegation")
        }
        told = {"checks": [CHECK], "inputs": materials} | how
        return self.say(
            by or self.holder(allocation), "batch.signed_off", body | told, refs, at=at, device=device
        )

    def inspect(
        self, lot: StatementId, verdict: str = "pass", *, by: str = "Ines", **how: Any
    ) -> StatementId:
        body = {"sample": 50, "verdict": verdict, "defects": {"major": 0 if verdict == "pass" else 9}}
        return self.say(by, "inspection.recorded", body, {"lot": lot}, **how)

    def hold(self, lot: StatementId, *, by: str = "Ines", **how: Any) -> StatementId:
        return self.say(by, "batch.held", {"reason": "Visors cloud."}, {"lot": lot}, **how)

    def clear(self, hold: StatementId, *, by: str = "Ines", **how: Any) -> StatementId:
        return self.say(by, "batch.cleared", {"reason": "Wiped and checked."}, {"hold": hold}, **how)

    def dispatch(
        self, by: str, to: str, lots: Mapping[StatementId, object] | None = None, **how: Any
    ) -> StatementId:
        """`unknown` is line -> quantity of goods without a maker, for the call-off `calloff`."""
        lots = lots or {}
        body = {
            "waybill": how.pop("waybill", "W-1"),
            "to": party(to),
            "origin": PLACE,
            "destination": PLACE,
            "items": [{"lot": lot, "quantity": quantity(said)} for lot, said in lots.items()],
            "unattributed": drawn(how.pop("unknown", {})),
        }
        refs = {
            "lots": list(lots),
            "calloff": how.pop("calloff", None),
            "delegation": how.pop("delegation", None),
        }
        return self.say(by, "delivery.dispatched", body, refs, **how)

    def receive(
        self,
        by: str,
        lots: Mapping[StatementId, Sequence[object] | int] | None = None,
        dispatch: StatementId | None = None,
        **how: Any,
    ) -> StatementId:
        """Per lot what is good, or (good, damaged, short, excess)."""
        counts = {lot: _four(said) for lot, said in (lots or {}).items()}
        body = {
            "waybill": how.pop("waybill", "W-1"),
            "place": PLACE,
            "items": [
                {
                    "lot": lot,
                    **{
                        name: quantity(said)
                        for name, said in zip(("good", "damaged", "short", "excess"), four, strict=True)
                    },
                }
                for lot, four in counts.items()
            ],
            "unattributed": drawn(how.pop("unknown", {})),
        }
        refs = {
            "dispatch": dispatch,
            "lots": list(counts),
            "calloff": how.pop("calloff", None),
            "delegation": how.pop("delegation", None),
        }
        return self.say(by, "delivery.received", body, refs, **how)

    def decide(
        self,
        receipt: StatementId,
        lots: Mapping[StatementId, object] | None = None,
        *,
        by: str = "Agency",
        **how: Any,
    ) -> StatementId:
        """Per lot (or, as `unknown`, per line) what is accepted, or (accepted, rejected)."""

        def two(said: object) -> dict[str, Any]:
            accepted, rejected = said if isinstance(said, tuple) else (said, none_of(said))
            return {"accepted": quantity(accepted), "rejected": quantity(rejected)}

        body = {
            "items": [{"lot": lot, **two(said)} for lot, said in (lots or {}).items()],
            "unattributed": [{"line": line, **two(said)} for line, said in how.pop("unknown", {}).items()],
            "reason": how.pop("reason", "Scratched."),
        }
        return self.say(by, "delivery.decided", body, {"receipt": receipt, "lots": list(lots or {})}, **how)


def _four(said: Sequence[object] | int | str) -> Sequence[object]:
    return said if isinstance(said, tuple) else (said, *[none_of(said)] * 3)
