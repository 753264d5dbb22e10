"""Demo A against a real log: every chapter is answered as told, and the figures add up to the piece."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from ledger.errors import Refused, TallyError
from ledger.events.base import Event, Recorded
from ledger.events.catalogue import read_event
from ledger.events.contract import CalloffIssued, FrameworkSigned
from ledger.events.opened import open_kept
from ledger.log.log import Log, create_log
from ledger.log.reader import LogReader
from ledger.log.writer import Outcome, Registered
from ledger.rules.admit import fold
from ledger.rules.findings import Finding, contract_findings
from ledger.rules.findings.signatures import Link, chain_findings, time_findings
from ledger.rules.gathering import situation
from ledger.rules.situation import Situation
from ledger.rules.state import MemoryState, digest, memory_digest
from ledger.scenario.cast import statement_id
from ledger.scenario.demo_a import EXPECTED, ORIGIN, demo_a
from ledger.scenario.story import Expect, Story
from ledger.statement.envelope import open_statement, read_statement
from ledger.trace.down import trace_down
from ledger.units import LeafIndex, Money, Quantity

_DIGEST = """
import hashlib, sys
from ledger.scenario.demo_a import demo_a
assert "pydantic" not in sys.modules, "building needs no event models"
data = b"".join(one for chapter in demo_a().chapters for one in chapter.statements)
print(hashlib.sha256(data).hexdigest())
"""


@dataclass(frozen=True)
class Told:
    """The story, the log it was told to, and what the log answered."""

    story: Story
    folder: Path
    outcomes: dict[str, list[Outcome]]
    """By the chapter's title."""


def tell(folder: Path) -> Told:
    story = demo_a()
    now = int(story.opened_at.timestamp())
    create_log(folder, story.operator, story.policy, story.opened_at.isoformat(), lambda: now)
    outcomes: dict[str, list[Outcome]] = {}
    with Log.open(folder, story.operator, clock=lambda: now) as log:
        for chapter in story.chapters:
            now = int(chapter.at.timestamp())
            outcomes[chapter.title] = log.append(chapter.statements)
    return Told(story, folder, outcomes)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return tell(tmp_path_factory.mktemp("demo-a") / "log")


@pytest.fixture(scope="module")
def gathered(told: Told) -> Iterator[Situation]:
    with LogReader.open(told.folder) as reader:
        yield situation(reader.store, told.story.contract, EXPECTED.as_of)


def _findings(told: Told) -> list[Finding]:
    with LogReader.open(told.folder) as reader:
        return contract_findings(reader.store, told.story.contract, EXPECTED.as_of)


def _label(outcome: Outcome) -> str:
    assert isinstance(outcome, TallyError)
    return outcome.rule if isinstance(outcome, Refused) else outcome.code


def _pieces(value: Decimal) -> Quantity:
    return Quantity(value, "H87")


def test_the_story_is_the_same_every_time() -> None:
    first, second = demo_a(), demo_a()
    assert first.chapters == second.chapters
    assert (first.contract, first.calloff, first.policy) == (second.contract, second.calloff, second.policy)


def test_the_story_is_the_same_in_another_process_and_is_built_without_the_event_models() -> None:
    here = b"".join(one for chapter in demo_a().chapters for one in chapter.statements)
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", _DIGEST],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == sha256(here).hexdigest()


def test_chapters_have_titles_of_their_own_and_follow_each_other_in_time() -> None:
    story = demo_a()
    assert len({chapter.title for chapter in story.chapters}) == len(story.chapters)
    assert story.opened_at < story.chapters[0].at
    for before, after in pairwise(story.chapters):
        assert before.at < after.at, after.title
    for chapter in story.chapters:
        for data in chapter.statements:
            event = read_event(read_statement(data).payload)
            assert event.occurred_at <= chapter.at, chapter.title


def test_no_key_signs_anything_before_what_it_signed_already() -> None:
    at = {}
    statements = [read_statement(data) for chapter in demo_a().chapters for data in chapter.statements]
    for statement in statements:
        at[statement.id] = read_event(statement.payload).occurred_at
    for statement in statements:
        assert statement.prev is None or at[statement.prev] <= at[statement.id], statement.payload


