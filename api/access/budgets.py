"""How much anybody may ask for: so many requests a minute, of each kind, from each address and for each party.

A budget is a bucket (the generic cell rate algorithm): as many requests as it holds at once, and it fills up again
evenly within a minute. One number is kept for each asker, so a request costs the same however many there are; who has
not asked for longest is forgotten first, which gives a full bucket back.

An IPv6 address stands for its /64, of which one customer has all. Behind a reverse proxy the address is the one that
the proxy names, if it is among those trusted (`Settings.trusted_proxies`); the server has put it in its place then.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.refusal import refuse
from ledger.errors import TooManyRequests
from ledger.limits import BUDGETS_KEPT

SECOND_NS: Final = 10**9
MINUTE_NS: Final = 60 * SECOND_NS


class Kind(StrEnum):
    """What a request draws on."""

    READING = "reading"
    WRITING = "writing"
    COSTLY = "costly"


_FREE: Final = ("/health", "/metrics")  # asked by who watches over the server
_COSTLY: Final = ("/bundles/", "/search")


def kind_of(scope: Scope) -> Kind | None:
    """What a request draws on; None is free. A past state (`?at=`) is folded anew, so it is dear."""
    if scope["method"] not in {"GET", "HEAD"}:
        return Kind.WRITING
    path: str = scope["path"]
    if path.startswith(_COSTLY) or b"at=" in scope["query_string"]:
        return Kind.COSTLY
    return None if path in _FREE else Kind.READING


class Budgets:
    """The buckets of all askers. Used by the event loop's thread alone."""

    def __init__(
        self, per_minute: Mapping[Kind, int], clock_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._per_minute = per_minute
        self._clock_ns = clock_ns
        self._full_at: dict[Kind, OrderedDict[str, int]] = {kind: OrderedDict() for kind in Kind}
        """By asker, who asked last at the end: when its bucket is full again, in ns."""

    def spend(self, asker: str, kind: Kind) -> None:
        """Take one request out of a bucket. Raises `TooManyRequests` for an empty one. O(1)."""
        buckets, limit, now = self._full_at[kind], self._per_minute[kind], self._clock_ns()
        full_at = max(buckets.get(asker, now), now) + MINUTE_NS // limit
        too_early = full_at - now - MINUTE_NS
        if too_early > 0:
            wait_s = -(-too_early // SECOND_NS)
            raise TooManyRequests(
                f"{asker} has asked for more than {limit} {kind} requests in a minute",
                expected=f"at most {limit}",
                hint=f"ask again in {wait_s} s",
                retry_after_s=wait_s,
            )
        buckets[asker] = full_at
        buckets.move_to_end(asker)
        if len(buckets) > BUDGETS_KEPT:
            buckets.popitem(last=False)


class SpendByAddress:
    """Refuses with 429 before anything of a request is read."""

    def __init__(self, app: ASGIApp, budgets: Budgets) -> None:
        self._app = app
        self._budgets = budgets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (kind := kind_of(scope)) is not None:
            try:
                self._budgets.spend(address_of(scope), kind)
            except TooManyRequests as error:
                await refuse(scope, send, error)
                return
        await self._app(scope, receive, send)


def address_of(scope: Scope) -> str:
    """Who asks, as far as the connection tells; "" for a socket without addresses."""
    client = scope.get("client")
    return _shared_address(client[0]) if client else ""


@lru_cache(maxsize=4_096)
def _shared_address(host: str) -> str:
    """What one customer has: an IPv4 address, an IPv6 network; a name that is neither as it is."""
    try:
        address = IPv6Address(host.partition("%")[0])
    except ValueError:
        return host[:64]
    return str(address.ipv4_mapped or IPv6Network((address, 64), strict=False))
