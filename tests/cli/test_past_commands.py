"""A log asked about its past: traces, audits and differences at any size and time it had, and reports in every kind."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path

import pytest

from ledger.log.log import Log, create_log
from ledger.log.reader import LogReader
from ledger.log.writer import Registered
from ledger.units import TreeSize
from tests.support.commands import Tally
from tests.support.spine import LOG_SIGNER, ORIGIN, Actor, Spine, framework_body

DAYS = ("2026-05-04T14:00:00+00:00", "2026-05-06T08:00:00+00:00", "2026-05-20T08:00:00+00:00")
"""When the contract, its allocations and its goods were registered."""
SIZES = (11, 17, 23)
"""Of the log after each; the policy is its first entry."""
LATER = "2026-07-01T00:00:00+00:00"


def grow(path: Path, statements: list[bytes], at: str) -> None:
    now = int(datetime.fromisoformat(at).timestamp())
    with Log.open(path, LOG_SIGNER, clock=lambda: now) as log:
        assert all(isinstance(outcome, Registered) for outcome in log.append(statements))


@pytest.fixture(scope="module")
def spine() -> Spine:
    return Spine()


@pytest.fixture
def log(spine: Spine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The spine in three groups, on three days; the commands find it."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("TALLY_"):
            monkeypatch.delenv(name)
    path = tmp_path / "tally-log"
    policy = {"origin": ORIGIN, "agencies": [spine.agency.party], "erasure": "On a court's order."}
    create_log(path, LOG_SIGNER, policy, "2026-05-01T00:00:00Z", clock=lambda: 1_777_600_000)
    for start, stop, day in zip(
        (0, *(size - 1 for size in SIZES)), (size - 1 for size in SIZES), DAYS, strict=False
    ):
        grow(path, spine.statements[start:stop], day)
    return path


@pytest.fixture
def tally(log: Path) -> Tally:
    return Tally()


def root(log: Path, size: int) -> str:
    with LogReader.open(log) as reader:
        return reader.root(TreeSize(size)).hex()


# Trace


def test_a_trace_at_a_size_knows_nothing_of_what_came_later(tally: Tally, log: Path, spine: Spine) -> None:
    told = tally("trace", spine.contract[:12], "--at", "17")
    [line] = told["lines"]
    assert (line["allotted"], line["signed_off"], line["received"]) == ("900", "0", "0")
    assert told["deliveries"] == []
    assert told["log"] == {
        "size": 17,
        "root": root(log, 17),
        "published": True,
        "registered_at": DAYS[1],
        "as_of": DAYS[1],
    }
    now = tally("trace", spine.contract[:12])
    assert now["lines"][0]["received"] == "290"
    assert (now["log"]["size"], now["log"]["root"]) == (23, root(log, 23))


def test_a_size_between_two_checkpoints_is_told_as_one(tally: Tally, log: Path, spine: Spine) -> None:
    told = tally("trace", spine.contract[:12], "--at", "19")
    assert told["log"]["published"] is False
    assert told["log"]["root"] == root(log, 19)
    assert told["lines"][0]["signed_off"] == "500", "A1 and B1; B2 is the 20th"
    assert "No checkpoint of exactly this size was published" in tally.says(
        "trace", spine.contract, "--at", "19"
    )


@pytest.mark.parametrize(
    ("time", "size"),
    [
        ("2026-05-06T07:59:59Z", 11),
        ("2026-05-06T08:00:00Z", 17),
        ("2026-05-06T13:30:00+05:30", 17),
        ("2026-05-20T07:59:59.999Z", 17),
        (LATER, 23),
    ],
)
def test_a_time_is_answered_by_the_size_the_log_had_then(
    tally: Tally, spine: Spine, time: str, size: int
) -> None:
    told = tally("trace", spine.contract, "--at", time)["log"]
    assert told["size"] == size
    assert told["registered_at"] <= told["as_of"] or size == 23
    told = tally.says("trace", spine.contract, "--at", time)
    assert f"The log with its first {size} entries: root " in told
    assert "the log's own word" in told


def test_what_is_late_is_judged_by_the_time_asked_for(tally: Tally, spine: Spine) -> None:
    """The order is due on 1 June: not late when the 23rd entry came, late a month on, and whenever --as-of says so."""
    for arguments, late in (
        (["--at", "23"], False),
        (["--at", LATER], True),
        (["--at", "23", "--as-of", LATER], True),
        (["--at", LATER, "--as-of", DAYS[2]], False),
    ):
        assert ("F13 overdue" in tally.says("trace", spine.contract, *arguments)) is late, arguments


def test_a_delivery_is_traced_up_as_it_was(tally: Tally, spine: Spine) -> None:
    lot = spine.id("lot A1")
    told = tally("trace", lot, "--at", "18")
    assert told["contract"] == spine.contract
    assert told["path"][-1]["statement"] == lot
    assert "lot A1" in tally.says("trace", lot, "--at", "18")


def test_the_contracts_of_a_size_are_listed(tally: Tally, spine: Spine) -> None:
    assert tally("trace", "--at", "7") | {"log": None} == {"log": None, "contracts": []}
    [listed] = tally("trace", "--at", "8")["contracts"]
    assert listed["id"] == spine.contract
    assert "There are no contracts" in tally.says("trace", "--at", "7")
    assert "LTA-2026-7" in tally.says("trace", "--at", "8")


@pytest.mark.parametrize(
    ("at", "status", "found"),
    [
        ("0", 4, "has not had size 0"),
        ("24", 4, "has not had size 24"),
        ("999999999999999", 4, "has not had size"),
        ("9" * 40, 6, "neither a size nor a time"),
        ("-1", 6, "neither a size nor a time"),
        ("２", 6, "neither a size nor a time"),
        ("2026-05-06", 6, "neither a size nor a time"),
        ("2026-05-06T08:00:00", 6, "neither a size nor a time"),
        ("2026-04-01T00:00:00Z", 4, "nothing was registered in this log by"),
    ],
)
def test_what_the_log_never_was_is_refused(tally: Tally, at: str, status: int, found: str) -> None:
    for command in (["trace"], ["audit"]):
        error = tally(*command, f"--at={at}", status=status)["error"]
        assert found in error["found"]
        assert error["expected"]


def test_a_statement_that_came_later_is_told_with_its_place(tally: Tally, spine: Spine) -> None:
    error = tally("trace", spine.id("receipt A1"), "--at", "22", status=4)["error"]
    assert "entry 22" in error["found"]
    assert "--at 23" in error["expected"]


# Audit


def test_a_beginning_is_audited_as_it_was_then(tally: Tally, log: Path) -> None:
    told = tally("audit", "--at", "17")
    assert (told["size"], told["root"], told["whole"]) == (17, root(log, 17), False)
    assert (told["registered_at"], told["as_of"]) == (DAYS[1], DAYS[1])
    assert told["findings"] == []
    assert sum(told["types"].values()) == 17
    said = tally.says("audit", "--at", "17")
    assert "sound: 17 entries" in said
    assert "was not compared" in said
    assert root(log, 17) in said


def test_an_audit_of_the_whole_log_compares_what_it_keeps(tally: Tally, log: Path) -> None:
    told = tally("audit", "--at", "23")
    assert told["whole"] is True
    assert {one["finding"][:3] for one in told["findings"]} == {"F05", "F08"}
    late = tally("audit", "--at", LATER)
    assert {one["finding"][:3] for one in late["findings"]} == {"F04", "F05", "F08", "F13"}


# Diff


def test_a_diff_tells_what_was_registered_between_two_sizes(tally: Tally, log: Path, spine: Spine) -> None:
    told = tally("diff", "11", "23")
    assert told["contract"] == spine.contract
    assert (told["from"]["root"], told["to"]["root"]) == (root(log, 11), root(log, 23))
    assert told["from"]["as_of"] == told["to"]["as_of"] == DAYS[2]
    [line] = told["lines"]
    changed = {name: now for name, now in line["now"].items() if line["was"][name] != now}
    assert changed == {
        "allotted": "900", "signed_off": "600", "dispatched": "500", "received": "290", "damaged": "4", "open": "710",
    }  # fmt: skip
    assert {one["name"].split(" (")[0] for one in told["makers"]} == {"Asha", "Bo", "Pune Hub"}
    assert told["lots"] == [spine.id(f"lot {name}") for name in ("A1", "B1", "B2")]
    assert told["dispatches"] == [spine.id("dispatch A1"), spine.id("dispatch B1")]
    assert told["receipts"] == [spine.id("receipt A1")]
    assert {one["finding"][:3] for one in told["findings"]["opened"]} == {"F05", "F08"}
    assert (
        told["findings"]["closed"]
        == told["findings"]["changed"]
        == told["calloffs"]
        == told["taken_back"]
        == []
    )


def test_a_person_reads_the_diff(tally: Tally) -> None:
    said = tally.says("diff", DAYS[1], LATER)
    for told in (
        "LTA-2026-7  Face shields",
        "signed off",
        "+600",
        "New lots: 3",
        "signed off lot A1: 300 pieces of line 1",
        "Findings opened",
        "Findings changed: 1",
        "before: call-off CO-1, line 1: 1,000 pieces have not arrived",
        "The log with its first 17 entries",
        "The log with its first 23 entries",
        f"What is late is judged as of {LATER}, in both.",
    ):
        assert told in said, told


def test_both_sides_are_judged_by_one_day(tally: Tally) -> None:
    """Overdue on both sides: time alone opens nothing."""
    told = tally("diff", "16", "17", "--as-of", LATER)
    assert told["findings"] == {"opened": [], "closed": [], "changed": []}
    assert told["from"]["as_of"] == told["to"]["as_of"] == LATER


def test_nothing_changed_is_said(tally: Tally) -> None:
    assert "Nothing changed." in tally.says("diff", "23", "23")


def test_a_diff_of_several_contracts_asks_for_one(tally: Tally, log: Path, spine: Spine) -> None:
    other = second_contract(spine, log)
    error = tally("diff", "23", "24", status=4)["error"]
    assert other[:12] in error["expected"]
    assert tally("diff", "22", "24", spine.contract)["receipts"] == [spine.id("receipt A1")]
    error = tally("diff", "23", "24", other, status=4)["error"]
    assert "entry 23" in error["found"], "it was not there yet"


def test_a_diff_that_cannot_be_told_is_refused(tally: Tally, spine: Spine) -> None:
    assert "give the earlier first" in tally.says("diff", "23", "11", status=2)
    assert "not there yet at size 7" in tally("diff", "7", "23", status=4)["error"]["found"]
    assert "there is no contract yet" in tally("diff", "2", "7", status=4)["error"]["found"]
    assert "is not a contract" in tally("diff", "11", "23", spine.id("lot A1"), status=4)["error"]["found"]
    assert "neither" in tally("diff", "11", "yesterday", status=6)["error"]["found"]


# Report


@pytest.mark.parametrize(
    ("ending", "begins"), [(".html", b"<!doctype html>"), (".pdf", b"%PDF-"), (".json", b"{")]
)
def test_a_report_is_of_the_kind_its_name_says(tally: Tally, ending: str, begins: bytes) -> None:
    told = tally("audit", "--as-of", LATER, "--report", f"report{ending}")
    assert told["report"] == f"report{ending}"
    assert Path(f"report{ending}").read_bytes().startswith(begins)


def test_a_report_says_what_it_is_made_from(tally: Tally, log: Path, spine: Spine) -> None:
    assert "report written to r.json" in tally.says("audit", "--as-of", LATER, "--report", "r.json")
    report = json.loads(Path("r.json").read_bytes())
    evidence = report["evidence"]
    assert (evidence["size"], evidence["root"], evidence["of_contract"]) == (23, root(log, 23), 16)
    assert evidence["note"].split("\n")[:2] == [ORIGIN, "23"]
    assert {one["label"][:3] for one in report["findings"]} == {"F04", "F05", "F08", "F13"}
    [line] = report["lines"]
    assert (line["figures"]["made"], line["figures"]["signed_off"]) == ("615", "600")


def test_a_report_of_the_past_has_the_checkpoint_of_then_if_there_was_one(tally: Tally) -> None:
    tally("audit", "--at", "17", "--report", "published.json")
    evidence = json.loads(Path("published.json").read_bytes())["evidence"]
    assert (evidence["note"].split("\n")[1], evidence["of_contract"]) == ("17", 10)
    tally("audit", "--at", "18", "--report", "between.json")
    assert json.loads(Path("between.json").read_bytes())["evidence"]["note"] == ""


def test_a_report_is_made_again_after_the_log_has_grown(tally: Tally, log: Path, spine: Spine) -> None:
    """By the very command that stands in it, to the last byte."""
    tally("audit", "--as-of", LATER, "--report", "first.html")
    page = Path("first.html").read_bytes()
    second_contract(spine, log)
    command = f"tally audit --at 23 --as-of {LATER} --contract {spine.contract[:12]} --report again.html"
    assert command.encode() in page
    tally(*command.split()[1:])
    assert Path("again.html").read_bytes() == page


def test_a_report_of_several_contracts_asks_for_one(tally: Tally, log: Path, spine: Spine) -> None:
    other = second_contract(spine, log)
    error = tally("audit", "--report", "r.html", status=4)["error"]
    assert "2 contracts" in error["found"]
    assert other[:12] in error["expected"]
    assert not Path("r.html").exists()
    tally("audit", "--report", "r.json", "--contract", other[:12])
    assert json.loads(Path("r.json").read_bytes())["contract"] == other
    error = tally("audit", "--report", "r.html", "--contract", spine.id("lot A1"), status=4)["error"]
    assert "is not a contract" in error["found"]


def test_a_report_that_could_not_be_written_stops_the_audit_before_it_begins(
    tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.audit.audit_log", lambda *_, **__: pytest.fail("it was begun"))
    for name in ("report.docx", "report", "report.HTML"):
        error = tally("audit", "--report", name, status=6)["error"]
        assert ".html, .pdf, .json" in error["expected"]
    Path("there.html").write_text("precious")
    assert "exists already" in tally("audit", "--report", "there.html", status=8)["error"]["found"]
    monkeypatch.setitem(sys.modules, "typst", None)
    error = tally("audit", "--report", "r.pdf", status=8)["error"]
    assert "tallystick[pdf]" in error["hint"]
    assert "--report" in tally.says("audit", "--contract", "abcd", status=2)


def second_contract(spine: Spine, log: Path) -> str:
    """Another contract of the same buyer, registered last; answers its id."""
    agency = Actor("Relief Agency", "agency")
    agency.prev = spine.agency.prev
    body = framework_body(spine.prime.party) | {"reference": "LTA-2026-8"}
    grow(log, [agency.sign("framework.signed", body)], DAYS[2])
    assert agency.prev is not None, "it has signed"
    return agency.prev
