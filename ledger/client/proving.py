"""How a request shows who asks: the one place where it is given header fields for that.

A `Prove` is called for every attempt of a request, with all that could be signed of it, and answers the fields to send.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Final

from ledger.access.request import request_to, sign_request
from ledger.errors import Malformed
from ledger.statement.signer import Signer
from ledger.units import PartyId

Prove = Callable[[str, str, bytes], Mapping[str, str]]
"""(method, URL, body) to header fields."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)


def nobody(_method: str, _url: str, _body: bytes) -> Mapping[str, str]:
    """Ask as anybody may."""
    return {}


def bearer(token: str) -> Prove:
    """Show a bearer token (RFC 6750 2.1). Raises `Malformed`, which never quotes it."""
    if not _TOKEN.fullmatch(token):
        raise Malformed(
            f"the token given ({len(token)} characters) is not one",
            expected="one line of letters, digits and . _ ~ + / - alone (RFC 6750 2.1)",
            hint="give a file that holds the token and nothing else",
        )
    fields = {"Authorization": f"Bearer {token}"}
    return lambda _method, _url, _body: fields


def signed(signer: Signer, party: PartyId, clock: Callable[[], float] = time.time) -> Prove:
    """Sign each attempt for `party` (RFC 9421): nothing is shown that serves for another request, or for long."""
    return lambda method, url, body: sign_request(signer, party, request_to(url, method, body), int(clock()))
