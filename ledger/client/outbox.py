"""The outbox: signed statements that wait here until a log has acknowledged them.

    <folder>/<SHA-256 of the URL, 16 digits>/<statement id>.waiting
                                             {"outbox": 1, "url": ..., "statement": bytes, "since": s, "error": text}
                                             <statement id>.receipt      once it is acknowledged

A statement is here whole or not at all, and stays until its receipt, verified, is durable beside it: whatever dies at
whatever moment, nothing is lost, and what is sent again has the answer it had. What a rule refuses stays too, with the
reason, until somebody deletes its file. Files are deterministic CBOR; no key and no confidential value is in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeGuard

from ledger.client.client import Acknowledged, Client
from ledger.client.wire import read_url
from ledger.durable import alone_in, sync_folder, write_durably
from ledger.errors import Malformed, TallyError
from ledger.limits import ANSWER_TEXT_CHARS, OUTBOX_ENTRY_BYTES
from ledger.statement import cbor
from ledger.statement.envelope import Statement, drop_unprotected, read_statement

VERSION: Final = 1
_WAITING: Final = ".waiting"
_RECEIPT: Final = ".receipt"
_MEMBERS: Final = {"outbox", "url", "statement", "since", "error"}
_ID: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A statement that waits for the log at `url`."""

    url: str
    statement: Statement = field(repr=False)
    since: int
    """Seconds since 1970, by this machine's clock."""
    error: str
    """Why it was not acknowledged when it was sent last; empty before that."""


class Outbox:
    """A folder of statements that wait; made on the first `put`, mode 0700. Safe for any thread and process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, url: str, submitted: bytes, now: int) -> Waiting:
        """Keep a statement for the log at a URL; it is durable when this returns. Again without harm.

        Raises what reading the statement or the URL raises.
        """
        statement = read_statement(drop_unprotected(submitted))
        entry = Waiting(read_url(url), statement, now, "")
        path = self._path(entry)
        with self._changing(path.parent):
            kept = _read(path)
            if kept is None:
                self._write(entry)
        return kept or entry

    def waiting(self, url: str | None = None) -> list[Waiting]:
        """What waits, for one log or for all, the oldest first. Raises `Malformed` for a damaged file."""
        paths = [path for path in self.folder.glob(f"*/*{_WAITING}") if _ID.fullmatch(path.stem)]
        found = [one for path in paths if (one := _read(path)) is not None]
        chosen = [one for one in found if url is None or one.url == read_url(url)]
        return sorted(chosen, key=lambda one: (one.since, one.url, one.statement.id))

    def send(
        self, connect: Callable[[], Client], entries: Sequence[Waiting]
    ) -> Iterator[tuple[Waiting, Acknowledged | TallyError]]:
        """Send entries for one log, and answer for each what became of it, as it is known.

        What is acknowledged is out of the outbox by then; of the others the reason is kept, and what ends it early,
        a log that cannot be reached say, is the reason of all that were not answered.
        """
        left = dict(enumerate(entries))
        try:
            with connect() as client:
                for position, outcome in client.submit_many([one.statement.data for one in entries]):
                    entry = left.pop(position)
                    if isinstance(outcome, TallyError):
                        self.failed([entry], outcome)
                    else:
                        self.acknowledge(entry, outcome)
                    yield entry, outcome
        except TallyError as error:
            self.failed(left.values(), error)
            for entry in left.values():
                yield entry, error

    def acknowledge(self, entry: Waiting, done: Acknowledged) -> Path:
        """Keep the receipt of a statement, then let go of the statement. Answers where the receipt is."""
        path = self._path(entry)
        receipt = path.with_suffix(_RECEIPT)
        with self._changing(path.parent):
            if not receipt.exists():
                write_durably(receipt, done.receipt)
            path.unlink(missing_ok=True)  # dies it here, the statement is sent again and has this receipt
            sync_folder(path.parent)
        return receipt

    def failed(self, entries: Iterable[Waiting], error: TallyError) -> None:
        """Note why statements were not acknowledged; those that another process has let go meanwhile stay gone."""
        for entry in entries:
            path = self._path(entry)
            with self._changing(path.parent):
                if path.exists():
                    self._write(replace(entry, error=str(error)[:ANSWER_TEXT_CHARS]))

    def _path(self, entry: Waiting) -> Path:
        return self.folder / sha256(entry.url.encode()).hexdigest()[:16] / f"{entry.statement.id}{_WAITING}"

    def _write(self, entry: Waiting) -> None:
        content = {
            "outbox": VERSION,
            "url": entry.url,
            "statement": entry.statement.data,
            "since": entry.since,
            "error": entry.error,
        }
        write_durably(self._path(entry), cbor.encode(content))

    @contextmanager
    def _changing(self, folder: Path) -> Iterator[None]:
        """One change at a time. Raises a `TallyError` with the system's reason."""
        try:
            for part in (self.folder, folder):
                if not part.exists():
                    part.mkdir(mode=0o700, parents=True, exist_ok=True)
                    sync_folder(part.parent)
            with alone_in(folder):
                yield
        except OSError as error:
            raise TallyError(
                f"the outbox {folder} cannot be written: {error.strerror}",
                hint="what was in it is there still: mend that, and try again",
            ) from error


def _read(path: Path) -> Waiting | None:
    """Read a file strictly; None if it is not there. Raises `Malformed`, or a `TallyError` with the system's reason."""
    try:
        with path.open("rb") as file:
            data = file.read(OUTBOX_ENTRY_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TallyError(f"{path} cannot be read: {error.strerror}") from error
    try:
        content = cbor.decode(data) if len(data) <= OUTBOX_ENTRY_BYTES else None
        if _is_entry(content):
            statement = read_statement(content["statement"])
            if path.stem == statement.id:
                return Waiting(content["url"], statement, content["since"], content["error"])
    except Malformed:
        pass
    raise Malformed(
        f"{path} is damaged",
        expected="a statement as `tally submit --later` kept it",
        hint="submit the statement's own file again, then delete this one",
    )


def _is_entry(content: Any) -> TypeGuard[dict[str, Any]]:
    return (
        isinstance(content, dict)
        and set(content) == _MEMBERS
        and content["outbox"] is not True
        and content["outbox"] == VERSION
        and all(
            type(content[name]) is kind
            for name, kind in (("url", str), ("statement", bytes), ("since", int), ("error", str))
        )
    )
