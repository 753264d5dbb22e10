"""Findings on signatures rather than goods: a key's chain of statements, and claimed against registered time.

`prev` chains everything one device's key ever signed. A dropped statement leaves a gap, a key used on two
devices a fork; both are evidence, not errors, and the statements stand. These findings need every statement at
hand (a whole log, or a whole contract); on a part of one a gap is expected and is not looked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from ledger.rules.catalogue import Odd
from ledger.rules.findings import Finding
from ledger.rules.refusal import short_id
from ledger.units import KeyId, StatementId

CLOCK_SLACK: Final = timedelta(minutes=10)
LONG: Final = timedelta(days=90)


class Link(NamedTuple):
    """What of a statement its key's chain and its times are judged by."""

    id: StatementId
    kid: KeyId
    prev: StatementId | None
    occurred_at: datetime
    registered_at: int | None
    """Unix seconds, by the log's own word; None where nobody said."""


def chain_findings(links: Iterable[Link]) -> Iterator[Finding]:
    """F16, F17: gaps and forks in each key's chain. O(n) time and memory."""
    after: dict[tuple[KeyId, StatementId | None], list[StatementId]] = defaultdict(list)
    owner: dict[StatementId, KeyId] = {}
    for link in links:
        after[link.kid, link.prev].append(link.id)
        owner[link.id] = link.kid
    for (kid, prev), ids in after.items():
        if len(ids) > 1:
            point = f"after {short_id(prev)}" if prev else "as its first"
            yield Finding(
                Odd.CHAIN_FORK,
                f"key {kid.hex()[:12]} signed {len(ids)} statements {point}",
                tuple(ids),
                "ask the key's owner: one key on two devices, or a copied key; a copied key is revoked",
            )
        if prev is not None and owner.get(prev) != kid:
            yield Finding(
                Odd.CHAIN_GAP,
                f"key {kid.hex()[:12]} signed {short_id(ids[0])} after {short_id(prev)}, which is not here",
                tuple(ids),
                "submit the missing statement, or have the signer say what became of it",
            )


def time_findings(links: Iterable[Link]) -> Iterator[Finding]:
    """F20, F21: what a statement claims against when the log says it came."""
    for link in links:
        if link.registered_at is None:
            continue
        registered = datetime.fromtimestamp(link.registered_at, UTC)
        if link.occurred_at > registered + CLOCK_SLACK:
            yield Finding(
                Odd.BEFORE_CLAIMED,
                f"{short_id(link.id)} claims {link.occurred_at.isoformat()}, registered {registered.isoformat()}",
                (link.id,),
                "ask the signer: a wrong clock, or a statement made ahead of the fact",
            )
        elif registered - link.occurred_at > LONG:
            days = (registered - link.occurred_at).days
            yield Finding(
                Odd.LONG_BEFORE,
                f"{short_id(link.id)} was registered {days} days after the time it claims",
                (link.id,),
                "ask the signer why it came so late",
                (("days", str(days)),),
            )
