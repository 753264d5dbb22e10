"""What is needed to tell any part of a contract: the situation, what is seen of it, and the words answers share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from ledger.rules.findings import findings_in
from ledger.rules.findings.finding import Finding
from ledger.rules.records import Allocation, Calloff
from ledger.rules.situation import LineOf, Situation
from ledger.rules.sums import LotFacts
from ledger.trace.branch import Branch
from ledger.trace.down import ContractTrace, trace_down
from ledger.units import Money, PartyId, StatementId, TreeSize
from ledger.views.answers.base import Named, Price


class Order(NamedTuple):
    """So much was asked for of a line of a call-off: all of it, or the reader's share."""

    line_of: LineOf
    issued: date
    due: date
    quantity: Decimal


@dataclass(frozen=True)
class Teller:
    """One contract to be told, as it is seen."""

    at: Situation
    """The whole contract, or the part of it that is seen (`ledger.trace.branch.part_of`)."""
    seen: Branch
    size: TreeSize
    """The log's size at which it is gathered."""

    @cached_property
    def findings(self) -> list[Finding]:
        """Each with those of its statements that are seen; one about something that is not seen is left out."""
        found = findings_in(self.at)
        if self.seen.whole:
            return found
        shown = (replace(one, statements=tuple(filter(self._shows, one.statements))) for one in found)
        return [
            one
            for one, before in zip(shown, found, strict=True)
            if one.statements[:1] == before.statements[:1]
        ]

    def _shows(self, statement: StatementId) -> bool:
        """Whether a statement is seen: of the contract as far as the branch goes, and what stands under none."""
        known = self.at.view.known(statement)
        return self.seen.sees(statement) or (known is not None and not known.contract)

    @cached_property
    def traced(self) -> ContractTrace:
        return trace_down(self.at)

    @cached_property
    def findings_on(self) -> dict[StatementId, int]:
        """How many findings name a statement."""
        counts: dict[StatementId, int] = {}
        for finding in self.findings:
            for statement in finding.statements:
                counts[statement] = counts.get(statement, 0) + 1
        return counts

    @cached_property
    def orders(self) -> list[Order]:
        """What the figures of a line are held against: the call-offs, or where the reader sees a part of the contract
        what was called off for it, or else allotted to it."""
        at = self.at
        shares: list[tuple[Calloff | Allocation, Calloff]] = [
            (one, one) for one in at.calloffs.values() if self.owns(one.id)
        ]
        if not shares:
            mine = [one for one in at.allocations.values() if self.owns(one.id)]
            tops = [one for one in mine if not self.owns(one.parent) and one.holder == self.seen.party]
            shares = [(one, at.calloffs[one.calloff]) for one in tops]
        return [
            Order((calloff.id, share.line), calloff.issued, one.due, share.quantity)
            for one, calloff in shares
            for share in one.lines
        ]

    @cached_property
    def facts_by_line(self) -> dict[str, list[LotFacts]]:
        by_line: dict[str, list[LotFacts]] = {}
        for one in self.at.facts.values():
            by_line.setdefault(one.lot.line, []).append(one)
        return by_line

    @property
    def today(self) -> date:
        assert self.at.as_of is not None, "what is late is told of a day"
        return self.at.as_of.date()

    def owns(self, statement: StatementId) -> bool:
        """Whether a promise is the reader's own, and not one above: only then are its sums told."""
        return self.seen.whole or statement in self.seen.own

    def index(self, statement: StatementId) -> int:
        known = self.at.view.known(statement)
        assert known is not None, "what has a record is registered"
        return known.index

    def named(self, party: PartyId) -> Named:
        return Named(id=party, name=self.at.who(party))

    def all_named(self, parties: Iterable[PartyId]) -> tuple[Named, ...]:
        return tuple(self.named(party) for party in parties)


def money(worth: tuple[Money, ...] | None) -> tuple[Price, ...] | None:
    return None if worth is None else tuple(price(one) for one in worth)


def price(money: Money) -> Price:
    return Price(amount=money.amount, currency=money.currency)


def token(*parts: str) -> str:
    """16 hexadecimal digits for what has no id of its own."""
    return sha256("\n".join(parts).encode()).hexdigest()[:16]
