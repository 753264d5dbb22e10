"""A story told to a log of its own: what the log answered to each chapter, and what an auditor makes of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ledger.audit.whole import Audit, audit_log
from ledger.errors import Refused, TallyError
from ledger.log.folder import LogFolder
from ledger.log.log import Log, create_log
from ledger.log.reader import LogReader
from ledger.log.writer import Outcome, Registered
from ledger.scenario.story import Ending, Expect, Story
from ledger.statement.envelope import Statement, read_statement
from ledger.trace.down import trace_down
from ledger.units import EXACT, LeafIndex, Quantity


@dataclass(frozen=True)
class Told:
    """A story, the log it was told to, and what the log answered."""

    story: Story
    folder: Path
    outcomes: dict[str, list[Outcome]]
    """By the chapter's title."""

    def entries(self) -> list[Statement]:
        """What the log registered, in its order."""
        with LogReader.open(self.folder) as reader:
            return [read_statement(reader.statement(LeafIndex(index))) for index in range(reader.size)]

    def audit(self, ending: Ending) -> Audit:
        with LogReader.open(self.folder) as reader:
            return audit_log(reader, LogFolder(self.folder).mark, as_of=ending.as_of)


def tell(folder: Path, story: Story) -> Told:
    now = int(story.opened_at.timestamp())
    create_log(folder, story.operator, story.policy, story.opened_at.isoformat(), lambda: now)
    outcomes: dict[str, list[Outcome]] = {}
    with Log.open(folder, story.operator, clock=lambda: now) as log:
        for chapter in story.chapters:
            now = int(chapter.at.timestamp())
            outcomes[chapter.title] = log.append(chapter.statements)
    return Told(story, folder, outcomes)


def label(outcome: Outcome) -> str:
    """The rule that refused it, or the error's code."""
    assert isinstance(outcome, TallyError)
    return outcome.rule if isinstance(outcome, Refused) else outcome.code


def answered_as_told(told: Told) -> None:
    """Every statement of every chapter got the answer that the story says."""
    for chapter in told.story.chapters:
        outcomes = told.outcomes[chapter.title]
        assert len(outcomes) == len(chapter.statements) > 0, chapter.title
        for outcome in outcomes:
            if chapter.expect is Expect.REFUSED:
                assert label(outcome) == chapter.answer, chapter.title
            else:
                assert isinstance(outcome, Registered), (chapter.title, outcome)
                assert outcome.new == (chapter.expect is Expect.REGISTERED), chapter.title


def ended_as_expected(audit: Audit, ending: Ending) -> None:
    """Every figure of the ending, read off the log by an auditor; each comparison names its own."""
    [contract] = audit.contracts
    at = contract.situation
    traced = trace_down(at)
    [line] = traced.lines
    [calloff] = at.calloffs.values()
    totals = line.totals

    def pieces(value) -> Quantity:
        return Quantity(value, totals.unit)

    def total(values) -> Quantity:
        return pieces(EXACT.create_decimal(sum(values)))

    facts = at.facts.values()
    assert audit.checked.size == ending.entries
    assert pieces(totals.ordered) == ending.ordered
    assert totals.worth == (ending.worth,)
    assert pieces(totals.allotted) == ending.allotted
    assert total(maker.totals.allotted for maker in traced.makers) == ending.allotted
    assert total(hub.totals.allotted for hub in traced.hubs) == ending.allotted
    assert total(lot.made for lot in at.lots.values()) == ending.made
    assert total(lot.rejected for lot in at.lots.values()) == ending.rejected
    assert pieces(totals.signed_off) == ending.signed_off
    held = [one.lot for one in facts if any(hold.cleared is None for hold in one.holds)]
    assert total(lot.released for lot in held) == ending.held
    assert pieces(totals.dispatched) == ending.dispatched
    assert pieces(totals.received) == ending.received
    assert pieces(totals.damaged) == ending.damaged
    assert pieces(totals.unattributed) == ending.unattributed
    assert pieces(totals.open) == ending.open
    assert pieces(totals.accepted) == ending.accepted
    assert pieces(totals.rejected) == ending.turned_away
    assert pieces(line.paid) == ending.paid
    assert sum(one.amount.amount for one in at.payments.values()) == ending.paid_out.amount
    assert total(lot.released for scope in at.scopes for lot in scope.lots) == ending.called_back
    found = (located.located for one in at.acknowledgements.values() for located in one.lots)
    assert total(found) == ending.located
    assert len(traced.hubs) == ending.hubs
    assert len(traced.makers) == ending.makers
    assert len(at.lots) == ending.lots
    assert sum(one.to == calloff.consignee for one in at.dispatches.values()) == ending.waybills
    assert Counter(finding.odd.label for finding in audit.findings) == ending.findings


def agrees_with_itself(ending: Ending) -> None:
    """The figures of an ending add up, whatever happened."""
    known_and_good = ending.dispatched - ending.damaged
    assert ending.received == known_and_good + ending.unattributed
    assert ending.open == ending.ordered - ending.received
    assert ending.dispatched + ending.held == ending.signed_off
    assert ending.accepted + ending.turned_away == ending.received + ending.damaged
    assert ending.paid_out.amount / ending.paid.value == ending.worth.amount / ending.ordered.value
    assert ending.located <= ending.called_back
