"""Making a bundle: find every statement a claim rests on, and prove them all in one go.

For one statement: the path up to the contract with every acceptance, the enrolment of every signer and of
everyone named, the log's policy; and beside the path, whatever draws on the same sources at its end: all
sign-offs under the same allocations, and everything told of the same lots. For a contract: everything
registered under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ledger.audit.bundle import Bundle, Scope, encode_bundle
from ledger.errors import EvidenceIncomplete, NotFound
from ledger.events.base import Event, Nature
from ledger.events.catalogue import read_event
from ledger.log.reader import LogReader
from ledger.rules.gathering import situation
from ledger.rules.records import Key, Kind, Member, Party
from ledger.rules.situation import Situation
from ledger.statement.envelope import Statement, read_statement
from ledger.trace.graph import statements_in
from ledger.trace.up import situation_around, trace_up
from ledger.units import LeafIndex, PartyId, StatementId


def make_bundle(reader: LogReader, claim: StatementId) -> bytes:
    """The bundle of a registered statement: a whole contract for a framework.signed, else what it rests on.

    Raises `NotFound`, `LogInconsistent`.
    """
    index = reader.store.index_of(claim)
    if index is None:
        raise NotFound(f"{claim[:16]} is not registered in this log")
    gathering = _Gathering(reader)
    scope: Scope = "statement"
    known = reader.store.known(claim)
    if known is not None and known.type == "framework.signed":
        scope = "contract"
        gathering.add_all(reader.store.contract_indices(claim))
    else:
        refs = read_statement(reader.statement(index)).referred
        gathering.want(_beside(reader, claim, refs))
    gathering.want([claim, reader.policy_id])
    gathering.close()
    entries = gathering.entries()
    bundle = Bundle(
        scope=scope,
        claim=claim,
        checkpoint=reader.checkpoint_note(),
        entries=entries,
        proof=reader.multiproof([index for index, _ in entries]),
    )
    return encode_bundle(bundle)


def _beside(reader: LogReader, claim: StatementId, refs: Iterable[StatementId]) -> Iterator[StatementId]:
    """The path of a statement, what was told of the lots on it, and what draws on the same allocations."""
    known = reader.store.known(claim)
    if known is None or not known.contract:
        return
    part = situation_around(reader.store, claim, refs)
    for step in trace_up(part, claim):
        yield step.statement
        if step.accepted:
            yield step.accepted
    yield from statements_in(part)
    allocations = {lot.allocation for lot in part.lots.values()}
    if allocations:
        whole = situation(reader.store, part.framework.id)
        yield from (lot.id for allocation in allocations for lot in whole.lots_under[allocation])


@dataclass
class _Gathering:
    """A growing set of statements, closed over what each rests on."""

    reader: LogReader
    _kept: dict[LeafIndex, bytes] = field(default_factory=dict)
    _wanted: list[StatementId] = field(default_factory=list)
    _situations: dict[str, Situation] = field(default_factory=dict)

    def add_all(self, indices: Iterable[LeafIndex]) -> None:
        for index in indices:
            self._keep(index)

    def want(self, statements: Iterable[StatementId]) -> None:
        self._wanted.extend(statements)

    def close(self) -> None:
        """Follow what is wanted until nothing is missing. Each statement is read once."""
        while self._wanted:
            statement = self._wanted.pop()
            index = self.reader.store.index_of(statement)
            if index is None:
                raise EvidenceIncomplete(f"{statement[:16]} is referred to and not registered")
            if index not in self._kept:
                self._keep(index)

    def entries(self) -> tuple[tuple[LeafIndex, bytes], ...]:
        return tuple(sorted(self._kept.items()))

    def _keep(self, index: LeafIndex) -> None:
        data = self.reader.statement(index)
        self._kept[index] = data
        statement = read_statement(data)
        self._wanted.extend(self._rests_on(statement, read_event(statement.payload)))

    def _rests_on(self, statement: Statement, event: Event) -> Iterator[StatementId]:
        yield from statement.referred
        if not statement.sub.startswith("did:"):
            contract = StatementId(statement.sub)
            yield contract
            at = self._situation(contract)
            for ref in (contract, *statement.referred):
                offer = at.calloffs.get(ref) or at.allocations.get(ref)
                accepted = at.framework.accepted if ref == contract else offer.accepted if offer else None
                # An acceptance needs what it accepts, not itself.
                if accepted is not None and accepted != statement.id and not event.type.endswith(".accepted"):
                    yield accepted
            member = self.reader.store.get(Key(contract, Kind.MEMBER, statement.iss))
            if event.nature is Nature.FACT and isinstance(member, Member):
                yield member.since
        for party in (statement.iss, *_named(event)):
            record = self.reader.store.get(Key("", Kind.PARTY, party))
            if isinstance(record, Party):
                yield record.statement

    def _situation(self, contract: StatementId) -> Situation:
        if contract not in self._situations:
            self._situations[contract] = situation(self.reader.store, contract)
        return self._situations[contract]


def _named(event: Event) -> Iterator[PartyId]:
    """The parties an event names in its body."""
    for role in ("prime", "consignee", "maker", "to"):
        party = getattr(event.body, role, None)
        if isinstance(party, str):
            yield PartyId(party)
