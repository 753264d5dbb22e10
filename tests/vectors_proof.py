"""Writes specs/vectors/proof: good and broken proofs, notes, checkpoints, receipts, tile paths and bundles.

Each broken file has one fault and is named for it. `index.json` says what each file is, what it is opened
with, and what must come of it: "ok" or the code of the error. All of it follows from fixed seeds.

    python tests/vectors_proof.py          writes the files; a test compares them with what is there
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from ledger.limits import NOTE_SIGNATURES, TREE_SIZE_MAX
from ledger.proof.checkpoint import Checkpoint, format_checkpoint, sign_checkpoint
from ledger.proof.merkle import (
    EMPTY_ROOT,
    MemoryTree,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    root_at,
)
from ledger.proof.multiproof import prove_many
from ledger.proof.note import VerifierKey, format_vkey, sign_note
from ledger.proof.tiles import encode_entry_bundle
from ledger.statement import cbor
from ledger.statement.cose import Sign1, decode_sign1, encode_sign1, signed_bytes
from ledger.statement.signer import Ed25519Signer
from tests.support.receipts import issue_receipt

FOLDER = Path(__file__).parents[1] / "specs" / "vectors" / "proof"

LOG, OTHER = (Ed25519Signer.from_seed(bytes([seed]) * 32) for seed in (1, 2))
ORIGIN = "log.example/tally"
KEY = VerifierKey(ORIGIN, LOG.public)
OTHER_KEY = VerifierKey("witness.example", OTHER.public)
REGISTERED_AT = 1_777_900_000
ENTRIES = [sha256(b"statement %d" % i).digest() for i in range(7)]
TREE = MemoryTree(map(leaf_hash, ENTRIES))
ROOT = TREE.root()
TEXT = "first line\n\nthird line\n"

OK = "ok"
BAD_NOTE, BAD_PROOF, BAD_CBOR, BAD_COSE = (
    "malformed-note",
    "malformed-proof",
    "malformed-cbor",
    "malformed-cose",
)
INVALID, UNTRUE, UNKNOWN = "signature-invalid", "proof-invalid", "key-unknown"


class Vector(NamedTuple):
    """A file, what must come of opening it, and what else it is opened with."""

    name: str
    data: bytes
    expect: str
    opened_with: Mapping[str, Any] = MappingProxyType({})


def flip(data: bytes, bit: int = 0) -> bytes:
    """One bit changed, counted from the end."""
    return (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(len(data), "big")


def signature_line(note: bytes) -> bytes:
    return note[note.rindex(b"\n\n") + 2 :]


def stray_bits(base64_text: bytes) -> bytes:
    """The same bytes in another spelling: a bit set that decoders drop."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    at = base64_text.rindex(b"=") - 1
    return base64_text[:at] + alphabet[alphabet.index(base64_text[at]) + 1 :][:1] + base64_text[at + 1 :]


