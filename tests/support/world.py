"""A log without signatures, for the rules: events are read, ruled and folded where they are said.

Ids are hashes of what is said by whom about what, so the same said twice has the same id. Quantities are written
as a person writes them: `400` pieces, `"0.1 KGM"`.

    world = World()
    world.framework(ceiling=1000)
    order = world.accepted(world.calloff(1000))
    part = world.accepted(world.allot(order, "Asha", 400))
    lot = world.sign_off(part, "A1", 300)
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

import pytest

from ledger.errors import Refused
from ledger.events.base import Event, Recorded, Subject
from ledger.events.catalogue import EVENTS, read_event
from ledger.events.delegation import ALL_DELEGABLE
from ledger.events.opened import Opened
from ledger.proof.note import VerifierKey, format_vkey
from ledger.rules.admit import fold
from ledger.rules.catalogue import Odd, Rule
from ledger.rules.findings import Finding, contract_findings
from ledger.rules.records import Allocation, Calloff, Key, Kind, Party
from ledger.rules.gathering import situation
from ledger.rules.situation import Situation
from ledger.rules.state import MemoryState
from ledger.statement.envelope import Statement
from ledger.statement.keys import PublicKey
from ledger.statement.signer import Ed25519Signer
from ledger.units import Entry, LeafIndex, PartyId, StatementId

ORIGIN = "log.example/world"
MORNING = "2026-05-04T09:00:00+05:30"
PLACE = {"country": "IN", "region": "IN-MH", "locality": "Pune"}
CHECK = {"characteristic": "visor clear", "method": "by eye", "sample": 20, "failed": 0}
CAST = {
    "Agency": "agency",
    "Prime": "prime",
    "Hub": "hub",
    "Asha": "maker",
    "Bo": "maker",
    "Store": "consignee",
    "Ines": "inspector",
}


@lru_cache
def key_of(name: str) -> PublicKey:
    return Ed25519Signer.from_seed(sha256(name.encode()).digest()).public


def party(name: str) -> PartyId:
    return key_of(name).did


def quantity(said: object) -> dict[str, str]:
    """`400` and `"400"` are pieces, `"0.1 KGM"` says its unit."""
    value, _, unit = str(said).partition(" ")
    return {"value": value, "unit": unit or "H87"}


def payload_of(type_name: str, body: Mapping[str, Any], refs: Mapping[str, Any], at: str = MORNING) -> dict:
    return {
        "type": type_name,
        "version": 1,
        "occurred_at": at,
        "prev": None,
        "refs": {role: ref for role, ref in refs.items() if ref is not None},
        "body": dict(body),
    }


def policy_body(agencies: Sequence[str] = ("Agency",), **limits: int) -> dict[str, Any]:
    return {
        "origin": ORIGIN,
        "vkey": format_vkey(VerifierKey(ORIGIN, key_of("Operator"))),
        "agencies": [party(agency) for agency in agencies],
        "erasure": "On a court's order.",
        "limits": limits,
    }


def opened(recorded: Recorded[Event], payload: Mapping[str, Any]) -> Opened:
    """As if it had been signed and opened; only its bytes and its signature are not there."""
    statement = Statement(
        data=b"",
        id=recorded.id,
        entry=Entry(bytes.fromhex(recorded.id)),
        algorithm=-8,
        kid=recorded.kid,
        iss=recorded.iss,
        sub=recorded.sub,
        iat=0,
        payload=dict(payload),
    )
    return Opened(statement, recorded.event)


@contextmanager
def refused(rule: Rule, *, retriable: bool = False) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """What stands inside is refused by this very rule."""
    with pytest.raises(Refused) as caught:
        yield caught
    assert (caught.value.rule, caught.value.retriable) == (rule.label, retriable)


class World:
    """The fold, the log behind it, and short ways to say things. `contract` is the one opened last."""

    def __init__(self, cast: Mapping[str, str] = CAST, **limits: int) -> None:
        self.state = MemoryState()
        self.log: list[Recorded[Event]] = []
        self.written: dict[StatementId, Mapping[str, Any]] = {}
        self.contract = StatementId("")
        self.say("Operator", "log.policy", policy_body(**limits))
        for name, kind in cast.items():
            self.enrol(name, kind)

    # Saying

    def recorded(
        self, signer: str, payload: Mapping[str, Any], sub: str, size: int = 1_000, device: str | None = None
    ) -> Recorded[Event]:
        """`device` names the key that signs, where it is not the signer's first."""
        said = json.dumps([signer, sub, payload, *([device] if device else [])], sort_keys=True)
        id = StatementId(sha256(said.encode()).hexdigest())
        self.written[id] = payload
        return Recorded(
            id=id,
            index=LeafIndex(len(self.log)),
            iss=party(signer),
            kid=key_of(device or signer).kid,
            sub=sub,
            bytes=size,
            event=read_event(payload),
        )

    def fold(self, recorded: Recorded[Event]) -> StatementId:
        fold(self.state, recorded)
        self.log.append(recorded)
        return recorded.id

    def say(
        self,
        signer: str,
        type_name: str,
        body: Mapping[str, Any] | None = None,
        refs: Mapping[str, Any] | None = None,
        *,
        sub: str | None = None,
        at: str = MORNING,
        size: int = 1_000,
        device: str | None = None,
    ) -> StatementId:
        """Said about the contract opened last, where nothing else is given; the parties' own events about them."""
        own = EVENTS[type_name].subject in {Subject.SIGNER, Subject.PARTY}
        about = sub if sub is not None else party(signer) if own else self.contract
        payload = payload_of(type_name, body or {}, refs or {}, at)
        return self.fold(self.recorded(signer, payload, about, size, device))

    def enrol(self, who: str, kind: str = "maker", **more: Any) -> StatementId:
        return self.say(who, "party.enrolled", {"kind": kind, "country": "IN", "name": who, **more})

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

    def add_key(self, who: str, device: str, *, by: str = "", **how: Any) -> StatementId:
        """The key of `device` becomes one more of `who`."""
        body = {"key": party(device), "device": device}
        return self.say(by or who, "key.added", body, {"party": self.enrolment(who)}, sub=party(who), **how)

    def revoke_key(
        self,
        who: str,
        device: str,
        reason: str = "lost",
        *,
        by: str = "",
        last_good: str | None = None,
        **how: Any,
    ) -> StatementId:
        refs = {"party": self.enrolment(who), "last_good": last_good}
        body = {"key": party(device), "reason": reason}
        return self.say(by or who, "key.revoked", body, refs, sub=party(who), **how)

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

    def amend(self, *, by: str = "Agency", accept: bool = True, **body: Any) -> StatementId:
        specifications = [
            one["specification"]["now"] for one in body.get("lines", ()) if "specification" in one
        ]
        specifications += [one["specification"] for one in body.get("added", ()) if "specification" in one]
        refs = {"framework": self.contract, "specifications": specifications or None}
        told = {"reason": "As agreed.", "effective": "2026-05-01"} | body
        return self._changed(self.say(by, "framework.amended", told, refs), accept)

    def close(self, *, by: str = "Agency", accept: bool = True) -> StatementId:
        body, refs = {"reason": "All is ordered."}, {"framework": self.contract}
        return self._changed(self.say(by, "framework.closed", body, refs), accept)

    def accept_change(self, change: StatementId, *, by: str = "Prime") -> StatementId:
        return self.say(by, "framework.accepted", refs={"framework": self.contract, "change": change})

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

    def delegate(self, by: str, to: str, *types: str, **how: Any) -> StatementId:
        body: dict[str, Any] = {"to": party(to), "types": list(types or ALL_DELEGABLE)}
        body["until"] = how.pop("until", "2026-12-31")
        if "most" in how:
            body["most"] = quantity(how.pop("most"))
        return self.say(by, "delegation.granted", body, **how)

    def confirm(self, by: str, *statements: StatementId) -> StatementId:
        return self.say(by, "proxy.confirmed", refs={"statements": list(statements)})

    def sample(
        self, allocation: StatementId, decision: str = "pass", *, by: str = "Ines", **how: Any
    ) -> StatementId:
        body = {"line": how.pop("line", "1"), "decision": decision}
        if decision == "conditional":
            body["conditions"] = "Round the corners."
        return self.say(by, "sample.decided", body, {"allocation": allocation}, **how)

    def inspect(
        self, lot: StatementId, verdict: str = "pass", *, by: str = "Ines", **how: Any
    ) -> StatementId:
        body = {"sample": 50, "verdict": verdict, "defects": {"major": 0 if verdict == "pass" else 9}}
        return self.say(by, "inspection.recorded", body, {"lot": lot}, **how)

    def hold(self, lot: StatementId, *, by: str = "Ines", **how: Any) -> StatementId:
        return self.say(by, "batch.held", {"reason": "Visors cloud."}, {"lot": lot}, **how)

    def clear(self, hold: StatementId, *, by: str = "Ines", **how: Any) -> StatementId:
        return self.say(by, "batch.cleared", {"reason": "Wiped and checked."}, {"hold": hold}, **how)

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

    def dispute(self, by: str, target: StatementId, **how: Any) -> StatementId:
        body = {"claim": "It was 40 more.", "wanted": "Count again."}
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

    def _changed(self, change: StatementId, accept: bool) -> StatementId:
        if accept:
            self.accept_change(change)
        return change

    # Looking

    def enrolment(self, who: str) -> StatementId:
        found = self.state.get(Key("", Kind.PARTY, party(who)))
        return found.statement if isinstance(found, Party) else StatementId("f" * 64)

    def name(self, did: str) -> str:
        return next(name for name in names() if party(name) == did)

    def offer(self, offer: StatementId, kind: Kind) -> Calloff | Allocation | None:
        found = self.state.get(Key(self.contract, kind, offer))
        assert found is None or isinstance(found, (Calloff, Allocation))
        return found

    def holder(self, offer: StatementId) -> str:
        """Who may accept, divide or make it, by name."""
        found = self.offer(offer, Kind.CALLOFF) or self.offer(offer, Kind.ALLOCATION)
        assert found, "no such offer under this contract"
        return self.name(found.holder)

    def at(self, as_of: str | None = None) -> Situation:
        return situation(self.state, self.contract, datetime.fromisoformat(as_of) if as_of else None)

    def findings(self, odd: Odd | None = None, as_of: str | None = None) -> list[Finding]:
        found = contract_findings(self.state, self.contract, datetime.fromisoformat(as_of) if as_of else None)
        return [finding for finding in found if odd in {None, finding.odd}]


