"""What commands share that speak with another machine's log: which one, by which key, what is remembered of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from platformdirs import user_state_path

from cli.common import keep_receipt, read_file, read_vkey
from cli.output import errors, print_json, progress, say, table
from cli.render.submitted import Submitted
from ledger.client.client import Acknowledged, Client
from ledger.client.memory import Memory
from ledger.client.outbox import Outbox
from ledger.client.proving import Prove, bearer, nobody, signed
from ledger.client.wire import Patience, is_confidential, read_url
from ledger.errors import Malformed, TallyError
from ledger.limits import CLIENT_TOTAL_S, TOKEN_FILE_BYTES
from ledger.proof.note import format_vkey
from ledger.statement.signer import Signer
from ledger.units import PartyId

PANEL = "Another machine's log"

UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url", help="The log at this URL, in place of one on this machine.", rich_help_panel=PANEL
    ),
]
LogKeyOption = Annotated[
    str | None,
    typer.Option(
        "--log-key",
        help="The log's verifier key, or a file that holds it. [default: the one remembered for the URL]",
        rich_help_panel=PANEL,
    ),
]
FirstUseOption = Annotated[
    bool,
    typer.Option(
        "--trust-on-first-use",
        help="Where no key is remembered, believe the server which one is its log's.",
        rich_help_panel=PANEL,
    ),
]
MemoryOption = Annotated[
    Path | None,
    typer.Option(
        "--memory",
        envvar="TALLY_MEMORY",
        help="What is remembered of logs at URLs, and the outbox. [default: the platform's state folder]",
        rich_help_panel=PANEL,
    ),
]
TokenOption = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        envvar="TALLY_TOKEN_FILE",
        help="A file that holds the token to show: who asks. It is shown to the server of the URL alone.",
        rich_help_panel=PANEL,
    ),
]
WaitOption = Annotated[
    float,
    typer.Option(
        "--wait",
        min=0,
        help="For how many seconds a request is tried again at most.",
        rich_help_panel=PANEL,
    ),
]
WAIT_S = float(CLIENT_TOTAL_S)


@dataclass(frozen=True, slots=True)
class Remote:
    """How the log at a URL is spoken with."""

    url: str
    log_key: str | None
    first_use: bool
    memory: Path | None
    token_file: Path | None
    wait_s: float
    asker: tuple[Signer, PartyId] | None = None
    """A key, and the party whose requests it signs: who asks, in place of a token."""

    def connect(self) -> Client:
        """Meet it. Raises as `Client.connect`; says which key it was that had to be believed."""
        kept = memory_in(self.memory)
        known = self.log_key or kept.key_of(read_url(self.url))
        client = Client.connect(
            self.url,
            kept,
            key=read_vkey(self.log_key) if self.log_key else None,
            first_use=self.first_use,
            prove=self._prove(),
            patience=Patience(total_s=self.wait_s),
        )
        if not known:
            errors().print(
                f"trusted on first use, and remembered: {format_vkey(client.key)}\n"
                "Compare it with the key that the log's operator gives out.",
                markup=False,
                soft_wrap=True,
            )
        return client

    def put_later(self, submitted: Sequence[bytes]) -> list[str]:
        """Put statements into the outbox; a key that is given is trusted from now on. Answers their ids."""
        if self.log_key:
            memory_in(self.memory).remember_key(read_url(self.url), read_vkey(self.log_key))
        outbox, now = outbox_in(self.memory), int(datetime.now(UTC).timestamp())
        return [outbox.put(self.url, one, now).statement.id for one in submitted]

    def submit(self, submitted: Sequence[bytes], receipts: Path | None) -> list[Submitted | TallyError]:
        """Register statements, and keep their receipts in a folder; one outcome each, in their order.

        What ends it early is the outcome of all that were not answered by then.
        """
        outcomes: dict[int, Submitted | TallyError] = {}
        ended: TallyError | None = None
        with self.connect() as client, progress("submitting", len(submitted)) as tick:
            try:
                for position, outcome in client.submit_many(submitted):
                    if isinstance(outcome, Acknowledged) and receipts is not None:
                        keep_receipt(receipts, outcome.id, outcome.receipt)
                    outcomes[position] = as_submitted(outcome)
                    tick(1)
            except TallyError as error:
                ended = error
        if ended is not None and not outcomes:
            raise ended
        return [outcomes.get(position) or _ended(ended) for position in range(len(submitted))]

    def _prove(self) -> Prove:
        if self.asker is not None:
            return signed(*self.asker)
        if self.token_file is None:
            return nobody
        if not is_confidential(read_url(self.url)):
            raise Malformed(
                f"a token is not shown to {self.url}: everybody on the way can read it",
                expected="https, or a server on this machine",
                hint="use the log's https address",
            )
        return bearer(read_file(self.token_file, TOKEN_FILE_BYTES).decode(errors="replace").strip())


def memory_in(folder: Path | None) -> Memory:
    """What is remembered of logs at URLs."""
    return Memory(_state(folder))


def outbox_in(folder: Path | None) -> Outbox:
    """Statements that wait for a log: beside what is remembered of it."""
    return Outbox(_state(folder) / "outbox")


def as_submitted(outcome: Acknowledged | TallyError) -> Submitted | TallyError:
    """What a client answered, as it is reported."""
    if isinstance(outcome, TallyError):
        return outcome
    at = moment(outcome.registered_at)
    return Submitted(outcome.id, outcome.index, f"registered {at}", {"registered_at": at})


def moment(seconds: int) -> str:
    """A time as it is shown: UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def show_put(names: Sequence[str], ids: Sequence[str], url: str, *, as_json: bool) -> None:
    """Tell what waits now."""
    if as_json:
        print_json(
            [{"file": name, "id": one, "waits_for": url} for name, one in zip(names, ids, strict=True)]
        )
        return
    table("", ["file", "id"], [[name, one[:12]] for name, one in zip(names, ids, strict=True)])
    say(f"kept until {url} has acknowledged them: tally outbox send")


def _state(folder: Path | None) -> Path:
    return folder or user_state_path("tallystick")


def _ended(error: TallyError | None) -> TallyError:
    assert error is not None, "every statement has its outcome"
    return error
