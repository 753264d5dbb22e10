"""Receipts: bound to one statement, one place, one size and one log, in exactly one form."""

from hashlib import sha256

import cbor2
import pytest

from ledger.errors import (
    KeyUnknown,
    Malformed,
    MalformedCbor,
    MalformedCose,
    MalformedProof,
    ProofInvalid,
    SignatureInvalid,
    TallyError,
    TooLarge,
)
from ledger.limits import RECEIPT_BYTES, TREE_SIZE_MAX
from ledger.proof.merkle import MemoryTree, leaf_hash, prove_consistency, prove_inclusion
from ledger.proof.receipt import Receipt, open_consistency, open_receipt, sign_root
from ledger.statement import cbor
from ledger.statement.cose import Sign1, decode_sign1, encode_sign1, signed_bytes
from ledger.statement.signer import Ed25519Signer
from tests.support.receipts import issue_receipt

LOG, OTHER = (Ed25519Signer.from_seed(bytes([seed]) * 32) for seed in (1, 2))
ORIGIN = "log.example/tally"
AT = 1_777_900_000
ENTRIES = [sha256(b"statement %d" % i).digest() for i in range(20)]
SIZE, INDEX = 7, 4


def tree_of(size, entries=ENTRIES):
    return MemoryTree(leaf_hash(entry) for entry in entries[:size])


def receipt_of(index, size, *, signer=LOG, origin=ORIGIN, entries=ENTRIES):
    tree = tree_of(size, entries)
    return issue_receipt(
        signer,
        origin=origin,
        index=index,
        size=size,
        path=prove_inclusion(index, size, tree),
        root=tree.root(),
        registered_at=AT,
    )


GOOD = receipt_of(INDEX, SIZE)
PROTECTED = cbor.decode(decode_sign1(GOOD).protected)
CLAIMS = PROTECTED[15]
PROOF = cbor.decode(decode_sign1(GOOD).unprotected[396][-1][0])


def made_of(protected=PROTECTED, proof=PROOF, unprotected=None, payload=None, root=None) -> bytes:
    """A receipt of these parts, rightly signed by the log: only its form is at fault."""
    if unprotected is None:
        unprotected = {396: {-1: [cbor.encode(proof)]}}
    header = cbor.encode(protected)
    signature = LOG.sign(signed_bytes(header, root or tree_of(SIZE).root()))
    return encode_sign1(Sign1(header, unprotected, payload, signature))


def opened(data, index=INDEX):
    return open_receipt(data, ENTRIES[index], LOG.public, ORIGIN)


def without(mapping, label):
    return {key: value for key, value in mapping.items() if key != label}


class TestGoodReceipts:
    def test_it_says_what_was_registered_where_and_when(self):
        root = tree_of(SIZE).root()
        assert opened(GOOD) == Receipt(LOG.public.did, ORIGIN, INDEX, SIZE, root, AT)

    def test_it_has_the_pinned_form(self):
        proof = cbor.encode([SIZE, INDEX, list(prove_inclusion(INDEX, SIZE, tree_of(SIZE)))])
        message = cbor2.loads(GOOD)
        assert message.tag == 18
        protected, unprotected, payload, signature = message.value
        assert cbor2.loads(protected) == {
            1: -8,
            4: LOG.public.kid,
            15: {1: LOG.public.did, 2: ORIGIN, 6: AT},
            395: 1,
            "tree-size": SIZE,
        }
        assert [list(proofs) for proofs in unprotected[396].values()] == [[proof]]
        assert (set(unprotected), set(unprotected[396])) == ({396}, {-1})
        assert (payload, len(signature)) == (None, 64)
        assert made_of() == GOOD

    def test_a_log_of_one_entry_needs_no_path(self):
        assert open_receipt(receipt_of(0, 1), ENTRIES[0], LOG.public, ORIGIN).root == leaf_hash(ENTRIES[0])

    def test_the_fully_specified_algorithm_is_accepted(self):
        signer = Ed25519Signer.from_seed(bytes([1]) * 32, -19)
        assert opened(receipt_of(INDEX, SIZE, signer=signer)).index == INDEX

    def test_one_signature_serves_all_entries_under_a_root(self):
        tree = tree_of(SIZE)
        signed = sign_root(LOG, origin=ORIGIN, size=SIZE, root=tree.root(), registered_at=AT)
        for index in range(SIZE):
            receipt = signed.receipt(index, prove_inclusion(index, SIZE, tree))
            assert receipt == receipt_of(index, SIZE)
            assert opened(receipt, index).index == index

    def test_the_largest_receipt_is_within_the_limit(self):
        signed = sign_root(LOG, origin="o" * 400, size=TREE_SIZE_MAX, root=ENTRIES[0], registered_at=AT)
        assert len(signed.receipt(0, [ENTRIES[0]] * 63)) < RECEIPT_BYTES

    def test_no_receipt_is_made_with_a_path_that_cannot_fit(self):
        signed = sign_root(LOG, origin=ORIGIN, size=7, root=ENTRIES[0], registered_at=AT)
        for index, length in ((0, 2), (0, 4), (7, 3), (-1, 3)):
            with pytest.raises(AssertionError):
                signed.receipt(index, [ENTRIES[0]] * length)


