"""A network that loses answers, and a server that is busy, away or slow: asked again, registered once."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx2
import pytest

from ledger.client.client import Client
from ledger.client.memory import Memory
from ledger.client.wire import Patience
from ledger.errors import LogBusy, LogHalted, LogUnreachable, MalformedAnswer
from ledger.limits import CLIENT_RETRY_CAP_S
from ledger.statement import cbor
from tests.support.between import KEY, URL, Hours, Net, answers, listening, lost_answer, on, refused
from tests.support.log_world import enrolment, enrolments
from tests.unit.client.conftest import Connect

BUSY = cbor.encode({-1: "busy", -2: "many wait", 7807: {0: "/problems/log-busy", 1: 429, "code": "log-busy"}})
HALTED = cbor.encode({-1: "halted", 7807: {"code": "log-halted", "found": "the disk is full"}})
CBOR = "application/concise-problem-details+cbor"


def test_an_answer_lost_after_the_commit_is_given_again_with_the_same_receipt(
    connect: Connect, net: Net
) -> None:
    client = connect()
    net.faults.append(on("POST /entries", lost_answer, times=2))
    done = client.submit(enrolment(20))
    assert (done.index, net.asked.count("POST /entries")) == (5, 3)
    net.faults.clear()
    assert client.submit(enrolment(20)) == done
    assert client.meet().size == 6


def test_a_set_whose_answer_was_lost_is_registered_once(connect: Connect, net: Net) -> None:
    client = connect()
    net.faults.append(on("POST /statements", lost_answer, times=1))
    outcomes = dict(client.submit_many(enrolments(5, 50)))
    assert sorted(one.index for one in outcomes.values()) == [5, 6, 7, 8, 9]  # type: ignore[union-attr]
    assert client.meet().size == 10


def test_waits_double_up_to_a_cap_and_end_at_the_deadline(connect: Connect, net: Net, hours: Hours) -> None:
    client = connect()
    net.faults.append(refused)
    with pytest.raises(LogUnreachable, match="connection refused") as caught:
        client.submit(enrolment(20))
    assert hours.pauses[:7] == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, CLIENT_RETRY_CAP_S])
    assert 50 < sum(hours.pauses) < 60
    assert "none is registered twice" in caught.value.hint


def test_a_busy_server_is_asked_again_when_it_says(connect: Connect, net: Net, hours: Hours) -> None:
    client = connect()
    net.faults.append(on("POST", answers(429, BUSY, content_type=CBOR, retry_after="7"), times=2))
    assert client.submit(enrolment(20)).index == 5
    assert hours.pauses == [7, 7]


def test_a_server_that_is_busy_for_longer_than_there_is_time_is_reported_at_once(
    connect: Connect, net: Net, hours: Hours
) -> None:
    client = connect()
    net.faults.append(on("POST", answers(429, BUSY, content_type=CBOR, retry_after="999999999")))
    with pytest.raises(LogBusy, match=r"^the server says: many wait"):
        client.submit(enrolment(20))
    assert hours.pauses == []


@pytest.mark.parametrize("status", [502, 503, 504])
def test_what_a_proxy_answers_for_a_server_that_is_away_passes(
    status: int, connect: Connect, net: Net, hours: Hours
) -> None:
    client = connect()
    net.faults.append(on("POST", answers(status, b"<html>", content_type="text/html"), times=3))
    assert client.submit(enrolment(20)).index == 5
    assert len(hours.pauses) == 3


def test_a_proxy_without_its_server_is_in_the_end_no_answer(connect: Connect, net: Net) -> None:
    client = connect()
    net.faults.append(on("POST", answers(502, b"<html>", content_type="text/html")))
    with pytest.raises(LogUnreachable, match="502"):
        client.submit(enrolment(20))


def test_a_halted_log_is_not_asked_again(connect: Connect, net: Net, hours: Hours) -> None:
    client = connect()
    net.faults.append(on("POST", answers(503, HALTED, content_type=CBOR)))
    with pytest.raises(LogHalted, match=r"^the server says: the disk is full"):
        client.submit(enrolment(20))
    assert hours.pauses == []


def test_a_log_that_starts_again_is_waited_for(connect: Connect, net: Net, hours: Hours) -> None:
    client = connect()
    net.faults.append(on("POST", answers(503, HALTED, content_type=CBOR, retry_after="2"), times=1))
    assert client.submit(enrolment(20)).index == 5
    assert hours.pauses == [2]


def later(request: httpx2.Request, pass_on):  # type: ignore[no-untyped-def]
    request.headers["prefer"] = "respond-async"
    return pass_on(request)


def test_what_was_taken_for_later_is_looked_for_until_it_is_registered(
    connect: Connect, net: Net, hours: Hours
) -> None:
    client = connect()
    net.faults += [on("POST /entries", later), on("GET /entries", answers(204, retry_after="3"), times=2)]
    assert client.submit(enrolment(20)).index == 5
    assert hours.pauses[:3] == [1, 3, 3]


def test_what_a_restart_forgot_is_sent_again(connect: Connect, net: Net) -> None:
    client = connect()
    net.faults.append(on("POST /entries", answers(202, retry_after="1"), times=2))
    assert client.submit(enrolment(20)).index == 5
    assert net.asked.count("POST /entries") == 3


def test_what_is_never_registered_ends_at_the_deadline(connect: Connect, net: Net, hours: Hours) -> None:
    client = connect()
    net.faults += [on("POST /entries", answers(202)), on("GET /entries", answers(404))]
    with pytest.raises(LogUnreachable, match="has taken statement"):
        client.submit(enrolment(20))
    assert hours.now < 60


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int, connect: Connect, net: Net) -> None:
    client = connect()
    net.faults.append(on("POST", answers(status, location="https://elsewhere.example/entries")))
    with pytest.raises(MalformedAnswer, match="names 'https://elsewhere"):
        client.submit(enrolment(20))


def test_a_certificate_that_is_not_trusted_is_reported_at_once(
    net: Net, memory: Memory, hours: Hours
) -> None:
    def untrusted(request: httpx2.Request, _pass: object) -> httpx2.Response:
        try:
            raise ssl.SSLCertVerificationError("self-signed certificate")
        except ssl.SSLError as error:
            raise httpx2.ConnectError(str(error), request=request) from error

    net.faults.append(untrusted)
    with pytest.raises(LogUnreachable, match="self-signed") as caught:
        Client.connect(URL, memory, key=KEY, transport=net.transport, patience=hours.patience())
    assert hours.pauses == []
    assert "certificate" in caught.value.expected


def test_no_proxy_of_the_environment_is_asked(
    monkeypatch: pytest.MonkeyPatch, memory: Memory, folder: Path
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with (
        listening(folder) as url,
        Client.connect(url, memory, key=KEY, patience=Patience(total_s=5)) as client,
    ):
        assert client.meet().size == 5


def test_an_answer_that_drips_is_given_up(connect: Connect, net: Net, hours: Hours) -> None:
    class Drip(httpx2.SyncByteStream):
        def __iter__(self):  # type: ignore[no-untyped-def]
            for _ in range(1_000):
                hours.now += 10
                yield b"x"

    client = connect()
    net.stream = Drip()
    with pytest.raises(LogUnreachable, match="did not end in time"):
        client.submit(enrolment(20))
