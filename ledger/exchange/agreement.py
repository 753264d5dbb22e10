"""Which agreement a release publishes: its one contract, or its one award where it has no contract yet.

An OCDS release tells one contracting process, from tender through awards to contracts. A draft is made of one
agreement between one buyer and one supplier, so a release gives none when

* it does not name itself (`ocid`, `id`): a draft could not say where it is from;
* it is a tender only: nothing is promised yet;
* it holds several contracts, or several awards and no contract;
* the contract, its award or the tender is cancelled, unsuccessful, withdrawn or terminated (the codelists
  contractStatus, awardStatus and tenderStatus of OCDS 1.1; the status is believed, a tag is only noted);
* several suppliers share the award;
* there are no items, neither the contract's nor the award's.

A contract's award is the one whose `id` its `awardID` names; when that is none or several, the supplier is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from ledger.exchange.report import NoDraft, Undrafted, Worksheet, tidy_text
from ledger.exchange.source import Node

_ENDED: Final = frozenset({"cancelled", "unsuccessful", "withdrawn", "terminated"})
_ENDING_TAGS: Final = frozenset({"tenderCancellation", "awardCancellation", "contractTermination"})
_NOWHERE: Final = Node((), None)


@dataclass(frozen=True, slots=True)
class Agreement:
    """The one contract of a release, or its one award."""

    terms: Node
    """The contract, else the award."""
    award: Node
    """The award the contract names; `terms` itself where there is no contract; nowhere if it names no one award."""
    items: tuple[Node, ...]
    """The contract's, else the award's; never none."""
    uri: str
    """Names the agreement in its process: `ocds:ocds-k50g02-60393/contracts/60393`."""

    @property
    def supplier(self) -> Node:
        return self.award["suppliers"][0]

    @property
    def period(self) -> Node:
        """The contract's `period`, else the award's `contractPeriod`."""
        own = self.terms["period"]
        return own if own.value is not None else self.award["contractPeriod"]


def choose_agreement(release: Node) -> Agreement | Undrafted:
    """The agreement a release publishes, or why no draft can be made of it."""
    if unnamed := _unnamed(release):
        return Undrafted(NoDraft.UNNAMED, f"no usable {unnamed}: a draft could not name its source")
    kind = "contracts" if release["contracts"].each else "awards"
    found = release[kind].each
    if not found:
        said = "a tender only" if release["tender"].value else "neither contract, award nor tender"
        return Undrafted(NoDraft.NOT_AWARDED, said)
    if len(found) > 1:
        return Undrafted(NoDraft.SEVERAL_CONTRACTS, f"{len(found)} {kind}, and a draft is of one")
    terms = found[0]
    award = terms if kind == "awards" else _award_of(terms, release["awards"].each)
    uri = f"ocds:{quote(release['ocid'].text, safe='')}/{kind}/{quote(terms.id, safe='') or '@1'}"
    agreement = Agreement(terms, award, terms["items"].each or award["items"].each, uri)
    return _hindrance(agreement, release["tender"]) or agreement


def all_items(release: Node) -> tuple[Node, ...]:
    """The items of a release that is not drafted, from the furthest stage that has any."""
    for section in (release["contracts"].each, release["awards"].each, (release["tender"],)):
        if items := tuple(item for node in section for item in node["items"].each):
            return items
    return ()


def note_surroundings(release: Node, agreement: Agreement, work: Worksheet) -> None:
    """Note what else the release says that a person should know before signing."""
    status = agreement.terms["status"]
    for tag in release["tag"].each:
        if tag.text in _ENDING_TAGS:
            said = f"while {status} is {tidy_text(status.text) or 'not given'}"
            work.note(tag, f"is {tag.text}, {said}: see whether it still runs")
    taken = [item.value for item in agreement.items]
    for other in (agreement.award["items"], release["tender"]["items"]):
        if other.each and other.each != agreement.items:
            same = "the same items as" if other.value == taken else "other items than"
            work.note(other, f"{same} those of {agreement.terms}, which were taken")


def _unnamed(release: Node) -> str:
    """Which of its two names a release lacks, or bears in a form no draft can carry; "" if neither."""
    names = {"ocid": release["ocid"].text, "id": release.id}
    return next((name for name, text in names.items() if not text or text != tidy_text(text)), "")


def _award_of(contract: Node, awards: tuple[Node, ...]) -> Node:
    """The award a contract names by `awardID`; nowhere unless it is exactly one."""
    matches = [award for award in awards if award.id and award.id == contract["awardID"].label]
    return matches[0] if len(matches) == 1 else _NOWHERE


def _hindrance(agreement: Agreement, tender: Node) -> Undrafted | None:
    for node in (agreement.terms, agreement.award, tender):
        if node["status"].text in _ENDED:
            return Undrafted(NoDraft.ENDED, f"{node['status']} is {node['status'].text}")
    suppliers = agreement.award["suppliers"].each
    if len(suppliers) > 1:
        return Undrafted(
            NoDraft.SEVERAL_SUPPLIERS, f"{len(suppliers)} suppliers, and a contract here has one"
        )
    if not agreement.items:
        return Undrafted(NoDraft.NO_ITEMS, f"{agreement.terms} names no items")
    return None
