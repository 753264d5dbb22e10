"""Growing a log again from what its submitters hold: the statements it lost, and the receipts it gave for them.

A receipt is signed over the root of the log at the size at which its statement was registered. So the statements that
are missing, in the order of their receipts' indices, make the very tree again that was given out, or are refused; and
each receipt says how far its group went and when it was registered, which the log alone knew. What is grown again is
the same to the byte: entries, times, tiles, checkpoints, and every receipt.

What was registered and has no receipt that anybody kept cannot be grown again: its time and the end of its group are
lost. And a log that cannot grow again up to what it gave out never goes on (docs/decisions/0014).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from ledger.errors import LogInconsistent
from ledger.events.opened import reopen
from ledger.log.recover import take_up
from ledger.log.store.protocol import Reader, Store
from ledger.log.tree import GrowingTree
from ledger.log.writer import Registered, Writer
from ledger.proof.checkpoint import Checkpoint, format_checkpoint
from ledger.proof.merkle import leaf_hash
from ledger.proof.note import VerifierKey
from ledger.proof.receipt import Receipt, open_receipt
from ledger.statement.envelope import Statement
from ledger.statement.signer import Ed25519Signer
from ledger.units import LeafIndex, TreeSize


@dataclass(frozen=True, slots=True)
class Proved:
    """A statement, and what the log signed when it registered it."""

    statement: Statement
    receipt: Receipt


def prove(statement: Statement, receipt: bytes, key: VerifierKey) -> Proved:
    """Open a receipt for a statement. Raises what `open_receipt` raises."""
    return Proved(statement, open_receipt(receipt, statement.entry, key.key, key.name))


class _SignsAgain(Ed25519Signer):
    """Signs what the log has signed before, by the receipts that prove it, and nothing else."""

    __slots__ = ("_signed_before", "_signer")

    def __init__(self, signer: Ed25519Signer, checkpoints: Sequence[Checkpoint]) -> None:
        self._signer = signer
        self._public = signer.public
        self._algorithm = signer.algorithm
        self._signed_before = {format_checkpoint(one).encode() for one in checkpoints}

    def sign(self, message: bytes) -> bytes:
        if message not in self._signed_before:
            raise LogInconsistent(
                f"what grew again has another root: {message.decode().splitlines()[1:]}",
                expected="a root that the log has signed before",
                hint="nothing was signed; the rules or the records of this log differ from what they were",
            )
        return self._signer.sign(message)


def regrow(
    store: Store, key: VerifierKey, signer: Ed25519Signer, given: Sequence[Proved], beside: Path
) -> Iterator[int]:
    """Append what is missing, a group at a time as it was; yields how many entries each had.

    All of it is checked before the first is written. `beside` is a file in the log's folder for the writer's mark; the
    log's own never goes back. Raises `LogInconsistent` for a gap or another history.
    """
    tree, _ = take_up(store, key)
    groups = list(_groups(store, tree.copy(), given))
    again = _SignsAgain(
        signer, [Checkpoint(key.name, group[0].receipt.size, group[0].receipt.root) for group in groups]
    )
    now = 0
    try:
        writer = Writer(
            store, tree, signer=again, origin=key.name, mark=beside, clock=lambda: now, on_step=lambda _: None
        )
        for group in groups:
            now = group[0].receipt.registered_at
            outcomes = writer.write([reopen(one.statement.data) for one in group])
            for one, outcome in zip(group, outcomes, strict=True):
                if not isinstance(outcome, Registered) or outcome.index != one.receipt.index:
                    raise LogInconsistent(
                        f"entry {one.receipt.index} is not taken in again: {outcome}",
                        expected="what was registered before to be registered again",
                    )
            yield len(group)
    finally:
        beside.unlink(missing_ok=True)


def _groups(store: Reader, tree: GrowingTree, given: Sequence[Proved]) -> Iterator[list[Proved]]:
    """The missing entries as they were committed, each group's root the one that its receipts were signed for."""
    missing = []
    for one in _in_order(given):
        if one.receipt.index >= tree.size:
            missing.append(one)
        else:
            _check_kept(store, one)
    for end, together in groupby(missing, key=lambda one: one.receipt.size):
        group = list(together)
        _check_whole(tree, [one.receipt.index for one in group], end)
        for one in group:
            tree.append(leaf_hash(one.statement.entry))
        for one in group:
            if (one.receipt.root, one.receipt.registered_at) != (tree.root(), group[0].receipt.registered_at):
                raise LogInconsistent(
                    f"up to entry {end - 1} the statements given make root {tree.root().hex()}",
                    expected=f"{one.receipt.root.hex()}, as the receipt of entry {one.receipt.index} says",
                    hint="the log and these receipts are of different histories: keep both for evidence",
                )
        yield group


def _in_order(given: Sequence[Proved]) -> list[Proved]:
    """By index, each once. Raises `LogInconsistent` where two statements have a receipt for one place."""
    by_index: dict[LeafIndex, Proved] = {}
    for one in given:
        other = by_index.setdefault(one.receipt.index, one)
        if other.statement.id != one.statement.id:
            raise LogInconsistent(
                f"two statements have a receipt for entry {one.receipt.index}: "
                f"{other.statement.id} and {one.statement.id}",
                expected="one, for ever",
                hint="the log has signed two histories: keep both receipts, they prove it",
            )
    return [by_index[index] for index in sorted(by_index)]


def _check_kept(store: Reader, one: Proved) -> None:
    row = store.row(one.receipt.index)
    if row is None or row.entry != one.statement.entry:
        raise LogInconsistent(
            f"entry {one.receipt.index} is not the statement that has a receipt for it",
            expected=one.statement.id,
            hint="the log and these receipts are of different histories: keep both for evidence",
        )


def _check_whole(tree: GrowingTree, indices: Sequence[LeafIndex], end: TreeSize) -> None:
    expected = range(tree.size, end)
    if list(indices) != list(expected):
        first = next((n for n in expected if n not in set(indices)), tree.size)
        raise LogInconsistent(
            f"entry {first} is not among what was given",
            expected=f"every entry from {tree.size} to {end - 1}, each with its statement and its receipt",
            hint="ask whoever submitted it; what has no receipt cannot be grown again",
        )
