"""scitt-cose, a verifier that others wrote, reads our receipts as they are, and refuses what we refuse."""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.errors import MalformedProof, ProofInvalid
from ledger.proof.merkle import MemoryTree, leaf_hash, prove_consistency, prove_inclusion
from ledger.proof.receipt import open_receipt
from ledger.statement import cbor
from ledger.statement.cose import Sign1, decode_sign1, encode_sign1, signed_bytes
from ledger.statement.signer import Ed25519Signer
from tests.support.receipts import issue_receipt

scitt_cose = pytest.importorskip("scitt_cose", reason="scitt-cose is not installed")

LOG, OTHER = (Ed25519Signer.from_seed(bytes([seed]) * 32) for seed in (1, 2))
ORIGIN = "log.example/tally"
AT = 1_777_900_000
ENTRIES = [sha256(b"statement %d" % i).digest() for i in range(70)]
TREE = MemoryTree(map(leaf_hash, ENTRIES))
SIZES = [1, 2, 3, 7, 8, 64, 65, 70]


def pem(signer):
    return Ed25519PublicKey.from_public_bytes(signer.public.raw).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )


def receipt_of(index, size):
    tree = MemoryTree(map(leaf_hash, ENTRIES[:size]))
    path = prove_inclusion(index, size, tree)
    return issue_receipt(
        LOG, origin=ORIGIN, index=index, size=size, path=path, root=tree.root(), registered_at=AT
    )


def their_verdict(receipt, entry, signer=LOG):
    return scitt_cose.verify_receipt(receipt, leaf_entry_hex=entry.hex(), log_public_key_pem=pem(signer))


@pytest.mark.parametrize("size", SIZES)
def test_our_receipts_verify_unmodified(size):
    for index in range(size):
        receipt = receipt_of(index, size)
        verdict = their_verdict(receipt, ENTRIES[index])
        assert verdict.ok, verdict.errors
        ours = open_receipt(receipt, ENTRIES[index], LOG.public, ORIGIN)
        assert (verdict.leaf_index, verdict.tree_size, verdict.root) == (index, size, ours.root.hex())
        assert (verdict.issuer, verdict.subject, verdict.iat) == (LOG.public.did, ORIGIN, AT)
        assert verdict.protected_header_ext == {4: LOG.public.kid, "tree-size": size}


def test_it_refuses_them_for_another_entry_or_key():
    receipt = receipt_of(4, 7)
    assert their_verdict(receipt, ENTRIES[4]).ok
    assert not their_verdict(receipt, ENTRIES[5]).ok
    assert not their_verdict(receipt, ENTRIES[4], OTHER).ok


def test_it_refuses_every_flipped_bit():
    receipt = receipt_of(4, 7)
    for bit in range(0, 8 * len(receipt), 5):
        spoilt = bytearray(receipt)
        spoilt[bit // 8] ^= 1 << bit % 8
        assert not their_verdict(bytes(spoilt), ENTRIES[4]).ok, bit


def test_a_receipt_without_the_protected_size_is_enough_for_it_and_not_for_us():
    parts = decode_sign1(receipt_of(4, 7))
    header = cbor.decode(parts.protected)
    bare = cbor.encode({label: header[label] for label in (1, 4, 15, 395)})
    signature = LOG.sign(signed_bytes(bare, MemoryTree(map(leaf_hash, ENTRIES[:7])).root()))
    receipt = encode_sign1(Sign1(bare, parts.unprotected, None, signature))
    assert their_verdict(receipt, ENTRIES[4]).ok
    with pytest.raises(MalformedProof, match="tree-size"):
        open_receipt(receipt, ENTRIES[4], LOG.public, ORIGIN)


def test_a_proof_moved_to_another_size_is_enough_for_it_and_not_for_us():
    """Why the size is protected: entry 6 of 7 has the same path and root as a claimed entry 12 of 13."""
    parts = decode_sign1(receipt_of(6, 7))
    path = list(prove_inclusion(6, 7, TREE))
    moved = encode_sign1(
        Sign1(parts.protected, {396: {-1: [cbor.encode([13, 12, path])]}}, None, parts.signature)
    )
    verdict = their_verdict(moved, ENTRIES[6])
    assert (verdict.ok, verdict.tree_size, verdict.leaf_index) == (True, 13, 12)
    with pytest.raises(ProofInvalid, match="size 13"):
        open_receipt(moved, ENTRIES[6], LOG.public, ORIGIN)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (3, 7), (4, 7), (6, 8), (64, 70), (69, 70)])
def test_our_consistency_proofs_satisfy_it(old, new):
    roots = [MemoryTree(map(leaf_hash, ENTRIES[:size])).root().hex() for size in (old, new)]
    path = [value.hex() for value in prove_consistency(old, new, TREE)]
    assert scitt_cose.verify_consistency(*roots, old, new, path)
