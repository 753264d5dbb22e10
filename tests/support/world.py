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
from ledger.events.base import Event, Recorded
from ledger.events.catalogue import read_event
from ledger.events.opened import Opened
from ledger.proof.note import VerifierKey, format_vkey
from ledger.rules.admit import fold
from ledger.rules.catalogue import Odd, Rule
from ledger.rules.findings import Finding, contract_findings
from ledger.rules.records import Allocation, Calloff, Key, Kind
from ledger.rules.situation import Situation, situation
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
        self, signer: str, payload: Mapping[str, Any], sub: str, size: int = 1_000
    ) -> Recorded[Event]:
        said = json.dumps([signer, sub, payload], sort_keys=True)
        id = StatementId(sha256(said.encode()).hexdigest())
        self.written[id] = payload
        return Recorded(
            id=id,
            index=LeafIndex(len(self.log)),
            iss=party(signer),
            kid=key_of(signer).kid,
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
    ) -> StatementId:
        """Said about the contract opened last, where nothing else is given; the parties' own events about them."""
        own = type_name in {"log.policy", "party.enrolled", "framework.signed"}
        about = sub if sub is not None else party(signer) if own else self.contract
        return self.fold(
            self.recorded(signer, payload_of(type_name, body or {}, refs or {}, at), about, size)
        )

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
        **body: Any,
    ) -> StatementId:
        """One line named 1 with the ceiling; or several, each with its ceiling (a unit alone is no ceiling)."""
        self.contract = self.say(
            signer, "framework.signed", framework_body(lines or {"1": ceiling or "H87"}, tolerance) | body
        )
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
        self.say(by or self.holder(offer), f"{role}.accepted", refs={role: offer}, **how)
        return offer

    def sign_off(
        self, allocation: StatementId, lot: str, released: object, *, by: str = "", **how: Any
    ) -> StatementId:
        at = how.pop("at", MORNING)
        body = sign_off_body(lot, "1", quantity(released)) | {
            name: quantity(how.pop(name)) for name in ("made", "rejected") if name in how
        }
        body |= {"checks": [CHECK]} | how
        refs = {"allocation": allocation}
        return self.say(by or self.holder(allocation), "batch.signed_off", body, refs, at=at)

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
        refs = {"lots": list(lots), "calloff": how.pop("calloff", None)}
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
        refs = {"dispatch": dispatch, "lots": list(counts), "calloff": how.pop("calloff", None)}
        return self.say(by, "delivery.received", body, refs, **how)

    # Looking

    def offer(self, offer: StatementId, kind: Kind) -> Calloff | Allocation | None:
        found = self.state.get(Key(self.contract, kind, offer))
        assert found is None or isinstance(found, (Calloff, Allocation))
        return found

    def holder(self, offer: StatementId) -> str:
        """Who may accept, divide or make it, by name."""
        found = self.offer(offer, Kind.CALLOFF) or self.offer(offer, Kind.ALLOCATION)
        assert found, "no such offer under this contract"
        return next(name for name in names() if party(name) == found.holder)

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
