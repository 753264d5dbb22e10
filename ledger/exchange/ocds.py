"""Published contracts to drafts: Open Contracting Data Standard 1.1 release packages (docs/import-ocds.md).

One release gives at most one draft of a contract (`framework.signed`) and one of the first order under it
(`calloff.issued`), for a person to complete and sign. Two sources speak in them, and no other: the release, and
`Given`, what the buyer supplies because no release can say it. What neither says is left out and listed; nothing
is guessed, and nothing is lost, since every draft names the SHA-256 of the document it is from.

| field of the draft                      | from                                                              |
|-----------------------------------------|-------------------------------------------------------------------|
| `reference`, of both                    | the contract's `id`, else the award's                             |
| `title`                                 | the contract's, else the award's, else the tender's               |
| `prime`                                 | `Given.parties`: by the supplier's name, or by its id where only  |
|                                         | one name bears it                                                 |
| `period`, and `due` its last day        | the contract's `period`, else the award's `contractPeriod`        |
| `lines`                                 | the contract's `items`, else the award's (`ledger.exchange.items`)|
| `law`, `tolerance_percent`,             | `Given`                                                           |
| `keep_apart`; `consignee`, `place`      |                                                                   |
| `released_by`                           | `maker`, the one value the vocabulary has                         |
| `source`                                | `ocid`, the release's `id`, digest and size of the document       |

`ledger.exchange.agreement` says when a release gives no draft at all; `ledger.exchange.report` is what comes out.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal

from ledger.errors import Malformed, MalformedDraft, MalformedSource
from ledger.events.codes import COUNTRIES
from ledger.events.fields import Place
from ledger.exchange.agreement import Agreement, all_items, choose_agreement, note_surroundings
from ledger.exchange.items import Line, draft_items, left_out, take_money, take_text
from ledger.exchange.report import (
    DraftedRelease,
    DraftJson,
    DraftName,
    Drafts,
    NoDraft,
    Report,
    Undrafted,
    Worksheet,
    tidy_text,
)
from ledger.exchange.source import Node, read_source
from ledger.limits import LINES_PER_STATEMENT, STATEMENT_BYTES
from ledger.statement.keys import parse_did_key
from ledger.statement.payload import encode_payload
from ledger.units import Money, PartyId, format_decimal, parse_decimal

MEDIA_TYPE: Final = "application/json"

_DAY: Final = re.compile(r"((?:19[7-9]\d|20\d\d|21\d\d)-\d\d-\d\d)(?:[Tt ].*)?", re.ASCII)
_COMPLETION_BYTES: Final = 1_024
"""Room for what completing and signing add: parties, a place, `prev`, the COSE headers, the signature."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the buyer supplies. Raises `MalformedKey`, `Malformed` or `MalformedDraft` for values no event takes."""

    parties: Mapping[str, PartyId] = field(default_factory=dict)
    """Party by its name exactly as published, or by its OCDS id."""
    law: str | None = None
    """Governing law: ISO 3166-1 alpha-2."""
    tolerance_percent: Decimal | None = None
    keep_apart: tuple[Literal["ordering and receiving"], ...] = ()
    consignee: PartyId | None = None
    place: Place | None = None

    def __post_init__(self) -> None:
        for party in (*self.parties.values(), *filter(None, [self.consignee])):
            parse_did_key(party)
        if self.law is not None and self.law not in COUNTRIES:
            raise MalformedDraft(f"the law {self.law[:20]!r}", expected="an ISO 3166-1 alpha-2 code, as CO")
        percent = self.tolerance_percent
        if percent is not None and not (percent.is_finite() and 0 <= percent <= 100):
            raise MalformedDraft(f"a tolerance of {percent} %", expected="a percentage from 0 to 100")
        if percent is not None:
            parse_decimal(format_decimal(percent))


@dataclass(frozen=True, slots=True)
class Package:
    """A release package as read: its releases, and what identifies the document."""

    releases: tuple[Node, ...]
    sha256: str
    size: int
    """In bytes."""
    shared_ids: frozenset[str]
    """Party ids that more than one name bears in this package: an OCDS id need only be unique in its release."""

    @property
    def document(self) -> Mapping[str, Any]:
        """As it stands in a draft's `source`."""
        return {"sha256": self.sha256, "size": self.size, "media_type": MEDIA_TYPE}