def notes() -> Iterator[Vector]:
    good = sign_note(TEXT, LOG, ORIGIN)
    line, other_line = signature_line(good), signature_line(sign_note(TEXT, OTHER, OTHER_KEY.name))
    wrong_line = signature_line(sign_note("another text\n", OTHER, OTHER_KEY.name))
    both_known = {"keys": [format_vkey(KEY), format_vkey(OTHER_KEY)]}
    yield Vector("good", good, OK)
    yield Vector("good-unknown-signer-beside", good + other_line, OK)
    yield Vector("good-two-known-signers", good + other_line, OK, both_known)
    yield Vector("good-signature-repeated", good + line, OK)
    yield Vector("bad-empty", b"", BAD_NOTE)
    yield Vector("bad-no-empty-line", good.replace(b"\n\n", b"\n"), BAD_NOTE)
    yield Vector("bad-no-signature", TEXT.encode() + b"\n", BAD_NOTE)
    yield Vector("bad-no-final-newline", good[:-1], BAD_NOTE)
    yield Vector("bad-text-after-signatures", good + b"more\n", BAD_NOTE)
    yield Vector("bad-carriage-returns", good.replace(b"\n", b"\r\n"), BAD_NOTE)
    yield Vector("bad-control-character", good.replace(b"first line", b"first\tline"), BAD_NOTE)
    yield Vector("bad-not-utf8", good.replace(b"first", b"f\xffrst"), BAD_NOTE)
    yield Vector("bad-hyphen-for-em-dash", good.replace("—".encode(), b"-"), BAD_NOTE)
    yield Vector("bad-two-spaces", good.replace("— ".encode(), "—  ".encode()), BAD_NOTE)
    yield Vector("bad-name-with-plus", good.replace(b"example/tally", b"example+tally"), BAD_NOTE)
    yield Vector("bad-name-with-unicode-space", good.replace(b"example/", "example\u00a0".encode()), BAD_NOTE)
    yield Vector("bad-base64-junk", good[:-2] + b"*\n", BAD_NOTE)
    yield Vector("bad-base64-stray-bits", stray_bits(good), BAD_NOTE)
    yield Vector("bad-signature-without-key-id", f"a\n\n— {ORIGIN} AAAA\n".encode(), BAD_NOTE)
    yield Vector("bad-too-many-signatures", good + other_line * NOTE_SIGNATURES, "too-large")
    yield Vector("bad-text-altered", good.replace(b"first", b"First"), INVALID)
    yield Vector("bad-one-of-two-known-signatures-wrong", good + wrong_line, INVALID, both_known)
    yield Vector("bad-no-known-signer", sign_note(TEXT, OTHER, OTHER_KEY.name), UNKNOWN)
    yield Vector("bad-known-name-with-another-key", sign_note(TEXT, OTHER, ORIGIN), UNKNOWN)


def vkeys() -> Iterator[Vector]:
    good = format_vkey(KEY)
    name, key_id, encoded = good.split("+", 2)
    raw = LOG.public.raw

    def line(kind: int, key: bytes) -> bytes:
        identifier = sha256(name.encode() + b"\n" + bytes([kind]) + key).hexdigest()[:8]
        return f"{name}+{identifier}+{base64.b64encode(bytes([kind]) + key).decode()}".encode()

    yield Vector("good", good.encode(), OK)
    yield Vector("bad-another-id", good.replace(key_id, "00000000").encode(), BAD_NOTE)
    yield Vector("bad-id-in-capitals", good.replace(key_id, key_id.upper()).encode(), BAD_NOTE)
    yield Vector("bad-no-name", f"+{key_id}+{encoded}".encode(), BAD_NOTE)
    yield Vector("bad-name-with-space", good.replace("/", " ").encode(), BAD_NOTE)
    yield Vector("bad-another-type", line(4, raw), BAD_NOTE)
    yield Vector("bad-final-newline", good.encode() + b"\n", BAD_NOTE)
    yield Vector("bad-short-key", line(1, raw[:31]), "malformed-key")
    yield Vector("bad-key-of-small-order", line(1, bytes(31) + b"\x80"), "malformed-key")


def checkpoints() -> Iterator[Vector]:
    checkpoint = Checkpoint(ORIGIN, 7, ROOT)
    good = sign_checkpoint(checkpoint, LOG)
    text = format_checkpoint(checkpoint)
    root = base64.b64encode(ROOT).decode()

    def of(spoilt: str) -> bytes:
        return sign_note(spoilt, LOG, ORIGIN)

    yield Vector("good", good, OK)
    yield Vector("good-empty-log", sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), LOG), OK)
    yield Vector("good-extension-line", of(text + "an extension\n"), OK)
    yield Vector("bad-line-missing", of(f"{ORIGIN}\n7\n"), BAD_NOTE)
    yield Vector("bad-empty-origin", of(f"\n7\n{root}\n"), BAD_NOTE)
    yield Vector("bad-empty-extension-line", of(text + "\nan extension\n"), BAD_NOTE)
    yield Vector("bad-size-leading-zero", of(text.replace("\n7\n", "\n07\n")), BAD_NOTE)
    yield Vector("bad-size-plus-sign", of(text.replace("\n7\n", "\n+7\n")), BAD_NOTE)
    yield Vector("bad-size-arabic-digit", of(text.replace("\n7\n", "\n٧\n")), BAD_NOTE)
    yield Vector("bad-size-beyond-limit", of(text.replace("\n7\n", f"\n{TREE_SIZE_MAX + 1}\n")), BAD_NOTE)
    yield Vector("bad-root-short", of(text.replace(root, base64.b64encode(ROOT[:31]).decode())), BAD_NOTE)
    yield Vector("bad-root-stray-bits", of(stray_bits(text.encode()).decode()), BAD_NOTE)
    yield Vector("bad-root-hex", of(text.replace(root, ROOT.hex())), BAD_NOTE)
    yield Vector("bad-empty-log-with-a-root", of(text.replace("\n7\n", "\n0\n")), BAD_NOTE)
    yield Vector("bad-size-altered", good.replace(b"\n7\n", b"\n8\n"), INVALID)
    yield Vector("bad-another-key", sign_checkpoint(checkpoint, OTHER), UNKNOWN)
    yield Vector("bad-another-origin", of(text.replace("tally", "other")), UNTRUE)


