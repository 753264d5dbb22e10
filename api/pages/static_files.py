"""The files beside the pages: style sheets, scripts, words of the verifier. Of this folder alone, with a tag each."""

from __future__ import annotations

import mimetypes
from importlib.resources import files
from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_FRESH: Final = "public, max-age=300, must-revalidate"
"""A page after an upgrade has its own files within five minutes."""


class Files(StaticFiles):
    """Static files that may be kept for a little, with types that do not depend on the machine."""

    def __init__(self) -> None:
        for ending in (".js", ".mjs"):
            mimetypes.add_type("text/javascript", ending)
        super().__init__(directory=str(files("api.pages").joinpath("static")))

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["cache-control"] = _FRESH
        return answer
