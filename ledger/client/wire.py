"""One request to a server, as often as it takes, and no longer than was said: the only place where a socket is.

* TLS is verified, by the certificates the machine trusts. Nothing is read from the environment: no proxy, no netrc, no
  certificate file. A redirect is never followed.
* An answer is bounded before it is read, and taken as it is sent: nothing is decompressed.
* Every request here may be repeated without harm (the same statement has the same answer), so it is: after a failed
  connection, after 429, after 503 where a time to come again is named, and after what a proxy in between answers for a
  server that is away. Waits double up to a cap, a part of each by chance, and are at least what `Retry-After` says
  (RFC 9110 10.2.3). All of it has one end, the deadline.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from random import SystemRandom
from typing import Final

import httpx2

from ledger.client.problems import PROBLEM_CBOR, PROBLEM_JSON, read_problem
from ledger.client.proving import Prove, nobody
from ledger.errors import LogUnreachable, Malformed, MalformedAnswer, TallyError
from ledger.limits import (
    ANSWER_BYTES,
    CLIENT_BYTES_PER_S,
    CLIENT_CONNECT_S,
    CLIENT_RETRY_CAP_S,
    CLIENT_RETRY_FIRST_S,
    CLIENT_TOTAL_S,
)

_SECONDS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_BUSY: Final = 429
_AWAY: Final = frozenset({502, 503, 504})
_IN_THE_WAY: Final = (httpx2.HTTPError, httpx2.InvalidURL)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is tried, and by which clock."""

    total_s: float = CLIENT_TOTAL_S
    first_s: float = CLIENT_RETRY_FIRST_S
    cap_s: float = CLIENT_RETRY_CAP_S
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[float, float], float] = SystemRandom().uniform

    def until(self) -> float:
        """The moment at which what begins now must have ended."""
        return self.now() + self.total_s

    def wait(self, attempt: int, at_least_s: float, until: float) -> bool:
        """Wait before the next attempt (this one's number is from 0); False, at once, if that would be too late."""
        most = min(self.cap_s, self.first_s * 2 ** min(attempt, 16))
        pause = max(self.chance(most / 2, most), at_least_s)
        if self.now() + pause >= until:
            return False
        self.sleep(pause)
        return True


PATIENT: Final = Patience()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: a status below 300, and a body within its bound."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def retry_after_s(self) -> float:
        """The seconds that `Retry-After` names; 0 where it names none."""
        named = self.headers.get("retry-after", "")
        return float(named) if _SECONDS.fullmatch(named) else 0.0


@dataclass(frozen=True, slots=True)
class Question:
    """A request that may be repeated; `limit` are the bytes that a good answer may have."""

    method: str
    path: str
    accept: str
    limit: int = ANSWER_BYTES
    media: str = ""
    body: bytes = field(default=b"", repr=False)


class Wire:
    """Requests to one server, from any thread."""

    def __init__(
        self,
        url: str,
        *,
        prove: Prove = nobody,
        patience: Patience = PATIENT,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """`transport` takes the place of the network. Raises `Malformed` for what is not the URL of a server."""
        self.url = read_url(url)
        self.patience = patience
        self._prove = prove
        self._http = httpx2.Client(trust_env=False, follow_redirects=False, transport=transport)

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def ask(self, question: Question, until: float | None = None) -> Answer:
        """The answer to a question, asked until the deadline, which is `Patience.total_s` from now where none is given.

        Raises `LogUnreachable` when there was none by then, `MalformedAnswer` for one that is none, and what the server
        says is wrong.
        """
        until = self.patience.until() if until is None else until
        attempt = 0
        while True:
            answer: Answer | None = None
            try:
                answer = self._once(question, until)
                if answer.status < 300:
                    return answer
                failure = self._failure(answer)
                if not _is_passing(answer):
                    raise failure
            except _IN_THE_WAY as error:
                failure = self._unreachable(error)
                if _is_about_trust(error):
                    raise failure from error
            if not self.patience.wait(attempt, answer.retry_after_s if answer else 0, until):
                raise failure
            attempt += 1

    def _once(self, question: Question, until: float) -> Answer:
        url = self.url + question.path
        fields = {"accept": question.accept, "accept-encoding": "identity", "user-agent": "tallystick"}
        if question.media:
            fields["content-type"] = question.media
        left = max(until - self.patience.now(), 0.001)
        with self._http.stream(
            question.method,
            url,
            content=question.body or None,
            headers={**fields, **self._prove(question.method, url, question.body)},
            timeout=httpx2.Timeout(left, connect=min(left, CLIENT_CONNECT_S)),
        ) as response:
            bound = question.limit if response.status_code < 300 else ANSWER_BYTES
            slow = until + len(question.body) / CLIENT_BYTES_PER_S
            return Answer(response.status_code, response.headers, self._body(response, bound, slow))

    def _body(self, response: httpx2.Response, limit: int, until: float) -> bytes:
        encoding = response.headers.get("content-encoding", "identity")
        if encoding != "identity":
            raise MalformedAnswer(
                f"{self.url} answers in the encoding {encoding[:40]!r}",
                expected="the plain bytes, as asked for",
            )
        parts, total = [], 0
        for part in response.iter_raw():
            total += len(part)
            if total > limit:
                raise MalformedAnswer(f"{self.url} answers with more than {limit} bytes")
            if self.patience.now() > until + total / CLIENT_BYTES_PER_S:
                raise httpx2.ReadTimeout("the answer did not end in time")
            parts.append(part)
        return b"".join(parts)

    def _failure(self, answer: Answer) -> TallyError:
        if answer.status < 400:
            return MalformedAnswer(
                f"{self.url} answers {answer.status} and names {answer.headers.get('location', '')[:200]!r}",
                expected="an answer from this very server: no redirect is followed",
                hint="if that is the log's right address, give it as the URL",
            )
        return read_problem(answer.status, answer.media, answer.body)

    def _unreachable(self, error: Exception) -> LogUnreachable:
        about_trust = _is_about_trust(error)
        return LogUnreachable(
            f"{self.url} gives no answer: {str(error) or type(error).__name__:.200}",
            expected="a certificate that this machine trusts, for this host" if about_trust else "",
            hint="check the URL; if it is right, somebody may stand between you and the server"
            if about_trust
            else "try again later, with the same statements: none is registered twice",
        )


def read_url(given: str) -> str:
    """The URL of a server as it is remembered: scheme, host, port and path, no slash at the end. Raises `Malformed`."""
    try:
        url = httpx2.URL(given)
        plain = url.scheme in {"http", "https"} and url.host and not url.userinfo and (url.port or 0) < 2**16
        if plain and not url.query and not url.fragment:
            return str(url).rstrip("/?#")
    except (httpx2.InvalidURL, ValueError, TypeError):
        pass
    raise Malformed(
        f"{given[:200]!r} is not the URL of a log",
        expected="https://HOST, with a port or a path where it has one; no user, no query",
    )


def is_confidential(url: str) -> bool:
    """Whether what is sent there is seen by the server alone: over TLS, or without leaving this machine."""
    read = httpx2.URL(url)
    if read.scheme == "https" or read.host == "localhost":
        return True
    try:
        return ip_address(read.host).is_loopback
    except ValueError:
        return False


def _is_passing(answer: Answer) -> bool:
    """Whether the same request may fare better in a moment."""
    if answer.status == _BUSY:
        return True
    own = answer.media in {PROBLEM_JSON, PROBLEM_CBOR}
    return answer.status in _AWAY and ("retry-after" in answer.headers or not own)


def _is_about_trust(error: BaseException) -> bool:
    """Whether the certificate was refused: no repetition mends that."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
