"""Checkpoints, C2SP tlog-checkpoint: the log's signed word on how many entries it has and what root.

The text of a signed note (`ledger.proof.note`) in three lines:

    log.example/tally                                  the origin: which log this is
    7                                                  the size, decimal, no leading zero
    AX4ff8cQjLp3V542YPnK38vhThFjD8jV4FSTD+JIhSQ=       the root, base64 of 32 bytes

We write no further lines, and tolerate others' extension lines, none of which is empty. The log signs with
the key named like the origin; a note that bears another log's key name is not a checkpoint of this one. The
empty tree has one root, SHA-256(""), and a checkpoint that claims another is refused.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final

from ledger.errors import MalformedNote, ProofInvalid
from ledger.limits import TREE_SIZE_MAX
from ledger.proof.merkle import EMPTY_ROOT
from ledger.proof.note import VerifierKey, decode_base64, open_note, sign_note
from ledger.statement.signer import Ed25519Signer
from ledger.units import HASH_BYTES, Hash, TreeSize

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_FIXED_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The root of a log at one size. Raises `MalformedNote` when made of values that no log can have."""

    origin: str
    size: TreeSize
    root: Hash

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin:
            raise MalformedNote(f"{self.origin[:80]!r} is not an origin", expected="one line, not empty")
        if not 0 <= self.size <= TREE_SIZE_MAX:
            raise MalformedNote(f"a checkpoint of size {self.size}", expected="0 to 2^63 - 1")
        if len(self.root) != HASH_BYTES:
            raise MalformedNote(f"a root of {len(self.root)} bytes", expected=f"{HASH_BYTES}")
        if not self.size and self.root != EMPTY_ROOT:
            raise MalformedNote(
                f"a checkpoint of size 0 with the root {self.root.hex()}",
                expected=f"{EMPTY_ROOT.hex()}, SHA-256 of nothing",
            )


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The three lines to sign."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint; the inverse of `format_checkpoint`, but for extension lines.

    Raises `MalformedNote`. Says nothing about signatures: `open_checkpoint` does.
    """
    lines = text.split("\n")
    if len(lines) <= _FIXED_LINES or lines.pop() or not all(lines):
        raise MalformedNote(
            f"a checkpoint of {len(lines)} lines, empty ones or an unfinished one among them",
            expected="origin, size and root, each on a line of its own that is not empty",
        )
    origin, size, root = lines[:_FIXED_LINES]
    if not _SIZE.fullmatch(size):
        raise MalformedNote(
            f"{size[:40]!r} is not a size", expected="decimal digits without a leading zero, below 2^63"
        )
    return Checkpoint(origin, TreeSize(int(size)), Hash(decode_base64(root, "the root")))


def sign_checkpoint(checkpoint: Checkpoint, signer: Ed25519Signer) -> bytes:
    """The signed note of a checkpoint, its origin as key name. Raises `MalformedNote` for a bad origin."""
    return sign_note(format_checkpoint(checkpoint), signer, checkpoint.origin)


def open_checkpoint(note: bytes, key: VerifierKey) -> Checkpoint:
    """Verify the log's signature on a checkpoint and read it.

    Raises what `open_note` and `parse_checkpoint` raise, and `ProofInvalid` if the signed text speaks for
    another origin than the key's name.
    """
    checkpoint = parse_checkpoint(open_note(note, [key]).text)
    if checkpoint.origin != key.name:
        raise ProofInvalid(
            f"a checkpoint of the log {checkpoint.origin[:80]!r}",
            expected=f"of {key.name!r}, in whose name it is signed",
            hint="two logs never share a key name: this checkpoint is no evidence for either",
        )
    return checkpoint
