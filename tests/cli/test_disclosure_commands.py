"""Confidential values from the draft to another machine and out of the world, by the commands."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import sign as sign_module
from cli.main import run
from cli.output import one_line
from ledger.durable import write_durably
from ledger.exchange.draft import read_draft
from ledger.openings import OpeningStore
from ledger.statement.commitment import commitments
from ledger.statement.envelope import read_statement
from ledger.units import StatementId
from tests.support.commands import Tally, on_a_terminal

PASSPHRASE = "four words make one"
PRICE = {"amount": "91234.5", "currency": "INR"}
SECRET = PRICE["amount"]

FRAMEWORK = """
type: framework.signed
body:
  reference: LTA-2026-7
  title: Face shields
  prime: key:prime
  period: {first: 2026-01-01, last: 2026-12-31}
  lines:
    - {line: "1", item: "urn:x:shield", description: Face shield, unit: H87,
       price: {confidential: {amount: "91234.5", currency: INR}}}
    - {line: "2", item: "urn:x:visor", description: Visor, unit: H87,
       price: {confidential: {amount: "7", currency: INR}}}
  law: IN
  tolerance_percent: "0"
  released_by: maker
  keep_apart: []
"""


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("TALLY_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TALLY_PASSPHRASE", PASSPHRASE)
    move_to(tmp_path / "agency", monkeypatch)


def move_to(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go on with another folder, and other keys: what one machine has, the other has not."""
    machine.mkdir(exist_ok=True)
    monkeypatch.chdir(machine)
    monkeypatch.setenv("TALLY_KEYS", str(machine / "keys"))


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
def auditor(tally: Tally, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A party whose key is on another machine."""
    move_to(tmp_path / "auditor", monkeypatch)
    party: str = tally("key", "new", "auditor")["party"]
    move_to(tmp_path / "agency", monkeypatch)
    return party


@pytest.fixture
def signed(tally: Tally) -> Any:
    """The contract, signed with two confidential prices."""
    for name in ("log", "agency", "prime"):
        tally("key", "new", name)
    Path("framework.yaml").write_text(FRAMEWORK)
    return tally("sign", "framework.yaml", "--key", "agency", "-o", "framework.cose")


@pytest.fixture
def registered(tally: Tally, signed: Any) -> Any:
    """The same, in a log."""
    tally("init", "log.example/one", "--key", "log", "--agency", "agency")
    for name, kind in (("agency", "agency"), ("prime", "prime")):
        Path(f"{name}.yaml").write_text(
            f"type: party.enrolled\nbody: {{kind: {kind}, country: IN, name: {name}}}\n"
        )
        tally("sign", f"{name}.yaml", "--key", name, "-o", f"{name}.cose")
    tally("submit", "agency.cose", "prime.cose", "framework.cose", "--receipts", "receipts")
    return signed


def test_signing_keeps_what_opens_the_commitments_beside_the_keys(tally: Tally, signed: Any) -> None:
    assert signed["confidential"] == ["/body/lines/0/price", "/body/lines/1/price"]
    [path] = Path("keys/openings").iterdir()
    assert path.name == f"{signed['id']}.openings"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    statement = Path("framework.cose").read_bytes()
    assert SECRET.encode() not in statement
    kept = OpeningStore(path.parent).read(StatementId(signed["id"]))
    assert {one.pointer: one.digest for one in kept} == commitments(read_statement(statement).payload)


def test_a_statement_without_confidential_values_keeps_nothing(tally: Tally) -> None:
    tally("key", "new", "asha")
    Path("asha.yaml").write_text("type: party.enrolled\nbody: {kind: maker, country: IN, name: Asha}\n")
    assert tally("sign", "asha.yaml", "--key", "asha")["confidential"] == []
    assert not Path("keys/openings").exists()


def test_the_opening_is_durable_before_the_statement_appears(
    tally: Tally, signed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine dies in between: an opening without a statement does no harm, the reverse would."""

    class Died(BaseException):
        pass

    def die(path: Path, data: bytes) -> None:
        assert any(one.stem == read_statement(data).id for one in Path("keys/openings").iterdir())
        raise Died

    monkeypatch.setattr(sign_module, "write_new", die)
    with pytest.raises(Died):
        run(["sign", "framework.yaml", "--key", "agency", "-o", "again.cose", "--json"])
    assert not Path("again.cose").exists()
    assert tally("key", "show", "agency")["last_signed"] == signed["id"]


def test_a_file_in_the_way_leaves_no_opening_behind(tally: Tally, signed: Any) -> None:
    tally("sign", "framework.yaml", "--key", "agency", "-o", "framework.cose", status=8)
    assert len(list(Path("keys/openings").iterdir())) == 1


def test_signing_says_what_is_confidential_and_not_its_value(tally: Tally, signed: Any) -> None:
    told = tally.says("sign", "framework.yaml", "--key", "agency", "-o", "told.cose")
    assert "confidential, committed to at /body/lines/0/price" in told
    assert "tally disclose @told.cose" in told
    assert SECRET not in told, "what goes to a pipe may be kept"


def test_a_person_at_a_terminal_sees_the_values_that_are_signed(signed: Any) -> None:
    told = on_a_terminal(["sign", "framework.yaml", "--key", "agency", "-o", "seen.cose"], ["y"])
    assert f'/body/lines/0/price: {{"amount": "{SECRET}", "currency": "INR"}}' in told


def test_a_disclosure_opens_on_the_machine_it_is_for(
    tally: Tally, signed: Any, auditor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tally(
        "disclose", "@framework.cose", "--to", auditor, "--from", "key:agency", "-o", "prices.disclosure"
    )
    assert made["statements"] == {signed["id"]: signed["confidential"]}
    assert made["to"] == [auditor]
    agency = tally("key", "show", "agency")["party"]
    carry(("framework.cose", "prices.disclosure"), tmp_path / "auditor", monkeypatch)
    opened = tally("open", "prices.disclosure", "--key", "auditor", "--statement", "framework.cose")
    assert (opened["from"], opened["to"]) == (agency, [auditor])
    first, second = opened["values"]
    assert first == {
        "statement": signed["id"],
        "field": "/body/lines/0/price",
        "verified": True,
        "value": PRICE,
    }
    assert second["value"] == {"amount": "7", "currency": "INR"}
    told = tally.says("open", "prices.disclosure", "--key", "auditor", "--statement", "framework.cose")
    assert f'VERIFIED      /body/lines/0/price: {{"amount": "{SECRET}", "currency": "INR"}}' in told
    assert "framework.signed by did:key:" in told
    assert not Path("keys/openings").exists(), "opening keeps no copy"


def test_a_bundle_brings_the_statements_of_a_disclosure(
    tally: Tally, registered: Any, auditor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tally("bundle", registered["id"][:8], "-o", "contract.bundle")
    tally("disclose", registered["id"][:8], "--to", auditor, "-o", "prices.disclosure")
    vkey = Path("tally-log/vkey").read_text().strip()
    carry(("contract.bundle", "prices.disclosure"), tmp_path / "auditor", monkeypatch)
    arguments = ["open", "prices.disclosure", "--key", "auditor", "--bundle", "contract.bundle"]
    assert tally(*arguments, "--log-key", vkey)["values"][0]["value"] == PRICE
    assert run(arguments) == 2, "a bundle is nothing without the log's key"
    told = tally.says("open", "prices.disclosure", "--key", "auditor", status=1)
    assert told.count("NOT VERIFIED") == 2
    assert "is not at hand" in told
    assert SECRET not in told, "nothing is shown that was not compared"
    data = bytearray(Path("contract.bundle").read_bytes())
    data[len(data) // 2] ^= 1
    Path("contract.bundle").write_bytes(data)
    tally(*arguments, "--log-key", vkey, status=1)


def test_a_log_brings_the_statements_of_a_disclosure(tally: Tally, registered: Any) -> None:
    tally("disclose", registered["id"][:8], "--to", "key:prime", "--to", "agency", "-o", "prices.disclosure")
    for key in ("prime", "agency"):
        assert tally("open", "prices.disclosure", "--key", key)["values"][0]["value"] == PRICE


def test_one_field_can_be_disclosed_alone(tally: Tally, signed: Any) -> None:
    field = "/body/lines/1/price"
    tally("disclose", "@framework.cose", "--to", "key:prime", "--field", field, "-o", "one.disclosure")
    opened = tally("open", "one.disclosure", "--key", "prime", "--statement", "framework.cose")
    assert [one["field"] for one in opened["values"]] == [field]
    error = tally(
        "disclose", "@framework.cose", "--to", "key:prime", "--field", "/body/title", "-o", "x", status=4
    )["error"]
    assert field in error["expected"]
    assert not Path("x").exists()


def test_whoever_it_is_not_for_is_told_so(tally: Tally, signed: Any) -> None:
    tally("disclose", "@framework.cose", "--to", "key:prime", "-o", "one.disclosure")
    error = tally("open", "one.disclosure", "--key", "agency", "--statement", "framework.cose", status=7)[
        "error"
    ]
    assert error["code"] == "key-unavailable"
    assert "sealed to" in error["found"]


def test_a_p256_party_is_told_what_to_do(tally: Tally, signed: Any) -> None:
    party = tally("key", "new", "browser", "--kind", "p256")["party"]
    told = tally.says("disclose", "@framework.cose", "--to", party, "-o", "one.disclosure", status=6)
    assert "P-256" in told
    assert "tally key new" in told
    assert not Path("one.disclosure").exists()
    tally("disclose", "@framework.cose", "--to", "key:prime", "-o", "one.disclosure")
    assert "P-256" in tally.says("open", "one.disclosure", "--key", "browser", status=7)


def test_a_party_s_name_is_nobody_to_disclose_to(tally: Tally, registered: Any) -> None:
    """A display name is what a party calls itself: anyone may take any."""
    assert (
        tally("disclose", registered["id"], "--to", "Prime Co", "-o", "x", status=4)["error"]["code"]
        == "not-found"
    )


def test_a_damaged_file_opens_nothing(tally: Tally, signed: Any) -> None:
    tally("disclose", "@framework.cose", "--to", "key:prime", "-o", "sound.disclosure")
    data = Path("sound.disclosure").read_bytes()
    Path("damaged.disclosure").write_bytes(data[:700] + bytes([data[700] ^ 1]) + data[701:])
    told = tally.says(
        "open", "damaged.disclosure", "--key", "prime", "--statement", "framework.cose", status=6
    )
    assert "does not open" in told
    assert SECRET not in told


def test_openings_that_do_not_fit_are_not_handed_out(tally: Tally, signed: Any) -> None:
    """Another statement's file under this one's name, say."""
    again = tally("sign", "framework.yaml", "--key", "agency", "-o", "again.cose")
    store = OpeningStore(Path("keys/openings"))
    store.keep(StatementId(signed["id"]), store.read(StatementId(again["id"])))
    error = tally("disclose", "@framework.cose", "--to", "key:prime", "-o", "x", status=1)["error"]
    assert error["code"] == "opening-invalid"
    assert signed["id"] in error["found"]


def test_erasing_destroys_the_openings_and_drafts_the_statement_that_says_so(
    tally: Tally, signed: Any
) -> None:
    digests = commitments(read_statement(Path("framework.cose").read_bytes()).payload)
    ground = "asked for by the person named: § 17, “their right”"
    gone = tally("erase", "@framework.cose", "--ground", ground, "--yes", "-o", "erasure.yaml")
    assert gone["statement"] == signed["id"]
    assert {one["field"]: one["commitment"] for one in gone["destroyed"]} == digests
    assert list(Path("keys/openings").iterdir()) == []
    draft = yaml.safe_load(Path("erasure.yaml").read_text())
    assert draft == {
        "type": "erasure.recorded",
        "contract": signed["id"],
        "refs": {"target": signed["id"]},
        "body": {"commitments": list(digests.values()), "contents": False, "ground": ground},
    }


@pytest.mark.parametrize(
    "ground", ["no", "2026-05-04", "12", "null", "a: b # c", "two\nlines", "é\u202ea", ""]
)
def test_any_ground_stays_the_text_it_is_in_the_draft(
    tally: Tally, signed: Any, ground: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.exchange.draft.event_type", lambda name: name)
    tally("erase", signed["id"][:6], "--ground", ground, "--yes", "-o", "erasure.yaml")
    assert read_draft(Path("erasure.yaml").read_bytes()).body["ground"] == ground


def test_one_field_can_be_erased_alone(tally: Tally, signed: Any) -> None:
    told = tally.says(
        "erase", signed["id"][:6], "--field", "/body/lines/0/price", "--ground", "asked for", "--yes"
    )
    digest = commitments(read_statement(Path("framework.cose").read_bytes()).payload)["/body/lines/0/price"]
    assert f"{digest}  /body/lines/0/price" in told
    assert Path(f"erasure-{signed['id'][:12]}.yaml").exists()
    tally("disclose", "@framework.cose", "--to", "key:prime", "-o", "rest.disclosure")
    opened = tally("open", "rest.disclosure", "--key", "prime", "--statement", "framework.cose")
    assert [one["field"] for one in opened["values"]] == ["/body/lines/1/price"]
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in Path("keys/openings").iterdir())


def test_after_erasing_nothing_is_disclosed_and_every_proof_still_verifies(
    tally: Tally, registered: Any, auditor: str
) -> None:
    tally("bundle", registered["id"], "-o", "before.bundle")
    tally("disclose", registered["id"], "--to", "key:prime", "-o", "before.disclosure")
    receipt = Path(f"receipts/{registered['id']}.receipt").read_bytes()
    tally("erase", registered["id"][:6], "--ground", "ordered by the court", "--yes")
    told = tally.says("disclose", registered["id"], "--to", auditor, "-o", "after.disclosure", status=4)
    assert "no openings are kept" in told
    assert "erased" in told
    assert "no openings are kept" in tally.says("erase", registered["id"][:6], "--ground", "again", status=4)
    assert tally("verify", "before.bundle", "--log-key", "tally-log/vkey")["verified"] is True
    assert tally("audit")["findings"] == []
    tally("submit", "framework.cose", "--receipts", "again")
    assert Path(f"again/{registered['id']}.receipt").read_bytes() == receipt
    # What was given away before is not called back; the commitment proves it to whoever has it.
    assert tally("open", "before.disclosure", "--key", "prime")["values"][0]["value"] == PRICE


def test_after_erasing_another_value_is_refused(tally: Tally, signed: Any) -> None:
    """Who claims a value without its salt cannot make it fit."""
    store = OpeningStore(Path("keys/openings"))
    statement = StatementId(signed["id"])
    [one, _] = store.read(statement)
    tally("erase", "@framework.cose", "--ground", "asked for", "--yes")
    store.keep(statement, [type(one)(one.pointer, bytes(32), one.value)])
    error = tally("disclose", "@framework.cose", "--to", "key:prime", "-o", "x", status=1)["error"]
    assert error["code"] == "opening-invalid"


def test_nothing_is_destroyed_unasked(tally: Tally, signed: Any) -> None:
    told = tally.says("erase", "@framework.cose", "--ground", "asked for", status=8)
    assert "nothing was destroyed" in told
    assert "--yes" in told
    told = on_a_terminal(["erase", "@framework.cose", "--ground", "asked for"], ["n"], status=130)
    assert "/body/lines/0/price, /body/lines/1/price" in told
    assert len(list(Path("keys/openings").iterdir())) == 1
    on_a_terminal(["erase", "@framework.cose", "--ground", "asked for"], ["y"])
    assert list(Path("keys/openings").iterdir()) == []


def test_a_draft_in_the_way_is_told_before_anything_is_destroyed(tally: Tally, signed: Any) -> None:
    write_durably(Path("there.yaml"), b"precious")
    tally("erase", "@framework.cose", "--ground", "asked for", "--yes", "-o", "there.yaml", status=8)
    assert len(list(Path("keys/openings").iterdir())) == 1
    tally("erase", "@framework.cose", "--ground", "x", "--yes", "--field", "/body/title", status=4)
    assert len(list(Path("keys/openings").iterdir())) == 1


def test_no_value_is_told_when_a_draft_is_wrong(tally: Tally, signed: Any) -> None:
    Path("bad.yaml").write_text(FRAMEWORK.replace("currency: INR", "currency: INRR"))
    told = tally.says("sign", "bad.yaml", "--key", "agency", status=6)
    assert "body.lines.0.price" in told
    assert SECRET not in told
    assert "INRR" not in told


def test_disclosed_text_cannot_play_with_the_terminal(tally: Tally) -> None:
    """A name was checked when it was committed to here; a foreign signer may have committed to anything."""
    assert one_line("a\x1b[2J\u202eb\u2028\x9bc ü") == '"a\\u001b[2J\\u202eb\\u2028\\u009bc ü"'


def test_a_person_is_asked_what_is_confidential_when_all_else_is_right(tally: Tally) -> None:
    tally("key", "new", "asha")
    optional = ["", "", "n", "n"]  # facility, phone; position and recovery have parts of their own
    answers = ["party.enrolled", "maker", "IN", "Asha", *optional, "y", "y"]
    told = on_a_terminal(["sign", "--key", "asha", "-o", "asked.cose"], answers)
    assert "body.name: confidential?" in told
    statement = read_statement(Path("asked.cose").read_bytes())
    [(pointer, digest)] = commitments(statement.payload).items()
    [opening] = OpeningStore(Path("keys/openings")).read(statement.id)
    assert (pointer, digest, opening.value) == ("/body/name", opening.digest, "Asha")


def carry(files: tuple[str, ...], to: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take files, and nothing else, to another machine, and go on there."""
    for name in files:
        shutil.copy(name, to / name)
    move_to(to, monkeypatch)
