"""Records that stand under no contract: the policy, parties with their keys, specifications."""

from __future__ import annotations

from ledger.rules.records.base import Record
from ledger.units import PartyId, StatementId


class Policy(Record, frozen=True):
    id: StatementId
    operator: PartyId
    origin: str
    agencies: tuple[PartyId, ...]
    statement_bytes: int
    receipt_due_days: int


class PartyKey(Record, frozen=True):
    """One key of a party, with what added and what ended it."""

    kid: bytes
    public: str
    """The public key as a `did:key`."""
    device: str
    added: StatementId
    added_with: tuple[StatementId, ...] = ()
    """Where recovery parties added it: what the others of them had said before."""
    revoked: StatementId | None = None
    reason: str | None = None
    """Why it was revoked: scheduled, lost, compromised."""
    last_good: StatementId | None = None
    revoked_with: tuple[StatementId, ...] = ()


class Approval(Record, frozen=True):
    """One recovery party's word for adding or revoking a key, waiting for others to say the same."""

    statement: StatementId
    act: str
    """The type of the statement: `key.added` or `key.revoked`."""
    kid: bytes
    reason: str | None
    last_good: StatementId | None
    by: PartyId

    def agrees_with(self, other: Approval) -> bool:
        """Whether both say the same: the same act on the same key, and of a revocation the same reason and last
        good statement."""
        return (self.act, self.kid, self.reason, self.last_good) == (
            other.act,
            other.kid,
            other.reason,
            other.last_good,
        )


class Party(Record, frozen=True):
    id: PartyId
    statement: StatementId
    kind: str
    country: str
    name: str | None
    """None when the name is a commitment."""
    keys: tuple[PartyKey, ...]
    recovery: tuple[PartyId, ...]
    recovery_needed: int
    approvals: tuple[Approval, ...]

    def key(self, kid: bytes) -> PartyKey | None:
        for key in self.keys:  # a loop, as it is asked for with every statement
            if key.kid == kid:
                return key
        return None


class PlannedCheck(Record, frozen=True):
    characteristic: str
    least: int | None
    by: str


class Specification(Record, frozen=True):
    id: StatementId
    specifier: PartyId
    item: str
    revision: str
    supersedes: StatementId | None
    checks: tuple[PlannedCheck, ...]


class Revision(Record, frozen=True):
    """A specifier publishes a revision of an item once."""

    specification: StatementId
