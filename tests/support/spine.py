"""One small contract from end to end, signed for real: an agency, a prime, a hub, two makers, a store.

The figures: 1,000 pieces ordered; the hub gets 600 and allots 400 to Asha (Ed25519) and keeps none for now; the
prime allots 300 to Bo (P-256). Asha signs off 300, dispatches 300; 290 arrive good, 4 damaged, 6 short. Bo signs
off 300 in two lots and dispatches one of 200, which is not received yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from ledger.log.log import Log, create_log
from ledger.log.writer import Registered
from ledger.proof.note import VerifierKey
from ledger.statement.envelope import sign_statement
from ledger.statement.signer import Ed25519Signer, P256Signer, Signer
from ledger.units import StatementId

ORIGIN = "log.example/spine"
LOG_SIGNER = Ed25519Signer.from_seed(sha256(b"log").digest())
VKEY = VerifierKey(ORIGIN, LOG_SIGNER.public)
CLOCK = 1_777_900_000  # 2026-05-04T13:06:40Z
PLACE = {"country": "IN", "region": "IN-MH", "locality": "Pune"}


def h87(value: int) -> dict[str, str]:
    return {"value": str(value), "unit": "H87"}


class Actor:
    """A party that signs, keeping its key's chain."""

    def __init__(self, name: str, kind: str) -> None:
        self.name, self.kind = name, kind
        seed = sha256(name.encode()).digest()
        self.signer: Signer = P256Signer.from_scalar(seed) if name == "Bo" else Ed25519Signer.from_seed(seed)
        self.party = self.signer.public.did
        self.prev: str | None = None

    def sign(
        self,
        type_name: str,
        body: Mapping[str, Any],
        refs: Mapping[str, Any] | None = None,
        *,
        sub: str | None = None,
        at: str = "2026-05-04T16:20:00+05:30",
    ) -> bytes:
        payload = {
            "type": type_name,
            "version": 1,
            "occurred_at": at,
            "prev": self.prev,
            "refs": dict(refs or {}),
            "body": dict(body),
        }
        data = sign_statement(self.signer, iss=self.party, sub=sub or self.party, iat=CLOCK, payload=payload)
        self.prev = sha256(data).hexdigest()
        return data

    def enrol(self) -> bytes:
        return self.sign("party.enrolled", {"kind": self.kind, "country": "IN", "name": self.name})


