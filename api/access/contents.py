"""What a requester may read of a log's contents: everything, or its own branch of each contract."""

from __future__ import annotations

from api.access.requester import Requester
from ledger.errors import NotFound
from ledger.log.reader import LogReader
from ledger.units import StatementId


def check_may_read(reader: LogReader, who: Requester, statement: StatementId) -> None:
    """Raises `NotFound` for what this requester may not see, as for what is not there: default deny."""
    del reader
    if not who.everything:
        raise NotFound(f"no statement {statement} that you may read", hint="ask as a party it concerns")
