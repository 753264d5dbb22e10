"""`tally token`: a text that lets a browser or a script read from a log on a party's behalf."""

from __future__ import annotations

import re
import time
from typing import Annotated, Final

import typer

from cli.common import (
    JsonOption,
    KeysOption,
    PassphraseOption,
    key_store,
    read_party,
    read_vkey,
    unlock,
)
from cli.output import errors, print_json, say
from ledger.access.token import DAY_S, Token, issue_token
from ledger.errors import Malformed
from ledger.keystore import KeyStore, StoredKey
from ledger.limits import TOKEN_DAYS
from ledger.proof.note import VerifierKey, format_vkey
from ledger.units import PartyId

_SPAN: Final = re.compile(r"([1-9][0-9]{0,3})([dhm])", re.ASCII)
_SECONDS: Final = {"d": DAY_S, "h": 3_600, "m": 60}


def token(
    *,
    key: Annotated[str, typer.Option("--key", "-k", help="Which key signs: its name, or its id.")],
    log_key: Annotated[
        str,
        typer.Option("--log-key", help="The one log it is for: its verifier key, or a file with it."),
    ],
    operator: Annotated[
        bool, typer.Option("--operator", help="With the log's own key: to read everything there is.")
    ] = False,
    party: Annotated[
        str | None,
        typer.Option("--for", help="With the log's own key: the party to read as, its id or key:NAME."),
    ] = None,
    expires: Annotated[
        str, typer.Option(help=f"How long it is good: 30d, 12h, 15m; at most {TOKEN_DAYS}d.")
    ] = "30d",
    keys: KeysOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign a token. Whoever has it may read from the log what you may, until it ends or its key is revoked.

    Sent as `Authorization: Bearer TOKEN`; a browser keeps it in the cookie that POST /session sets.
    """
    store, log = key_store(keys), read_vkey(log_key)
    stored, span = store.find(key), _span(expires)
    subject = _subject(store, stored, log, party, operator=operator)
    issued_at = int(time.time())
    said = Token(format_vkey(log), stored.party, subject, issued_at, issued_at + span)
    text = issue_token(unlock(store, stored, passphrase_file), said)
    if as_json:
        told = {"token": text, "for": subject or "operator", "log": log.name, "expires_at": said.expires_at}
        print_json(told)
        return
    errors().print(
        f"for {subject or 'the operator'}, in {log.name}, good for {expires}; keep it as you keep a key",
        markup=False,
        soft_wrap=True,
    )
    say(text)


def _subject(
    store: KeyStore, stored: StoredKey, log: VerifierKey, party: str | None, *, operator: bool
) -> PartyId | None:
    """Who reads by the token; None is the operator. Raises `Malformed` where the key may not say so."""
    if stored.did != log.key.did:
        if operator or party:
            raise Malformed(
                f"the key {stored.name} is not that of {log.name}",
                expected=f"{log.key.did}, the log's own, for a token of another or of the operator",
                hint="leave out --operator and --for: with its own key a party reads as itself",
            )
        return stored.party
    if operator == (party is not None):
        raise Malformed(
            f"with the key of {log.name} it has to be said who reads by the token",
            expected="--operator for everything, or --for PARTY for what that party may read",
        )
    return read_party(store, party) if party else None


def _span(text: str) -> int:
    """Seconds. Raises `Malformed`."""
    match = _SPAN.fullmatch(text)
    span = int(match[1]) * _SECONDS[match[2]] if match else 0
    if not 0 < span <= TOKEN_DAYS * DAY_S:
        raise Malformed(
            f"{text[:20]!r} is not how long a token may be good",
            expected=f"30d, 12h or 15m; at most {TOKEN_DAYS}d",
        )
    return span