def test_every_chapter_is_answered_as_told(told: Told) -> None:
    for chapter in told.story.chapters:
        outcomes = told.outcomes[chapter.title]
        assert len(outcomes) == len(chapter.statements) > 0, chapter.title
        for outcome in outcomes:
            if chapter.expect is Expect.REFUSED:
                assert _label(outcome) == chapter.answer, chapter.title
            else:
                assert isinstance(outcome, Registered), (chapter.title, outcome)
                assert outcome.new == (chapter.expect is Expect.REGISTERED), chapter.title


def test_what_is_sent_again_has_the_index_it_had(told: Told) -> None:
    repeated = [one for one in told.outcomes["Sent three times"] if isinstance(one, Registered)]
    first = [one for one in told.outcomes["The first lots"] if isinstance(one, Registered)]
    assert {(one.id, one.index) for one in repeated} < {(one.id, one.index) for one in first}


def test_refusals_are_those_expected_and_their_statements_are_not_in_the_log(told: Told) -> None:
    refused = [
        (outcome, data)
        for chapter in told.story.chapters
        for outcome, data in zip(told.outcomes[chapter.title], chapter.statements, strict=True)
        if not isinstance(outcome, Registered)
    ]
    assert Counter(_label(outcome) for outcome, _ in refused) == EXPECTED.refusals
    with LogReader.open(told.folder) as reader:
        assert all(reader.store.known(statement_id(data)) is None for _, data in refused)


def test_the_refused_allocation_names_what_is_left(told: Told) -> None:
    [refusal] = told.outcomes["7,100 for 1,700"]
    assert isinstance(refusal, Refused)
    assert refusal.limit == f"{_pieces(Decimal(1_700))} left of {_pieces(Decimal(27_100))}"
    assert refusal.asked == str(_pieces(Decimal(7_100)))


def test_the_offline_folder_is_in_no_order_and_goes_in_whole(told: Told) -> None:
    [chapter] = [one for one in told.story.chapters if one.title.startswith("Four weeks")]
    place = {statement_id(data): n for n, data in enumerate(chapter.statements)}
    ahead = [
        data
        for data in chapter.statements
        if place.get(read_statement(data).prev or read_statement(data).id, -1) > place[statement_id(data)]
    ]
    assert len(ahead) > len(chapter.statements) // 4, "many come before the one their key signed earlier"
    assert all(isinstance(one, Registered) and one.new for one in told.outcomes[chapter.title])


def test_the_log_has_as_many_entries_as_expected(told: Told) -> None:
    with LogReader.open(told.folder) as reader:
        assert (reader.size, reader.policy.origin) == (EXPECTED.entries, ORIGIN)


def test_the_traced_figures_are_those_worked_out_by_hand(gathered: Situation) -> None:
    trace = trace_down(gathered)
    [line] = trace.lines
    totals = line.totals
    assert _pieces(totals.ordered) == EXPECTED.ordered
    assert _pieces(totals.allotted) == EXPECTED.allotted
    assert _pieces(totals.signed_off) == EXPECTED.signed_off
    assert _pieces(totals.dispatched) == EXPECTED.dispatched
    assert _pieces(totals.received) == EXPECTED.received
    assert _pieces(totals.damaged) == EXPECTED.damaged
    assert _pieces(totals.unattributed) == EXPECTED.unattributed
    assert _pieces(totals.open) == EXPECTED.open
    assert len(trace.makers) == EXPECTED.makers
    assert _pieces(sum((maker.totals.allotted for maker in trace.makers), Decimal(0))) == EXPECTED.allotted


def test_lots_and_waybills_are_those_worked_out_by_hand(gathered: Situation) -> None:
    lots = gathered.lots.values()
    assert len(lots) == EXPECTED.lots
    assert _pieces(sum((lot.made for lot in lots), Decimal(0))) == EXPECTED.made
    assert _pieces(sum((lot.rejected for lot in lots), Decimal(0))) == EXPECTED.rejected
    [calloff] = gathered.calloffs.values()
    trucks = [one for one in gathered.dispatches.values() if one.to == calloff.consignee]
    assert len(trucks) == EXPECTED.waybills
    to_hubs = [one for one in gathered.allocations.values() if one.parent == calloff.id]
    assert len(to_hubs) == EXPECTED.hubs
    assert all(share.left.value == 0 for one in to_hubs for share in one.lines)


