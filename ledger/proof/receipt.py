"""Receipts: the log's signed proof that one statement is registered (RFC 9942 COSE Receipts, RFC 9943).

A COSE_Sign1 with tag 18 in deterministic CBOR, with exactly these labels:

    18([ << { 1: alg,                        -8 or -19, Ed25519
              4: kid,                        RFC 9679 thumbprint of the log's key
              15: { 1: iss, 2: sub,          the log's party id; its origin
                    6: iat },                when it was registered, seconds since 1970
              395: 1,                        vds: RFC9162_SHA256
              "tree-size": n } >>,
         { 396: { -1: [ << [n, index, [* hash]] >> ] } },     vdp: one inclusion proof
         nil,                                the root is not sent: the verifier computes it
         signature ])                        over ["Signature1", protected, h'', root]

Opening hashes the entry up the path, and the signature must fit the root that comes out: it holds for this
entry at this place or not at all. RFC 9942 leaves the tree size unprotected, so that one signature can be
made to show several (size, index) pairs with one root; here the size is in the protected header too, and
both must be equal.

A receipt of consistency has the same labels but for its proof, `{ 396: { -2: [ << [old, n, [* hash]] >> ] } }`: the
signed tree of size n begins with the one of size `old`, whose root the verifier holds (RFC 9942 5.3).

The log signs a root once and hands out any number of receipts under that signature: index and path are not
what is signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from ledger.errors import KeyUnknown, MalformedProof, ProofInvalid, SignatureInvalid, TooLarge
from ledger.limits import RECEIPT_BYTES, TREE_SIZE_MAX
from ledger.proof.merkle import leaf_hash, path_length, root_from_consistency, root_from_inclusion
from ledger.statement import cbor
from ledger.statement.cose import (
    ALG,
    CLAIM_IAT,
    CLAIM_ISS,
    CLAIM_SUB,
    CWT_CLAIMS,
    KID,
    VDP,
    VDS,
    Sign1,
    decode_protected,
    decode_sign1,
    encode_sign1,
    signed_bytes,
)
from ledger.statement.keys import Ed25519Key
from ledger.statement.payload import INTEGER_MAX
from ledger.statement.signer import Ed25519Signer
from ledger.units import Entry, Hash, KeyId, LeafIndex, PartyId, TreeSize

TREE_SIZE: Final = "tree-size"
"""The label of the protected tree size."""

_T = TypeVar("_T")
_RFC9162_SHA256: Final = 1
_INCLUSION: Final = -1
_CONSISTENCY: Final = -2


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an opened receipt proves: the log registered the entry at `index`, under `root` at `size`."""

    log: PartyId
    origin: str
    index: LeafIndex
    size: TreeSize
    root: Hash
    registered_at: int
    """Seconds since 1970, by the log's clock."""


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """The log's signature on one root, from which the receipts of all its entries are made."""

    size: TreeSize
    protected: bytes
    signature: bytes

    def receipt(self, index: LeafIndex, path: Sequence[Hash]) -> bytes:
        """The receipt of the entry at `index`; `path` is its inclusion path at this size."""
        assert 0 <= index < self.size
        assert len(path) == path_length(index, self.size)
        return self._with(_INCLUSION, [self.size, index, list(path)])

    def consistency(self, old: TreeSize, path: Sequence[Hash]) -> bytes:
        """The receipt that the tree of size `old` is a beginning of this one (RFC 9942 5.3)."""
        assert 0 < old <= self.size
        return self._with(_CONSISTENCY, [old, self.size, list(path)])

    def _with(self, kind: int, proof: list[Any]) -> bytes:
        proofs = {kind: [cbor.encode(proof)]}
        receipt = encode_sign1(Sign1(self.protected, {VDP: proofs}, None, self.signature))
        assert len(receipt) <= RECEIPT_BYTES
        return receipt


