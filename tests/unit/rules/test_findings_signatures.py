"""Findings on signatures (F16, F17, F20, F21): a key's chain, and claimed against registered time."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.rules.catalogue import Odd
from ledger.rules.findings.signatures import CLOCK_SLACK, LONG, Link, chain_findings, time_findings
from ledger.units import KeyId, LeafIndex, StatementId
from tests.support.world import party

ASHA, BO = KeyId(b"a" * 32), KeyId(b"b" * 32)
WHO = {ASHA: party("Asha"), BO: party("Bo")}
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def name(letter):
    return StatementId(letter * 64)


def chain(*links, kid=ASHA):
    """`"ab"` is statement b after a; `"-a"` the first one."""
    return [
        Link(name(this), LeafIndex(n), WHO[kid], kid, None if before == "-" else name(before), NOON, None)
        for n, (before, this) in enumerate(links)
    ]


def test_an_unbroken_chain_has_no_findings_in_whatever_order_it_comes():
    links = chain("-a", "ab", "bc")
    assert not list(chain_findings(links))
    assert not list(chain_findings(reversed(links)))


def test_two_keys_have_two_chains():
    assert not list(chain_findings(chain("-a", "ab") + chain("-c", "cd", kid=BO)))


def test_f16_a_dropped_statement_leaves_a_gap_and_bringing_it_closes_it():
    (gap,) = chain_findings(chain("-a", "bc"))
    assert (gap.odd, gap.statements) == (Odd.CHAIN_GAP, (name("c"),))
    assert "which is not here" in gap.message
    assert not list(chain_findings(chain("-a", "bc", "ab")))


def test_f16_anothers_statement_does_not_fill_the_gap():
    (gap,) = chain_findings(chain("-a") + chain("ab", kid=BO))
    assert (gap.odd, gap.statements) == (Odd.CHAIN_GAP, (name("b"),))


def test_f17_one_key_on_two_devices_forks():
    (fork,) = chain_findings(chain("-a", "ab", "ac", "bd"))
    assert (fork.odd, fork.statements) == (Odd.CHAIN_FORK, (name("b"), name("c")))
    assert ASHA.hex()[:12] in fork.message
    assert "signed 2 statements after" in fork.message


def test_f17_a_key_has_one_first_statement():
    (fork,) = chain_findings(chain("-a", "-b"))
    assert fork.odd is Odd.CHAIN_FORK
    assert "as its first" in fork.message


def test_two_keys_may_each_have_a_first_statement():
    assert not list(chain_findings(chain("-a") + chain("-b", kid=BO)))


def test_a_fork_after_a_missing_statement_is_both():
    found = list(chain_findings(chain("-a", "xb", "xc")))
    assert {finding.odd for finding in found} == {Odd.CHAIN_FORK, Odd.CHAIN_GAP}


def at(claimed, registered=NOON):
    return [Link(name("a"), LeafIndex(1), WHO[ASHA], ASHA, None, claimed, int(registered.timestamp()))]


@pytest.mark.parametrize(
    ("ahead", "odd"),
    [
        (CLOCK_SLACK, None),
        (CLOCK_SLACK + timedelta(seconds=1), Odd.BEFORE_CLAIMED),
        (timedelta(0), None),
        (-LONG, None),
        (-LONG - timedelta(seconds=1), Odd.LONG_BEFORE),
    ],
)
def test_f20_f21_claimed_against_registered_time(ahead, odd):
    assert [finding.odd for finding in time_findings(at(NOON + ahead))] == ([odd] if odd else [])


def test_f20_offsets_are_taken_into_account():
    assert not list(time_findings(at(datetime.fromisoformat("2026-05-04T17:30:00+05:30"))))


def test_f21_says_how_many_days():
    (late,) = time_findings(at(NOON - timedelta(days=100, hours=5)))
    assert late.figures == (("days", "100"),)
    assert late.statements == (name("a"),)


def test_where_nobody_said_when_nothing_is_judged():
    assert not list(time_findings(chain("-a")))
