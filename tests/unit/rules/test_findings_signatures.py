"""Findings on signatures (F16, F17, F20, F21, F40, F41): chains, times, compromised keys, false openings."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.rules.catalogue import Odd, Severity
from ledger.rules.findings import log_findings
from ledger.rules.findings.signatures import (
    CLOCK_SLACK,
    LONG,
    Link,
    chain_findings,
    key_findings,
    opened_otherwise,
    time_findings,
)
from ledger.units import KeyId, LeafIndex, StatementId
from tests.support.world import World, party

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


# F40, F41


@pytest.fixture
def world():
    """Asha signs with her first key and with her phone's."""
    world = World()
    world.add_key("Asha", "phone")
    world.framework(ceiling=1000)
    world.part = world.accepted(world.allot(world.accepted(world.calloff(1000)), "Asha", 400))
    return world


def compromised(world):
    links = [
        Link(one.id, one.index, one.iss, one.kid, one.event.prev, one.event.occurred_at, None)
        for one in world.log
    ]
    return list(key_findings(world.state, links))


def test_f40_what_a_compromised_key_signed_after_its_last_good_statement(world):
    good, first, second = (world.sign_off(world.part, f"A{n}", 10, device="phone") for n in range(3))
    world.sign_off(world.part, "A9", 10)
    assert not compromised(world)
    revoked = world.revoke_key("Asha", "phone", "compromised", last_good=good)
    (finding,) = compromised(world)
    assert (finding.odd, finding.statements) == (Odd.KEY_COMPROMISED, (revoked, first, second))
    assert "the key of 'phone' of Asha (…" in finding.message
    assert f"it signed 2 statements after {good[:12]}" in finding.message


def test_f40_without_a_last_good_statement_all_that_the_key_signed(world):
    lot = world.sign_off(world.part, "A1", 10, device="phone")
    revoked = world.revoke_key("Asha", "phone", "compromised")
    (finding,) = compromised(world)
    assert finding.statements == (revoked, lot)
    assert "it signed 1 statement in all" in finding.message


def test_f40_a_key_that_signs_its_own_end_vouches_for_that(world):
    world.revoke_key("Asha", "phone", "compromised", using="phone")
    assert not compromised(world)


@pytest.mark.parametrize("reason", ["lost", "scheduled"])
def test_f40_a_key_that_ended_otherwise_is_not_doubted(world, reason):
    world.sign_off(world.part, "A1", 10, device="phone")
    world.revoke_key("Asha", "phone", reason)
    assert not compromised(world)


def test_f40_only_where_something_was_signed_since(world):
    good = world.sign_off(world.part, "A1", 10, device="phone")
    world.revoke_key("Asha", "phone", "compromised", last_good=good)
    assert not compromised(world)


def test_f41_names_the_member_and_both_digests():
    finding = opened_otherwise(name("a"), "/body/lines/0/price", "c" * 64, "d" * 64)
    assert (finding.odd, finding.statements) == (Odd.OPENED_OTHERWISE, (name("a"),))
    assert finding.message.startswith("/body/lines/0/price of aaaaaaaaaaaa commits to cccccccccccc")
    assert dict(finding.figures) == {"committed": "c" * 64, "opened": "d" * 64}


def test_over_a_whole_log_they_are_listed_worst_first(world):
    world.sign_off(world.part, "A1", 10, device="phone")
    world.revoke_key("Asha", "phone", "compromised")
    late = int((NOON + timedelta(days=365)).timestamp())
    links = [
        Link(one.id, one.index, one.iss, one.kid, None, one.event.occurred_at, late) for one in world.log
    ]
    odds = [one.odd for one in log_findings(world.state, links)]
    assert set(odds) == {Odd.KEY_COMPROMISED, Odd.CHAIN_FORK, Odd.LONG_BEFORE}
    assert [odd.severity for odd in odds] == sorted((odd.severity for odd in odds), key=list(Severity).index)
