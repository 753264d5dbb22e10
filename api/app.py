"""The application: the routes, what stands before them, and the life of the service behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.guard import budgets_of, guarded
from api.pages.static_files import Files
from api.problems import Problem, json_problem
from api.routes import entries, health, pages, proofs, session, statements, tiles, world
from api.service import Service
from api.settings import Settings
from api.telemetry import Metrics, Telemetry
from ledger.errors import Malformed, MethodNotAllowed, NotFound, TallyError
from ledger.statement.signer import Ed25519Signer

_lines = structlog.get_logger("tally.http")
_TIDY_S: Final = 1.0

DESCRIPTION: Final = """
An append-only, hash-chained Merkle log of signed procurement statements. What is written is authorised by its
signatures; what is read is proved by receipts, proofs and bundles that verify without this server.
"""


def build_app(settings: Settings, signer: Ed25519Signer | None, *, apart: bool = False) -> FastAPI:
    """The application over one log; with `signer`, the log's own key, it registers statements; `apart`: see `Service`.

    The log is opened when the application starts, and closed, with all that waits written and answered, when it ends.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        try:
            service = app.state.service = Service(settings, signer, metrics, apart=apart)
        except TallyError as error:
            app.state.refused = error  # the server's own report of a failed start is a traceback
            raise
        tidying = asyncio.create_task(_tidy(service))
        try:
            yield
        finally:
            tidying.cancel()
            with suppress(asyncio.CancelledError):
                await tidying
            await asyncio.to_thread(service.close)

    app = _Application(
        settings,
        metrics,
        title="Tallystick",
        version="1",
        description=DESCRIPTION,
        docs_url=None,  # both fetch their scripts from another host
        redoc_url=None,
        redirect_slashes=False,  # it would redirect to whatever host a request names
        lifespan=life,
        routes=list(entries.ROUTES),
    )
    for routes in (tiles, statements, proofs, session, health, world, pages):
        app.include_router(routes.router)
    app.mount("/static", Files(), "static")
    _answer_errors(app)
    _describe(app)
    return app


class _Application(FastAPI):
    """The framework's application, and outside all its layers what stands before every route."""

    def __init__(self, settings: Settings, metrics: Metrics, **framework: Any) -> None:
        super().__init__(**framework)
        self._settings = settings
        self._metrics = metrics
        self.state.budgets = budgets_of(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            # Not by the framework's own, which asks a tracing library about every request.
            await Starlette.__call__(self, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        routes = entries.Straight(super().build_middleware_stack(), _undeclared)
        return Telemetry(guarded(routes, self._settings, self.state.budgets), self._metrics)


async def _tidy(service: Service) -> None:
    """Once a second, let go of what no request needs any more."""
    while True:
        await asyncio.sleep(_TIDY_S)
        try:
            await asyncio.to_thread(service.tidy)
        except TallyError as error:
            _lines.warning("tidying", found=error.found)


def _answer_errors(app: FastAPI) -> None:
    """Whatever goes wrong is answered as a problem; of an error of our own, that it is one."""

    @app.exception_handler(TallyError)
    async def declared(_request: Request, error: TallyError) -> Response:
        return json_problem(error)

    @app.exception_handler(RequestValidationError)
    async def unreadable(_request: Request, error: RequestValidationError) -> Response:
        found = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:10])
        return json_problem(Malformed(f"the request cannot be read: {found}"))

    @app.exception_handler(HTTPException)
    async def unrouted(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            return json_problem(MethodNotAllowed(f"{request.method} is not for {request.url.path[:80]}"))
        if error.status_code == 404:
            return json_problem(NotFound(f"there is nothing at {request.url.path[:80]}"))
        return json_problem(Malformed(str(error.detail)[:200]))

    app.add_exception_handler(Exception, _undeclared)


async def _undeclared(request: Request, error: Exception) -> Response:
    _lines.error("bug", route=request.url.path[:80], error=type(error).__name__)
    return json_problem(
        TallyError("the server failed at this", hint="tell its operator the time and the path")
    )


def _describe(app: FastAPI) -> None:
    """OpenAPI with the plain routes and the problem's schema, made once."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = generate()
            schema["paths"] |= entries.PATHS
            models = schema.setdefault("components", {}).setdefault("schemas", {})
            for model in (Problem, statements.StatementOut):
                models[model.__name__] = model.model_json_schema(ref_template="#/components/schemas/{model}")
            _drop_unused(schema, models)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _drop_unused(schema: dict[str, Any], models: dict[str, Any]) -> None:
    """A request that cannot be read is a problem here, not what the framework would answer with 422."""
    for operations in schema["paths"].values():
        for operation in operations.values():
            answer = operation["responses"].get("422", {})
            if "HTTPValidationError" in str(answer):
                del operation["responses"]["422"]
                operation["responses"].setdefault("400", _UNREADABLE)
    for name in ("HTTPValidationError", "ValidationError"):
        models.pop(name, None)


_UNREADABLE: Final = {
    "description": "The request cannot be read",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
