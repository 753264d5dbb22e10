"""The one tree of errors, and the one table from errors to HTTP and exit status.

Everything that goes wrong in Tallystick for a reason outside its own code is a `TallyError`. A message
says what was found; `expected` what should have been there; `hint` what to do about it. Parsers let no
other exception escape. A broken invariant of our own is an `AssertionError`, never a `TallyError`.

Two distinctions matter to a verifier and are kept apart throughout:

* "the signature is wrong" (`SignatureInvalid`) is not "the signature could not be checked" (`KeyUnknown`);
* "these bytes cannot be read" (`Malformed`) is not "this was read and is not allowed" (`Refused`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


class TallyError(Exception):
    """Root of all declared errors; `code` is stable and part of the public interface."""

    code: ClassVar[str] = "error"

    def __init__(self, found: str, *, expected: str = "", hint: str = "") -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected
        self.hint = hint

    def diagnostics(self) -> str:
        """The text shown to a person: what was found, what was expected, what to do."""
        lines = [self.found]
        if self.expected:
            lines.append(f"expected: {self.expected}")
        if self.hint:
            lines.append(f"to do: {self.hint}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.found + (f" (expected: {self.expected})" if self.expected else "")


class Malformed(TallyError):
    """Bytes or text that cannot be read as what they are meant to be."""

    code = "malformed"


class TooLarge(Malformed):
    """Input beyond a bound of `ledger.limits`."""

    code = "too-large"


class UnsupportedMedia(Malformed):
    """A request whose body is of another kind than the one asked for."""

    code = "unsupported-media"


class MethodNotAllowed(Malformed):
    """A request whose method is not for that path."""

    code = "method-not-allowed"


class MalformedCbor(Malformed):
    """CBOR outside the deterministic profile (RFC 8949 4.2.1)."""

    code = "malformed-cbor"


class MalformedCose(Malformed):
    """CBOR that is not the COSE_Sign1 (RFC 9052 4.2) pinned in specs/statement.md."""

    code = "malformed-cose"


class MalformedPayload(Malformed):
    """A payload that is not the JSON object pinned in specs/statement.md."""

    code = "malformed-payload"


class MalformedKey(Malformed):
    """A key, key id, `did:key` or key file that cannot be read."""

    code = "malformed-key"


class MalformedNote(Malformed):
    """A signed note, verifier key or checkpoint outside the C2SP formats."""

    code = "malformed-note"


class MalformedProof(Malformed):
    """A proof, tile or receipt whose shape is wrong before any hash is computed."""

    code = "malformed-proof"


class MalformedBundle(Malformed):
    """A bundle file outside specs/bundle.md."""

    code = "malformed-bundle"


class MalformedDisclosure(Malformed):
    """A disclosure file, or kept openings, outside specs/disclosure.md. Never names a value or a salt."""

    code = "malformed-disclosure"


class MalformedDraft(Malformed):
    """A draft file a person wrote that is not readable JSON or YAML, or lacks what a draft must have."""

    code = "malformed-draft"


class MalformedEvent(Malformed):
    """A payload outside the vocabulary; `problems` names each field that is wrong, and why."""

    code = "malformed-event"

    def __init__(
        self, found: str, *, problems: tuple[str, ...] = (), expected: str = "", hint: str = ""
    ) -> None:
        super().__init__(found, expected=expected, hint=hint)
        self.problems = problems

    def diagnostics(self) -> str:
        return "\n".join([super().diagnostics(), *(f"  - {problem}" for problem in self.problems)])

    def __str__(self) -> str:
        return super().__str__() + "".join(f"; {problem}" for problem in self.problems)


class MalformedSource(Malformed):
    """A foreign document (OCDS, ...) that cannot be read at all."""

    code = "malformed-source"


class MalformedAnswer(Malformed):
    """What a server answered is not an answer to what it was asked."""

    code = "malformed-answer"


class VerificationFailed(TallyError):
    """Something readable that is not true: the family a verifier reports as NOT VERIFIED."""

    code = "verification-failed"


class SignatureInvalid(VerificationFailed):
    """The signature was checked and is wrong."""

    code = "signature-invalid"


class KeyUnknown(VerificationFailed):
    """The signature could not be checked: no such key for this issuer."""

    code = "key-unknown"


class ProofInvalid(VerificationFailed):
    """A Merkle proof, receipt or checkpoint that does not prove what it is offered for."""

    code = "proof-invalid"


class EvidenceIncomplete(VerificationFailed):
    """A bundle that lacks a statement its claim rests on, or a disclosed value without its statement."""

    code = "evidence-incomplete"


class OpeningInvalid(VerificationFailed):
    """A disclosed value that is not the one its statement commits to. Never names the value or the salt."""

    code = "opening-invalid"


class LogForked(VerificationFailed):
    """Two things that a log signed, and that cannot both be of one history; both are kept in a file."""

    code = "log-forked"


class LogRolledBack(LogForked):
    """A log that shows fewer entries than it has signed before; both checkpoints are kept in a file."""

    code = "log-rolled-back"


class RuleBroken(VerificationFailed):
    """Evidence of a statement that its log registered although a rule forbids it."""

    code = "rule-broken"


class Refused(TallyError):
    """A well-formed, correctly signed statement that a rule does not admit.

    `rule` is the rule's number and name, `limit` what was allowed, `asked` what the statement wants, and
    `rests_on` the ids of the statements that set the limit. `retriable` is true when the same bytes may be
    admitted later (something it refers to is not registered yet).
    """

    code = "refused"

    def __init__(
        self,
        found: str,
        *,
        rule: str,
        limit: str = "",
        asked: str = "",
        rests_on: tuple[str, ...] = (),
        retriable: bool = False,
        hint: str = "",
    ) -> None:
        super().__init__(found, expected=limit, hint=hint)
        self.rule = rule
        self.limit = limit
        self.asked = asked
        self.rests_on = rests_on
        self.retriable = retriable

    def diagnostics(self) -> str:
        lines = [f"{self.rule}: {self.found}"]
        if self.limit:
            lines.append(f"allowed: {self.limit}")
        if self.asked:
            lines.append(f"asked: {self.asked}")
        if self.rests_on:
            lines.append("rests on: " + ", ".join(self.rests_on))
        if self.hint:
            lines.append(f"to do: {self.hint}")
        return "\n".join(lines)


class NotFound(TallyError):
    """No such statement, contract, lot, key or file."""

    code = "not-found"


class ContentsErased(NotFound):
    """A statement whose contents were destroyed by order; its digest and its proofs are there."""

    code = "contents-erased"


class Ambiguous(NotFound):
    """An id prefix that fits more than one thing."""

    code = "ambiguous"


class LogError(TallyError):
    """The log itself cannot go on; reads may still be served."""

    code = "log-error"


class LogInconsistent(LogError):
    """Two things the log keeps disagree; both are named."""

    code = "log-inconsistent"


class LogHalted(LogError):
    """The writer stopped after a fault and takes no more until an operator acts."""

    code = "log-halted"


class LogLocked(LogError):
    """Another process is writing to this log, or reads what must not be there any more."""

    code = "log-locked"


class LogBusy(LogError):
    """The queue is full; the same bytes may be sent again."""

    code = "log-busy"


class ViewsNotReady(TallyError):
    """The read models of a log are still being made, or are behind what is asked for; the log itself is sound."""

    code = "views-not-ready"


class LogUnreachable(LogError):
    """A log at a URL that gave no answer in the time there was; the same bytes may be sent again."""

    code = "log-unreachable"


class KeyUnavailable(TallyError):
    """A private key that is missing or not the one that is needed, or a passphrase that does not open it."""

    code = "key-unavailable"


class HeadTooLarge(TooLarge):
    """A request whose path, query and header fields are more than is read."""

    code = "head-too-large"


class RequestTooSlow(TallyError):
    """A request whose body did not come in time."""

    code = "request-too-slow"


class TooManyRequests(TallyError):
    """An address or a party that has asked for more than its share; `retry_after_s` says when it may again."""

    code = "too-many-requests"

    def __init__(self, found: str, *, retry_after_s: int, expected: str = "", hint: str = "") -> None:
        super().__init__(found, expected=expected, hint=hint)
        self.retry_after_s = retry_after_s


class AccessDenied(TallyError):
    """Who asks is known, and may not see or do this."""

    code = "access-denied"


class RequesterUnproved(AccessDenied):
    """Nothing good was shown of who asks: no signature or token, or one that is wrong, foreign or out of its time."""

    code = "requester-unproved"


@dataclass(frozen=True, slots=True)
class Status:
    """How one error code leaves the process: HTTP status (RFC 9110) and exit status."""

    http: int
    exit: int
    meaning: str


EXIT_OK = 0
EXIT_USAGE = 2  # what the argument parser itself answers

STATUS: Mapping[str, Status] = {
    "error": Status(500, 8, "something in the surroundings failed (a file, a folder, a permission)"),
    "malformed": Status(400, 6, "the input cannot be read as what it is meant to be"),
    "too-large": Status(413, 6, "the input is larger than the limit"),
    "unsupported-media": Status(415, 6, "the body is not of the type that is taken here"),
    "method-not-allowed": Status(405, 6, "that path takes another method"),
    "verification-failed": Status(422, 1, "what was checked is not true: NOT VERIFIED"),
    "refused": Status(409, 3, "a rule does not admit this statement"),
    "not-found": Status(404, 4, "no such thing, or an id prefix that fits several"),
    "contents-erased": Status(410, 4, "the contents were erased by order; digest and proofs stay"),
    "log-error": Status(503, 5, "the log cannot go on; nothing was acknowledged"),
    "log-busy": Status(429, 5, "the log's queue is full: send the same bytes again"),
    "views-not-ready": Status(503, 5, "what is told of the log is still being made: ask again in a moment"),
    "log-unreachable": Status(504, 5, "the log gave no answer in time: send the same bytes again"),
    "key-unavailable": Status(403, 7, "a private key is missing or its passphrase is wrong"),
    "head-too-large": Status(431, 6, "the request's path and header fields are larger than the limit"),
    "request-too-slow": Status(408, 8, "the request did not come in time"),
    "too-many-requests": Status(429, 8, "too many requests for now: wait, and ask again"),
    "access-denied": Status(403, 7, "who asks may not see or do this"),
    "requester-unproved": Status(
        401, 7, "who asks did not prove it: no, a wrong or an expired signature or token"
    ),
}
"""Status by error code; a code that is not listed takes its nearest ancestor's (see `status_of`)."""


def status_of(error: TallyError) -> Status:
    """The status of an error: its own code's, else its nearest listed ancestor's."""
    return status_of_class(type(error))


def status_of_class(kind: type[TallyError]) -> Status:
    """The status of a kind of error."""
    for cls in kind.__mro__:
        if issubclass(cls, TallyError) and cls.code in STATUS:
            return STATUS[cls.code]
    raise AssertionError(f"{kind.__name__} has no status")


def error_as_json(error: TallyError) -> dict[str, Any]:
    """An error for machines: its code and everything a person would be told."""
    told: dict[str, Any] = {"code": error.code, "found": error.found}
    if error.expected:
        told["expected"] = error.expected
    if error.hint:
        told["hint"] = error.hint
    if isinstance(error, Refused):
        told |= {
            "rule": error.rule,
            "limit": error.limit,
            "asked": error.asked,
            "rests_on": list(error.rests_on),
            "retriable": error.retriable,
        }
    if isinstance(error, MalformedEvent):
        told["problems"] = list(error.problems)
    return told
