"""Vectors of specs/bundle.md: good bundles, and bad ones with one fault each. `build` is deterministic."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from ledger.audit.bundle import Bundle, decode_bundle, encode_bundle
from ledger.audit.gather import make_bundle
from ledger.log.reader import LogReader
from ledger.proof.checkpoint import Checkpoint, sign_checkpoint
from ledger.proof.merkle import MemoryTree, leaf_hash
from ledger.proof.multiproof import prove_many
from ledger.proof.note import format_vkey
from ledger.statement import cbor
from ledger.statement.signer import Ed25519Signer
from ledger.units import Hash, LeafIndex, StatementId, TreeSize
from tests.support.spine import LOG_SIGNER, ORIGIN, VKEY, Spine, h87, make_log

FOLDER = Path(__file__).parents[1] / "specs" / "vectors" / "bundle"


def build() -> dict[str, bytes]:
    """Every file of the folder: relative path to bytes."""
    spine = Spine()
    with tempfile.TemporaryDirectory() as folder:
        path = make_log(Path(folder) / "log", spine.statements, spine.agency.party)
        with LogReader.open(path) as reader:
            delivery = make_bundle(reader, spine.id("receipt A1"))
            contract = make_bundle(reader, spine.contract)
            kept = [row.statement for row in reader.store.rows(LeafIndex(0), LeafIndex(reader.size))]
    bad = dict(_bad(spine, kept, delivery))
    index = {
        "vkey": format_vkey(VKEY),
        "good": {
            "delivery.bundle": {"claim": spine.id("receipt A1"), "scope": "statement"},
            "contract.bundle": {"claim": spine.contract, "scope": "contract"},
        },
        "bad": {name: code for name, (code, _) in bad.items()},
    }
    files = {"good/delivery.bundle": delivery, "good/contract.bundle": contract}
    files |= {f"bad/{name}": data for name, (_, data) in bad.items()}
    files["index.json"] = (json.dumps(index, indent=2) + "\n").encode()
    return files


def _bad(spine: Spine, kept: list[bytes], delivery: bytes) -> dict[str, tuple[str, bytes]]:
    bundle = decode_bundle(delivery)
    content = cbor.decode(delivery)
    other = Ed25519Signer.from_seed(sha256(b"other").digest())
    tree = MemoryTree(leaf_hash(sha256(one).digest()) for one in kept)
    larger = MemoryTree(leaf_hash(sha256(one).digest()) for one in [*kept, b"more"])
    flipped = Hash(bytes([bundle.proof[0][0] ^ 1]) + bundle.proof[0][1:])
    without = [index for index, _ in bundle.entries if kept[index] != spine.parts["calloff accepted"]]
    (first, one), (second, two) = bundle.entries[1:3]
    over = spine.prime.sign(
        "allocation.offered",
        {"maker": spine.bo.party, "lines": [{"line": "1", "quantity": h87(101)}], "due": "2026-05-20"},
        {"parent": spine.id("calloff")},
        sub=spine.contract,
    )
    genuine = spine.asha.sign("party.enrolled", {"kind": "maker", "country": "IN", "name": "x"})
    forged = genuine[:-1] + bytes([genuine[-1] ^ 1])
    return {
        "cut.bundle": ("malformed-bundle", delivery[:-1]),
        "trailing-byte.bundle": ("malformed-bundle", delivery + b"\0"),
        "version-2.bundle": ("malformed-bundle", cbor.encode({**content, "bundle": 2})),
        "unknown-member.bundle": ("malformed-bundle", cbor.encode({**content, "note": "hello"})),
        "scope-unknown.bundle": ("malformed-bundle", cbor.encode({**content, "scope": "all"})),
        "scope-array.bundle": ("malformed-bundle", cbor.encode({**content, "scope": ["statement"]})),
        "claim-short.bundle": ("malformed-bundle", cbor.encode({**content, "claim": content["claim"][:-1]})),
        "entries-descending.bundle": (
            "malformed-bundle",
            cbor.encode({**content, "entries": content["entries"][::-1]}),
        ),
        "entry-twice.bundle": (
            "malformed-bundle",
            cbor.encode({**content, "entries": [content["entries"][0], *content["entries"]]}),
        ),
        "entries-none.bundle": ("malformed-bundle", cbor.encode({**content, "entries": []})),
        "checkpoint-by-another-key.bundle": (
            "key-unknown",
            _with(bundle, checkpoint=sign_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root()), other)),
        ),
        "checkpoint-changed.bundle": (
            "signature-invalid",
            _with(bundle, checkpoint=bundle.checkpoint.replace(f"\n{tree.size}\n".encode(), b"\n99\n")),
        ),
        "checkpoint-of-another-size.bundle": (
            "proof-invalid",
            _with(bundle, checkpoint=_checkpoint(TreeSize(tree.size), larger.root())),
        ),
        "proof-flipped.bundle": ("proof-invalid", _with(bundle, proof=(flipped, *bundle.proof[1:]))),
        "proof-cut.bundle": ("malformed-proof", _with(bundle, proof=bundle.proof[:-1])),
        "proof-lengthened.bundle": ("malformed-proof", _with(bundle, proof=(*bundle.proof, bundle.proof[0]))),
        "statements-swapped.bundle": (
            "proof-invalid",
            _with(bundle, entries=(bundle.entries[0], (first, two), (second, one), *bundle.entries[3:])),
        ),
        "policy-missing.bundle": ("evidence-incomplete", forge(kept, range(1, len(kept)), bundle.claim)),
        "acceptance-missing.bundle": ("evidence-incomplete", forge(kept, without, bundle.claim)),
        "claim-missing.bundle": ("evidence-incomplete", _with(bundle, claim=spine.id("lot B1"))),
        "statement-as-contract.bundle": ("evidence-incomplete", _with(bundle, scope="contract")),
        "signature-forged.bundle": (
            "signature-invalid",
            forge([*kept, forged], [0, len(kept)], StatementId(sha256(forged).hexdigest())),
        ),
        "over-allocation.bundle": (
            "rule-broken",
            forge([*kept, over], range(len(kept) + 1), StatementId(sha256(over).hexdigest())),
        ),
    }


def _with(bundle: Bundle, **changes: object) -> bytes:
    return encode_bundle(replace(bundle, **changes))  # type: ignore[arg-type]


def _checkpoint(size: TreeSize, root: Hash) -> bytes:
    return sign_checkpoint(Checkpoint(ORIGIN, size, root), LOG_SIGNER)


def forge(statements: list[bytes], chosen: range | list[LeafIndex], claim: StatementId) -> bytes:
    """What a dishonest log could hand out: any statements, properly proved and signed."""
    tree = MemoryTree(leaf_hash(sha256(one).digest()) for one in statements)
    indices = [LeafIndex(one) for one in chosen]
    bundle = Bundle(
        scope="statement",
        claim=claim,
        checkpoint=_checkpoint(tree.size, tree.root()),
        entries=tuple((index, statements[index]) for index in indices),
        proof=prove_many(indices, tree.size, tree),
    )
    return encode_bundle(bundle)


def main() -> None:
    for name, data in build().items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
