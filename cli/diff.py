"""`tally diff`: what changed about a contract between two sizes of the log."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from cli.common import LOG_FOLDER, JsonOption, LogOption
from cli.contracts import choose_contract
from cli.output import print_json, progress, say
from cli.past import past_as_json, say_moment
from cli.render.diff import diff_as_json, show_diff
from ledger.errors import NotFound
from ledger.log.past import Asked, read_moment, state_at
from ledger.log.reader import LogReader
from ledger.rules.gathering import situation
from ledger.rules.records import Framework
from ledger.rules.refusal import short_id
from ledger.rules.state import MemoryState
from ledger.trace.diff import compare
from ledger.units import StatementId


def diff(
    before: Annotated[str, typer.Argument(metavar="SIZE|TIME", help="The log as it was: a size, or a time.")],
    after: Annotated[str, typer.Argument(metavar="SIZE|TIME", help="The log as it was later.")],
    contract: Annotated[
        str | None,
        typer.Argument(metavar="CONTRACT", help="The contract. [default: the only one there is]"),
    ] = None,
    *,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Judge both by this time (RFC 3339). [default: the later time, or the time the last "
            "entry of the later size was registered]",
        ),
    ] = None,
    log: LogOption = LOG_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """What changed about a contract between two sizes of the log, or two times: terms, figures, facts and findings.

    Both are judged by the same day, so that a finding opens or closes by what was registered, not by waiting.
    """
    with LogReader.open(log) as reader:
        second = read_moment(reader, after).judged(as_of)
        first = replace(read_moment(reader, before), as_of=second.as_of)
        if first.moment.size > second.moment.size:
            raise typer.BadParameter(f"{before} is later than {after}: give the earlier first")
        with progress("folding", second.moment.size) as tick:
            earlier = state_at(reader, first.moment.size, tick)
            later = state_at(reader, second.moment.size, tick, since=earlier)
        chosen = choose_contract(reader, _frameworks(later), contract, "a third argument")
        _check_there(earlier, later, chosen, first)
        was, now = (situation(state, chosen, second.as_of) for state in (earlier, later))
        changed = compare(was, now)
    if as_json:
        told = {"contract": chosen, "from": past_as_json(first), "to": past_as_json(second)}
        print_json(told | diff_as_json(now, changed))
        return
    show_diff(now, changed)
    for what, asked in (("From", first), ("To", second)):
        say(f"\n{what}")
        say_moment(asked.moment)
    say(f"\nWhat is late is judged as of {second.as_of.isoformat()}, in both.")


def _frameworks(state: MemoryState) -> list[Framework]:
    return [situation(state, contract).framework for contract in state.contracts()]


def _check_there(earlier: MemoryState, later: MemoryState, contract: StatementId, first: Asked) -> None:
    if earlier.known(contract) is None:
        known = later.known(contract)
        assert known is not None, "it was chosen from the later state"
        raise NotFound(
            f"contract {short_id(contract)} was not there yet at size {first.moment.size}: it was registered as entry "
            f"{known.index}",
            expected=f"a first size of {known.index + 1} or more; `tally trace {short_id(contract)}` tells all of it",
        )
