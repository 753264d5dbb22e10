"""The servers of the HTTP bench: the real application, and three that do nothing, one a layer.

    python -m tests.bench.http_server empty|routed|framework|log

Prints its port on stdout once it listens.
"""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from fastapi import FastAPI, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import build_app
from api.server import collect_seldom
from api.settings import Settings
from tests.bench.load import LOG_SIGNER


class Empty:
    """Reads a request and answers nothing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


def framework() -> FastAPI:
    app = FastAPI()

    @app.post("/entries")
    async def nothing() -> Response:
        return Response()

    return app


APPS: dict[str, Any] = {
    "empty": Empty,
    "routed": lambda: FastAPI(routes=[Route("/entries", Empty(), methods=["POST"])]),
    "framework": framework,
    "log": lambda: build_app(Settings(), LOG_SIGNER, apart=True),
}


class Telling(uvicorn.Server):
    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)


def main(app: ASGIApp) -> None:
    Telling(uvicorn.Config(app, port=0, log_level="error", access_log=False)).run()


if __name__ == "__main__":
    collect_seldom()
    main(APPS[sys.argv[1]]())
