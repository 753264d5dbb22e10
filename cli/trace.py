"""`tally trace`: who made what, now or at any size the log has had."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.common import LOG_FOLDER, JsonOption, LogOption, resolve_id
from cli.output import print_json, progress, say, table
from cli.past import AsOfOption, AtOption, past_as_json, read_past, say_past
from cli.render.contract import contract_as_json, show_contract
from cli.render.evidence import path_as_json, show_findings, show_path
from ledger.errors import NotFound
from ledger.log.past import Asked, reopened, state_at
from ledger.log.reader import LogReader
from ledger.rules.findings import findings_in
from ledger.rules.gathering import situation
from ledger.rules.refusal import short_id
from ledger.rules.situation import Situation
from ledger.rules.state import View
from ledger.trace.up import PathStep, contract_under, situation_around, trace_up
from ledger.units import LeafIndex, StatementId


def trace(
    which: Annotated[
        str | None, typer.Argument(metavar="ID", help="A statement's id, the beginning of it, or @FILE.")
    ] = None,
    *,
    at: AtOption = None,
    as_of: AsOfOption = None,
    log: LogOption = LOG_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Who made what: a contract down to makers, lots and deliveries; anything else up to its contract.

    Without an ID the contracts of the log are listed. With --at nothing that was registered later is known.
    """
    with LogReader.open(log) as reader:
        asked = read_past(reader, at, as_of)
        index = _index_of(reader, which, asked) if which else None
        view, contracts = _as_it_was(reader, asked)
        if index is None:
            _list_contracts(reader, [situation(view, one) for one in contracts], asked, as_json=as_json)
            return
        statement = reopened(reader, reader.row(index)).statement
        if statement.id == contract_under(view, statement.id):
            _show_contract(situation(view, statement.id, asked.as_of), asked, as_json=as_json)
        else:
            around = situation_around(view, statement.id, statement.referred, asked.as_of)
            _show_path(around, trace_up(around, statement.id), asked, as_json=as_json)


def _index_of(reader: LogReader, which: str, asked: Asked) -> LeafIndex:
    statement = resolve_id(reader, which)
    index = reader.store.index_of(statement)
    assert index is not None, "it was found in this log"
    if index >= asked.moment.size:
        raise NotFound(
            f"{short_id(statement)} was not there yet: it was registered as entry {index}",
            expected=f"a statement among the first {asked.moment.size} entries, or --at {index + 1} or more",
        )
    return index


def _as_it_was(reader: LogReader, asked: Asked) -> tuple[View, list[StatementId]]:
    """The state, and the contracts in it: as the log keeps it now, or folded as far as was asked for."""
    if not asked.past:
        return reader.store, reader.store.contracts()
    with progress("folding", asked.moment.size) as tick:
        state = state_at(reader, asked.moment.size, tick)
    return state, state.contracts()


def _show_contract(at: Situation, asked: Asked, *, as_json: bool) -> None:
    if as_json:
        print_json({"log": past_as_json(asked)} | contract_as_json(at))
        return
    show_contract(at)
    show_findings(findings_in(at))
    _say_past(asked)


def _show_path(at: Situation, path: tuple[PathStep, ...], asked: Asked, *, as_json: bool) -> None:
    if as_json:
        print_json({"log": past_as_json(asked), "contract": at.framework.id, "path": path_as_json(path)})
        return
    show_path(path)
    _say_past(asked)


def _list_contracts(reader: LogReader, contracts: list[Situation], asked: Asked, *, as_json: bool) -> None:
    if as_json:
        listed = [
            {"id": at.framework.id, "reference": at.framework.reference, "title": at.framework.title}
            for at in contracts
        ]
        print_json({"log": past_as_json(asked), "contracts": listed})
        return
    if contracts:
        rows = [
            [at.framework.id[:12], at.framework.reference, at.framework.title, at.who(at.framework.buyer)]
            for at in contracts
        ]
        table(f"Contracts in {reader.policy.origin}", ["id", "reference", "title", "buyer"], rows)
    else:
        say(f"There are no contracts in {reader.policy.origin} yet.")
    _say_past(asked)


def _say_past(asked: Asked) -> None:
    if asked.past:
        say()
        say_past(asked)
