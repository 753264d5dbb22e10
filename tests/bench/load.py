"""The load of the benches: one contract over many home makers, each from enrolment to a received delivery."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from typing import Any, NamedTuple

from ledger.statement.cose import Sign1, decode_sign1, encode_sign1, signed_bytes
from tests.support.spine import LOG_SIGNER, PLACE, Actor, batch_body, calloff_body, framework_body, h87

__all__ = ["LOG_SIGNER", "POLICY", "statements"]

_AGENCY = Actor("Relief Agency", "agency")
POLICY = {"origin": "bench.example/log", "agencies": [_AGENCY.party], "erasure": "On a court's order."}
PIECES = 25


class Opened(NamedTuple):
    """A contract with one accepted call-off, and what was signed for it."""

    signed: list[bytes]
    prime: Actor
    store: Actor
    contract: str
    calloff: str


def opened(pieces: int) -> Opened:
    """A contract over so many pieces, all of them called off; the same bytes on every run."""
    agency, prime, store = (
        Actor("Relief Agency", "agency"),
        Actor("Prime Co", "prime"),
        Actor("State Store", "consignee"),
    )
    signed = [agency.enrol(), prime.enrol(), store.enrol()]

    def add(data: bytes) -> str:
        signed.append(data)
        return sha256(data).hexdigest()

    body: dict[str, Any] = framework_body(prime.party)
    body["lines"][0]["ceiling"] = h87(pieces)
    contract = add(agency.sign("framework.signed", body))
    add(prime.sign("framework.accepted", {}, {"framework": contract}, sub=contract))
    order = calloff_body(store.party) | {"lines": [{"line": "1", "quantity": h87(pieces)}]}
    calloff = add(agency.sign("calloff.issued", order, {"framework": contract}, sub=contract))
    add(prime.sign("calloff.accepted", {}, {"calloff": calloff}, sub=contract))
    return Opened(signed, prime, store, contract, calloff)


def statements(makers: int) -> list[bytes]:
    """About six statements a maker, in the order of the log; the same bytes on every run."""
    signed, prime, store, contract, calloff = opened(makers * PIECES)

    def add(data: bytes) -> str:
        signed.append(data)
        return sha256(data).hexdigest()

    for number in range(makers):
        maker = Actor(f"Maker {number}", "maker")
        add(maker.enrol())
        offer = {"maker": maker.party, "lines": [{"line": "1", "quantity": h87(PIECES)}], "due": "2026-05-20"}
        allocation = add(prime.sign("allocation.offered", offer, {"parent": calloff}, sub=contract))
        add(maker.sign("allocation.accepted", {}, {"allocation": allocation}, sub=contract))
        lot = add(
            maker.sign("batch.signed_off", batch_body("A", PIECES), {"allocation": allocation}, sub=contract)
        )
        sent = {"waybill": f"W{number}", "to": store.party, "origin": PLACE, "destination": PLACE}
        sent["items"] = [{"lot": lot, "quantity": h87(PIECES)}]
        dispatch = add(maker.sign("delivery.dispatched", sent, {"lots": [lot]}, sub=contract))
        counted = {"lot": lot, "good": h87(PIECES), "damaged": h87(0), "short": h87(0), "excess": h87(0)}
        got = {"waybill": f"W{number}", "place": PLACE, "items": [counted]}
        add(store.sign("delivery.received", got, {"dispatch": dispatch, "lots": [lot]}, sub=contract))
    return signed


def receipts(contract: Opened, start: int) -> Iterator[bytes]:
    """Receipts of goods without a maker, each with a number of its own, without end: as cheap as statements come.

    The first is signed as any other; the rest have its bytes but for the number and the signature.
    """
    goods = [{"line": "1", "quantity": h87(1)}]
    body = {"waybill": f"{0:012}", "place": PLACE, "unattributed": goods}
    first = contract.store.sign(
        "delivery.received", body, {"calloff": contract.calloff}, sub=contract.contract
    )
    sign1 = decode_sign1(first)
    assert sign1.payload is not None, "a statement has its payload"
    before, after = sign1.payload.split(b"0" * 12)
    for number in count(start):
        payload = b"%s%012d%s" % (before, number, after)
        signature = contract.store.signer.sign(signed_bytes(sign1.protected, payload))
        yield encode_sign1(Sign1(sign1.protected, {}, payload, signature))
