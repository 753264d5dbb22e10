"""From a statement up to its contract, as far as a reader sees it. Read off the log itself, not off the read models."""

from __future__ import annotations

from ledger.errors import NotFound
from ledger.log.past import reopened
from ledger.log.reader import LogReader
from ledger.rules.refusal import short_id
from ledger.rules.situation import Situation
from ledger.trace.up import contract_under, situation_around, trace_up
from ledger.units import StatementId
from ledger.views.answers.base import Named
from ledger.views.answers.path import News, Path, Step
from ledger.views.world import World


def path_to(reader: LogReader, world: World, statement: StatementId) -> Path:
    """The path to a statement that is seen. Raises `NotFound` for one that is on none, `LogInconsistent`."""
    at = situation_about(reader, world, statement)
    steps = trace_up(at, statement)
    seen = world.sees([one for step in steps for one in (step.statement, step.accepted) if one])
    return Path(
        contract=at.framework.id,
        statement=statement,
        steps=tuple(
            Step(
                statement=step.statement,
                accepted=step.accepted if step.accepted in seen else None,
                signer=Named(id=step.signer, name=at.who(step.signer)) if step.signer else None,
                says=step.says,
            )
            for step in steps
            if step.statement in seen
        ),
        size=world.size,
    )


def news_of(
    reader: LogReader, world: World, contract: StatementId, after: int, most: int
) -> tuple[News, ...]:
    """The statements behind an index that are seen of a contract, each with what it says."""
    found = world.news(contract, after, most)
    return tuple(News(statement=one, says=_says(reader, world, one.id)) for one in found)


def _says(reader: LogReader, world: World, statement: StatementId) -> str:
    return trace_up(situation_about(reader, world, statement), statement)[-1].says


def situation_about(reader: LogReader, world: World, statement: StatementId) -> Situation:
    """As much of a contract as it takes to tell of a statement, at the size that is seen."""
    view = world.past or reader.store
    known = view.known(statement)
    if known is None:
        raise NotFound(
            f"{short_id(statement)} was not registered yet", expected=f"a statement below {world.size}"
        )
    contract_under(view, statement)
    referred = reopened(reader, reader.row(known.index)).statement.referred
    return situation_around(view, statement, referred, world.as_of)
