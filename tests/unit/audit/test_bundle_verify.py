"""A bundle proves what it says to somebody who holds one public key, and fails with the exact fault else."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.audit.bundle import Bundle, decode_bundle, encode_bundle
from ledger.audit.gather import make_bundle
from ledger.audit.verify import verify_bundle
from ledger.errors import (
    EvidenceIncomplete,
    KeyUnknown,
    MalformedBundle,
    NotFound,
    ProofInvalid,
    RuleBroken,
    SignatureInvalid,
    TallyError,
    VerificationFailed,
)
from ledger.log.reader import LogReader
from ledger.proof.checkpoint import Checkpoint, sign_checkpoint
from ledger.proof.merkle import MemoryTree, leaf_hash
from ledger.proof.multiproof import prove_many
from ledger.proof.note import VerifierKey
from ledger.statement.envelope import sign_statement
from ledger.statement.signer import Ed25519Signer
from ledger.units import Hash, LeafIndex, StatementId, TreeSize
from tests.support.spine import CLOCK, LOG_SIGNER, ORIGIN, VKEY, Actor, Spine, h87, make_log


@pytest.fixture(scope="module")
def spine() -> Spine:
    return Spine()


@pytest.fixture(scope="module")
def log(spine: Spine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_log(tmp_path_factory.mktemp("audit") / "log", spine.statements, spine.agency.party)


def bundle_of(log: Path, statement: StatementId) -> bytes:
    with LogReader.open(log) as reader:
        return make_bundle(reader, statement)


def kept(log: Path) -> list[bytes]:
    with LogReader.open(log) as reader:
        return [row.statement for row in reader.store.rows(LeafIndex(0), LeafIndex(reader.size))]


def forge(
    statements: list[bytes],
    chosen: list[int],
    claim: StatementId,
    scope: str = "statement",
    signer: Ed25519Signer = LOG_SIGNER,
) -> bytes:
    """A bundle a dishonest log could make: any statements at all, properly proved and signed."""
    tree = MemoryTree(leaf_hash(sha256(one).digest()) for one in statements)
    indices = [LeafIndex(one) for one in sorted(chosen)]
    checkpoint = sign_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root()), signer)
    return encode_bundle(
        Bundle(
            scope=scope,  # type: ignore[arg-type]
            claim=claim,
            checkpoint=checkpoint,
            entries=tuple((index, statements[index]) for index in indices),
            proof=prove_many(indices, tree.size, tree),
        )
    )


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("framework", 1),
        ("calloff", 2),
        ("calloff accepted", 2),
        ("asha", 4),
        ("asha accepted", 4),
        ("lot A1", 5),
        ("dispatch A1", 6),
        ("receipt A1", 7),
    ],
)
def test_a_bundle_of_anything_under_a_contract_verifies_with_its_path(
    log: Path, spine: Spine, name: str, steps: int
) -> None:
    verified = verify_bundle(bundle_of(log, spine.id(name)), VKEY)
    assert verified.claim == spine.id(name)
    assert verified.contract == spine.contract
    assert len(verified.path) == steps
    assert verified.proved()
    assert verified.not_proved()


def test_a_party_and_the_policy_have_bundles_without_a_contract(log: Path, spine: Spine) -> None:
    assert verify_bundle(bundle_of(log, spine.id("enrolled Asha")), VKEY).contract is None
    with LogReader.open(log) as reader:
        policy = reader.policy_id
    assert verify_bundle(bundle_of(log, policy), VKEY).claim_index == 0


def test_the_path_of_one_delivery_leaves_out_the_other_makers(log: Path, spine: Spine) -> None:
    verified = verify_bundle(bundle_of(log, spine.id("receipt A1")), VKEY)
    ids = {one.id for one in verified.statements}
    assert spine.id("lot B1") not in ids
    assert spine.id("enrolled Bo") not in ids
    assert [finding.odd.label[:3] for finding in verified.findings] == ["F05", "F08"]


def test_a_contract_bundle_holds_every_statement_under_the_contract(log: Path, spine: Spine) -> None:
    verified = verify_bundle(bundle_of(log, spine.contract), VKEY)
    assert verified.scope == "contract"
    assert {one.id for one in verified.statements} >= {spine.id(name) for name in spine.parts}


def test_a_contract_bundle_has_the_findings_on_its_goods_and_on_its_chains(tmp_path: Path) -> None:
    """Of one statement the path is judged by its goods alone: what else its signers said is not all there."""
    forked = Spine()
    forked.asha.prev = forked.id("enrolled Asha")
    forked.dispatch("dispatch after a fork", forked.asha, "lot A1", 10, "W-3")
    log = make_log(tmp_path / "log", forked.statements, forked.agency.party)
    found = {
        name: sorted(finding.odd.label[:3] for finding in verify_bundle(bundle_of(log, claim), VKEY).findings)
        for name, claim in (("contract", forked.contract), ("statement", forked.id("lot A1")))
    }
    assert found == {"contract": ["F01", "F05", "F08", "F17"], "statement": ["F01", "F05", "F08"]}


def test_what_is_proved_depends_on_what_the_bundle_is_of(log: Path, spine: Spine) -> None:
    """The sums of a whole contract, the path of a statement under one; of a party neither."""
    sums, path = "no promise goes beyond what was promised above it", "rests, step by step, on the contract"
    said = {
        claim: " ".join(verify_bundle(bundle_of(log, claim), VKEY).proved())
        for claim in (spine.contract, spine.id("receipt A1"), spine.id("enrolled Asha"))
    }
    assert [(sums in text, path in text) for text in said.values()] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert " by one of 7 keys" in said[spine.contract], "the log's, and one of each party"
    assert " by one of 2 keys" in said[spine.id("enrolled Asha")]


def test_a_statement_signed_on_an_added_device_verifies(tmp_path: Path) -> None:
    told = Spine()
    tablet = Ed25519Signer.from_seed(sha256(b"tablet").digest())
    told.parts["tablet"] = told.asha.sign(
        "key.added", {"key": tablet.public.did, "device": "tablet"}, {"party": told.id("enrolled Asha")}
    )
    told.asha.signer, told.asha.prev = tablet, None
    told.dispatch("from the tablet", told.asha, "lot A1", 10, "W-3")
    log = make_log(tmp_path / "log", told.statements, told.agency.party)
    verified = verify_bundle(bundle_of(log, told.id("from the tablet")), VKEY)
    assert verified.signer == told.asha.party
    assert told.id("tablet") in {one.id for one in verified.statements}


def test_a_dispatch_by_another_member_carries_what_made_it_one(spine: Spine, tmp_path: Path) -> None:
    """Bo is a party to the contract by his own allocation, which is on no path of Asha's lot."""
    again = Spine()
    again.dispatch("dispatch by Bo", again.bo, "lot A1", 10, "W-3")
    log = make_log(tmp_path / "log", again.statements, again.agency.party)
    for claim in ("dispatch by Bo", "lot A1", "receipt A1"):
        verified = verify_bundle(bundle_of(log, again.id(claim)), VKEY)
        assert again.id("bo") in {one.id for one in verified.statements}
        assert verified.findings[0].odd.label.startswith("F01"), "310 of 300"


