"""`tally purge`: contents destroyed as the log orders it; and how erased entries are listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cli.common import LOG_FOLDER, JsonOption, LogOption
from cli.output import print_json, progress, say
from ledger.log.erased import ErasedEntry
from ledger.log.purge import purge as purge_log
from ledger.log.reader import LogReader


def purge(*, log: LogOption = LOG_FOLDER, as_json: JsonOption = False) -> None:
    """Destroy the contents of entries that an erasure.recorded of the log orders erased. Needs no key.

    What is left keeps every figure and reference and no text; no digest changes and every proof made before verifies.
    The log's files are written anew, so that the bytes are gone. Backups are not reached.
    """
    with LogReader.open(log) as reader:
        size = reader.size
    with progress("folding what is left", size) as tick:
        purged = purge_log(log, progress=tick)
    if as_json:
        print_json({"erased": erased_as_json(purged.now), "erased_before": purged.before})
        return
    show_erased(purged.now)
    say(
        f"the contents of {_entries(len(purged.now))} are destroyed; of {_entries(purged.before)} they were before"
    )


def show_erased(erased: Sequence[ErasedEntry]) -> None:
    """Every erased entry and the order, where there are any."""
    for one in erased:
        say(f"entry {one.index}, {one.type} {one.statement[:12]}: erased by order of {one.order[:12]}")
    if erased:
        say(
            f"{_entries(len(erased))} erased by order; what they did is the log's word, their digests are proved"
        )


def show_waiting(waiting: Sequence[ErasedEntry]) -> None:
    """Every entry that is ordered erased and can still be read, where there are any."""
    for one in waiting:
        say(
            f"entry {one.index}, {one.type} {one.statement[:12]}: ordered erased by {one.order[:12]}, can still be read"
        )
    if waiting:
        say(f"{_entries(len(waiting))} ordered erased and still here: `tally purge` destroys what they say")


def erased_as_json(erased: Sequence[ErasedEntry]) -> list[dict[str, Any]]:
    return [one._asdict() for one in erased]


def _entries(count: int) -> str:
    return f"{count} {'entry' if count == 1 else 'entries'}"
