"""One log, one history: whatever it signs must be a beginning, or a continuation, of what it signed before.

A *head* is one signed root: of a checkpoint, or of a receipt. Of any two heads of one log the smaller must be a
beginning of the larger, and a consistency proof (RFC 9162 2.1.4.2) shows it. Where none does, both heads are kept as
evidence: the log's own signatures, which anyone can check.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ledger.client.memory import Memory
from ledger.errors import LogForked, LogRolledBack, MalformedProof, ProofInvalid
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.merkle import check_consistency
from ledger.proof.note import VerifierKey, format_vkey
from ledger.proof.receipt import Receipt
from ledger.units import Entry, Hash, TreeSize

Proofs = Callable[[TreeSize, TreeSize], Sequence[Hash]]
"""The consistency path that a log gives for two of its sizes."""


@dataclass(frozen=True, slots=True)
class Head:
    """A root that a log has signed, with what shows that it has."""

    size: TreeSize
    root: Hash
    signed: Mapping[str, str] = field(repr=False)


def head_of_checkpoint(note: bytes, key: VerifierKey) -> Head:
    """The head of a checkpoint. Raises what `open_checkpoint` raises."""
    checkpoint = open_checkpoint(note, key)
    return Head(checkpoint.size, checkpoint.root, {"checkpoint": note.decode()})


def head_of_receipt(receipt: Receipt, data: bytes, entry: Entry) -> Head:
    """The head of a receipt that was opened, of `data`, for `entry`."""
    return Head(receipt.size, receipt.root, {"receipt": b64encode(data).decode(), "entry": entry.hex()})


class History:
    """The one history of a log, as far as this machine has seen it."""

    def __init__(self, key: VerifierKey, memory: Memory, proofs: Proofs) -> None:
        self._key = key
        self._memory = memory
        self._proofs = proofs

    def meet(self, fetch: Callable[[], bytes]) -> Head:
        """Fetch the log's newest checkpoint, hold it against what is remembered, and remember it.

        Raises `LogRolledBack`, `LogForked`, and what opening a checkpoint and asking for proofs raises; then nothing is
        remembered. What another thread or process remembers meanwhile is held against it too.
        """
        before = self._memory.last(self._key)
        note = fetch()
        newest = head_of_checkpoint(note, self._key)
        if before is not None:
            self.require_extends(head_of_checkpoint(before, self._key), newest)
        while not self._memory.advance(self._key, before, note):
            before = self._memory.last(self._key)
            other = head_of_checkpoint(before, self._key) if before is not None else newest
            self.require_one(other, newest)
            if other.size >= newest.size:
                return newest
        return newest

    def require_one(self, one: Head, other: Head) -> None:
        """Return if the smaller of two heads is a beginning of the larger. Raises `LogForked`."""
        older, newer = sorted((one, other), key=lambda head: head.size)
        if older.size == newer.size:
            if older.root != newer.root:
                raise self._forked(older, newer, f"two roots for size {older.size}", None)
            return
        if older.size == 0:
            return
        path = self._proofs(older.size, newer.size)
        try:
            check_consistency(older.size, older.root, newer.size, newer.root, path)
        except (MalformedProof, ProofInvalid) as error:
            what = f"that size {newer.size} continues size {older.size} is not shown: {error.found}"
            raise self._forked(older, newer, what, path) from error

    def require_extends(self, older: Head, newest: Head) -> None:
        """Return if the newest head continues an older one. Raises `LogRolledBack`, `LogForked`."""
        if newest.size < older.size:
            path = self._keep(LogRolledBack.code, older, newest, None)
            raise LogRolledBack(
                f"the log {self._key.name} shows {newest.size} entries and has signed {older.size} before; "
                f"both checkpoints are kept in {path}",
                expected="a log that never shrinks",
                hint="ask its operator: an older copy is served, or an older backup was put back. Keep that file, and "
                "trust nothing that this server acknowledges until then",
            )
        self.require_one(older, newest)

    def _forked(self, older: Head, newer: Head, what: str, path: Sequence[Hash] | None) -> LogForked:
        kept = self._keep(LogForked.code, older, newer, path)
        return LogForked(
            f"the log {self._key.name} does not show one history: {what}; what it signed is kept in {kept}",
            expected="one history, of which everything signed is a beginning",
            hint="keep that file, give a copy to other holders and to whoever watches this log, and trust nothing that "
            "this server acknowledges until it is cleared up",
        )

    def _keep(self, what: str, older: Head, newer: Head, path: Sequence[Hash] | None) -> Path:
        content = {
            "evidence": what,
            "log": format_vkey(self._key),
            "older": {"size": older.size, "root": older.root.hex(), **older.signed},
            "newer": {"size": newer.size, "root": newer.root.hex(), **newer.signed},
            "consistency_path": None if path is None else [one.hex() for one in path],
        }
        return self._memory.keep_evidence(what, content)
