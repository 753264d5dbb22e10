"""The client of another machine's log, where all is well: by which key, what it answers, what it remembers."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest

from ledger.audit.gather import make_bundle
from ledger.client.client import Acknowledged, Client
from ledger.client.memory import Memory
from ledger.client.proving import bearer
from ledger.client.wire import Patience
from ledger.errors import (
    KeyUnknown,
    LogUnreachable,
    Malformed,
    NotFound,
    ProofInvalid,
    Refused,
    VerificationFailed,
)
from ledger.log.reader import LogReader
from ledger.proof.note import VerifierKey, format_vkey
from ledger.proof.receipt import open_receipt
from ledger.statement.cose import Sign1, decode_sign1, encode_sign1
from ledger.units import Entry
from tests.support.between import KEY, URL, Net, listening, on
from tests.support.log_world import OTHER_SIGNER, enrolment, entry_of, id_of
from tests.support.spine import ORIGIN
from tests.unit.client.conftest import Connect, enrolled_again


def test_a_statement_is_acknowledged_by_a_receipt_and_again_by_the_same(connect: Connect) -> None:
    client = connect()
    done = client.submit(enrolment(20))
    assert (done.id, done.index) == (id_of(enrolment(20)), 5)
    open_receipt(done.receipt, Entry(entry_of(enrolment(20))), KEY.key, ORIGIN)
    assert client.submit(enrolment(20)) == done


def test_an_unprotected_header_is_not_sent_and_changes_nothing(connect: Connect) -> None:
    kept = decode_sign1(enrolment(20))
    sent = encode_sign1(Sign1(kept.protected, {"x": b"y"}, kept.payload, kept.signature))
    assert connect().submit(sent).id == id_of(enrolment(20))


def test_over_a_real_socket_it_is_the_same(folder: Path, memory: Memory) -> None:
    with listening(folder) as url, Client.connect(url, memory, key=KEY) as client:
        assert client.submit(enrolment(20)).index == 5
        outcomes = dict(client.submit_many([enrolment(30), enrolment(20), enrolment(31)]))
        assert [outcomes[n].index for n in range(3)] == [6, 5, 7]  # type: ignore[union-attr]
        assert client.bundle(id_of(enrolment(30))[:10])[1].claim_index == 6
    with pytest.raises(LogUnreachable, match="gives no answer"):
        Client.connect(url, memory, patience=Patience(total_s=0.1))


def test_without_a_key_nothing_is_asked_and_the_way_to_one_is_told(net: Net, memory: Memory) -> None:
    with pytest.raises(KeyUnknown, match="no key is known here") as caught:
        Client.connect(URL, memory, transport=net.transport)
    assert "--log-key" in caught.value.hint
    assert net.asked == []


def test_a_key_that_was_trusted_once_is_remembered_for_the_url(
    connect: Connect, net: Net, memory: Memory
) -> None:
    connect()
    with Client.connect(f"{URL}/", memory, transport=net.transport) as client:
        assert client.key == KEY


def test_on_first_use_the_servers_word_is_taken_where_that_was_said(net: Net, memory: Memory) -> None:
    with Client.connect(URL, memory, first_use=True, transport=net.transport) as client:
        assert client.key == KEY
    net.faults.append(on("GET /log", lambda *_: httpx2.Response(200, json={"vkey": "another"})))
    with Client.connect(URL, memory, first_use=True, transport=net.transport) as client:
        assert client.key == KEY, "it is asked once"


def test_another_key_than_the_remembered_one_is_refused(
    connect: Connect, memory: Memory, net: Net, tmp_path: Path
) -> None:
    memory.remember_key(URL, VerifierKey("log.example/old", OTHER_SIGNER.public))
    with pytest.raises(VerificationFailed, match="is known here by the key"):
        connect()


def test_a_wrong_key_opens_nothing(net: Net, memory: Memory) -> None:
    key = VerifierKey(ORIGIN, OTHER_SIGNER.public)
    with pytest.raises(KeyUnknown):
        Client.connect(URL, memory, key=key, transport=net.transport)
    assert memory.key_of(URL) is None


def test_every_contact_is_held_against_the_last_and_remembered(
    connect: Connect, net: Net, folder: Path, memory: Memory
) -> None:
    client = connect()
    assert memory.last(KEY) is not None
    client.submit(enrolment(20))
    assert net.asked == ["GET /checkpoint", "POST /entries", "GET /checkpoint", "GET /proofs/consistency/5/6"]
    note = memory.last(KEY)
    assert note is not None
    assert note == net.server.get("/checkpoint").content
    client.meet()
    assert net.asked[4:] == ["GET /checkpoint"], "the same size and root needs no proof"


def test_a_refusal_is_the_one_a_local_log_gives_as_the_servers_word(connect: Connect) -> None:
    with pytest.raises(Refused, match=r"^the server says: ") as caught:
        connect().submit(enrolled_again(2))
    assert caught.value.rule == "R05 enrols-once"
    assert caught.value.rests_on == (id_of(enrolment(2)),)
    assert not caught.value.retriable


def test_a_bundle_is_verified_before_it_is_believed(connect: Connect, folder: Path) -> None:
    data, verified = connect().bundle(id_of(enrolment(2)))
    assert verified.claim == id_of(enrolment(2))
    with LogReader.open(folder) as reader:
        assert data == make_bundle(reader, verified.claim)


def test_the_bundle_of_another_statement_is_no_answer(connect: Connect, net: Net) -> None:
    other = net.server.get(f"/bundles/{id_of(enrolment(1))}").content
    net.faults.append(on("GET /bundles", lambda *_: httpx2.Response(200, content=other)))
    with pytest.raises(ProofInvalid, match="the bundle of"):
        connect().bundle(id_of(enrolment(2)))


def test_what_is_not_there_is_said_as_the_servers_word(connect: Connect) -> None:
    with pytest.raises(NotFound, match=r"^the server says: no statement id starts with"):
        connect().bundle("ffff")


def test_a_bundle_of_earlier_is_still_continued(connect: Connect, net: Net, folder: Path) -> None:
    note = net.server.get("/checkpoint").content
    client = connect()
    client.submit(enrolment(20))
    assert client.require_extends(note).size == 6


def test_who_asks_is_shown_with_every_request(net: Net, memory: Memory) -> None:
    shown = []
    net.faults.append(lambda request, _: shown.append(request.headers.get("authorization")))  # type: ignore[func-returns-value]
    with Client.connect(URL, memory, key=KEY, prove=bearer("abc.DEF-1"), transport=net.transport) as client:
        client.submit(enrolment(20))
    assert set(shown) == {"Bearer abc.DEF-1"}


@pytest.mark.parametrize("token", ["", "a b", "a\nb", "a\r\nX: y", "Ü"])
def test_what_is_no_token_is_refused_and_never_quoted(token: str) -> None:
    with pytest.raises(Malformed) as caught:
        bearer(token)
    assert token == "" or token not in caught.value.diagnostics()


@pytest.mark.parametrize(
    "url",
    ["", "log.example", "ftp://log.example", "https://", "https://u:p@log.example", "https://log.example/?x=1",
     "https://log.example/#x", "https://log.example:99999999"],
)  # fmt: skip
def test_what_is_no_url_of_a_log_is_said(url: str, memory: Memory) -> None:
    with pytest.raises(Malformed, match="is not the URL of a log"):
        Client.connect(url, memory, key=KEY)


def test_what_is_remembered_says_for_which_log(connect: Connect, memory: Memory) -> None:
    connect()
    [file] = (memory.folder / "keys").iterdir()
    assert json.loads(file.read_text()) == {"url": URL, "vkey": format_vkey(KEY)}


def test_a_log_that_grew_elsewhere_meanwhile_is_met_again(
    net: Net, memory: Memory, connect: Connect, folder: Path
) -> None:
    """Another process that remembers a later checkpoint between the two steps is no reason for an alarm."""
    connect()
    earlier = net.server.get("/checkpoint").content
    ahead = connect()
    assert isinstance(ahead.submit(enrolment(40)), Acknowledged)
    later = memory.last(KEY)
    stale = [earlier]

    class Between(Memory):
        def last(self, key: VerifierKey) -> bytes | None:
            return stale.pop() if stale else super().last(key)

    with Client.connect(URL, Between(memory.folder), key=KEY, transport=net.transport) as client:
        assert client.meet().size == 6
    assert memory.last(KEY) == later