def test_decode_then_encode_gives_the_same_bytes(log: Path, spine: Spine) -> None:
    data = bundle_of(log, spine.id("receipt A1"))
    assert encode_bundle(decode_bundle(data)) == data


def test_an_unregistered_statement_has_no_bundle(log: Path) -> None:
    with pytest.raises(NotFound):
        bundle_of(log, StatementId("0" * 64))


def test_any_changed_byte_is_refused_with_a_declared_error(log: Path, spine: Spine) -> None:
    data = bundle_of(log, spine.id("lot B1"))
    choice = random.Random(7)
    # Every byte of the frame around the statements, and a sample within; one random bit of each.
    places = (
        set(range(300)) | set(range(len(data) - 700, len(data))) | set(choice.sample(range(len(data)), 400))
    )
    for place in sorted(places):
        changed = bytearray(data)
        changed[place] ^= 1 << choice.randrange(8)
        with pytest.raises(TallyError):
            verify_bundle(bytes(changed), VKEY)


@pytest.mark.parametrize("cut", [0, 1, 100, -1, -40])
def test_a_cut_or_lengthened_file_is_refused(log: Path, spine: Spine, cut: int) -> None:
    data = bundle_of(log, spine.id("lot B1"))
    with pytest.raises(MalformedBundle):
        verify_bundle(data[:cut], VKEY)
    with pytest.raises(MalformedBundle):
        verify_bundle(data + b"\0", VKEY)


