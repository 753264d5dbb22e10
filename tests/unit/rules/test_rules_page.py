"""specs/rules.md: every rule stands there as the code has it, and nothing stands there that the code has not."""

import re
from pathlib import Path

import pytest

from ledger.rules.catalogue import Odd, Rule

PAGE = (Path(__file__).parents[3] / "specs" / "rules.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| `[RF]\d\d ", line)
]


def row(label):
    (found,) = [cells for cells in ROWS if cells[0] == f"`{label}`"]
    return found


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.label)
def test_every_refusal_stands_in_the_page(rule):
    _, says, compared, example = row(rule.label)
    assert says == rule.says
    assert compared
    assert example


@pytest.mark.parametrize("odd", Odd, ids=lambda odd: odd.label)
def test_every_finding_stands_in_the_page(odd):
    _, severity, says, compared, example, closes = row(odd.label)
    assert (severity, says) == (odd.severity, odd.says)
    assert compared
    assert example
    assert closes


def test_no_other_rule_stands_in_the_page():
    labels = {rule.label for rule in Rule} | {odd.label for odd in Odd}
    assert {cells[0].strip("`") for cells in ROWS} == labels
    assert set(re.findall(r"\b[RF]\d\d\b", PAGE)) <= {label[:3] for label in labels}


def test_numbers_run_without_a_gap():
    for letter, rules in (("R", Rule), ("F", Odd)):
        assert [one.label[:3] for one in rules] == [f"{letter}{n:02}" for n in range(1, len(rules) + 1)]


@pytest.mark.parametrize("rules", [Rule, Odd])
def test_every_rule_is_used_by_the_code(rules):
    folder = Path(__file__).parents[3] / "ledger" / "rules"
    code = "".join(path.read_text() for path in folder.rglob("*.py") if path.name != "catalogue.py")
    assert {one.name for one in rules} == set(re.findall(rf"\b{rules.__name__}\.([A-Z_]+)\b", code))


def test_which_refusals_are_retriable():
    """Exactly those the code raises so, R22 and R23 in some cases; their tests are beside each rule."""
    said = {rule.label[:3] for rule in Rule if "Retriable" in row(rule.label)[2]}
    assert said == {"R04", "R07", "R12", "R21", "R22", "R23", "R29"}