def good_receipt(index: int, size: int, signer: Ed25519Signer = LOG) -> bytes:
    root, path = root_at(size, TREE), prove_inclusion(index, size, TREE)
    return issue_receipt(
        signer, origin=ORIGIN, index=index, size=size, path=path, root=root, registered_at=REGISTERED_AT
    )


def receipts() -> Iterator[Vector]:
    good = good_receipt(4, 7)
    parts = decode_sign1(good)
    header = cbor.decode(parts.protected)
    claims = header[15]
    proof_bytes = parts.unprotected[396][-1][0]
    size, index, path = cbor.decode(proof_bytes)
    entry = {"entry": ENTRIES[4].hex()}

    def of(header: dict = header, proof: Any = None, unprotected: dict | None = None, payload=None) -> bytes:
        """Rightly signed, so that the form alone is at fault."""
        protected = cbor.encode(header)
        proofs = unprotected or {396: {-1: [cbor.encode(proof) if proof else proof_bytes]}}
        return encode_sign1(Sign1(protected, proofs, payload, LOG.sign(signed_bytes(protected, ROOT))))

    def signed_before(header: dict) -> bytes:
        """Changed after signing."""
        return encode_sign1(Sign1(cbor.encode(header), parts.unprotected, None, parts.signature))

    yield Vector("good", good, OK, entry)
    yield Vector("good-only-entry", good_receipt(0, 1), OK, {"entry": ENTRIES[0].hex()})
    fully_specified = Ed25519Signer.from_seed(bytes([1]) * 32, -19)
    yield Vector("good-alg-19", good_receipt(4, 7, fully_specified), OK, entry)
    yield Vector("bad-empty", b"", BAD_CBOR, entry)
    yield Vector("bad-trailing-byte", good + b"\0", BAD_CBOR, entry)
    yield Vector("bad-indefinite-array", good[:1] + b"\x9f" + good[2:] + b"\xff", BAD_CBOR, entry)
    yield Vector("bad-longer-length", good[:1] + b"\x98\x04" + good[2:], BAD_CBOR, entry)
    yield Vector("bad-untagged", good[1:], BAD_COSE, entry)
    yield Vector("bad-crit", of({**header, 2: ["tree-size"]}), BAD_COSE, entry)
    without_alg = {label: value for label, value in header.items() if label != 1}
    yield Vector("bad-no-alg", of(without_alg), BAD_COSE, entry)
    for label, name in ((4, "kid"), (15, "claims"), (395, "vds"), ("tree-size", "tree-size")):
        lacking = {key: value for key, value in header.items() if key != label}
        yield Vector(f"bad-no-{name}", of(lacking), BAD_PROOF, entry)
    yield Vector("bad-foreign-label", of({**header, 16: "x"}), BAD_PROOF, entry)
    yield Vector("bad-foreign-claim", of({**header, 15: {**claims, 4: 1}}), BAD_PROOF, entry)
    yield Vector("bad-registered-at-negative", of({**header, 15: {**claims, 6: -1}}), BAD_PROOF, entry)
    yield Vector("bad-registered-at-beyond-limit", of({**header, 15: {**claims, 6: 2**53}}), BAD_PROOF, entry)
    yield Vector("bad-registered-at-text", of({**header, 15: {**claims, 6: "x"}}), BAD_PROOF, entry)
    yield Vector("bad-vds-2", of({**header, 395: 2}), BAD_PROOF, entry)
    yield Vector("bad-alg-of-another-curve", of({**header, 1: -7}), BAD_PROOF, entry)
    yield Vector("bad-payload-attached", of(payload=ROOT), BAD_PROOF, entry)
    yield Vector("bad-no-proof", of(unprotected={396: {-1: []}}), BAD_PROOF, entry)
    yield Vector("bad-two-proofs", of(unprotected={396: {-1: [proof_bytes] * 2}}), BAD_PROOF, entry)
    yield Vector("bad-consistency-proof", of(unprotected={396: {-2: [proof_bytes]}}), BAD_PROOF, entry)
    extra = {396: parts.unprotected[396], 394: []}
    yield Vector("bad-foreign-unprotected-label", of(unprotected=extra), BAD_PROOF, entry)
    yield Vector("bad-proof-not-wrapped", of(unprotected={396: {-1: [[7, 4, path]]}}), BAD_PROOF, entry)
    trailing = {396: {-1: [proof_bytes + b"\0"]}}
    yield Vector("bad-proof-trailing-byte", of(unprotected=trailing), BAD_CBOR, entry)
    yield Vector("bad-path-cut", of(proof=[size, index, path[:-1]]), BAD_PROOF, entry)
    yield Vector("bad-path-lengthened", of(proof=[size, index, [*path, path[0]]]), BAD_PROOF, entry)
    short = [*path[:-1], path[-1][:31]]
    yield Vector("bad-path-short-hash", of(proof=[size, index, short]), BAD_PROOF, entry)
    yield Vector("bad-index-beyond-size", of(proof=[size, size, path]), BAD_PROOF, entry)
    yield Vector("bad-another-size", of(proof=[8, index, path]), UNTRUE, entry)
    yield Vector("bad-another-origin", of({**header, 15: {**claims, 2: "other.example"}}), UNTRUE, entry)
    yield Vector("bad-another-kid", of({**header, 4: OTHER.public.kid}), UNKNOWN, entry)
    yield Vector("bad-another-issuer", of({**header, 15: {**claims, 1: OTHER.public.did}}), UNKNOWN, entry)
    yield Vector("bad-another-statement", good, INVALID, {"entry": ENTRIES[5].hex()})
    yield Vector("bad-another-index", of(proof=[size, 5, path]), INVALID, entry)
    yield Vector(
        "bad-path-flipped-bit", of(proof=[size, index, [*path[:-1], flip(path[-1])]]), INVALID, entry
    )
    yield Vector("bad-signature-flipped-bit", flip(good), INVALID, entry)
    later = {**header, 15: {**claims, 6: REGISTERED_AT + 1}}
    yield Vector("bad-registered-at-altered", signed_before(later), INVALID, entry)


