"""`--at SIZE|TIME`: which log a command answers for, the day it judges by, and how that is said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from cli.output import say
from ledger.log.past import Asked, Moment, moment_at, read_moment
from ledger.log.reader import LogReader

AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="SIZE|TIME",
        help="Answer for the log as it was with its first SIZE entries, or at a TIME (RFC 3339) by its own clock. "
        "[default: as it is]",
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Judge what is late as of this time (RFC 3339). [default: now; with --at TIME that time, with --at SIZE "
        "the time its last entry was registered]",
    ),
]


def read_past(reader: LogReader, at: str | None, as_of: str | None) -> Asked:
    """What `--at` and `--as-of` ask for. Raises `Malformed`, and `NotFound` for a size the log has not had."""
    if at is None:
        return Asked(moment_at(reader, reader.size), datetime.now(UTC), past=False).judged(as_of)
    return read_moment(reader, at).judged(as_of)


def say_past(asked: Asked) -> None:
    """Which beginning of the log the answer is about, and the day it judges by."""
    say_moment(asked.moment)
    say(f"What is late is judged as of {asked.as_of.isoformat()}.")


def say_moment(moment: Moment) -> None:
    """Which beginning of the log this is, and who says so."""
    say(f"The log with its first {moment.size} entries: root {moment.root.hex()}")
    say(
        "A checkpoint of exactly this size was published."
        if moment.published
        else "No checkpoint of exactly this size was published: by its proof it is a beginning of the newest one."
    )
    registered = moment.registered_at.isoformat()
    say(f"Its last entry was registered on {registered}: the log's own word, which no proof covers.")


def past_as_json(asked: Asked) -> dict[str, Any]:
    """The same for machines; the root is hexadecimal."""
    moment = asked.moment
    return {
        "size": moment.size,
        "root": moment.root.hex(),
        "published": moment.published,
        "registered_at": moment.registered_at.isoformat(),
        "as_of": asked.as_of.isoformat(),
    }
