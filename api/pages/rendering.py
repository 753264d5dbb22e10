"""A page as an answer: the template, in the reader's language; its tag, so that what has not changed is not sent again.

Everything that comes out of the log is escaped where it is put into a page (autoescape); a template that names what is
not there fails (StrictUndefined). No page has a script, a style or an event in its text: the Content Security Policy
would not run it.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import Any, Final

from fastapi import Request
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

from api.pages.drawing import bar
from api.pages.words import LANGUAGES, OWN_NAMES, Words, chosen_language, words_of
from api.problems import problem_headers
from api.service import service_of
from ledger.errors import Ambiguous, NotFound, TallyError, status_of
from ledger.proof.note import format_vkey
from ledger.views.answers.base import Named

LANGUAGE_COOKIE: Final = "tally-lang"
"""The language that was chosen on any page. `static/words.js` reads and sets it too: it is a choice, and no secret."""
_YEAR_S: Final = 365 * 86_400
_STATEMENT_ID: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_COMPRESSED_FROM: Final = 1_024


def page(request: Request, template: str, status: int = 200, /, **values: object) -> Response:
    """An answer made of a template and what it tells."""
    words = words_for(request)
    body = render(request, words, template, **values).encode()
    asked = request.query_params.get("lang")
    headers = {
        "cache-control": "private, no-cache",
        "content-language": words.language,
        "vary": "Accept-Language, Cookie, Accept-Encoding, Authorization",
        "etag": f'W/"{sha256(body).hexdigest()[:32]}"',
    }
    if status == 200 and request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    if len(body) >= _COMPRESSED_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 6, mtime=0)
        headers["content-encoding"] = "gzip"
    answer = Response(body, status, headers, "text/html; charset=utf-8")
    if asked in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, words.language, max_age=_YEAR_S, samesite="lax")
    return answer


def words_for(request: Request) -> Words:
    """The words of whoever asks."""
    return words_of(
        chosen_language(
            asked=request.query_params.get("lang"),
            remembered=request.cookies.get(LANGUAGE_COOKIE),
            accepted=request.headers.get("accept-language", ""),
        )
    )


def render(request: Request, words: Words, template: str, /, **values: object) -> str:
    """The text of a page."""
    service = service_of(request)
    return _TEMPLATES.get_template(template).render(
        w=words,
        t=words.t,
        languages=OWN_NAMES,
        here=request.url.path,
        kept={name: value for name, value in request.query_params.items() if name != "lang"},
        origin=service.policy.origin,
        vkey=format_vkey(service.vkey),
        size=service.size(),
        reads=service.settings.reads,
        **values,
    )


class PageRoute(APIRoute):
    """A route whose errors are pages as well: what was found, what was expected, what to do."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_or_tell(request: Request) -> Response:
            try:
                return await answer(request)
            except TallyError as error:
                return error_page(request, error)

        return answer_or_tell


def error_page(request: Request, error: TallyError) -> Response:
    """An error for people. What is not there and what may not be seen look the same."""
    missing = isinstance(error, NotFound | Ambiguous)
    answer = page(request, "error.html.j2", status_of(error).http, error=error, missing=missing)
    answer.headers.update(problem_headers(error))
    return answer


def who(named: Named | None) -> Markup:
    """A party as a person knows it, leading to its page; the end of its id, which tells namesakes apart, set apart."""
    if named is None:
        return Markup("–")
    name, mark, tail = named.name.partition(" (…")
    if mark:
        shown = Markup('{} <small class="did">…{}</small>').format(name, tail.removesuffix(")"))
    else:
        shown = Markup('<span class="did">{}</span>').format(named.name.removeprefix("did:key "))
    return Markup('<a class="who" href="/p/{}">{}</a>').format(named.id, shown)


def sentence(said: str) -> str:
    """What the ledger says, ended as a sentence."""
    return said if said.endswith((".", "!", "?", "…")) else f"{said}."


def short(id: str) -> Markup:
    """The beginning of an id; all of it for whoever points at it."""
    return Markup('<code title="{}">{}</code>').format(id, id[:12])


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("api.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(who=who, short=short, sentence=sentence)
    environment.tests["statement_id"] = lambda text: bool(_STATEMENT_ID.fullmatch(text))
    environment.globals["bar"] = bar
    for name in environment.list_templates():
        environment.get_template(
            name
        )  # compiled when the server starts, and not while its first reader waits
    return environment


_TEMPLATES: Final = _environment()