def test_a_foreign_log_is_told_apart_from_a_wrong_signature(log: Path, spine: Spine) -> None:
    data = bundle_of(log, spine.id("lot B1"))
    other = Ed25519Signer.from_seed(sha256(b"other").digest())
    with pytest.raises(KeyUnknown):
        verify_bundle(data, VerifierKey("other.example/log", other.public))
    with pytest.raises(KeyUnknown):
        verify_bundle(data, VerifierKey(ORIGIN, other.public))
    bundle = decode_bundle(data)
    checkpoint = bytearray(bundle.checkpoint)
    checkpoint[len(ORIGIN) + 1] ^= 1  # the size, which is signed
    with pytest.raises((SignatureInvalid, VerificationFailed)):
        verify_bundle(encode_bundle(replace(bundle, checkpoint=bytes(checkpoint))), VKEY)


def test_a_checkpoint_of_another_size_does_not_fit_the_proof(log: Path, spine: Spine) -> None:
    bundle = decode_bundle(bundle_of(log, spine.id("lot B1")))
    statements = kept(log)
    tree = MemoryTree(leaf_hash(sha256(one).digest()) for one in [*statements, b"one more"])
    larger = sign_checkpoint(Checkpoint(ORIGIN, TreeSize(tree.size), tree.root()), LOG_SIGNER)
    with pytest.raises(TallyError) as caught:
        verify_bundle(encode_bundle(replace(bundle, checkpoint=larger)), VKEY)
    assert caught.value.code in {"proof-invalid", "malformed-proof"}


def test_every_statement_is_needed(log: Path, spine: Spine) -> None:
    """Leave out one at a time, the claim itself included."""
    statements = kept(log)
    claim = spine.id("receipt A1")
    needed = [index for index, _ in decode_bundle(bundle_of(log, claim)).entries]
    assert verify_bundle(forge(statements, needed, claim), VKEY).claim == claim
    for index in needed:
        rest = [one for one in needed if one != index]
        with pytest.raises(EvidenceIncomplete) as caught:
            verify_bundle(forge(statements, rest, claim), VKEY)
        assert index in {0, needed[-1]} or re.match(
            r"entry \d+ \([a-z_.]+ [0-9a-f]{12}\): ", caught.value.found
        )
        assert index in {0, needed[-1]} or caught.value.expected


def test_a_swapped_statement_does_not_fit_the_proof(log: Path, spine: Spine) -> None:
    bundle = decode_bundle(bundle_of(log, spine.id("lot B1")))
    (first, one), (second, two), *rest = bundle.entries[1:]
    swapped = (bundle.entries[0], (first, two), (second, one), *rest)
    with pytest.raises(ProofInvalid):
        verify_bundle(encode_bundle(replace(bundle, entries=swapped)), VKEY)


def test_a_changed_proof_hash_is_refused(log: Path, spine: Spine) -> None:
    bundle = decode_bundle(bundle_of(log, spine.id("lot B1")))
    for position in range(len(bundle.proof)):
        flipped = Hash(bytes([bundle.proof[position][0] ^ 1]) + bundle.proof[position][1:])
        proof = (*bundle.proof[:position], flipped, *bundle.proof[position + 1 :])
        with pytest.raises(ProofInvalid):
            verify_bundle(encode_bundle(replace(bundle, proof=proof)), VKEY)


