"""`tally outbox`: signed statements that wait here until a log at a URL has acknowledged them."""

from __future__ import annotations

from typing import Any

import typer

from cli.common import JsonOption
from cli.output import print_json, progress, say, table
from cli.remote import (
    WAIT_S,
    FirstUseOption,
    LogKeyOption,
    MemoryOption,
    Remote,
    TokenOption,
    UrlOption,
    WaitOption,
    as_submitted,
    moment,
    outbox_in,
)
from cli.render.submitted import Submitted, report_submitted
from ledger.client.outbox import Waiting
from ledger.errors import TallyError

app = typer.Typer(help="Statements that wait for a log at a URL.", invoke_without_command=True)


@app.callback()
def outbox(context: typer.Context, *, memory: MemoryOption = None, as_json: JsonOption = False) -> None:
    """Statements that wait for a log at a URL; alone, the same as `tally outbox list`."""
    if context.invoked_subcommand is None:
        list_(memory=memory, as_json=as_json)


@app.command("list", epilog="Example: tally outbox list")
def list_(*, memory: MemoryOption = None, as_json: JsonOption = False) -> None:
    """List what waits, the oldest first: since when, for which log, and why it is not acknowledged yet."""
    waiting = outbox_in(memory).waiting()
    if as_json:
        print_json([_as_json(one) for one in waiting])
    elif not waiting:
        say("nothing waits")
    else:
        rows = [
            [
                one.statement.id[:12],
                one.statement.payload["type"],
                moment(one.since),
                one.url,
                one.error or "not sent yet",
            ]
            for one in waiting
        ]
        table("", ["id", "type", "since", "for", "last error"], rows)


@app.command("send", epilog="Example: tally outbox send --url https://log.example.org")
def send(
    *,
    url: UrlOption = None,
    log_key: LogKeyOption = None,
    first_use: FirstUseOption = False,
    memory: MemoryOption = None,
    token_file: TokenOption = None,
    wait: WaitOption = WAIT_S,
    as_json: JsonOption = False,
) -> None:
    """Send what waits, for one log or for all, and keep the receipts in the outbox. What is not acknowledged stays."""
    if url is None and (log_key or token_file):
        raise typer.BadParameter("--log-key and --token-file go with --url: they are for one log")
    outbox = outbox_in(memory)
    waiting = outbox.waiting(url)
    outcomes: dict[tuple[str, str], Submitted | TallyError] = {}
    with progress("sending", len(waiting)) as tick:
        for one in dict.fromkeys(entry.url for entry in waiting):
            remote = Remote(one, log_key, first_use, memory, token_file, wait)
            entries = [entry for entry in waiting if entry.url == one]
            for entry, outcome in outbox.send(remote.connect, entries):
                outcomes[one, entry.statement.id] = as_submitted(outcome)
                tick(1)
    names = [one.statement.id for one in waiting]
    report_submitted(
        names, [outcomes[one.url, one.statement.id] for one in waiting], as_json=as_json, what="statement"
    )


def _as_json(one: Waiting) -> dict[str, Any]:
    return {
        "id": one.statement.id,
        "type": one.statement.payload["type"],
        "since": moment(one.since),
        "url": one.url,
        "error": one.error or None,
    }