def as_json(values: dict[str, Any]) -> bytes:
    return (json.dumps(values, indent=1, default=bytes.hex) + "\n").encode()


def inclusion_proofs() -> Iterator[Vector]:
    path = list(prove_inclusion(4, 7, TREE))
    good = {"index": 4, "size": 7, "leaf": leaf_hash(ENTRIES[4]), "path": path, "root": ROOT}

    def of(**changes: Any) -> bytes:
        return as_json({**good, **changes})

    yield Vector("good", of(), OK)
    only = {"index": 0, "size": 1, "leaf": leaf_hash(ENTRIES[0]), "path": [], "root": leaf_hash(ENTRIES[0])}
    yield Vector("good-only-entry", as_json(only), OK)
    yield Vector("bad-path-cut", of(path=path[:-1]), BAD_PROOF)
    yield Vector("bad-path-lengthened", of(path=[*path, ROOT]), BAD_PROOF)
    yield Vector("bad-path-short-hash", of(path=[*path[:-1], path[-1][:31]]), BAD_PROOF)
    yield Vector("bad-short-leaf", of(leaf=good["leaf"][:31]), BAD_PROOF)
    yield Vector("bad-index-beyond-size", of(index=7), BAD_PROOF)
    yield Vector("bad-negative-index", of(index=-1), BAD_PROOF)
    yield Vector("bad-size-beyond-limit", of(size=TREE_SIZE_MAX + 1), BAD_PROOF)
    yield Vector("bad-size-of-another-shape", of(size=5), BAD_PROOF)
    yield Vector("bad-another-index", of(index=5), UNTRUE)
    yield Vector("bad-path-swapped", of(path=[path[1], path[0], *path[2:]]), UNTRUE)
    yield Vector("bad-path-flipped-bit", of(path=[flip(path[0]), *path[1:]]), UNTRUE)
    yield Vector("bad-another-leaf", of(leaf=leaf_hash(ENTRIES[5])), UNTRUE)
    yield Vector("bad-entry-for-leaf", of(leaf=ENTRIES[4]), UNTRUE)
    yield Vector("bad-another-root", of(root=flip(ROOT)), UNTRUE)


