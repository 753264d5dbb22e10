"""What a report says, as plain values: made from an audited contract, rendered as HTML, PDF or JSON.

Everything a reader sees is in here, so the three renderings cannot say different things. Quantities are in the unit
of their line, money by currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from ledger.report.charts import Bar
from ledger.trace.flow import Edge, Node
from ledger.trace.progress import Series
from ledger.units import Money, PartyId, StatementId


@dataclass(frozen=True, slots=True)
class Figures:
    """What was promised and what became of it, in one unit."""

    unit: str
    """UN/CEFACT Rec 20 code."""
    ordered: Decimal
    allotted: Decimal
    made: Decimal
    """By the makers' own count, before they sorted anything out."""
    signed_off: Decimal
    dispatched: Decimal
    received: Decimal
    damaged: Decimal
    accepted: Decimal
    rejected: Decimal
    paid: Decimal | None
    """Quantity that payments are for; None where they do not say whose goods it is."""
    open: Decimal
    """Ordered, and not arrived in good order."""


SHORT: Final[Mapping[str, str]] = {
    "ordered": "ordered",
    "signed off": "signed_off",
    "dispatched": "dispatched",
    "received in good order": "received",
    "accepted": "accepted",
    "rejected": "rejected",
    "paid for": "paid",
    "open": "open",
}
"""A line in short: what each figure is called there, and which it is."""

COLUMNS: Final[Mapping[str, str]] = {
    "ordered": "ordered",
    "allotted": "allotted",
    "made": "made",
    "signed off": "signed_off",
    "dispatched": "dispatched",
    "received": "received",
    "damaged": "damaged",
    "accepted": "accepted",
    "rejected": "rejected",
    "paid": "paid",
    "open": "open",
}
"""The columns of a table, and which figure is in each."""


@dataclass(frozen=True, slots=True)
class LineRow:
    line: str
    description: str
    ceiling: Decimal | None
    price: str
    """Of one unit, in words; `confidential` where it is a commitment, empty where none was agreed."""
    figures: Figures


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A hub, or a maker, and one line."""

    party: PartyId
    name: str
    via: str
    """Who allotted it."""
    line: str
    makers: int
    """Whom a hub allotted to; 0 for a maker."""
    lots: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A call-off or a change of the contract."""

    statement: StatementId
    what: str
    day: date
    state: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    label: str
    severity: str
    message: str
    figures: tuple[tuple[str, str], ...]
    statements: tuple[StatementId, ...]
    closes: str


@dataclass(frozen=True, slots=True)
class ErasedRow:
    """An entry whose contents are erased by order."""

    entry: int
    """Its place in the log."""
    statement: StatementId
    type: str
    order: StatementId
    by: str
    """Who signed the order."""
    ground: str
    """Why, in the order's words."""
    gone: bool
    """Whether they are destroyed; else they can be read until `tally purge`."""

    @property
    def state(self) -> str:
        return "destroyed" if self.gone else "ordered; can be read until `tally purge`"


@dataclass(frozen=True, slots=True)
class LineCharts:
    """What is drawn of one line."""

    line: str
    description: str
    unit: str
    progress: tuple[Series, ...]
    due: tuple[tuple[date, str], ...]
    shares: tuple[Bar, ...]
    lead_times: tuple[int, ...]
    """Days from an allocation's call-off to the sign-off of each lot."""
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the report was made from, and by what it can be checked."""

    origin: str
    vkey: str
    size: int
    root: str
    """Hexadecimal."""
    registered_at: datetime
    """When the last of them was registered (UTC), by the log's own word."""
    note: str
    """The signed checkpoint, where one of this very size was published; else empty."""
    entries: int
    """Statements re-hashed, their signatures verified, every rule run again."""
    of_contract: int


@dataclass(frozen=True, slots=True)
class Report:
    """One contract, audited."""

    contract: StatementId
    reference: str
    title: str
    buyer: str
    prime: str
    first_day: date
    last_day: date
    state: str
    as_of: datetime | None
    """The day findings are judged by."""
    worth: tuple[tuple[str, Money], ...]
    """What is ordered, accepted and paid in money, as far as prices are in the clear."""
    lines: tuple[LineRow, ...]
    hubs: tuple[PartyRow, ...]
    makers: tuple[PartyRow, ...]
    promises: tuple[PromiseRow, ...]
    findings: tuple[FindingRow, ...]
    erased: tuple[ErasedRow, ...]
    charts: tuple[LineCharts, ...]
    evidence: Evidence

    @property
    def again(self) -> str:
        """The command that makes this report again, however much the log has grown since."""
        day = f" --as-of {self.as_of.isoformat()}" if self.as_of else ""
        return (
            f"tally audit --at {self.evidence.size}{day} --contract {self.contract[:12]} --report again.html"
        )

    def count(self, severity: str) -> str:
        """`2 critical`, `1 warning`, `4 notes`."""
        found = len(self.found(severity))
        return f"{found} {severity}{'' if found == 1 or severity == 'critical' else 's'}"

    def found(self, severity: str) -> tuple[FindingRow, ...]:
        """The findings of one severity."""
        return tuple(finding for finding in self.findings if finding.severity == severity)