def test_the_expected_figures_agree_with_each_other() -> None:
    known_and_good = EXPECTED.dispatched - EXPECTED.damaged
    assert EXPECTED.received == known_and_good + EXPECTED.unattributed
    assert EXPECTED.open == EXPECTED.ordered - EXPECTED.received
    assert EXPECTED.made - EXPECTED.rejected == EXPECTED.signed_off + _pieces(Decimal(5 * EXPECTED.lots))


def test_the_order_is_worth_what_is_expected_at_the_price_of_the_contract(told: Told) -> None:
    events = [
        read_event(read_statement(data).payload)
        for chapter in told.story.chapters
        for data in chapter.statements
        if statement_id(data) in {told.story.contract, told.story.calloff}
    ]
    [framework] = [event for event in events if isinstance(event, FrameworkSigned)]
    [calloff] = [event for event in events if isinstance(event, CalloffIssued)]
    price = framework.body.lines[0].price
    assert isinstance(price, Money)
    assert Money(price.amount * calloff.body.lines[0].quantity.value, price.currency) == EXPECTED.worth


def test_findings_are_exactly_those_expected(told: Told) -> None:
    assert Counter(finding.odd.label for finding in _findings(told)) == EXPECTED.findings


def test_each_finding_names_its_figure(told: Told) -> None:
    figures = {finding.odd.name: dict(finding.figures) for finding in _findings(told)}
    assert figures["MADE_UP"]["short"] == figures["MADE_UP"]["excess"] == str(_pieces(Decimal(40)))
    assert figures["DAMAGED"]["damaged"] == str(EXPECTED.damaged)
    assert figures["LATE_SIGN_OFF"]["days late"] == "10"
    assert figures["LATE_DELIVERY"]["days late"] == "2"
    assert figures["OVERDUE"]["open"] == str(EXPECTED.open)
    assert figures["MAKER_UNKNOWN"]["quantity"] == str(EXPECTED.unattributed)


def test_no_key_has_a_gap_or_a_fork_and_no_statement_an_odd_time(told: Told) -> None:
    links = []
    with LogReader.open(told.folder) as reader:
        for index in range(1, reader.size):
            row = reader.store.row(LeafIndex(index))
            assert row is not None
            one = open_kept(row.statement)
            links.append(
                Link(one.id, one.statement.kid, one.event.prev, one.event.occurred_at, row.registered_at)
            )
    assert list(chain_findings(links)) == []
    assert list(time_findings(links)) == []


def test_folding_the_statements_of_the_log_anew_gives_the_same_state_and_findings(told: Told) -> None:
    state = MemoryState()
    with LogReader.open(told.folder) as reader:
        for index in range(reader.size):
            recorded: Recorded[Event] = open_kept(reader.statement(LeafIndex(index))).at(LeafIndex(index))
            fold(state, recorded)
        assert memory_digest(state) == digest(reader.store.state())
        assert contract_findings(state, told.story.contract, EXPECTED.as_of) == _findings(told)


def test_a_log_told_the_story_again_signs_the_same_checkpoint(told: Told, tmp_path: Path) -> None:
    again = tell(tmp_path / "log")
    with LogReader.open(told.folder) as one, LogReader.open(again.folder) as other:
        assert one.checkpoint_note() == other.checkpoint_note()


def test_saved_keys_go_on_where_their_chain_in_the_log_ends(told: Told) -> None:
    last: dict[str, str] = {}
    with LogReader.open(told.folder) as reader:
        for index in range(reader.size):
            statement = open_statement(reader.statement(LeafIndex(index)))
            last[statement.iss] = statement.id
    kinds = {name: actor.kind for name, actor in told.story.keys.items()}
    assert list(kinds) == ["agency", "prime", "hub", "maker", "maker-phone", "consignee"]
    assert [kind for kind in kinds.values() if kind == "maker"] == ["maker"] * 2
    for name, actor in told.story.keys.items():
        assert actor.head == last[actor.party], name
