"""Making a bundle: find every statement a claim rests on, and prove them all in one go.

For one statement: the path up to the contract, and beside it whatever draws on the same sources at its end: all
sign-offs under the same allocations, and everything told of the same lots. For a contract: everything registered under
it. Either with the log's policy, and with what each statement in it needs (`ledger.audit.needs`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ledger.audit.bundle import Bundle, Scope, encode_bundle
from ledger.audit.needs import Needs
from ledger.bulk import uncollected
from ledger.errors import EvidenceIncomplete, NotFound
from ledger.events.opened import Opened, reopen
from ledger.log.reader import LogReader
from ledger.rules.records import Key, Kind, Lot, Record
from ledger.rules.state import Known, View, each
from ledger.trace.graph import statements_in
from ledger.trace.up import situation_around
from ledger.units import LeafIndex, StatementId


@uncollected()
def make_bundle(reader: LogReader, claim: StatementId) -> bytes:
    """The bundle of a registered statement: a whole contract for a framework.signed, else what it rests on.

    Raises `NotFound`, `LogInconsistent`. Costs as much as is in it, and a look at each lot of the contract where the
    claim is about lots.
    """
    known = reader.store.known(claim)
    if known is None:
        raise NotFound(f"{claim[:16]} is not registered in this log")
    scope: Scope = "contract" if known.type == "framework.signed" else "statement"
    within = reader.store.contract_indices(claim) if scope == "contract" else ()
    entries = gather(reader.store, lambda index: reopen(reader.statement(index)), claim, within)
    bundle = Bundle(
        scope=scope,
        claim=claim,
        checkpoint=reader.checkpoint_note(),
        entries=tuple((index, one.statement.data) for index, one in entries),
        proof=reader.multiproof([index for index, _ in entries]),
    )
    return encode_bundle(bundle)


def gather(
    view: View, open_at: Callable[[LeafIndex], Opened], claim: StatementId, within: Iterable[LeafIndex] = ()
) -> list[tuple[LeafIndex, Opened]]:
    """All that stands in the bundle of a registered statement, in the order of the log; `within` are the entries of
    the contract, where it is one. `open_at` reads an entry."""
    gathering = _Gathering(view, open_at)
    known = view.known(claim)
    assert known is not None, "the claim is registered"
    opened = open_at(known.index)
    if known.contract and not within:
        gathering.want(_beside(view, claim, opened))
    gathering.want(gathering.needs.named(opened))  # recovery parties, of an enrolment
    for index in (LeafIndex(0), known.index, *within):
        gathering.add(index)
    return gathering.close()


def _beside(view: View, claim: StatementId, opened: Opened) -> Iterator[StatementId]:
    """The path of a statement, what was told of the lots on it, and what draws on the same allocations."""
    part = situation_around(view, claim, opened.statement.referred)
    yield from statements_in(part)
    allocations = {lot.allocation for lot in part.lots.values()}
    if allocations:
        for lot in each(view, part.framework.id, Kind.LOT, Lot):
            if lot.allocation in allocations:
                yield lot.id


class _Gathering:
    """A growing set of statements, closed over what each needs. Each is read once."""

    def __init__(self, view: View, open_at: Callable[[LeafIndex], Opened]) -> None:
        self._view = _Remembered(view)
        self._open_at = open_at
        self._kept: dict[LeafIndex, Opened] = {}
        self._wanted: list[StatementId] = []
        self._seen: set[StatementId] = set()
        self.needs = Needs(self._view, lambda statement: open_at(self._index_of(statement)).event)

    def add(self, index: LeafIndex) -> None:
        one = self._open_at(index)
        self._kept[index] = one
        self._seen.add(one.id)
        self._wanted.extend(self.needs.of(one, index))

    def want(self, statements: Iterable[StatementId]) -> None:
        self._wanted.extend(statements)

    def close(self) -> list[tuple[LeafIndex, Opened]]:
        """Follow what is wanted until nothing is missing; all of it, in the order of the log."""
        while self._wanted:
            statement = self._wanted.pop()
            if statement not in self._seen:
                self.add(self._index_of(statement))
        return sorted(self._kept.items(), key=lambda kept: kept[0])

    def _index_of(self, statement: StatementId) -> LeafIndex:
        known = self._view.known(statement)
        if known is None:
            raise EvidenceIncomplete(f"{statement[:16]} is referred to and not registered")
        return known.index


class _Remembered:
    """A view that is asked for each record once: parties and contracts are wanted again and again."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._found: dict[Key, Record | None] = {}

    def get(self, key: Key) -> Record | None:
        if key not in self._found:
            self._found[key] = self._view.get(key)
        return self._found[key]

    def known(self, statement: StatementId) -> Known | None:
        return self._view.known(statement)

    def scan(self, contract: str, kind: Kind) -> Iterator[Record]:
        return self._view.scan(contract, kind)