def test_a_log_that_registers_an_over_allocation_is_caught(log: Path, spine: Spine) -> None:
    """The prime has 100 left; a log that lets it promise 101 more signs its own fault."""
    too_much = spine.prime.sign(
        "allocation.offered",
        {"maker": spine.bo.party, "lines": [{"line": "1", "quantity": h87(101)}], "due": "2026-05-20"},
        {"parent": spine.id("calloff")},
        sub=spine.contract,
    )
    statements = [*kept(log), too_much]
    where = f"entry {len(statements) - 1} \\(allocation.offered {sha256(too_much).hexdigest()[:12]}\\)"
    with pytest.raises(RuleBroken, match=f"{where} breaks rule R17"):
        verify_bundle(forge(statements, list(range(len(statements))), spine.contract, "contract"), VKEY)


def test_a_log_that_registers_a_forged_signature_is_caught(log: Path, spine: Spine) -> None:
    genuine = spine.asha.sign("party.enrolled", {"kind": "maker", "country": "IN", "name": "x"})
    forged = genuine[:-1] + bytes([genuine[-1] ^ 1])
    statements = [*kept(log), forged]
    with pytest.raises(SignatureInvalid, match=f"entry {len(statements) - 1}"):
        verify_bundle(
            forge(statements, [0, len(statements) - 1], StatementId(sha256(forged).hexdigest())), VKEY
        )


def test_another_logs_policy_at_entry_0_is_refused(log: Path, spine: Spine) -> None:
    """The signer of the checkpoint must be the log whose policy the statements were admitted under."""
    statements = kept(log)
    other = Ed25519Signer.from_seed(sha256(b"other").digest())
    data = forge(statements, [0, 1], spine.id("enrolled Relief Agency"), signer=other)
    with pytest.raises(VerificationFailed, match="policy"):
        verify_bundle(data, VerifierKey(ORIGIN, other.public))


def test_without_the_policy_nothing_is_believed(log: Path, spine: Spine) -> None:
    with pytest.raises(EvidenceIncomplete, match="entry 0"):
        verify_bundle(forge(kept(log), [1], spine.id("enrolled Relief Agency")), VKEY)


def test_a_statement_bundle_does_not_pass_for_a_whole_contract(log: Path, spine: Spine) -> None:
    bundle = decode_bundle(bundle_of(log, spine.id("lot B1")))
    with pytest.raises(EvidenceIncomplete, match="whole contract") as caught:
        verify_bundle(encode_bundle(replace(bundle, scope="contract")), VKEY)
    assert caught.value.expected == "a framework.signed"


def test_a_claim_that_is_not_in_the_bundle_is_refused(log: Path, spine: Spine) -> None:
    bundle = decode_bundle(bundle_of(log, spine.id("lot B1")))
    with pytest.raises(EvidenceIncomplete, match="not in it"):
        verify_bundle(encode_bundle(replace(bundle, claim=spine.id("lot A1"))), VKEY)


def test_a_statement_of_a_key_that_is_not_its_issuers_is_refused(log: Path, spine: Spine) -> None:
    thief = Actor("Thief", "maker")
    stolen = sign_statement(
        thief.signer,
        iss=spine.asha.party,
        sub=spine.asha.party,
        iat=CLOCK,
        payload={
            "type": "party.enrolled",
            "version": 1,
            "occurred_at": "2026-05-04T16:20:00Z",
            "prev": None,
            "refs": {},
            "body": {"kind": "maker", "country": "IN", "name": "Asha"},
        },
    )
    statements = [*kept(log), stolen]
    with pytest.raises(KeyUnknown):
        verify_bundle(
            forge(statements, [0, len(statements) - 1], StatementId(sha256(stolen).hexdigest())), VKEY
        )
