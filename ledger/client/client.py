"""A log on another machine, of which nothing is believed that is not proved.

    with Client.connect("https://log.example.org", memory, key=vkey) as log:
        done = log.submit(statement)          # its receipt was verified against the statement that was sent
        file, _ = log.bundle(done.id)         # verified as by `tally verify`, at the same log

Every receipt is opened with the log's key over the very statement it is for, every checkpoint with that key too, and
the root of each must be a beginning or a continuation of the last checkpoint seen from here (`ledger.client.history`).
Each call ends with the log met anew, so a server that shows two histories is found out by whoever saw the first.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import quote

import httpx2
import msgspec

from ledger.audit.bundle import decode_bundle
from ledger.audit.verify import Verified, verify_bundle
from ledger.client.bulk import LINES, SEQUENCE, Statements, in_rounds, in_sets, read_lines
from ledger.client.history import Head, History, head_of_checkpoint, head_of_receipt
from ledger.client.memory import Memory
from ledger.client.problems import error_of
from ledger.client.proving import Prove, nobody
from ledger.client.wire import PATIENT, Answer, Patience, Question, Wire
from ledger.errors import (
    KeyUnknown,
    LogUnreachable,
    Malformed,
    MalformedAnswer,
    NotFound,
    ProofInvalid,
    Refused,
    TallyError,
    VerificationFailed,
)
from ledger.limits import ANSWER_LINE_BYTES, BULK_STATEMENTS, BUNDLE_BYTES, NOTE_BYTES, RECEIPT_BYTES
from ledger.proof.note import VerifierKey, parse_vkey
from ledger.proof.receipt import open_receipt
from ledger.statement.envelope import Statement, drop_unprotected, read_statement
from ledger.units import Hash, LeafIndex, StatementId, TreeSize

_COSE: Final = "application/cose"
_BUNDLE: Final = "application/vnd.tallystick.bundle+cbor"
_JSON: Final = "application/json"
_NOTE: Final = "text/plain"
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A statement that the log registered, by a receipt that was verified here."""

    id: StatementId
    index: LeafIndex
    registered_at: int
    """Seconds since 1970, by the log's clock."""
    receipt: bytes = field(repr=False)


Outcome = Acknowledged | TallyError


class _Consistency(msgspec.Struct):
    path: list[str]


class _Log(msgspec.Struct):
    vkey: str


