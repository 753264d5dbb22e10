"""A story: chapters of signed statements, what the log answers to each, and what it comes to in the end.

A chapter is handed to the log in one piece at one time, and every statement in it gets the same kind of
answer. So a story can be told on a screen, run as a test, or replayed as load, and each checks the log alike:

    create_log(folder, story.operator, story.policy, story.opened_at.isoformat(), clock)
    for chapter in story.chapters:          clock answers chapter.at from here on
        outcomes = log.append(chapter.statements)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ledger.scenario.cast import Actor
from ledger.statement.signer import Ed25519Signer
from ledger.units import Money, Quantity, StatementId, TreeSize


class Expect(StrEnum):
    """What the log answers to every statement of a chapter."""

    REGISTERED = "registered"
    REPEATED = "repeated"
    """Registered before: the same index as then."""
    REFUSED = "refused"
    """Not in the log; `Chapter.answer` says by which rule or error."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """What happens next."""

    title: str
    told: str
    """One to three sentences for a reader who knows nothing of the log."""
    at: datetime
    """When the statements reach the log: after all they claim, and never before the chapter before."""
    statements: tuple[bytes, ...]
    """In the order submitted, which need not be the order of their references."""
    expect: Expect = Expect.REGISTERED
    answer: str = ""
    """For `REFUSED`: the label of the rule (`Refused.rule`), or the code of the error."""


@dataclass(frozen=True, slots=True)
class Story:
    """A whole story, and what is needed to tell it to a new log and to go on from its end."""

    title: str
    operator: Ed25519Signer
    """The log's own key."""
    policy: Mapping[str, Any]
    """The body of log.policy, but for `vkey`."""
    opened_at: datetime
    """When the log is made."""
    contract: StatementId
    calloff: StatementId
    chapters: tuple[Chapter, ...]
    keys: Mapping[str, Actor]
    """Some of the actors, under the names their keys are saved by; each device knows where its chain goes on."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What the story comes to. All of it can be read off the log; none of it is computed from the story."""

    as_of: datetime
    """The day the findings are judged by."""
    ordered: Quantity
    worth: Money
    """What was ordered, at the contract's price."""
    allotted: Quantity
    """At each level: by the prime to hubs, and by hubs to makers."""
    made: Quantity
    rejected: Quantity
    """By their makers."""
    signed_off: Quantity
    held: Quantity
    """Signed off and held back: not to leave."""
    dispatched: Quantity
    """Of lots, to the consignee; what hubs collected on the way is not counted twice."""
    received: Quantity
    """In good order by the consignee, `unattributed` included."""
    damaged: Quantity
    unattributed: Quantity
    """Goods without a known maker."""
    open: Quantity
    """Ordered, and not received in good order."""
    accepted: Quantity
    turned_away: Quantity
    """Received, good or damaged, and rejected."""
    paid: Quantity
    paid_out: Money
    called_back: Quantity
    located: Quantity
    """Of those called back."""
    hubs: int
    makers: int
    lots: int
    waybills: int
    """To the consignee."""
    entries: TreeSize
    """Statements in the log, its policy included."""
    refusals: Mapping[str, int]
    """By the rule's label or the error's code: how many statements."""
    findings: Mapping[str, int]
    """By label: how many on the contract, as of the day."""


def policy(origin: str, agency: Actor) -> dict[str, Any]:
    """The body of a story's log.policy, but for `vkey`: a log of one agency."""
    return {
        "origin": origin,
        "agencies": [agency.party],
        "reading": "public",
        "limits": {"receipt_due_days": 30},
        "erasure": "Confidential values are erased on request of the person they concern, or by order of a court, by "
        "destroying value and salt. The statement and all hashes stay. Each erasure is recorded in the log.",
    }
