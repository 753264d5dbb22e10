"""Where a list goes on: after the last thing that was given out, whatever has been added since.

A cursor is opaque to whoever holds it: base64url of [which list, place, id]. A list is named by what was asked for, so
a cursor of another one is refused. It grants nothing: what is seen is decided again at every page.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from ledger.errors import Malformed
from ledger.limits import CURSOR_CHARS

_HINT = "start again without a cursor, or take `next` from the answer before as it is"


class Cursor(NamedTuple):
    """The last thing given out."""

    place: int | str
    id: str


def write_cursor(asked: Mapping[str, object], last: Cursor) -> str:
    """The cursor behind a thing, for the list that was asked for."""
    told = json.dumps([_list(asked), last.place, last.id], separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).rstrip(b"=").decode()


def read_cursor(asked: Mapping[str, object], text: str) -> Cursor:
    """Read a cursor of the list that is asked for. Raises `Malformed`."""
    if len(text) > CURSOR_CHARS:
        raise Malformed(f"the cursor has {len(text)} characters", expected="one of this log", hint=_HINT)
    try:
        told = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise Malformed(f"{text[:40]!r} is not a cursor", expected="one of this log", hint=_HINT) from error
    match told:
        case [str(which), int() | str() as place, str(id)] if not isinstance(place, bool):
            if which != _list(asked):
                raise Malformed(
                    "the cursor is of another list", expected="the same questions as before", hint=_HINT
                )
            return Cursor(place, id)
    raise Malformed(f"{text[:40]!r} is not a cursor", expected="one of this log", hint=_HINT)


def _list(asked: Mapping[str, object]) -> str:
    """Names a list by what was asked for."""
    told = json.dumps({name: value for name, value in asked.items() if value is not None}, sort_keys=True)
    return sha256(told.encode()).hexdigest()[:16]