class Client:
    """One log over HTTP; made by `connect`. Safe for any thread."""

    def __init__(self, wire: Wire, key: VerifierKey, memory: Memory) -> None:
        self.key = key
        self._wire = wire
        self._memory = memory

    @classmethod
    def connect(
        cls,
        url: str,
        memory: Memory,
        *,
        key: VerifierKey | None = None,
        first_use: bool = False,
        prove: Prove = nobody,
        patience: Patience = PATIENT,
        transport: httpx2.BaseTransport | None = None,
    ) -> Self:
        """Meet the log at a URL, by the key given or the one remembered for it; with `first_use`, by the server's word.

        Raises `KeyUnknown` when there is no key, `VerificationFailed` when another one is remembered, and what `meet`
        raises.
        """
        wire = Wire(url, prove=prove, patience=patience, transport=transport)
        try:
            trusted = key or memory.key_of(wire.url) or _key_told(wire, believed=first_use)
            client = cls(wire, trusted, memory)
            client.meet()
            memory.remember_key(wire.url, trusted)
        except BaseException:
            wire.close()
            raise
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._wire.close()

    @property
    def url(self) -> str:
        """Where the log is, as it is remembered."""
        return self._wire.url

    def meet(self) -> Head:
        """The log's newest checkpoint, which continues all that was seen of it from here; it is remembered.

        Raises `LogForked`, `LogRolledBack`, `SignatureInvalid`, `KeyUnknown`, `MalformedNote`, and as `Wire.ask`.
        """
        return self._hold([], self._wire.patience.until())

    def require_extends(self, note: bytes) -> Head:
        """The newest checkpoint, if it continues the checkpoint of `note`, which the log signed. Raises as `meet`."""
        older = head_of_checkpoint(note, self.key)
        return self._hold([older], self._wire.patience.until())

    def submit(self, submitted: bytes) -> Acknowledged:
        """Register one statement; again without harm. It is durable at the log when this returns.

        Raises what reading it raises, what refuses it, and as `meet`.
        """
        statement = read_statement(drop_unprotected(submitted))
        until = self._wire.patience.until()
        done, head = self._opened(statement, self._receipt(statement, until))
        self._hold([head], until)
        return done

    def submit_many(
        self, submitted: Sequence[bytes], at_most: int = BULK_STATEMENTS
    ) -> Iterator[tuple[int, Outcome]]:
        """Register many, in sets of `at_most`: for each position, once, what became of its statement, as it is known.

        What only waits for another statement is offered again after the others, as long as that gets any further.
        Raises as `meet`; what was answered before that stays true, and the others may be submitted again.
        """
        read: dict[int, Statement] = {}
        for position, one in enumerate(submitted):
            try:
                read[position] = read_statement(drop_unprotected(one))
            except TallyError as error:
                yield position, error
        waiting: dict[int, Refused] = {}
        for statements in in_rounds(read, at_most):
            again = {position: read[position] for position in waiting}
            waiting = yield from self._settle({**again, **statements}, at_most)
        yield from waiting.items()

    def bundle(self, which: str) -> tuple[bytes, Verified]:
        """The bundle of a statement, given by its id or the beginning of it, and what it proves.

        Raises what `verify_bundle` raises, `ProofInvalid` for the bundle of another statement, and as `meet`.
        """
        until = self._wire.patience.until()
        question = Question("GET", f"/bundles/{quote(which, safe='')}", _BUNDLE, BUNDLE_BYTES)
        data = self._wire.ask(question, until).body
        verified = verify_bundle(data, self.key)
        if not verified.claim.startswith(which):
            raise ProofInvalid(
                f"{self.url} answers with the bundle of {verified.claim}", expected=f"that of {which}"
            )
        self._hold([head_of_checkpoint(decode_bundle(data).checkpoint, self.key)], until)
        return data, verified

    def _settle(
        self, statements: Statements, at_most: int
    ) -> Generator[tuple[int, Outcome], None, dict[int, Refused]]:
        """Register statements, set by set, until none gets any further; returns what still waits for another."""
        left = statements
        while True:
            waiting: dict[int, Refused] = {}
            for chosen in in_sets(left, at_most):
                outcomes = self._register([*chosen.values()])
                for position, outcome in zip(chosen, outcomes, strict=True):
                    if isinstance(outcome, Refused) and outcome.retriable:
                        waiting[position] = outcome
                    else:
                        yield position, outcome
            if len(waiting) in {0, len(left)}:
                return waiting
            left = {position: left[position] for position in waiting}

    def _register(self, statements: Sequence[Statement]) -> list[Outcome]:
        """Register one set; one outcome each, in their order."""
        if len(statements) == 1:
            return [self._register_one(statements[0])]
        body = b"".join(one.data for one in statements)
        until = self._wire.patience.until()
        limit = len(statements) * ANSWER_LINE_BYTES
        answer = self._wire.ask(Question("POST", "/statements", LINES, limit, SEQUENCE, body), until)
        outcomes: list[Outcome] = []
        heads: dict[tuple[TreeSize, Hash], Head] = {}
        for statement, line in zip(statements, read_lines(answer.body, len(statements)), strict=True):
            if line.receipt:
                done, head = self._opened(statement, line.receipt)
                heads[head.size, head.root] = head
                outcomes.append(done)
            else:
                outcomes.append(error_of(line, line.status))
        self._hold(heads.values(), until)
        return outcomes

    def _register_one(self, statement: Statement) -> Outcome:
        """Register a set of one, by the route for one: a large set that is under way does not keep it waiting."""
        until = self._wire.patience.until()
        try:
            receipt = self._receipt(statement, until)
        except MalformedAnswer:
            raise
        except (Refused, Malformed, VerificationFailed) as error:
            return error  # said of the statement; anything else is of the log
        done, head = self._opened(statement, receipt)
        self._hold([head], until)
        return done

    def _receipt(self, statement: Statement, until: float) -> bytes:
        """The receipt that one statement is answered with, at once or later (202); not opened yet."""
        patience = self._wire.patience
        post = Question("POST", "/entries", _COSE, RECEIPT_BYTES, _COSE, statement.data)
        look = Question("GET", f"/entries/{statement.id}", _COSE, RECEIPT_BYTES)
        answer, looks = self._wire.ask(post, until), 0
        while answer.status in {202, 204}:
            if not patience.wait(looks, answer.retry_after_s, until):
                raise LogUnreachable(
                    f"{self.url} has taken statement {statement.id[:12]}, and not registered it in time",
                    hint="submit it again later: it is registered once",
                )
            looks += 1
            try:
                answer = self._wire.ask(look, until)
            except NotFound:  # what was taken and not acknowledged is gone when a server starts again
                answer = self._wire.ask(post, until)
        return answer.body

    def _opened(self, statement: Statement, data: bytes) -> tuple[Acknowledged, Head]:
        """What a receipt proves of the statement that was sent. Raises what `open_receipt` raises."""
        receipt = open_receipt(data, statement.entry, self.key.key, self.key.name)
        done = Acknowledged(statement.id, receipt.index, receipt.registered_at, data)
        return done, head_of_receipt(receipt, data, statement.entry)

    def _hold(self, heads: Iterable[Head], until: float) -> Head:
        """Meet the log, and hold what it signed just now against its newest checkpoint."""
        history = History(self.key, self._memory, partial(self._consistency, until))
        newest = history.meet(
            lambda: self._wire.ask(Question("GET", "/checkpoint", _NOTE, NOTE_BYTES), until).body
        )
        for head in heads:
            history.require_extends(head, newest)
        return newest

    def _consistency(self, until: float, old: TreeSize, new: TreeSize) -> list[Hash]:
        answer = self._wire.ask(Question("GET", f"/proofs/consistency/{old}/{new}", _JSON), until)
        path = _decoded(answer, _Consistency).path
        if not all(map(_HASH.fullmatch, path)):
            raise MalformedAnswer(
                "a consistency path with something else than hashes", expected="hexadecimal"
            )
        return [Hash(bytes.fromhex(one)) for one in path]


def _key_told(wire: Wire, *, believed: bool) -> VerifierKey:
    """The key that a server says its log has. Raises `KeyUnknown` unless it may be believed."""
    if not believed:
        raise KeyUnknown(
            f"no key is known here for the log at {wire.url}: nothing that it signs can be checked",
            expected="the log's verifier key, once; it is remembered",
            hint="get it from the log's operator by another way than this server (the contract, a call, their web "
            "site) and give it with --log-key. If nobody can stand between you and the server, --trust-on-first-use "
            "takes the server's word for it",
        )
    answer = wire.ask(Question("GET", "/log", _JSON))
    return parse_vkey(_decoded(answer, _Log).vkey)


_S = TypeVar("_S", bound=msgspec.Struct)


def _decoded(answer: Answer, kind: type[_S]) -> _S:
    """A JSON answer. Raises `MalformedAnswer`."""
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise MalformedAnswer(
            f"the answer cannot be read: {error!s:.200}",
            expected=f"JSON with {', '.join(kind.__struct_fields__)}",
        ) from error
