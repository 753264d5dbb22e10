"""The audit of a whole log: what it counts, and that a dishonest or damaged log does not pass."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.audit.whole import Audit, audit_log
from ledger.errors import LogInconsistent
from ledger.log import writer as writer_module
from ledger.log.folder import LogFolder
from ledger.log.log import Log
from ledger.log.reader import LogReader
from ledger.log.writer import Registered
from ledger.trace.down import trace_down
from tests.support.spine import CLOCK, LOG_SIGNER, Spine, h87, make_log

NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def spine() -> Spine:
    return Spine()


@pytest.fixture
def log(spine: Spine, tmp_path: Path) -> Path:
    return make_log(tmp_path / "log", spine.statements, spine.agency.party)


def audited(log: Path, as_of: datetime | None = NOW) -> Audit:
    with LogReader.open(log) as reader:
        return audit_log(reader, LogFolder(log).mark, as_of=as_of)


def change(log: Path, statement: str, *values: Any) -> None:
    """Change the database as somebody with access to it could."""
    db = sqlite3.connect(LogFolder(log).database)
    for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {trigger}")
    db.execute(statement, values)
    db.commit()
    db.close()


def test_an_audit_counts_every_entry_and_finds_what_is_odd(log: Path, spine: Spine) -> None:
    audit = audited(log)
    assert audit.checked.size == len(spine.statements) + 1
    assert sum(audit.types.values()) == audit.checked.size
    assert audit.keys == 7
    labels = [finding.odd.label[:3] for finding in audit.findings]
    assert labels == ["F04", "F05", "F08", "F13"], "B1 not received, A1 short and damaged, the order overdue"
    [contract] = audit.contracts
    [line] = trace_down(contract.situation).lines
    assert (line.totals.ordered, line.totals.signed_off, line.totals.received) == (1000, 600, 290)


def test_what_depends_on_the_day_is_judged_only_with_a_day(log: Path) -> None:
    assert [finding.odd.label[:3] for finding in audited(log, None).findings] == ["F05", "F08"]


def test_a_forked_chain_shows(log: Path, spine: Spine) -> None:
    fork = Spine().asha  # the same key, with its chain from the start
    with Log.open(log, LOG_SIGNER, clock=lambda: CLOCK) as opened:
        again = fork.sign(
            "delivery.dispatched",
            {
                "waybill": "W-9",
                "to": spine.store.party,
                "origin": {"country": "IN"},
                "destination": {"country": "IN"},
                "items": [{"lot": spine.id("lot A1"), "quantity": h87(1)}],
            },
            {"lots": [spine.id("lot A1")]},
            sub=spine.contract,
        )
        # `fork` goes on from Asha's last statement; a second one from the same place is the fork.
        fork.prev = spine.asha.prev
        twice = fork.sign(
            "delivery.dispatched",
            {**_waybill(spine, "W-10")},
            {"lots": [spine.id("lot A1")]},
            sub=spine.contract,
        )
        assert all(isinstance(one, Registered) for one in opened.append([again, twice]))
    labels = {finding.odd.label[:3] for finding in audited(log, None).findings}
    assert "F17" in labels
    assert "F01" in labels, "302 of the 300 released were dispatched"


def _waybill(spine: Spine, waybill: str) -> dict[str, Any]:
    return {
        "waybill": waybill,
        "to": spine.store.party,
        "origin": {"country": "IN"},
        "destination": {"country": "IN"},
        "items": [{"lot": spine.id("lot A1"), "quantity": h87(1)}],
    }


def test_a_log_that_registered_against_its_rules_is_named(
    log: Path, spine: Spine, monkeypatch: pytest.MonkeyPatch
) -> None:
    too_much = Spine().prime.sign(
        "allocation.offered",
        {"maker": spine.bo.party, "lines": [{"line": "1", "quantity": h87(101)}], "due": "2026-05-20"},
        {"parent": spine.id("calloff")},
        sub=spine.contract,
    )
    monkeypatch.setattr(writer_module, "admit", lambda _view, _recorded: {})
    with Log.open(log, LOG_SIGNER, clock=lambda: CLOCK) as opened:
        [outcome] = opened.append([too_much])
        assert isinstance(outcome, Registered)
    with pytest.raises(LogInconsistent, match=rf"entry {outcome.index} .*R17"):
        audited(log)


def test_a_signature_that_does_not_verify_is_named(
    log: Path, spine: Spine, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = Spine().asha.sign("party.enrolled", {"kind": "maker", "country": "IN", "name": "x"})
    forged = genuine[:-1] + bytes([genuine[-1] ^ 1])
    monkeypatch.setattr(writer_module, "admit", lambda _view, _recorded: {})
    monkeypatch.setattr("ledger.statement.keys.Ed25519Key.verify", lambda *_: None)
    with Log.open(log, LOG_SIGNER, clock=lambda: CLOCK) as opened:
        [outcome] = opened.append([forged])
    monkeypatch.undo()
    assert isinstance(outcome, Registered)
    with pytest.raises(LogInconsistent, match=f"entry {outcome.index} does not open"):
        audited(log)


@pytest.mark.parametrize(
    ("statement", "values", "told"),
    [
        ("UPDATE entries SET type = 'party.enrolled' WHERE idx = 8", (), "entry 8"),
        ("UPDATE entries SET contract = NULL WHERE idx = 9", (), "entry 9"),
        ("UPDATE entries SET registered_at = registered_at - 1 WHERE idx = 9", (), "entry 9"),
        (
            "UPDATE contents SET statement = (SELECT statement FROM contents WHERE idx = 3) WHERE idx = 4",
            (),
            "entry 4",
        ),
        ("UPDATE entries SET chain = zeroblob(32) WHERE idx = 5", (), "entry 5"),
        ("DELETE FROM state WHERE kind = 'lot'", (), "state"),
        (
            "UPDATE state SET record = (SELECT record FROM state WHERE kind = 'lot' LIMIT 1) WHERE kind = 'lot'",
            (),
            "state",
        ),
        ("DELETE FROM contents WHERE idx = 12", (), "entry 12"),
    ],
)
def test_a_changed_database_is_named(log: Path, statement: str, values: tuple[Any, ...], told: str) -> None:
    change(log, statement, *values)
    with pytest.raises(LogInconsistent, match=told):
        audited(log)


def test_with_workers_the_audit_comes_to_the_same(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = audited(log)
    monkeypatch.setattr("ledger.audit.whole.WORTH_PROCESSES", 1)
    together = audited(log)
    assert (together.state, together.types, together.findings) == (alone.state, alone.types, alone.findings)
