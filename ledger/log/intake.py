"""Intake: from submitted bytes to opened statements.

Opening (decode, check shape and signature, read the event) needs no state and runs beside the writer. The keys it needs
come from the log, and from the set itself: what was added by a statement of the same set counts, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ledger.errors import MalformedCose, TallyError
from ledger.events.catalogue import read_event
from ledger.events.opened import Opened, open_kept
from ledger.events.party import KeyAdded
from ledger.log.signatures import SignaturePool, opened_windows
from ledger.statement.envelope import KeyResolver, drop_unprotected, read_statement
from ledger.statement.keybook import KeyBook
from ledger.units import PartyId

_TYPE: Final = b"key.added"
_ESCAPE: Final = b"\\u"


def open_submitted(data: bytes, resolve: KeyResolver) -> Opened:
    """Open a submitted statement; its unprotected header is dropped.

    Raises a `Malformed` or a `VerificationFailed` that says why.
    """
    try:
        return open_kept(data, resolve)
    except MalformedCose:
        taken = drop_unprotected(data)
        if taken == data:
            raise
        return open_kept(taken, resolve)


def open_many(
    submitted: Sequence[bytes], window: int, keys: KeyBook, pool: SignaturePool | None
) -> Iterator[list[Opened | TallyError]]:
    """Open many, a window at a time; one result each, in their order."""
    windows = (submitted[start : start + window] for start in range(0, len(submitted), window))
    return opened_windows(windows, open_submitted, keys, pool)


def keys_added_in(submitted: Iterable[bytes]) -> Iterator[PartyId]:
    """The keys that statements of a set say they add, none of them verified: enough to check signatures with.

    Only those are read that may be a `key.added`: the name of the type stands in them, or an escape that could hide it.
    """
    for data in submitted:
        if _TYPE not in data and _ESCAPE not in data:
            continue
        try:
            event = read_event(read_statement(drop_unprotected(data)).payload)
        except TallyError:
            continue  # what is wrong with it is said where it is opened
        if isinstance(event, KeyAdded):
            yield event.body.key
