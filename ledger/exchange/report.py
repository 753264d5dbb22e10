"""What became of a foreign document, line by line, so that nothing is dropped in silence.

Per release: the drafts, or the reason there are none; each item's outcome; every interpretation as a note; every
field a person must still fill in; and each leaf of the release counted once, either as *carried* (a field of a
draft was made from it) or as *not carried*. Carried and not carried add up to all leaves: `DraftedRelease` is
made in one place, `Worksheet.drafted` and `Worksheet.undrafted`, and both divide the leaves into the two.

`Report.as_json()` in outline:

    { "document": {"sha256": "...", "size": 439785, "media_type": "application/json"},
      "totals":   {"releases": 100, "drafted": 87, "items": 436, "mapped": 380, "not_mapped": {"<reason>": 25}, ...},
      "releases": [ { "ocid": "...", "release": "...", "title": "...", "value": {...} | null,
                      "drafts": {"framework": {...}, "calloff": {...} | null} | null,
                      "no_draft": {"reason": "...", "found": "..."} | null,
                      "items": [ {"path": "contracts[0].items[0]", "outcome": "mapped", "line": "1", ...} ],
                      "notes": [ {"path": "...", "text": "..."} ],
                      "to_complete": [ {"draft": "framework", "field": "body.law", "why": "..."} ],
                      "carried": {"contracts[].id": 1, ...}, "not_carried": {"parties[].name": 2, ...} } ] }
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias

from ledger.exchange.source import Node, Path, leaves, path_pattern
from ledger.exchange.units import Unmapped
from ledger.limits import SHORT_TEXT_CHARS
from ledger.units import Money, Quantity, format_decimal

DraftJson: TypeAlias = dict[str, Any]
"""A JSON object with `type`, `refs`, `body`, for a person to complete and sign."""

DraftName: TypeAlias = Literal["framework", "calloff"]

_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class NoDraft(StrEnum):
    """Why a release gives no draft; the words are those of reports, and stable."""

    UNNAMED = "the release does not name itself"
    NOT_AWARDED = "nothing is awarded"
    SEVERAL_CONTRACTS = "several contracts"
    ENDED = "cancelled, unsuccessful or ended"
    SEVERAL_SUPPLIERS = "several suppliers"
    NO_ITEMS = "no items"
    NOTHING_MAPPED = "no item is mapped"
    TOO_LARGE = "too large for one statement"


@dataclass(frozen=True, slots=True)
class Undrafted:
    """Why this release gives no draft: the reason all such releases share, and what was found in this one."""

    reason: NoDraft
    found: str


@dataclass(frozen=True, slots=True)
class Drafts:
    """The contract and, where the source states quantities, the first order under it."""

    framework: DraftJson
    calloff: DraftJson | None


@dataclass(frozen=True, slots=True)
class ItemReport:
    """One published item: its line in the drafts, or why it has none.

    `quantity` is None where the item is a line of the contract but of no order.
    """

    path: str
    description: str
    published_unit: str
    outcome: str | Unmapped
    """The line's name in the drafts, or why the item stands in neither."""
    unit: str = ""
    quantity: Quantity | None = None

    @property
    def unmapped(self) -> Unmapped | None:
        return self.outcome if isinstance(self.outcome, Unmapped) else None

    def as_json(self) -> dict[str, Any]:
        head = {"path": self.path, "description": self.description, "published_unit": self.published_unit}
        if isinstance(self.outcome, Unmapped):
            reason = {"reason": self.outcome.reason.value, "found": self.outcome.found}
            return {**head, "outcome": "not mapped", **reason}
        quantity = None if self.quantity is None else format_decimal(self.quantity.value)
        return {**head, "outcome": "mapped", "line": self.outcome, "unit": self.unit, "quantity": quantity}


@dataclass(frozen=True, slots=True)
class Note:
    """How something in the source was understood."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A field a person must fill in before the draft can be signed, and why it is empty."""

    draft: DraftName
    field: str
    why: str

    def __str__(self) -> str:
        return f"{self.draft} {self.field}: {self.why}"


@dataclass(frozen=True, slots=True)
class DraftedRelease:
    """What became of one release. Exactly one of `drafts` and `undrafted` is there."""

    ocid: str
    release: str
    title: str
    value: Money | None
    """What the source says the contract is worth; it stands in no draft, which carry prices of one unit."""
    drafts: Drafts | None
    undrafted: Undrafted | None
    items: tuple[ItemReport, ...]
    notes: tuple[Note, ...]
    to_complete: tuple[Gap, ...]
    carried: Mapping[str, int]
    """Leaves that a field of a draft was made from: count by pattern."""
    not_carried: Mapping[str, int]
    """All other leaves of the release: count by pattern."""

    def __post_init__(self) -> None:
        assert (self.drafts is None) == (self.undrafted is not None), "a draft, or a reason for none"
        assert self.drafts is not None or not self.carried, "carried, but into what?"

    def as_json(self) -> dict[str, Any]:
        drafts, none = self.drafts, self.undrafted
        return {
            "ocid": self.ocid,
            "release": self.release,
            "title": self.title,
            "value": self.value
            and {"amount": format_decimal(self.value.amount), "currency": self.value.currency},
            "drafts": drafts and {"framework": drafts.framework, "calloff": drafts.calloff},
            "no_draft": none and {"reason": none.reason.value, "found": none.found},
            "items": [item.as_json() for item in self.items],
            "notes": [{"path": note.path, "text": note.text} for note in self.notes],
            "to_complete": [
                {"draft": gap.draft, "field": gap.field, "why": gap.why} for gap in self.to_complete
            ],
            "carried": dict(self.carried),
            "not_carried": dict(self.not_carried),
        }


