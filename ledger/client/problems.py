"""What a server says is wrong, as the error that the same thing is on this machine.

Problem details come as JSON (RFC 9457) or, from SCRAPI's routes, as CBOR (RFC 9290, the other members in the tunnel of
its appendix B). The kind follows from the ledger's code, else from the HTTP status. The text is the server's
word and is marked as that: shortened, without control characters, and never a judgement of this machine's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from ledger.errors import (
    STATUS,
    LogForked,
    LogUnreachable,
    MalformedAnswer,
    MalformedCbor,
    MalformedEvent,
    Refused,
    TallyError,
)
from ledger.limits import ANSWER_TEXT_CHARS
from ledger.statement import cbor

PROBLEM_JSON: Final = "application/problem+json"
PROBLEM_CBOR: Final = "application/concise-problem-details+cbor"

_TITLE, _DETAIL, _TUNNEL = -1, -2, 7807
_LISTED: Final = 20
_OURS: Final = (LogForked, LogUnreachable, MalformedAnswer)
"""What only who asks can find; no server says it of itself."""


class Problem(msgspec.Struct, frozen=True):
    """The members of a problem that are read here; others are ignored (RFC 9457 3.2)."""

    title: str = ""
    detail: str = ""
    code: str = ""
    found: str = ""
    expected: str = ""
    hint: str = ""
    rule: str = ""
    limit: str = ""
    asked: str = ""
    rests_on: tuple[str, ...] = ()
    retriable: bool = False
    problems: tuple[str, ...] = ()


def read_problem(status: int, media: str, body: bytes) -> TallyError:
    """The error that an answer of this status and media type tells of; never raises."""
    try:
        told = _read(media, body)
    except (msgspec.MsgspecError, MalformedCbor, RecursionError):
        told = Problem()
    return error_of(told, status)


def error_of(told: Problem, status: int) -> TallyError:
    """The error of a problem that was read."""
    kind = _KINDS.get(told.code) or _of_status(status)
    found = _their(told.found or told.detail or told.title or f"{status}, without a word that is read here")
    hint = _their(told.hint) if told.hint else ""
    if kind is Refused:
        return Refused(
            found,
            rule=_text(told.rule) or "a rule",
            limit=_text(told.limit),
            asked=_text(told.asked),
            rests_on=tuple(map(_text, told.rests_on[:_LISTED])),
            retriable=told.retriable,
            hint=hint,
        )
    expected = _text(told.expected)
    if kind is MalformedEvent:
        problems = tuple(map(_text, told.problems[:_LISTED]))
        return MalformedEvent(found, problems=problems, expected=expected, hint=hint)
    return kind(found, expected=expected, hint=hint)


def _read(media: str, body: bytes) -> Problem:
    if media == PROBLEM_JSON:
        return msgspec.json.decode(body, type=Problem)
    if media != PROBLEM_CBOR:
        return Problem()
    told = msgspec.convert(cbor.decode(body), dict[int | str, Any])
    tunnelled = msgspec.convert(told.get(_TUNNEL, {}), dict[int | str, Any])
    members = {name: value for name, value in tunnelled.items() if isinstance(name, str)}
    return msgspec.convert(
        members | {"title": told.get(_TITLE, ""), "detail": told.get(_DETAIL, "")}, Problem
    )


def _their(text: str) -> str:
    return f"the server says: {_text(text)}"


def _text(text: str) -> str:
    """Theirs to write, ours to show: one line, bounded, nothing that a terminal obeys."""
    shown = "".join(char if char.isprintable() else " " for char in text[:ANSWER_TEXT_CHARS])
    return shown if len(text) <= ANSWER_TEXT_CHARS else f"{shown}…"


def _below(kind: type[TallyError]) -> Iterator[type[TallyError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _below(child)


def _made_of_text(kind: type[TallyError]) -> type[TallyError]:
    """The kind itself, or the nearest above it that needs nothing but words."""
    if kind in {Refused, MalformedEvent}:
        return kind
    return next(
        one for one in kind.__mro__ if issubclass(one, TallyError) and one.__init__ is TallyError.__init__
    )


def _of_status(status: int) -> type[TallyError]:
    """The kind that is answered with a status here; else what stands between failed, or it is no answer."""
    return _BY_STATUS.get(status, LogUnreachable if status >= 500 else MalformedAnswer)


_KINDS: Final = {kind.code: _made_of_text(kind) for kind in _below(TallyError) if not issubclass(kind, _OURS)}
_BY_STATUS: Final = {STATUS[code].http: _KINDS[code] for code in reversed([*STATUS]) if code in _KINDS}
