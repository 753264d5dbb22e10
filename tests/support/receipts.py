"""One receipt under a signature of its own; a log makes many under each (`sign_root`)."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.proof.receipt import sign_root
from ledger.statement.signer import Ed25519Signer
from ledger.units import Hash, LeafIndex, TreeSize


def issue_receipt(
    signer: Ed25519Signer,
    *,
    origin: str,
    index: LeafIndex,
    size: TreeSize,
    path: Sequence[Hash],
    root: Hash,
    registered_at: int,
) -> bytes:
    """Sign `root` and make the receipt of one entry."""
    signed = sign_root(signer, origin=origin, size=size, root=root, registered_at=registered_at)
    return signed.receipt(index, path)