def sign_root(
    signer: Ed25519Signer, *, origin: str, size: TreeSize, root: Hash, registered_at: int
) -> SignedRoot:
    """Sign a root for receipts. The caller has made it durable, and computed it from what it read back."""
    protected = cbor.encode(
        {
            ALG: signer.algorithm,
            KID: signer.public.kid,
            CWT_CLAIMS: {CLAIM_ISS: signer.public.did, CLAIM_SUB: origin, CLAIM_IAT: registered_at},
            VDS: _RFC9162_SHA256,
            TREE_SIZE: size,
        }
    )
    return SignedRoot(size, protected, signer.sign(signed_bytes(protected, root)))


def open_receipt(data: bytes, entry: Entry, key: Ed25519Key, origin: str) -> Receipt:
    """Verify that the log with `key` and `origin` registered `entry`, and read when and where.

    Raises `TooLarge`, `MalformedCbor`, `MalformedCose` or `MalformedProof` for the form; `KeyUnknown` if
    another key or party issued it; `ProofInvalid` if it speaks for another log or tree size;
    `SignatureInvalid` if the root computed from this entry is not the one that was signed. Costs one hash for
    each element of the path and one verification.
    """
    if len(data) > RECEIPT_BYTES:
        raise TooLarge(f"a receipt of {len(data)} bytes", expected=f"at most {RECEIPT_BYTES}")
    sign1 = decode_sign1(data)
    header = _read_header(decode_protected(sign1))
    [size, index], path = _read_proof(sign1, _INCLUSION, "inclusion", "[tree size, leaf index, path]")
    size, index = TreeSize(size), LeafIndex(index)
    _require_signed(header, key, origin, size)
    root = root_from_inclusion(leaf_hash(entry), index, size, path)
    try:
        key.verify(signed_bytes(sign1.protected, root), sign1.signature)
    except SignatureInvalid:
        raise SignatureInvalid(
            f"the log did not sign the root {root.hex()}, which this entry gives at index {index} of {size}",
            hint="this receipt belongs to another statement, or one of the two was altered",
        ) from None
    return Receipt(header.log, header.origin, index, size, root, header.registered_at)


def open_consistency(data: bytes, old_root: Hash, key: Ed25519Key, origin: str) -> tuple[TreeSize, TreeSize]:
    """Verify that the log signed a tree that begins with the one of `old_root`; answers both sizes.

    The new root is computed from the old one and the path, and is what must have been signed: RFC 9942 5.3, RFC 9162
    2.1.4.2. Raises as `open_receipt`.
    """
    if len(data) > RECEIPT_BYTES:
        raise TooLarge(f"a receipt of {len(data)} bytes", expected=f"at most {RECEIPT_BYTES}")
    sign1 = decode_sign1(data)
    header = _read_header(decode_protected(sign1))
    shape = "[old tree size, new tree size, path]"
    [old, new], path = _read_proof(sign1, _CONSISTENCY, "consistency", shape)
    old_size, size = TreeSize(old), TreeSize(new)
    _require_signed(header, key, origin, size)
    root = root_from_consistency(old_size, old_root, size, path)
    try:
        key.verify(signed_bytes(sign1.protected, root), sign1.signature)
    except SignatureInvalid:
        raise SignatureInvalid(
            f"the log did not sign the root {root.hex()}, to which the tree of size {old_size} would have grown",
            hint="the old root is not this log's at that size, or the receipt was altered",
        ) from None
    return old_size, size


@dataclass(frozen=True, slots=True)
class _Header:
    """The protected header, every value of its type."""

    algorithm: int
    kid: KeyId
    log: PartyId
    origin: str
    registered_at: int
    size: TreeSize