def read_package(data: bytes) -> Package:
    """Read an OCDS release package. Raises `MalformedSource`, or `TooLarge` beyond `limits.SOURCE_BYTES`.

    Only the frame is checked here: what stands in a release is judged when it is drafted, and reported.
    """
    document = read_source(data)
    releases = document.get("releases")
    if not isinstance(releases, list):
        raise MalformedSource(
            "a record package" if "records" in document else "a document without releases",
            expected="an OCDS release package: an object whose member `releases` is an array",
            hint="of a record package, put each compiledRelease into the array `releases` of a new document",
        )
    for at, release in enumerate(releases):
        if not isinstance(release, dict):
            raise MalformedSource(f"releases[{at}] is not an object", expected="an OCDS release")
    nodes = tuple(Node((), release) for release in releases)
    return Package(nodes, hashlib.sha256(data).hexdigest(), len(data), _shared_ids(nodes))


def draft_package(package: Package, given: Given) -> Report:
    """Draft every release of a package, each as `draft_release` does."""
    return Report(package.document, tuple(draft_release(package, each, given) for each in package.releases))


def draft_release(package: Package, release: Node, given: Given) -> DraftedRelease:
    """Draft one release of the package, or say why not. Raises nothing: what is odd is in the report."""
    work = Worksheet(release)
    title, value = _stated(release, work)
    agreement = choose_agreement(release)
    if isinstance(agreement, Undrafted):
        return work.undrafted(title, value, left_out(all_items(release), agreement.found), agreement)
    items, lines = draft_items(agreement.items, agreement.uri, work)
    if not lines:
        none = Undrafted(NoDraft.NOTHING_MAPPED, f"none of {len(items)} items is mapped: each says why")
        return work.undrafted(title, value, items, none)
    if len(lines) < len(items):
        left = len(items) - len(lines)
        work.note(agreement.terms, f"{left} of {len(items)} items are not mapped and in neither draft")
    note_surroundings(release, agreement, work)
    drafting = _Drafting(package, release, agreement, given, work)
    framework = drafting.framework(title, lines)
    if excess := _excess(framework, lines):
        return work.undrafted(title, value, left_out(agreement.items, excess.found), excess)
    return work.drafted(title, value, items, Drafts(framework, drafting.calloff(framework["body"], lines)))


def _shared_ids(releases: tuple[Node, ...]) -> frozenset[str]:
    names: defaultdict[str, set[str]] = defaultdict(set)
    for release in releases:
        suppliers = (party for award in release["awards"].each for party in award["suppliers"].each)
        for party in (*release["parties"].each, *suppliers):
            names[party.id].add(party["name"].text)
    return frozenset(party for party, known_as in names.items() if party and len(known_as) > 1)


def _stated(release: Node, work: Worksheet) -> tuple[str, Money | None]:
    """Title and worth of the agreement: the one contract's, else the one award's; a title also the tender's."""
    sections = release["contracts"].each, release["awards"].each
    stages = [section[0] for section in sections if len(section) == 1]
    titles = (take_text(stage["title"], work) for stage in (*stages, release["tender"]))
    title = next(filter(None, titles), "")
    value = next((stage["value"] for stage in stages if stage["value"].value is not None), None)
    if value is None:
        return title, None
    try:
        return title, take_money(value, work)[0]
    except Malformed as error:
        work.note(value, f"not read: {error}")
        return title, None


@dataclass(frozen=True, slots=True)
class _Missing:
    """Stands for a field that neither the release nor the buyer supplies."""

    why: str


