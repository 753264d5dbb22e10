"""Who may sign, as the browser's verifier judges it over a bundle: the same as all the rules together."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from ledger.log.reader import LogReader
from ledger.proof.note import format_vkey
from ledger.statement.envelope import sign_statement
from ledger.statement.signer import Ed25519Signer, Signer
from ledger.units import LeafIndex, StatementId
from tests.support.javascript import NODE, Question, node_answers, python_answer
from tests.support.spine import CLOCK, VKEY, Actor, Spine, batch_body, make_log
from tests.vectors_bundle import forge

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node from 20.19 on here: apt-get install nodejs")


class Devices:
    """The small contract, and a party with recovery parties beside it, whose keys come and go."""

    def __init__(self, folder: Path) -> None:
        self.spine = Spine()
        log = make_log(folder / "log", self.spine.statements, self.spine.agency.party)
        with LogReader.open(log) as reader:
            self.kept = [row.statement for row in reader.store.rows(LeafIndex(0), LeafIndex(reader.size))]
        self.dora = Actor("Dora", "maker")
        guards = [self.spine.hub.party, self.spine.prime.party]
        recovery = {"parties": guards, "needed": 2}
        body = {"kind": "maker", "country": "IN", "name": "Dora", "recovery": recovery}
        self.enrolled = self.dora.sign("party.enrolled", body)
        self.phone = Ed25519Signer.from_seed(sha256(b"phone").digest())

    def added(self, by: Actor, to: Actor, key: Signer) -> bytes:
        return self._key("key.added", {"key": key.public.did, "device": "phone"}, by, to)

    def revoked(self, by: Actor, of: Actor, key: Signer) -> bytes:
        return self._key("key.revoked", {"key": key.public.did, "reason": "lost"}, by, of)

    def lot(self, signer: Signer, iss: str) -> bytes:
        spine = self.spine
        payload = {
            "type": "batch.signed_off",
            "version": 1,
            "occurred_at": "2026-05-04T16:20:00+05:30",
            "prev": None,
            "refs": {"allocation": spine.id("asha")},
            "body": batch_body("A2", 9),
        }
        return sign_statement(signer, iss=iss, sub=spine.contract, iat=CLOCK, payload=payload)

    def bundle(self, *more: bytes) -> Question:
        """What a log hands out that registered these as well, whoever signed them."""
        statements = [*self.kept, *more]
        claim = StatementId(sha256(statements[-1]).hexdigest())
        data = forge(statements, range(len(statements)), claim)
        return Question("bundle", data, (format_vkey(VKEY),))

    def _key(self, type_name: str, body: dict[str, str], by: Actor, to: Actor) -> bytes:
        enrolled = (
            sha256(self.enrolled).hexdigest() if to is self.dora else self.spine.id(f"enrolled {to.name}")
        )
        return by.sign(type_name, body, {"party": enrolled}, sub=to.party)


def stories(folder: Path) -> dict[str, tuple[Question, str]]:
    world = Devices(folder)
    asha, hub, prime, phone, dora = (
        world.spine.asha,
        world.spine.hub,
        world.spine.prime,
        world.phone,
        world.dora,
    )
    added, revoked = world.added(asha, asha, phone), world.revoked(asha, asha, phone)
    by_hub, by_prime = world.added(hub, dora, phone), world.added(prime, dora, phone)
    lot = world.lot(phone, asha.party)
    policy = hub.sign(
        "log.policy", {"origin": "x", "vkey": format_vkey(VKEY), "agencies": [hub.party], "erasure": "x"}
    )
    return {
        "signed with a key that was added before": (world.bundle(added, lot), "ok"),
        "with a key that nobody added": (world.bundle(lot), "key-unknown"),
        "with a key that was added behind it": (world.bundle(lot, added), "key-unknown"),
        "with a key that another party added": (
            world.bundle(world.added(hub, hub, phone), lot),
            "evidence-incomplete",
        ),
        "with a key that was revoked before": (world.bundle(added, revoked, lot), "rule-broken"),
        "with a key that was revoked behind it": (world.bundle(added, lot, revoked), "ok"),
        "a key added by a stranger": (world.bundle(world.added(hub, asha, phone)), "rule-broken"),
        "a key added twice": (world.bundle(added, added), "rule-broken"),
        "a key revoked twice": (
            world.bundle(added, revoked, world.revoked(asha, asha, phone)),
            "rule-broken",
        ),
        "a revoked key that was none": (world.bundle(revoked), "evidence-incomplete"),
        "a party that did not enrol": (world.bundle(dora.sign("party.enrolled", {})), "malformed-event"),
        "keys of a party that did not enrol": (world.bundle(by_hub), "evidence-incomplete"),
        "one recovery party of two": (world.bundle(world.enrolled, by_hub), "ok"),
        "a key that one of two has added": (
            world.bundle(world.enrolled, by_hub, world.lot(phone, dora.party)),
            "evidence-incomplete",
        ),
        "one recovery party twice": (world.bundle(world.enrolled, by_hub, by_hub), "rule-broken"),
        "a key that both have added": (
            world.bundle(world.enrolled, by_hub, by_prime, world.revoked(dora, dora, phone)),
            "ok",
        ),
        "a second policy": (world.bundle(policy), "rule-broken"),
        "a second enrolment": (world.bundle(world.enrolled, world.enrolled), "rule-broken"),
    }


def test_keys_are_judged_as_all_the_rules_judge_them(tmp_path: Path) -> None:
    asked = stories(tmp_path)
    expected = {name: code for name, (_, code) in asked.items()}
    assert {name: python_answer(question) for name, (question, _) in asked.items()} == expected
    answers = dict(zip(asked, node_answers(question for question, _ in asked.values()), strict=True))
    assert answers == {**expected, "a party that did not enrol": "ok"}, (
        "the vocabulary is not checked in the browser"
    )