def names() -> list[str]:
    return [*CAST, "Cy", "Dee", "Eve", "Operator"]


def framework_body(lines: Mapping[str, object], tolerance: str = "0") -> dict[str, Any]:
    return {
        "reference": "LTA-7",
        "title": "Face shields",
        "prime": party("Prime"),
        "period": {"first": "2026-01-01", "last": "2026-12-31"},
        "lines": [_line(name, str(ceiling)) for name, ceiling in lines.items()],
        "law": "IN",
        "tolerance_percent": tolerance,
        "released_by": "maker",
    }


def calloff_body(lines: Sequence[Mapping[str, Any]], to: str, due: str = "2026-06-01") -> dict[str, Any]:
    return {"reference": "CO-1", "lines": lines, "consignee": party(to), "place": PLACE, "due": due}


def sign_off_body(lot: str, line: str, quantity: Mapping[str, str]) -> dict[str, Any]:
    """All that was made is released."""
    return {
        "line": line,
        "lot": lot,
        "made": quantity,
        "rejected": {"value": "0", "unit": quantity["unit"]},
        "released": quantity,
        "made_between": {"first": "2026-05-01", "last": "2026-05-03"},
        "place": PLACE,
    }


def _line(name: str, ceiling: str) -> dict[str, Any]:
    line = {"line": name, "item": f"https://items.example/{name}", "description": f"Thing {name}"}
    if ceiling.isalnum() and not ceiling[0].isdigit():
        return line | {"unit": ceiling}
    return line | {"unit": quantity(ceiling)["unit"], "ceiling": quantity(ceiling)}


def drawn(said: object) -> list[dict[str, Any]]:
    """`400` is a quantity of line 1; a mapping is line -> quantity; a list of pairs may name a line twice."""
    pairs = said.items() if isinstance(said, Mapping) else said if isinstance(said, list) else [("1", said)]
    return [{"line": line, "quantity": quantity(one)} for line, one in pairs]


def none_of(said: object) -> str:
    """0 in the same unit."""
    return f"0 {quantity(said)['unit']}"


def _four(said: Sequence[object] | int | str) -> Sequence[object]:
    return said if isinstance(said, tuple) else (said, *[none_of(said)] * 3)
