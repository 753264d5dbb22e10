"""Findings on signatures rather than goods: a key's chain of statements, claimed against registered time, keys that
were compromised, commitments opened otherwise (F16, F17, F20, F21, F40, F41).

`prev` chains everything one device's key ever signed. A dropped statement leaves a gap, a key used on two
devices a fork; both are evidence, not errors, and the statements stand. These findings need every statement at
hand (a whole log, or a whole contract); on a part of one a gap is expected and is not looked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Self

from ledger.events.opened import Opened
from ledger.rules.catalogue import Odd
from ledger.rules.findings.finding import Finding
from ledger.rules.records import Kind, Party
from ledger.rules.refusal import short_id, who
from ledger.rules.state import View, find
from ledger.units import KeyId, LeafIndex, PartyId, StatementId

CLOCK_SLACK: Final = timedelta(minutes=10)
LONG: Final = timedelta(days=90)


class Link(NamedTuple):
    """What of a statement its signature's place and time are judged by."""

    id: StatementId
    index: LeafIndex  # type: ignore[assignment]  # tuple.index is not used on these
    iss: PartyId
    kid: KeyId
    prev: StatementId | None
    occurred_at: datetime
    registered_at: int | None
    """Unix seconds, by the log's own word; None where nobody said."""

    @classmethod
    def of(cls, opened: Opened, index: LeafIndex, registered_at: int | None = None) -> Self:
        one = opened.statement
        return cls(
            one.id, index, one.iss, one.kid, opened.event.prev, opened.event.occurred_at, registered_at
        )


def chain_findings(statements: Iterable[Link]) -> Iterator[Finding]:
    """F16, F17: gaps and forks in each key's chain. O(n) time and memory."""
    after: dict[tuple[KeyId, StatementId | None], list[StatementId]] = defaultdict(list)
    owner: dict[StatementId, KeyId] = {}
    for one in statements:
        after[one.kid, one.prev].append(one.id)
        owner[one.id] = one.kid
    for (kid, prev), ids in after.items():
        if len(ids) > 1:
            point = f"after {short_id(prev)}" if prev else "as its first"
            yield Finding(
                Odd.CHAIN_FORK,
                f"key {_key(kid)} signed {len(ids)} statements {point}",
                tuple(ids),
                "ask the key's owner: one key on two devices, or a copied key; a copied key is revoked",
            )
        if prev is not None and owner.get(prev) != kid:
            yield Finding(
                Odd.CHAIN_GAP,
                f"key {_key(kid)} signed {short_id(ids[0])} after {short_id(prev)}, which is not here",
                tuple(ids),
                "submit the missing statement, or have the signer say what became of it",
            )


def time_findings(statements: Iterable[Link]) -> Iterator[Finding]:
    """F20, F21: what a statement claims against when the log says it came."""
    for one in statements:
        if one.registered_at is None:
            continue
        registered = datetime.fromtimestamp(one.registered_at, UTC)
        if one.occurred_at > registered + CLOCK_SLACK:
            yield Finding(
                Odd.BEFORE_CLAIMED,
                f"{short_id(one.id)} claims {one.occurred_at.isoformat()}, registered {registered.isoformat()}",
                (one.id,),
                "ask the signer: a wrong clock, or a statement made ahead of the fact",
            )
        elif registered - one.occurred_at > LONG:
            days = (registered - one.occurred_at).days
            yield Finding(
                Odd.LONG_BEFORE,
                f"{short_id(one.id)} was registered {days} days after the time it claims",
                (one.id,),
                "ask the signer why it came so late",
                (("days", str(days)),),
            )


def key_findings(view: View, statements: Iterable[Link]) -> Iterator[Finding]:
    """F40: what was signed with a compromised key after the last statement that its owner vouches for.

    Without such a statement it is all that the key signed. After the revocation nothing is admitted (R22); a
    revocation that the key itself signed is none of it. O(statements + keys of their signers).
    """
    by_key: defaultdict[tuple[PartyId, bytes], list[Link]] = defaultdict(list)
    for one in statements:
        by_key[one.iss, one.kid].append(one)
    for iss in dict.fromkeys(iss for iss, _ in by_key):
        party = find(view, "", Kind.PARTY, iss, Party)
        for key in party.keys if party else ():
            if key.reason != "compromised" or key.revoked is None:
                continue
            good = view.known(key.last_good) if key.last_good else None
            doubtful = [
                one.id
                for one in by_key.get((iss, key.kid), ())
                if one.id != key.revoked and (good is None or one.index > good.index)
            ]
            if doubtful:
                since = f"after {short_id(key.last_good)}" if key.last_good else "in all"
                count = f"{len(doubtful)} statement{'s' if len(doubtful) > 1 else ''}"
                yield Finding(
                    Odd.KEY_COMPROMISED,
                    f"the key of {key.device!r} of {who(view, iss)} was compromised; it signed {count} {since}",
                    (key.revoked, *doubtful),
                    f"have {who(view, iss)} say of each whether it stands, and take back, cancel or dispute what "
                    "does not",
                    (("statements", str(len(doubtful))),),
                )


def opened_otherwise(statement: StatementId, pointer: str, committed: str, opened: str) -> Finding:
    """F41: a member of a statement commits to a value, and was opened with another.

    `pointer` is the member's JSON Pointer (RFC 6901) in the payload; the digests are hexadecimal: the one in the
    statement, and the one of what was shown as its value.
    """
    return Finding(
        Odd.OPENED_OTHERWISE,
        f"{pointer} of {short_id(statement)} commits to {committed[:12]}; what was shown as its value has "
        f"{opened[:12]}",
        (statement,),
        "ask whoever opened it for the value and salt that were committed to",
        (("committed", committed), ("opened", opened)),
    )


def _key(kid: KeyId) -> str:
    return kid.hex()[:12]
