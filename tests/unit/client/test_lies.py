"""A server that lies, a log that went back, a log with two histories: found out, with the evidence in a file."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from ledger.client.memory import Memory
from ledger.errors import (
    KeyUnknown,
    LogForked,
    LogRolledBack,
    MalformedAnswer,
    ProofInvalid,
    SignatureInvalid,
    TallyError,
    VerificationFailed,
    status_of,
)
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.merkle import prove_inclusion, root_at
from ledger.proof.note import parse_vkey
from ledger.proof.receipt import open_receipt
from ledger.units import Entry, LeafIndex, TreeSize
from tests.support.between import KEY, Net, answers, on, served
from tests.support.log_world import (
    OTHER_SIGNER,
    enrolment,
    enrolments,
    grown_log,
    id_of,
    kept_statements,
    tree_of,
)
from tests.support.receipts import issue_receipt
from tests.support.spine import CLOCK, LOG_SIGNER, ORIGIN
from tests.unit.client.conftest import Connect, enrolled_again

COSE = {"content_type": "application/cose"}


def evidence(memory: Memory, error: TallyError) -> dict[str, object]:
    """The file that the message names."""
    [path] = (memory.folder / "evidence").iterdir()
    assert str(path) in error.found
    found = json.loads(path.read_text())
    assert isinstance(found, dict)
    return found


def receipt_for(number: int, statements: list[bytes], **other: object) -> bytes:
    """A receipt of the last of these statements, as the log or another one would make it."""
    tree = tree_of(statements)
    size = TreeSize(len(statements))
    index = LeafIndex(number)
    how = {"signer": LOG_SIGNER, "origin": ORIGIN, "registered_at": CLOCK} | other
    return issue_receipt(
        index=index, size=size, path=prove_inclusion(index, size, tree), root=root_at(size, tree), **how
    )  # type: ignore[arg-type]


def test_the_receipt_of_another_statement_is_refused(connect: Connect, net: Net) -> None:
    client = connect()
    other = client.submit(enrolment(20)).receipt
    net.faults.append(on("POST", answers(201, other, **COSE)))
    with pytest.raises(SignatureInvalid, match="did not sign the root"):
        client.submit(enrolment(21))


@pytest.mark.parametrize(
    ("other", "error"),
    [({"signer": OTHER_SIGNER}, KeyUnknown), ({"origin": "log.example/other"}, ProofInvalid)],
)
def test_the_receipt_of_another_log_is_refused(
    other: dict[str, object], error: type[TallyError], connect: Connect, net: Net, folder: Path
) -> None:
    client = connect()
    receipt = receipt_for(5, [*kept_statements(folder), enrolment(20)], **other)
    net.faults.append(on("POST", answers(201, receipt, **COSE)))
    with pytest.raises(error):
        client.submit(enrolment(20))


def test_receipts_swapped_within_a_set_are_refused(connect: Connect, net: Net) -> None:
    def swapped(request: httpx2.Request, pass_on):  # type: ignore[no-untyped-def]
        first, second = pass_on(request).content.splitlines()
        return httpx2.Response(200, content=second + b"\n" + first + b"\n")

    client = connect()
    net.faults.append(on("POST /statements", swapped))
    with pytest.raises(SignatureInvalid):
        list(client.submit_many(enrolments(2, 20)))


def test_a_true_receipt_under_a_root_that_is_not_in_the_history_is_a_fork(
    connect: Connect, net: Net, folder: Path, memory: Memory
) -> None:
    """The log's key has signed it, and the checkpoint shown beside it knows nothing of it."""
    client = connect()
    elsewhere = [*kept_statements(folder), enrolment(30), enrolment(20)]
    receipt = receipt_for(6, elsewhere)
    client.submit(enrolment(40))
    client.submit(enrolment(41))
    net.faults.append(on("POST", answers(201, receipt, **COSE)))
    with pytest.raises(LogForked, match="two roots for size 7") as caught:
        client.submit(enrolment(20))
    kept = evidence(memory, caught.value)
    [signed] = [one for one in (kept["older"], kept["newer"]) if "receipt" in one]  # type: ignore[operator]
    entry = Entry(bytes.fromhex(signed["entry"]))  # type: ignore[index]
    assert open_receipt(b64decode(signed["receipt"]), entry, KEY.key, ORIGIN).size == 7  # type: ignore[index]