@dataclass(frozen=True, slots=True)
class Totals:
    """A report in figures; `drafted` and `undrafted` add up to `releases`, `mapped` and `not_mapped` to `items`."""

    releases: int
    drafted: int
    undrafted: Mapping[str, int]
    items: int
    mapped: int
    not_mapped: Mapping[str, int]
    leaves_carried: int
    leaves_not_carried: int

    def as_json(self) -> dict[str, Any]:
        return {
            "releases": self.releases,
            "drafted": self.drafted,
            "undrafted": dict(self.undrafted),
            "items": self.items,
            "mapped": self.mapped,
            "not_mapped": dict(self.not_mapped),
            "leaves_carried": self.leaves_carried,
            "leaves_not_carried": self.leaves_not_carried,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a whole document."""

    document: Mapping[str, Any]
    """SHA-256, size and media type of the source, as they stand in every draft made from it."""
    releases: tuple[DraftedRelease, ...]

    @property
    def totals(self) -> Totals:
        items = [item for release in self.releases for item in release.items]
        unmapped = [item.unmapped for item in items if item.unmapped is not None]
        undrafted = [release.undrafted for release in self.releases if release.undrafted is not None]
        return Totals(
            releases=len(self.releases),
            drafted=len(self.releases) - len(undrafted),
            undrafted=_most_first(Counter(none.reason.value for none in undrafted)),
            items=len(items),
            mapped=len(items) - len(unmapped),
            not_mapped=_most_first(Counter(none.reason.value for none in unmapped)),
            leaves_carried=sum(sum(release.carried.values()) for release in self.releases),
            leaves_not_carried=sum(sum(release.not_carried.values()) for release in self.releases),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "document": dict(self.document),
            "totals": self.totals.as_json(),
            "releases": [release.as_json() for release in self.releases],
        }


class Worksheet:
    """Collects, while one release is drafted, what is carried, understood and left open."""

    def __init__(self, release: Node) -> None:
        self._release = release
        self._carried: set[Path] = set()
        self._notes: list[Note] = []
        self._gaps: list[Gap] = []

    def carry(self, *nodes: Node) -> None:
        """A field of a draft is made from these leaves."""
        self._carried.update(node.path for node in nodes)

    def note(self, node: Node, text: str) -> None:
        self._notes.append(Note(str(node), text))

    def leave_open(self, draft: DraftName, field: str, why: str) -> None:
        self._gaps.append(Gap(draft, field, why))

    def drafted(
        self, title: str, value: Money | None, items: tuple[ItemReport, ...], drafts: Drafts
    ) -> DraftedRelease:
        every = set(leaves(self._release))
        assert self._carried <= every, f"carried what is no leaf: {self._carried - every}"
        return self._report(title, value, items, drafts, None)

    def undrafted(
        self, title: str, value: Money | None, items: tuple[ItemReport, ...], why: Undrafted
    ) -> DraftedRelease:
        self._carried.clear()
        self._gaps.clear()
        return self._report(title, value, items, None, why)

    def _report(
        self,
        title: str,
        value: Money | None,
        items: tuple[ItemReport, ...],
        drafts: Drafts | None,
        why: Undrafted | None,
    ) -> DraftedRelease:
        carried, not_carried = Counter[str](), Counter[str]()
        for path in leaves(self._release):
            (carried if path in self._carried else not_carried)[path_pattern(path)] += 1
        return DraftedRelease(
            ocid=tidy_text(self._release["ocid"].text),
            release=tidy_text(self._release.id),
            title=title,
            value=value,
            drafts=drafts,
            undrafted=why,
            items=items,
            notes=tuple(self._notes),
            to_complete=tuple(self._gaps),
            carried=carried,
            not_carried=not_carried,
        )


def tidy_text(text: str) -> str:
    """Text that a draft may carry and a screen may show: nothing unseen in it, no longer than the limit."""
    seen = _UNSEEN.sub(" ", text).strip()
    return seen if len(seen) <= SHORT_TEXT_CHARS else seen[: SHORT_TEXT_CHARS - 1].rstrip() + "…"


def _most_first(counts: Counter[str]) -> dict[str, int]:
    return dict(counts.most_common())
