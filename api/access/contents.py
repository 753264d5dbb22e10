"""What a requester may read of a log's contents: everything, or its own branch of each contract and its own words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from api.access.requester import Requester
from api.service import Service
from ledger.audit.bundle import decode_bundle
from ledger.errors import AccessDenied, NotFound
from ledger.log.reader import LogReader
from ledger.statement.envelope import read_statement
from ledger.units import LeafIndex, StatementId
from ledger.views.staging import Sight

_POLICY = LeafIndex(0)


def check_may_read(service: Service, reader: LogReader, who: Requester, statement: StatementId) -> None:
    """Default deny. Raises `NotFound` for what this requester may not see, as for what is not there."""
    if who.everything:
        return
    index = reader.store.index_of(statement)
    if index is not None and (index == _POLICY or _is_its_own(reader, who, index)):
        return
    if index is None or not _seen(service, reader, who, [statement]):
        raise NotFound(f"no statement {statement} that you may read", hint="ask as a party it concerns")


def check_may_take(service: Service, reader: LogReader, who: Requester, bundle: bytes) -> None:
    """Whether all that a bundle holds of contracts may be read. Raises `AccessDenied`.

    Who the parties are (enrolments, keys) comes with any bundle: without it nothing in it would verify.
    """
    if who.everything:
        return
    ids = [read_statement(data).id for _, data in decode_bundle(bundle).entries]
    known = {one: reader.store.known(one) for one in ids}
    under = [one for one, what in known.items() if what is not None and what.contract]
    hidden = len(under) - len(_seen(service, reader, who, under))
    if hidden:
        raise AccessDenied(
            f"{hidden} of the statements that this one is proved by are others' alone",
            expected="a bundle of your own branch of the contract",
            hint="ask the buyer for it, or ask for a bundle of a statement of your own",
        )


def _is_its_own(reader: LogReader, who: Requester, index: LeafIndex) -> bool:
    return who.party is not None and read_statement(reader.statement(index)).iss == who.party


def _seen(
    service: Service, reader: LogReader, who: Requester, statements: Collection[StatementId]
) -> frozenset[StatementId]:
    sight = Sight(who.party, who.everything)
    with service.views.world(reader, sight, datetime.now(UTC)) as world:
        return world.sees(statements)