def test_a_receipt_for_more_than_the_log_has_is_a_log_that_went_back(
    connect: Connect, net: Net, folder: Path
) -> None:
    client = connect()
    receipt = receipt_for(8, [*kept_statements(folder), *enrolments(3, 50), enrolment(20)])
    net.faults.append(on("POST", answers(201, receipt, **COSE)))
    with pytest.raises(LogRolledBack, match="shows 5 entries and has signed 9 before"):
        client.submit(enrolment(20))


@pytest.fixture
def forked(tmp_path: Path) -> Iterator[TestClient]:
    """The same log from the same beginning, with another history since."""
    with served(grown_log(tmp_path / "fork", [enrolments(4), enrolments(3, 70)])) as server:
        yield server


def test_a_fork_is_found_at_the_next_contact_and_both_checkpoints_are_kept(
    connect: Connect, net: Net, forked: TestClient, memory: Memory
) -> None:
    client = connect()
    client.submit(enrolment(20))
    before = memory.last(KEY)
    net.server = forked
    with pytest.raises(LogForked, match="size 8 continues size 6 is not shown") as caught:
        client.meet()
    assert memory.last(KEY) == before, "what was believed before stays"
    assert status_of(caught.value).exit == 1
    kept = evidence(memory, caught.value)
    key = parse_vkey(str(kept["log"]))
    sizes = [open_checkpoint(kept[one]["checkpoint"].encode(), key).size for one in ("older", "newer")]  # type: ignore[index]
    assert sizes == [6, 8]
    assert kept["consistency_path"]
    with pytest.raises(LogForked):
        connect()


def test_two_roots_for_one_size_need_no_proof(
    connect: Connect, net: Net, forked: TestClient, memory: Memory
) -> None:
    client = connect()
    for number in range(20, 23):
        client.submit(enrolment(number))
    net.server, net.asked = forked, []
    with pytest.raises(LogForked, match="two roots for size 8") as caught:
        client.meet()
    assert net.asked == ["GET /checkpoint"]
    assert evidence(memory, caught.value)["consistency_path"] is None


def test_a_log_that_went_back_is_found_by_whoever_remembers_more(
    connect: Connect, net: Net, memory: Memory, tmp_path: Path
) -> None:
    connect().submit(enrolment(20))
    with served(grown_log(tmp_path / "old", [enrolments(4)])) as older:
        net.server = older
        with pytest.raises(LogRolledBack, match="shows 5 entries and has signed 6 before") as caught:
            connect()
    kept = evidence(memory, caught.value)
    assert (kept["evidence"], kept["older"]["size"], kept["newer"]["size"]) == ("log-rolled-back", 6, 5)  # type: ignore[index]


def test_a_bundle_from_before_a_fork_is_not_continued(connect: Connect, net: Net, forked: TestClient) -> None:
    note = forked.get("/checkpoint").content
    client = connect()
    with pytest.raises(LogRolledBack):
        client.require_extends(note)
    list(client.submit_many(enrolments(5, 20)))
    with pytest.raises(LogForked):
        client.require_extends(note)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path[:-1],
        lambda path: [*path, "0" * 64],
        lambda path: ["0" * 64, *path[1:]],
        lambda _: [],
    ],
    ids=["short", "long", "altered", "empty"],
)
def test_a_lying_consistency_proof_shows_nothing(
    spoil,  # type: ignore[no-untyped-def]
    connect: Connect,
    net: Net,
    memory: Memory,
) -> None:
    def lie(request: httpx2.Request, pass_on):  # type: ignore[no-untyped-def]
        told = pass_on(request).json()
        return httpx2.Response(200, json=told | {"path": spoil(told["path"])})

    client = connect()
    before = memory.last(KEY)
    net.faults.append(on("GET /proofs/consistency", lie))
    with pytest.raises(LogForked):
        client.submit(enrolment(20))
    assert memory.last(KEY) == before


