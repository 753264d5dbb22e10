"""From a delivery, a lot or any other statement up to its contract: the path of statements it rests on.

The path is what an auditor reads aloud: the contract and its acceptance, the call-off and its acceptance, each
allocation down to the maker with its acceptance, the sign-off with what went into the lot, the dispatch, the
receipt, and what was decided, paid, called back or disputed of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.errors import NotFound
from ledger.rules.gathering import situation, situation_of
from ledger.rules.links import KEPT_AS, inputs_of, rests_on
from ledger.rules.records import (
    Allocation,
    Calloff,
    Change,
    Delegation,
    Framework,
    Kind,
    Lot,
    Proxy,
    Record,
    Specification,
)
from ledger.rules.refusal import short_id
from ledger.rules.situation import Situation
from ledger.rules.state import View, find
from ledger.trace.graph import Edge, edges
from ledger.trace.said import said
from ledger.units import PartyId, StatementId


@dataclass(frozen=True, slots=True)
class PathStep:
    """One promise or fact on the way, and the statement that accepted it where one is needed."""

    statement: StatementId
    accepted: StatementId | None
    signer: PartyId | None
    """None where the fold does not keep who signed: of a clearance, a closing, a resolution, an erasure."""
    says: str


def contract_under(view: View, statement: StatementId) -> StatementId:
    """The contract a registered statement stands under. Raises `NotFound` for none."""
    known = view.known(statement)
    if known is None:
        raise NotFound(f"{statement[:16]} is not registered")
    if not known.contract:
        raise NotFound(f"{statement[:16]} is a {known.type}", expected="a statement under a contract")
    return StatementId(known.contract)


def situation_around(
    view: View, statement: StatementId, refs: Iterable[StatementId], as_of: datetime | None = None
) -> Situation:
    """As much of a contract as it takes to trace a statement up: the whole of it for the contract itself.

    `refs` is what the statement refers to: one that settles others (an acceptance, a clearance) stands in their
    records. Raises `NotFound`.
    """
    contract = contract_under(view, statement)
    around = [one for one in (statement, *refs) if _is_kept(view, contract, one)]
    if statement == contract or not around:
        return situation(view, contract, as_of)
    return situation_of(view, contract, around[:1] if around[0] == statement else around, as_of)


def _is_kept(view: View, contract: StatementId, statement: StatementId) -> bool:
    known = view.known(statement)
    return known is not None and known.contract == contract and known.type in KEPT_AS


def trace_up(at: Situation, statement: StatementId) -> tuple[PathStep, ...]:
    """The path from the contract to a statement, the statement last. Raises `NotFound`.

    An acceptance stands with what it accepts.
    """
    path = _Path(at)
    path.add(at.framework.id)
    if at.record(statement) is not None:
        path.add(statement)
        return path.steps()
    settles = [edge for edge in edges(at) if edge.source == statement]
    if not settles:
        raise NotFound(f"{statement[:16]} is not on any path of contract {at.framework.id[:16]}")
    for edge in settles:
        for offer in _offers(at, edge.target):
            path.add(offer)
    if settles[0].role != "accepts":
        path.settle(statement, settles)
    return path.steps()


def _offers(at: Situation, statement: StatementId) -> list[StatementId]:
    """A statement that is kept itself, or what an acceptance accepts."""
    if at.record(statement) is not None:
        return [statement]
    return [edge.target for edge in edges(at) if edge.source == statement and edge.role == "accepts"]


def lots_of(at: Situation, statement: StatementId) -> tuple[Lot, ...]:
    """The lots a statement is about: itself, or those that it names."""
    record = at.record(statement)
    if record is None:
        return ()
    named = (statement, *(ref.statement for ref in rests_on(record)))
    return tuple(at.lots[one] for one in dict.fromkeys(named) if one in at.lots)


class _Path:
    """A path while it is walked: each statement after what it rests on, once."""

    def __init__(self, at: Situation) -> None:
        self._at = at
        self._steps: dict[StatementId, PathStep] = {}
        self._walked: set[StatementId] = set()

    def steps(self) -> tuple[PathStep, ...]:
        return tuple(self._steps.values())

    def add(self, statement: StatementId) -> None:
        """Walk up from a statement; one that is not at hand (another lot of its waybill) is left out."""
        record = self._record(statement)
        if record is None or statement in self._walked:
            return
        self._walked.add(statement)
        for ref in rests_on(record):
            self.add(ref.statement)
        for ref in inputs_of(record):
            self._add_input(ref.statement)
        self._steps.pop(statement, None)  # it may stand there as an input of another
        self._steps[statement] = self._step(statement, record)

    def _add_input(self, statement: StatementId) -> None:
        """A lot that went into another stands for itself: its own path is asked for by its own id."""
        lot = self._at.lots.get(statement) or next(
            (up.lots[statement] for up in self._at.upstream.values() if statement in up.lots), None
        )
        if lot is not None and statement not in self._steps:
            self._steps[statement] = self._step(statement, lot)

    def settle(self, statement: StatementId, settles: Sequence[Edge]) -> None:
        """Put what settles other statements at the end."""
        targets = ", ".join(short_id(edge.target) for edge in settles)
        signer = self._settler(statement, settles[0].target)
        name = self._at.who(signer) if signer else f"statement {short_id(statement)}"
        self._steps[statement] = PathStep(statement, None, signer, f"{name} {settles[0].role} {targets}")

    def _record(self, statement: StatementId) -> Record | None:
        found = self._at.record(statement)
        return found or find(self._at.view, "", Kind.SPECIFICATION, statement, Specification)

    def _step(self, statement: StatementId, record: Record) -> PathStep:
        at = self._at
        signer, says = said(at, record)
        if proxy := at.proxies.get(statement):
            signer = proxy.delegate
            says += f"; signed for it by {at.who(signer)}, {_confirmed(proxy)}"
        if correction := at.corrections.get(statement):
            says += f"; taken back since by {short_id(correction.id)}"
        if (erasure := at.erasures.get(statement)) and erasure.contents:
            says += "; its contents are ordered erased: once they are gone, what it did is the log's word"
        accepted = record.accepted if isinstance(record, (Framework, Change, Calloff, Allocation)) else None
        return PathStep(statement, accepted, signer, says)

    def _settler(self, statement: StatementId, target: StatementId) -> PartyId | None:
        """Who signed what settled another statement, where the fold says so."""
        at, record = self._at, self._at.record(target)
        correction, proxy = at.corrections.get(target), at.proxies.get(target)
        if correction and correction.id == statement:
            return correction.by
        if proxy and proxy.confirmed == statement:
            return proxy.principal
        match record:
            case Calloff():
                return at.framework.buyer
            case Delegation():
                return record.by
            case Allocation():
                sampled = (one.inspector for one in record.samples if one.statement == statement)
                return next(sampled, record.offered_by)
        return None


def _confirmed(proxy: Proxy) -> str:
    return "confirmed since" if proxy.confirmed else "not confirmed"
