"""The files beside the pages: style sheets, scripts, the verifier. Of this folder alone, with a tag each."""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_FRESH: Final = "public, max-age=300, must-revalidate"
"""A page after an upgrade has its own files within five minutes."""
_COMPRESSED_FROM: Final = 1_024
_KEPT: Final = 128
_OF_THE_FILE: Final = ("content-length", "accept-ranges", "etag")
"""What is said of a file's own bytes, and not of what travels."""


class Files(StaticFiles):
    """Static files that may be kept for a little, compressed, with types that do not depend on the machine."""

    def __init__(self) -> None:
        for ending in (".js", ".mjs"):
            mimetypes.add_type("text/javascript", ending)
        super().__init__(directory=str(files("api.pages").joinpath("static")))

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers.update({"cache-control": _FRESH, "vary": "Accept-Encoding"})
        if not isinstance(answer, FileResponse) or "gzip" not in Headers(scope=scope).get(
            "accept-encoding", ""
        ):
            return answer
        body = _compressed(str(answer.path), answer.headers["etag"])
        if body is None:
            return answer
        kept = {name: value for name, value in answer.headers.items() if name not in _OF_THE_FILE}
        return Response(
            body, headers={**kept, "content-encoding": "gzip", "etag": f"W/{answer.headers['etag']}"}
        )


@lru_cache(maxsize=_KEPT)
def _compressed(path: str, _etag: str) -> bytes | None:
    """A file as it travels, made once for each of its states; None for one that is too small to gain by it."""
    data = Path(path).read_bytes()
    return gzip.compress(data, 9, mtime=0) if len(data) >= _COMPRESSED_FROM else None
