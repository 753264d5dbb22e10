"""A statement with its event read: what intake, audit and the offline verifier all start from."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.events.accepted import read_accepted
from ledger.events.base import Event, Recorded
from ledger.events.catalogue import read_event
from ledger.events.party import KeyAdded
from ledger.statement.envelope import (
    KeyResolver,
    Statement,
    first_key,
    open_statement,
    read_accepted_statement,
)
from ledger.statement.keybook import KeyBook
from ledger.units import LeafIndex, StatementId


@dataclass(frozen=True, slots=True)
class Opened:
    """A statement whose bytes, signature and event are sound; whether it is admitted depends on the state."""

    statement: Statement
    event: Event

    @property
    def id(self) -> StatementId:
        return self.statement.id

    def at(self, index: LeafIndex) -> Recorded[Event]:
        """The event at a place in the log, as the rules see it."""
        one = self.statement
        return Recorded(one.id, index, one.iss, one.kid, one.sub, len(one.data), self.event)


def open_kept(data: bytes, resolve: KeyResolver = first_key) -> Opened:
    """Open a statement as it stands in a log or a bundle: exactly these bytes.

    Raises a `Malformed` or a `VerificationFailed` that says why.
    """
    statement = open_statement(data, resolve)
    return Opened(statement, read_event(statement.payload))


def reopen(data: bytes) -> Opened:
    """Open a statement again of which `open_statement` has accepted these very bytes, in another process say.

    Its event is read, the rest is not checked again. Raises `MalformedEvent`.
    """
    statement = read_accepted_statement(data)
    return Opened(statement, read_event(statement.payload))


def reopen_accepted(data: bytes) -> Opened:
    """Open a statement again that a log has registered, `read_event` and all; nothing is checked any more.

    For any other bytes what comes out means nothing, or an error of any kind.
    """
    statement = read_accepted_statement(data)
    return Opened(statement, read_accepted(statement.payload))


def learn(keys: KeyBook, opened: Opened) -> None:
    """Take in the key that a statement adds, to open what was signed with it."""
    if isinstance(opened.event, KeyAdded):
        keys.tell([opened.event.body.key])