def consistency_proofs() -> Iterator[Vector]:
    path = list(prove_consistency(3, 7, TREE))
    good = {"old_size": 3, "old_root": root_at(3, TREE), "new_size": 7, "new_root": ROOT, "path": path}

    def of(**changes: Any) -> bytes:
        return as_json({**good, **changes})

    yield Vector("good", of(), OK)
    complete = {"old_size": 4, "old_root": root_at(4, TREE), "path": prove_consistency(4, 7, TREE)}
    yield Vector("good-from-complete-tree", of(**complete), OK)
    yield Vector("good-equal-sizes", of(old_size=7, old_root=ROOT, path=[]), OK)
    yield Vector("bad-from-empty-tree", of(old_size=0, old_root=EMPTY_ROOT, path=[]), BAD_PROOF)
    yield Vector("bad-backwards", of(old_size=8), BAD_PROOF)
    yield Vector("bad-size-beyond-limit", of(new_size=TREE_SIZE_MAX + 1), BAD_PROOF)
    yield Vector("bad-equal-sizes-with-path", of(old_size=7, old_root=ROOT), BAD_PROOF)
    yield Vector("bad-path-empty", of(path=[]), BAD_PROOF)
    yield Vector("bad-path-cut", of(path=path[:-1]), BAD_PROOF)
    yield Vector("bad-path-lengthened", of(path=[*path, ROOT]), BAD_PROOF)
    yield Vector("bad-path-short-hash", of(path=[*path[:-1], path[-1][:31]]), BAD_PROOF)
    yield Vector("bad-path-flipped-bit", of(path=[*path[:-1], flip(path[-1])]), UNTRUE)
    yield Vector("bad-path-swapped", of(path=[path[1], path[0], *path[2:]]), UNTRUE)
    yield Vector("bad-equal-sizes-other-root", of(old_size=7, path=[]), UNTRUE)
    yield Vector("bad-another-old-root", of(old_root=flip(good["old_root"])), UNTRUE)
    yield Vector("bad-another-new-root", of(new_root=flip(ROOT)), UNTRUE)
    yield Vector("bad-roots-swapped", of(old_root=ROOT, new_root=good["old_root"]), UNTRUE)


