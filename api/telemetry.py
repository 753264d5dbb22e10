"""Figures and log lines of every request, as plain ASGI: the route, the status, the time; never a body or a key."""

from __future__ import annotations

from time import perf_counter

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_lines = structlog.get_logger("tally.http")


class Metrics:
    """The figures of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tally_requests", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "tally_request_seconds", "Time to answer", ["route"], buckets=_SECONDS, registry=self.registry
        )
        self.size = Gauge("tally_log_entries", "Entries in the log", registry=self.registry)
        self.waiting = Gauge(
            "tally_log_waiting", "Statements that wait for the writer", registry=self.registry
        )
        self.halted = Gauge("tally_log_halted", "1 when nothing is written any more", registry=self.registry)


class Telemetry:
    """Counts and times what the application answers; failures are logged, the rest where `debug` is on."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            self._note(scope, status, perf_counter() - start)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        self._metrics.requests.labels(scope["method"], route, status).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        if status >= 500:
            _lines.error(
                "failed", method=scope["method"], route=route, status=status, ms=round(seconds * 1e3, 1)
            )
        elif status >= 400:
            _lines.info("refused", method=scope["method"], route=route, status=status)
