"""Nobody asks for more than a minute's share, and everybody gets it back."""

from __future__ import annotations

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.access.budgets import MINUTE_NS, SECOND_NS, Budgets, Kind, SpendByAddress, kind_of
from ledger.errors import TooManyRequests
from ledger.limits import BUDGETS_KEPT
from tests.support.asgi import ask

LIMITS = {Kind.READING: 6, Kind.WRITING: 3, Kind.COSTLY: 1}


class Clock:
    now = 1_000 * SECOND_NS

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def budgets(clock: Clock) -> Budgets:
    return Budgets(LIMITS, clock)


@pytest.mark.parametrize("limit", [1, 3, 7, 60, 3_000])
def test_a_minutes_share_may_be_had_at_once_and_no_more(clock: Clock, limit: int) -> None:
    budgets = Budgets(dict.fromkeys(Kind, limit), clock)
    for _ in range(limit):
        budgets.spend("asker", Kind.READING)
    with pytest.raises(TooManyRequests, match=f"asker has asked for more than {limit} reading requests"):
        budgets.spend("asker", Kind.READING)


def test_it_comes_back_evenly(clock: Clock, budgets: Budgets) -> None:
    for _ in range(6):
        budgets.spend("asker", Kind.READING)
    with pytest.raises(TooManyRequests) as refused:
        budgets.spend("asker", Kind.READING)
    assert refused.value.retry_after_s == 10
    clock.now += 10 * SECOND_NS - 1
    with pytest.raises(TooManyRequests) as refused:
        budgets.spend("asker", Kind.READING)
    assert refused.value.retry_after_s == 1, "to be asked again in a second: never in none"
    clock.now += 1
    budgets.spend("asker", Kind.READING)
    clock.now += MINUTE_NS
    for _ in range(6):
        budgets.spend("asker", Kind.READING)


def test_being_refused_costs_nothing(clock: Clock, budgets: Budgets) -> None:
    budgets.spend("asker", Kind.COSTLY)
    for _ in range(100):
        with pytest.raises(TooManyRequests):
            budgets.spend("asker", Kind.COSTLY)
    clock.now += MINUTE_NS
    budgets.spend("asker", Kind.COSTLY)


def test_each_asker_and_each_kind_has_a_bucket_of_its_own(budgets: Budgets) -> None:
    budgets.spend("asker", Kind.COSTLY)
    budgets.spend("other", Kind.COSTLY)
    budgets.spend("asker", Kind.READING)
    with pytest.raises(TooManyRequests):
        budgets.spend("asker", Kind.COSTLY)


def test_who_asked_longest_ago_is_forgotten_first(budgets: Budgets) -> None:
    budgets.spend("first", Kind.COSTLY)
    for number in range(BUDGETS_KEPT - 1):
        budgets.spend(f"asker {number}", Kind.COSTLY)
    with pytest.raises(TooManyRequests):
        budgets.spend("first", Kind.COSTLY)
    budgets.spend("one more", Kind.COSTLY)
    budgets.spend("first", Kind.COSTLY)
    assert len(budgets._full_at[Kind.COSTLY]) == BUDGETS_KEPT


def test_who_goes_on_asking_is_not_forgotten(budgets: Budgets) -> None:
    budgets.spend("first", Kind.READING)
    for number in range(BUDGETS_KEPT - 1):
        budgets.spend(f"asker {number}", Kind.READING)
    budgets.spend("first", Kind.READING)
    budgets.spend("one more", Kind.READING)
    for _ in range(4):
        budgets.spend("first", Kind.READING)
    with pytest.raises(TooManyRequests):
        budgets.spend("first", Kind.READING)


@pytest.mark.parametrize(
    ("method", "target", "kind"),
    [
        ("GET", "/checkpoint", Kind.READING),
        ("HEAD", "/tile/0/000", Kind.READING),
        ("GET", "/health", None),
        ("GET", "/metrics", None),
        ("POST", "/entries", Kind.WRITING),
        ("POST", "/statements", Kind.WRITING),
        ("DELETE", "/session", Kind.WRITING),
        ("GET", "/bundles/3f9a", Kind.COSTLY),
        ("GET", "/search?q=shields", Kind.COSTLY),
        ("GET", "/contracts/3f9a?at=40", Kind.COSTLY),
        ("GET", "/contracts/3f9a?x=1&at=40", Kind.COSTLY),
    ],
)
def test_what_a_request_draws_on(method: str, target: str, kind: Kind | None) -> None:
    path, _, query = target.partition("?")
    assert kind_of({"method": method, "path": path, "query_string": query.encode()}) is kind


async def answered(_request: object) -> PlainTextResponse:
    return PlainTextResponse("here")


@pytest.fixture
def app(budgets: Budgets) -> SpendByAddress:
    routes = [
        Route(path, answered, methods=["GET", "POST"]) for path in ("/", "/health", "/entries", "/search")
    ]
    return SpendByAddress(Starlette(routes=routes), budgets)


def statuses(app: SpendByAddress, *asked: tuple[str, str, str]) -> list[int]:
    async def all_of_them() -> list[int]:
        return [(await ask(app, method, target, address=address)).status for method, target, address in asked]

    return asyncio.run(all_of_them())


def test_an_address_that_asks_for_too_much_is_told_when_to_come_again(app: SpendByAddress) -> None:
    assert statuses(app, *[("POST", "/", "192.0.2.1")] * 4) == [200, 200, 200, 429]
    refused = asyncio.run(ask(app, "POST", "/"))
    assert refused.status == 429
    assert refused.headers["retry-after"] == "20"
    assert refused.headers["content-type"] == "application/problem+json"
    assert b"too-many-requests" in refused.body
    assert refused.headers["cache-control"] == "no-store"


def test_a_submitter_is_told_in_the_form_that_scrapi_has(app: SpendByAddress) -> None:
    statuses(app, *[("POST", "/entries", "192.0.2.1")] * 3)
    refused = asyncio.run(ask(app, "POST", "/entries"))
    assert (refused.status, refused.headers["content-type"]) == (
        429,
        "application/concise-problem-details+cbor",
    )
    assert refused.headers["retry-after"] == "20"


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "", True),
        ("not:an:address", "not:an:other", False),
    ],
)
def test_addresses_of_one_customer_share_a_bucket(
    app: SpendByAddress, one: str, other: str, shared: bool
) -> None:
    assert statuses(app, ("GET", "/search", one), ("GET", "/search", other)) == [200, 429 if shared else 200]


def test_whoever_watches_over_the_server_is_never_refused(app: SpendByAddress) -> None:
    assert set(statuses(app, *[("GET", "/health", "192.0.2.1")] * 20)) == {200}


def test_behind_a_proxy_that_is_trusted_the_address_is_the_one_it_names(app: SpendByAddress) -> None:
    """What else stands in the field anybody may have written."""
    proxied = ProxyHeadersMiddleware(app, trusted_hosts=["192.0.2.1"])  # type: ignore[arg-type]

    def status(named: bytes, address: str = "192.0.2.1") -> int:
        headers = [(b"x-forwarded-for", named)]
        return asyncio.run(ask(proxied, "GET", "/search", headers, address=address)).status  # type: ignore[arg-type]

    assert [status(b"198.51.100.1"), status(b"198.51.100.2"), status(b"198.51.100.1")] == [200, 200, 429]
    assert status(b"203.0.113.9, 198.51.100.1") == 429, (
        "made up by the client, in front of what the proxy added"
    )
    assert [status(b"203.0.113.1", "203.0.113.7"), status(b"203.0.113.2", "203.0.113.7")] == [200, 429]