def test_a_server_that_gives_no_proof_is_not_believed(connect: Connect, net: Net, memory: Memory) -> None:
    client = connect()
    before = memory.last(KEY)
    net.faults.append(on("GET /proofs", answers(404)))
    with pytest.raises(TallyError, match=r"^the server says: 404"):
        client.submit(enrolment(20))
    assert memory.last(KEY) == before


def test_a_checkpoint_of_another_key_is_refused(connect: Connect, net: Net) -> None:
    client = connect()
    note = net.server.get("/checkpoint").content.replace(b"5\n", b"6\n", 1)
    net.faults.append(on("GET /checkpoint", answers(200, note)))
    with pytest.raises(SignatureInvalid):
        client.meet()


def test_a_problem_is_the_servers_word_whatever_it_claims(connect: Connect, net: Net) -> None:
    """No server makes this machine say that a log forked, nor writes on its terminal what it likes."""
    problem = {"code": "log-forked", "found": "\x1b[2JVERIFIED\nby us", "hint": "run rm -r", "status": 409}
    body = json.dumps(problem).encode()
    client = connect()
    net.faults.append(on("POST", answers(422, body, content_type="application/problem+json")))
    with pytest.raises(VerificationFailed) as caught:
        client.submit(enrolment(20))
    assert type(caught.value) is VerificationFailed
    assert caught.value.found == "the server says:  [2JVERIFIED by us"
    assert caught.value.hint == "the server says: run rm -r"


GOOD_ROUTES = ["GET /checkpoint", "GET /proofs", "POST /entries", "POST /statements", "GET /bundles"]


def ask_everything(connect: Connect, net: Net) -> None:
    client = connect()
    client.submit(enrolment(20))
    list(client.submit_many([enrolment(21), enrolled_again(2)]))
    client.bundle(id_of(enrolment(20)))


@pytest.mark.parametrize("route", GOOD_ROUTES)
@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[" * 60_000, b"\xd2" * 100, b'{"path": ["zz"]}', b'{"path": 1}', b"null\nnull\n", b"\xff\xfe",
     b"x" * 200_000, b'{"receipt": "AA=="}\n{"receipt": "AA=="}\n', b'{"receipt": "!"}\n{}\n'],
    ids=range(11),
)  # fmt: skip
def test_an_answer_that_is_none_is_a_declared_error(
    route: str, content: bytes, connect: Connect, net: Net
) -> None:
    net.faults.append(on(route, answers(200, content)))
    with pytest.raises(TallyError):
        ask_everything(connect, net)


def test_an_answer_is_bounded_before_it_is_read(connect: Connect, net: Net) -> None:
    client = connect()
    read = [0]

    class Endless(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                read[0] += 1
                yield b"x" * 65_536

    net.stream = Endless()
    for ask in (
        client.meet,
        lambda: client.submit(enrolment(20)),
        lambda: list(client.submit_many(enrolments(2))),
    ):
        with pytest.raises(MalformedAnswer, match="answers with more than"):
            ask()
    assert read[0] < 10


def test_nothing_is_decompressed(connect: Connect, net: Net) -> None:
    client = connect()
    body = httpx2.ByteStream(b"\x1f\x8b")

    def bomb(request: httpx2.Request, pass_on):  # type: ignore[no-untyped-def]
        assert request.headers["accept-encoding"] == "identity"
        net.stream = body
        return httpx2.Response(200)

    net.faults.append(on("GET /checkpoint", bomb))
    with pytest.raises(TallyError):
        client.meet()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    route=st.sampled_from([*GOOD_ROUTES, "GET /log"]),
    status=st.sampled_from([200, 201, 204, 206, 299, 400, 401, 403, 404, 409, 410, 418, 422, 500, 501]),
    media=st.sampled_from(["application/problem+json", "application/concise-problem-details+cbor", "text/html", ""]),
    content=st.binary(max_size=200) | st.from_regex(rb'\{"(path|vkey|code|found|rests_on|receipt)": .{0,40}\}\n?'),
)  # fmt: skip
def test_only_declared_errors_leave(
    *, route: str, status: int, media: str, content: bytes, connect: Connect, net: Net
) -> None:
    net.faults = [on(route, answers(status, content, content_type=media))]
    with suppress(TallyError):
        ask_everything(connect, net)
