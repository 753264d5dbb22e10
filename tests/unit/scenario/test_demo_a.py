"""Demo A against a real log: every chapter is answered as told, and the figures add up to the piece."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from textwrap import wrap

import pytest

from ledger.audit.whole import Audit
from ledger.errors import Refused
from ledger.events.catalogue import EVENTS, read_event
from ledger.events.party import PartyEnrolled
from ledger.log.reader import LogReader
from ledger.log.writer import Registered
from ledger.scenario.cast import statement_id
from ledger.scenario.demo_a import EXPECTED, ORIGIN, demo_a
from ledger.scenario.people import assemble
from ledger.statement.envelope import read_statement
from ledger.units import Quantity
from tests.support.told import Told, agrees_with_itself, answered_as_told, ended_as_expected, label, tell

_DIGEST = """
import hashlib, sys
from ledger.scenario.demo_a import demo_a
assert "pydantic" not in sys.modules, "building needs no event models"
data = b"".join(one for chapter in demo_a().chapters for one in chapter.statements)
print(hashlib.sha256(data).hexdigest())
"""

NOT_TOLD = {"framework.closed", "calloff.cancelled", "recall.closed", "log.policy"}
"""The contract goes on, the order stands, the recall is open; the log makes its policy itself."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return tell(tmp_path_factory.mktemp("demo-a") / "log", demo_a())


@pytest.fixture(scope="module")
def audit(told: Told) -> Audit:
    return told.audit(EXPECTED)


def _pieces(count: int) -> str:
    return str(Quantity(Decimal(count), "H87"))


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


def test_a_chapter_is_told_in_two_lines_of_a_terminal() -> None:
    for chapter in demo_a().chapters:
        assert 1 <= len(wrap(chapter.told, 100)) <= 2, chapter.title


def test_the_story_tells_every_type_of_the_vocabulary_but_those_that_end_what_goes_on() -> None:
    types = {
        read_event(read_statement(data).payload).type
        for chapter in demo_a().chapters
        for data in chapter.statements
    }
    assert types == EVENTS.keys() - NOT_TOLD


def test_no_key_signs_anything_before_what_it_signed_already() -> None:
    at = {}
    statements = [read_statement(data) for chapter in demo_a().chapters for data in chapter.statements]
    for statement in statements:
        at[statement.id] = read_event(statement.payload).occurred_at
    for statement in statements:
        assert statement.prev is None or at[statement.prev] <= at[statement.id], statement.payload


def test_no_confidential_name_or_number_stands_in_any_statement() -> None:
    makers = [maker.actor for hub in assemble().hubs for maker in hub.makers]
    secrets = [secret.value for one in makers for secret in (one.phone, one.private) if secret]
    assert len(secrets) == 43
    everything = b"".join(one for chapter in demo_a().chapters for one in chapter.statements)
    assert not [secret for secret in secrets if secret.encode() in everything]


def test_every_chapter_is_answered_as_told(told: Told) -> None:
    answered_as_told(told)


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
    assert Counter(label(outcome) for outcome, _ in refused) == EXPECTED.refusals
    with LogReader.open(told.folder) as reader:
        assert all(reader.store.known(statement_id(data)) is None for _, data in refused)


def test_the_refused_allocation_names_what_is_left(told: Told) -> None:
    [refusal] = told.outcomes["7,100 for 1,700"]
    assert isinstance(refusal, Refused)
    assert refusal.limit == f"{_pieces(1_700)} left of {_pieces(27_100)}"
    assert refusal.asked == _pieces(7_100)


def test_the_phone_that_was_lost_is_refused_by_the_statement_that_revoked_it(told: Told) -> None:
    [revoked], [refusal] = told.outcomes["A lost phone"], told.outcomes["The lost phone signs"]
    assert isinstance(revoked, Registered)
    assert isinstance(refusal, Refused)
    assert refusal.rests_on == (revoked.id,)
    assert "office laptop" in refusal.limit


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


def test_the_audited_figures_and_findings_are_those_worked_out_by_hand(told: Told, audit: Audit) -> None:
    ended_as_expected(audit, EXPECTED)
    with LogReader.open(told.folder) as reader:
        assert reader.policy.origin == ORIGIN


def test_the_expected_figures_agree_with_each_other() -> None:
    agrees_with_itself(EXPECTED)
    kept_back = 5 * EXPECTED.lots
    assert EXPECTED.made - EXPECTED.rejected == EXPECTED.signed_off + Quantity(Decimal(kept_back), "H87")


def test_nothing_of_a_hubs_part_is_left_to_allot(audit: Audit) -> None:
    [contract] = audit.contracts
    [calloff] = contract.situation.calloffs.values()
    to_hubs = [one for one in contract.situation.allocations.values() if one.parent == calloff.id]
    assert all(share.left.value == 0 for one in to_hubs for share in one.lines)


def test_each_finding_names_its_figure(audit: Audit) -> None:
    figures = {finding.odd.name: dict(finding.figures) for finding in audit.findings}
    assert figures["MADE_UP"]["short"] == figures["MADE_UP"]["excess"] == _pieces(40)
    assert figures["DAMAGED"]["damaged"] == str(EXPECTED.damaged)
    assert figures["LATE_SIGN_OFF"]["days late"] == "10"
    assert figures["LATE_DELIVERY"]["days late"] == "2"
    assert figures["OVERDUE"]["open"] == str(EXPECTED.open)
    assert figures["MAKER_UNKNOWN"]["quantity"] == str(EXPECTED.unattributed)
    assert figures["WITHIN_TOLERANCE"]["signed off"] == _pieces(12_500)
    assert figures["RECALL_OPEN"]["released"] == str(EXPECTED.called_back)
    assert figures["RECALL_OPEN"]["located"] == str(EXPECTED.located)
    assert figures["NOT_LOCATED"]["missing"] == _pieces(20)
    assert figures["ERASED"]["commitments"] == "1"


def test_a_log_told_the_story_again_signs_the_same_checkpoint(told: Told, tmp_path: Path) -> None:
    again = tell(tmp_path / "log", demo_a())
    with LogReader.open(told.folder) as one, LogReader.open(again.folder) as other:
        assert one.checkpoint_note() == other.checkpoint_note()


def test_what_was_erased_is_a_commitment_of_the_party_that_asked(audit: Audit, told: Told) -> None:
    [erased] = [finding for finding in audit.findings if finding.odd.name == "ERASED"]
    target, recorded = erased.statements
    entries = {one.id: one for one in told.entries()}
    enrolment, erasure = entries[target], entries[recorded]
    event = read_event(enrolment.payload)
    assert isinstance(event, PartyEnrolled)
    assert event.body.phone is not None
    assert erasure.payload["body"]["commitments"] == [event.body.phone.commitment]
    assert erasure.iss == enrolment.iss


def test_saved_keys_go_on_where_their_chain_in_the_log_ends(told: Told) -> None:
    last = {statement.kid: statement.id for statement in told.entries()}
    kinds = {name: actor.kind for name, actor in told.story.keys.items()}
    assert list(kinds) == [
        *("agency", "prime", "hub", "maker", "maker-phone", "consignee"),
        *("quality", "payer", "inspector"),
    ]
    assert [kind for kind in kinds.values() if kind == "maker"] == ["maker"] * 2
    for name, actor in told.story.keys.items():
        assert actor.device.head == last[actor.device.signer.public.kid], name
