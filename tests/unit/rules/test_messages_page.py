"""docs/messages.md is what the rules say; and what they say helps whoever reads it."""

import re

import pytest

from ledger.rules.catalogue import Odd, Rule
from tests.messages import findings, refusals
from tests.messages.page import PAGE, render


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == render(), "run `make vectors`"


def test_every_rule_is_broken_once():
    assert list(refusals.ACTS) == list(Rule)
    assert list(findings.ACTS) == list(Odd)


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.label)
def test_a_refusal_says_what_is_wrong_against_what_and_what_to_do(rule):
    refused = refusals.refusal(rule)
    assert refused.hint, "what to do"
    assert refused.limit or refused.rests_on, "against what"
    assert not re.search(r"[0-9a-f]{40}", refused.found + refused.limit + refused.hint), "ids are shortened"
    assert len(refused.found) <= 200


@pytest.mark.parametrize("odd", Odd, ids=lambda odd: odd.label)
def test_a_finding_names_its_statements_and_what_closes_it(odd):
    found = findings.finding(odd)
    assert found.odd is odd
    assert found.statements
    assert found.closes
    assert not re.search(r"[0-9a-f]{40}", found.message + found.closes)
    assert len(found.message) <= 200