@dataclass(frozen=True, slots=True)
class _Drafting:
    """Makes the two drafts of one agreement. What it cannot fill in it leaves open on the worksheet."""

    package: Package
    release: Node
    agreement: Agreement
    given: Given
    work: Worksheet

    def framework(self, title: str, lines: tuple[Line, ...]) -> DraftJson:
        given = self.given
        fields = {
            "reference": self._reference(),
            "title": title or _Missing("neither contract, award nor tender has one"),
            "prime": self._prime(),
            "period": self._period(),
            "lines": [line.framework_line() for line in lines],
            "law": given.law or _Missing("a release does not say which country's law governs"),
            "tolerance_percent": _Missing("a release states no tolerance")
            if given.tolerance_percent is None
            else format_decimal(given.tolerance_percent),
            "released_by": "maker",
            "keep_apart": list(given.keep_apart) or None,
            "source": self._source(),
        }
        return {"type": "framework.signed", "refs": {}, "body": self._body("framework", fields)}

    def calloff(self, contract: Mapping[str, Any], lines: tuple[Line, ...]) -> DraftJson | None:
        """The first order, with the reference and the last day of the contract; None where nothing is ordered."""
        ordered = [line.calloff_line() for line in lines if line.quantity is not None]
        if not ordered:
            return None
        for name in ("contract", "refs.framework"):
            self.work.leave_open("calloff", name, "the id of the signed contract, or @ and its file")
        given = self.given
        fields = {
            "reference": contract.get("reference", _Missing("the contract's draft has none either")),
            "lines": ordered,
            "consignee": given.consignee or _Missing("no did:key given for who receives the goods"),
            "place": given.place.model_dump(exclude_none=True)
            if given.place
            else _Missing("no place given: an address in a release is a party's, not the goods'"),
            "due": contract.get("period", {}).get("last", _Missing("the contract's draft has no last day")),
        }
        return {"type": "calloff.issued", "refs": {}, "body": self._body("calloff", fields)}

    def _body(self, draft: DraftName, fields: Mapping[str, object]) -> dict[str, Any]:
        """The fields that have a value; what is missing stays open, and an optional None is left out."""
        for name, value in fields.items():
            if isinstance(value, _Missing):
                self.work.leave_open(draft, f"body.{name}", value.why)
        return {name: value for name, value in fields.items() if not isinstance(value, _Missing | None)}

    def _reference(self) -> str | _Missing:
        terms = self.agreement.terms
        if not terms.id or terms.id != tidy_text(terms.id):
            return _Missing(f"{terms} has no usable id")
        self.work.carry(terms["id"])
        return terms.id

    def _prime(self) -> PartyId | _Missing:
        name, local = self.agreement.supplier["name"], self.agreement.supplier["id"]
        if not name.text and not local.label:
            return _Missing("the release names no supplier for it")
        shared = local.label in self.package.shared_ids
        by_name = self.given.parties.get(name.text) if name.text else None
        by_id = self.given.parties.get(local.label) if local.label and not shared else None
        if by_name and by_id and by_name != by_id:
            return _Missing(f"two did:keys given, for {name.text!r:.80} and for its id {local.label!r:.40}")
        if by_name:
            self.work.carry(name)
        if by_id:
            self.work.carry(local)
        but = f" by name; its id {local.label!r:.40} is used for others too" if shared else ""
        who = tidy_text(name.text or local.label)
        return by_name or by_id or _Missing(f"no did:key given for the supplier {who!r}{but}")

    def _period(self) -> dict[str, str] | _Missing | None:
        period = self.agreement.period
        ends = {"first": period["startDate"], "last": period["endDate"]}
        days = {end: day for end, node in ends.items() if (day := _day(node))}
        if len(days) == 2 and days["last"] < days["first"]:
            return _Missing(f"{period} ends on {days['last']}, before it begins on {days['first']}")
        for end, node in ends.items():
            if end not in days:
                why = f"{node} names no day (found {node.text!r:.40})"
                self.work.leave_open("framework", f"body.period.{end}", why)
                continue
            self.work.carry(node)
            if node.text != str(days[end]):
                self.work.note(node, f"read as the day {days[end]}, as written; its time of day is left off")
        return {end: str(day) for end, day in days.items()} or None

    def _source(self) -> dict[str, Any]:
        ocid, release = self.release["ocid"], self.release["id"]
        self.work.carry(ocid, release)
        return {"ocid": ocid.text, "release": release.label, "document": dict(self.package.document)}


def _day(node: Node) -> date | None:
    """The day of an RFC 3339 date or time, in the time zone it is written in."""
    found = _DAY.fullmatch(node.text)
    try:
        datetime.fromisoformat(node.text)
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _excess(framework: DraftJson, lines: tuple[Line, ...]) -> Undrafted | None:
    """Why the contract does not fit one statement; the order is always the smaller of the two."""
    if len(lines) > LINES_PER_STATEMENT:
        return Undrafted(
            NoDraft.TOO_LARGE, f"{len(lines)} lines, and a statement holds {LINES_PER_STATEMENT}"
        )
    room, size = STATEMENT_BYTES - _COMPLETION_BYTES, len(encode_payload(framework))
    if size > room:
        return Undrafted(NoDraft.TOO_LARGE, f"a draft of {size} bytes, and there is room for {room}")
    return None
