"""`--url`: submitting to a log on another machine, its bundles, and what is remembered of it, through a real server."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.keystore import KeyStore
from ledger.proof.note import format_vkey
from ledger.proof.receipt import open_receipt
from ledger.units import Entry
from tests.support.between import KEY, listening
from tests.support.commands import Tally
from tests.support.log_world import enrolment, enrolments, entry_of, grown_log, id_of
from tests.support.spine import ORIGIN, Actor, make_log

VKEY = format_vkey(KEY)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("TALLY_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TALLY_MEMORY", str(tmp_path / "memory"))
    Path("signed").mkdir()
    for number in (20, 21):
        Path(f"signed/{number}.cose").write_bytes(enrolment(number))


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture(scope="module")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return grown_log(tmp_path_factory.mktemp("served") / "log", [enrolments(4)])


@pytest.fixture(scope="module")
def url(beginning: Path) -> Iterator[str]:
    with listening(beginning) as url:
        yield url


def test_statements_are_submitted_to_a_url_and_receipts_kept(tally: Tally, url: str) -> None:
    done = tally("submit", "signed", "--url", url, "--log-key", VKEY, "--receipts", "receipts")
    assert [one["id"] for one in done] == [id_of(enrolment(20)), id_of(enrolment(21))]
    assert all(one["registered_at"].endswith("Z") for one in done)
    receipt = Path(f"receipts/{done[0]['id']}.receipt").read_bytes()
    assert open_receipt(receipt, Entry(entry_of(enrolment(20))), KEY.key, ORIGIN).index == done[0]["index"]
    assert tally("submit", "signed", "--url", url, "--receipts", "receipts") == done
    told = tally.says("submit", "signed/20.cose", "--url", url)
    assert f"registered {done[0]['registered_at']}" in told


def test_without_a_key_the_way_to_one_is_told_or_the_server_is_believed_on_request(
    tally: Tally, url: str
) -> None:
    error = tally("submit", "signed", "--url", url, status=1)["error"]
    assert error["code"] == "key-unknown"
    assert "--log-key" in error["hint"]
    told = tally.says("submit", "signed", "--url", url, "--trust-on-first-use")
    assert f"trusted on first use, and remembered: {VKEY}" in told
    assert "trusted" not in tally.says("submit", "signed", "--url", url)


def test_what_is_refused_is_the_servers_word_and_the_others_go_in(tally: Tally, url: str) -> None:
    Path("signed/x.cose").write_bytes(enrolment(22)[:-1] + b"\0")
    outcomes = tally("submit", "signed", "--url", url, "--log-key", VKEY, status=1)
    assert [("index" in one) for one in outcomes] == [True, True, False]
    assert outcomes[2]["error"]["code"] == "signature-invalid"
    assert outcomes[2]["error"]["found"].startswith("the server says: ")
    told = tally.says("submit", "signed", "--url", url, status=1)
    assert "the server says: " in told


def test_a_bundle_comes_verified_and_verify_asks_whether_the_log_goes_on(tally: Tally, url: str) -> None:
    made = tally("bundle", id_of(enrolment(1))[:12], "--url", url, "--log-key", VKEY, "-o", "one.bundle")
    assert made["claim"] == id_of(enrolment(1))
    tally("submit", "signed", "--url", url)
    assert "log" not in tally("verify", "one.bundle", "--log-key", VKEY)
    shown = tally("verify", "one.bundle", "--log-key", VKEY, "--url", url)
    assert (shown["verified"], shown["log"]["url"]) == (True, url)
    assert shown["log"]["size"] >= shown["checkpoint"]["size"]
    assert "they begin with this checkpoint's" in tally.says(
        "verify", "one.bundle", "--log-key", VKEY, "--url", url
    )
    Path("two.cose").write_bytes(enrolment(1))
    assert tally("bundle", "@two.cose", "--url", url, "-o", "two.bundle")["claim"] == made["claim"]


def test_a_log_that_went_back_fails_with_status_1_and_a_file(
    tally: Tally, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tally("submit", "signed", "--url", url, "--log-key", VKEY)
    tally("bundle", id_of(enrolment(20)), "--url", url, "-o", "one.bundle")
    with listening(grown_log(tmp_path / "older", [enrolments(4)])) as older:
        for command in (["submit", "signed"], ["verify", "one.bundle"]):
            error = tally(*command, "--url", older, "--log-key", VKEY, status=1)["error"]
            assert error["code"] == "log-rolled-back"
    [path] = Path("memory/evidence").iterdir()
    assert path.name in error["found"]
    assert json.loads(path.read_text())["log"] == VKEY
    monkeypatch.setenv("TALLY_MEMORY", str(tmp_path / "afresh"))
    tally("submit", "signed", "--url", url, "--log-key", VKEY)


def test_what_is_for_later_waits_in_the_outbox_and_is_sent_from_there(tally: Tally, url: str) -> None:
    assert tally("outbox") == tally("outbox", "list") == []
    assert "nothing waits" in tally.says("outbox")
    put = tally("submit", "signed", "--url", url, "--later", "--log-key", VKEY)
    assert [one["waits_for"] for one in put] == [url, url]
    tally.says("submit", "signed/20.cose", "--url", url, "--later")
    waiting = tally("outbox", "list")
    assert {one["id"] for one in waiting} == {one["id"] for one in put}
    assert {(one["type"], one["error"]) for one in waiting} == {("party.enrolled", None)}
    assert "not sent yet" in tally.says("outbox")
    done = tally("outbox", "send")
    assert {one["id"] for one in done} == {one["id"] for one in put}
    assert tally("outbox") == tally("outbox", "send") == []
    assert len(list(Path("memory/outbox").glob("*/*.receipt"))) == 2


def test_what_could_not_be_sent_stays_with_the_reason(tally: Tally, url: str) -> None:
    nowhere = f"{url}/elsewhere"
    tally("submit", "signed/20.cose", "--url", nowhere, "--later", "--log-key", VKEY)
    tally("submit", "signed/21.cose", "--url", url, "--later", "--log-key", VKEY)
    outcomes = tally("outbox", "send", status=4)
    codes = {one.get("error", {}).get("code") for one in outcomes}
    assert codes == {None, "not-found"}, "one log that is away keeps nothing back from another"
    [left] = tally("outbox")
    assert (left["id"], left["url"]) == (id_of(enrolment(20)), nowhere)
    assert "there is nothing at" in left["error"]


def test_a_token_comes_from_a_file_and_goes_where_it_cannot_be_read(tally: Tally, url: str) -> None:
    Path("token").write_text("abc.def\n")
    tally("submit", "signed", "--url", url, "--log-key", VKEY, "--token-file", "token")
    error = tally("submit", "signed", "--url", "http://log.example", "--token-file", "token", status=6)
    assert "everybody on the way can read it" in error["error"]["found"]
    assert "abc" not in json.dumps(error)


@pytest.mark.parametrize(
    "arguments",
    [["submit", "signed", "--later"], ["submit", "signed", "--log-key", VKEY], ["outbox", "send", "--log-key", VKEY]],
)  # fmt: skip
def test_what_is_for_a_url_needs_one(arguments: list[str], tally: Tally) -> None:
    assert "--url" in tally.says(*arguments, status=2)


# Who asks


@pytest.fixture
def private(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A log that shows its contents to its parties alone, and in it the enrolment of Asha, whose key is at hand."""
    asha = Actor("Asha", "maker")
    enrolled = asha.enrol()
    for actor in (asha, Actor("Rosa", "maker")):
        KeyStore(tmp_path / "keys").add(actor.name.lower(), actor.signer, b"four words make one")
    folder = make_log(tmp_path / "log", [enrolled], Actor("Relief Agency", "agency").party)
    with listening(folder, reading="parties") as url:
        yield url, id_of(enrolled)


def test_a_party_has_its_bundle_by_signing_the_requests(
    tally: Tally, private: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, enrolled = private
    ask = ["bundle", enrolled, "--url", url, "--log-key", VKEY, "--keys", "keys", "--out", "b.bundle"]
    monkeypatch.setenv("TALLY_PASSPHRASE", "four words make one")
    assert tally(*ask, status=7)["error"]["code"] == "requester-unproved"
    assert tally(*ask, "--as", "rosa", status=7)["error"]["code"] == "requester-unproved"
    assert not Path("b.bundle").exists()
    assert tally(*ask, "--as", "asha")["claim"] == enrolled
    assert tally("verify", "b.bundle", "--log-key", VKEY)["claim"] == enrolled


def test_who_asks_is_said_in_one_way_and_to_a_server(tally: Tally) -> None:
    assert "--as goes with --url" in tally.says("bundle", "3f", "--as", "asha", status=2)
    both = ["bundle", "3f", "--url", "http://127.0.0.1:1", "--as", "asha", "--token-file", "t"]
    assert "--as goes with --url" in tally.says(*both, status=2)
