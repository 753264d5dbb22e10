"""SCRAPI: registering a statement, its receipt, and what is refused."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import build_app
from api.settings import Settings
from ledger.proof.receipt import open_receipt
from ledger.statement import cbor
from ledger.statement.cose import Sign1, decode_sign1, encode_sign1
from ledger.units import Entry
from tests.support.log_world import enrolment, enrolments, entry_of, id_of, public_pem
from tests.support.spine import LOG_SIGNER, ORIGIN

COSE = {"content-type": "application/cose"}


def post(client: TestClient, data: bytes, **headers: str):  # type: ignore[no-untyped-def]
    return client.post("/entries", content=data, headers={**COSE, **headers})


def test_a_statement_is_registered_and_answered_with_its_receipt(client: TestClient) -> None:
    answer = post(client, enrolment(20))
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/entries/{id_of(enrolment(20))}"
    assert answer.headers["content-type"] == "application/cose"
    receipt = open_receipt(answer.content, Entry(entry_of(enrolment(20))), LOG_SIGNER.public, ORIGIN)
    assert receipt.index == 10
    assert client.get(answer.headers["location"]).content == answer.content


def test_the_same_statement_again_has_the_same_answer(client: TestClient) -> None:
    first, again = post(client, enrolment(20)), post(client, enrolment(20))
    assert (again.status_code, again.headers["location"]) == (201, first.headers["location"])
    assert again.content == first.content


def test_an_unprotected_header_is_dropped(client: TestClient) -> None:
    kept = decode_sign1(enrolment(20))
    sent = encode_sign1(Sign1(kept.protected, {"x": b"y"}, kept.payload, kept.signature))
    assert post(client, sent).headers["location"] == f"/entries/{id_of(enrolment(20))}"


def test_an_independent_verifier_takes_what_comes_over_http(client: TestClient) -> None:
    scitt_cose = pytest.importorskip("scitt_cose", reason="scitt-cose is not installed")

    receipt = post(client, enrolment(20)).content
    verdict = scitt_cose.verify_receipt(
        receipt, leaf_entry_hex=entry_of(enrolment(20)).hex(), log_public_key_pem=public_pem()
    )
    assert verdict.ok, verdict.errors


@pytest.mark.parametrize(
    ("data", "media", "status", "words"),
    [
        (b"", "application/cose", 400, "CBOR"),
        (b"\xff" * 40, "application/cose", 400, "CBOR"),
        (b"x" * 70_000, "application/cose", 413, "at most 65536 bytes"),
        (enrolment(1), "application/json", 415, "application/cose"),
        (enrolment(1)[:-1] + b"\x00", "application/cose", 422, "signature"),
    ],
)
def test_what_cannot_be_registered_is_refused_in_words(
    client: TestClient, data: bytes, media: str, status: int, words: str
) -> None:
    answer = client.post("/entries", content=data, headers={"content-type": media})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/concise-problem-details+cbor"
    told = cbor.decode(answer.content)
    assert words in told[-2]
    assert told[7807][1] == status  # RFC 9290 appendix B
    assert told[7807][0] == f"/problems/{told[7807]['code']}"


@pytest.mark.parametrize("name", ["0" * 64, "x", "0" * 63, "A" * 64, "..%2flog.sqlite3"])
def test_there_is_no_receipt_of_what_is_not_there(client: TestClient, name: str) -> None:
    assert client.get(f"/entries/{name}").status_code == 404


def test_who_asks_for_it_is_answered_at_once_and_finds_the_receipt_later(client: TestClient) -> None:
    answer = post(client, enrolment(20), prefer="respond-async, wait=10")
    assert (answer.status_code, answer.content) == (202, b"")
    assert answer.headers["retry-after"] == "1"
    while (found := client.get(answer.headers["location"])).status_code == 204:
        pass
    assert found.status_code == 200
    open_receipt(found.content, Entry(entry_of(enrolment(20))), LOG_SIGNER.public, ORIGIN)


def test_a_server_without_the_key_reads_and_says_so(folder: Path) -> None:
    with TestClient(build_app(Settings(log=folder), None)) as client:
        answer = post(client, enrolment(20))
        assert answer.status_code == 503
        assert "without the log's key" in cbor.decode(answer.content)[-2]
        assert client.get("/checkpoint").status_code == 200
        assert client.get("/health").json()["ready"] is True


def test_a_halted_log_says_why_reads_on_and_is_not_ready(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ledger.log.writer import Writer

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with TestClient(build_app(Settings(log=folder), LOG_SIGNER)) as client:
        monkeypatch.setattr(Writer, "write", full)
        for _ in range(2):
            answer = post(client, enrolment(20))
            assert answer.status_code == 503
            assert "No space left" in cbor.decode(answer.content)[-2]
        health = client.get("/health")
        assert (health.status_code, health.json()["live"], health.json()["ready"]) == (503, True, False)
        assert "No space left" in health.json()["why_not"]
        assert client.get("/tile/0/000.p/9").status_code == 200


def test_many_at_once_are_each_answered_with_their_own(client: TestClient) -> None:
    statements = enrolments(40, 100)
    answers: dict[int, bytes] = {}

    def one(number: int) -> None:
        answers[number] = post(client, statements[number]).content

    threads = [threading.Thread(target=one, args=(n,)) for n in range(len(statements))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, receipt in answers.items():
        open_receipt(receipt, Entry(entry_of(statements[number])), LOG_SIGNER.public, ORIGIN)


def test_a_long_queue_answers_202(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ledger.log import group

    gate = threading.Event()
    write = group.Writer.write

    def slow(self: group.Writer, opened):  # type: ignore[no-untyped-def]
        gate.wait(10)
        return write(self, opened)

    monkeypatch.setattr(group.Writer, "write", slow)
    with TestClient(build_app(Settings(log=folder, long_queue=1), LOG_SIGNER)) as client:
        waiting = threading.Thread(target=lambda: post(client, enrolment(20)))
        waiting.start()
        statuses = []
        for number in range(21, 41):
            statuses.append(post(client, enrolment(number), prefer="respond-async").status_code)
        assert set(statuses) == {202}
        assert post(client, enrolment(41)).status_code == 202
        gate.set()
        waiting.join()