class TestBinding:
    def test_no_receipt_fits_another_statement_log_size_or_origin(self):
        """Every receipt of two logs, two signers, two origins and five sizes against every other's claims."""
        others = [sha256(b"other log's statement %d" % i).digest() for i in range(20)]
        logs = [
            (LOG, ORIGIN, ENTRIES),
            (LOG, ORIGIN, others),
            (LOG, "log.example/other", ENTRIES),
            (OTHER, ORIGIN, ENTRIES),
        ]
        receipts = {
            (number, size, index): receipt_of(index, size, signer=signer, origin=origin, entries=entries)
            for number, (signer, origin, entries) in enumerate(logs)
            for size in (1, 2, 5, 7, 8)
            for index in range(size)
        }
        for (number, size, index), data in receipts.items():
            for other, (signer, origin, entries) in enumerate(logs):
                for place in range(8):
                    arguments = data, entries[place], signer.public, origin
                    if (other, place) == (number, index):
                        receipt = open_receipt(*arguments)
                        assert (receipt.index, receipt.size) == (index, size)
                    else:
                        with pytest.raises((SignatureInvalid, KeyUnknown, ProofInvalid)):
                            open_receipt(*arguments)

    def test_no_receipt_carries_the_proof_of_another(self):
        for index, size in ((3, 7), (4, 6), (4, 8), (4, 16)):
            other = cbor.decode(decode_sign1(receipt_of(index, size)).unprotected[396][-1][0])
            with pytest.raises((SignatureInvalid, ProofInvalid)):
                opened(made_of(proof=other))

    def test_a_size_that_gives_the_same_root_is_refused_by_the_one_that_was_signed(self):
        """At the right edge a path has the same shape at several sizes: only the header tells them apart."""
        path = list(prove_inclusion(6, 7, tree_of(7)))
        elsewhere = sign_root(LOG, origin=ORIGIN, size=7, root=tree_of(7).root(), registered_at=AT)
        good = elsewhere.receipt(6, path)
        assert open_receipt(good, ENTRIES[6], LOG.public, ORIGIN).size == 7
        moved = encode_sign1(
            Sign1(elsewhere.protected, {396: {-1: [cbor.encode([13, 12, path])]}}, None, elsewhere.signature)
        )
        with pytest.raises(ProofInvalid, match="size 13"):
            open_receipt(moved, ENTRIES[6], LOG.public, ORIGIN)

    @pytest.mark.parametrize("place", range(3))
    def test_every_bit_of_the_path_counts(self, place):
        for bit in range(256):
            path = list(PROOF[2])
            path[place] = (int.from_bytes(path[place], "big") ^ 1 << bit).to_bytes(32, "big")
            with pytest.raises(SignatureInvalid):
                opened(made_of(proof=[SIZE, INDEX, path]))

    def test_every_bit_of_a_receipt_counts(self):
        for bit in range(8 * len(GOOD)):
            spoilt = bytearray(GOOD)
            spoilt[bit // 8] ^= 1 << bit % 8
            with pytest.raises(TallyError):
                opened(bytes(spoilt))

    @pytest.mark.parametrize("number", [1, 2, 6])
    def test_every_claim_is_signed(self, number):
        claims = {**CLAIMS, number: CLAIMS[number] + (1 if number == 6 else "x")}
        sign1 = decode_sign1(GOOD)
        header = cbor.encode({**PROTECTED, 15: claims})
        spoilt = encode_sign1(Sign1(header, sign1.unprotected, None, sign1.signature))
        with pytest.raises((SignatureInvalid, KeyUnknown, ProofInvalid)):
            opened(spoilt)

    def test_the_signature_of_a_statement_is_no_receipt(self):
        """A payload in place, or the entry signed instead of the root."""
        root = tree_of(SIZE).root()
        with pytest.raises(MalformedProof, match="payload"):
            opened(made_of(payload=root))
        with pytest.raises(SignatureInvalid):
            opened(made_of(root=ENTRIES[INDEX]))


class TestForm:
    @pytest.mark.parametrize("label", [4, 15, 395, "tree-size"])
    def test_a_label_missing_from_the_protected_header(self, label):
        with pytest.raises(MalformedProof, match="exactly"):
            opened(made_of(protected=without(PROTECTED, label)))

    def test_no_algorithm(self):
        with pytest.raises(MalformedCose):
            opened(made_of(protected=without(PROTECTED, 1)))

    @pytest.mark.parametrize("label", [3, 16, 394, -65537, "tree_size"])
    def test_a_label_too_many_in_the_protected_header(self, label):
        with pytest.raises(MalformedProof, match="exactly"):
            opened(made_of(protected={**PROTECTED, label: 1}))

    @pytest.mark.parametrize(
        ("label", "value"),
        [
            (4, "text"),
            (15, []),
            (15, without(CLAIMS, 1)),
            (15, without(CLAIMS, 2)),
            (15, without(CLAIMS, 6)),
            (15, {**CLAIMS, 4: AT}),
            (15, {**CLAIMS, 1: b"bytes"}),
            (15, {**CLAIMS, 2: None}),
            (15, {**CLAIMS, 6: "1777900000"}),
            (15, {**CLAIMS, 6: True}),
            (15, {**CLAIMS, 6: -1}),
            (15, {**CLAIMS, 6: 2**53}),
            (395, 2),
            (395, "1"),
            (395, True),
            ("tree-size", "7"),
            ("tree-size", -7),
            ("tree-size", True),
            (1, -7),
            (1, -35),
        ],
    )
    def test_a_value_of_the_wrong_kind_in_the_protected_header(self, label, value):
        with pytest.raises(MalformedProof):
            opened(made_of(protected={**PROTECTED, label: value}))

    @pytest.mark.parametrize(
        "unprotected",
        [
            {},
            {396: {}},
            {396: []},
            {396: {-1: []}},
            {396: {-1: cbor.encode(PROOF)}},
            {396: {-1: [PROOF]}},
            {396: {-1: [cbor.encode(PROOF), cbor.encode(PROOF)]}},
            {396: {-2: [cbor.encode(PROOF)]}},
            {396: {-1: [cbor.encode(PROOF)], -2: []}},
            {396: {-1: [cbor.encode(PROOF)]}, 394: []},
            {396: {-1: [b""]}},
            {396: {-1: [cbor.encode(PROOF) + b"\0"]}},
            {396: {-1: [b"\x9f" + cbor.encode(PROOF)[1:] + b"\xff"]}},
            {396: {-1: [b"\x83\x18\x07" + cbor.encode(PROOF)[2:]]}},
        ],
    )
    def test_another_unprotected_header(self, unprotected):
        with pytest.raises(Malformed):
            opened(made_of(unprotected=unprotected))

    @pytest.mark.parametrize(
        "proof",
        [
            {},
            [],
            PROOF[:2],
            [*PROOF, 0],
            [SIZE, INDEX, None],
            [SIZE, INDEX, PROOF[2][:-1]],
            [SIZE, INDEX, [*PROOF[2], PROOF[2][0]]],
            [SIZE, INDEX, [*PROOF[2][:2], PROOF[2][2][:31]]],
            [SIZE, INDEX, [*PROOF[2][:2], "text"]],
            [SIZE, "4", PROOF[2]],
            [SIZE, -4, PROOF[2]],
            [SIZE, SIZE, PROOF[2]],
            [SIZE, True, PROOF[2]],
            ["7", INDEX, PROOF[2]],
        ],
    )
    def test_another_proof(self, proof):
        with pytest.raises(MalformedProof):
            opened(made_of(proof=proof))

    @pytest.mark.parametrize("size", [0, TREE_SIZE_MAX + 1])
    def test_a_size_no_tree_has(self, size):
        with pytest.raises(MalformedProof):
            opened(made_of(protected={**PROTECTED, "tree-size": size}, proof=[size, 0, []]))

    def test_not_tagged_or_with_more_behind(self):
        with pytest.raises(MalformedCose):
            opened(GOOD[1:])
        for spoilt in (GOOD + b"\0", GOOD[:-1], b""):
            with pytest.raises(MalformedCbor):
                opened(spoilt)

    def test_larger_than_any_receipt(self):
        with pytest.raises(TooLarge):
            opened(bytes(RECEIPT_BYTES + 1))

    def test_the_key_of_another_log_could_not_check_it(self):
        with pytest.raises(KeyUnknown) as refusal:
            open_receipt(GOOD, ENTRIES[INDEX], OTHER.public, ORIGIN)
        assert LOG.public.did in refusal.value.found
        assert OTHER.public.did in refusal.value.expected

    def test_a_key_id_of_another_issuer_could_not_be_checked(self):
        for protected in (
            {**PROTECTED, 4: OTHER.public.kid},
            {**PROTECTED, 15: {**CLAIMS, 1: OTHER.public.did}},
        ):
            with pytest.raises(KeyUnknown):
                opened(made_of(protected=protected))


def consistency_of(old, new, *, signer=LOG, origin=ORIGIN):
    tree = tree_of(new)
    signed = sign_root(signer, origin=origin, size=new, root=tree.root(), registered_at=AT)
    return signed.consistency(old, prove_consistency(old, new, tree))


def test_a_receipt_of_consistency_holds_for_its_two_sizes_and_no_other_root():
    roots = {size: tree_of(size).root() for size in range(1, SIZE + 1)}
    for new in roots:
        for old in range(1, new + 1):
            receipt = consistency_of(old, new)
            assert open_consistency(receipt, roots[old], LOG.public, ORIGIN) == (old, new)
            for other in set(roots) - {old}:
                with pytest.raises((ProofInvalid, SignatureInvalid)):
                    open_consistency(receipt, roots[other], LOG.public, ORIGIN)


def test_a_receipt_of_consistency_survives_no_flipped_bit_and_no_cut():
    good, root = consistency_of(3, SIZE), tree_of(3).root()
    for place in range(len(good) * 8):
        bad = bytearray(good)
        bad[place // 8] ^= 1 << place % 8
        with pytest.raises(TallyError):
            open_consistency(bytes(bad), root, LOG.public, ORIGIN)
    for length in range(len(good)):
        with pytest.raises(TallyError):
            open_consistency(good[:length], root, LOG.public, ORIGIN)


def test_neither_kind_of_receipt_is_taken_for_the_other_nor_from_another_log():
    good, root = consistency_of(3, SIZE), tree_of(3).root()
    with pytest.raises(MalformedProof):
        open_receipt(good, ENTRIES[INDEX], LOG.public, ORIGIN)
    with pytest.raises(MalformedProof):
        open_consistency(GOOD, root, LOG.public, ORIGIN)
    with pytest.raises(KeyUnknown):
        open_consistency(consistency_of(3, SIZE, signer=OTHER), root, LOG.public, ORIGIN)
    with pytest.raises(ProofInvalid):
        open_consistency(consistency_of(3, SIZE, origin="other.example/log"), root, LOG.public, ORIGIN)