def _read_header(protected: Mapping[Any, Any]) -> _Header:
    _require_labels(protected, {ALG, KID, CWT_CLAIMS, VDS, TREE_SIZE}, "the protected header")
    claims = _typed(protected[CWT_CLAIMS], dict, "the claims")
    _require_labels(claims, {CLAIM_ISS, CLAIM_SUB, CLAIM_IAT}, "the claims")
    vds = _typed(protected[VDS], int, "vds")
    if vds != _RFC9162_SHA256:
        raise MalformedProof(f"vds {vds}", expected=f"{_RFC9162_SHA256}, RFC9162_SHA256")
    return _Header(
        algorithm=_typed(protected[ALG], int, "alg"),
        kid=KeyId(_typed(protected[KID], bytes, "kid")),
        log=PartyId(_typed(claims[CLAIM_ISS], str, "iss")),
        origin=_typed(claims[CLAIM_SUB], str, "sub"),
        registered_at=_natural(claims[CLAIM_IAT], "iat", INTEGER_MAX),
        size=TreeSize(_natural(protected[TREE_SIZE], TREE_SIZE, TREE_SIZE_MAX)),
    )


def _read_proof(sign1: Sign1, kind: int, name: str, shape: str) -> tuple[list[int], list[Hash]]:
    """The two numbers and the path of the one proof."""
    if sign1.payload is not None:
        raise MalformedProof("a receipt with a payload", expected="nil: the root is computed, not sent")
    _require_labels(sign1.unprotected, {VDP}, "the unprotected header")
    proofs = _typed(sign1.unprotected[VDP], dict, "vdp")
    _require_labels(proofs, {kind}, "vdp")
    listed = _typed(proofs[kind], list, f"the list of {name} proofs")
    if len(listed) != 1:
        raise MalformedProof(f"{len(listed)} {name} proofs", expected="exactly one")
    proof = _typed(cbor.decode(_typed(listed[0], bytes, "the proof")), list, "the decoded proof")
    if len(proof) != 3:
        raise MalformedProof(f"a proof of {len(proof)} parts", expected=shape)
    path = _typed(proof[2], list, "the path")
    hashes = [Hash(_typed(item, bytes, "a hash of the path")) for item in path]
    first, second = shape.strip("[]").split(", ")[:2]
    return [
        _natural(proof[0], f"the {first}", TREE_SIZE_MAX),
        _natural(proof[1], f"the {second}", TREE_SIZE_MAX),
    ], hashes


def _require_signed(header: _Header, key: Ed25519Key, origin: str, size: TreeSize) -> None:
    """The header is this log's, and of the size that the proof speaks of."""
    _require_issuer(header, key, origin)
    if header.size != size:
        raise ProofInvalid(
            f"the proof is for tree size {size}", expected=f"{header.size}, the size that was signed"
        )


def _require_issuer(header: _Header, key: Ed25519Key, origin: str) -> None:
    if header.kid != key.kid or header.log != key.did:
        raise KeyUnknown(
            f"the receipt is issued by {header.log[:80]!r} with the key {header.kid[:32].hex()}",
            expected=f"{key.did} with {key.kid.hex()}",
            hint="check that this is the right log, and its key the right one",
        )
    if header.algorithm not in key.algorithms:
        raise MalformedProof(
            f"alg {header.algorithm}",
            expected=" or ".join(map(str, sorted(key.algorithms))) + " for this key",
        )
    if header.origin != origin:
        raise ProofInvalid(f"a receipt of the log {header.origin[:80]!r}", expected=f"of {origin!r}")


def _require_labels(found: Mapping[Any, Any], labels: set[int | str], what: str) -> None:
    if set(found) != labels:
        raise MalformedProof(f"{what} has the labels {_listed(found)}", expected=f"exactly {_listed(labels)}")


def _listed(labels: Iterable[object]) -> str:
    return ", ".join(sorted(repr(label)[:40] for label in labels))


def _typed(value: Any, kind: type[_T], what: str) -> _T:
    if type(value) is not kind:  # not isinstance: True is no number here
        raise MalformedProof(f"{what} is {type(value).__name__}", expected=kind.__name__)
    return value


def _natural(value: Any, what: str, largest: int) -> int:
    number = _typed(value, int, what)
    if not 0 <= number <= largest:
        raise MalformedProof(f"{what} is {number}", expected=f"0 to {largest}")
    return number
