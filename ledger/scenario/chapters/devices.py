"""Devices: a second key, a phone that is lost, and a hub that signs for a maker whose phone is being mended."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ledger.rules.catalogue import Rule
from ledger.scenario.cast import Device, ed25519_key, on, p256_key, statement_id
from ledger.scenario.lots import sign_off_body
from ledger.scenario.people import SEED
from ledger.scenario.product import quantity
from ledger.scenario.telling import Telling

_TWO_DEVICES: Final = "MUM-03"
_NO_DEVICE: Final = "CHE-04"


def second_device(t: Telling) -> None:
    maker = t.cast.maker(_TWO_DEVICES).actor
    body = {"key": _laptop().signer.public.did, "device": "office laptop"}
    added = maker.sign(
        "key.added", sub=maker.party, refs={"party": maker.enrolment}, body=body, occurred_at=on(3, 13, 11)
    )
    t.chapter(
        "A second device",
        "The cutters in Dharavi sign on a phone. While they have it they add the key of their office laptop.",
        on(3, 13, 19),
        [added],
    )


def phone_in_repair(t: Telling) -> None:
    maker, hub = t.cast.maker(_NO_DEVICE), t.cast.hub("CHE").actor
    body = {
        "to": hub.party,
        "types": ["batch.signed_off", "delivery.dispatched"],
        "most": quantity(maker.pieces),
        "until": "2026-04-10",
        "remark": "Our phone is being mended. The hub counts with us and signs.",
    }
    granted = t.sign(maker.actor, "delegation.granted", on(3, 13, 12), {}, body)
    t.delegated[_NO_DEVICE] = statement_id(granted)
    t.chapter(
        "A phone in repair",
        "The workshop in Avadi gives its only phone away to be mended. Until the tenth of April the hub may sign "
        "off lots for it, 5,000 pieces at most, and nothing else.",
        on(3, 13, 20),
        [granted],
    )


def lost_phone(t: Telling) -> None:
    maker = t.cast.maker(_TWO_DEVICES).actor
    body = {"key": maker.party, "reason": "lost", "remark": "Left on the 7:52 to Churchgate."}
    maker.device = _laptop()
    revoked = maker.sign(
        "key.revoked", sub=maker.party, refs={"party": maker.enrolment}, body=body, occurred_at=on(3, 30, 11)
    )
    t.chapter(
        "A lost phone",
        "The phone stays behind on a train. With the laptop the cutters revoke its key; the lot it has signed stays "
        "valid, and nothing more does.",
        on(3, 30, 12),
        [revoked],
    )


def finder_signs(t: Telling) -> None:
    lot = t.lot("MUM-03-02")
    cutters = lot.maker.actor
    phone = Device(ed25519_key(SEED, cutters.name), head=t.sent["MUM-03-01"])
    forged = t.attempt(
        replace(cutters, device=phone),
        "batch.signed_off",
        on(4, 1, 10),
        t.sign_off_refs(lot),
        sign_off_body(lot),
    )
    t.refused(
        "The lost phone signs",
        "Whoever found the phone signs off 2,500 pieces with it. The signature is right, and the key is no longer "
        "one of the cutters'.",
        on(4, 1, 11),
        forged,
        answer=Rule.KEY_VALID.label,
    )


def phone_is_back(t: Telling) -> None:
    maker = t.cast.maker(_NO_DEVICE).actor
    first = [t.lot_id(f"{_NO_DEVICE}-01"), t.sent[f"{_NO_DEVICE}-01"]]
    delegation = t.delegated.pop(_NO_DEVICE)
    t.chapter(
        "The phone is back",
        "The workshop in Avadi takes its delegation back and confirms the first lot that the hub signed off for it. "
        "The second it has not looked at yet: that shows until it does.",
        on(4, 7, 20),
        [
            t.sign(maker, "delegation.revoked", on(4, 7, 19), {"delegation": delegation}),
            t.sign(maker, "proxy.confirmed", on(4, 7, 19, 5), {"statements": first}),
        ],
    )


def _laptop() -> Device:
    return Device(p256_key(SEED, "office laptop of Thirteenth Compound Cutters"))