def multiproofs() -> Iterator[Vector]:
    hashes = list(prove_many([2, 3], 7, TREE))
    leaves = [[i, leaf_hash(ENTRIES[i])] for i in (2, 3)]
    good = {"size": 7, "leaves": leaves, "hashes": hashes, "root": ROOT}

    def of(**changes: Any) -> bytes:
        return as_json({**good, **changes})

    yield Vector("good", of(), OK)
    yield Vector(
        "good-one-entry", of(leaves=[[5, leaf_hash(ENTRIES[5])]], hashes=prove_many([5], 7, TREE)), OK
    )
    everything = [[i, leaf_hash(entry)] for i, entry in enumerate(ENTRIES)]
    yield Vector("good-every-entry", of(leaves=everything, hashes=[]), OK)
    yield Vector("bad-no-entry", of(leaves=[], hashes=[ROOT]), BAD_PROOF)
    yield Vector("bad-entries-out-of-order", of(leaves=leaves[::-1]), BAD_PROOF)
    yield Vector("bad-entry-twice", of(leaves=[leaves[0], leaves[0], leaves[1]]), BAD_PROOF)
    yield Vector("bad-index-beyond-size", of(leaves=[leaves[0], [7, leaves[1][1]]]), BAD_PROOF)
    yield Vector("bad-size-beyond-limit", of(size=TREE_SIZE_MAX + 1), BAD_PROOF)
    yield Vector("bad-hash-missing", of(hashes=hashes[:1]), BAD_PROOF)
    yield Vector("bad-hash-too-many", of(hashes=[*hashes, ROOT]), BAD_PROOF)
    yield Vector("bad-short-hash", of(hashes=[hashes[0], hashes[1][:31]]), BAD_PROOF)
    yield Vector("bad-entry-missing", of(leaves=leaves[:1]), BAD_PROOF)
    yield Vector("bad-hashes-swapped", of(hashes=hashes[::-1]), UNTRUE)
    yield Vector("bad-hash-flipped-bit", of(hashes=[hashes[0], flip(hashes[1])]), UNTRUE)
    yield Vector("bad-leaves-exchanged", of(leaves=[[2, leaves[1][1]], [3, leaves[0][1]]]), UNTRUE)
    yield Vector("bad-another-root", of(root=flip(ROOT)), UNTRUE)


def tile_paths() -> Iterator[Vector]:
    yield Vector("good-full", b"tile/0/x001/x234/067", OK)
    yield Vector("good-partial", b"tile/1/x001/x234/067.p/17", OK)
    for name, path in {
        "level-leading-zero": "tile/00/000",
        "level-beyond-any-tree": "tile/8/000",
        "level-arabic-digit": "tile/٠/000",
        "number-not-grouped": "tile/0/1234067",
        "number-without-x": "tile/0/001/234/067",
        "number-x-on-last-group": "tile/0/x001/x234/x067",
        "number-with-needless-group": "tile/0/x000/067",
        "number-beyond-any-tree": "tile/0/x036/x028/x797/x018/x963/968",
        "width-0": "tile/0/000.p/0",
        "width-256": "tile/0/000.p/256",
        "width-leading-zero": "tile/0/000.p/01",
        "final-newline": "tile/0/000\n",
        "parent-folder": "tile/0/../000",
        "entries": "tile/entries/000",
    }.items():
        yield Vector(f"bad-{name}", path.encode(), BAD_PROOF)


def entry_bundles() -> Iterator[Vector]:
    good = encode_entry_bundle(ENTRIES)
    yield Vector("good", good, OK)
    yield Vector("bad-empty", b"", BAD_PROOF)
    yield Vector("bad-cut-in-entry", good[:-1], BAD_PROOF)
    yield Vector("bad-cut-in-length", good + b"\0", BAD_PROOF)
    yield Vector("bad-257-entries", encode_entry_bundle([b"x"] * 256) + b"\0\1x", BAD_PROOF)


KINDS = {
    "note": (notes, "txt"),
    "vkey": (vkeys, "txt"),
    "checkpoint": (checkpoints, "txt"),
    "receipt": (receipts, "cbor"),
    "inclusion": (inclusion_proofs, "json"),
    "consistency": (consistency_proofs, "json"),
    "multiproof": (multiproofs, "json"),
    "tile-path": (tile_paths, "txt"),
    "entry-bundle": (entry_bundles, "bin"),
}


def build() -> dict[str, bytes]:
    """Every file by its path below specs/vectors/proof."""
    files: dict[str, bytes] = {}
    listed = []
    for kind, (vectors, ending) in KINDS.items():
        for vector in vectors():
            path = f"{kind}/{vector.name}.{ending}"
            assert path not in files, path
            files[path] = vector.data
            listed.append({"file": path, "kind": kind, "expect": vector.expect, **vector.opened_with})
    log = {"origin": ORIGIN, "vkey": format_vkey(KEY), "did": LOG.public.did, "key": LOG.public.raw}
    index = {
        "about": "What each file is and what must come of it: ok, or the code of the error. specs/log.md",
        "log": log,
        "entries": ENTRIES,
        "vectors": listed,
    }
    return {"index.json": as_json(index), **files}


if __name__ == "__main__":
    for path, data in build().items():
        target = FOLDER / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
