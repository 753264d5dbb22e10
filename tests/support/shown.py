"""What is shown of a contract is what was said under it: its figures are the sums of the statements.

Facts that were taken back do not count.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from ledger.rules.findings import findings_in
from ledger.rules.gathering import situation
from ledger.rules.state import MemoryState
from ledger.trace.down import trace_down
from ledger.trace.up import situation_around, trace_up
from tests.support.naive import Naive, Said
from tests.support.naive.said import amount

FIGURES = (
    *("ordered", "allotted", "signed_off", "dispatched", "received"),
    *("damaged", "accepted", "rejected", "unattributed"),
)
OF_MAKERS = ("allotted", "signed_off", "dispatched", "damaged")
"""Figures of a line that are those of its makers; of what arrives and is accepted some may be nobody's."""
LATE = datetime(2027, 1, 1, tzinfo=UTC)


def shown_as_said(naive: Naive, state: MemoryState) -> None:
    """The trace of every contract, and that its findings can be told."""
    for contract in naive.of("framework.signed"):
        at = situation(state, contract.id, as_of=LATE)
        findings_in(at)
        trace = trace_down(at)
        for line in trace.lines:
            told = _Line(naive, contract, line.line)
            shown = {figure: Fraction(getattr(line.totals, figure)) for figure in FIGURES}
            assert shown == told.figures(), f"other figures are shown of line {line.line} of {contract}"
            assert Fraction(line.paid) == told.paid()
            makers = [maker.totals for maker in trace.makers if maker.line == line.line]
            for figure in OF_MAKERS:
                assert sum(Fraction(getattr(one, figure)) for one in makers) == shown[figure], figure
            known = sum(Fraction(one.received) for one in makers)
            assert known == shown["received"] - shown["unattributed"]


def path_is_shown(state: MemoryState, one: Said) -> None:
    """The way from a statement up to its contract, in the part of it that this takes, with that part's findings."""
    refs = [ref for role in one.refs for ref in one.named(role)]
    at = situation_around(state, one.id, refs)
    findings_in(at)
    path = trace_up(at, one.id)
    assert path[0].statement == at.framework.id
    assert one.id in {path[-1].statement, *(step.accepted for step in path)}, f"no path leads to {one}"


class _Line:
    """One line of a contract, summed up from what was said of it."""

    def __init__(self, naive: Naive, contract: Said, line: str) -> None:
        self.naive, self.contract, self.line = naive, contract, line
        lots = [lot for lot in naive.of("batch.signed_off", under=contract) if lot.body["line"] == line]
        self.consignees = {lot.id: self._calloff(lot).body["consignee"] for lot in lots}

    def figures(self) -> dict[str, Fraction]:
        naive, line = self.naive, self.line
        orders = [one for one in naive.of("calloff.issued", under=self.contract) if line in one.lines()]
        lots = [naive.one(lot) for lot in self.consignees]
        unattributed = _sum(self._unattributed())
        decided = [goods for one in self._facts("delivery.decided") for goods in self._goods(one)]
        return {
            "ordered": naive.called(self.contract, line),
            "allotted": sum((naive.allotted(order, line) for order in orders), Fraction(0)),
            "signed_off": _sum(lot.body["released"] for lot in lots),
            "dispatched": _sum(self._sent()),
            "received": _sum(goods["good"] for goods in self._counted()) + unattributed,
            "damaged": _sum(goods["damaged"] for goods in self._counted()),
            "accepted": _sum(goods["accepted"] for goods in decided),
            "rejected": _sum(goods["rejected"] for goods in decided),
            "unattributed": unattributed,
        }

    def paid(self) -> Fraction:
        lines = [goods for one in self._facts("payment.recorded") for goods in one.body["lines"]]
        return _sum(goods["quantity"] for goods in lines if goods["line"] == self.line)

    def _facts(self, type_name: str) -> list[Said]:
        """Those that count."""
        facts = self.naive.of(type_name, under=self.contract)
        return [one for one in facts if not self.naive.corrected(one)]

    def _goods(self, one: Said) -> Iterator[dict[str, Any]]:
        yield from (item for item in one.body["items"] if item["lot"] in self.consignees)
        yield from (goods for goods in one.body["unattributed"] if goods["line"] == self.line)

    def _sent(self) -> Iterator[dict[str, str]]:
        """To the consignee."""
        for one in self._facts("delivery.dispatched"):
            for item in one.body["items"]:
                if self.consignees.get(item["lot"]) == one.body["to"]:
                    yield item["quantity"]

    def _counted(self) -> Iterator[dict[str, Any]]:
        """By the consignee."""
        for one in self._facts("delivery.received"):
            for item in one.body["items"]:
                if self.consignees.get(item["lot"]) == self.naive.who(one):
                    yield item

    def _unattributed(self) -> Iterator[dict[str, str]]:
        """Counted by the consignee of the call-off they are for."""
        for one in self._facts("delivery.received"):
            order = self.naive.referred(one, "calloff")
            if order and order.body["consignee"] == self.naive.who(one):
                yield from (
                    goods["quantity"] for goods in one.body["unattributed"] if goods["line"] == self.line
                )

    def _calloff(self, lot: Said) -> Said:
        return self.naive.above(self.naive.one(lot.refs["allocation"]))[-1]


def _sum(quantities: Any) -> Fraction:
    return sum((amount(quantity)[0] for quantity in quantities), Fraction(0))
