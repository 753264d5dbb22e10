"""Problem details become the errors that the same thing is here, of the same kind, as the server's word."""

from __future__ import annotations

import pytest

from api.problems import cbor_problem_bytes, json_problem
from ledger.client.problems import PROBLEM_CBOR, PROBLEM_JSON, read_problem
from ledger.errors import (
    LogBusy,
    LogForked,
    LogHalted,
    LogRolledBack,
    LogUnreachable,
    MalformedAnswer,
    MalformedEvent,
    NotFound,
    Refused,
    TallyError,
    VerificationFailed,
    status_of,
    status_of_class,
)
from ledger.limits import ANSWER_TEXT_CHARS
from ledger.statement import cbor

OURS = {LogForked, LogRolledBack, LogUnreachable, MalformedAnswer}


def kinds(kind: type[TallyError] = TallyError) -> list[type[TallyError]]:
    return [kind, *(one for child in kind.__subclasses__() for one in kinds(child))]


def made(kind: type[TallyError]) -> TallyError:
    if kind is Refused:
        return Refused(
            "too many",
            rule="R11 within",
            limit="5",
            asked="6",
            rests_on=("a" * 64,),
            retriable=True,
            hint="fewer",
        )
    if kind is MalformedEvent:
        return MalformedEvent("not a batch", problems=("body.lot: missing",), expected="a lot", hint="add it")
    return kind("found", expected="another", hint="do it")


def read_both(error: TallyError) -> list[TallyError]:
    status = status_of(error).http
    return [
        read_problem(status, PROBLEM_JSON, bytes(json_problem(error).body)),
        read_problem(status, PROBLEM_CBOR, cbor_problem_bytes(error)),
    ]


@pytest.mark.parametrize(
    "kind",
    [kind for kind in kinds() if kind not in OURS and kind.__module__ == "ledger.errors"],
    ids=lambda kind: kind.code,
)
def test_each_kind_comes_over_the_wire_as_itself_or_as_one_of_the_same_exit_status(
    kind: type[TallyError],
) -> None:
    if kind.__init__ not in {TallyError.__init__, Refused.__init__, MalformedEvent.__init__}:
        pytest.skip("made of more than words: its nearest kind above stands for it")
    sent = made(kind)
    for read in read_both(sent):
        assert type(read) is kind
        assert read.found == f"the server says: {sent.found}"
        assert read.hint == f"the server says: {sent.hint}"
        assert read.expected == sent.expected


def test_a_refusal_keeps_its_rule_and_what_it_rests_on() -> None:
    sent = made(Refused)
    for read in read_both(sent):
        assert isinstance(read, Refused)
        for name in ("rule", "limit", "asked", "rests_on", "retriable"):
            assert getattr(read, name) == getattr(sent, name)


def test_fields_that_are_wrong_come_along() -> None:
    for read in read_both(made(MalformedEvent)):
        assert isinstance(read, MalformedEvent)
        assert read.problems == ("body.lot: missing",)


@pytest.mark.parametrize("kind", sorted(OURS, key=lambda kind: kind.code))
def test_what_only_who_asks_can_find_is_no_servers_to_say(kind: type[TallyError]) -> None:
    for read in read_both(kind("found")):
        assert type(read) not in OURS - {LogUnreachable}
        assert status_of_class(type(read)).exit == status_of_class(kind).exit


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, NotFound), (409, Refused), (422, VerificationFailed), (429, LogBusy), (418, MalformedAnswer),
     (500, TallyError), (502, LogUnreachable), (504, LogUnreachable)],
)  # fmt: skip
def test_without_words_that_can_be_read_the_status_decides(status: int, kind: type[TallyError]) -> None:
    for media, body in [
        ("text/html", b"<h1>"),
        (PROBLEM_JSON, b"{"),
        (PROBLEM_CBOR, b"\xff"),
        (PROBLEM_CBOR, b"\x01"),
    ]:
        read = read_problem(status, media, body)
        assert type(read) is kind
        assert str(status) in read.found


def test_scrapis_plain_details_are_enough() -> None:
    """A server of another make tells a title and a detail (RFC 9290 2)."""
    read = read_problem(503, PROBLEM_CBOR, cbor.encode({-1: "Unavailable", -2: "come back"}))
    assert read.found == "the server says: come back"
    assert not isinstance(read, LogHalted)


def test_their_text_is_bounded_and_prints() -> None:
    read = read_problem(404, PROBLEM_JSON, b'{"detail": "\\u001b[31m\\u202e' + b"x" * 60_000 + b'"}')
    assert len(read.found) < ANSWER_TEXT_CHARS + 30
    assert read.found.isprintable()