class Spine:
    """The statements of the story by name, and the ids they have."""

    def __init__(self) -> None:
        self.agency = Actor("Relief Agency", "agency")
        self.prime = Actor("Prime Co", "prime")
        self.hub = Actor("Pune Hub", "hub")
        self.asha = Actor("Asha", "maker")
        self.bo = Actor("Bo", "maker")
        self.store = Actor("State Store", "consignee")
        self.parts: dict[str, bytes] = {}
        for actor in (self.agency, self.prime, self.hub, self.asha, self.bo, self.store):
            self._add(f"enrolled {actor.name}", actor.enrol())
        self._contract()
        self._allocations()
        self._goods()

    def id(self, name: str) -> StatementId:
        return StatementId(sha256(self.parts[name]).hexdigest())

    @property
    def contract(self) -> StatementId:
        return self.id("framework")

    @property
    def statements(self) -> list[bytes]:
        return list(self.parts.values())

    def _add(self, name: str, data: bytes) -> StatementId:
        self.parts[name] = data
        return self.id(name)

    def _contract(self) -> None:
        framework = self._add(
            "framework", self.agency.sign("framework.signed", framework_body(self.prime.party))
        )
        self._add(
            "framework accepted",
            self.prime.sign("framework.accepted", {}, {"framework": framework}, sub=framework),
        )
        calloff = self._add(
            "calloff",
            self.agency.sign(
                "calloff.issued", calloff_body(self.store.party), {"framework": framework}, sub=framework
            ),
        )
        self._add(
            "calloff accepted", self.prime.sign("calloff.accepted", {}, {"calloff": calloff}, sub=framework)
        )

    def allot(self, name: str, holder: Actor, parent: str, maker: Actor, quantity: int) -> None:
        body = {
            "maker": maker.party,
            "lines": [{"line": "1", "quantity": h87(quantity)}],
            "due": "2026-05-20",
        }
        refs = {"parent": self.id(parent)}
        self._add(name, holder.sign("allocation.offered", body, refs, sub=self.contract))
        refs = {"allocation": self.id(name)}
        self._add(f"{name} accepted", maker.sign("allocation.accepted", {}, refs, sub=self.contract))

    def _allocations(self) -> None:
        self.allot("hub", self.prime, "calloff", self.hub, 600)
        self.allot("asha", self.hub, "hub", self.asha, 400)
        self.allot("bo", self.prime, "calloff", self.bo, 300)

    def lot(self, name: str, maker: Actor, allocation: str, lot: str, released: int) -> None:
        refs = {"allocation": self.id(allocation)}
        self._add(name, maker.sign("batch.signed_off", batch_body(lot, released), refs, sub=self.contract))

    def dispatch(self, name: str, sender: Actor, lot: str, quantity: int, waybill: str) -> None:
        body = {
            "waybill": waybill,
            "to": self.store.party,
            "origin": PLACE,
            "destination": PLACE,
            "items": [{"lot": self.id(lot), "quantity": h87(quantity)}],
        }
        refs = {"lots": [self.id(lot)]}
        self._add(name, sender.sign("delivery.dispatched", body, refs, sub=self.contract))

    def _goods(self) -> None:
        self.lot("lot A1", self.asha, "asha", "A1", 300)
        self.lot("lot B1", self.bo, "bo", "B1", 200)
        self.lot("lot B2", self.bo, "bo", "B2", 100)
        self.dispatch("dispatch A1", self.asha, "lot A1", 300, "W-1")
        self.dispatch("dispatch B1", self.bo, "lot B1", 200, "W-2")
        counted = {"good": h87(290), "damaged": h87(4), "short": h87(6), "excess": h87(0)}
        body = {"waybill": "W-1", "place": PLACE, "items": [{"lot": self.id("lot A1"), **counted}]}
        refs = {"dispatch": self.id("dispatch A1"), "lots": [self.id("lot A1")]}
        self._add("receipt A1", self.store.sign("delivery.received", body, refs, sub=self.contract))


def framework_body(prime: str) -> dict[str, Any]:
    return {
        "reference": "LTA-2026-7",
        "title": "Face shields",
        "prime": prime,
        "period": {"first": "2026-01-01", "last": "2026-12-31"},
        "lines": [
            {
                "line": "1",
                "item": "https://id.gs1.org/01/09506000134352",
                "description": "Face shield",
                "unit": "H87",
                "ceiling": h87(1000),
                "price": {"amount": "55", "currency": "INR"},
            }
        ],
        "law": "IN",
        "tolerance_percent": "0",
        "released_by": "maker",
        "keep_apart": ["ordering and receiving"],
    }


def calloff_body(consignee: str) -> dict[str, Any]:
    return {
        "reference": "CO-1",
        "lines": [{"line": "1", "quantity": h87(1000)}],
        "consignee": consignee,
        "place": PLACE,
        "due": "2026-06-01",
    }


def batch_body(lot: str, released: int) -> dict[str, Any]:
    return {
        "line": "1",
        "lot": lot,
        "made": h87(released + 5),
        "rejected": h87(5),
        "released": h87(released),
        "made_between": {"first": "2026-05-01", "last": "2026-05-03"},
        "place": PLACE,
        "checks": [{"characteristic": "visor clear", "method": "by eye", "sample": 20, "failed": 0}],
    }


def make_log(folder: Path, statements: list[bytes], agency: str) -> Path:
    """A log with these statements, every one admitted."""
    policy = {"origin": ORIGIN, "agencies": [agency], "erasure": "On a court's order."}
    create_log(folder, LOG_SIGNER, policy, "2026-05-04T00:00:00Z", clock=lambda: CLOCK)
    with Log.open(folder, LOG_SIGNER, clock=lambda: CLOCK) as log:
        for outcome in log.append(statements):
            assert isinstance(outcome, Registered), outcome
    return folder
