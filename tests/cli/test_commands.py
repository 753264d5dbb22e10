"""The commands as their users run them: what they print for machines, how they fail, what they leave behind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from tests.support.commands import Tally, on_a_terminal

PASSPHRASE = "four words make one"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("TALLY_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TALLY_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("TALLY_PASSPHRASE", PASSPHRASE)


@pytest.fixture
def tally() -> Tally:
    return Tally()


def enrol(name: str, kind: str = "maker") -> str:
    path = Path(f"enrol-{name}.yaml")
    path.write_text(f"type: party.enrolled\nbody: {{kind: {kind}, country: IN, name: {name}}}\n")
    return str(path)


@pytest.fixture
def log(tally: Tally) -> Any:
    for name in ("log", "agency", "asha"):
        tally("key", "new", name)
    return tally("init", "log.example/one", "--key", "log", "--agency", "agency")


def test_a_key_is_made_listed_shown_and_exported_and_its_secret_never(tally: Tally, tmp_path: Path) -> None:
    made = tally("key", "new", "asha", "--kind", "p256")
    assert made["kind"] == "P-256"
    assert tally("key", "list") == [made]
    assert tally("key", "show", made["party"][-10:]) == made
    assert tally("key", "export", "asha")["key"] == made["party"]
    told = tally.says("key", "show", "asha") + tally.says("key", "list")
    assert PASSPHRASE not in told
    assert "PRIVATE" not in told


def test_a_log_says_its_key_and_is_made_once(tally: Tally, log: Any) -> None:
    assert log["vkey"].startswith("log.example/one+")
    assert (
        tally("key", "export", "log", "--format", "vkey", "--name", "log.example/one")["key"] == log["vkey"]
    )
    error = tally("init", "log.example/one", "--key", "log", "--agency", "agency", status=5)["error"]
    assert "exists already" in error["found"]


def test_signing_chains_statements_of_one_key(tally: Tally, log: Any) -> None:
    first = tally("sign", enrol("Asha"), "--key", "asha")
    assert Path(first["file"]).name == f"party.enrolled-{first['id'][:12]}.cose"
    assert tally("key", "show", "asha")["last_signed"] == first["id"]
    second = tally("sign", enrol("Asha"), "--key", "asha")
    assert second["id"] != first["id"], "it names the first as its previous one"


def test_a_draft_with_faults_is_explained_and_signs_nothing(tally: Tally, log: Any) -> None:
    Path("bad.yaml").write_text("type: party.enrolled\nbody: {kind: wizard, country: XX}\n")
    error = tally("sign", "bad.yaml", "--key", "asha", status=6)["error"]
    assert error["code"] == "malformed-event"
    assert [problem.split(":")[0] for problem in error["problems"]] == [
        "body.kind",
        "body.country",
        "body.name",
    ]
    assert tally("key", "show", "asha")["last_signed"] is None
    assert not list(Path().glob("*.cose"))


def test_nothing_is_overwritten_and_the_chain_does_not_advance(tally: Tally, log: Any) -> None:
    Path("out.cose").write_bytes(b"precious")
    tally("sign", enrol("Asha"), "--key", "asha", "-o", "out.cose", status=8)
    assert Path("out.cose").read_bytes() == b"precious"
    assert tally("key", "show", "asha")["last_signed"] is None


def test_submitting_twice_does_no_harm(tally: Tally, log: Any) -> None:
    tally("sign", enrol("Asha"), "--key", "asha", "-o", "signed/asha.cose")
    [first] = tally("submit", "signed", "--receipts", "receipts")
    [again] = tally("submit", "signed/asha.cose", "--receipts", "receipts")
    assert (first["new"], again["new"]) == (True, False)
    assert first["index"] == again["index"]
    assert [path.name for path in Path("receipts").iterdir()] == [f"{first['id']}.receipt"]


def test_a_refused_statement_is_told_and_the_others_go_in(tally: Tally, log: Any) -> None:
    tally("sign", enrol("Asha"), "--key", "asha", "-o", "signed/a.cose")
    tally("sign", enrol("Asha"), "--key", "asha", "-o", "signed/b.cose")
    Path("signed/c.cose").write_bytes(b"no statement")
    outcomes = tally("submit", "signed", status=6)
    assert outcomes[0]["new"] is True
    assert outcomes[1]["error"]["rule"] == "R05 enrols-once"
    assert outcomes[2]["error"]["code"].startswith("malformed")
    told = tally.says("submit", "signed/b.cose", status=3)
    assert "R05 enrols-once" in told
    assert "to do:" in told


def test_without_the_logs_key_nothing_is_written(
    tally: Tally, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tally("sign", enrol("Asha"), "--key", "asha", "-o", "a.cose")
    monkeypatch.setenv("TALLY_KEYS", "elsewhere")
    assert tally("submit", "a.cose", status=7)["error"]["code"] == "key-unavailable"


def test_a_wrong_passphrase_is_told_and_not_repeated(
    tally: Tally, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLY_PASSPHRASE", "not the passphrase")
    told = tally.says("sign", enrol("Asha"), "--key", "asha", status=7)
    assert "not the passphrase" not in told


def test_a_passphrase_comes_from_a_file(tally: Tally, log: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TALLY_PASSPHRASE")
    Path("secret").write_text(PASSPHRASE + "\n")
    tally("sign", enrol("Asha"), "--key", "asha", "--passphrase-file", "secret")
    assert tally("sign", enrol("Asha"), "--key", "asha", status=7)["error"]["code"] == "key-unavailable"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["trace", "zz"], 4),
        (["trace", "0000"], 4),
        (["bundle", "0000"], 4),
        (["submit", "nowhere"], 4),
        (["verify", "nowhere", "--log-key", "x+1"], 4),
        (["key", "show", "nobody"], 4),
        (["trace", "--log", "nowhere"], 4),
        (["fsck", "--log", "nowhere"], 4),
    ],
)
def test_what_is_not_there_is_exit_status_4(
    tally: Tally, log: Any, arguments: list[str], status: int
) -> None:
    assert "error" in tally(*arguments, status=status)


def test_a_bad_command_line_is_exit_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sign", "--no-such-option"]) == 2
    assert run(["frobnicate"]) == 2
    capsys.readouterr()


def test_a_damaged_bundle_is_not_verified(tally: Tally, log: Any) -> None:
    tally("sign", enrol("Asha"), "--key", "asha", "-o", "a.cose")
    tally("submit", "a.cose")
    tally("bundle", "@a.cose", "-o", "a.bundle")
    assert tally("verify", "a.bundle", "--log-key", log["vkey"])["verified"] is True
    assert tally("verify", "a.bundle", "--log-key", "tally-log/vkey")["verified"] is True
    data = bytearray(Path("a.bundle").read_bytes())
    data[len(data) // 2] ^= 1
    Path("b.bundle").write_bytes(data)
    told = tally.says("verify", "b.bundle", "--log-key", log["vkey"], status=1)
    assert "NOT VERIFIED" in told


def test_fsck_and_audit_of_a_sound_log_exit_0_and_of_a_damaged_one_5(tally: Tally, log: Any) -> None:
    assert tally("fsck")["size"] == 1
    assert tally("audit")["findings"] == []
    Path("tally-log/high-water").write_text("nonsense")
    assert tally("fsck", status=5)["error"]["code"] == "log-inconsistent"


def test_event_text_is_printed_as_it_is(tally: Tally, log: Any) -> None:
    """Markup, escape sequences and bidirectional tricks in a name neither style nor hide anything."""
    Path("odd.yaml").write_text(
        'type: party.enrolled\nbody: {kind: maker, country: IN, name: "[red]x[/red] [link=http://e]"}\n'
    )
    assert "[red]x[/red] [link=http://e]" in tally.says("sign", "odd.yaml", "--key", "asha")
    Path("esc.json").write_text(
        '{"type": "party.enrolled", "body": {"kind": "maker", "country": "IN", "name": "a\\u001b[2Jb"}}'
    )
    tally("sign", "esc.json", "--key", "asha", status=6)


def test_a_person_at_a_terminal_is_asked_field_by_field(tally: Tally, log: Any) -> None:
    """What is wrong is explained and asked for again; optional fields may be left empty."""
    optional = ["", "", "n", "n"]  # facility, phone; position and recovery have parts of their own
    answers = ["party.enrolled", "wizard", "IN", "Asha", *optional, "maker", "n", "y"]
    told = on_a_terminal(["sign", "--key", "asha", "-o", "asked.cose"], answers)
    assert "body.kind" in told
    assert "body.name: confidential?" in told
    assert "signed:" in told, told
    assert Path("asked.cose").is_file()


def test_a_person_who_says_no_signs_nothing(tally: Tally, log: Any) -> None:
    told = on_a_terminal(["sign", enrol("Asha"), "--key", "asha", "-o", "no.cose"], ["n"], status=130)
    assert "nothing was written" in told
    assert not Path("no.cose").exists()
